"""What a notebook is: cells, runs, edits, and its forms as text. Pure: no I/O."""

"""One file per method or feature; `table.py` lists them all."""

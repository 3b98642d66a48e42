"""The front for the terminal."""

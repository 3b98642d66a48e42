"""The tables that the rules read, as data."""

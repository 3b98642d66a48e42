"""The forms a notebook has as text."""

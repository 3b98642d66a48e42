"""Diagnose a failure, propose candidates, try them, rank what passed."""

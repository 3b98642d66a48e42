"""Run a candidate where it can do no harm, and say what came of it."""

"""What each cell binds, reads and mutates; the graph over cells. Pure: no I/O."""

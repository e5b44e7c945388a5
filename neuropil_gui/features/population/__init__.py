"""Population: all cells of a recording at a glance."""

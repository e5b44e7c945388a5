"""The table of cells."""

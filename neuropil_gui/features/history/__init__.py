"""History: the table of all runs."""

"""Arrays and tables that no program's layout explains."""

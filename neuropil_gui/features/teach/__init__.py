"""Teaching: the simulator, and the truth of what it made."""

"""Work away from the window: the one door to a thread, and what goes through it."""

"""State of the window: session, pins, runs, results, undo and preferences."""

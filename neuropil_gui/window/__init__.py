"""The frame: main window, docks, actions, presenter, reporter, help."""

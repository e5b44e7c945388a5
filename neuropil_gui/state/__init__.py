"""What the window shows at this moment: QtCore only."""

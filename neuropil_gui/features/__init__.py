"""Windows and dialogs beside the main view, a folder each."""

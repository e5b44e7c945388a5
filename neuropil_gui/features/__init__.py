"""Pages and dialogs, a folder each."""

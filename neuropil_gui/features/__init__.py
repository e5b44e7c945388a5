"""What a user opens beside the main view, a folder each."""

"""The panels of the main view."""

"""Values of the fields of a table."""

Value = float | str | bool | None
"""A number, text, a flag, or None where it is not known."""

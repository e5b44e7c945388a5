"""Exceptions whose messages are shown to the user."""


class DataError(ValueError):
    """The data or a setting cannot be used; the message says what was found and what to do."""


class DataTypeError(DataError, TypeError):
    """The same for data of a kind that is no number."""


class Cancelled(Exception):  # noqa: N818 -- not an error: the user asked for it
    """The work was stopped because ``should_stop`` returned True."""

"""Exceptions whose messages are shown to the user, and text of a file within such a message."""


class DataError(ValueError):
    """The data or a setting cannot be used; the message says what was found and what to do."""


class DataTypeError(DataError, TypeError):
    """The same for data of a kind that is no number."""


class Cancelled(Exception):  # noqa: N818 -- not an error: the user asked for it
    """The work was stopped because ``should_stop`` returned True."""


def printable_text(text: str) -> str:
    """Return a file's text, such as a title or a name, for a message: one line, printable, of bounded length.

    Parameters
    ----------
    text : str
    """
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return text if len(text) <= 100 else f"{text[:60]}...{text[-37:]}"

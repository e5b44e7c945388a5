"""Filter field of a table, and the label that shows what is wrong with its text."""

from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel

from neuropil_gui.ui.widgets.number_edit import NumberEdit


def filter_field(
    name: str, what: str, example: str, help_text: str, parse: Callable[[str], Any]
) -> tuple[NumberEdit, QLabel]:
    """Return the field and the label.

    Parameters
    ----------
    name : str
        Start of both object names.
    what : str
        What is filtered, in the plural, for the accessible name.
    example : str
        Placeholder.
    help_text : str
        Tool tip.
    parse : callable
        Return a filter from the text, or raise ValueError with a sentence.
    """
    field = NumberEdit(parse)
    field.setObjectName(f"{name}_filter")
    field.setAccessibleName(f"Filter of the {what}")
    field.setPlaceholderText(f"filter: {example}")
    field.set_help(f"<qt>{help_text.replace('<', '&lt;')}</qt>")
    field.setClearButtonEnabled(True)
    problem = QLabel()
    problem.setObjectName(f"{name}_filter_problem")
    problem.setProperty("invalid", True)
    problem.setTextFormat(Qt.TextFormat.PlainText)
    problem.setWordWrap(True)
    problem.setContentsMargins(10, 0, 10, 4)
    problem.hide()
    return field, problem

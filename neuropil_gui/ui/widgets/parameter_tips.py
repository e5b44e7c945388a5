"""Names and tool tips of the controls that edit a setting, from `core.settings.PARAMETERS`."""

from html import escape

from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.settings import PARAMETERS, Parameter


def tip(name: str, reason: str = "") -> str:
    """Return the tool tip of a setting: help, unit, range, and the `reason` for which it is ignored now."""
    return parameter_tip(PARAMETERS[name], reason)


def parameter_tip(parameter: Parameter, reason: str = "") -> str:
    """Return the tool tip of any `Parameter`; see `tip`."""
    allowed = parameter.describe().removesuffix(", or None")
    if parameter.choices:
        allowed = "one of " + ", ".join(parameter.choices.values())
    unit = f" Unit: {escape(parameter.unit)}." if parameter.unit else ""
    why = f"<p><b>{escape(reason)}</b></p>" if reason else ""
    return f"<qt>{why}<p>{escape(parameter.help)}</p><p>Allowed: {escape(allowed)}.{unit}</p></qt>"


def name_control(widget: QWidget, name: str, what: str = "") -> None:
    """Set object name, accessible name and tool tip of a control; `what` tells several of one setting apart."""
    parameter = PARAMETERS[name]
    widget.setObjectName(f"{name}_{what}" if what else name)
    widget.setAccessibleName(f"{parameter.label} {what}".strip())
    widget.setToolTip(tip(name))

"""One-line summary of settings, and of how they differ."""

from dataclasses import fields

from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses

_ALWAYS = ("alpha", "n")


def brief(settings: SeparationSettings, n: int | None = None) -> str:
    """Return the method, alpha and n, and what else differs from FISSA's defaults.

    Parameters
    ----------
    settings : SeparationSettings
    n : int, optional
        What was chosen where the settings leave it to the data.

    Returns
    -------
    str
        Such as ``"NMF, alpha 0.1, n auto: 5, seed 7"``.
    """
    parts = [PARAMETERS["method"].choices[settings.method]]
    defaults = SeparationSettings()
    for name, parameter in PARAMETERS.items():
        value = getattr(settings, name)
        plain = name not in _ALWAYS and value == getattr(defaults, name)
        if name == "method" or plain or not uses(settings.method, name):
            continue
        if name == "n" and value is None:
            parts.append("n auto" if n is None else f"n auto: {n}")
        elif name == "solver":
            parts.append(parameter.choices[value])
        elif parameter.kind is bool:
            parts.append(parameter.label)
        elif value is None:
            parts.append(f"random {parameter.label}")
        else:
            parts.append(f"{parameter.label} {value:g}" if parameter.kind is float else f"{parameter.label} {value}")
    return ", ".join(parts)


def difference(settings: SeparationSettings, common: SeparationSettings) -> str:
    """Return what is other in some settings than in those that are common, of what their method uses.

    Parameters
    ----------
    settings, common : SeparationSettings

    Returns
    -------
    str
        Such as ``"n 3, alpha 0.02"``; empty where nothing is.
    """
    names = [each.name for each in fields(settings) if getattr(settings, each.name) != getattr(common, each.name)]
    return ", ".join(
        f"{PARAMETERS[name].label} {PARAMETERS[name].write(getattr(settings, name))}"
        for name in names
        if uses(settings.method, name)
    )

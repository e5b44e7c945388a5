"""Numbers as tables write them."""

import math


def decimal(value: float, digits: int = 2) -> str:
    """Write a number with so many decimals; a dash where it is not known."""
    if math.isnan(value):
        return "–"
    # Adding 0 turns the -0.00 of rounding into 0.00.
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "\N{MINUS SIGN}")

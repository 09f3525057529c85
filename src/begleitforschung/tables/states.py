"""What the territorial state of a table may be: a date, unknown, or each year on its own."""

from __future__ import annotations

UNKNOWN_STATE = "unknown"
OWN_STATE = "jeweils"


def year_end(year: int) -> str:
    """Return the state that figures of a year stand on where each year stands on its own.

    Parameters
    ----------
    year : int
        The year.

    Returns
    -------
    str
        31 December of it, ISO 8601.
    """
    return f"{year}-12-31"

"""Converting units of measure: known units only, anything else is refused."""

from __future__ import annotations

import re
from functools import cache

from begleitforschung.catalogue import Entry, Reference, read_entry, resource


class _Unit(Entry):
    factor: float
    names: tuple[str, ...]


class _Quantity(Entry):
    quantity: str
    units: tuple[_Unit, ...]


class _Units(Entry):
    reference: Reference
    quantities: tuple[_Quantity, ...]


def conversion(given: str, wanted: str) -> float | None:
    """Return the factor that turns values of one unit of measure into another.

    Parameters
    ----------
    given, wanted : str
        Units as printed, e.g. ``"1.000 € je Einwohner"`` and ``"€ je Einwohner"``.

    Returns
    -------
    float or None
        The factor; ``None`` if a unit is unknown or measures something else.

    Examples
    --------
    >>> conversion("1.000 € je Einwohner", "€ je Einwohner")
    1000.0
    >>> conversion("€ je Einwohner", "€/m²") is None
    True
    """
    first, second = _plain(given), _plain(wanted)
    if first == second:
        return 1.0
    known = _known()
    if first not in known or second not in known or known[first][0] != known[second][0]:
        return None
    return float(f"{known[first][1] / known[second][1]:.12g}")


@cache
def _known() -> dict[str, tuple[str, float]]:
    listed = read_entry(resource("kpis", "units.yaml"), _Units)
    return {
        _plain(name): (quantity.quantity, unit.factor)
        for quantity in listed.quantities
        for unit in quantity.units
        for name in unit.names
    }


@cache
def _plain(unit: str) -> str:
    """Return a unit in the form that is compared."""
    text = re.sub(r"\beuros?\b|\beur\b", "€", unit.strip().lower())
    text = re.sub(r"\b(per|pro)\b|/", " je ", text)
    text = re.sub(r"\btsd\.?", "1000", text)
    text = re.sub(r"(?<=\d)[.,\s\u00a0\u202f](?=\d{3}(?!\d))", "", text)
    return re.sub(r"\s+", "", text).removeprefix("in")

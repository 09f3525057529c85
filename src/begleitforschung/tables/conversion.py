"""How an indicator passes from one territorial state to another: as a count, or as a quotient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, TerritoryError, UnknownCodeError
from begleitforschung.language import Text
from begleitforschung.regions.territory import KINDS, Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from begleitforschung.tables.indicator import Indicator

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

By = Kind | Mapping[str, Kind]
"""Share for all counts, or indicator to share."""
Through = Mapping[str, tuple[str, str] | tuple[str, str, float]]
"""Ratio to numerator, denominator and, where it is not 1, the factor (100 for per cent)."""

# A published rate is rounded and its factor a power of ten: half a per cent tells them apart.
_AGREE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    r"""Numerators and denominators of all rows of a table.

    A converted value is :math:`\sum_o a_o s_{on}` for counts and
    :math:`\sum_o a_o s_{on} / \sum_o b_o s'_{on}` for quotients.

    Parameters
    ----------
    top : numpy.ndarray, shape (rows,)
        Count, weight times mean, or factor times numerator.
    bottom : numpy.ndarray, shape (rows,)
        Weight or denominator; NaN for counts.
    top_kind, bottom_kind : numpy.ndarray of int, shape (indicators,)
        Position of the share in ``KINDS`` per category of the indicators; -1 for the
        denominator of counts.
    """

    top: Floats
    bottom: Floats
    top_kind: Ints
    bottom_kind: Ints


def conversion(
    data: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    by: By | None,
    through: Through | None,
) -> Conversion:
    """Settle how each indicator of a table is converted.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows of the table.
    indicators : mapping of str to Indicator
        Their meanings.
    by : By, optional
        Share for counts; goes before ``Indicator.harmonise_by``.
    through : Through, optional
        Numerator and denominator of ratios.

    Returns
    -------
    Conversion
        The rule of each indicator, applied to all rows.

    Raises
    ------
    TerritoryError
        If an indicator is neither a count nor a quotient of known parts, or a ratio is not what
        its numerator and denominator give; all of them with the reason.
    UnknownCodeError
        If `by` or `through` name indicators that the table does not hold.
    """
    asked, parts = _asked(indicators, by), dict(through or {})
    _known(indicators, [*asked, *parts, *(name for part in parts.values() for name in part[:2])])
    names = [str(name) for name in data["indicator"].cat.categories]
    value = data["value"].to_numpy()
    top, bottom = value.copy(), np.full(len(data), np.nan)
    top_kind, bottom_kind = np.full(len(names), -1), np.full(len(names), -1)
    kinds = {name: KINDS.index(_kind(indicators[name], asked)) for name in names}
    problems: list[Finding] = []
    codes = data["indicator"].cat.codes.to_numpy()
    for at, name in enumerate(names):
        meaning, rows = indicators[name], np.flatnonzero(codes == at)
        pair = _pair(indicators, meaning, parts.get(name), problems)
        if pair is None:
            top_kind[at] = kinds[name]
            continue
        numerator, denominator, factor = pair
        beside = _beside(data, rows, codes, names.index(denominator))
        above = value[rows] * beside
        if numerator is not None:
            above = factor * _beside(data, rows, codes, names.index(numerator))
            problems += _disagreement(name, value[rows], above / _nonzero(beside), factor)
        top[rows], bottom[rows] = above, beside
        top_kind[at], bottom_kind[at] = kinds[numerator or denominator], kinds[denominator]
    if problems:
        raise TerritoryError("indicators can't be converted:", findings=problems)
    return Conversion(top=top, bottom=bottom, top_kind=top_kind, bottom_kind=bottom_kind)


def _asked(indicators: Mapping[str, Indicator], by: By | None) -> dict[str, Kind]:
    given = dict.fromkeys(indicators, by) if isinstance(by, str) else dict(by or {})
    wrong = [kind for kind in given.values() if kind not in KINDS]
    if wrong:
        raise TerritoryError(f"by={wrong[0]!r}; shares are by {', '.join(KINDS)}")
    return given


def _known(indicators: Mapping[str, Indicator], names: Iterable[str]) -> None:
    for name in names:
        if name not in indicators:
            raise UnknownCodeError(name, indicators, "indicators of the table")


def _kind(meaning: Indicator, asked: Mapping[str, Kind]) -> Kind:
    return asked.get(meaning.id) or meaning.harmonise_by or "population"


def _pair(
    indicators: Mapping[str, Indicator],
    meaning: Indicator,
    part: tuple[str, str] | tuple[str, str, float] | None,
    problems: list[Finding],
) -> tuple[str | None, str, float] | None:
    """Return numerator, denominator and factor of a quotient, None for a count."""
    if part is not None:
        for name in part[:2]:
            if indicators[name].aggregation != "sum":
                problems.append(_not_count(meaning.id, name))
        return part[0], part[1], float(part[2]) if len(part) > 2 else 1.0
    if meaning.aggregation == "sum":
        return None
    weight = indicators.get(meaning.weight or "")
    if meaning.aggregation == "mean" and weight is not None:
        if weight.aggregation != "sum":
            problems.append(_not_count(meaning.id, weight.id))
        return None, weight.id, 1.0
    words = {
        "mean": (
            f"ist ein Mittelwert, sein Gewicht {meaning.weight!r} ist nicht in der Tabelle",
            f"is a mean, its weight {meaning.weight!r} is not in the table",
        ),
        "none": ("darf nicht umgerechnet werden", "must not be converted"),
    }
    unknown = (
        "ist keine erklärte Anzahl; Zähler und Nenner sind unbekannt",
        "is not declared a count, and its numerator and denominator are unknown",
    )
    problems.append(_refused(meaning.id, *words.get(meaning.aggregation, unknown)))
    return None


def _beside(data: pd.DataFrame, rows: Ints, codes: NDArray[np.integer], partner: int) -> Floats:
    """Return the value of another indicator of the same unit and year (and date)."""
    unit = data["unit"].cat.codes.to_numpy(np.int64)
    place = unit * (int(data["year"].max()) + 1) + data["year"].to_numpy(np.int64)
    if "date" in data:
        dates, known = pd.factorize(data["date"], use_na_sentinel=False)
        place = place * (len(known) + 1) + dates
    others = np.flatnonzero(codes == partner)
    at = pd.Index(place[others]).get_indexer(pd.Index(place[rows]))
    value = data["value"].to_numpy()[others]
    return np.where(at >= 0, value[at], np.nan) if others.size else np.full(rows.size, np.nan)


def _nonzero(values: Floats) -> Floats:
    return np.where(values == 0, np.nan, values)


def _disagreement(name: str, value: Floats, expected: Floats, factor: float) -> list[Finding]:
    """Return a finding if a ratio is not what its parts give, judged by the median quotient."""
    quotient = value / _nonzero(expected)
    known = quotient[np.isfinite(quotient)]
    middle = float(np.median(known)) if known.size else np.nan
    if known.size and abs(middle - 1) <= _AGREE:
        return []
    if not known.size:
        return [_refused(name, "hat nirgends Zähler und Nenner", "has its parts nowhere")]
    other = f"{middle * factor:.4g}"
    return [
        _refused(
            name,
            f"ist im Mittel das {other}-fache von Zähler durch Nenner, nicht das {factor:g}-fache",
            f"is {other} times numerator by denominator in the median, not {factor:g} times",
        )
    ]


def _not_count(name: str, part: str) -> Finding:
    return _refused(
        name,
        f"braucht {part!r} als Anzahl (aggregation: sum)",
        f"needs {part!r} as a count (aggregation: sum)",
    )


def _refused(name: str, de: str, en: str) -> Finding:
    return Finding(
        rule="harmonise.rule",
        severity="error",
        text=Text(f"Indikator {name!r} {de}", f"indicator {name!r} {en}"),
        hint=Text(
            "Anzahlen mit table.describe(…) als aggregation: sum erklären; Quoten mit "
            'through={"quote": ("zaehler", "nenner", 100)} umrechnen; Mittelwerte mit ihrem '
            "Gewicht in derselben Tabelle; andere mit table.select(indicators=…) weglassen.",
            "Declare counts with table.describe(…) as aggregation: sum; convert ratios by "
            'through={"rate": ("numerator", "denominator", 100)}; means with their weight in the '
            "same table; leave others out with table.select(indicators=…).",
        ),
        column="indicator",
        key=name,
    )

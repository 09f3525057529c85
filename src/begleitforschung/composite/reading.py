"""Figures of any kind laid out for the steps: rows of units and years, columns of indicators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.composite.state import Rows, State
from begleitforschung.composite.wide import WideFrame, long_frame, wide_frame
from begleitforschung.errors import CompositeError, Finding, UnknownCodeError, ValidationError
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source
from begleitforschung.regions import gazetteer
from begleitforschung.regions.keys import level_of
from begleitforschung.results.composite_marks import IMPUTED
from begleitforschung.results.kpi import KpiResult
from begleitforschung.tables import IndicatorTable, as_table

Data = IndicatorTable | KpiResult | pd.DataFrame
Groups = pd.DataFrame | Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """Figures ready for the steps, and where they come from.

    Parameters
    ----------
    state : State
        Values before the first step.
    provenance : Provenance
        Of the figures.
    inputs : IndicatorTable, KpiResult or DataFrame
        The figures themselves.
    """

    state: State
    provenance: Provenance
    inputs: Data


def read_figures(
    data: Data,
    spec: IndexSpec,
    *,
    year: int | Iterable[int] | None = None,
    denominators: IndicatorTable | pd.DataFrame | None = None,
    groups: Groups | None = None,
) -> Reading:
    """Lay out the figures that a specification needs.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures; a wide DataFrame has units in the index or a column ``unit``, and may have a
        column ``year``.
    spec : IndexSpec
        The specification.
    year : int or iterable of int, optional
        The year of a DataFrame without years.
    denominators : IndicatorTable or pandas.DataFrame, optional
        Values to divide by, where they are not among the figures.
    groups : pandas.DataFrame or mapping, optional
        Grouping to group of each unit.

    Returns
    -------
    Reading
        Values and their provenance.

    Raises
    ------
    UnknownCodeError
        If an indicator or denominator is not among the figures.
    ValidationError
        If the DataFrame is ambiguous or holds what is no number.
    CompositeError
        If units of several territorial levels would be measured against each other.
    """
    names = tuple(item.id for item in spec.indicators)
    below = tuple(dict.fromkeys(item.denominator for item in spec.indicators if item.denominator))
    if isinstance(data, pd.DataFrame) and {"indicator", "value"} <= set(data.columns):
        data = as_table(data)
    single = int(year) if isinstance(year, int | np.integer) else None
    wide = wide_of(data, (*names, *below), single)
    inside = [name for name in below if name in wide.columns]
    outside = [name for name in below if name not in wide.columns]
    values = wide.select(names, f"figures for the index '{spec.id}'")
    divisors = {name: wide.column(name) for name in inside}
    inputs = [provenance_of(data, wide)]
    if outside:
        if denominators is None:
            raise UnknownCodeError(outside[0], wide.columns, "figures; give it as denominators=")
        other = wide_of(denominators, tuple(outside), None, dated=False)
        inputs.append(provenance_of(denominators, other))
        divisors |= {name: other.align(name, wide.rows) for name in outside}
    marks = wide.imputed(names) * np.uint8(IMPUTED)
    there = np.asarray(~np.isnan(values).all(axis=1))
    state = State(
        rows=wide.rows,
        indicators=names,
        x=values,
        marks=marks,
        denominators=divisors,
        groups=_groups(groups, wide),
        findings=(*_directions(data, spec), *_without_figures(wide.rows, there)),
    )
    state = state if there.all() else state.only(there)
    if groups is not None:
        given = map(str, groups.keys())
        state = state.to(findings=(*state.findings, *_ungrouped(state, given)))
    _check(state, data)
    node = inputs[0] if len(inputs) == 1 else inputs[0].then("denominators", inputs[1])
    return Reading(state=state, provenance=node, inputs=data)


def wide_of(data: Data, names: Sequence[str], year: int | None, *, dated: bool = True) -> WideFrame:
    """Lay out figures of any kind.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures.
    names : sequence of str
        What is asked for.
    year : int, optional
        The year of a DataFrame without years.
    dated : bool
        Whether years are needed.

    Returns
    -------
    WideFrame
        Rows of units and years.

    Raises
    ------
    ValidationError
        If the data are of no such kind, or ambiguous.
    """
    if isinstance(data, KpiResult):
        return long_frame(data.table, "kpi", names)
    if isinstance(data, IndicatorTable):
        return long_frame(data.data, "indicator", names)
    if isinstance(data, pd.DataFrame):
        return wide_frame(data, names, year, dated=dated)
    raise ValidationError(
        "figures come as an IndicatorTable, a KpiResult or a DataFrame, not as "
        f"{type(data).__name__}"
    )


def provenance_of(data: Data, wide: WideFrame) -> Provenance:
    """Return where figures come from.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures.
    wide : WideFrame
        The same laid out.

    Returns
    -------
    Provenance
        That of the figures; of a DataFrame, a checksum.
    """
    if isinstance(data, IndicatorTable | KpiResult):
        return data.provenance
    source = Source(publisher="ohne Angabe", title="DataFrame", edition="", sha256=wide.sha256)
    return Provenance.of("DataFrame", source)


def _groups(given: Groups | None, wide: WideFrame) -> dict[str, NDArray[np.object_]]:
    """Return the group of each unit by grouping; groups given replace columns of the frame."""
    found = dict(wide.groups)
    if given is None:
        return found
    items: Any = dict(given.items()) if isinstance(given, pd.DataFrame) else given
    parts = items.values() if isinstance(items, Mapping) else (None,)
    if not all(isinstance(part, Mapping | pd.Series) for part in parts):
        raise ValidationError(
            "groups= is a table with one row per unit, or one mapping of unit to group for each "
            "grouping: groups={'land': {'08221': '08'}}"
        )
    for name, groups in items.items():
        known = {str(unit): label for unit, label in groups.items() if not _blank(label)}
        labels = [known.get(unit) for unit in wide.rows.units]
        found[str(name)] = np.array(labels, dtype=object)
    return found


def _without_figures(rows: Rows, there: NDArray[np.bool_]) -> Iterator[Finding]:
    """Name units without any figure in a year in which others have some."""
    years = np.unique(rows.year[there])
    lost = np.flatnonzero(~there & np.isin(rows.year, years))
    if len(lost):
        named = list(dict.fromkeys(rows.units[number] for number in rows.unit[lost]))
        yield Finding(
            rule="index.without_figures",
            severity="warning",
            text=Text(
                "Einheiten ohne einen einzigen Wert der Indikatoren; sie fehlen im Ergebnis",
                "units without any value of the indicators; they are not in the result",
            ),
            hint=Text(
                "Werte ergänzen, oder die Einheiten vorher herausnehmen.",
                "Supply values, or take the units out first.",
            ),
            key=", ".join(named[:5]) + (" …" if len(named) > 5 else ""),
            n=len(lost),
        )


def _ungrouped(state: State, groupings: Iterable[str]) -> Iterable[Finding]:
    """Count the units that no group was given for."""
    used = np.unique(state.rows.unit)
    for name in groupings:
        count = sum(label is None for label in state.groups[name][used])
        if count:
            yield Finding(
                rule="index.ungrouped",
                severity="warning",
                text=Text(
                    "Einheiten ohne Gruppe: sie stehen nicht in groups=, haben keinen Rang in "
                    "einer Gruppe und kein Gruppenmittel",
                    "units without group: they are not in groups=, have no rank within a group "
                    "and no mean of one",
                ),
                hint=Text(
                    "Die Gruppen aller Einheiten angeben; Schlüssel wie in den Daten schreiben.",
                    "Give the groups of all units; write their keys as the figures do.",
                ),
                key=name,
                n=count,
            )


def _blank(label: Any) -> bool:
    return label is None or label == "" or label != label


def _check(state: State, data: Data) -> None:
    """Refuse units of several levels and indicators without any value."""
    if not len(state.rows):
        raise CompositeError("no unit has a value of any of the indicators")
    if not isinstance(data, pd.DataFrame):
        used = [state.rows.units[i] for i in np.unique(state.rows.unit)]
        levels = sorted({str(level_of(unit)) for unit in used})
        if len(levels) > 1:
            raise CompositeError(
                f"units of several territorial levels ({', '.join(levels)}) can't be measured "
                "against each other; choose one first: table.select(level=…)"
            )
    empty = np.asarray(np.isnan(state.x).all(axis=0))
    if empty.any():
        names = [name for name, gone in zip(state.indicators, empty, strict=True) if gone]
        raise CompositeError(
            f"indicators without any value: {', '.join(names)}. Leave them out "
            "(spec.without(…)) or supply figures."
        )
    if np.isinf(state.x).any():
        row, column = np.argwhere(np.isinf(state.x))[0]
        raise CompositeError(f"{state.rows.name(row)}, '{state.indicators[column]}' is infinite")


def _directions(data: Data, spec: IndexSpec) -> Iterable[Finding]:
    """Say where the table calls another direction better than the specification does."""
    if not isinstance(data, IndicatorTable):
        return
    for item in spec.indicators:
        meaning = data.indicators.get(item.id)
        known = meaning is not None and meaning.direction in ("higher", "lower")
        if meaning and known and meaning.direction != item.direction:
            yield Finding(
                rule="index.direction",
                severity="warning",
                text=Text(
                    f"Richtung weicht von der Tabelle ab ({meaning.direction})",
                    f"direction differs from that of the table ({meaning.direction})",
                ),
                key=item.id,
                column="direction",
                value=item.direction,
            )


def align_figures(
    data: IndicatorTable | pd.DataFrame,
    names: Sequence[str],
    units: NDArray[np.object_],
    year: int,
) -> NDArray[np.float64]:
    """Return some figures of one year for units given.

    Parameters
    ----------
    data : IndicatorTable or pandas.DataFrame
        Figures; a frame without years counts for all years.
    names : sequence of str
        Which.
    units : numpy.ndarray of object, shape (rows,)
        Units.
    year : int
        Year.

    Returns
    -------
    numpy.ndarray, shape (rows, names)
        Values, NaN where there is none.

    Raises
    ------
    UnknownCodeError
        If a figure is not there.
    ValidationError
        If the DataFrame is ambiguous or holds what is no number.
    """
    wide = wide_of(data, tuple(names), None, dated=False)
    rows = Rows(
        units=tuple(str(unit) for unit in units),
        unit=np.arange(len(units)),
        year=np.full(len(units), year, np.int64),
    )
    return np.column_stack([wide.align(name, rows) for name in names])


def official_names(reading: Reading) -> dict[str, str]:
    """Return the names of territorial units; those of a DataFrame can be anything.

    Parameters
    ----------
    reading : Reading
        Figures.

    Returns
    -------
    dict of str to str
        Key to name, where there is one.
    """
    if isinstance(reading.inputs, pd.DataFrame):
        return {}
    known = _gazetteer()
    return {unit: known[unit] for unit in reading.state.rows.units if unit in known}


@cache
def _gazetteer() -> dict[str, str]:
    listed = gazetteer()
    return dict(zip(listed["key"], listed["name"], strict=True))

"""Series of changing territories put on one territorial state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from begleitforschung.errors import TerritoryError
from begleitforschung.regions.keys import level_of
from begleitforschung.regions.territory import (
    KINDS,
    SHARES,
    Crosswalk,
    CrosswalkLevel,
    Crosswalks,
)
from begleitforschung.regions.territory_chain import crosswalk
from begleitforschung.stats import follow, group_sums
from begleitforschung.tables.breaks import break_findings
from begleitforschung.tables.conversion import By, Conversion, Through, conversion
from begleitforschung.tables.frames import coerce
from begleitforschung.tables.harmonise_remarks import Converted, remarks
from begleitforschung.tables.states import OWN_STATE, UNKNOWN_STATE, year_end
from begleitforschung.tables.status import codes_with, status_dtype

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from begleitforschung.tables.table import IndicatorTable

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_LEVELS = ("gemeinde", "kreis")


def harmonise_table(
    table: IndicatorTable,
    to: str,
    changes: Crosswalks | None,
    *,
    by: By | None = None,
    through: Through | None = None,
) -> IndicatorTable:
    r"""Return the figures on one territorial state; see `IndicatorTable.harmonise`.

    Parameters
    ----------
    table : IndicatorTable
        Figures, each year on its own state, or of one year.
    to : str
        Target state, ISO date.
    changes : Crosswalks, optional
        What `begleitforschung.read_crosswalk` read; needed unless the table stands on `to`.
    by, through
        See `begleitforschung.tables.conversion`.

    Returns
    -------
    IndicatorTable
        Figures of the units of the target state.

    Raises
    ------
    TerritoryError
        If the state is unknown, the publisher has rebased the series already, no crosswalk
        leads to the target, or an indicator can't be converted.
    UnknownCodeError
        If `by` or `through` name unknown indicators.
    """
    options = {"to": to, "by": by, "through": dict(through) if through else None}
    if table.gebietsstand == to or set(_states(table, to).values()) == {to}:
        node = table.provenance.then("harmonise", **options)
        said = break_findings(table.indicators, table.years, "harmonise.break")
        findings = (*table.findings, *(item for item in said if item not in table.findings))
        return replace(table, gebietsstand=to, provenance=node, findings=findings)
    states = _states(table, to)
    level = _level(table)
    if changes is None:
        raise TerritoryError(_no_crosswalk(table, to, level))
    gone = (table.data["status"] == "not_existing").to_numpy()
    data = table.data[~gone].reset_index(drop=True)
    rules = conversion(data, table.indicators, by, through)
    walks = {
        state: crosswalk(changes, state, to, level=level, units=_units_on(data, states, state))
        for state in sorted(set(states.values()) - {to})
    }
    links = _Links.of(data, states, walks, to)
    converted = _convert(data, rules, links)
    return replace(
        table,
        data=coerce(converted.frame),
        gebietsstand=to,
        provenance=table.provenance.then("harmonise", changes.provenance, **options),
        findings=(
            *table.findings,
            *changes.findings,
            *(item for walk in walks.values() for item in walk.findings),
            *remarks(table, data, rules, converted),
        ),
    )


def _states(table: IndicatorTable, to: str) -> dict[int, str]:
    """Return the state that each year stands on, or say why there is nothing to convert."""
    state = table.gebietsstand
    if state == UNKNOWN_STATE:
        raise TerritoryError(
            "the territorial state of the table is unknown. State it on reading "
            f"(gebietsstand=…): a date, or {OWN_STATE!r} if each year stands on its own borders "
            "of 31 December"
        )
    if state == OWN_STATE:
        return {year: year_end(year) for year in table.years}
    if table.years == (int(state[:4]),):
        return {table.years[0]: state}
    shown = f"{table.years[0]} to {table.years[-1]}" if table.years else "none"
    raise TerritoryError(
        f"all years of the table ({shown}) stand on one state, {state}: its publisher has rebased "
        "the series already, and converting it again would be wrong. Keep that state, or use an "
        f"edition on {to}. If each year stands on its own borders in truth, say so on reading: "
        f"gebietsstand={OWN_STATE!r}"
    )


def _units_on(data: pd.DataFrame, states: dict[int, str], state: str) -> pd.Index:
    """Return the units of the years that stand on a state."""
    there = data["year"].isin([year for year, known in states.items() if known == state])
    units: pd.Index = data.loc[there, "unit"].cat.remove_unused_categories().cat.categories
    return units


def _level(table: IndicatorTable) -> CrosswalkLevel:
    units = pd.Series(table.data["unit"].cat.categories, dtype="str")
    one_each = units.groupby(units.str.len()).first()
    levels = list(dict.fromkeys(level_of(unit) for unit in one_each))
    if len(levels) == 1 and levels[0] in _LEVELS:
        return cast("CrosswalkLevel", levels[0])
    raise TerritoryError(
        "municipalities (8 digits) or counties (5 digits) are harmonised, one level at a time; "
        f"the table holds: {', '.join(levels) or 'no units'}. Choose one: table.select(level=…)"
    )


def _no_crosswalk(table: IndicatorTable, to: str, level: str) -> str:
    what = {"gemeinde": "Gemeinden", "kreis": "Kreise"}[level]
    states = {*(year_end(year) for year in table.years), to}
    return (
        f"figures of {', '.join(map(str, table.years))} are put on {to} with the Umsteigeschlüssel "
        f"of the BBSR for {what} that lead from {min(states)} to {max(states)}; it is not shipped. "
        "Fetch the XLSX from the BBSR (Raumbeobachtung, Umsteigeschlüssel), for the years after it "
        "the lists of territorial changes of Destatis, and give them: "
        "crosswalk=read_crosswalk(path, …)"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Links:
    """Rows of the table with the units of the target state that they pass into."""

    targets: pd.Index
    row: Ints  # (links,)
    target: Ints  # (links,) position in targets
    shares: Floats  # (links, kinds)
    whole: Bools  # (links, kinds) the only link of its old and of its new unit
    expected: Ints  # (years, targets, kinds) old units that pass something into each target
    year: Ints  # (rows,) position of the year in `expected`

    @classmethod
    def of(
        cls, data: pd.DataFrame, states: dict[int, str], walks: Mapping[str, Crosswalk], to: str
    ) -> _Links:
        units = pd.Index(data["unit"].cat.categories)
        targets = _targets(data, states, walks, to)
        years, year = np.unique(data["year"].to_numpy(), return_inverse=True)
        codes = data["unit"].cat.codes.to_numpy(np.int64)
        parts, expected = [], np.ones((len(years), len(targets), len(KINDS)), np.int64)
        for at, value in enumerate(years):
            rows = np.flatnonzero(year == at)
            state = states[int(value)]
            if state == to:
                there = targets.get_indexer(units)[codes[rows]]
                ones = np.ones((rows.size, len(KINDS)))
                parts.append((rows, there, ones, ones > 0))
                continue
            walk = _Walk.of(walks[state], targets)
            expected[at] = walk.sources
            row, link = follow(walk.old.get_indexer(units)[codes[rows]], walk.leaving)
            parts.append((rows[row], walk.target[link], walk.shares[link], walk.whole[link]))
        row, target, shares, whole = (np.concatenate(part) for part in zip(*parts, strict=True))
        return cls(
            targets=targets,
            row=row,
            target=target,
            shares=shares,
            whole=whole,
            expected=expected,
            year=year,
        )


@dataclass(frozen=True, slots=True)
class _Walk:
    """A crosswalk as arrays."""

    old: pd.Index
    leaving: Ints
    target: Ints
    shares: Floats
    whole: Bools
    sources: Ints

    @classmethod
    def of(cls, walk: Crosswalk, targets: pd.Index) -> _Walk:
        leaving = walk.old.get_indexer(pd.Index(walk.data["key_old"]))
        target = targets.get_indexer(pd.Index(walk.data["key_new"]))
        shares = walk.data[list(SHARES)].to_numpy()
        passes = shares != 0
        sources, alone = np.empty((len(targets), len(KINDS)), np.int64), np.empty_like(passes)
        for k in range(len(KINDS)):
            sources[:, k] = np.bincount(target[passes[:, k]], minlength=len(targets))
            leave = np.bincount(leaving[passes[:, k]], minlength=len(walk.old))
            alone[:, k] = (leave[leaving] == 1) & (sources[target, k] == 1) & passes[:, k]
        return cls(walk.old, leaving, target, shares, alone, sources)


def _targets(
    data: pd.DataFrame, states: dict[int, str], walks: Mapping[str, Crosswalk], to: str
) -> pd.Index:
    on_target = [year for year, state in states.items() if state == to]
    there = data.loc[data["year"].isin(on_target), "unit"].cat.remove_unused_categories()
    keys = [*(walk.new for walk in walks.values()), pd.Index(there.cat.categories)]
    united = pd.concat([index.to_series().astype("str") for index in keys])
    keys_once: pd.Index = pd.Index(united.drop_duplicates().sort_values())
    return keys_once


def _convert(data: pd.DataFrame, rules: Conversion, links: _Links) -> Converted:
    """Add up numerators and denominators per target, year, indicator and date."""
    place = np.arange(links.row.size)
    codes = np.asarray(data["indicator"].cat.codes, np.int64)
    indicator = codes[links.row]
    cells = _cells(data, links, indicator)
    kind, below = rules.top_kind[indicator], rules.bottom_kind[indicator]
    top, bottom = links.shares[place, kind], links.shares[place, below]
    value, lacking = _values(rules, links, cells, kind, below)
    # What passes as a whole into a unit without another source is taken over as it stands.
    whole = links.whole[place, kind] & ((below < 0) | links.whole[place, below])
    kept = np.full(cells.first.size, -1, np.int64)
    kept[cells.cell[whole]] = links.row[whole]
    value = np.where(kept >= 0, data["value"].to_numpy()[kept], value)
    unknown = np.isnan(top) | ((below >= 0) & np.isnan(bottom))
    return Converted(
        frame=_frame(data, links, cells, kept, value, top != 0),
        kept=kept,
        lacking=lacking & (kept < 0),
        row=links.row,
        cell=cells.cell,
        covered=np.bincount(links.row, top, minlength=len(data)).astype(np.float64),
        unknown_share=np.bincount(cells.cell, unknown, minlength=kept.size) > 0,
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """Cells of the result: the cell of each link, and one link of each cell."""

    cell: Ints
    first: Ints


def _cells(data: pd.DataFrame, links: _Links, indicator: Ints) -> _Cells:
    key = links.year[links.row] * len(data["indicator"].cat.categories) + indicator
    if "date" in data:
        dates, known = pd.factorize(data["date"], use_na_sentinel=False)
        key = key * len(known) + dates[links.row]
    _, first, cell = np.unique(
        key * len(links.targets) + links.target, return_index=True, return_inverse=True
    )
    return _Cells(cell, first)


def _values(
    rules: Conversion, links: _Links, cells: _Cells, kind: Ints, below: Ints
) -> tuple[Floats, Bools]:
    """Return the value of each cell, and whether it lacks a source."""
    place, size = np.arange(links.row.size), cells.first.size
    quotient = (below >= 0)[cells.first]
    top = _sums(rules.top[links.row], links.shares[place, kind], cells.cell, size)
    bottom = _sums(rules.bottom[links.row], links.shares[place, below], cells.cell, size)
    value = np.where(quotient, top / np.where(bottom == 0, np.nan, bottom), top)
    lacking = _lacking(links, cells, kind)
    lacking |= quotient & _lacking(links, cells, np.where(below < 0, kind, below))
    return np.where(lacking, np.nan, value), lacking


def _frame(
    data: pd.DataFrame, links: _Links, cells: _Cells, kept: Ints, value: Floats, passes: Bools
) -> pd.DataFrame:
    row, cell, size = links.row, cells.cell, kept.size
    lead = np.full(size, -1, np.int64)
    lead[cell[passes]] = row[passes]
    alone = np.bincount(cell[passes], minlength=size) == 1
    codes = data["indicator"].cat.codes.to_numpy()[row[cells.first]]
    names = pd.Index(data["indicator"].cat.categories)
    frame = pd.DataFrame(
        {
            "unit": pd.Categorical.from_codes(links.target[cells.first], categories=links.targets),
            "year": data["year"].to_numpy()[row[cells.first]],
            "indicator": pd.Categorical.from_codes(codes, categories=names),
            "value": value,
            "status": _status(data, kept, np.where(alone, lead, -1), value),
            "file": data["file"].array.take(kept, allow_fill=True),
            "row": np.where(kept >= 0, data["row"].to_numpy()[kept], 0),
        }
    )
    if "date" in data:
        frame["date"] = data["date"].to_numpy()[row[cells.first]]
    return frame


def _sums(values: Floats, shares: Floats, cell: Ints, cells: int) -> Floats:
    """Add up values by shares; unknown where a value or share that takes part is unknown."""
    part = np.where(shares == 0, 0.0, values * shares)
    sums = group_sums(part, cell, cells)
    sums[np.bincount(cell, np.isnan(part), minlength=cells) > 0] = np.nan
    return sums


def _lacking(links: _Links, cells: _Cells, kind: Ints) -> Bools:
    """Say which cells lack an old unit that passes something into their unit."""
    passes = links.shares[np.arange(links.row.size), kind] != 0
    there = np.bincount(cells.cell, passes, minlength=cells.first.size)
    first = cells.first
    at = links.year[links.row[first]], links.target[first], kind[first]
    return np.asarray(there < links.expected[at])


def _status(data: pd.DataFrame, kept: Ints, lead: Ints, value: Floats) -> pd.Categorical:
    """Statuses stay where figures are taken over; else rebased, or why the number is missing."""
    order = list(status_dtype().categories)
    given = data["status"].cat.codes.to_numpy()
    reason = np.where(lead >= 0, given[lead], order.index("missing"))
    absent = np.isin(reason, codes_with("absent"))
    why = np.where(absent, reason, order.index("missing"))
    made = np.where(np.isnan(value), why, order.index("rebased"))
    return pd.Categorical.from_codes(np.where(kept >= 0, given[kept], made), dtype=status_dtype())

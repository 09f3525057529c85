"""Figures of larger units: sums, or means weighted by a named indicator, each by its own rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from begleitforschung.errors import AggregationError, Finding
from begleitforschung.language import Text
from begleitforschung.stats import group_sums, group_weighted_means
from begleitforschung.tables.completeness import states_of
from begleitforschung.tables.frames import coerce
from begleitforschung.tables.membership import Membership, Target, membership

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from begleitforschung.tables.indicator import Indicator
    from begleitforschung.tables.table import IndicatorTable

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Target", "aggregate_table", "member_cells", "rule_problems"]

# What a result takes over from its members, weakest first; other statuses have no say.
_INHERITED = ("preliminary", "limited", "rebased", "estimated", "imputed", "partial")
_TOLERANCE = 1e-12


def aggregate_table(table: IndicatorTable, to: Target, *, coverage: float = 1.0) -> IndicatorTable:
    r"""Return the figures of larger units, each indicator by its own rule.

    Sums are :math:`\sum_{i \in g} x_i`; means are
    :math:`\sum_{i \in g} w_i x_i / \sum_{i \in g} w_i` with the weight that the indicator names, of
    the same unit and year.

    Parameters
    ----------
    table : IndicatorTable
        Figures of the members, of one territorial level.
    to : Target
        Target level or membership, see `begleitforschung.tables.membership.membership`.
    coverage : float
        Share of a group's members that must have a value: by count for sums, by weight for means
        (unknown, hence not reached, where a member has no weight). Members that did not exist
        don't count. Below the share the result is missing. The members of a county, Land or
        Germany are those that the gazetteer lists where it is valid for the table's territorial
        state, uninhabited gemeindefreie Gebiete only where they have a value; elsewhere they are
        the units of the table, and a finding says that nobody checked whether these are all.

    Returns
    -------
    IndicatorTable
        One row per group, year and indicator. Status ``"partial"`` where members lack a value or
        the list of members is incomplete; ``"not_existing"`` where no member existed; else the
        weakest status among the members of preliminary, limited, rebased, estimated and imputed.

    Raises
    ------
    AggregationError
        If an indicator has no rule, its weight is not in the table or negative, units of several
        levels would be counted twice, several dates stand in one year, or `coverage` is not
        between 0 and 1.
    """
    if not 0 <= coverage <= 1:
        raise AggregationError(f"coverage is a share between 0 and 1, not {coverage!r}")
    _check_rules(table)
    groups = membership(table.units, to, states=states_of(table.gebietsstand, table.years))
    grid = _Grid.of(table, groups)
    value, share = grid.results(table)
    value[share < coverage - _TOLERANCE] = np.nan
    return _table(table, groups, grid, value, coverage)


def member_cells(table: IndicatorTable, to: Target) -> pd.DataFrame:
    """Return the figures of the members behind each figure of a larger unit.

    Parameters
    ----------
    table : IndicatorTable
        Figures of the members.
    to : Target
        As in `aggregate_table`.

    Returns
    -------
    pandas.DataFrame
        Columns ``group, unit, year, indicator, value, status, file, row``, one row per group and
        figure.

    Raises
    ------
    AggregationError
        As `aggregate_table`, for the target.
    """
    groups = membership(table.units, to)
    rows, group = _expand(table.data, groups)
    names = ["unit", "year", "indicator", "value", "status", "file", "row"]
    cells = table.data[names].take(rows).reset_index(drop=True)
    name = pd.Categorical.from_codes(group, categories=pd.Index(groups.groups))
    return cells.assign(group=name)[["group", *names]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Member figures put into cells of group x (year, indicator)."""

    cells: pd.DataFrame  # year, indicator, and the position of the weight's cell or -1
    groups: int
    rows: Ints  # rows of the table, one per group that the unit is in
    key: Ints  # group * len(cells) + cell, of each row
    value: Floats  # of each row
    weight: Floats  # of each row, 1 for sums
    there: Ints  # (groups, cells) members with a value and a weight
    expected: Ints  # (groups, cells) members that existed and should have a value
    members: Ints  # (groups,) members that should have values

    @classmethod
    def of(cls, table: IndicatorTable, groups: Membership) -> _Grid:
        data = table.data
        cells, cell = _cells(table)
        rows, group = _expand(data, groups)
        key, value = group * len(cells) + cell[rows], data["value"].to_numpy()[rows]
        weight = _weights(table, rows)
        size, shape = len(groups.groups) * len(cells), (len(groups.groups), len(cells))
        free = data["unit"].isin(groups.optional).to_numpy()[rows]
        gone = (data["status"] == "not_existing").to_numpy()[rows] & ~free
        filled = ~np.isnan(value * weight)
        required = groups.pairs.loc[~groups.pairs["unit"].isin(groups.optional), "group"]
        position = pd.Index(groups.groups).get_indexer(pd.Index(required))
        members = np.bincount(position, minlength=shape[0])
        vanished = np.bincount(key[gone], minlength=size).reshape(shape)
        there = np.bincount(key[filled], minlength=size).reshape(shape)
        extra = np.bincount(key[filled & free], minlength=size).reshape(shape)
        return cls(
            cells=cells,
            groups=shape[0],
            rows=rows,
            key=key,
            value=value,
            weight=weight,
            there=there,
            expected=members[:, None] - vanished + extra,
            members=members,
        )

    def results(self, table: IndicatorTable) -> tuple[Floats, Floats]:
        """Return value and share of members covered, shape (groups, cells)."""
        shape, size = self.there.shape, self.there.size
        sums = group_sums(self.value, self.key, size).reshape(shape)
        by_count = self.there / np.where(self.expected > 0, self.expected, np.nan)
        is_mean = [table.indicators[name].aggregation == "mean" for name in self.cells.indicator]
        means = group_weighted_means(self.value, self.weight, self.key, size).reshape(shape)
        used = np.where(np.isnan(self.value), np.nan, self.weight)
        covered = group_sums(used, self.key, size).reshape(shape)
        at = self.cells["weight"].to_numpy()
        total = sums[:, at]
        known = (at >= 0) & (self.there[:, at] == self.expected[:, at]) & (total > 0)
        by_weight = np.divide(covered, total, out=np.zeros(shape), where=known)
        return np.where(is_mean, means, sums), np.where(is_mean, by_weight, by_count)


def _weights(table: IndicatorTable, rows: Ints) -> Floats:
    """Return the weight of each row: the named indicator of the same unit and year, 1 for sums."""
    data = table.data
    kinds = data["indicator"].cat
    rules = [table.indicators[name] for name in kinds.categories]
    means = np.array([rule.aggregation == "mean" for rule in rules])
    codes = kinds.codes.to_numpy(np.int64)
    if not means.any():
        return np.ones(rows.size)
    weight_of = pd.Index(kinds.categories).get_indexer([rule.weight or "" for rule in rules])
    unit, year = data["unit"].cat.codes.to_numpy(np.int64), data["year"].to_numpy(np.int64)
    place = (unit * (year.max() + 1) + year) * len(rules)
    at = pd.Index(place + codes).get_indexer(place[rows] + weight_of[codes[rows]])
    weight = np.where(at >= 0, data["value"].to_numpy()[at], np.nan)
    return np.where(means[codes[rows]], weight, 1.0)


def _cells(table: IndicatorTable) -> tuple[pd.DataFrame, Ints]:
    data, names = table.data, ["year", "indicator"]
    if "date" in data and data.duplicated(["unit", *names]).any():
        raise AggregationError(
            "several dates stand in one year; select one date before aggregating"
        )
    cell = data.groupby(names, observed=True, sort=True).ngroup().to_numpy(np.int64)
    first = np.unique(cell, return_index=True)[1]
    cells = data[names].take(first).reset_index(drop=True)
    cells["indicator"] = cells["indicator"].astype(str)
    place = {(y, i): n for n, (y, i) in enumerate(zip(cells.year, cells.indicator, strict=True))}
    weights = [table.indicators[name].weight for name in cells["indicator"]]
    at = [place.get((year, name), -1) for year, name in zip(cells["year"], weights, strict=True)]
    cells["weight"] = np.array(at, np.int64)
    if "date" in data:
        dates = data.groupby(cell)["date"]
        cells["date"] = dates.first().where(dates.nunique(dropna=False) == 1)
    return cells, np.asarray(cell)


def _expand(data: pd.DataFrame, groups: Membership) -> tuple[Ints, Ints]:
    """Return rows and group codes: a row stands once for each group that its unit is in."""
    units = data["unit"].cat
    unit = pd.Index(units.categories).get_indexer(pd.Index(groups.pairs["unit"]))
    group = pd.Index(groups.groups).get_indexer(pd.Index(groups.pairs["group"]))
    order = np.argsort(unit[unit >= 0], kind="stable")
    unit, group = unit[unit >= 0][order], group[unit >= 0][order]
    many = np.bincount(unit, minlength=len(units.categories))
    first = np.cumsum(many) - many
    codes = units.codes.to_numpy()
    times = many[codes]
    rows = np.repeat(np.arange(len(data)), times)
    step = np.arange(rows.size) - np.repeat(np.cumsum(times) - times, times)
    return rows, group[first[codes[rows]] + step].astype(np.int64)


def _table(
    table: IndicatorTable, groups: Membership, grid: _Grid, value: Floats, coverage: float
) -> IndicatorTable:
    n_cells = len(grid.cells)
    unit = np.repeat(np.array(groups.groups, dtype=object), n_cells)
    columns = {name: np.tile(grid.cells[name], grid.groups) for name in ("year", "indicator")}
    frame = pd.DataFrame({"unit": unit, **columns, "value": value.ravel()})
    frame["unit"] = frame["unit"].astype("str")
    frame["status"] = _statuses(table, groups, grid, value).ravel()
    if "date" in grid.cells:
        frame["date"] = np.tile(grid.cells["date"], grid.groups)
    node = table.provenance.then("aggregate", *groups.inputs, to=groups.target, coverage=coverage)
    return replace(
        table,
        data=coerce(frame),
        provenance=node,
        findings=(*table.findings, *groups.findings, *_remarks(frame)),
    )


def _statuses(
    table: IndicatorTable, groups: Membership, grid: _Grid, value: Floats
) -> NDArray[np.object_]:
    rank = table.data["status"].map({name: n for n, name in enumerate(_INHERITED, 1)})
    of_rows = rank.to_numpy(np.float64, na_value=0).astype(np.int64)[grid.rows]
    worst = np.zeros(value.size, np.int64)
    np.maximum.at(worst, grid.key, np.where(np.isnan(grid.value), 0, of_rows))
    status = np.array(["normal", *_INHERITED], dtype=object)[worst].reshape(value.shape)
    lacking = np.isin(groups.groups, list(groups.incomplete))[:, None]
    status[(grid.there < grid.expected) | lacking] = "partial"
    status[np.isnan(value)] = "missing"
    status[(grid.expected == 0) & (grid.members > 0)[:, None]] = "not_existing"
    return status


def _remarks(frame: pd.DataFrame) -> list[Finding]:
    found = []
    words = {
        "missing": Text(
            "Ergebnisse fehlen, weil zu wenige Mitglieder einen Wert (und ein Gewicht) haben",
            "results are missing because too few members have a value (and a weight)",
        ),
        "partial": Text(
            "Ergebnisse enthalten nicht alle Mitglieder",
            "results don't include all members",
        ),
    }
    for status, text in words.items():
        rows = frame[frame["status"] == status]
        if len(rows):
            units = ", ".join(rows["unit"].unique()[:5])
            more = ", …" if rows["unit"].nunique() > 5 else ""
            found.append(
                Finding(
                    rule=f"aggregate.{status}",
                    severity="warning",
                    text=text,
                    key=units + more,
                    n=len(rows),
                )
            )
    return found


def _check_rules(table: IndicatorTable) -> None:
    problems = [item for i in table.indicators.values() for item in rule_problems(table, i)]
    if problems:
        raise AggregationError("the table can't be aggregated:", findings=problems)


def rule_problems(table: IndicatorTable, indicator: Indicator) -> list[Finding]:
    """Say why an indicator can't be aggregated.

    Parameters
    ----------
    table : IndicatorTable
        The table that should hold its weight.
    indicator : Indicator
        The indicator.

    Returns
    -------
    list of Finding
        Empty if it can be aggregated; else what is missing, with the remedy.
    """
    if indicator.aggregation in ("none", "unknown"):
        words = {
            "none": ("darf nicht zusammengefasst werden", "must not be aggregated"),
            "unknown": ("hat keine Regel zum Zusammenfassen", "has no rule of aggregation"),
        }[indicator.aggregation]
        return [_rule_problem(indicator, *words)]
    if indicator.aggregation == "mean" and indicator.weight not in table.indicators:
        name = indicator.weight
        return [
            _rule_problem(
                indicator,
                f"braucht das Gewicht {name!r}, das nicht in der Tabelle ist",
                f"needs the weight {name!r}, which is not in the table",
            )
        ]
    if indicator.aggregation == "mean":
        weights = table.data[table.data["indicator"] == indicator.weight]
        negative = weights[weights["value"] < 0]
        if len(negative):
            unit = negative["unit"].iloc[0]
            words = (f"hat ein negatives Gewicht ({unit})", f"has a negative weight ({unit})")
            return [_rule_problem(indicator, *words)]
    return []


def _rule_problem(indicator: Indicator, de: str, en: str) -> Finding:
    return Finding(
        rule="aggregate.rule",
        severity="error",
        text=Text(f"Indikator {indicator.id!r} {de}", f"indicator {indicator.id!r} {en}"),
        hint=Text(
            "Regel im Sidecar oder mit table.describe(…) angeben (aggregation: sum, oder mean mit "
            "weight), das Gewicht mit table.join(…) dazunehmen, oder den Indikator mit "
            "table.select(indicators=…) weglassen.",
            "State the rule in the sidecar or with table.describe(…) (aggregation: sum, or mean "
            "with weight), bring the weight in with table.join(…), or leave the indicator out with "
            "table.select(indicators=…).",
        ),
        column="indicator",
        key=indicator.id,
    )

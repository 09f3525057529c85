"""`compare`: groups of units against a reference, for one indicator or many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.comparison.grouping import (
    SIZE_CLASSES,
    Berlin,
    By,
    Grouping,
    GroupOptions,
    group_units,
    is_about_projects,
)
from begleitforschung.comparison.members import members_of, series_of
from begleitforschung.comparison.projects import Via, own_count, project_figures
from begleitforschung.comparison.remarks import remarks
from begleitforschung.comparison.shares import county_shares
from begleitforschung.comparison.statistics import Reference, summarise
from begleitforschung.comparison.subject import Subject, subject_of
from begleitforschung.errors import ComparisonError, Finding, UnknownCodeError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source
from begleitforschung.results.comparison import Comparison
from begleitforschung.tables import IndicatorTable

if TYPE_CHECKING:
    from begleitforschung.results.base import Result

_GERMANY = ("DG", "germany", "deutschland", "Deutschland")


def compare(
    result: IndicatorTable | pd.DataFrame | Result,
    *,
    by: By,
    against: str = "all",
    year: int | Iterable[int] | None = None,
    indicators: str | Iterable[str] | None = None,
    weight: str | None = None,
    level: str | None = None,
    via: Via = "own",
    berlin: Berlin | None = None,
    classes: str = SIZE_CLASSES,
    population: str | IndicatorTable | None = None,
    exposure: str | None = None,
    min_exposure: float | None = None,
) -> Comparison:
    """Compare groups of units with a reference.

    Parameters
    ----------
    result : IndicatorTable, KpiResult or pandas.DataFrame
        Figures; a DataFrame as `begleitforschung.indicators` takes it.
    by : str, mapping or pandas.Series
        What to group by: ``"mpsc"`` (counties: funded themselves, merely containing a funded
        municipality, untouched), ``"kreistyp"``, ``"bundesland"``, ``"east_west"``,
        ``"groessenklasse"`` or any code list; ``"staffel"``, ``"programm_kategorie"``,
        ``"startphase"``, ``"typ"``, ``"jahr"`` (of the 73 projects); or unit to group.
    against : str
        ``"all"`` (all units compared), ``"rest"`` (all but the group), a group, or a unit of the
        table such as ``"DG"``.
    year : int or iterable of int, optional
        Years; all by default.
    indicators : str or iterable of str, optional
        Indicators or KPIs; all by default.
    weight : str, optional
        Indicator of the table that weights the weighted means; by default the one that each
        indicator names.
    level : str, optional
        Level of the units, needed where the table holds several besides Germany.
    via : {"own", "surrounding"}
        For projects: whether those without a figure of their own get that of the surrounding
        counties, marked as such.
    berlin : {"east", "west", "own"}, optional
        Where Berlin counts; needed for ``"east_west"``.
    classes : str
        Code list of the size classes for ``"groessenklasse"``.
    population : str or IndicatorTable, optional
        For size classes: the indicator with the number of inhabitants. For ``"mpsc"``: a table
        with the inhabitants of the municipalities alone, from which the shares of the funded
        municipalities in the population of their counties are computed.
    exposure : str, optional
        Indicator with the size behind the rates; by default the one that each indicator names.
    min_exposure : float, optional
        Exposure below which units are not ranked; by default as each indicator states it.

    Returns
    -------
    Comparison
        n, missing, mean, weighted mean, median, quartiles, spread of each group, and its
        difference to the reference.

    Raises
    ------
    ComparisonError
        If the comparison asked for has no meaning on these figures.
    UnknownCodeError
        If an indicator, year, level, group, unit or classification does not exist.
    ValidationError
        If a DataFrame is no table of figures.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit": ["01001", "01002", "08421"], "year": 2021, "x": [1, 2, 6]})
    >>> groups = {"01001": "a", "01002": "a", "08421": "b"}
    >>> compare(frame, by=groups, against="rest").table[["group", "n", "mean", "difference"]]
      group  n  mean  difference
    0     a  2   1.5        -4.5
    1     b  1   6.0         4.5
    """
    subject = subject_of(result)
    full = subject.table
    chosen = _chosen(subject, indicators)
    years = full.select(years=year).years if year is not None else full.years
    helpers = _helpers(full, chosen, weight, exposure, population)
    wanted = full.select(years=years, indicators=sorted({*chosen, *helpers}))
    figures = _figures(wanted, by, level, via)
    options = GroupOptions(
        berlin=berlin,
        classes=classes,
        population=series_of(figures.cells, population) if isinstance(population, str) else None,
    )
    groups = group_units(figures.cells, by, options)
    meanings = {name: full.indicators[name] for name in chosen}
    members = members_of(
        figures.cells, groups, meanings, weight=weight, exposure=exposure, min_exposure=min_exposure
    )
    shares = county_shares(members, population, groups)
    members = members.assign(share=members["unit"].map(shares).astype("float64"))
    reference = _reference(against, groups, full)
    specification = _specification(
        by,
        against=against,
        year=list(years),
        indicators=chosen,
        weight=weight,
        level=figures.level,
        via=via,
        berlin=berlin,
        classes=classes if isinstance(by, str) and by == "groessenklasse" else None,
        population=population if isinstance(population, str) else population is not None,
        exposure=exposure,
        min_exposure=min_exposure,
    )
    table = summarise(members, list(groups.labels), groups.apart, reference)
    table.insert(2, "level", figures.level)
    return Comparison(
        table=table,
        specification=specification,
        provenance=_provenance(figures.provenance, groups, population, specification),
        confidentiality=subject.confidentiality,
        protected=subject.protected,
        findings=(*full.findings, *figures.findings, *remarks(members, groups)),
        members=members,
        inputs=figures.inputs,
        indicators=meanings,
        title=groups.title,
        labels=groups.labels,
        reference=_reference_label(reference, groups),
        reference_kind=reference.kind,
        own=own_count(figures.level),
    )


def _specification(by: By, **asked: object) -> dict[str, Any]:
    named = by if isinstance(by, str) else {str(unit): str(group) for unit, group in by.items()}
    return {"by": named, **asked}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    cells: pd.DataFrame
    inputs: pd.DataFrame
    level: str
    provenance: Provenance
    findings: tuple[Finding, ...] = ()


def _chosen(subject: Subject, indicators: str | Iterable[str] | None) -> list[str]:
    if indicators is None:
        return list(subject.ids)
    names = [indicators] if isinstance(indicators, str) else list(indicators)
    return [subject.table.indicator(subject.names.get(name, name)).id for name in names]


def _helpers(
    table: IndicatorTable,
    chosen: list[str],
    weight: str | None,
    exposure: str | None,
    population: str | IndicatorTable | None,
) -> set[str]:
    """Return the indicators that are needed beside those compared."""
    asked = [weight, exposure, population if isinstance(population, str) else None]
    for name in asked:
        if name is not None:
            table.indicator(name)
    named = [n for i in chosen for n in (table.indicators[i].weight, table.indicators[i].exposure)]
    return {name for name in (*asked, *named) if name is not None and name in table.indicators}


def _figures(table: IndicatorTable, by: By, level: str | None, via: Via) -> _Figures:
    table = table.select(level=_level(table, level))
    if table.data.duplicated(["unit", "year", "indicator"]).any():
        raise ComparisonError("several dates stand in one year; select one date before comparing")
    own_level = table.levels[0]
    if is_about_projects(by, own_level) and own_level != "project":
        found = project_figures(table, via)
        return _Figures(
            cells=found.cells,
            inputs=found.inputs,
            level=own_level,
            provenance=found.provenance,
            findings=found.findings,
        )
    if via != "own":
        raise ComparisonError("via='surrounding' is for comparisons of projects only")
    cells = table.data.drop(columns="date", errors="ignore")
    cells = cells.astype({"unit": "str", "indicator": "str", "status": "str"})
    cells = cells.assign(level=own_level, basis="own")
    inputs = cells.assign(of=cells["unit"]).drop(columns=["level", "basis"])
    return _Figures(cells=cells, inputs=inputs, level=own_level, provenance=table.provenance)


def _level(table: IndicatorTable, level: str | None) -> str:
    levels = [name for name in table.levels if name != "germany"]
    if level is not None:
        if level not in levels:
            raise UnknownCodeError(level, levels, "levels of the table")
        return level
    if len(levels) != 1:
        raise ComparisonError(
            f"the table holds units of {len(levels)} levels "
            f"({', '.join(levels) or 'Germany only'}); say which are to be compared: level=…"
        )
    return levels[0]


def _reference(against: str, groups: Grouping, table: IndicatorTable) -> Reference:
    if against in ("all", "rest"):
        return Reference(kind=against)
    named = {name: name for name in groups.labels}
    named |= {text.get(lang): name for name, text in groups.labels.items() for lang in ("de", "en")}
    if against in named:
        return Reference(kind="group", name=named[against])
    unit = "DG" if against in _GERMANY else against
    if unit not in table.units:
        known = ["all", "rest", *named, *table.units]
        raise UnknownCodeError(against, known, "'all', 'rest', the groups and units of the table")
    rows = table.data[table.data["unit"] == unit]
    keys = zip(rows["indicator"].astype(str), rows["year"].astype(int), strict=True)
    return Reference(kind="unit", name=unit, values=dict(zip(keys, rows["value"], strict=True)))


def _reference_label(reference: Reference, groups: Grouping) -> Text:
    if reference.kind == "group":
        return groups.labels[reference.name]
    if reference.kind == "unit":
        return Text("Deutschland", "Germany") if reference.name == "DG" else Text(reference.name)
    if reference.kind == "rest":
        return Text("alle übrigen", "all others")
    if groups.apart:
        kept = [text for name, text in groups.labels.items() if name not in groups.apart]
        return Text(" und ".join(t.de for t in kept), " and ".join(t.get("en") for t in kept))
    return Text("alle", "all")


def _provenance(
    figures: Provenance,
    groups: Grouping,
    population: str | IndicatorTable | None,
    specification: dict[str, Any],
) -> Provenance:
    others: list[Source | Provenance] = list(groups.inputs)
    if isinstance(population, IndicatorTable):
        others.append(population.provenance)
    kept = [item for item in others if item not in figures.inputs]
    return Provenance.of("compare", figures, *kept, **specification)

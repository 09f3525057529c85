"""`compare`: groups of units against a reference, for one indicator or many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
from begleitforschung.comparison.origins import with_origins
from begleitforschung.comparison.projects import Via, own_count, project_figures
from begleitforschung.comparison.remarks import remarks
from begleitforschung.comparison.shares import county_shares, municipalities
from begleitforschung.comparison.statistics import Reference, summarise
from begleitforschung.comparison.subject import Subject, subject_of
from begleitforschung.errors import ComparisonError, Finding, UnknownCodeError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source
from begleitforschung.regions import level_of
from begleitforschung.results.comparison import Comparison
from begleitforschung.results.kpi import KpiResult
from begleitforschung.tables import IndicatorTable
from begleitforschung.tables.breaks import break_findings

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
        Indicator with the number of inhabitants, for size classes. For ``"mpsc"``, if the table
        holds it for the municipalities too, or if a table of it is given, the shares of the funded
        municipalities in the population of their counties are computed from it.
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
    asked = _Asked(
        by=by,
        against=against,
        year=year,
        indicators=indicators,
        weight=weight,
        level=level,
        via=via,
        berlin=berlin,
        classes=classes,
        population=population,
        exposure=exposure,
        min_exposure=min_exposure,
    )
    found = _compared(subject_of(result), asked)
    if isinstance(result, KpiResult):
        return replace(found, inputs=with_origins(found.inputs, result))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What `compare` was asked for."""

    by: By
    against: str
    year: int | Iterable[int] | None
    indicators: str | Iterable[str] | None
    weight: str | None
    level: str | None
    via: Via
    berlin: Berlin | None
    classes: str
    population: str | IndicatorTable | None
    exposure: str | None
    min_exposure: float | None

    def specification(self, years: Iterable[int], chosen: list[str], level: str) -> dict[str, Any]:
        by, people = self.by, self.population
        named = by if isinstance(by, str) else {str(unit): str(group) for unit, group in by.items()}
        return {
            "by": named,
            "against": self.against,
            "year": list(years),
            "indicators": chosen,
            "weight": self.weight,
            "level": level,
            "via": self.via,
            "berlin": self.berlin,
            "classes": self.classes if named == "groessenklasse" else None,
            "population": people if isinstance(people, str) else people is not None,
            "exposure": self.exposure,
            "min_exposure": self.min_exposure,
        }


def _compared(subject: Subject, asked: _Asked) -> Comparison:
    full = subject.table
    chosen = _chosen(subject, asked.indicators)
    years = full.select(years=asked.year).years if asked.year is not None else full.years
    wanted = sorted({*chosen, *_helpers(full, chosen, asked)})
    level = _level(full, chosen, asked.level)
    selected = full.select(years=years, indicators=wanted, level=level)
    figures = _figures(selected, asked)
    groups = group_units(figures.cells, asked.by, _options(figures, asked))
    meanings = {name: full.indicators[name] for name in chosen}
    members = members_of(
        figures.cells,
        groups,
        meanings,
        weight=asked.weight,
        exposure=asked.exposure,
        min_exposure=asked.min_exposure,
    )
    shares = county_shares(members, municipalities(full, asked.population, groups))
    members = members.assign(share=members["unit"].map(shares).astype("float64"))
    reference = _reference(asked.against, groups, full, level)
    table = summarise(members, list(groups.labels), groups.apart, reference)
    table.insert(2, "level", figures.level)
    specification = asked.specification(years, chosen, figures.level)
    return Comparison(
        table=table,
        specification=specification,
        provenance=_provenance(figures.provenance, groups, asked.population, specification),
        confidentiality=subject.confidentiality,
        protected=subject.protected,
        findings=(
            *full.findings,
            *figures.findings,
            *remarks(members, groups, reference),
            *break_findings(meanings, years, "compare.break"),
        ),
        members=members,
        inputs=figures.inputs,
        indicators=meanings,
        title=groups.title,
        labels=groups.labels,
        reference=_reference_label(reference, groups),
        reference_kind=reference.kind,
        own=own_count(selected.select(indicators=chosen)),
        quoted=_quoted(selected, asked.population, groups),
    )


def _quoted(
    figures: IndicatorTable, population: str | IndicatorTable | None, groups: Grouping
) -> tuple[Source, ...]:
    people = population.sources() if isinstance(population, IndicatorTable) else ()
    register = [item for node in groups.inputs for item in _own_sources(node)]
    return tuple(dict.fromkeys((*figures.sources(), *people, *register)))


def _own_sources(node: Source | Provenance) -> tuple[Source, ...]:
    """Return what a grouping was made from first: the register, not the lists behind it."""
    return (node,) if isinstance(node, Source) else node.sources()[:1]


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


def _helpers(table: IndicatorTable, chosen: list[str], asked: _Asked) -> set[str]:
    """Return the indicators that are needed beside those compared."""
    population = asked.population if isinstance(asked.population, str) else None
    given = [name for name in (asked.weight, asked.exposure, population) if name is not None]
    for name in given:
        table.indicator(name)
    own = [n for i in chosen for n in (table.indicators[i].weight, table.indicators[i].exposure)]
    return {name for name in (*given, *own) if name is not None and name in table.indicators}


def _options(figures: _Figures, asked: _Asked) -> GroupOptions:
    people = asked.population
    return GroupOptions(
        berlin=asked.berlin,
        classes=asked.classes,
        population=series_of(figures.cells, people) if isinstance(people, str) else None,
    )


def _figures(table: IndicatorTable, asked: _Asked) -> _Figures:
    if table.data.duplicated(["unit", "year", "indicator"]).any():
        raise ComparisonError("several dates stand in one year; select one date before comparing")
    level = table.levels[0]
    if is_about_projects(asked.by, level) and level != "project":
        found = project_figures(table, asked.via)
        return _Figures(
            cells=found.cells,
            inputs=found.inputs,
            level=level,
            provenance=found.provenance,
            findings=found.findings,
        )
    if asked.via != "own":
        raise ComparisonError("via='surrounding' is for comparisons of projects only")
    cells = table.data.drop(columns="date", errors="ignore")
    cells = cells.astype({"unit": "str", "indicator": "str", "status": "str"})
    cells = cells.assign(level=level, basis="own")
    inputs = cells.assign(of=cells["unit"]).drop(columns=["level", "basis"])
    return _Figures(cells=cells, inputs=inputs, level=level, provenance=table.provenance)


def _level(table: IndicatorTable, chosen: list[str], asked: str | None) -> str:
    """Return the level asked for, or the only one besides Germany at which there are values."""
    if asked is not None:
        if asked not in table.levels:
            raise UnknownCodeError(asked, table.levels, "levels of the table")
        return asked
    data = table.data
    rows = data[data["indicator"].isin(chosen)]
    rows = rows[rows["value"].notna()] if rows["value"].notna().any() else rows
    levels = [str(level_of(unit)) for unit in rows["unit"].unique()]
    found = [name for name in dict.fromkeys(levels) if name != "germany"]
    if len(found) != 1:
        raise ComparisonError(
            f"there are values of units of {len(found)} levels "
            f"({', '.join(found) or 'Germany only'}); say which are to be compared: level=…"
        )
    return found[0]


def _reference(against: str, groups: Grouping, table: IndicatorTable, level: str) -> Reference:
    if against in ("all", "rest"):
        return Reference(kind=against)
    named = {name: name for name in groups.labels}
    named |= {text.get(lang): name for name, text in groups.labels.items() for lang in ("de", "en")}
    if named.get(against) in groups.apart:
        raise ComparisonError(
            f"{against!r} is shown apart, on no side of the comparison; it can't be the reference"
        )
    if against in named:
        return Reference(kind="group", name=named[against])
    unit = "DG" if against in _GERMANY else against
    if unit not in table.units:
        known = ["all", "rest", *named, *table.units]
        raise UnknownCodeError(against, known, "'all', 'rest', the groups and units of the table")
    # The sum of a larger unit is no yardstick for the mean of its parts.
    sums = [name for name, item in table.indicators.items() if item.aggregation == "sum"]
    excluded = tuple(sums) if level_of(unit) != level else ()
    rows = table.data[(table.data["unit"] == unit) & ~table.data["indicator"].isin(excluded)]
    keys = zip(rows["indicator"].astype(str), rows["year"].astype(int), strict=True)
    values = dict(zip(keys, rows["value"], strict=True))
    return Reference(kind="unit", name=unit, values=values, incomparable=excluded)


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

"""Margins for weighting: people and municipalities by Land and size class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

from begleitforschung.errors import AggregationError, Finding, UnknownCodeError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.regions.classification import classify
from begleitforschung.regions.keys import bundesland_of, map_units

if TYPE_CHECKING:
    from begleitforschung.tables.table import IndicatorTable

Dimension = Literal["bundesland", "groessenklasse"]
DIMENSIONS: tuple[Dimension, ...] = ("bundesland", "groessenklasse")
UNKNOWN_BASE = "unbekannt"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Margins:
    """Population and municipalities by Land and size class.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per class that occurs: the dimensions (codes), ``population``,
        ``municipalities``, ``share_population`` and ``share_municipalities`` (of Germany, or of
        what the table holds).
    year : int
        Year of the population.
    gebietsstand : str
        Borders of the municipalities.
    census : str
        Census that the population rests on, or ``"unbekannt"``.
    codelist : str
        Code list of the size classes.
    provenance : Provenance
        Where the figures come from.
    findings : tuple of Finding
        What was left out or is unknown.
    """

    table: pd.DataFrame = field(repr=False)
    year: int
    gebietsstand: str
    census: str
    codelist: str
    provenance: Provenance = field(repr=False)
    findings: tuple[Finding, ...] = ()


def margins(
    table: IndicatorTable,
    *,
    by: Dimension | Sequence[Dimension] = DIMENSIONS,
    year: int | None = None,
    codelist: str = "groessenklasse_statistik",
    population: str = "population",
    census: str | None = None,
) -> Margins:
    """Count people and municipalities by Land and size class as of a date.

    Uninhabited municipalities and gemeindefreie Gebiete are left out.

    Parameters
    ----------
    table : IndicatorTable
        Population of all municipalities, e.g. of `begleitforschung.read_gemeindeverzeichnis`.
    by : {"bundesland", "groessenklasse"} or sequence of these
        Dimensions.
    year : int, optional
        Year; not needed if the table holds one.
    codelist : str
        Code list of the size classes.
    population : str
        Indicator that holds the population.
    census : str, optional
        Census that the population rests on; else as the Gemeindeverzeichnis says.

    Returns
    -------
    Margins
        The counts.

    Raises
    ------
    AggregationError
        If the table holds other units than municipalities, several years and none is chosen, or
        numbers of people below 0; if `by` names nothing, or something twice.
    UnknownCodeError
        If the population, the year, a dimension or the code list is unknown.

    Examples
    --------
    With a file of your own::

        gv = read_gemeindeverzeichnis("31122023_Auszug_GV.xlsx")
        margins(gv, by=["groessenklasse"]).table
    """
    names = _dimensions(by)
    found = table.select(indicators=population, years=year)
    if len(found.years) != 1 or len(found) != len(found.units):
        years = ", ".join(map(str, found.years))
        raise AggregationError(f"margins are of one date; choose: year=… (the table has {years})")
    if len(found.levels) != 1 or found.levels[0] not in ("gemeinde", "gemeinde_ars"):
        raise AggregationError(
            f"margins count municipalities; the table holds: {', '.join(found.levels)}"
        )
    if wrong := int((found.data["value"] < 0).sum()):
        raise AggregationError(f"{population!r} is below 0 in {wrong} municipalities; correct it")
    people = found.data.loc[found.data["value"] > 0, ["unit", "value"]].reset_index(drop=True)
    classes: dict[Dimension, pd.Series] = {
        "bundesland": map_units(people["unit"], bundesland_of),
        "groessenklasse": classify(people["value"], codelist),
    }
    rows = people.assign(**{name: classes[name] for name in names})
    counted = rows.groupby(list(names), observed=True, sort=True)["value"].agg(["sum", "size"])
    counted = counted.set_axis(["population", "municipalities"], axis=1).reset_index()
    for name in ("population", "municipalities"):
        counted[f"share_{name}"] = counted[name] / counted[name].sum()
    base = census or _census(found)
    node = found.provenance.then(
        "margins",
        by=list(names),
        codelist=codelist,
        population=population,
        year=found.years[0],
        gebietsstand=found.gebietsstand,
        census=base,
    )
    return Margins(
        table=counted,
        year=found.years[0],
        gebietsstand=found.gebietsstand,
        census=base,
        codelist=codelist,
        provenance=node,
        findings=(*found.findings, *_remarks(found, base)),
    )


def _dimensions(by: Dimension | Sequence[Dimension]) -> tuple[Dimension, ...]:
    names: tuple[Dimension, ...] = (by,) if isinstance(by, str) else tuple(by)
    for dimension in names:
        if dimension not in DIMENSIONS:
            raise UnknownCodeError(dimension, DIMENSIONS, "dimensions of margins")
    if not names or len(set(names)) < len(names):
        raise AggregationError("by= names each dimension of the margins once, and at least one")
    return names


def _census(table: IndicatorTable) -> str:
    """Return the census base that the Gemeindeverzeichnis of the year names."""
    stated = {
        str(given["census"])
        for step in table.provenance.steps()
        if "census" in (given := dict(step.parameters))
        and str(given.get("date", ""))[:4] == str(table.years[0])
    }
    return stated.pop() if len(stated) == 1 else UNKNOWN_BASE


def _remarks(table: IndicatorTable, base: str) -> list[Finding]:
    value, found = table.data["value"], []
    empty, missing = int((value == 0).sum()), int(value.isna().sum())
    if empty:
        words = Text(
            "Gebiete ohne Einwohner nicht gezählt", "units without residents are not counted"
        )
        found.append(Finding(rule="margins.uninhabited", severity="info", text=words, n=empty))
    if missing:
        words = Text(
            "Gemeinden ohne Einwohnerzahl nicht gezählt",
            "municipalities without a population figure are not counted",
        )
        found.append(Finding(rule="margins.missing", severity="warning", text=words, n=missing))
    if base == UNKNOWN_BASE:
        words = Text("Zensusbasis unbekannt", "census base unknown")
        hint = Text("Mit census=… angeben.", "State it with census=….")
        found.append(Finding(rule="margins.census", severity="warning", text=words, hint=hint))
    return found

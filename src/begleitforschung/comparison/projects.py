"""Figures of the 73 projects from figures of counties or municipalities.

A figure is a project's own where all its members are units of the level. Where they are not, the
surrounding counties may stand in on request, marked as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from begleitforschung.errors import ComparisonError, Finding
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.regions.programme import own_level_status, project_units, projects
from begleitforschung.tables import IndicatorTable
from begleitforschung.tables.aggregate import member_cells, rule_problems
from begleitforschung.tables.membership import membership

Via = Literal["own", "surrounding"]
CELL = ("unit", "year", "indicator", "value", "status", "level", "basis", "file", "row")
_LEVELS = ("kreis", "gemeinde")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFigures:
    """Figures of the projects and what they were made of.

    Parameters
    ----------
    cells : pandas.DataFrame
        The columns `CELL`, one row per project, year and indicator. ``basis`` is ``"own"``,
        ``"surrounding"`` or ``"none"``; ``level`` is that of the figures used.
    inputs : pandas.DataFrame
        The figures of the members: ``of`` (project), ``unit, year, indicator, value, status,
        file, row``.
    provenance : Provenance
        The way of the figures, the register included.
    findings : tuple of Finding
        What was remarked.
    """

    cells: pd.DataFrame
    inputs: pd.DataFrame
    provenance: Provenance
    findings: tuple[Finding, ...]


def project_figures(table: IndicatorTable, via: Via) -> ProjectFigures:
    """Return the figures of the projects.

    A project that is one unit takes its figure as it stands; one of several units takes the sum
    or weighted mean by the indicator's rule, and has no figure where there is no rule.

    Parameters
    ----------
    table : IndicatorTable
        Figures of counties or of municipalities, of one level.
    via : {"own", "surrounding"}
        Whether projects without a figure of their own get that of the counties around them.

    Returns
    -------
    ProjectFigures
        The figures of all 73 projects.

    Raises
    ------
    ComparisonError
        If the level has no figures of projects, or surrounding units are asked for and the
        figures are not those of counties.
    """
    level = table.levels[0]
    if level not in _LEVELS:
        raise ComparisonError(
            f"figures of level {level!r} are not those of projects; possible are kreis and gemeinde"
        )
    if via == "surrounding" and level != "kreis":
        raise ComparisonError("only counties surround a project; give figures of counties")
    groups = membership(table.units, "project")
    pairs, basis = groups.pairs, _basis(level)
    if via == "surrounding":
        around = project_units("kreis").rename(columns={"project": "group"})[["group", "unit"]]
        lent = around[around["group"].map(basis) == "none"]
        pairs = pd.concat([pairs[~pairs["group"].isin(lent["group"])], lent], ignore_index=True)
        basis = {**basis, **dict.fromkeys(lent["group"], "surrounding")}
    single = ~pairs["group"].duplicated(keep=False)
    alone = _of_single_units(table, pairs[single])
    several, findings = _of_several_units(table, pairs[~single])
    cells = _complete(table, pd.concat([alone, several], ignore_index=True), groups.groups)
    there = cells["value"].notna()
    cells.loc[there & cells["unit"].isin(groups.incomplete), "status"] = "partial"
    cells["basis"] = cells["unit"].map(basis)
    cells["level"] = level
    node = table.provenance.then("project_figures", *groups.inputs, via=via)
    return ProjectFigures(
        cells=cells[list(CELL)],
        inputs=member_cells(table, pairs).rename(columns={"group": "of"}),
        provenance=node,
        findings=findings,
    )


def _basis(level: str) -> dict[str, str]:
    """Say for each project whether figures of the level are its own."""
    if level == "kreis":
        status = own_level_status("kreis")
        return {str(p): "own" if s == "own" else "none" for p, s in status.items()}
    # A county is the sum of its municipalities, so that all known members have figures.
    status = own_level_status("gemeinde")
    return {str(p): "none" if s == "no_members" else "own" for p, s in status.items()}


def own_count(figures: IndicatorTable) -> tuple[int, int] | None:
    """Count the projects that have a figure of their own in a table.

    Parameters
    ----------
    figures : IndicatorTable
        The figures compared, of one level.

    Returns
    -------
    tuple of int or None
        Projects all of whose members that are units of the level have a value (42 with all
        counties), and all projects; ``None`` at levels that no project is of.
    """
    level, total = figures.levels[0], len(projects())
    if level not in (*_LEVELS, "project"):
        return None
    valued = figures.data.loc[figures.data["value"].notna(), "unit"].unique()
    if level == "project":
        return len(valued), total
    pairs, basis = membership(figures.units, "project").pairs, _basis(level)
    there = pairs["unit"].isin(valued).groupby(pairs["group"]).all()
    return sum(bool(there.get(p, False)) for p, kind in basis.items() if kind == "own"), total


def _of_single_units(table: IndicatorTable, pairs: pd.DataFrame) -> pd.DataFrame:
    data = table.data.astype({"unit": "str", "indicator": "str", "status": "str"})
    found = pairs.merge(data, on="unit", how="inner").drop(columns="unit")
    return found.rename(columns={"group": "unit"})


def _of_several_units(
    table: IndicatorTable, pairs: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    held = sorted(set(pairs["unit"]) & set(table.units))
    allowed = [i for i in table.indicators if not rule_problems(table, table.indicators[i])]
    refused = sorted(set(table.indicators) - set(allowed))
    findings = (_no_rule(refused, pairs["group"].nunique()),) if refused and held else ()
    if not held or not allowed:
        return pd.DataFrame(columns=["unit", "year", "indicator", "value", "status"]), findings
    part = table.select(units=held, indicators=allowed).aggregate(pairs)
    kept = part.data.drop(columns=["file", "row"])
    return kept.astype({"unit": "str", "indicator": "str", "status": "str"}), findings


def _complete(table: IndicatorTable, cells: pd.DataFrame, units: tuple[str, ...]) -> pd.DataFrame:
    """Return a row for each project and figure of the table, missing where there is none."""
    grid = table.data[["year", "indicator"]].drop_duplicates().astype({"indicator": "str"})
    full = pd.DataFrame({"unit": units}, dtype="str").merge(grid, how="cross")
    cells = cells.reindex(columns=["unit", "year", "indicator", "value", "status", "file", "row"])
    found = full.merge(cells, on=["unit", "year", "indicator"], how="left")
    found["value"] = found["value"].astype("float64")
    found["status"] = found["status"].astype("str").fillna("missing")
    found["row"] = found["row"].fillna(0).astype("int32")
    return found


def _no_rule(indicators: list[str], n: int) -> Finding:
    names = ", ".join(indicators[:3]) + (", …" if len(indicators) > 3 else "")
    return Finding(
        rule="compare.no_rule",
        severity="warning",
        text=Text(
            f"{n} Projekte aus mehreren Einheiten haben keinen Wert, weil Indikatoren keine "
            f"Regel zum Zusammenfassen haben ({names})",
            f"{n} projects of several units have no figure because indicators have no rule of "
            f"aggregation ({names})",
        ),
        hint=Text("Regel mit table.describe(…) angeben.", "State the rule with table.describe(…)."),
        n=len(indicators),
    )

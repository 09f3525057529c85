"""At which territorial levels the figures of a project feed a KPI."""

from __future__ import annotations

from begleitforschung.regions.keys import level_of
from begleitforschung.results.kpi import KpiResult
from begleitforschung.tables import IndicatorTable


def fed_levels(data: IndicatorTable, result: KpiResult) -> set[str]:
    """Return the levels at which the table holds all that at least one KPI is made from.

    Parameters
    ----------
    data : IndicatorTable
        Figures.
    result : KpiResult
        KPIs of any unit; only their recipes are used.

    Returns
    -------
    set of str
        Territorial levels.
    """
    pairs = data.data[["unit", "indicator"]].drop_duplicates()
    held: dict[str, set[str]] = {}
    for unit, name in zip(pairs["unit"], pairs["indicator"], strict=True):
        held.setdefault(level_of(str(unit)), set()).add(str(name))
    needed = [{name for name, _ in recipe} for recipe in result.recipes.values()]
    return {level for level, names in held.items() if any(item <= names for item in needed)}

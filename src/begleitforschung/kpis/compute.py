"""Framework on table: KPI values, each with its origin or the reason why it is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import FrameworkError, UnknownCodeError
from begleitforschung.frameworks import (
    Acceptance,
    Framework,
    load_framework,
    polarity_decisions,
)
from begleitforschung.frameworks.expressions import walk
from begleitforschung.kpis.grid import Grid, lay_out
from begleitforschung.kpis.sources import ON_REQUEST, Origin, find_origin
from begleitforschung.kpis.values import REASONS, STATUSES, Series, computed, nothing, published
from begleitforschung.regions.keys import level_of
from begleitforschung.results.kpi import ORIGINS, KpiResult, Recipe, reasons
from begleitforschung.tables import IndicatorTable, as_table


def compute_kpis(
    table: IndicatorTable | pd.DataFrame,
    framework: Framework | str,
    *,
    mapping: str | None = "inkar",
    proxies: Iterable[str] = (),
    units: str | Iterable[str] | None = None,
    years: int | Iterable[int] | None = None,
    check: bool = False,
    accept_polarity: Mapping[str, Acceptance] | None = None,
) -> KpiResult:
    """Compute the KPIs of a framework for the units and years of a table.

    A KPI takes its published value where the table holds the indicator that the mapping
    names, else its formula, value = numerator / denominator · multiplier, where the table
    holds all its variables under their names. One series is never mixed from both. Units of
    measure are converted where they are known and refused where they don't fit.

    Parameters
    ----------
    table : IndicatorTable or pandas.DataFrame
        Figures.
    framework : Framework or str
        The framework, or the identifier of a packaged one.
    mapping : str or None
        System whose published values are taken; ``None``: formulas only.
    proxies : iterable of str
        KPIs (id or code) for which a related value may be taken; they are marked ``"proxy"``.
    units : str or iterable of str, optional
        Units to compute; by default each pair of unit and year that the table holds.
    years : int or iterable of int, optional
        Years to compute; by default all of the table.
    check : bool
        Compare published values with formulas where both exist.
    accept_polarity : mapping of str to Acceptance, optional
        Who answers for polarities that are not official; see `polarity_decisions`.

    Returns
    -------
    KpiResult
        One row per KPI, unit and year; missing values have a reason.

    Raises
    ------
    UnknownCodeError
        If the framework has no mapping to this system, or a KPI named does not exist.
    ValidationError
        If the DataFrame is ambiguous, a unit is no key, or several dates stand in one year.
    FrameworkError
        If the framework holds no KPI, or an accepted polarity can have no effect.

    Examples
    --------
    >>> import pandas as pd
    >>> cars = pd.DataFrame({"unit": ["08421", "09761"], "year": 2021, "16031": [520.1, 488.3]})
    >>> compute_kpis(cars, "sdg_kommunen").fed
    ('16031',)
    """
    data = as_table(table)
    chosen = load_framework(framework) if isinstance(framework, str) else framework
    if not chosen.kpis:
        raise FrameworkError(f"{chosen.info.id} holds no KPI; fill in its sheet 'kpis' first")
    systems = {item.system for item in chosen.mappings}
    if mapping is not None and mapping not in systems and chosen.mappings:
        raise UnknownCodeError(mapping, sorted(systems), "mappings of the framework")
    decisions = polarity_decisions(chosen, accept_polarity)
    related = {chosen[item].id for item in proxies}
    origins = [find_origin(kpi, chosen, data, system=mapping, proxies=related) for kpi in chosen]
    asked_units = (units,) if isinstance(units, str) else None if units is None else tuple(units)
    asked_years = (years,) if isinstance(years, int) else None if years is None else tuple(years)
    grid = lay_out(data, asked_units, asked_years)
    series, both = _all_series(origins, grid, check)
    specification: dict[str, Any] = {
        "mapping": mapping,
        "proxies": sorted(related),
        "units": asked_units,
        "years": asked_years,
        "check": check,
        "accept_polarity": {k: v.model_dump() for k, v in (accept_polarity or {}).items()},
    }
    node = data.provenance.then("compute_kpis", chosen.provenance, **specification)
    return KpiResult(
        table=_table(origins, series, grid),
        specification=specification,
        provenance=node,
        findings=tuple(item for origin in origins for item in origin.findings),
        framework=chosen,
        inputs=data,
        coverage=_coverage(origins, series, grid),
        polarity=decisions,
        recipes={item.kpi.id: _recipe(item) for item in origins if not item.reason},
        differences=_differences(both, grid) if check else None,
    )


def _all_series(
    origins: list[Origin], grid: Grid, check: bool
) -> tuple[list[Series], list[tuple[Origin, Series, Series]]]:
    """Return the values of each KPI, and both series where both are to be compared."""
    block = lru_cache(maxsize=16)(grid.block)
    shape = (len(grid.units), len(grid.years))
    series: list[Series] = []
    both: list[tuple[Origin, Series, Series]] = []
    for origin in origins:
        if origin.reason:
            series.append(nothing(shape, origin.reason))
        elif origin.mapping:
            taken = published(block(origin.mapping.key), origin.factor)
            series.append(taken)
            if check and origin.formula:
                both.append((origin, taken, computed(origin.formula, grid.years, block)))
        elif origin.formula:
            series.append(computed(origin.formula, grid.years, block))
    return series, both


def _table(origins: list[Origin], series: list[Series], grid: Grid) -> pd.DataFrame:
    """Return the tidy table, KPI by KPI."""
    flat = np.flatnonzero(grid.asked)
    unit, year = np.divmod(flat, len(grid.years))
    kinds = len(origins)
    levels = [str(level_of(item)) for item in grid.units]
    names = tuple(dict.fromkeys(levels))
    level = np.array([names.index(item) for item in levels], np.int8)
    values = _stacked([item.values for item in series], flat)
    codes = [ORIGINS.index(_kind(item)) if _kind(item) else -1 for item in origins]
    origin = np.repeat(np.array(codes, np.int8), len(flat))
    origin[np.isnan(values)] = -1
    kpi = np.repeat(np.arange(kinds, dtype=np.int16), len(flat))
    file, row = _raw_places(series, grid.table.data)
    columns = {
        "unit": _categories(np.tile(_narrow(unit, grid.units), kinds), grid.units),
        "year": np.tile(grid.years[year].astype(np.int16), kinds),
        "kpi": _categories(kpi, [item.kpi.id for item in origins]),
        "value": values,
        "status": _categories(_stacked([item.status for item in series], flat), STATUSES),
        "reason": _categories(_stacked([item.reason for item in series], flat), REASONS),
        "origin": _categories(origin, ORIGINS),
        "level": _categories(np.tile(level[unit], kinds), names),
        "file": _categories(_stacked(file, flat), list(grid.table.data["file"].cat.categories)),
        "row": _stacked(row, flat),
    }
    return pd.DataFrame(columns, copy=False)


def _raw_places(
    series: list[Series], data: pd.DataFrame
) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
    """Return code of the file and row in it for all units and years of each KPI."""
    codes = np.append(data["file"].cat.codes.to_numpy(np.int16), np.int16(-1))
    rows = np.append(data["row"].to_numpy(np.int32), np.int32(0))
    return [codes[item.place] for item in series], [rows[item.place] for item in series]


def _stacked(blocks: Sequence[NDArray[Any]], flat: NDArray[np.intp]) -> NDArray[Any]:
    """Return the cells asked for, of one (units, years) array after the other."""
    stacked = np.empty((len(blocks), len(flat)), blocks[0].dtype)
    whole = len(flat) == blocks[0].size
    for line, block in zip(stacked, blocks, strict=True):
        line[:] = block.ravel() if whole else block.ravel()[flat]
    return stacked.ravel()


def _narrow(codes: NDArray[np.intp], names: Sequence[str]) -> NDArray[np.integer[Any]]:
    return codes.astype(np.int16 if len(names) < np.iinfo(np.int16).max else np.int32)


def _categories(codes: NDArray[np.integer[Any]], names: Sequence[str]) -> pd.Categorical[Any]:
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(names)))


def _kind(origin: Origin) -> str:
    if origin.reason:
        return ""
    if origin.mapping is None:
        return "formula"
    return "proxy" if origin.mapping.fit in ON_REQUEST else "published"


def _recipe(origin: Origin) -> Recipe:
    """Return the indicators that a KPI is made from, and the years these lie back."""
    if origin.mapping:
        return ((origin.mapping.key, 0),)
    if origin.formula is None:
        return ()
    used = list(walk(origin.formula.numerator))
    used += list(walk(origin.formula.denominator)) if origin.formula.denominator else []
    return tuple(dict.fromkeys((name.id, lag) for name, lag in used))


def _coverage(origins: list[Origin], series: list[Series], grid: Grid) -> pd.DataFrame:
    """Return for each KPI whether it is fed, from what, and why not."""
    rows = [_covered(o, s, grid) for o, s in zip(origins, series, strict=True)]
    frame = pd.DataFrame(rows)
    return frame.astype({"first_year": "Int16", "last_year": "Int16", "factor": "float64"})


def _covered(origin: Origin, series: Series, grid: Grid) -> dict[str, Any]:
    kpi = origin.kpi
    there = grid.asked & ~np.isnan(series.values)
    gaps = series.reason[grid.asked & ~there]
    n = int(there.sum())
    years = grid.years[there.any(axis=0)]
    reason = origin.reason
    if not n and not reason and len(gaps):
        reason = REASONS[int(np.bincount(gaps).argmax())]
    return {
        "kpi": kpi.id,
        "code": kpi.code,
        "name": kpi.name(),
        "fed": n > 0,
        "origin": _kind(origin) or None,
        "indicator": ", ".join(dict.fromkeys(name for name, _ in _recipe(origin))) or None,
        "fit": origin.mapping.fit if origin.mapping else None,
        "factor": origin.factor if origin.mapping else None,
        "n": n,
        "missing": len(gaps),
        "units": int(there.any(axis=1).sum()),
        "first_year": int(years[0]) if n else None,
        "last_year": int(years[-1]) if n else None,
        "absent": ", ".join(origin.absent) or None,
        "reason": reason or None,
        "text": reasons()[reason].label.de if reason else None,
    }


def _differences(both: list[tuple[Origin, Series, Series]], grid: Grid) -> pd.DataFrame:
    """Return published values and formulas side by side, where both exist."""
    parts = []
    for origin, taken, formula in both:
        there = grid.asked & ~np.isnan(taken.values) & ~np.isnan(formula.values)
        unit, year = np.nonzero(there)
        first, second = taken.values[there], formula.values[there]
        with np.errstate(all="ignore"):
            relative = np.where(first == 0, np.nan, (second - first) / np.abs(first))
        columns = {
            "unit": np.asarray(grid.units, dtype=object)[unit],
            "year": grid.years[year],
            "kpi": origin.kpi.id,
            "published": first,
            "formula": second,
            "difference": second - first,
            "relative": relative,
        }
        parts.append(pd.DataFrame(columns))
    names = ["unit", "year", "kpi", "published", "formula", "difference", "relative"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)

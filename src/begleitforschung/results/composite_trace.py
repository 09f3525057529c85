"""The raw cells behind the scores of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from begleitforschung.provenance import Source
from begleitforschung.results.kpi import KpiResult
from begleitforschung.tables import IndicatorTable

if TYPE_CHECKING:
    from begleitforschung.results.composite import CompositeResult

_COLUMNS = ["unit", "year", "indicator", "value", "status", "file", "row"]


def raw_cells(result: CompositeResult, unit: str | None, year: int | None) -> pd.DataFrame:
    """Return the raw cells of one unit and year, or of all.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    unit : str or None
        Key of one unit.
    year : int or None
        One year.

    Returns
    -------
    pandas.DataFrame
        One row per cell, with the file and row where it stands.
    """
    if isinstance(result.inputs, KpiResult):
        cells = result.inputs.trace(unit, year)
        return cells[cells["kpi"].isin(_used(result)) & cells["unit"].isin(result.units)]
    if not isinstance(result.inputs, IndicatorTable):
        return _of_frame(result, unit, year)
    data = result.inputs.data
    keep = data["indicator"].isin(_used(result))
    keep &= data["unit"].isin(result.units if unit is None else [unit])
    if result.spec.years == "each" and all(step.years is None for step in result.spec.steps):
        keep &= data["year"].isin(result.years)
    if year is not None:
        keep &= data["year"] == year
    texts = dict.fromkeys(("unit", "indicator", "status"), "str")
    return data.loc[keep, _COLUMNS].astype(texts).reset_index(drop=True)


def sources_of(result: CompositeResult) -> tuple[Source, ...]:
    """Return the sources of the indicators used.

    Parameters
    ----------
    result : CompositeResult
        The scores.

    Returns
    -------
    tuple of Source
        Of all figures where nothing more is known.
    """
    if isinstance(result.inputs, KpiResult):
        return result.inputs.sources()
    if not isinstance(result.inputs, IndicatorTable):
        return result.provenance.sources()
    data = result.inputs.data
    used = data.loc[data["indicator"].isin(_used(result)), "file"]
    files = {str(name) for name in used.unique()}
    every = result.inputs.sources()
    return tuple(source for source in every if source.file in files) or every


def _used(result: CompositeResult) -> set[str]:
    names = {item.id for item in result.spec.indicators}
    return names | {item.denominator for item in result.spec.indicators if item.denominator}


def _of_frame(result: CompositeResult, unit: str | None, year: int | None) -> pd.DataFrame:
    raw = result.stages[0] if year is None else result.stages[0].only([year])
    wide = raw.frame()
    if unit is not None:
        wide = wide[wide.index.get_level_values("unit") == unit]
    cells = wide.reset_index().melt(["unit", "year"], var_name="indicator").dropna()
    cells = cells.sort_values(["year", "unit"], kind="stable", ignore_index=True)
    cells["status"], cells["file"], cells["row"] = "normal", "", np.int64(0)
    return cells[_COLUMNS]

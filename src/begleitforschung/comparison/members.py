"""The units of a comparison, each with its group, weight and exposure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from begleitforschung.comparison.grouping import Grouping
from begleitforschung.errors import ComparisonError
from begleitforschung.tables import Indicator

_FRONT = ["group", "unit", "year", "indicator", "value", "status", "level", "basis"]


def series_of(cells: pd.DataFrame, indicator: str) -> pd.Series:
    """Return the values of one indicator.

    Parameters
    ----------
    cells : pandas.DataFrame
        Columns ``unit, year, indicator, value``.
    indicator : str
        Identifier.

    Returns
    -------
    pandas.Series
        Values, index ``unit, year``.
    """
    part = cells[cells["indicator"] == indicator]
    return part.set_index(["unit", "year"])["value"]


def members_of(
    cells: pd.DataFrame,
    groups: Grouping,
    indicators: Mapping[str, Indicator],
    *,
    weight: str | None,
    exposure: str | None,
    min_exposure: float | None,
) -> pd.DataFrame:
    """Return the figures to be compared, each with group, weight and exposure.

    Parameters
    ----------
    cells : pandas.DataFrame
        Figures of all units, those of the weights included.
    groups : Grouping
        Groups of the units.
    indicators : mapping of str to Indicator
        What is compared, in order.
    weight, exposure : str, optional
        Indicators that stand in for those that each indicator names.
    min_exposure : float, optional
        Least exposure that stands in for that of each indicator.

    Returns
    -------
    pandas.DataFrame
        Columns ``group, unit, year, indicator, value, status, level, basis, weight, exposure,
        min_exposure, apart, file, row``, in order of indicator and year.

    Raises
    ------
    ComparisonError
        If a weight is negative.
    """
    order = {name: place for place, name in enumerate(indicators)}
    kept = cells[cells["indicator"].isin(order)]
    members = kept.assign(place=kept["indicator"].map(order))
    members = members.sort_values(["place", "year"], kind="stable", ignore_index=True)
    keys = pd.MultiIndex.from_frame(members[["unit", "year"]])
    place = members["place"].to_numpy(np.int64)
    weights = [weight or item.weight for item in indicators.values()]
    exposures = [exposure or item.exposure for item in indicators.values()]
    least = [
        item.min_exposure if min_exposure is None else min_exposure for item in indicators.values()
    ]
    members = members.assign(
        group=groups.group.reindex(keys).to_numpy(object),
        weight=_beside(cells, keys, place, weights),
        exposure=_beside(cells, keys, place, exposures),
        min_exposure=np.array(least, dtype=np.float64)[place],
    ).astype({"group": "str"})
    negative = members["weight"] < 0
    if negative.any():
        unit = members.loc[negative, "unit"].iloc[0]
        raise ComparisonError(f"a weight is negative (unit {unit}); weights must be 0 or more")
    members["apart"] = members["group"].isin(groups.apart)
    return members[[*_FRONT, "weight", "exposure", "min_exposure", "apart", "file", "row"]]


def _beside(
    cells: pd.DataFrame, keys: pd.MultiIndex, place: np.ndarray, names: list[str | None]
) -> np.ndarray:
    """Return for each row the value of the indicator named for its place; NaN without one."""
    found = np.full(len(keys), np.nan)
    for name in {name for name in names if name is not None}:
        rows = np.isin(place, [at for at, other in enumerate(names) if other == name])
        found[rows] = series_of(cells, name).reindex(keys[rows]).to_numpy(np.float64)
    return found

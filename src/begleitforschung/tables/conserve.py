"""Check that totals stay the same when figures are put on another territorial state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from begleitforschung.stats import group_sums

if TYPE_CHECKING:
    from begleitforschung.tables.table import IndicatorTable


def conserve(before: IndicatorTable, after: IndicatorTable) -> pd.DataFrame:
    r"""Compare the totals of all counts before and after, per indicator and year.

    Parameters
    ----------
    before, after : IndicatorTable
        The same figures, e.g. before and after `IndicatorTable.harmonise`.

    Returns
    -------
    pandas.DataFrame
        One row per indicator (with ``aggregation="sum"``) and year: ``indicator``, ``year``,
        ``before``, ``after`` (:math:`\sum_i x_i`), ``difference`` (after less before), ``share``
        (of before), ``missing_before``, ``missing_after`` (units without a number). Means and
        ratios have no total and are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> from begleitforschung.tables import Indicator, indicators
    >>> frame = pd.DataFrame({"unit": ["01001", "01002"], "year": 2020, "cars": [2, 3]})
    >>> cars = Indicator(id="cars", title="Autos", aggregation="sum")
    >>> table = indicators(frame, indicators=[cars])
    >>> conserve(table, table)[["before", "difference"]].values.tolist()
    [[5.0, 0.0]]
    """
    joined = (
        _totals(before).add_suffix("_before").join(_totals(after).add_suffix("_after"), how="outer")
    )
    difference = joined["total_after"] - joined["total_before"]
    frame = pd.DataFrame(
        {
            "before": joined["total_before"],
            "after": joined["total_after"],
            "difference": difference,
            "share": difference / joined["total_before"].where(joined["total_before"] != 0),
            "missing_before": joined["missing_before"].astype("Int64"),
            "missing_after": joined["missing_after"].astype("Int64"),
        }
    )
    return frame.sort_index().reset_index()


def _totals(table: IndicatorTable) -> pd.DataFrame:
    counts = [name for name, item in table.indicators.items() if item.aggregation == "sum"]
    data = table.data[table.data["indicator"].isin(counts)]
    keys = data[["indicator", "year"]].astype({"indicator": "str"})
    cells = keys.groupby(["indicator", "year"], sort=True)
    cell, index = cells.ngroup().to_numpy(np.int64), cells.size().index
    value = data["value"].to_numpy()
    missing = np.bincount(cell, np.isnan(value), minlength=len(index)).astype(np.int64)
    return pd.DataFrame(
        {"total": group_sums(value, cell, len(index)), "missing": missing}, index=index
    )

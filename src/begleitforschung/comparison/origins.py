"""What KPI values taken as published are called, and how large they are, in their source."""

from __future__ import annotations

import pandas as pd

from begleitforschung.results.kpi import KpiResult

_KEYS = ["unit", "year", "source_indicator"]


def with_origins(inputs: pd.DataFrame, result: KpiResult) -> pd.DataFrame:
    """Add to each figure the indicator and value that stand in its raw file.

    Parameters
    ----------
    inputs : pandas.DataFrame
        Figures with ``unit, year, indicator, value``; KPIs by their id.
    result : KpiResult
        The KPI values that were compared.

    Returns
    -------
    pandas.DataFrame
        With ``source_indicator``, ``source_value`` and ``factor`` (value = factor times source
        value); these are missing for values of a formula, which stand in no file.
    """
    fed = result.coverage[result.coverage["fed"]].set_index("kpi")
    taken = fed[fed["origin"] != "formula"]
    name = inputs["indicator"].astype("str")
    source = {kpi: result.recipes[kpi][0][0] for kpi in taken.index}
    own = ~name.isin(fed.index)
    found = inputs.assign(
        source_indicator=name.map(source).where(~own, name).astype("str"),
        factor=name.map(taken["factor"].astype("float64").to_dict()).where(~own, 1.0),
    )
    given = result.inputs.data[["unit", "year", "indicator", "value"]]
    given = given.astype({"unit": "str", "indicator": "str"})
    given = given.rename(columns={"indicator": "source_indicator", "value": "source_value"})
    return found.merge(given.drop_duplicates(_KEYS), on=_KEYS, how="left")

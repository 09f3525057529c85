"""Which part of a county's population lives in its funded municipalities."""

from __future__ import annotations

import pandas as pd

from begleitforschung.comparison.grouping import Grouping
from begleitforschung.errors import ComparisonError
from begleitforschung.regions.programme import county_status
from begleitforschung.tables import IndicatorTable


def county_shares(
    members: pd.DataFrame, population: str | IndicatorTable | None, groups: Grouping
) -> dict[str, float]:
    """Return the share of each county's population that lives in its funded municipalities.

    Parameters
    ----------
    members : pandas.DataFrame
        Column ``unit``, the counties, and ``apart``.
    population : IndicatorTable, str or None
        Inhabitants of all municipalities, one indicator; of several years the last one counts.
        Without a table shares are unknown.
    groups : Grouping
        Groups of the counties; shares belong to groups shown apart.

    Returns
    -------
    dict
        County to share between 0 and 1, for the counties shown apart.

    Raises
    ------
    ComparisonError
        If the table holds several indicators or no municipalities, or no group is shown apart.
    """
    if not isinstance(population, IndicatorTable):
        return {}
    if not groups.apart:
        raise ComparisonError("population= takes a table of municipalities for by='mpsc' only")
    if len(population.indicators) != 1 or "gemeinde" not in population.levels:
        raise ComparisonError(
            "population= takes a table with one indicator, the inhabitants of all municipalities: "
            "table.select(indicators=…, level='gemeinde')"
        )
    last = population.select(years=population.years[-1], level="gemeinde").data
    number = pd.Series(last["value"].to_numpy(), index=last["unit"].astype("str"))
    total = number.groupby(number.index.str[:5]).sum()
    status = county_status(members.loc[members["apart"], "unit"].unique())
    return {
        unit: float(number.reindex(keys.split(";")).sum(min_count=1) / total[unit])
        for unit, keys in zip(status["unit"], status["members"], strict=True)
        if unit in total.index
    }

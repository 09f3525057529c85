"""Which part of a county's population lives in its funded municipalities."""

from __future__ import annotations

import pandas as pd

from begleitforschung.comparison.grouping import Grouping
from begleitforschung.errors import ComparisonError
from begleitforschung.regions.programme import county_status
from begleitforschung.tables import IndicatorTable

_LEVEL = "gemeinde"


def municipalities(
    table: IndicatorTable, population: str | IndicatorTable | None, groups: Grouping
) -> pd.Series | None:
    """Return the inhabitants of the municipalities, of the last year that is known.

    Parameters
    ----------
    table : IndicatorTable
        The table compared, which may hold them.
    population : str, IndicatorTable or None
        Indicator of the table, or a table of one indicator.
    groups : Grouping
        Groups of the counties; shares are wanted where a group is shown apart.

    Returns
    -------
    pandas.Series or None
        Inhabitants, index ``unit``; ``None`` where they are not wanted or not known.

    Raises
    ------
    ComparisonError
        If a table is given that holds several indicators or no municipalities, or no group is
        shown apart.
    """
    if population is None or (isinstance(population, str) and not groups.apart):
        return None
    if isinstance(population, str):
        table = table.select(indicators=population)
        if _LEVEL not in table.levels:
            return None
    elif not groups.apart:
        raise ComparisonError("population= takes a table of municipalities for by='mpsc' only")
    else:
        table = population
        if len(table.indicators) != 1 or _LEVEL not in table.levels:
            raise ComparisonError(
                "population= takes a table with one indicator, the inhabitants of all "
                "municipalities: table.select(indicators=…, level='gemeinde')"
            )
    table = table.select(level=_LEVEL)
    last = table.select(years=table.years[-1]).data
    return pd.Series(last["value"].to_numpy(), index=last["unit"].astype("str"))


def county_shares(members: pd.DataFrame, inhabitants: pd.Series | None) -> dict[str, float]:
    """Return the share of each county's population that lives in its funded municipalities.

    Parameters
    ----------
    members : pandas.DataFrame
        Columns ``unit`` (counties) and ``apart``.
    inhabitants : pandas.Series or None
        Inhabitants of all municipalities, index ``unit``; without them shares are unknown.

    Returns
    -------
    dict
        County to share between 0 and 1, for the counties shown apart.
    """
    if inhabitants is None:
        return {}
    total = inhabitants.groupby(inhabitants.index.str[:5]).sum()
    status = county_status(members.loc[members["apart"], "unit"].unique())
    return {
        unit: float(inhabitants.reindex(keys.split(";")).sum(min_count=1) / total[unit])
        for unit, keys in zip(status["unit"], status["members"], strict=True)
        if unit in total.index
    }

"""Municipalities one by one, as the frame of a survey: Land, size class, residents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from begleitforschung.errors import AggregationError
from begleitforschung.regions.classification import classify
from begleitforschung.regions.codes import CodeList, code_list
from begleitforschung.regions.keys import bundesland_of, map_units

if TYPE_CHECKING:
    from begleitforschung.tables.table import IndicatorTable


def municipal_frame(
    table: IndicatorTable,
    *,
    smallest: int = 1,
    year: int | None = None,
    codelist: str = "groessenklasse_statistik",
    population: str = "population",
) -> pd.DataFrame:
    """Return the municipalities of a directory as the frame of a survey.

    Parameters
    ----------
    table : IndicatorTable
        Population of all municipalities, as the Gemeindeverzeichnis has it.
    smallest : int
        Residents from which a municipality belongs to the population of the survey. Those whose
        population is missing never do.
    year : int, optional
        Year; not needed if the population stands for one.
    codelist : str
        Code list of the size classes.
    population : str
        Indicator that holds the population.

    Returns
    -------
    pandas.DataFrame
        One row per municipality: ``unit``, ``bundesland`` and ``groessenklasse`` (categorical, in
        words, classes that occur), ``einwohner`` (float64). `begleitforschung.design` takes it as
        ``frame=``.

    Raises
    ------
    AggregationError
        If the table holds other units than municipalities, or several years and none is chosen.
    UnknownCodeError
        If the population, the year or the code list is unknown.

    Examples
    --------
    With a file of your own::

        municipal_frame(read_gemeindeverzeichnis("31122023_Auszug_GV.xlsx"), smallest=2000)
    """
    found = table.select(indicators=population, years=year)
    if len(found.levels) != 1 or found.levels[0] not in ("gemeinde", "gemeinde_ars"):
        raise AggregationError(
            f"a frame of municipalities needs a table of such; it holds: {', '.join(found.levels)}"
        )
    if len(found.years) != 1:
        years = ", ".join(map(str, found.years))
        raise AggregationError(f"a frame is of one date; choose: year=… (the table has {years})")
    people = found.data.loc[found.data["value"] >= smallest, ["unit", "value"]]
    people = people.reset_index(drop=True)
    sizes = code_list(codelist)
    return pd.DataFrame(
        {
            "unit": people["unit"].astype("str"),
            "bundesland": _worded(
                map_units(people["unit"], bundesland_of), code_list("bundeslaender")
            ),
            "groessenklasse": _worded(classify(people["value"], sizes), sizes),
            "einwohner": people["value"].astype("float64"),
        }
    )


def _worded(codes: pd.Series, listed: CodeList) -> pd.Series:
    """Return codes in words, in the order of their list; classes without a unit left out."""
    labels = listed.labels("de")
    kind = pd.CategoricalDtype(list(labels.values()), ordered=listed.ordered)
    worded = pd.Series(codes.astype("object").map(labels).astype(kind))
    return worded.cat.remove_unused_categories()

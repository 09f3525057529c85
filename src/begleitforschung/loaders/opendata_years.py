"""Years of open data tables: calendar years, school years, years with a word beside them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, bad_cells, merge

_YEAR = r"((?:19|20)\d\d)"
_PLAIN = re.compile(rf"(?:Berichtsjahr )?{_YEAR}")
_SCHOOL = re.compile(rf"{_YEAR}/(\d\d)")
_WORD = re.compile(rf"{_YEAR} ([A-Za-zÄÖÜäöüß]+)")


def years_of(
    cells: Cells, column: str
) -> tuple[NDArray[np.int16], pd.Categorical | None, list[Finding]]:
    """Read a column of years.

    Parameters
    ----------
    cells : Cells
        The table.
    column : str
        Its column of years.

    Returns
    -------
    years : numpy.ndarray of int16
        The year; of a school year (``2000/01``) the first one; 0 where there is none.
    words : pandas.Categorical or None
        What belongs into the code: ``|Schuljahr``, or the word beside the year
        (``2010 Wirtschaftsplan``, which is a plan and not a result). None if there is nothing.
    problems : list of Finding
        Cells that are no year.
    """
    given = cells.column(column)
    read = [_read(str(text)) for text in given.categories.tolist()]
    years = np.array([year for year, _ in read], np.int16)[given.codes]
    words = merge(given, [word for _, word in read])
    problems = bad_cells(
        cells,
        column,
        years == 0,
        rule="opendata.year",
        text=Text("kein Jahr", "not a year"),
        hint=Text("Jahr als 2024 oder 2024/25 angeben.", "Give the year as 2024 or 2024/25."),
    )
    return years, words if any(word for _, word in read) else None, problems


def _read(text: str) -> tuple[int, str]:
    if found := _PLAIN.fullmatch(text):
        return int(found[1]), ""
    if found := _SCHOOL.fullmatch(text):
        following = (int(found[1]) + 1) % 100 == int(found[2])
        return (int(found[1]), "|Schuljahr") if following else (0, "")
    if found := _WORD.fullmatch(text):
        return int(found[1]), f"|{found[2]}"
    return 0, ""

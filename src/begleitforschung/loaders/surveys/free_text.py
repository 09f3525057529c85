"""Free text told from answers to choose from, by cells alone and on the safe side."""

from __future__ import annotations

import re

import pandas as pd

from begleitforschung.loaders.surveys.export import Export
from begleitforschung.loaders.surveys.values import dates
from begleitforschung.loaders.surveys.words import clean, words

# More different answers, longer ones, or fewer cases for each, are no list of codes: rare
# answers are most likely free text, and free text must not stand in a codebook.
MOST_CODES, LONGEST_LABEL, CASES_PER_CODE = 25, 80, 3
NUMBER = re.compile(r"-?\d+([.,]\d+)?")


def filled_cells(export: Export, at: int) -> pd.Series:
    """Return the cells of a column that say something, cleaned.

    Parameters
    ----------
    export : Export
        The export.
    at : int
        Position of the column.

    Returns
    -------
    pandas.Series of str
        Without empty cells and marks of questions not shown.
    """
    cells = export.cells[at].dropna().map(clean)
    return cells[~cells.str.casefold().isin(words().empty | {""})]


def is_listed(cells: pd.Series) -> bool:
    """Say whether cells look like answers to choose from.

    Parameters
    ----------
    cells : pandas.Series of str
        What `filled_cells` returned.

    Returns
    -------
    bool
        True for at most 25 different answers of at most 80 characters with three cases each
        on average.
    """
    different = cells.nunique()
    return bool(
        0 < different <= MOST_CODES
        and cells.str.len().max() <= LONGEST_LABEL
        and len(cells) >= CASES_PER_CODE * different
    )


def is_free_text(cells: pd.Series) -> bool:
    """Say whether cells look like free text.

    Parameters
    ----------
    cells : pandas.Series of str
        What `filled_cells` returned.

    Returns
    -------
    bool
        True where they are neither a list of answers nor numbers nor dates.
    """
    different = cells.unique().tolist()
    if not different or is_listed(cells):
        return False
    numbers = all(NUMBER.fullmatch(cell) for cell in different)
    return not numbers and not all(dates(cell) is not None for cell in different)

"""What a reader of one format hands on: rows, meanings, remarks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, bad_cells
from begleitforschung.loaders.figures import Decimal
from begleitforschung.regions import check_keys
from begleitforschung.tables import Indicator

NUMBER_HINT = Text(
    "Zahl oder Zeichen der amtlichen Statistik (- . / x ...) eintragen.",
    "Give a number or a sign of official tables (- . / x ...).",
)
NO_NUMBER = Text("weder Zahl noch Zeichen", "neither a number nor a sign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Rows of a file in tidy columns, not validated yet.

    Parameters
    ----------
    tidy : pandas.DataFrame
        Columns ``unit, year, indicator, value, status, file, row`` and optionally ``date``.
    indicators : tuple of Indicator
        Meanings that the file itself states.
    title : str
        Title that the file itself states; empty if none.
    edition : str
        Edition that the file itself states; empty if none.
    consulted : str
        Edition of the list that decided codes or statuses, as part of the provenance.
    gebietsstand : str
        Territorial state that the file itself states; empty if none.
    publisher : str
        Entry of ``sources/publishers.yaml``, where the format is not that of one publisher.
    findings : tuple of Finding
        Remarks.
    problems : tuple of Finding
        What forbids to use the file.
    """

    tidy: pd.DataFrame
    indicators: tuple[Indicator, ...] = ()
    title: str = ""
    edition: str = ""
    consulted: str = ""
    gebietsstand: str = ""
    publisher: str = ""
    findings: tuple[Finding, ...] = ()
    problems: tuple[Finding, ...] = ()


def key_problems(cells: Cells, column: str, unit: pd.Categorical) -> list[Finding]:
    """Check the keys of a column and say where in the file malformed ones stand.

    Parameters
    ----------
    cells : Cells
        The table.
    column : str
        Name of the column in the file.
    unit : pandas.Categorical
        Its keys.

    Returns
    -------
    list of Finding
        One per different malformed key.
    """
    found = check_keys(unit.categories.tolist(), file=cells.file, column=column)
    placed = []
    for item in found:
        at = unit.categories.get_loc(item.value)
        rows = cells.rows[unit.codes == at]
        if rows.size:
            kept = rows_concerned(rows)
            placed.append(replace(item, row=kept[0], n=len(rows), rows=kept))
    return placed


def number_problems(cells: Cells, column: str, bad: NDArray[np.bool_]) -> list[Finding]:
    """Say where cells are neither number nor sign.

    Parameters
    ----------
    cells : Cells
        The table.
    column : str
        Name of the column.
    bad : numpy.ndarray of bool
        Rows concerned.

    Returns
    -------
    list of Finding
        At most one.
    """
    return bad_cells(
        cells, column, bad, rule="loader.not_a_number", text=NO_NUMBER, hint=NUMBER_HINT
    )


def decimal_signs(values: pd.Categorical) -> dict[Decimal, NDArray[np.bool_]]:
    """Say which cells hold a digit, a decimal sign and a digit.

    Parameters
    ----------
    values : pandas.Categorical
        Texts of numbers.

    Returns
    -------
    dict
        For comma and point: a mask over the cells, only where there is one.
    """
    texts = pd.Series(values.categories, dtype="str")
    signs: dict[Decimal, str] = {",": r"\d,\d", ".": r"\d\.\d"}
    masks = {sign: texts.str.contains(pattern).to_numpy(bool) for sign, pattern in signs.items()}
    return {sign: mask[values.codes] for sign, mask in masks.items() if mask.any()}


def mixed_decimals(
    cells: Cells, column: str, found: dict[Decimal, NDArray[np.bool_]]
) -> list[Finding]:
    """Return the finding of a column that mixes decimal comma and point; none if it does not.

    Parameters
    ----------
    cells : Cells
        The table.
    column : str
        Name of the column.
    found : dict
        What `decimal_signs` returned.

    Returns
    -------
    list of Finding
        At most one, at the rows of the rarer sign.
    """
    if len(found) < 2:
        return []
    return bad_cells(
        cells,
        column,
        min(found.values(), key=lambda mask: int(mask.sum())),
        rule="loader.mixed_decimals",
        text=Text(
            "Dezimalkomma und Dezimalpunkt gemischt", "decimal comma and decimal point are mixed"
        ),
        hint=Text(
            "Alle Zahlen einheitlich schreiben, ohne Tausendertrennzeichen.",
            "Write all numbers alike, without thousands separators.",
        ),
    )

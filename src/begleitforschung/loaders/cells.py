"""The cells of a table as text, with their rows in the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from begleitforschung.errors import Finding, SourceFileError, rows_concerned
from begleitforschung.language import Text


@dataclass(frozen=True, slots=True)
class Cells:
    """A table as it stands in a file.

    Parameters
    ----------
    frame : pandas.DataFrame
        One categorical of texts per column, without spaces around them; empty cells are empty
        text.
    rows : numpy.ndarray of int32
        Row in the file of each row of `frame`; the header is row 1.
    file : str
        Name of the file.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int32]
    file: str

    def column(self, name: str) -> pd.Categorical:
        """Return one column.

        Parameters
        ----------
        name : str
            Name of the column.

        Returns
        -------
        pandas.Categorical
            The texts.
        """
        return cast("pd.Categorical", self.frame[name].array)

    def where(self, mask: NDArray[np.bool_]) -> Cells:
        """Return the rows of a mask.

        Parameters
        ----------
        mask : numpy.ndarray of bool
            Rows to keep.

        Returns
        -------
        Cells
            Those rows.
        """
        return Cells(self.frame[mask].reset_index(drop=True), self.rows[mask], self.file)


def merge(given: pd.Categorical, texts: Sequence[str]) -> pd.Categorical:
    """Return a categorical whose categories are replaced; equal ones become one.

    Parameters
    ----------
    given : pandas.Categorical
        Cells.
    texts : sequence of str
        New text of each category.

    Returns
    -------
    pandas.Categorical
        The same cells with new texts.
    """
    if texts == given.categories.tolist():
        return given
    new = categorical(texts)
    return pd.Categorical.from_codes(new.codes[given.codes], dtype=new.dtype)


def categorical(texts: Sequence[str]) -> pd.Categorical:
    """Return texts as a categorical, its categories in order of appearance.

    Parameters
    ----------
    texts : sequence of str
        The texts.

    Returns
    -------
    pandas.Categorical
        The same texts.
    """
    codes, names = pd.factorize(np.asarray(texts, object))
    return pd.Categorical.from_codes(codes, categories=pd.Index(names, dtype="str"))


def under_each_other(columns: Sequence[pd.Categorical]) -> pd.Categorical:
    """Return the cells of several columns as one column.

    Parameters
    ----------
    columns : sequence of pandas.Categorical
        Columns of texts.

    Returns
    -------
    pandas.Categorical
        All cells, the first column first.
    """
    texts = [arrow_texts(column.categories) for column in columns]
    once = pa.concat_arrays(texts).dictionary_encode()
    offsets = np.cumsum([0, *map(len, texts[:-1])])
    codes = np.concatenate([c.codes + at for c, at in zip(columns, offsets, strict=True)])
    names = pd.Index(pd.array(once.dictionary, dtype="str"))
    return pd.Categorical.from_codes(once.indices.to_numpy()[codes], categories=names)


def arrow_texts(categories: pd.Index) -> pa.Array:
    """Return categories as an array of Arrow, whose functions work on all texts at once.

    Parameters
    ----------
    categories : pandas.Index
        Texts.

    Returns
    -------
    pyarrow.Array
        The same texts.
    """
    if categories.dtype != "str":
        return pa.array(categories.to_numpy(object), pa.large_string())
    found = pa.array(categories.array)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def read_rows(rows: Iterable[Sequence[object]], file: str) -> Cells:
    """Turn typed cells of a worksheet into texts.

    Parameters
    ----------
    rows : iterable of sequence
        All rows, the header first.
    file : str
        Name of the file.

    Returns
    -------
    Cells
        The rows below the header.

    Raises
    ------
    SourceFileError
        If names stand twice or no row is left.
    """
    texts = [[_text(cell) for cell in row] for row in rows]
    header = texts[0] if texts else []
    width = max((at + 1 for at, name in enumerate(header) if name), default=0)
    check_header(header[:width], file)
    stray = [at for at, row in enumerate(texts, start=1) if any(row[width:])]
    if stray:
        raise SourceFileError(
            f"{file}, row {stray[0]}: cells stand right of the last column of the header; move "
            "notes to another sheet"
        )
    body = [row[:width] for row in texts[1:]]
    columns = list(zip(*body, strict=True)) if body else [()] * width
    frame = pd.DataFrame(
        {name: categorical(cells) for name, cells in zip(header, columns, strict=False)}
    )
    return without_blank_rows(frame, 2, file)


def check_header(header: Sequence[str], file: str) -> None:
    """Check that column names are given and stand once.

    Parameters
    ----------
    header : sequence of str
        The names.
    file : str
        Name of the file.

    Raises
    ------
    SourceFileError
        If a name is empty or stands twice.
    """
    twice = [name for name in dict.fromkeys(header) if name and list(header).count(name) > 1]
    if twice or "" in header:
        what = f"columns stand twice: {', '.join(twice)}" if twice else "a column has no name"
        raise SourceFileError(f"{file}, row 1: {what}. Give each column one name of its own.")


def bad_cells(
    cells: Cells,
    column: str,
    bad: NDArray[np.bool_],
    *,
    rule: str,
    text: Text,
    hint: Text,
    values: pd.Categorical | None = None,
) -> list[Finding]:
    """Return the finding of unreadable cells of one column; none if there are none.

    Parameters
    ----------
    cells : Cells
        The table.
    column : str
        Name of the column.
    bad : numpy.ndarray of bool
        Rows concerned.
    rule : str
        Identifier of the rule.
    text, hint : Text
        What is wrong and what to do.
    values : pandas.Categorical, optional
        Values of the column, where they differ from those of the frame.

    Returns
    -------
    list of Finding
        At most one.
    """
    at = np.flatnonzero(bad)
    if not at.size:
        return []
    rows = cells.rows[at]
    shown = (cells.column(column) if values is None else values)[int(at[0])]
    return [
        Finding(
            rule=rule,
            severity="error",
            text=text,
            hint=hint,
            file=cells.file,
            row=int(rows[0]),
            column=column,
            value=str(shown),
            n=len(rows),
            rows=rows_concerned(rows),
        )
    ]


def without_blank_rows(frame: pd.DataFrame, first: int, file: str) -> Cells:
    """Leave out rows without any text.

    Parameters
    ----------
    frame : pandas.DataFrame
        Categoricals of texts.
    first : int
        Row in the file of the first row.
    file : str
        Name of the file.

    Returns
    -------
    Cells
        The rows that hold text.

    Raises
    ------
    SourceFileError
        If there is none.
    """
    rows = np.arange(first, first + len(frame), dtype=np.int32)
    blank = np.ones(len(frame), bool)
    for name in frame.columns:
        if not blank.any():
            break
        column = cast("pd.Categorical", frame[name].array)
        empty = np.asarray(column.categories == "", bool)
        blank &= empty[column.codes] if len(empty) else True
    if blank.all():
        raise SourceFileError(
            f"{file} holds a header but no rows; choose units and years and fetch it again"
        )
    cells = Cells(frame, rows, file)
    return cells.where(~blank) if blank.any() else cells


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell).strip()

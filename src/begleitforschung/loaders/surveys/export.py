"""A survey export as text cells, before the codebook says what they mean."""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pydantic
from numpy.typing import NDArray

from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.surveys.words import Meaning, clean, words
from begleitforschung.surveys import Codebook
from begleitforschung.surveys.codebook import plain_code

# "q3[4]. Wording [Option]", "q3[4]", "q3_4"; without wording only where the code stands alone.
_CODED = re.compile(r"(?P<code>[A-Za-z]\w*)(?P<subs>(?:\[[^\[\]]*\])*)(?:\.\s+(?P<wording>.*))?")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export.

    Parameters
    ----------
    heading : str
        As it stands in the file.
    name : str
        Its name as in `Survey.responses`: ``q1``, ``q3_4``; empty where only a wording stands.
    wording : str
        Wording of the question, with row or option in ``[…]``; empty if the file has none.
    """

    heading: str
    name: str
    wording: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A survey export as text.

    Parameters
    ----------
    format : str
        Identifier of the format, e.g. ``limesurvey_csv``.
    file : str
        Name of the file.
    columns : tuple of Column
        The columns.
    cells : pandas.DataFrame
        Text of each cell by position of the column; missing where the cell is empty.
    rows : numpy.ndarray of int
        Row of each case as in the file.
    codebook : Codebook, optional
        What the export itself tells of the questions.
    not_shown : pandas.DataFrame of bool, optional
        Cells of questions that the software did not show.
    findings : tuple of Finding
        What was remarked.
    """

    format: str
    file: str
    columns: tuple[Column, ...]
    cells: pd.DataFrame = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)
    codebook: Codebook | None = None
    not_shown: pd.DataFrame | None = field(default=None, repr=False)
    findings: tuple[Finding, ...] = ()

    def meaning(self, at: int) -> Meaning | None:
        """Return what the paradata of a column mean.

        Parameters
        ----------
        at : int
            Position of the column.

        Returns
        -------
        str or None
            ``None`` if it is a question.
        """
        column = self.columns[at]
        return words().meaning(column.heading) or words().meaning(column.wording or column.name)


def column_of(heading: str) -> Column:
    """Take a heading apart into code and wording.

    Parameters
    ----------
    heading : str
        E.g. ``q3[4]. Which sources? [Own means]``, ``q3[4]``, ``q3_4`` or a wording.

    Returns
    -------
    Column
        Without a name if the heading is a wording only.

    Examples
    --------
    >>> column_of("q3[-oth-]. Which? [Other]").name
    'q3_oth'
    """
    text = clean(heading)
    found = _CODED.fullmatch(text)
    if found is None:
        return Column(heading, "", text)
    subs = re.findall(r"\[([^\[\]]*)\]", found["subs"])
    name = "_".join([found["code"], *(plain_code(sub) for sub in subs if plain_code(sub))])
    return Column(heading, name, found["wording"] or "")


def read_text(data: bytes, file: str, delimiter: str | None = None) -> list[list[str]]:
    """Read the records of a delimited text, quoted line breaks included.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    file : str
        Name of the file, for messages.
    delimiter : str, optional
        Separator; by default the one that the first record has most of.

    Returns
    -------
    list of list of str
        All records, blank ones left out.

    Raises
    ------
    SourceFileError
        If a quote is not closed or there is no record.
    """
    text = data.decode("utf-8-sig")
    sign = delimiter or delimiter_of(text)
    csv.field_size_limit(1 << 24)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=sign))
    except csv.Error as error:
        raise SourceFileError(f"{file} can't be read as delimited text: {error}") from None
    kept = [record for record in records if any(cell.strip() for cell in record)]
    if not kept:
        raise SourceFileError(f"{file} holds no record; export it again")
    return kept


def delimiter_of(text: str) -> str:
    """Return what separates the cells of a text.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        Tab, semicolon or comma, whichever stands most often outside quotes in the first record.
    """
    first = re.sub(r'"[^"]*"', "", text[: 1 << 20]).partition("\n")[0]
    return max("\t;,", key=first.count)


def table_of(
    records: Sequence[Sequence[str]], width: int, file: str, *, header_rows: int
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return records as cells by position, and their rows in the file.

    Parameters
    ----------
    records : sequence of sequence of str
        The records below the headings.
    width : int
        Number of columns.
    file : str
        Name of the file, for messages.
    header_rows : int
        Number of records above.

    Returns
    -------
    cells : pandas.DataFrame of str
        Missing where a cell is empty.
    rows : numpy.ndarray of int
        Rows, the first heading is row 1.

    Raises
    ------
    SourceFileError
        If a record has more or fewer cells than there are headings.
    """
    rows = np.arange(len(records), dtype=np.int64) + header_rows + 1
    wrong = [int(row) for row, record in zip(rows, records, strict=True) if len(record) != width]
    if wrong:
        raise SourceFileError(
            f"{file}, row {wrong[0]}: {len(records[wrong[0] - header_rows - 1])} cells instead of "
            f"{width} ({len(wrong)} such rows). Is there an unquoted delimiter in a text? Export "
            "the file again and don't save it by a spreadsheet program."
        )
    cells = pd.DataFrame(records, columns=range(width), dtype="str")
    return cells.mask(cells == ""), rows


@contextmanager
def told_if_damaged(file: str) -> Iterator[None]:
    """Say that a file is damaged where its content breaks what every such file has.

    Parameters
    ----------
    file : str
        Name of the file.

    Yields
    ------
    None

    Raises
    ------
    SourceFileError
        Instead of the errors of text, number and entry that damaged content raises.
    """
    try:
        yield
    except (ValueError, KeyError, zlib.error) as error:
        what = type(error).__name__ if isinstance(error, pydantic.ValidationError) else str(error)
        raise SourceFileError(
            f"{file} is damaged, or was changed by another program ({what}); export it again"
        ) from None


def unverified(format_id: str, file: str) -> Finding:
    """Return the remark that a format was read by its description only.

    Parameters
    ----------
    format_id : str
        Identifier of the format.
    file : str
        Name of the file.

    Returns
    -------
    Finding
        An information.
    """
    return Finding(
        rule="survey.unverified_format",
        severity="info",
        text=Text(
            f"Format {format_id} ist nur nach seiner Beschreibung umgesetzt, nie an einem echten "
            "Export geprüft",
            f"format {format_id} is built from its description and was never checked on a real "
            "export",
        ),
        hint=Text(
            "Einige Fälle mit der Befragungssoftware vergleichen.",
            "Compare some cases with the survey software.",
        ),
        file=file,
    )

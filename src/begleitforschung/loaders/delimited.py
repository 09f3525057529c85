"""Rows of delimited text, read by Arrow; damaged rows are all named."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import islice

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from begleitforschung.errors import Finding, SourceFileError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, check_header, without_blank_rows
from begleitforschung.loaders.files import RawFile
from begleitforschung.loaders.quotes import check_quotes

_HEAD_BYTES = 1 << 18
_BLOCK_BYTES = 1 << 24


def header_of(raw: RawFile, delimiter: str, *, rows: int = 1) -> list[list[str]]:
    """Return the first rows of a text file as cells.

    Parameters
    ----------
    raw : RawFile
        A text file.
    delimiter : str
        Column separator.
    rows : int
        Number of rows.

    Returns
    -------
    list of list of str
        Cells without spaces around them.
    """
    text = raw.data[:_HEAD_BYTES].decode("utf-8", errors="ignore")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [[cell.strip() for cell in row] for row in islice(reader, rows)]
    except csv.Error:  # no text that a table could have
        return []


def read_text(raw: RawFile, delimiter: str, *, header: Sequence[str], skip: int = 1) -> Cells:
    """Read the rows below the header of a text file.

    Parameters
    ----------
    raw : RawFile
        A text file.
    delimiter : str
        Column separator.
    header : sequence of str
        Names of the columns, all different.
    skip : int
        Number of header rows.

    Returns
    -------
    Cells
        The rows; rows without any text are left out.

    Raises
    ------
    SourceFileError
        If names stand twice, a row has more or fewer cells than the header, something stands behind
        a closing quote, or no row is left.
    """
    check_header(header, raw.name)
    check_quotes(raw, delimiter)
    damaged: list[tuple[int, int]] = []

    def note(row: pacsv.InvalidRow) -> str:
        damaged.append((int(row.number), int(row.actual_columns)))
        return "skip"

    content = raw.data if raw.data.endswith((b"\n", b"\r")) else raw.data + b"\n"
    try:
        table = pacsv.read_csv(
            io.BytesIO(content),
            pacsv.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, column_names=header, skip_rows=skip
            ),
            pacsv.ParseOptions(
                delimiter=delimiter,
                ignore_empty_lines=False,
                invalid_row_handler=note,
                newlines_in_values=b'"' in content,
            ),
            pacsv.ConvertOptions(
                column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in header},
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise SourceFileError(f"{raw.name} can't be read as CSV: {error}") from None
    if damaged:
        raise _width_error(raw, damaged, len(header), last=skip + table.num_rows + len(damaged))
    return without_blank_rows(_frame(table), skip + 1, raw.name)


def _frame(table: pa.Table) -> pd.DataFrame:
    united = table.unify_dictionaries()
    columns = {}
    for name in united.column_names:
        chunks = united.column(name).combine_chunks()
        part = chunks.chunk(0) if isinstance(chunks, pa.ChunkedArray) else chunks
        columns[name] = _trimmed(part)
    return pd.DataFrame(columns)


def _trimmed(cells: pa.DictionaryArray) -> pd.Categorical:
    """Return cells without spaces around their texts; texts that become equal are one."""
    codes = cells.indices.to_numpy(zero_copy_only=False)
    bare = pc.utf8_trim_whitespace(cells.dictionary)
    if not bare.equals(cells.dictionary):
        once = bare.dictionary_encode()
        bare, codes = once.dictionary, once.indices.to_numpy()[codes]
    names = pd.Index(pd.array(bare, dtype="str"))
    return pd.Categorical.from_codes(codes, categories=names, validate=False)


def _width_error(
    raw: RawFile, damaged: list[tuple[int, int]], width: int, *, last: int
) -> SourceFileError:
    """Say which rows have how many cells; a cut last line is told apart."""
    cut = not raw.data.endswith((b"\n", b"\r"))
    by_size: dict[int, list[int]] = {}
    for row, found in damaged:
        shortened = cut and row == last and found < width
        by_size.setdefault(0 if shortened else found, []).append(row)
    findings = width_findings(raw.name, by_size, width)
    return SourceFileError(f"{raw.name} has damaged rows ({len(damaged)}):", findings=findings)


def width_findings(file: str, rows: Mapping[int, Sequence[int]], width: int) -> list[Finding]:
    """Return the findings of rows with a wrong number of cells.

    Parameters
    ----------
    file : str
        Name of the file.
    rows : mapping of int to sequence of int
        Number of cells to the rows that have it; 0 for a last line that is cut off.
    width : int
        Number of cells of the header.

    Returns
    -------
    list of Finding
        One per number of cells.
    """
    return [
        Finding(
            rule="loader.cells_per_row",
            severity="error",
            text=_CUT if not found else _width_text(found, width),
            hint=_FETCH if not found else _QUOTE,
            file=file,
            row=at[0],
            n=len(at),
            rows=rows_concerned(at),
        )
        for found, at in rows.items()
    ]


def _width_text(found: int, width: int) -> Text:
    return Text(f"{found} Zellen statt {width}", f"{found} cells instead of {width}")


_CUT = Text("letzte Zeile ist abgeschnitten", "the last line is cut off")
_FETCH = Text("Datei erneut von der Quelle holen.", "Fetch the file again from its source.")
_QUOTE = Text(
    "Texte mit Trennzeichen oder Zeilenumbruch in Anführungszeichen setzen, offene "
    "Anführungszeichen schließen; sind alle Zeilen betroffen, haben Kopf und Zeilen verschiedene "
    "Trennzeichen.",
    "Put texts that hold a delimiter or line break into quotes and close open quotes; if all rows "
    "are concerned, the delimiters of header and rows differ.",
)

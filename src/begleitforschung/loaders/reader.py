"""What a format is to the loaders: how it is told and how it is read."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.delimited import header_of
from begleitforschung.loaders.figures import Decimal
from begleitforschung.loaders.files import RawFile, known_formats
from begleitforschung.loaders.layout import Layout
from begleitforschung.loaders.loaded import Loaded
from begleitforschung.loaders.worksheets import workbook

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "vertical bar"}
_HEAD_BYTES = 1 << 16
_HEAD_LINES = 60


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file was recognised as.

    Parameters
    ----------
    format : str
        Identifier of the reader.
    header : tuple of str
        Names of the columns.
    delimiter : str
        Column separator of text files; empty for others.
    sheet : str
        Worksheet of XLSX files; empty for others.
    """

    format: str
    header: tuple[str, ...]
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A raw file and its beginning, taken apart once for all readers.

    Parameters
    ----------
    raw : RawFile
        The file.
    headers : mapping of str to tuple of str
        Cells of the first row: by delimiter (text), by name of the sheet (XLSX) or under ``""``
        (Parquet).
    lines : tuple of str
        First 60 lines of a text file, without line ends.
    sheets : mapping of str to CalamineSheet
        Worksheets of an XLSX file, parsed; only the one asked for, if one was.
    """

    raw: RawFile
    headers: Mapping[str, tuple[str, ...]]
    lines: tuple[str, ...] = ()
    sheets: Mapping[str, CalamineSheet] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller of `read_indicators` said; each reader takes what concerns it.

    Parameters
    ----------
    decimal : {",", "."}, optional
        Decimal sign of a tidy text file.
    districts : bool
        Keep districts and cities beside their county.
    bereich : str, optional
        The only Bereich of an INKAR long CSV.
    unit : str, optional
        Unit that a file is about which names none.
    layout : Layout, optional
        What describes a file of no known format.
    """

    decimal: Decimal | None = None
    districts: bool = False
    bereich: str | None = None
    unit: str | None = None
    layout: Layout | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One format.

    Parameters
    ----------
    id : str
        Identifier; label and header stand under it in ``sources/formats.yaml``.
    source : str
        What `read_indicators` calls it by, usually the publisher.
    recognise : callable
        From a `Head` to `Recognised`, or None if the file is something else. It may raise
        `SourceFileError` for a file that is this format, but damaged.
    read : callable
        From `Head`, `Recognised` and `Options` to `Loaded`.
    publisher : str
        Entry of ``sources/publishers.yaml`` for files without a sidecar; empty if a file of this
        format may come from anyone.
    """

    id: str
    source: str
    recognise: Callable[[Head], Recognised | None]
    read: Callable[[Head, Recognised, Options], Loaded]
    publisher: str = ""


def by_columns(format_id: str) -> Callable[[Head], Recognised | None]:
    """Return what recognises a text file by the columns of its first row.

    Parameters
    ----------
    format_id : str
        Entry of ``sources/formats.yaml`` that lists them.

    Returns
    -------
    callable
        From a `Head` to `Recognised` or None.

    Raises
    ------
    SourceFileError
        By the callable, if the columns are there, but separated by another sign.
    """

    def recognise(head: Head) -> Recognised | None:
        if head.raw.kind != "text":
            return None
        item = known_formats().format(format_id)
        for sign, header in head.headers.items():
            if not set(item.columns) <= set(header):
                continue
            if sign not in item.delimiters:
                wanted = " or ".join(DELIMITERS[known] for known in item.delimiters)
                raise SourceFileError(
                    f"{head.raw.name}, row 1: columns are separated by {DELIMITERS[sign]}, but "
                    f"a {item.label} separates them by {wanted}. Use the file as delivered, "
                    "or save it with that delimiter."
                )
            return Recognised(format_id, header, delimiter=sign)
        return None

    return recognise


def head_of(raw: RawFile, *, sheet: str | None = None) -> Head:
    """Take the beginning of a file apart.

    Parameters
    ----------
    raw : RawFile
        The file.
    sheet : str, optional
        The only worksheet to look at.

    Returns
    -------
    Head
        The beginning.

    Raises
    ------
    SourceFileError
        If the file is damaged or has no such sheet.
    """
    if raw.kind == "text":
        headers = {sign: tuple((header_of(raw, sign) or [[]])[0]) for sign in DELIMITERS}
        text = raw.data[:_HEAD_BYTES].decode("utf-8", errors="ignore")
        return Head(raw=raw, headers=headers, lines=tuple(text.splitlines()[:_HEAD_LINES]))
    if raw.kind == "parquet":
        return Head(raw=raw, headers={"": _parquet_header(raw)})
    sheets = _sheets(raw, sheet)
    return Head(raw=raw, headers={n: _first_row(s) for n, s in sheets.items()}, sheets=sheets)


def _sheets(raw: RawFile, sheet: str | None) -> dict[str, CalamineSheet]:
    with workbook(raw.data, raw.name) as book:
        if sheet is not None and sheet not in book.sheet_names:
            raise SourceFileError(
                f"{raw.name} has no sheet {sheet!r}; it has: {', '.join(book.sheet_names)}"
            )
        names = [sheet] if sheet is not None else book.sheet_names
        return {name: book.get_sheet_by_name(name) for name in names}


def _first_row(sheet: CalamineSheet) -> tuple[str, ...]:
    rows = sheet.to_python(skip_empty_area=False, nrows=1)
    return tuple(str(cell).strip() for cell in rows[0]) if rows else ()


def _parquet_header(raw: RawFile) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(io.BytesIO(raw.data)).names)
    except pa.ArrowException as error:
        raise SourceFileError(f"{raw.name} is a damaged Parquet file: {error}") from None

"""Which format a file has, told by its content."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import cast

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.delimited import header_of
from begleitforschung.loaders.files import RawFile, known_formats
from begleitforschung.loaders.sidecar import Format

SOURCES: dict[str, Format] = {
    "inkar": "inkar_wide",
    "genesis": "genesis_ffcsv",
    "tidy": "tidy",
}
_DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "vertical bar"}
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file was recognised as.

    Parameters
    ----------
    format : {"tidy", "inkar_wide", "genesis_ffcsv"}
        The format.
    header : tuple of str
        Names of the columns.
    delimiter : str
        Column separator of text files; empty for others.
    sheet : str
        Worksheet of XLSX files; empty for others.
    """

    format: Format
    header: tuple[str, ...]
    delimiter: str = ""
    sheet: str = ""


def recognise(
    raw: RawFile, *, forced: Format | None = None, sheet: str | None = None, secret: bool = False
) -> Recognised:
    """Say which format a file has.

    Parameters
    ----------
    raw : RawFile
        The file.
    forced : {"tidy", "inkar_wide", "genesis_ffcsv"}, optional
        The only format to accept.
    sheet : str, optional
        Worksheet of an XLSX file; else the one that fits.
    secret : bool
        Whether the file is confidential, so that its first row is not shown.

    Returns
    -------
    Recognised
        The format and the header.

    Raises
    ------
    SourceFileError
        If no format fits; says what was seen, which formats are known and what to do.
    """
    if raw.kind == "text":
        return _text(raw, forced, secret)
    headers = _sheets(raw, sheet) if raw.kind == "xlsx" else {"": _parquet_header(raw)}
    fitting = {name: header for name, header in headers.items() if _fits(header, "tidy")}
    if forced in (None, "tidy") and len(fitting) == 1:
        name, header = next(iter(fitting.items()))
        return Recognised("tidy", header, sheet=name)
    if len(fitting) > 1:
        raise SourceFileError(
            f"{raw.name} has several sheets with a tidy table: {', '.join(fitting)}. "
            "Say which: sheet=…"
        )
    seen = {name: header for name, header in headers.items() if header}
    words = "; ".join(
        f"{'sheet ' + repr(name) if name else 'columns'}: {_listed(header, secret)}"
        for name, header in seen.items()
    )
    raise _unknown(raw, words or "empty sheets", forced, next(iter(seen.values()), ()))


def _text(raw: RawFile, forced: Format | None, secret: bool) -> Recognised:
    headers = {sign: tuple((header_of(raw, sign) or [[]])[0]) for sign in _DELIMITERS}
    for item in known_formats().formats:
        for sign, header in headers.items():
            if forced in (None, item.id) and set(item.columns) <= set(header):
                if sign not in item.delimiters:
                    wanted = " or ".join(_DELIMITERS[known] for known in item.delimiters)
                    raise SourceFileError(
                        f"{raw.name}, row 1: columns are separated by {_DELIMITERS[sign]}, but "
                        f"a {item.label} separates them by {wanted}. Use the file as delivered, "
                        "or save it with that delimiter."
                    )
                return Recognised(cast("Format", item.id), header, delimiter=sign)
    head = raw.data[:200].decode("utf-8", errors="ignore")
    for known in known_formats().unread:
        if head.lstrip('"').startswith(known.start):
            raise SourceFileError(
                f"{raw.name} is a {known.label}, which is not read. {known.remedy.en}"
            )
    sign, header = max(headers.items(), key=lambda item: len(item[1]))
    words = f"columns separated by {_DELIMITERS[sign]}: {_listed(header, secret)}"
    raise _unknown(raw, words, forced, header)


def _fits(header: Iterable[str], name: str) -> bool:
    wanted = next(item.columns for item in known_formats().formats if item.id == name)
    return set(wanted) <= set(header)


def _sheets(raw: RawFile, sheet: str | None) -> dict[str, tuple[str, ...]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw.data))
        if sheet is not None and sheet not in book.sheet_names:
            raise SourceFileError(
                f"{raw.name} has no sheet {sheet!r}; it has: {', '.join(book.sheet_names)}"
            )
        names = [sheet] if sheet is not None else book.sheet_names
        heads = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=1)
            for name in names
        }
    except CalamineError as error:
        raise SourceFileError(f"{raw.name} is a damaged XLSX file: {error}") from None
    return {
        name: tuple(str(c).strip() for c in rows[0]) if rows else () for name, rows in heads.items()
    }


def _parquet_header(raw: RawFile) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(io.BytesIO(raw.data)).names)
    except pa.ArrowException as error:
        raise SourceFileError(f"{raw.name} is a damaged Parquet file: {error}") from None


def _listed(header: Sequence[str], secret: bool) -> str:
    if secret:
        return f"{len(header)} columns (not shown, the file is confidential)"
    shown = [name[:40] or "(empty)" for name in header[:_SHOWN]]
    return ", ".join(shown) + (", …" if len(header) > _SHOWN else "")


def _unknown(
    raw: RawFile, seen: str, forced: Format | None, header: Sequence[str]
) -> SourceFileError:
    tidy = next(item.columns for item in known_formats().formats if item.id == "tidy")
    missing = [name for name in tidy if name not in header]
    near = {name: get_close_matches(name, header, n=1, cutoff=0.7) for name in missing}
    tip = ""
    if len(missing) < len(tidy):
        tip = f" For a tidy table it lacks: {', '.join(missing)}."
        tip += "".join(
            f" Is {found[0]!r} meant as {name!r}?" for name, found in near.items() if found
        )
    asked = (
        f"is not in the format {forced!r} that was asked for" if forced else "has no known format"
    )
    return SourceFileError(
        f"{raw.name} {asked}. Seen in row 1: {seen}.{tip} Known formats:\n"
        f"{known_formats().listed()}\nExport the table in one of these, or put a DataFrame into "
        "begleitforschung.indicators(…)."
    )

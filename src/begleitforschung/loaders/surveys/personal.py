"""Personal data in survey exports: which columns hold them, and how they are deleted."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.files import open_raw
from begleitforschung.loaders.sidecar import sidecar_path
from begleitforschung.loaders.surveys.codebooks import load_codebook
from begleitforschung.loaders.surveys.drafting import draft_codebook
from begleitforschung.loaders.surveys.export import Export
from begleitforschung.loaders.surveys.matching import Matched, match, short_heading
from begleitforschung.loaders.surveys.opening import open_export
from begleitforschung.loaders.surveys.purging import (
    write_statistics_without,
    write_text_without,
    write_workbook_without,
)
from begleitforschung.loaders.surveys.reading import content_sha256
from begleitforschung.loaders.surveys.values import without_text
from begleitforschung.provenance import file_sha256
from begleitforschung.surveys import Codebook

RECORD_SUFFIX = ".purged.json"
_XLSX = b"PK"  # older workbooks may be called so too
COLUMNS = ("file", "position", "column", "filled", "cases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What was deleted from an export.

    Parameters
    ----------
    path : pathlib.Path
        The file, now without personal columns.
    columns : tuple of str
        The columns that were deleted.
    content_sha256 : str
        Checksum of what is left, which stands in the provenance of every result.
    record : pathlib.Path
        File that says what was deleted when.
    """

    path: Path
    columns: tuple[str, ...]
    content_sha256: str
    record: Path


def list_personal(
    path: str | os.PathLike[str],
    *,
    codebook: Codebook | str | os.PathLike[str] | None = None,
    unit: str | None = None,
    land: str | None = None,
    encoding: str = "utf-8",
) -> pd.DataFrame:
    """List the columns of an export that hold personal data; never their values.

    Parameters
    ----------
    path : str or path
        The export.
    codebook : Codebook or path, optional
        Its codebook, as for `read_survey`.
    unit, land : str, optional
        Columns with municipality and Bundesland, as for `read_survey`; they are kept.
    encoding : str
        Encoding of a text file.

    Returns
    -------
    pandas.DataFrame
        One row for each column: ``file``, ``position`` (from 1), ``column``, ``filled`` (cells
        that are not empty) and ``cases``.

    Raises
    ------
    SourceFileError, CatalogueError
        If export or codebook can't be read.
    """
    export, matched = _matched(Path(path), codebook, encoding, unit, land)
    rows = [
        (
            *(export.file, at + 1, short_heading(export, at)),
            *(int(export.cells[at].notna().sum()), len(export.rows)),
        )
        for at in (*matched.personal, *_texts(export, matched))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def purge_personal(
    path: str | os.PathLike[str],
    *,
    codebook: Codebook | str | os.PathLike[str] | None = None,
    unit: str | None = None,
    land: str | None = None,
    encoding: str = "utf-8",
) -> Purged:
    """Delete the personal columns of an export from its file, for good.

    Of the field for "other" in a multiple choice the text is deleted and the mention kept.
    Results stay verifiable: what is left has the checksum that their provenance names. A record
    ``<file>.purged.json`` says which columns were deleted when, and the checksum in the sidecar
    is renewed. Copies and backups elsewhere are yours to delete.

    Parameters
    ----------
    path : str or path
        The export: CSV or another text file, XLSX with one sheet, SPSS or Stata file. Of a
        workbook values and formats are kept, no comments, links and properties; of SPSS and Stata
        files labels, formats and declared missings, no notes.
    codebook : Codebook or path, optional
        Its codebook, as for `read_survey`; give the same one.
    unit, land : str, optional
        Columns with municipality and Bundesland, as for `read_survey`; they are kept.
    encoding : str
        Encoding of a text file; it is written as UTF-8.

    Returns
    -------
    Purged
        What was deleted.

    Raises
    ------
    SourceFileError
        If the file can't be read or written anew without a loss of answers, is of another kind,
        or holds nothing personal. It is unchanged then.
    CatalogueError
        If the codebook has problems.
    """
    file = Path(path)
    export, matched = _matched(file, codebook, encoding, unit, land)
    concerned = (*matched.personal, *_texts(export, matched))
    if not concerned:
        raise SourceFileError(f"{file.name} holds no personal column; nothing was deleted")
    if export.file != file.name:
        raise SourceFileError(f"{export.file} holds the answers; name that file")
    before = file_sha256(file)
    digest = content_sha256(export, matched.personal, matched.mentions)
    fresh = file.with_name(f"{file.stem}.neu{file.suffix}")
    if fresh.exists():
        raise SourceFileError(f"{fresh.name} is in the way; delete or rename it")
    try:
        _write(file, fresh, export, matched, encoding)
        if content_sha256(open_export(fresh), ()) != digest:
            raise SourceFileError(f"{file.name} would not stay the same; nothing was deleted")
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    _renew_sidecar(file, before)
    columns = tuple(short_heading(export, at) for at in concerned)
    return Purged(
        path=file,
        columns=columns,
        content_sha256=digest,
        record=_record(file, columns, digest),
    )


def _matched(
    path: Path,
    codebook: Codebook | str | os.PathLike[str] | None,
    encoding: str,
    unit: str | None,
    land: str | None,
) -> tuple[Export, Matched]:
    export = open_export(path, encoding=encoding)
    if isinstance(codebook, Codebook):
        book = codebook
    elif codebook is not None:
        book = load_codebook(codebook)
    else:
        book = export.codebook or draft_codebook(export)
    return export, match(export, book, unit=unit, land=land)


def _texts(export: Export, matched: Matched) -> tuple[int, ...]:
    """Columns of "other" that still hold text."""
    cells = {at: export.cells[at].dropna().unique() for at in matched.mentions}
    return tuple(
        at for at, found in cells.items() if any(without_text(text) != text for text in found)
    )


def _write(file: Path, fresh: Path, export: Export, matched: Matched, encoding: str) -> None:
    """Write the file without what is personal, by its kind."""
    out, short = set(matched.personal), set(matched.mentions)
    if export.format in ("spss", "stata"):
        write_statistics_without(file, fresh, out, short)
        return
    raw = open_raw(file, encoding=encoding)
    if raw.kind == "text":
        write_text_without(raw.data, fresh, out, short, cases=len(export.rows))
    elif raw.kind == "xlsx" and file.suffix.lower() == ".xlsx" and raw.data.startswith(_XLSX):
        write_workbook_without(raw.data, fresh, out, short, width=len(export.columns))
    else:
        raise SourceFileError(
            f"{file.name} is no CSV, XLSX, SPSS or Stata file; export the survey as one of these "
            "without its personal columns, then delete it"
        )


def _renew_sidecar(file: Path, before: str) -> None:
    beside = sidecar_path(file)
    if beside.is_file():
        text = beside.read_text(encoding="utf-8").replace(before, file_sha256(file))
        beside.write_text(text, encoding="utf-8", newline="\n")


def _record(file: Path, columns: Sequence[str], digest: str) -> Path:
    path = file.with_name(file.name + RECORD_SUFFIX)
    content = {
        "file": file.name,
        "deleted": list(columns),
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "content_sha256": digest,
    }
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path

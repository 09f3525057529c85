"""`write_indicators`: a table as tidy CSV, XLSX or Parquet with its description, all or nothing."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.processed import dump_meta, meta_path
from begleitforschung.loaders.sidecar import (
    UNKNOWN_PUBLISHER,
    Sidecar,
    SidecarSource,
    dump_sidecar,
    read_sidecar,
    sidecar_path,
)
from begleitforschung.loaders.tidy import OPTIONAL, REQUIRED
from begleitforschung.provenance import Source, hidden_columns, with_changes
from begleitforschung.tables import IndicatorTable, as_table

_XLSX_ROWS = 1_048_575
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def write_indicators(
    table: IndicatorTable | pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    source: Source | None = None,
) -> Path:
    """Write a table in the tidy layout, with its description beside it.

    The suffix chooses the format. ``.csv`` (UTF-8, comma, decimal point) and ``.xlsx`` get the
    sidecar ``<file>.meta.yaml``. ``.parquet`` keeps file and row of each figure and gets
    ``<name>.meta.json`` with the whole provenance, which `read_indicators` gives back. Both
    files are written aside and then put in place, so that nothing partial is left behind;
    an earlier state of the same table is replaced. Equal tables give equal bytes.

    Parameters
    ----------
    table : IndicatorTable or pandas.DataFrame
        Figures.
    path : str or path
        File to write, ``.csv``, ``.xlsx`` or ``.parquet``, in an existing folder.
    source : Source, optional
        What the sidecar of a CSV or XLSX file says; else it is put together from the sources
        of the table, the operations on them standing under ``changes``.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    SourceFileError
        If the suffix is unknown, the folder is missing or not writable, the table has more rows
        than a worksheet, or another file stands there.
    ValidationError
        If a DataFrame can't be read as a table.
    """
    figures, file = as_table(table), Path(path)
    suffix = file.suffix.lower()
    if suffix not in (".csv", ".xlsx", ".parquet"):
        raise SourceFileError(f"{file.name}: write .csv, .xlsx or .parquet, not {suffix!r}")
    if suffix == ".parquet":
        content = _parquet(figures)
        beside = meta_path(file), dump_meta(figures, hashlib.sha256(content).hexdigest())
    else:
        content = _csv(figures) if suffix == ".csv" else _xlsx(figures, file.name)
        sidecar = _sidecar(figures, source, hashlib.sha256(content).hexdigest())
        beside = sidecar_path(file), dump_sidecar(sidecar)
    _spare_raw(file, beside[0], figures if source is None else source)
    put_files(((file, content), beside))
    return file


def _spare_raw(file: Path, beside: Path, written: IndicatorTable | Source) -> None:
    """Refuse to write over a file that is not an earlier state of the same table."""
    if not file.exists():
        return
    old = read_sidecar(file) if beside == sidecar_path(file) else None
    new = _origin(written) if isinstance(written, IndicatorTable) else written
    same = old is None or (old.source.publisher, old.source.title) == (new.publisher, new.title)
    if not beside.exists() or not same:
        raise SourceFileError(
            f"{file.name} exists and is not an earlier state of this table; raw files are never "
            "overwritten. Choose another name, or remove the file first."
        )


def _columns(table: IndicatorTable) -> list[str]:
    return [name for name in (*REQUIRED, *OPTIONAL) if name in table.data]


def _csv(table: IndicatorTable) -> bytes:
    import pyarrow as pa
    import pyarrow.csv as pacsv

    names = _columns(table)
    columns = pa.Table.from_pandas(table.data[names], preserve_index=False)
    for at, name in enumerate(names):
        column = columns.column(name)
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.date32())
        if not pa.types.is_floating(column.type):
            column = column.cast(pa.string())
        columns = columns.set_column(at, name, column)
    codes = (
        str(text) for name in ("unit", "indicator") for text in table.data[name].cat.categories
    )
    quoting = "needed" if any(set(text) & set('",\r\n') for text in codes) else "none"
    stream = io.BytesIO()
    stream.write((",".join(names) + "\n").encode("utf-8"))
    options = pacsv.WriteOptions(include_header=False, quoting_style=quoting)
    pacsv.write_csv(columns, stream, options)
    return stream.getvalue()


def _parquet(table: IndicatorTable) -> bytes:
    stream = io.BytesIO()
    table.data.to_parquet(stream, index=False, engine="pyarrow", compression="zstd")
    return stream.getvalue()


def _xlsx(table: IndicatorTable, name: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if len(table) > _XLSX_ROWS:
        raise SourceFileError(
            f"{name}: a worksheet holds {_XLSX_ROWS:,} rows, the table has {len(table):,}; write "
            ".csv or .parquet, or select a part"
        )
    # Asked before a workbook is begun: one that is left behind keeps its temporary file open.
    if any(ILLEGAL_CHARACTERS_RE.search(str(code)) for code in table.indicators):
        raise SourceFileError(f"{name}: an indicator's code holds control characters")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("indicators")

    def cell(value: Any) -> Any:
        if isinstance(value, float):  # openpyxl itself would round to 16 digits
            made = WriteOnlyCell(sheet, repr(value))
            made.data_type = "n"
        else:
            made = WriteOnlyCell(sheet, value)
        if isinstance(value, str):  # never a formula, even if it starts with "="
            made.data_type = "s"
        return made

    sheet.append(_columns(table))
    for row in _plain(table).itertuples(index=False):
        sheet.append([cell(value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return without_times(stream.getvalue())


def _plain(table: IndicatorTable) -> pd.DataFrame:
    """Return the columns as text and numbers, None where there is nothing."""
    data = table.data[_columns(table)].astype(object)
    if "date" in data:
        data["date"] = table.data["date"].dt.strftime("%Y-%m-%d").astype(object)
    return data.where(data.notna(), None)


def without_times(content: bytes) -> bytes:
    """Return a workbook without dates of making, so that equal tables give equal bytes.

    Parameters
    ----------
    content : bytes
        XLSX.

    Returns
    -------
    bytes
        XLSX.
    """
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as made,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as fixed,
    ):
        for item in made.namelist():
            part = made.read(item)
            if item == "docProps/core.xml":
                part = _CORE
            fixed.writestr(zipfile.ZipInfo(item, _FIXED_TIME), part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


_CORE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<cp:coreProperties xmlns:cp="http://schemas.'
    b'openxmlformats.org/package/2006/metadata/core-properties"/>'
)


def _sidecar(table: IndicatorTable, source: Source | None, sha256: str) -> Sidecar:
    origin = replace(source or _origin(table), sha256=sha256)
    kept = set(SidecarSource.model_fields)
    described = {key: value for key, value in asdict(origin).items() if key in kept}
    return Sidecar(
        source=SidecarSource(**described),
        gebietsstand=table.gebietsstand,
        confidential=tuple(sorted(hidden_columns(table.provenance) & {*REQUIRED, *OPTIONAL})),
        confidentiality=table.confidentiality,
        indicators=tuple(table.indicators.values()),
    )


def _origin(table: IndicatorTable) -> Source:
    """Put the sources of a table together as one."""
    sources = table.provenance.sources()
    joined = {
        field.name: "; ".join(
            dict.fromkeys(filter(None, (getattr(s, field.name) for s in sources)))
        )
        for field in fields(Source)
    }
    origin = sources[0] if len(sources) == 1 else Source(**joined)
    done = [step.operation for step in table.provenance.steps() if step.operation != _READ]
    named = replace(
        origin, publisher=origin.publisher or UNKNOWN_PUBLISHER, title=origin.title or "Tabelle"
    )
    return with_changes(named, f"Bearbeitet: {', '.join(done)}" if done else "")


_READ = "read_indicators"


def put_files(files: tuple[tuple[Path, bytes], ...]) -> None:
    """Write files of one folder aside, then put all of them in place.

    Parameters
    ----------
    files : tuple of (pathlib.Path, bytes)
        The files and their content.

    Raises
    ------
    SourceFileError
        If the folder is missing or not writable; nothing is half-written then.
    """
    folder = files[0][0].parent
    try:
        replace_files(files)
    except FileNotFoundError:
        raise SourceFileError(f"the folder {folder} does not exist; create it first") from None
    except OSError as error:
        raise SourceFileError(
            f"{files[0][0].name} can't be written into {folder}: {error.strerror}. Close it in "
            "other programs and check the permissions."
        ) from None


def replace_files(files: Sequence[tuple[Path, bytes]]) -> None:
    """Put files of one folder in place, or leave all as they were.

    New files are written aside, old ones are moved aside; if one of them can't be replaced,
    e.g. because a viewer holds it open, the old ones are put back.

    Parameters
    ----------
    files : sequence of (pathlib.Path, bytes)
        The files and their content.

    Raises
    ------
    OSError
        If a file can't be written or replaced; ``filename`` is the file concerned.
    """
    folder = files[0][0].parent
    with tempfile.TemporaryDirectory(prefix=".begleitforschung-", dir=folder) as name:
        new, old = Path(name) / "new", Path(name) / "old"
        new.mkdir()
        old.mkdir()
        for target, content in files:
            (new / target.name).write_bytes(content)
        moved: list[Path] = []
        placed: list[Path] = []
        target = files[0][0]
        try:
            for target, _ in files:
                if target.exists():
                    target.replace(old / target.name)
                    moved.append(target)
            for target, _ in files:
                (new / target.name).replace(target)
                placed.append(target)
        except OSError as error:
            for path in placed:
                path.unlink()
            for path in moved:
                (old / path.name).replace(path)
            error.filename, error.filename2 = str(target), None
            raise

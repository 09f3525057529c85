"""A long INKAR CSV of any size -> a folder of Parquet, one sub-folder per indicator.

The file is read in blocks by PyArrow. The rows of each indicator are held back until many are
together and then written as one part, so that memory stays bounded whatever the order of the rows.
`begleitforschung.loaders.converted` reads a selection back.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from begleitforschung.errors import Finding, SourceFileError, ValidationError, rows_concerned
from begleitforschung.loaders.delimited import width_findings
from begleitforschung.loaders.figures import as_status, parse_figures
from begleitforschung.loaders.files import BOM, CONVERTED
from begleitforschung.loaders.inkar_long import COLUMNS, M_ID, edition_of
from begleitforschung.loaders.loaded import NO_NUMBER, NUMBER_HINT
from begleitforschung.loaders.sidecar import check_sha256, read_sidecar, sidecar_path, source_of

FORMAT = "begleitforschung.converted_inkar"
SCHEMA = pa.schema(
    [
        ("bereich", pa.dictionary(pa.int32(), pa.string())),
        ("raumbezug", pa.dictionary(pa.int32(), pa.string())),
        ("kennziffer", pa.dictionary(pa.int32(), pa.string())),
        ("zeitbezug", pa.dictionary(pa.int32(), pa.string())),
        ("value", pa.float64()),
        ("status", pa.dictionary(pa.int32(), pa.string())),
        ("row", pa.int32()),
    ]
)
_BLOCK = 8 << 20
_HELD = 4_000_000
_KEPT = ("Bereich", "Raumbezug", "Kennziffer", "Zeitbezug")
_ROWS_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What was converted.

    Parameters
    ----------
    folder : pathlib.Path
        Where the figures lie.
    rows, indicators, parts : int
        Numbers of rows, indicators and Parquet files.
    """

    folder: Path
    rows: int
    indicators: int
    parts: int


def convert_inkar(
    file: str | os.PathLike[str],
    to: str | os.PathLike[str],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Conversion:
    """Convert a long INKAR CSV into a folder of Parquet files with bounded memory.

    Parameters
    ----------
    file : str or path
        The CSV; a sidecar beside it says where it comes from.
    to : str or path
        Folder to make; it must not exist. It appears only when all is done.
    progress : callable, optional
        Is called with the bytes done and the bytes in all.

    Returns
    -------
    Conversion
        What was written.

    Raises
    ------
    SourceFileError
        If the file is missing or of another format, rows are damaged, the folder exists or its
        disk is full.
    ValidationError
        If cells are neither number nor sign; with their rows. Nothing is written then.

    Examples
    --------
    With a file of your own::

        convert_inkar("INKAR_2025.csv", "data/processed/inkar_2025")
    """
    source, target = Path(file), Path(to)
    if target.exists():
        raise SourceFileError(f"{target} exists; name a folder that does not, or remove it first")
    if not target.parent.is_dir():
        raise SourceFileError(f"the folder {target.parent} does not exist; create it first")
    try:
        with (
            source.open("rb") as stream,
            tempfile.TemporaryDirectory(prefix=".begleitforschung-", dir=target.parent) as aside,
        ):
            written = _Run(file=source, folder=Path(aside) / target.name).all(stream, progress)
            shutil.move(Path(aside) / target.name, target)
    except OSError as error:
        raise SourceFileError(f"{source} can't be converted: {error.strerror or error}") from None
    return Conversion(folder=target, **written)


@dataclass(slots=True, kw_only=True)
class _Run:
    """One conversion on its way."""

    file: Path
    folder: Path
    held: dict[str, list[pa.Table]] = field(default_factory=dict)
    held_rows: Counter[str] = field(default_factory=Counter)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    bad: list[tuple[int, str]] = field(default_factory=list)
    n_bad: int = 0
    rows: int = 0
    seen: int = 0

    def all(self, stream: BinaryIO, progress: Callable[[int, int], None] | None) -> dict[str, int]:
        """Read, write and describe; return the numbers."""
        header = _header(stream, self.file.name)
        hashed = _Hashed(stream, self.file.stat().st_size, progress)
        self.folder.mkdir()
        for batch in _batches(hashed, header, self.file.name):
            self._take(batch)
            if self.held_rows.total() > _HELD:
                for name, _ in self.held_rows.most_common():
                    if self.held_rows.total() <= _HELD // 2:
                        break
                    self._write(name)
        self._refuse_bad()
        if not self.rows:
            raise SourceFileError(f"{self.file.name} holds a header but no rows")
        for name in list(self.held):
            self._write(name)
        self._describe(header, hashed.digest())
        n = sum(len(items) for items in self.parts.values())
        return {"rows": self.rows, "indicators": len(self.parts), "parts": n}

    def _take(self, batch: pa.RecordBatch) -> None:
        """Split a block by indicator and hold its rows back."""
        row = np.arange(self.seen + 2, self.seen + 2 + len(batch), dtype=np.int32)
        self.seen += len(batch)
        batch, row = _without_blank(batch, row)
        if not len(batch):
            return
        value, status = self._figures(batch, row)
        columns = [batch.column(name) for name in _KEPT]
        self.rows += len(batch)
        table = pa.Table.from_arrays([*columns, value, status, pa.array(row)], schema=SCHEMA)
        number = batch.column("ID")
        codes, names = number.indices.to_numpy(), number.dictionary.to_pylist()
        self._name(batch, row, codes, names)
        breaks = np.flatnonzero(np.diff(codes)) + 1
        if len(breaks) >= 4 * len(names):  # not sorted by indicator
            order = np.argsort(codes, kind="stable")
            table, codes = table.take(order), codes[order]
            breaks = np.flatnonzero(np.diff(codes)) + 1
        for start, end in zip([0, *breaks], [*breaks, len(codes)], strict=True):
            name = names[codes[start]]
            self.held.setdefault(name, []).append(table.slice(start, end - start))
            self.held_rows[name] += int(end - start)

    def _figures(self, batch: pa.RecordBatch, row: NDArray[np.int32]) -> tuple[pa.Array, pa.Array]:
        """Read numbers; a block with signs or unreadable cells is looked at text by text."""
        texts = batch.column("Wert")
        normal = pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(len(texts), np.int32)), pa.array(["normal"])
        )
        if not pc.any(pc.match_substring(texts, ".")).as_py():
            with suppress(pa.ArrowInvalid):
                value = pc.cast(pc.replace_substring(texts, ",", "."), pa.float64())
                if pc.all(pc.is_finite(value)).as_py():
                    return value, normal
        cells = pd.Categorical(texts.to_pandas())
        read = parse_figures(cells, decimal=",")
        if read.bad.any():
            at = np.flatnonzero(read.bad)
            self.n_bad += len(at)
            shown = [(int(row[i]), str(cells[int(i)])) for i in at[:_ROWS_SHOWN]]
            self.bad += shown[: _ROWS_SHOWN - len(self.bad)]
        status = pa.array(as_status(np.where(read.bad, 0, read.status).astype(np.int8)))
        return pa.array(read.value), status.cast(SCHEMA.field("status").type)

    def _name(
        self,
        batch: pa.RecordBatch,
        row: NDArray[np.int32],
        codes: NDArray[np.int32],
        names: Sequence[str],
    ) -> None:
        title = batch.column("Indikator")
        for at, name in enumerate(names):
            if name in self.titles or not (codes == at).any():
                continue
            if not M_ID.fullmatch(name):
                raise SourceFileError(
                    f"{self.file.name}, row {row[np.argmax(codes == at)]}, column 'ID': {name!r} "
                    "is no M_ID of INKAR"
                )
            self.titles[name] = str(title[int(np.argmax(codes == at))])

    def _refuse_bad(self) -> None:
        if not self.bad:
            return
        rows = tuple(row for row, _ in self.bad)
        finding = Finding(
            rule="loader.not_a_number",
            severity="error",
            text=NO_NUMBER,
            hint=NUMBER_HINT,
            file=self.file.name,
            row=rows[0],
            column="Wert",
            value=self.bad[0][1],
            n=self.n_bad,
            rows=rows_concerned(rows),
        )
        raise ValidationError(f"{self.file.name} has cells that can't be read:", findings=[finding])

    def _write(self, name: str) -> None:
        """Write the rows held back of one indicator as one part."""
        pieces = self.held.pop(name)
        del self.held_rows[name]
        if self.bad:
            return  # the file is refused at its end
        table = pa.concat_tables(pieces).unify_dictionaries().combine_chunks()
        stream = io.BytesIO()
        pq.write_table(table, stream, compression="zstd", row_group_size=1 << 20)
        content = stream.getvalue()
        done = self.parts.setdefault(name, [])
        path = self.folder / f"indicator={name}" / f"part-{len(done)}.parquet"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        done.append(
            {
                "file": path.relative_to(self.folder).as_posix(),
                "rows": len(table),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )

    def _describe(self, header: Sequence[str], sha256: str) -> None:
        sidecar = read_sidecar(self.file)
        if sidecar is not None:
            beside = sidecar_path(self.file).name
            check_sha256(sidecar.source.sha256, sha256, file=self.file.name, sidecar=beside)
        origin = source_of(
            sidecar,
            file=self.file.name,
            sha256=sha256,
            title="INKAR",
            edition=edition_of(header),
            publisher="inkar",
        )
        content = {
            "format": FORMAT,
            "source": asdict(origin),
            "sidecar": sidecar is not None,
            "meanings": [
                item.model_dump(mode="json", exclude_defaults=True)
                for item in (sidecar.indicators if sidecar else ())
            ],
            "rows": self.rows,
            "indicators": [
                {"id": name, "title": self.titles[name], "parts": parts}
                for name, parts in self.parts.items()
            ],
        }
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (self.folder / CONVERTED).write_text(text, encoding="utf-8", newline="\n")


def _without_blank(
    batch: pa.RecordBatch, row: NDArray[np.int32]
) -> tuple[pa.RecordBatch, NDArray[np.int32]]:
    """Leave out empty lines, whose cells are all empty."""
    number = batch.column("ID")
    if "" not in number.dictionary.to_pylist():
        return batch, row
    empty = np.ones(len(batch), bool)
    for column in batch.columns:
        cells = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        empty &= pc.equal(cells, "").to_numpy(zero_copy_only=False)
    return batch.filter(pa.array(~empty)), row[~empty]


def _header(stream: BinaryIO, name: str) -> list[str]:
    """Read the first line and leave the stream behind it."""
    line = stream.readline(1 << 16).removeprefix(BOM).decode("utf-8", errors="replace")
    header = [cell.strip().strip('"') for cell in line.strip().split(";")]
    if not set(COLUMNS) <= set(header) or len(set(header)) < len(header):
        raise SourceFileError(
            f"{name} is no long CSV of INKAR. Expected are the columns {';'.join(COLUMNS)} "
            f"(2025: with Kuerzel); found: {', '.join(header)[:300]}. Other files are read as "
            "they are: begleitforschung.read_indicators(…)."
        )
    return header


class _Hashed(io.RawIOBase):
    """The rest of a file; its checksum grows with what is read."""

    def __init__(
        self, stream: BinaryIO, size: int, progress: Callable[[int, int], None] | None
    ) -> None:
        self._stream, self._size, self._progress = stream, size, progress
        self._hash, self._done = hashlib.sha256(), stream.tell()
        stream.seek(0)
        self._hash.update(stream.read(self._done))

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size)
        self._hash.update(content)
        self._done += len(content)
        if self._progress is not None:
            self._progress(self._done, self._size)
        return content

    def digest(self) -> str:
        return self._hash.hexdigest()


def _batches(stream: _Hashed, header: Sequence[str], name: str) -> Iterator[pa.RecordBatch]:
    """Read block by block; rows of wrong width are named together at the end."""
    damaged: dict[int, list[int]] = {}

    def note(row: pacsv.InvalidRow) -> str:
        damaged.setdefault(int(row.actual_columns), []).append(int(row.number) + 1)
        return "skip"

    texts = {column: pa.dictionary(pa.int32(), pa.string()) for column in header}
    try:
        reader = pacsv.open_csv(
            stream,
            pacsv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=header),
            pacsv.ParseOptions(delimiter=";", ignore_empty_lines=False, invalid_row_handler=note),
            pacsv.ConvertOptions(
                column_types=texts | {"Wert": pa.string()},
                strings_can_be_null=False,
                include_columns=[column for column in COLUMNS if column != "Name"],
            ),
        )
        yield from reader
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise SourceFileError(f"{name} can't be read as CSV: {error}") from None
    if damaged:
        raise SourceFileError(
            f"{name} has damaged rows ({sum(map(len, damaged.values()))}):",
            findings=width_findings(name, damaged, len(header)),
        )

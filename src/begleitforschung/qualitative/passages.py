"""Coded passages of open answers, interviews and documents, without what must not be shown."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.loaders.cells import Cells
from begleitforschung.loaders.delimited import header_of, read_text
from begleitforschung.loaders.files import RawFile, open_raw
from begleitforschung.loaders.sidecar import Sidecar, check_sha256, read_sidecar, sidecar_path
from begleitforschung.loaders.surveys.export import delimiter_of
from begleitforschung.loaders.worksheets import sheets_of, worksheet
from begleitforschung.provenance import Provenance, Source, frame_sha256
from begleitforschung.qualitative.checking import OPTIONAL, REQUIRED, checked
from begleitforschung.qualitative.frame import CodingFrame, read_coding_frame


@dataclass(frozen=True, kw_only=True, eq=False)
class Passages:
    """Coded passages.

    Texts, sources, placeholders and who released what stay in the file.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row for each row of the file: ``row``, ``case``, ``passage``, ``coder``, ``codes``
        (``;`` between them; empty where a passage was read and got none), ``text`` (anonymised;
        empty where it is not released), ``released_on``, ``attribution``, and the groups.
    frame : CodingFrame
        The codes.
    groups : tuple of str
        Columns by which cases can be grouped.
    file : str
        Name of the file.
    provenance : Provenance
        Where they come from, and that they are confidential.
    """

    rows: pd.DataFrame = field(repr=False)
    frame: CodingFrame = field(repr=False)
    groups: tuple[str, ...] = ()
    file: str
    provenance: Provenance = field(repr=False)


def read_passages(
    path: str | os.PathLike[str],
    frame: CodingFrame | str | os.PathLike[str],
    *,
    groups: str | Sequence[str] = (),
    encoding: str = "utf-8",
) -> Passages:
    """Read coded passages and check them against the coding frame.

    One row is one passage as one coder coded it. A passage without a code was read and got none;
    a row of a case without any code makes the case count where nothing was found in it.

    Parameters
    ----------
    path : str or path
        CSV, or the first sheet of a workbook, with the columns ``case`` and ``codes`` (``;``
        between codes), and if you like ``passage`` (identifier), ``coder``, ``text``, ``source``,
        ``page``, ``released_by``, ``released_on`` (ISO date), ``placeholders``
        (``Musterstadt=[Stadt]; …``) and ``attribution`` (what may stand below the quote).
    frame : CodingFrame or path
        The codes.
    groups : str or sequence of str
        Further columns, which group the cases.
    encoding : str
        Encoding of a text file.

    Returns
    -------
    Passages
        Confidential. Only texts that were released are kept, anonymised.

    Raises
    ------
    ValidationError
        If codes are unknown, releases incomplete, names left in a released quote, and the like;
        all problems by row and column, never with what stands there. If a group is one of the
        columns above.
    SourceFileError
        If the file can't be read, has unknown columns or lacks one.
    CatalogueError
        If the coding frame or the sidecar has problems.

    Examples
    --------
    With files of your own::

        passages = read_passages("data/raw/interviews/stellen.csv", "codes.yaml")
    """
    tree = frame if isinstance(frame, CodingFrame) else read_coding_frame(frame)
    names = (groups,) if isinstance(groups, str) else tuple(groups)
    raw = open_raw(Path(path), encoding=encoding)
    beside = read_sidecar(Path(path))
    if beside is not None and beside.source.sha256:
        described = sidecar_path(Path(path)).name
        check_sha256(beside.source.sha256, raw.sha256, file=raw.name, sidecar=described)
    cells = _cells(raw, names)
    rows, problems = checked(cells, tree, names)
    if problems:
        raise ValidationError(
            f"{raw.name} does not fit the coding frame {tree.id!r} ({len(problems)} problems):",
            findings=problems,
        )
    return Passages(
        rows=rows,
        frame=tree,
        groups=names,
        file=raw.name,
        provenance=_history(rows, tree, raw, beside),
    )


def _cells(raw: RawFile, groups: tuple[str, ...]) -> Cells:
    """Read the cells; headings are checked first, as the first row may hold answers."""
    if raw.kind == "text":
        delimiter = delimiter_of(raw.data.decode("utf-8"))
        header = next(iter(header_of(raw, delimiter)), [])
        _check_columns(header, groups, raw.name)
        return read_text(raw, delimiter, header=header)
    if raw.kind != "xlsx":
        raise SourceFileError(f"{raw.name}: passages are read from CSV and XLSX only")
    _, sheet = next(sheets_of(raw))
    header = [str(cell).strip() for cell in (sheet[0] if sheet else ())]
    while header and not header[-1]:
        header.pop()
    _check_columns(header, groups, raw.name)
    return worksheet(sheet, raw.name)


def _check_columns(header: Sequence[str], groups: tuple[str, ...], file: str) -> None:
    expected = (*REQUIRED, *OPTIONAL, *groups)
    if taken := [name for name in groups if name in (*REQUIRED, *OPTIONAL, "row")]:
        raise ValidationError(f"groups={taken}: these columns have a meaning of their own")
    if absent := [name for name in (*REQUIRED, *groups) if name not in header]:
        raise SourceFileError(
            f"{file}: the first row has no column {', '.join(map(repr, absent))}; columns are "
            f"{', '.join(expected)}"
        )
    if strange := [at for at, name in enumerate(header, start=1) if name not in expected]:
        raise SourceFileError(
            f"{file}, row 1: unknown columns (number {', '.join(map(str, strange))}). Columns are "
            f"{', '.join(expected)}; one that groups cases is named in groups=…"
        )


def _history(
    rows: pd.DataFrame, frame: CodingFrame, raw: RawFile, beside: Sidecar | None
) -> Provenance:
    described = {} if beside is None else beside.source.model_dump()
    described.setdefault("publisher", "eigene Erhebung")
    described.setdefault("title", frame.title.de)
    described |= {"sha256": frame_sha256(rows), "file": raw.name}
    # What is personal in the file is not taken over, so that the rest is confidential at most.
    return Provenance.of(
        "read_passages",
        Source(**described),
        frame=frame.id,
        frame_sha256=hashlib.sha256(frame.model_dump_json().encode()).hexdigest(),
        confidentiality="confidential",
    )

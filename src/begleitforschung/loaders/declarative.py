"""Files of no known format, read as a layout says (see `begleitforschung.loaders.layout`)."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.catalogue import Label
from begleitforschung.errors import Finding, SourceFileError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, merge
from begleitforschung.loaders.declared_rows import (
    dimensions_of,
    key_name,
    pasted,
    units_of,
    years_of,
)
from begleitforschung.loaders.delimited import read_text
from begleitforschung.loaders.events import count_events
from begleitforschung.loaders.files import RawFile
from begleitforschung.loaders.layout import Layout
from begleitforschung.loaders.layout_files import DECLARED, packaged
from begleitforschung.loaders.loaded import Loaded, key_problems
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised
from begleitforschung.loaders.stacking import Series, Stack, not_read, remark, stack
from begleitforschung.loaders.worksheets import named, worksheet
from begleitforschung.tables import Indicator

_HEAD_BYTES = 1 << 18


def header_of_layout(raw: RawFile, layout: Layout) -> tuple[list[str], int]:
    """Return the names of the columns of a text file as a layout finds them.

    Parameters
    ----------
    raw : RawFile
        The file.
    layout : Layout
        Where the header stands.

    Returns
    -------
    names : list of str
        Names; those of several header rows joined, the upper ones holding for all columns until
        the next one.
    lines : int
        Lines above the first row of figures.
    """
    stream = io.StringIO(raw.data[:_HEAD_BYTES].decode("utf-8", errors="ignore"), newline="")
    for _ in range(layout.skip):
        stream.readline()
    reader = csv.reader(stream, delimiter=layout.delimiter)
    try:
        rows = list(islice(reader, layout.header))
    except csv.Error:
        return [], 0
    return _joined(rows), layout.skip + reader.line_num


def _joined(rows: Sequence[Sequence[object]]) -> list[str]:
    width = max((len(row) for row in rows), default=0)
    filled = []
    for at, row in enumerate(rows):
        names = [" ".join(str(cell).split()) for cell in row] + [""] * (width - len(row))
        if at < len(rows) - 1:
            for column in range(1, width):
                names[column] = names[column] or names[column - 1]
        filled.append(names)
    columns = zip(*filled, strict=True)
    return named([" | ".join(dict.fromkeys(filter(None, cells))) for cells in columns])


def recognise(head: Head) -> Recognised | None:
    """Recognise a file that a packaged layout describes.

    Parameters
    ----------
    head : Head
        The file.

    Returns
    -------
    Recognised or None
        None if no layout fits.
    """
    layout = _packaged_for(head)
    return Recognised(DECLARED, layout.columns) if layout else None


def _packaged_for(head: Head) -> Layout | None:
    if head.raw.kind != "text":
        return None
    for layout in packaged().values():
        if set(layout.columns) <= set(header_of_layout(head.raw, layout)[0]):
            return layout
    return None


def read_declared(head: Head, _found: Recognised, options: Options) -> Loaded:
    """Read a file by its layout.

    Parameters
    ----------
    head : Head
        The file.
    _found : Recognised
        Not used.
    options : Options
        ``layout``: the layout; a packaged one is found if none is given.

    Returns
    -------
    Loaded
        Rows, meanings and findings.

    Raises
    ------
    SourceFileError
        If columns of the layout are missing, rows are damaged or no year is found.
    """
    layout = options.layout or _packaged_for(head)
    assert layout is not None  # by `recognise`
    cells, repeated = _once(_cells(head, layout), layout)
    unit, remarks = units_of(cells, layout)
    kept = np.asarray(~pd.isna(unit))
    if not kept.all():
        cells, unit = cells.where(kept), unit[kept].remove_unused_categories()
    if not len(cells.rows):
        raise SourceFileError(f"{cells.file}: layout {layout.id!r} assigns no row to a unit")
    problems = key_problems(cells, key_name(layout), unit)
    year, undated = years_of(cells, layout)
    suffix, labels = dimensions_of(cells, layout)
    if layout.shape == "events":
        made = count_events(cells, unit, year, suffix, layout)
    else:
        made = _figures(cells, unit, year, suffix, layout)
    others = [str(name) for name in cells.frame if name not in layout.columns]
    said = [
        remark(f"layout.{item.rule}", item.text.text, cells.file, severity=item.severity)
        for item in layout.remarks
    ]
    return Loaded(
        tidy=made.tidy,
        indicators=tuple(_meanings(made, layout, labels)),
        title=layout.title,
        consulted=f"layout {layout.id} {_digest(layout)}",
        gebietsstand="" if layout.gebietsstand == "unknown" else layout.gebietsstand,
        publisher=layout.publisher,
        findings=(*repeated, *remarks, *said, *not_read(others, cells.file)),
        problems=(*problems, *undated, *made.problems),
    )


def _digest(layout: Layout) -> str:
    text = layout.model_dump_json(exclude_defaults=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _cells(head: Head, layout: Layout) -> Cells:
    raw = head.raw
    if raw.kind == "text":
        header, lines = header_of_layout(raw, layout)
        _check_columns(header, layout, raw.name)
        return read_text(raw, layout.delimiter, header=header, skip=lines)
    names = [layout.sheet] if layout.sheet else list(head.sheets)
    if len(names) != 1 or names[0] not in head.sheets:
        raise SourceFileError(
            f"{raw.name}: the layout must name one sheet; it has: {', '.join(head.sheets)}"
        )
    rows = head.sheets[names[0]].to_python(skip_empty_area=False)
    below = layout.skip + layout.header
    header = _joined(rows[layout.skip : below])
    _check_columns(header, layout, raw.name)
    return worksheet([header, *rows[below:]], raw.name, above=below - 1)


def _once(cells: Cells, layout: Layout) -> tuple[Cells, list[Finding]]:
    """Leave out rows that repeat another one in every cell, where the layout says so."""
    if layout.identical_rows == "refuse":
        return cells, []
    again = cells.frame.duplicated().to_numpy(bool)
    if not again.any():
        return cells, []
    rows = cells.rows[again]
    text = Text(
        "Zeilen, die eine andere Zeile in allen Zellen wiederholen, ausgelassen",
        "rows that repeat another one in every cell are left out",
    )
    found = Finding(
        rule="layout.identical_rows",
        severity="warning",
        text=text,
        file=cells.file,
        row=int(rows[0]),
        n=len(rows),
        rows=rows_concerned(rows),
    )
    return cells.where(~again), [found]


def _check_columns(header: Sequence[str], layout: Layout, file: str) -> None:
    missing = [name for name in layout.columns if name not in header]
    if missing:
        raise SourceFileError(
            f"{file}: layout {layout.id!r} expects columns that are not there: "
            f"{', '.join(missing[:10])}. Check skip, header, delimiter and encoding of the layout."
            # Below the first line, which is all that is shown of a confidential file.
            f"\nFound in row {layout.skip + 1}: "
            f"{', '.join(name[:40] for name in header[:20]) or 'nothing'}"
        )


def _figures(
    cells: Cells,
    unit: pd.Categorical,
    year: int | NDArray[np.int16],
    suffix: pd.Categorical | None,
    layout: Layout,
) -> Stack:
    cells = _with_values(cells, layout)
    if layout.shape == "long":
        code = cells.column(layout.indicator)
        code = code if suffix is None else pasted([code, suffix])
        series = [Series(column=layout.value, indicator=code, year=year)]
    else:
        series = [
            Series(
                column=str(item.column),
                indicator=item.id if suffix is None else _prefixed(item.id, suffix),
                year=year if item.year is None else item.year,
            )
            for item in layout.indicators
        ]
    numbers = layout.numbers
    return stack(cells, unit, series, numbers)


def _prefixed(code: str, suffix: pd.Categorical) -> pd.Categorical:
    return merge(suffix, [f"{code}{text}" for text in suffix.categories.tolist()])


def _with_values(cells: Cells, layout: Layout) -> Cells:
    """Put numbers in the place of the texts that stand for them."""
    if not layout.values:
        return cells
    names = [layout.value] if layout.shape == "long" else [i.column for i in layout.indicators]
    texts = {text: repr(n).replace(".", layout.decimal) for text, n in layout.values.items()}
    frame = cells.frame.copy()
    for name in filter(None, names):
        given = cells.column(name)
        frame[name] = merge(given, [texts.get(str(t), str(t)) for t in given.categories.tolist()])
    return Cells(frame, cells.rows, cells.file)


def _meanings(made: Stack, layout: Layout, labels: dict[str, str]) -> list[Indicator]:
    """Describe each code by the entry it starts with and the labels of its dimensions."""
    stated = {item.id: item for item in layout.indicators}
    found = []
    for code, decimals in made.decimals.items():
        base, mark, rest = code.partition("|")
        item = stated.get(base)
        update: dict[str, object] = {"id": code}
        if item is None or "decimals" not in item.model_fields_set:
            update["decimals"] = decimals
        plain = item.indicator() if item else Indicator(id=base, title=Label(de=base))
        if mark:
            label = labels.get(mark + rest, rest)
            update["title"] = Label(
                de=f"{plain.title.de}: {label}",
                en=f"{plain.title.en}: {label}" if plain.title.en else "",
            )
        found.append(plain.model_copy(update=update))
    return found


READER = Reader(id=DECLARED, source=DECLARED, recognise=recognise, read=read_declared)

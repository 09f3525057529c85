"""Breitbandatlas: shares of households, firms and schools that can get a speed, by technology.

Every delivery names its columns in its own way; `resources/sources/breitbandatlas.yaml` lists
the ways. A delivery without a year in its columns has it in the name of the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import pandas as pd

from begleitforschung.catalogue import Entry, Label
from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, merge
from begleitforschung.loaders.delimited import read_text
from begleitforschung.loaders.described import Described
from begleitforschung.loaders.loaded import Loaded, key_problems
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised
from begleitforschung.loaders.stacking import Series, not_read, remark, stack, with_zeros
from begleitforschung.loaders.worksheets import named, worksheet
from begleitforschung.tables import Indicator
from begleitforschung.tables.indicator import Break

FORMAT = "breitbandatlas"
_LEAST = 4  # columns of a delivery that must be known before a file is taken for one
_WIDTHS = {1: 2, 4: 5, 7: 8}
_GERMANY = {"deutschland": "DG"}


class _Named(Entry):
    id: str
    names: tuple[str, ...]
    label: Label


class Naming(Described):
    """The resource ``sources/breitbandatlas.yaml``."""

    file: ClassVar[str] = "breitbandatlas.yaml"
    keys: tuple[str, ...]
    patterns: tuple[str, ...]
    file_years: tuple[str, ...]
    groups: tuple[_Named, ...]
    technologies: tuple[_Named, ...]
    breaks: tuple[Break, ...]


def meaning(column: str) -> tuple[Indicator, int | None] | None:
    """Say what a column holds.

    Parameters
    ----------
    column : str
        Its name.

    Returns
    -------
    tuple or None
        The indicator and the year, where the name holds one; None for any other column.

    Examples
    --------
    >>> meaning("verf_300_50_2014")[0].id, meaning("verf_300_50_2014")[1]
    ('breitband_privat_alle_50', 2014)
    >>> meaning("leitungsg. Technologien ≥ 1000 Mbit/s")[0].id
    'breitband_privat_leitungsgebunden_1000'
    """
    for pattern in Naming.known().patterns:
        found = re.fullmatch(pattern, column)
        if found is None:
            continue
        given = found.groupdict()
        technology = _entry(Naming.known().technologies, given["technology"])
        group = _entry(Naming.known().groups, given.get("group") or "")
        if technology is None or group is None:
            continue
        year = given.get("year")
        return _indicator(group, technology, int(given["speed"])), int(year) if year else None
    return None


def _entry(entries: Sequence[_Named], name: str) -> _Named | None:
    return next((item for item in entries if name in item.names), None)


def _indicator(group: _Named, technology: _Named, speed: int) -> Indicator:
    de, en = group.label, technology.label
    return Indicator(
        id=f"breitband_{group.id}_{technology.id}_{speed}",
        title=Label(
            de=f"Breitbandverfügbarkeit ab {speed} Mbit/s, {en.de}, {de.de}",
            en=f"Broadband availability from {speed} Mbit/s, {en.en}, {de.en}",
        ),
        unit_of_measure="%",
        direction="higher",
        valid_min=0,
        valid_max=100,
        decimals=0,
        breaks=Naming.known().breaks,
        note="Anteil der versorgbaren Haushalte, Standorte oder Schulen",
    )


def recognise(head: Head) -> Recognised | None:
    """Recognise a delivery by its columns.

    Parameters
    ----------
    head : Head
        The file.

    Returns
    -------
    Recognised or None
        None if it is something else.

    Raises
    ------
    SourceFileError
        If several worksheets hold one.
    """
    fitting = {name: header for name, header in head.headers.items() if _fits(header)}
    if not fitting:
        return None
    if len(fitting) > 1:
        raise SourceFileError(
            f"{head.raw.name} has several sheets of the Breitbandatlas: {', '.join(fitting)}. "
            "Say which: sheet=…"
        )
    name, header = next(iter(fitting.items()))
    place = {"delimiter": name} if head.raw.kind == "text" else {"sheet": name}
    return Recognised(FORMAT, header, **place)


def _fits(header: Sequence[str]) -> bool:
    known = sum(meaning(name) is not None for name in header)
    return known >= _LEAST and any(name in header for name in Naming.known().keys)


def read_breitbandatlas(head: Head, found: Recognised, _options: Options) -> Loaded:
    """Read a delivery.

    Parameters
    ----------
    head : Head
        The file.
    found : Recognised
        Its columns and delimiter or sheet.
    _options : Options
        Not used.

    Returns
    -------
    Loaded
        Rows and findings.

    Raises
    ------
    SourceFileError
        If rows are damaged or the year stands neither in the columns nor in the file's name.
    """
    raw = head.raw
    if raw.kind == "text":
        cells = read_text(raw, found.delimiter, header=named(found.header))
    else:
        cells = worksheet(head.sheets[found.sheet].to_python(skip_empty_area=False), raw.name)
    key = next(name for name in Naming.known().keys if name in cells.frame)
    unit, remarks = with_zeros(cells, key, _WIDTHS if raw.kind != "text" else {})
    unit = merge(unit, [_GERMANY.get(str(text), str(text)) for text in unit.categories.tolist()])
    columns = [str(name) for name in cells.frame.columns]
    known = {name: what for name in columns if (what := meaning(name)) is not None}
    years, dated = _years(known, raw.name)
    series = [
        Series(column=name, indicator=what.id, year=years[name])
        for name, (what, _) in known.items()
    ]
    stacked = stack(cells, unit, series)
    others = [name for name in columns if name != key and name not in known]
    return Loaded(
        tidy=stacked.tidy,
        indicators=tuple(
            what.model_copy(update={"decimals": stacked.decimals[what.id]})
            for what, _ in known.values()
        ),
        title="Breitbandatlas",
        findings=(*remarks, *dated, *not_read(others, raw.name), *_empty(stacked.tidy, cells)),
        problems=(*key_problems(cells, key, unit), *stacked.problems),
    )


def _years(
    known: Mapping[str, tuple[Indicator, int | None]], file: str
) -> tuple[dict[str, int], list[Finding]]:
    stated = {name: year for name, (_, year) in known.items() if year is not None}
    if len(stated) == len(known):
        return stated, []
    hits = [m[1] for pattern in Naming.known().file_years for m in re.finditer(pattern, file)]
    found = {int(hit) if len(hit) == 4 else 2000 + int(hit) for hit in hits}
    if len(found) != 1:
        raise SourceFileError(
            f"{file}: neither the columns nor the name of the file say the year of this delivery "
            "of the Breitbandatlas. Keep the name as delivered (with the year in it), or write a "
            "layout that says the year (begleitforschung sniff)."
        )
    year = found.pop()
    text = Text(f"Jahr {year} aus dem Dateinamen", f"year {year} taken from the file's name")
    return {name: stated.get(name, year) for name in known}, [
        remark("breitbandatlas.year", text, file)
    ]


def _empty(tidy: pd.DataFrame, cells: Cells) -> list[Finding]:
    """Remark units that have nothing but zeros in a year: uninhabited, or not covered."""
    zero = (tidy["value"] == 0).to_numpy()
    blank = pd.Series(zero).groupby([tidy["unit"].cat.codes, tidy["year"]]).all()
    n = int(np.count_nonzero(blank.to_numpy()))
    if not n:
        return []
    text = Text(
        f"in {n} Fällen hat eine Einheit in einem Jahr nur Nullen: unbewohnt oder nicht erfasst",
        f"in {n} cases a unit has nothing but zeros in a year: uninhabited or not covered",
    )
    return [remark("breitbandatlas.only_zeros", text, cells.file, severity="warning", n=n)]


READER = Reader(
    id=FORMAT,
    source=FORMAT,
    publisher=FORMAT,
    recognise=recognise,
    read=read_breitbandatlas,
)

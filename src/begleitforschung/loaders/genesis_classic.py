"""Classic CSV of the GENESIS family: title lines, up to five header rows, notes at the end.

The lines above the header say table, depth, sometimes time and unit; the header repeats its cells
over the columns that they head; the table ends with a line of underscores. There are no codes: the
indicator is the number of the table and the words over its column,
``12411-01-01-4|bevoelkerungsstand|maennlich``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from begleitforschung.errors import Finding, Severity, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells
from begleitforschung.loaders.delimited import read_text
from begleitforschung.loaders.files import RawFile
from begleitforschung.loaders.genesis_codes import genesis_codes
from begleitforschung.loaders.genesis_verbaende import official_keys, repeated_rows
from begleitforschung.loaders.genesis_wide import ValueColumn, constant, load_wide, mapped
from begleitforschung.loaders.loaded import Loaded
from begleitforschung.loaders.names import slug
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised
from begleitforschung.regions import is_key

_START = "GENESIS-Tabelle:"
_YEAR = re.compile(r"(?:(?:Jahr|Stichtag)\s*:?\s*)?((?:\d{2}\.\d{2}\.)?(?:19|20)\d{2})")
_DEPTH = re.compile(r"regionale Tiefe:\s*([^;]+)")
_UNIT = re.compile(r"(.+?)\s*\(([^()]+)\)")
_RULE = b"\n_____"
_KEY, _LABEL, _TIME = "Schlüssel", "Name", "Zeit"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """What stands above the rows.

    Parameters
    ----------
    table, title, depth : str
        Number and title of the table; its regional depth.
    timed : bool
        Whether the first column is the time.
    skip : int
        Rows above the first row of figures.
    values : tuple of ValueColumn
        The columns of figures.
    """

    table: str
    title: str
    depth: str
    timed: bool
    skip: int
    values: tuple[ValueColumn, ...]


def recognise_classic(head: Head) -> Recognised | None:
    """Recognise a table by its first line.

    Parameters
    ----------
    head : Head
        Beginning of a file.

    Returns
    -------
    Recognised or None
        The table; None for anything else.
    """
    if head.lines and head.lines[0].lstrip('"').startswith(_START):
        return Recognised("genesis_classic", (), delimiter=";")
    return None


def read_classic(head: Head, _found: Recognised, options: Options) -> Loaded:
    """Read a table.

    Parameters
    ----------
    head : Head
        The file.
    _found : Recognised
        Not used.
    options : Options
        ``districts``: keep the districts and cities that stand in a county table beside their
        county.

    Returns
    -------
    Loaded
        Rows, meanings and findings.

    Raises
    ------
    SourceFileError
        If the header can't be understood, or rows are damaged.
    """
    layout = _layout(head)
    body, stand, findings = _without_footer(head.raw)
    columns = [*([_TIME] if layout.timed else []), _KEY, _LABEL]
    columns += [item.name for item in layout.values]
    cells = read_text(body, ";", header=columns, skip=layout.skip)
    unit, verbaende = official_keys(cells, _KEY)
    time = cells.column(_TIME) if layout.timed else None
    repeats, repeated = repeated_rows(cells, unit, time, [item.name for item in layout.values])
    if repeats.any():
        cells, unit = cells.where(~repeats), unit[~repeats]
    keys = _keys(cells, layout, unit)
    loaded = load_wide(
        cells,
        keys,
        layout.values,
        variables=1,
        districts=options.districts,
        names={"1_variable_attribute_code": _KEY, "time": _TIME},
    )
    found = (*loaded.findings, *verbaende, *repeated, *findings, *_unitless(layout, head.raw.name))
    return replace(loaded, findings=found, title=f"{layout.title} ({layout.table})", edition=stand)


def _keys(cells: Cells, layout: _Layout, unit: pd.Categorical) -> dict[str, pd.Categorical]:
    n = len(cells.rows)
    keys = {
        "statistics_code": constant(layout.table, n),
        "statistics_label": constant(layout.title, n),
        "1_variable_code": constant(_variable(layout.depth), n),
        "1_variable_label": constant(layout.depth, n),
        "1_variable_attribute_code": unit,
        "1_variable_attribute_label": cells.column(_LABEL),
    }
    if layout.timed:
        keys["time"] = mapped(cells.column(_TIME), _iso)
    return keys


def _variable(depth: str) -> str:
    codes = genesis_codes().depths
    return next((item.code for item in codes if depth.startswith(item.start)), depth)


def _layout(head: Head) -> _Layout:
    """Understand the lines above the first row of figures."""
    file, rows = head.raw.name, _cells(head)
    at = [n for n, row in enumerate(rows) if len(row) > 2 and not row[0] and any(row)]
    if not at or at != list(range(at[0], at[-1] + 1)) or at[0] < 2 or at[-1] + 1 >= len(rows):
        raise _strange(file, "no block of header rows that start with empty cells")
    stacked, below = [rows[n] for n in at], rows[at[-1] + 1]
    first = min(next(n for n, cell in enumerate(row) if cell) for row in stacked)
    if any(len(row) != len(below) for row in stacked):
        raise _strange(file, "header rows and figures of different width")
    if first not in (2, 3) or not _is_unit(below[first - 2]):
        raise _strange(file, f"row {at[-1] + 2} does not start with [time;]key;name of a unit")
    above = [" ".join(filter(None, row)) for row in rows[: at[0]]]
    depth = _DEPTH.search("\n".join(above))
    heads = [row[first:] for row in stacked]
    return _Layout(
        table=above[0].removeprefix(_START).strip(),
        title=above[1].strip(" -"),
        depth=depth[1].strip() if depth else "",
        timed=first == 3,
        skip=at[-1] + 1,
        values=_values(above, heads, timed=first == 3, first=first, file=file),
    )


def _cells(head: Head) -> list[list[str]]:
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(head.lines, delimiter=";")]
    except csv.Error as error:
        raise _strange(head.raw.name, str(error)) from None


def _is_unit(text: str) -> bool:
    return is_key(text) or bool(re.fullmatch(r"\d{7}|\d{10,11}", text))


def _values(
    above: Sequence[str], heads: Sequence[Sequence[str]], *, timed: bool, first: int, file: str
) -> tuple[ValueColumn, ...]:
    """Tell labels, units and times of the columns of figures."""
    known = set(genesis_codes().measures)
    stated = [m for line in above[1:] if (m := _UNIT.fullmatch(line)) and m[2] in known]
    label, unit = (stated[-1][1], stated[-1][2]) if stated else ("", "")
    rows = list(heads)
    units = rows.pop() if {cell for cell in rows[-1] if cell} <= known else [unit] * len(rows[0])
    dated = [row for row in rows if all(_YEAR.fullmatch(cell) for cell in row)]
    labelled = [row for row in rows if row not in dated]
    times = list(dated[0]) if dated else [_only_time(above, file, timed=timed)] * len(units)
    if len(dated) > 1 or (dated and timed):
        raise _strange(file, "times stand twice")
    found = []
    for at, (unit_of, time) in enumerate(zip(units, times, strict=True)):
        words = list(dict.fromkeys(filter(None, (label, *(row[at] for row in labelled)))))
        words = words or [above[1].strip(" -")]
        table = above[0].removeprefix(_START).strip()
        found.append(
            ValueColumn(
                name=f"{words[-1]} ({first + at + 1})",
                code="|".join([table, *map(slug, words)]),
                label=words[0] + (f": {', '.join(words[1:])}" if words[1:] else ""),
                unit=unit_of,
                time=_iso(time),
            )
        )
    keys = [(item.code, item.time) for item in found]
    if len(set(keys)) < len(keys):
        raise _strange(file, "two columns have the same header")
    return tuple(found)


def _only_time(above: Sequence[str], file: str, *, timed: bool) -> str:
    if timed:
        return ""
    times = {m[1] for line in above[1:] if (m := _YEAR.fullmatch(line.strip(" -")))}
    if len(times) != 1:
        raise _strange(file, "no time in a column, in the header or in a line of its own above it")
    return times.pop()


def _iso(text: str) -> str:
    """Return ``31.12.2015`` as ``2015-12-31``, anything else without the words around it."""
    found = _YEAR.fullmatch(text)
    if not found or len(found[1]) == 4:
        return found[1] if found else text
    day, month, year = found[1].split(".")
    return f"{year}-{month}-{day}"


def _without_footer(raw: RawFile) -> tuple[RawFile, str, list[Finding]]:
    """Cut off the notes; return the state that they name, and say where they stand."""
    start = raw.data.find(_RULE) + 1
    if not start:
        return raw, "", [_remark(raw.name, "genesis.no_footer", _CUT, _CUT_HINT, warn=True)]
    footer = raw.data[start:].decode("utf-8", errors="replace")
    stand = re.search(r"^Stand:\s*(\d\d\.\d\d\.\d{4})", footer, re.MULTILINE)
    row = raw.data.count(b"\n", 0, start) + 1
    found = [_remark(raw.name, "genesis.footnotes", _NOTES, _NOTES_HINT, row=row)]
    body = replace(raw, data=raw.data[:start])
    return body, f"Stand {stand[1]}" if stand else "", found


def _unitless(layout: _Layout, file: str) -> list[Finding]:
    missing = [item.name for item in layout.values if not item.unit]
    return [
        _remark(file, "genesis.unit_not_found", _NO_UNIT, _UNIT_HINT, column=name, warn=True)
        for name in missing
    ]


def _remark(
    file: str,
    rule: str,
    text: Text,
    hint: Text,
    *,
    row: int | None = None,
    column: str | None = None,
    warn: bool = False,
) -> Finding:
    severity: Severity = "warning" if warn else "info"
    return Finding(
        rule=rule, severity=severity, text=text, hint=hint, file=file, row=row, column=column
    )


def _strange(file: str, what: str) -> SourceFileError:
    return SourceFileError(
        f"{file}: a classic GENESIS table has title lines, up to five header rows that start with "
        f"empty cells, and rows [time;]key;name;figures; here: {what}. Fetch the table as flat "
        "file (ffcsv), or with the regional variable in the rows and all others in the columns."
    )


_NOTES = Text("die Datei endet mit Anmerkungen", "the file ends with notes")
_NOTES_HINT = Text(
    "Ab dieser Zeile lesen: Brüche, Gebietsstände, fehlende Länder.",
    "Read them from this row on: breaks, territorial states, missing Länder.",
)
_CUT = Text(
    "der Fuß der Tabelle fehlt; sie kann abgeschnitten sein",
    "the foot of the table is missing; it may be cut off",
)
_CUT_HINT = Text(
    "Letzte Zeile mit der Quelle vergleichen.", "Compare the last row with the source."
)
_NO_UNIT = Text("Maßeinheit fehlt in der Datei", "the unit of measure is not in the file")
_UNIT_HINT = Text(
    "Im Sidecar angeben: unit_of_measure.", "State it in the sidecar: unit_of_measure."
)

READER = Reader(
    id="genesis_classic",
    source="genesis",
    publisher="genesis",
    recognise=recognise_classic,
    read=read_classic,
)

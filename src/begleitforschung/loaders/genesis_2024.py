"""Flat files (ffcsv) of the GENESIS family in the layout of 2024: one column per value.

The name of a value's column holds its code, label and unit: ``GEM001__Zahl_der_Gemeinden__Anzahl``.
Rows that the publisher shifted by some columns (table 52411-02-01-4) give no number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, SourceFileError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells
from begleitforschung.loaders.delimited import read_text
from begleitforschung.loaders.genesis_wide import ValueColumn, load_wide, mapped
from begleitforschung.loaders.loaded import Loaded
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised, by_columns

_FIXED = {
    "statistics_code": "Statistik_Code",
    "statistics_label": "Statistik_Label",
    "time_label": "Zeit_Label",
    "time": "Zeit",
}
_PARTS = {
    "code": "Merkmal_Code",
    "label": "Merkmal_Label",
    "attribute_code": "Auspraegung_Code",
    "attribute_label": "Auspraegung_Label",
}
_NO_UNIT = "MeasureUnitNotFound!"


def read_genesis_2024(head: Head, found: Recognised, options: Options) -> Loaded:
    """Read a flat file in the layout of 2024.

    Parameters
    ----------
    head : Head
        The file.
    found : Recognised
        Its columns.
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
        If columns are missing, rows are damaged, all rows are shifted, or no variable holds
        units.
    """
    header = found.header
    numbers, values = _columns(header, head.raw.name)
    cells = read_text(head.raw, ";", header=header)
    cells, findings = _unshifted(cells)
    names = dict(_FIXED)
    for n in numbers:
        names |= {f"{n}_variable_{part}": f"{n}_{word}" for part, word in _PARTS.items()}
    keys = {name: cells.column(column) for name, column in names.items()}
    keys["time"] = mapped(keys["time"], _iso)
    loaded = load_wide(
        cells, keys, values, variables=len(numbers), districts=options.districts, names=names
    )
    return replace(loaded, findings=(*loaded.findings, *findings, *_unitless(header, cells.file)))


def _columns(header: Sequence[str], file: str) -> tuple[list[int], list[ValueColumn]]:
    numbers = [int(m[1]) for name in header if (m := re.fullmatch(r"(\d+)_Merkmal_Code", name))]
    keys = [*_FIXED.values(), "Zeit_Code"]
    keys += [f"{n}_{word}" for n in numbers for word in _PARTS.values()]
    values = [_value(name) for name in header if name not in keys]
    missing = [name for name in keys if name not in header]
    strange = [
        name for name in header if name not in keys and (name.count("__") < 2 or name[:1] == "_")
    ]
    if missing or strange or not values or numbers != list(range(1, len(numbers) + 1)):
        what = f"lacks {', '.join(missing)}" if missing else f"has {', '.join(strange) or 'no'}"
        raise SourceFileError(
            f"{file}, row 1: a GENESIS flat file of 2024 has the columns Statistik_Code … Zeit, "
            "1_Merkmal_Code … 1_Auspraegung_Label and then <code>__<label>__<unit>; this one "
            f"{what}. Fetch the table again and leave its columns as they are."
        )
    return numbers, values


def _value(column: str) -> ValueColumn:
    code, _, rest = column.partition("__")
    label, _, unit = rest.rpartition("__")
    printed = "" if unit == _NO_UNIT else unit.replace("_", " ")
    return ValueColumn(name=column, code=code, label=label.replace("_", " "), unit=printed)


def _iso(text: str) -> str:
    """Return ``31.12.2022`` as ``2022-12-31``, anything else as it is."""
    try:
        day = datetime.strptime(text, "%d.%m.%Y") if len(text) == 10 else None
    except ValueError:
        return text
    return day.date().isoformat() if day else text


def _unshifted(cells: Cells) -> tuple[Cells, list[Finding]]:
    """Leave out rows whose cells stand in wrong columns, and say which they are."""
    wrong = np.zeros(len(cells.rows), bool)
    for name, pattern in (
        ("Statistik_Code", r"\d{4}[0-9A-Z]"),
        ("Zeit_Code", r"[A-Z][A-Z0-9]*"),
        ("1_Merkmal_Code", r"[A-Z][A-Z0-9]*"),
    ):
        wrong |= ~_matching(cells, name, pattern)
    for name in cells.frame.columns:
        if re.fullmatch(r"\d+_Merkmal_Code|1_Auspraegung_Code", name):
            wrong |= ~_matching(cells, name, r"\S+")
    if not wrong.any():
        return cells, []
    rows = cells.rows[wrong]
    finding = Finding(
        rule="genesis.shifted_rows",
        severity="warning",
        text=Text(
            f"{len(rows)} von {len(wrong)} Zeilen haben ihre Zellen in falschen Spalten und wurden "
            "weggelassen",
            f"{len(rows)} of {len(wrong)} rows have their cells in wrong columns and were left out",
        ),
        hint=Text(
            "Ein Fehler des Herausgebers: die Tabelle neu abrufen (seit 2025 neues Layout).",
            "An error of the publisher: fetch the table again (new layout since 2025).",
        ),
        file=cells.file,
        row=int(rows[0]),
        n=len(rows),
        rows=rows_concerned(rows),
    )
    if wrong.all():
        raise SourceFileError(f"{cells.file} holds no sound row:", findings=[finding])
    sound = cells.where(~wrong)
    used = {name: column.cat.remove_unused_categories() for name, column in sound.frame.items()}
    return Cells(pd.DataFrame(used), sound.rows, sound.file), [finding]


def _matching(cells: Cells, column: str, pattern: str) -> NDArray[np.bool_]:
    given = cells.column(column)
    fits = [bool(re.fullmatch(pattern, str(text))) for text in given.categories.tolist()]
    return np.asarray(np.array(fits, bool)[given.codes], bool)


def _unitless(header: Sequence[str], file: str) -> list[Finding]:
    return [
        Finding(
            rule="genesis.unit_not_found",
            severity="warning",
            text=Text("Maßeinheit fehlt in der Datei", "the unit of measure is not in the file"),
            hint=Text(
                "Im Sidecar angeben: unit_of_measure.", "State it in the sidecar: unit_of_measure."
            ),
            file=file,
            row=1,
            column=name,
            value=_NO_UNIT,
        )
        for name in header
        if name.endswith(f"__{_NO_UNIT}")
    ]


READER = Reader(
    id="genesis_ffcsv_2024",
    source="genesis",
    publisher="genesis",
    recognise=by_columns("genesis_ffcsv_2024"),
    read=read_genesis_2024,
)

"""Indices as COINr keeps them: one table of data (iData), one of the construction (iMeta)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, SourceFileError, ValidationError
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec
from begleitforschung.frameworks.index_method import DEFAULT_STEPS, Method, Step
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, bad_cells
from begleitforschung.loaders.delimited import header_of, read_text
from begleitforschung.loaders.files import RawFile, open_raw
from begleitforschung.loaders.index_tables import MISSING, IndexTables, file_source, numbers
from begleitforschung.loaders.worksheets import sheets_of, worksheet
from begleitforschung.provenance import Provenance

_META = ("Level", "iCode", "Direction", "Weight", "Parent", "Type")
_TYPES = ("Indicator", "Aggregate", "Group", "Denominator", "Other")
_DIRECTIONS = ("1", "-1")


def read_coinr(
    data: str | os.PathLike[str], meta: str | os.PathLike[str], *, id: str = "index"
) -> IndexTables:
    """Read an index that was built for COINr.

    Parameters
    ----------
    data : str or path
        Table ``iData``: CSV or XLSX, column ``uCode``, optionally ``uName`` and ``Time``, and a
        column for each indicator, denominator and group; empty or ``NA`` is missing.
    meta : str or path
        Table ``iMeta``: columns ``Level, iCode, Direction, Weight, Parent, Type``, optionally
        ``iName, Unit, Target, Denominator``.
    id : str
        Identifier of the specification.

    Returns
    -------
    IndexTables
        Data and specification for `begleitforschung.compose`.

    Raises
    ------
    SourceFileError
        If a file can't be read or lacks columns.
    ValidationError
        If cells can't be read or units stand twice; all problems at once.
    SpecificationError
        If the construction contradicts itself.
    """
    raws = [open_raw(Path(path)) for path in (data, meta)]
    values, construction = (_cells(raw) for raw in raws)
    _require(construction, _META)
    _require(values, ("uCode",))
    problems = [*_meta_problems(construction), *_missing_columns(construction, values)]
    figures: dict[str, np.ndarray] = {}
    for code in _codes(construction, "Indicator", "Denominator"):
        if code in values.frame:
            figures[code], found = numbers(values, code)
            problems += found
    index, found = _index(values)
    if problems := [*problems, *found]:
        raise ValidationError(
            f"{values.file} and {construction.file} hold {len(problems)} problem(s)",
            findings=problems,
        )
    groups = {code: _texts(values, code) for code in _codes(construction, "Group")}
    name = "uName" if "uName" in values.frame else "uCode"
    return IndexTables(
        data=pd.DataFrame(figures, index=index),
        groups=pd.DataFrame(groups, index=index),
        names=pd.Series(_texts(values, name), index=index, name="name"),
        spec=_specification(construction, id),
        provenance=Provenance.of("read_coinr", *(file_source(raw) for raw in raws)),
    )


def _cells(raw: RawFile) -> Cells:
    if raw.kind == "text":
        delimiter = max(";,\t", key=raw.data.split(b"\n", 1)[0].decode("utf-8").count)
        header = header_of(raw, delimiter)
        return read_text(raw, delimiter, header=header[0] if header else [])
    if raw.kind == "xlsx":
        return worksheet(next(rows for _, rows in sheets_of(raw)), raw.name)
    raise SourceFileError(f"{raw.name} is neither CSV nor XLSX, which COINr's tables are read from")


def _require(cells: Cells, columns: Sequence[str]) -> None:
    if missing := [name for name in columns if name not in cells.frame]:
        raise SourceFileError(
            f"{cells.file} has no column {', '.join(map(repr, missing))}; found: "
            f"{', '.join(map(str, cells.frame.columns))}"
        )


def _texts(cells: Cells, column: str) -> list[str]:
    return ["" if text in MISSING else str(text) for text in cells.column(column)]


def _rows(meta: Cells, *types: str) -> Iterator[dict[str, str]]:
    columns = {name: _texts(meta, name) for name in map(str, meta.frame.columns)}
    for at in range(len(meta.frame)):
        row = {name: texts[at] for name, texts in columns.items()}
        if row["Type"] in types:
            yield row


def _codes(meta: Cells, *types: str) -> list[str]:
    return [row["iCode"] for row in _rows(meta, *types)]


def _meta_problems(meta: Cells) -> list[Finding]:
    """Return what can't be read in iMeta; whether the tree fits is checked by `IndexSpec`."""
    kinds = np.array(_texts(meta, "Type"))
    used = np.isin(kinds, _TYPES[:2])
    directions = np.array(_texts(meta, "Direction"))
    found = bad_cells(
        meta,
        "Type",
        ~np.isin(kinds, _TYPES),
        rule="coinr.type",
        text=Text("Unbekannte Art von Eintrag.", "Unknown type of entry."),
        hint=Text(f"Möglich sind {', '.join(_TYPES)}.", f"Possible are {', '.join(_TYPES)}."),
    )
    found += bad_cells(
        meta,
        "Direction",
        used & (kinds == "Indicator") & ~np.isin(directions, _DIRECTIONS),
        rule="coinr.direction",
        text=Text("Die Richtung fehlt oder ist unbekannt.", "Direction missing or unknown."),
        hint=Text("1: mehr ist besser, -1: weniger ist besser.", "1: more is better, -1: less."),
    )
    found += bad_cells(
        meta,
        "Weight",
        used & (np.array(_texts(meta, "Weight")) == ""),
        rule="coinr.weight",
        text=Text("Das Gewicht fehlt.", "The weight is missing."),
        hint=Text("1 für gleiche Gewichte eintragen.", "Enter 1 for equal weights."),
    )
    for column in ("Weight", "Target"):
        if column in meta.frame:
            found += numbers(meta, column, only=used)[1]
    return found


def _missing_columns(meta: Cells, values: Cells) -> list[Finding]:
    wanted = _codes(meta, "Indicator", "Denominator", "Group")
    named = ", ".join(missing := [code for code in wanted if code not in values.frame])
    if not missing:
        return []
    return [
        Finding(
            rule="coinr.column",
            severity="error",
            text=Text(f"Spalten fehlen: {named}.", f"Columns are missing: {named}."),
            hint=Text(
                "Jeder iCode der Metadaten braucht eine Spalte in den Daten.",
                "Each iCode of the metadata needs a column in the data.",
            ),
            file=values.file,
            n=len(missing),
        )
    ]


def _index(values: Cells) -> tuple[pd.Index, list[Finding]]:
    """Return the units, with their years where there are any; none may stand twice."""
    units = pd.Index(_texts(values, "uCode"), name="unit")
    index: pd.Index = units
    found: list[Finding] = []
    if "Time" in values.frame:
        years, found = numbers(values, "Time")
        if not found and np.isfinite(years).all():
            if len(set(years)) == 1 and units.is_unique:
                return units, found
            index = pd.MultiIndex.from_arrays([units, years.astype(int)], names=["unit", "year"])
    found += bad_cells(
        values,
        "uCode",
        index.duplicated() | (units == ""),
        rule="coinr.unit",
        text=Text("Einheit fehlt oder steht doppelt.", "Unit missing or given twice."),
        hint=Text("Eine Zeile je Einheit und Jahr.", "One row per unit and year."),
    )
    return index, found


def _specification(meta: Cells, id: str) -> IndexSpec:
    indicators = tuple(
        IndicatorSpec(
            id=row["iCode"],
            parent=row["Parent"],
            direction="lower" if row["Direction"] == "-1" else "higher",
            weight=float(row["Weight"]),
            title=row.get("iName", ""),
            unit=row.get("Unit", ""),
            denominator=row.get("Denominator") or None,
            target=float(row["Target"]) if row.get("Target") else None,
        )
        for row in _rows(meta, "Indicator")
    )
    nodes = tuple(
        NodeSpec(
            id=row["iCode"],
            parent=row["Parent"],
            weight=float(row["Weight"]),
            title=row.get("iName", ""),
        )
        for row in sorted(_rows(meta, "Aggregate"), key=lambda row: -float(row["Level"] or 0))
    )
    first = any(item.denominator for item in indicators)
    steps = (Step("denominate", Method("ratio")),) * first + DEFAULT_STEPS
    return IndexSpec(id=id, indicators=indicators, nodes=nodes, steps=steps)

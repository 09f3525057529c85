"""Umsteigeschlüssel of the BBSR: workbooks with one sheet per year, or the table of the R package.

Columns are found by their headers, whose wording, line breaks and order change from year to year.
Keys are integers without leading zero, those of counties with ``000`` behind. The columns of
population, area and employees are not read: their units change (thousands, hundreds, persons), and
in the sheets of the counties for 2016 to 2020 a unit that is divided stands with its whole
population in each of its rows. The shares suffice.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from begleitforschung.errors import Finding, SourceFileError, ValidationError
from begleitforschung.language import Text
from begleitforschung.loaders.cells import categorical
from begleitforschung.loaders.files import RawFile, open_raw
from begleitforschung.loaders.gebietsaenderungen import (
    is_list_of_changes,
    read_territorial_changes,
)
from begleitforschung.loaders.territory_source import territory_source
from begleitforschung.loaders.worksheets import sheets_of
from begleitforschung.provenance import Provenance
from begleitforschung.regions.territory import KINDS, SHARES, Crosswalks
from begleitforschung.regions.territory_shares import join_crosswalks, make_crosswalks

_GZIP = b"\x1f\x8b"
_KEY = re.compile(r"(Kreise|Gemeinden?)\s*(\d\d)\.(\d\d)\.(\d{4})")
_SHARE_HEADS = {"flächen": "area", "bevölkerungs": "population", "beschäftigten": "employment"}
_FLAT = ("year_xw", "ags_xw", "pop_conv", "size_conv", "emp_conv")


def read_crosswalk(*paths: str | os.PathLike[str]) -> Crosswalks:
    """Read Umsteigeschlüssel of the BBSR, which say how units pass from one state into another.

    Read are the XLSX of the BBSR (counties or municipalities, one sheet per year) and the CSV of
    the R package ags (``year_xw, ags_xw, pop_conv, size_conv, emp_conv, ags20``), also gzipped.
    For the years after them, add the lists of territorial changes of Destatis.

    Parameters
    ----------
    *paths : str or path
        One or several files; chains lead through all of them.

    Returns
    -------
    Crosswalks
        One crosswalk per pair of states, with findings about every repair (see
        `begleitforschung.regions.territory_shares`); the lists prolong them (see
        `begleitforschung.regions.listed`).

    Raises
    ------
    SourceFileError
        If a file is missing, damaged or no Umsteigeschlüssel.
    ValidationError
        If keys or shares can't be read, or a pair of states stands in two files.

    Examples
    --------
    With a file of your own::

        changes = read_crosswalk("umsteigeschluessel-gemeinden.xlsx", "aenderungen-2024.xlsx")
        table.harmonise(to="2024-12-31", crosswalk=changes)
    """
    if not paths:
        raise SourceFileError("name at least one Umsteigeschlüssel of the BBSR")
    raws = [_open(Path(path)) for path in paths]
    listed = [is_list_of_changes(raw) for raw in raws]
    parts = [
        _read(Path(p), raw)
        for p, raw, is_list in zip(paths, raws, listed, strict=True)
        if not is_list
    ]
    lists = [path for path, is_list in zip(paths, listed, strict=True) if is_list]
    if not lists:
        return join_crosswalks(parts)
    changes = read_territorial_changes(*lists)
    if not parts:
        return Crosswalks(
            steps=(), provenance=changes.provenance, findings=changes.findings, lists=changes
        )
    return join_crosswalks(parts).prolonged(changes)


def _read(path: Path, raw: RawFile) -> Crosswalks:
    remarks: list[Finding] = []
    if raw.kind == "xlsx":
        kind, rows = "umsteigeschluessel", _workbook(raw, remarks)
    elif raw.kind == "text":
        kind, rows = "umsteigeschluessel_csv", _flat(raw)
    else:
        raise SourceFileError(f"{raw.name} is no XLSX or CSV; Umsteigeschlüssel come as XLSX")
    node = Provenance.of("read_crosswalk", territory_source(path, raw, kind))
    found = make_crosswalks(rows, provenance=node, file=raw.name)
    return replace(found, findings=(*raw.findings, *remarks, *found.findings))


def _open(path: Path) -> RawFile:
    """Open a file as all loaders do, unpacking a gzipped CSV first."""
    if not path.is_file():
        return open_raw(path)
    content = path.read_bytes()
    if not content.startswith(_GZIP):
        return open_raw(path)
    try:
        text = gzip.decompress(content)
    except (OSError, EOFError) as error:
        raise SourceFileError(f"{path.name} is a damaged gzip file ({error})") from None
    digest = hashlib.sha256(content).hexdigest()
    return RawFile(name=path.name, kind="text", data=text, sha256=digest)


def _workbook(raw: RawFile, remarks: list[Finding]) -> pd.DataFrame:
    parts = {name: _sheet(raw.name, name, rows) for name, rows in sheets_of(raw) if len(rows) > 1}
    if not parts:
        raise SourceFileError(f"{raw.name} holds no sheet with rows")
    return pd.concat(_one_target(raw.name, parts, remarks), ignore_index=True)


def _one_target(
    file: str, parts: dict[str, pd.DataFrame], remarks: list[Finding]
) -> list[pd.DataFrame]:
    """Correct the target state of single sheets whose units are those that all others lead to.

    The workbook of the counties that leads to 2021 says 31.12.2020 above four of its sheets, though
    Eisenach, dissolved in 2021, is no target there.
    """
    stated = {name: str(part["to_state"].iloc[0]) for name, part in parts.items()}
    usual = max(stated.values(), key=list(stated.values()).count)
    right = [parts[name] for name, state in stated.items() if state == usual]
    if len(right) <= len(parts) / 2:
        return list(parts.values())
    units = set(right[0]["key_new"])
    odd = [n for n, part in parts.items() if stated[n] != usual and set(part["key_new"]) == units]
    for name in odd:
        parts[name]["to_state"] = usual
    if odd:
        words = Text(
            f"Blätter {', '.join(odd)}: Kopf nennt {stated[odd[0]]}, die Einheiten sind die vom "
            f"{usual} wie in den übrigen Blättern; so gelesen",
            f"sheets {', '.join(odd)}: the header says {stated[odd[0]]}, the units are those of "
            f"{usual} as in the other sheets; read as such",
        )
        found = Finding(
            rule="territory.header", severity="warning", text=words, file=file, row=1, n=len(odd)
        )
        remarks.append(found)
    return list(parts.values())


def _sheet(file: str, sheet: str, rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    heads = [re.sub(r"\s+", " ", str(cell)).strip() for cell in rows[0]]
    keys = [(at, found) for at, head in enumerate(heads) if (found := _KEY.fullmatch(head))]
    shares = {
        kind: at
        for at, head in enumerate(heads)
        for word, kind in _SHARE_HEADS.items()
        if head.startswith(word) and "Umsteige" in head
    }
    if len(keys) != 2 or not {"area", "population"} <= set(shares):
        raise SourceFileError(
            f"{file}, sheet {sheet!r}: no Umsteigeschlüssel. Expected in row 1 are two columns "
            "'Gemeinden <date>' or 'Kreise <date>' and the shares by area and population; found: "
            f"{', '.join(heads)[:300]}"
        )
    (old, start), (new, end) = keys
    level = "kreis" if start[1] == "Kreise" else "gemeinde"
    body = [row for row in rows[1:] if any(str(cell).strip() for cell in row)]
    frame = pd.DataFrame({"row": [at for at, row in enumerate(rows[1:], 2) if any(map(str, row))]})
    frame["key_old"] = _keys([row[old] for row in body], level)
    frame["key_new"] = _keys([row[new] for row in body], level)
    for kind in KINDS:
        given = [row[shares[kind]] if kind in shares else "" for row in body]
        frame[f"share_{kind}"] = _numbers(given, file, sheet, kind)
    return frame.assign(from_state=_iso(start), to_state=_iso(end), level=level)


def _keys(cells: list[object], level: str) -> list[str]:
    """Return keys with their leading zero; the three zeros behind a county are no part of it."""
    digits = {"gemeinde": 8, "kreis": 5}[level]
    texts = [str(int(cell)) if isinstance(cell, float) else str(cell).strip() for cell in cells]
    full = [
        text.zfill(8 if len(text) > 6 else digits) if text.isdigit() else text for text in texts
    ]
    return [key[:5] if level == "kreis" and key.endswith("000") else key for key in full]


def _numbers(cells: list[object], file: str, sheet: str, kind: str) -> NDArray[np.float64]:
    """Return shares; an empty cell is unknown."""
    texts = pd.Series([str(cell).strip().replace(",", ".") for cell in cells], dtype="str")
    numbers = pd.to_numeric(texts.where(texts != "", None), errors="coerce").to_numpy(np.float64)
    bad = np.flatnonzero(np.isnan(numbers) & (texts != "").to_numpy())
    if bad.size:
        raise ValidationError(
            f"{file} has shares that can't be read:",
            findings=[
                Finding(
                    rule="territory.share",
                    severity="error",
                    text=Text(f"Blatt {sheet}: keine Zahl", f"sheet {sheet}: not a number"),
                    file=file,
                    row=int(bad[0]) + 2,
                    column=f"share_{kind}",
                    value=str(cells[bad[0]]),
                    n=int(bad.size),
                )
            ],
        )
    return numbers


def _iso(found: re.Match[str]) -> str:
    return f"{found[4]}-{found[3]}-{found[2]}"


def _flat(raw: RawFile) -> pd.DataFrame:
    head = raw.data[:400].decode("utf-8", errors="ignore").splitlines()[0].split(",")
    target = [re.fullmatch(r"(?:ags|ars)(\d\d)", name.strip('"')) for name in head]
    ends = [found for found in target if found]
    if len(ends) != 1 or not set(_FLAT) <= {name.strip('"') for name in head}:
        raise SourceFileError(
            f"{raw.name} is no Umsteigeschlüssel: expected are the columns {', '.join(_FLAT)} and "
            f"the target key, e.g. 'ags20'; found: {', '.join(head)[:300]}"
        )
    text = pa.dictionary(pa.int32(), pa.string())
    kinds = {"year_xw": pa.int32(), "ags_xw": text, ends[0][0]: text}
    kinds |= dict.fromkeys(("pop_conv", "size_conv", "emp_conv"), pa.float64())
    try:
        table = pacsv.read_csv(
            io.BytesIO(raw.data), convert_options=pacsv.ConvertOptions(column_types=kinds)
        )
    except pa.ArrowInvalid as error:
        raise SourceFileError(f"{raw.name} can't be read as CSV: {error}") from None
    frame: pd.DataFrame = table.to_pandas()
    year, end = frame["year_xw"], f"20{ends[0][1]}"
    longest = frame["ags_xw"].cat.categories.str.len().max()
    state = pd.Categorical(year).rename_categories(lambda known: f"{known}-12-31")
    rows = pd.DataFrame(
        {
            "from_state": state,
            "to_state": categorical([f"{end}-12-31"]).repeat(len(frame)),
            "level": categorical(["kreis" if longest <= 5 else "gemeinde"]).repeat(len(frame)),
            "key_old": frame["ags_xw"],
            "key_new": frame[ends[0][0]],
            **dict(
                zip(SHARES, (frame[n] for n in ("pop_conv", "size_conv", "emp_conv")), strict=True)
            ),
            "row": np.arange(2, len(frame) + 2, dtype=np.int32),
        }
    )
    # The rows of the target year lead from a state to itself.
    return rows[state != f"{end}-12-31"]

"""`sniff_layout`: a first version of the layout of an unknown file, to be checked by a person."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.figures import signs
from begleitforschung.loaders.files import RawFile, open_raw
from begleitforschung.loaders.names import slug
from begleitforschung.loaders.reader import DELIMITERS, head_of
from begleitforschung.loaders.worksheets import named
from begleitforschung.regions import is_key

_ROWS = 2000
_NUMBER = re.compile(r"[+-]?\d+(?:[.,' ]\d+)*")
_DATE = re.compile(r"(?:19|20)\d\d(?:-\d\d-\d\d)?")
_IN_NAME = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DAY = re.compile(r"(?:\bam )?\b\d\d\.\d\d\.(?=(?:19|20)\d\d)|(?<!\d)(?:19|20)\d\d(?!\d)")
_UNIT = re.compile(r"[(\[]([^()\[\]]{1,40})[)\]]\s*$")
_KEY_WORDS = re.compile(
    r"ags|ars|schl|kennziff|gkz|krs|gemeinde|kreis|code|key|unit", re.IGNORECASE
)
_YEAR_WORDS = re.compile(r"jahr|year|zeit|datum|stichtag|date", re.IGNORECASE)
_MOSTLY, _SURE = 0.6, 0.9

_HEADER = """\
# First version of a layout, guessed from the file. Check every line, above all the key, the
# year and the units of measure; then say in <file>.meta.yaml which source the file has
# (publisher, licence, attribution). All entries: docs/reference/formats.md
"""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    cells: tuple[str, ...]

    @property
    def filled(self) -> list[str]:
        return [cell for cell in self.cells if cell]

    def share(self, pattern: re.Pattern[str]) -> float:
        """Return the share of filled cells of a pattern, signs of official tables aside."""
        told = [cell for cell in self.filled if cell not in signs()]
        return sum(bool(pattern.fullmatch(cell)) for cell in told) / len(told) if told else 0.0


def sniff_layout(path: str | os.PathLike[str]) -> str:
    """Guess how a file is to be read.

    Parameters
    ----------
    path : str or path
        A delimited text file (also gzipped or in a ZIP) or a workbook.

    Returns
    -------
    str
        A layout as YAML, to be checked and saved as ``<file>.layout.yaml``.

    Raises
    ------
    SourceFileError
        If the file can't be opened or holds no table.

    Examples
    --------
    With a file of your own::

        text = sniff_layout("data/raw/strukturdaten.csv")
    """
    file = Path(path)
    raw, encoding = _opened(file)
    layout: dict[str, Any] = {"id": slug(file.stem) or "tabelle", "title": file.stem}
    if raw.kind == "text":
        delimiter, rows = _rows(raw)
        layout |= {"encoding": encoding, "delimiter": delimiter}
    else:
        name, rows = _largest_sheet(raw)
        layout |= {"sheet": name, "decimal": "."}
    at = _header_row(rows)
    if at is None:
        raise SourceFileError(
            f"{raw.name}: no header with rows of figures below it was found in the first "
            f"{len(rows)} rows; write the layout by hand (docs/reference/formats.md)"
        )
    header = named(rows[at])
    body = [row for row in rows[at + 1 :] if len(row) == len(header)]
    columns = [
        _Column(name, tuple(cell.strip() for cell in cells))
        for name, cells in zip(header, zip(*body, strict=True), strict=True)
    ]
    layout["skip"] = at
    layout |= _described(columns, raw.name, layout)
    text = yaml.safe_dump(layout, allow_unicode=True, sort_keys=False, width=100)
    return _HEADER + text


def _opened(file: Path) -> tuple[RawFile, str]:
    try:
        return open_raw(file), "utf-8"
    except SourceFileError as error:
        if "not UTF-8" not in str(error):
            raise
        return open_raw(file, encoding="cp1252"), "cp1252"


def _rows(raw: RawFile) -> tuple[str, list[list[str]]]:
    """Return the delimiter that gives the most rows of one width, and the first rows."""
    text = raw.data[: 1 << 21].decode("utf-8", errors="ignore")
    best: tuple[int, str, list[list[str]]] = (0, "", [])
    for sign in DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
            rows = [row for row, _ in zip(reader, range(_ROWS), strict=False)]
        except csv.Error:
            continue
        width, many = Counter(len(row) for row in rows).most_common(1)[0]
        if width > 1 and many * (width - 1) > best[0]:
            best = many * (width - 1), sign, rows
    if not best[1]:
        raise SourceFileError(f"{raw.name}: no delimiter gives a table of several columns")
    return best[1], best[2]


def _largest_sheet(raw: RawFile) -> tuple[str, list[list[str]]]:
    if raw.kind != "xlsx":
        raise SourceFileError(f"{raw.name}: layouts are for text files and workbooks")
    sheets = head_of(raw).sheets
    name = max(sheets, key=lambda item: sheets[item].total_height * sheets[item].total_width)
    rows = sheets[name].to_python(skip_empty_area=False, nrows=_ROWS)
    return name, [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if whole and isinstance(cell, float) else str(cell).strip()


def _numeric(row: Sequence[str]) -> float:
    filled = [cell.strip() for cell in row if cell.strip()]
    return sum(bool(_NUMBER.fullmatch(cell)) for cell in filled) / len(filled) if filled else 0.0


def _header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the first row of different texts with a row of more numbers below it."""
    width = Counter(len(row) for row in rows).most_common(1)[0][0] if rows else 0
    for at, row in enumerate(rows[:51]):
        below = rows[at + 1] if at + 1 < len(rows) else []
        names = [cell.strip() for cell in row if cell.strip()]
        whole = len(row) == len(below) == width and len(set(names)) == len(names) > width / 2
        if whole and _numeric(row) < 0.2 and _numeric(below) > _numeric(row) + 0.1:
            return at
    return None


def _described(columns: list[_Column], file: str, layout: dict[str, Any]) -> dict[str, Any]:
    likeliest = max(columns, key=_key_likeness)
    key = likeliest if _key_likeness(likeliest) >= _SURE else None
    time = next((c for c in columns if c is not key and _is_time(c)), None)
    figures = [c for c in columns if c not in (key, time) and c.share(_NUMBER) >= _MOSTLY]
    found = dict(layout) | (_number_signs(figures) if "decimal" not in layout else {})
    own = _own_signs(figures)
    if own:
        found["signs"] = own
    if key is not None:
        longest = max(len(cell) for cell in key.filled)
        width = longest if any(len(cell) < longest for cell in key.filled) else None
        found["key"] = [{"column": key.name} | ({"width": width} if width else {})]
    else:
        found["key"] = [{"column": "SAY WHICH COLUMN HOLDS THE KEY"}]
    found["year"] = {"column": time.name} if time else _year_of(file)
    entries: dict[str, dict[str, Any]] = {}
    for column in figures:
        entry = _entry(column, dated=time is None)
        while any(
            entry["id"] == e["id"] and e.get("year") == entry.get("year") for e in entries.values()
        ):
            entry["id"] += "_2"
        entries[column.name] = entry
    return found | {"indicators": list(entries.values())}


def _key_likeness(column: _Column) -> float:
    """Return the share of cells that are keys, zeros in front restored; names count, too."""
    cells = column.filled
    if not cells:
        return 0.0
    longest = max(len(cell) for cell in cells)
    keys = sum(is_key(cell.zfill(longest)) and cell.isdecimal() for cell in cells) / len(cells)
    fits = longest in (2, 5, 8, 9, 12) and len(set(cells)) > 1
    return keys * fits + (0.1 if _KEY_WORDS.search(column.name) else 0.0)


def _is_time(column: _Column) -> bool:
    return column.share(_DATE) >= _MOSTLY and bool(_YEAR_WORDS.search(column.name))


def _year_of(file: str) -> Any:
    found = set(_IN_NAME.findall(file))
    return int(found.pop()) if len(found) == 1 else 1900


def _number_signs(figures: list[_Column]) -> dict[str, str]:
    texts = [cell for column in figures for cell in column.filled]
    comma = sum(bool(re.fullmatch(r"[+-]?\d+,\d+", cell)) for cell in texts)
    point = sum(bool(re.fullmatch(r"[+-]?\d+\.\d+", cell)) for cell in texts)
    groups = {
        sign: sum(
            bool(re.fullmatch(rf"[+-]?\d{{1,3}}(?:{re.escape(sign)}\d{{3}})+\D?\d*", cell))
            for cell in texts
        )
        for sign in (",", ".")
    }
    # A sign with three digits behind it throughout stands between thousands.
    thousands = [
        sign for sign, many in groups.items() if many and many == {",": comma, ".": point}[sign]
    ]
    decimal = "," if comma > point else "."
    if thousands:
        decimal = "." if thousands[0] == "," else ","
    return {"decimal": decimal} | ({"thousands": thousands[0]} if thousands else {})


def _own_signs(figures: list[_Column]) -> dict[str, str]:
    others = Counter(
        cell
        for column in figures
        for cell in column.filled
        if not _NUMBER.fullmatch(cell) and cell not in signs()
    )
    found = dict.fromkeys((text for text, _ in others.most_common(5)), "missing")
    return found | dict.fromkeys({"-9999"} & {c for f in figures for c in f.filled}, "missing")


def _entry(column: _Column, *, dated: bool) -> dict[str, Any]:
    years = _IN_NAME.findall(column.name) if dated else []
    bare = " ".join(_DAY.sub("", column.name).split()) if years else column.name
    unit = _UNIT.search(bare)
    code = slug(bare) or slug(column.name) or "spalte"
    entry: dict[str, Any] = {"id": code, "column": column.name, "title": {"de": bare}}
    if unit:
        entry["unit_of_measure"] = unit[1]
    if years:
        entry["year"] = int(years[-1])
    return entry

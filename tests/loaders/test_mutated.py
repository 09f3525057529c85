"""Mutated workbooks and texts: a reader gives figures or an error of our own, nothing else.

A longer run: FUZZ_EXAMPLES=2000 pytest tests/loaders/test_mutated.py -s
"""

import gzip
import os
import random
from contextlib import suppress
from datetime import datetime, time
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from begleitforschung import (
    read_crosswalk,
    read_gemeindeverzeichnis,
    read_indicators,
    read_municipalities,
    read_territorial_changes,
)
from begleitforschung.errors import BegleitforschungError
from begleitforschung.loaders import read_inkar_catalogue
from begleitforschung.regions import Crosswalks
from begleitforschung.tables import IndicatorTable

RUNS = int(os.environ.get("FUZZ_EXAMPLES", "50"))
ODD = (
    *(None, "", " ", "x", "–", "1,5", "01001000", "9999999999", "=1/0", "60", 7),
    *(-5, 0.5, 1e308, 10**12, True, datetime(2020, 1, 1), time(1, 2)),
)
BOOKS = {
    "gv/31121994_Auszug_GV.xlsx": (read_gemeindeverzeichnis,),
    "gv/31122023_Auszug_GV.xlsx": (read_indicators, read_municipalities),
    "territorial/ref-kreise-umrech-2021-1990-2020.xlsx": (read_crosswalk,),
    "territorial/ref-gemeinden-umrech-2020-2023.xlsx": (read_crosswalk,),
    "territorial/destatis_Namens-Grenz-Aenderung_2023.xlsx": (
        read_territorial_changes,
        read_crosswalk,
    ),
    "inkar/Uebersicht der Indikatoren.xlsx": (read_inkar_catalogue,),
    "breitband/2021_BBA_Kreisdaten.xls": (read_indicators,),
    "panels/Deutschlandatlas-Daten.xlsx": (
        partial(read_indicators, sheet="Deutschlandatlas_KRS1222"),
    ),
}
TEXTS = {
    "territorial/xm20.csv.gz": (read_crosswalk,),
    "gv/GV100AD_sample_lines_2014_2022.txt": (read_gemeindeverzeichnis, read_indicators),
    "wegweiser": (read_indicators,),
}
# No file of Wegweiser Kommune is at hand.
WEGWEISER = (
    '"Bevölkerung";"Altenquotient"\n"Köln";"Ulm"\n"Indikatoren";"2015\nKöln";"2015\nUlm"\n'
    '"Bevölkerung (Anzahl)";1.060.582;122.636\n"Altenquotient";27,5;"-"\n'
    '"Quelle: Statistische Ämter";;\n"Stand 2020"\n'
)
BITS = (b"", b";", b",", b'"', b"\n", b"\r\n", b"x", b"-", b"\x00", b"\xff", b"60", b"1e400", b" ")


@cache
def sheets_of(path, rows=15, most=2):
    """Return the first rows of the first sheets of a real file."""
    book = CalamineWorkbook.from_path(str(path))
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)[:rows]
        for name in [
            *book.sheet_names[:most],
            *(n for n in book.sheet_names if n.endswith("KRS1222")),
        ]
    }


def mutated(sheets, chance):
    copy = {name: [list(row) for row in rows] for name, rows in sheets.items()}
    filled = [name for name, rows in copy.items() if rows and rows[0]]
    for _ in range(chance.randint(1, 4)):
        rows = copy[chance.choice(filled)]
        at, kind = chance.randrange(len(rows)), chance.random()
        column = chance.randrange(max(len(rows[at]), 1))
        if kind < 0.85 and rows[at]:
            rows[at][column] = chance.choice(ODD)
        elif kind < 0.9 and len(rows) > 1:
            del rows[at]
        elif kind < 0.95:
            rows.insert(at, [""] * len(rows[at]))
        else:
            for row in rows:
                del row[column : column + 1]
    return copy


def written(sheets, target):
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    book.save(target)
    return target


def outcome(reader, copy):
    try:
        found = reader(copy)
    except BegleitforschungError as error:
        return "refused" if copy.name in str(error) else str(error)
    if isinstance(found, IndicatorTable):
        check(found, copy)
    elif isinstance(found, Crosswalks):
        for step in found:
            shares = step.data.filter(like="share_").to_numpy()
            assert ((shares >= 0) & (shares <= 1 + 1e-6) | np.isnan(shares)).all()
    return "read"


def check(table, copy):
    """Say whether each number stands in the row that the table names."""
    if copy.suffix != ".xlsx":
        lines = copy.read_bytes().decode("utf-8", "replace").splitlines()
        if "gv" not in copy.name:
            return
        for row, value in table.data[["row", "value"]].dropna().values:
            digits = str(round(value * 100)) if value % 1 else str(int(value))
            total = table.data.loc[table.data["row"] == row, "indicator"]
            assert digits in lines[int(row) - 1] or "population_female" in set(total)
        return
    sheets = CalamineWorkbook.from_path(str(copy))
    rows = [
        sheets.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in sheets.sheet_names
    ]
    # Classes, which the definition lists, become their rank.
    plain = [name for name, meaning in table.indicators.items() if meaning.definition is None]
    data = table.data[table.data["indicator"].isin(plain)]
    for row, value in data[["row", "value"]].dropna().values:
        cells = [cell for part in rows for cell in (part[int(row) - 1 : int(row)] or [[]])[0]]
        assert value in numbers(cells), (row, value)


def numbers(cells):
    found = set()
    for cell in cells:
        with suppress(ValueError, TypeError):
            found.add(float(str(cell).replace(",", ".")))
    texts = [cell for cell in cells if isinstance(cell, str)]
    if any(text.strip() in ("-", "–") for text in texts):
        found.add(0.0)  # a sign
    return found


@pytest.mark.parametrize("name", BOOKS)
def test_odd_cells_give_figures_or_our_own_error(shared, tmp_path, name):
    sheets = sheets_of(shared / "data" / name)
    chance, outcomes = random.Random(name), []
    target = tmp_path / f"{Path(name).stem}.xlsx"  # some hold the year
    for _ in range(RUNS):
        copy = written(mutated(sheets, chance), target)
        outcomes += [outcome(reader, copy) for reader in BOOKS[name]]
    assert set(outcomes) == {"read", "refused"}
    print(name, {kind: outcomes.count(kind) for kind in set(outcomes)})


@pytest.mark.parametrize("name", BOOKS)
def test_damaged_bytes_give_our_own_error_or_what_is_left(shared, tmp_path, name):
    content = written(sheets_of(shared / "data" / name), tmp_path / "head.xlsx").read_bytes()
    chance, copy = random.Random(name), tmp_path / f"{Path(name).stem}_.xlsx"
    refused = 0
    for _ in range(RUNS):
        at = chance.randrange(len(content))
        kinds = (content[:at], content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :])
        copy.write_bytes(chance.choice(kinds))
        try:
            BOOKS[name][0](copy)
        except BegleitforschungError:
            refused += 1
    assert refused
    print(name, {"refused": refused, "read": RUNS - refused})


def text_of(shared, name):
    """Return a short copy: the first rows, or the lines of one state."""
    if name == "wegweiser":
        return WEGWEISER.encode("utf-8")
    content = (shared / "data" / name).read_bytes()
    if name.endswith(".gz"):
        return b"".join(gzip.decompress(content).splitlines(keepends=True)[:25])
    lines = content.splitlines(keepends=True)
    return b"".join(line for line in lines if line[2:6] == b"2014")


@pytest.mark.parametrize("name", TEXTS)
def test_damaged_text_gives_figures_or_our_own_error(shared, tmp_path, name):
    content = text_of(shared, name)
    chance, copy, outcomes = random.Random(name), tmp_path / f"{name[:2]}_mutated.txt", []
    for _ in range(RUNS):
        text = content
        for _ in range(chance.randint(1, 4)):
            at, length = chance.randrange(len(text) + 1), chance.randint(0, 12)
            text = text[:at] + chance.choice(BITS) + text[at + length :]
        copy.write_bytes(text)
        outcomes += [outcome(reader, copy) for reader in TEXTS[name]]
    assert set(outcomes) == {"read", "refused"}
    print(name, {kind: outcomes.count(kind) for kind in set(outcomes)})

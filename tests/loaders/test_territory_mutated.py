"""Mutated files about territory: a reader gives figures or an error of our own, nothing else."""

import random
from datetime import datetime, time

import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from begleitforschung import (
    read_crosswalk,
    read_gemeindeverzeichnis,
    read_municipalities,
    read_territorial_changes,
)
from begleitforschung.errors import BegleitforschungError

ODD = (
    *(None, "", " ", "x", "–", "1,5", "01001000", "9999999999", "=1/0"),
    *(-5, 0.5, 1e308, 10**12, True, datetime(2020, 1, 1), time(1, 2)),
)
READERS = {
    "gv/31122023_Auszug_GV.xlsx": (read_gemeindeverzeichnis, read_municipalities),
    "territorial/ref-gemeinden-umrech-2020-2023.xlsx": (read_crosswalk,),
    "territorial/destatis_Namens-Grenz-Aenderung_2023.xlsx": (read_territorial_changes,),
}


def head_of(source, target, rows=40):
    """Write the first rows of every sheet of a real file."""
    book = Workbook()
    book.remove(book.active)
    real = CalamineWorkbook.from_path(str(source))
    for name in real.sheet_names:
        sheet = book.create_sheet(name)
        for row in real.get_sheet_by_name(name).to_python(skip_empty_area=False)[:rows]:
            sheet.append([None if cell == "" else cell for cell in row])
    book.save(target)
    return target


def mutated(path, target, chance):
    book = load_workbook(path)
    for _ in range(chance.randint(1, 4)):
        sheet = chance.choice(book.worksheets)
        row, column = chance.randint(1, sheet.max_row), chance.randint(1, sheet.max_column)
        kind = chance.random()
        if kind < 0.85:
            sheet.cell(row, column).value = chance.choice(ODD)
        elif kind < 0.9:
            sheet.delete_rows(row)
        elif kind < 0.95:
            sheet.insert_rows(row)
        else:
            sheet.delete_cols(column)
    book.save(target)
    return target


@pytest.mark.parametrize("name", READERS)
def test_odd_cells_give_figures_or_our_own_error(shared, tmp_path, name):
    path = head_of(shared / "data" / name, tmp_path / "head.xlsx")
    chance, outcomes = random.Random(name), []
    for _ in range(50):
        copy = mutated(path, tmp_path / "mutated.xlsx", chance)
        for reader in READERS[name]:
            try:
                reader(copy)
                outcomes.append("read")
            except BegleitforschungError as error:
                outcomes.append("refused" if "mutated.xlsx" in str(error) else str(error))
    assert set(outcomes) == {"read", "refused"}


@pytest.mark.parametrize("name", READERS)
def test_damaged_bytes_give_our_own_error_or_what_is_left(shared, tmp_path, name):
    content = head_of(shared / "data" / name, tmp_path / "head.xlsx").read_bytes()
    chance, copy = random.Random(name), tmp_path / "mutated.xlsx"
    refused = 0
    for _ in range(50):
        at = chance.randrange(len(content))
        kinds = (content[:at], content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :])
        copy.write_bytes(chance.choice(kinds))
        try:
            READERS[name][0](copy)
        except BegleitforschungError:
            refused += 1
    assert refused

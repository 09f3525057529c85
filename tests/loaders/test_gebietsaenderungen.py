"""Lists of territorial changes: the publisher's files, and rows that can't be read."""

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from begleitforschung import read_territorial_changes
from begleitforschung.errors import SourceFileError, ValidationError

# File: rows, of them municipalities, and residents of all parts that pass.
FILES = {"2023": (58, 43, 55_224), "2024": (82, 67, 192_202), "2025-02": (28, 21, 66_828)}


@pytest.fixture(scope="module")
def path(shared):
    folder = shared / "data/territorial"
    return lambda year: folder / f"destatis_Namens-Grenz-Aenderung_{year}.xlsx"


@pytest.mark.parametrize("year", FILES)
def test_lists_load_whole(path, year):
    rows, municipalities, people = FILES[year]
    changes = read_territorial_changes(path(year))
    assert len(changes) == rows
    assert (changes.data["level"] == "gemeinde").sum() == municipalities
    assert changes.data["population"].sum() == people
    verband = changes.data[changes.data["level"] == "verband"]
    assert (verband["ags_old"] == "").all()
    (source,) = changes.provenance.sources()
    assert source.edition.startswith("Gebietsänderungen vom 01.01.")


def test_a_dissolved_municipality_names_its_receivers(path):
    changes = read_territorial_changes(path("2023")).data
    forest = changes[changes["ags_old"] == "09374451"]
    assert forest["ags_new"].tolist() == ["09374129", "09472180", "09472184"]
    assert forest["area_m2"].sum() == 3_965_780 + 323_617 + 1_594_550
    assert forest["legal_date"].iloc[0] == pd.Timestamp("2023-06-01")
    assert forest["statistical_date"].iloc[0] == pd.Timestamp("2023-07-01")


def test_between_two_states_counts_the_statistical_date(path):
    changes = read_territorial_changes(*(path(year) for year in FILES))
    assert len(changes) == 168
    assert len(changes.between("2023-12-31", "2024-12-31")) == 82
    both = read_territorial_changes(path("2023"), path("2023"))
    assert len(both) == 58
    assert [(item.rule, item.n) for item in both.findings] == [("changes.twice", 58)]


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [
        (1, "Dorf", "level"),
        (3, "1234", "ags_old"),
        (5, "9", "kinds"),
        (6, "viel", "area_m2"),
        (6, "1e300", "area_m2"),
        (7, "-5", "population"),
        (12, "31.02.2023", "statistical_date"),
    ],
)
def test_a_broken_row_is_named(path, tmp_path, column, value, name):
    book = load_workbook(path("2023"))
    book["Gebietsaenderungen"].cell(row=6, column=column + 1, value=value)
    copy = tmp_path / "2023.xlsx"
    book.save(copy)
    with pytest.raises(ValidationError) as caught:
        read_territorial_changes(copy)
    assert [(item.column, item.row, item.value) for item in caught.value.findings] == [
        (name, 6, value)
    ]


def test_other_files_are_refused(tmp_path):
    book = Workbook()
    book.active.append(["unit", "value"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(SourceFileError, match="no list of territorial changes"):
        read_territorial_changes(tmp_path / "a.xlsx")
    with pytest.raises(SourceFileError, match="at least one"):
        read_territorial_changes()


@pytest.mark.parametrize(
    ("title", "periods"),
    [
        ("Gebietsänderungen vom 01.01. - 31.12.2023", (("2023-01-01", "2023-12-31"),)),
        ("Gebietsänderungen vom 01.10.2022 bis 31.03.2023", (("2022-10-01", "2023-03-31"),)),
        ("Gebietsänderungen vom 01.01. - 31.13.2023", ()),
        ("Gebietsänderungen", ()),
    ],
)
def test_the_title_says_which_days_are_covered(path, tmp_path, title, periods):
    book = load_workbook(path("2023"))
    book["Gebietsaenderungen"].cell(row=1, column=1, value=title)
    book.save(tmp_path / "2023.xlsx")
    changes = read_territorial_changes(tmp_path / "2023.xlsx")
    assert changes.periods == periods
    assert [item.rule for item in changes.findings] == ([] if periods else ["changes.period"])


def test_a_municipality_needs_both_keys(path, tmp_path):
    book = load_workbook(path("2023"))
    book["Gebietsaenderungen"].cell(row=6, column=10).value = None
    book.save(tmp_path / "2023.xlsx")
    with pytest.raises(ValidationError) as caught:
        read_territorial_changes(tmp_path / "2023.xlsx")
    assert [(item.column, item.row) for item in caught.value.findings] == [("ags_new", 6)]

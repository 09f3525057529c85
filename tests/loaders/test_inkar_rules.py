"""INKAR wide exports: against the file read as plain text, and every way a head can be wrong."""

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.loaders import read_indicators

HEAD = "Kennziffer;Raumeinheit;Aggregat;"


def export(names, years, *rows):
    """An export of columns, years and rows of (key, values)."""
    lines = [HEAD + ";".join(names), ";;;" + ";".join(years)]
    lines += [f"{key};Name {key};Kreis;" + ";".join(values) for key, *values in rows]
    return "\r\n".join(lines) + "\r\n"


def figures(table):
    keys = zip(table.data["unit"], table.data["indicator"], table.data["year"], strict=True)
    return dict(zip(keys, table.data["value"], strict=True))


def test_every_figure_of_the_real_export_is_that_of_the_text(shared):
    path = shared / "data/inkar/inkar_sdg_etc.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        names, years, *rows = csv.reader(file, delimiter=";")
    table = read_indicators(path)
    code = {item.title.de: name for name, item in table.indicators.items()}
    found = figures(table)
    wanted = {
        (row[0], code[name], int(year)): float(cell.replace(".", "").replace(",", "."))
        for row in rows
        for name, year, cell in zip(names[3:], years[3:], row[3:], strict=True)
    }
    assert found == wanted
    places = table.data.groupby("unit", observed=True)["row"].agg(["min", "max"])
    assert places.loc[rows[0][0]].tolist() == [3, 3]
    assert places.loc[rows[-1][0]].tolist() == [len(rows) + 2] * 2


@pytest.mark.parametrize(
    ("cell", "value", "status"),
    [
        ("1.560", 1560.0, "normal"),
        ("1.234.567,8", 1234567.8, "normal"),
        ("-47,9", -47.9, "normal"),
        ("0", 0.0, "normal"),
        ("-", 0.0, "zero"),
        ("12,5 p", 12.5, "preliminary"),
        ("(3)", 3.0, "limited"),
    ],
)
def test_numbers_are_german_with_points_between_thousands(put, cell, value, status):
    table = read_indicators(put(export(["x"], ["2020"], ("01001", cell))))
    assert table.data["value"].tolist() == [value]
    assert table.data["status"].tolist() == [status]


@pytest.mark.parametrize("cell", [".", "/", "x", "...", ""])
def test_signs_and_empty_cells_have_no_value(put, cell):
    data = read_indicators(put(export(["x", "y"], ["2020"] * 2, ("01001", cell, "1")))).data
    assert data["value"].isna().tolist() == [True, False]


@pytest.mark.parametrize("cell", ["1.56", "1,5,6", "12.3456", "1 560", "k. A.", "1.5e3"])
def test_other_cells_are_refused_with_row_and_numbered_column(put, cell):
    with pytest.raises(ValidationError) as error:
        read_indicators(put(export(["x", "x"], ["2020", "2021"], ("01001", "1", "2"),
                                   ("01002", "3", cell))))  # fmt: skip
    (found,) = error.value.findings
    assert (found.rule, found.row, found.column) == ("loader.not_a_number", 4, "x (5)")
    assert found.value == cell


@pytest.mark.parametrize(
    ("names", "years", "rule"),
    [
        (["x"], ["20"], "inkar.year"),
        (["x"], ["1820"], "inkar.year"),
        (["x"], ["2020/21"], "inkar.year"),
        (["x", "y"], ["2020", ""], "inkar.year"),
        (["x", ""], ["2020", "2021"], "inkar.year"),
        (["x", "y"], ["2020"], None),
        (["x"], ["2020", "2021"], None),
    ],
)
def test_names_and_years_must_stand_in_pairs(put, names, years, rule):
    with pytest.raises(
        SourceFileError, match=r"indicators in row 1 and \d years in row 2"
    ) as error:
        read_indicators(put(export(names, years, ("01001", *["1"] * len(names)))))
    assert {(f.rule, f.row) for f in error.value.findings} == ({(rule, 2)} if rule else set())
    for found in error.value.findings:
        assert "ein Jahr je Spalte" in found.hint.de


def test_an_export_without_its_row_of_years_is_refused(put):
    text = export(["x"], ["2020"], ("01001", "1")).replace(";;;2020\r\n", "")
    with pytest.raises(SourceFileError, match=r"the years in row 2.*Export the table again"):
        read_indicators(put(text))


def test_names_of_the_catalogue_have_its_numbers_and_definitions(put):
    table = read_indicators(put(export(["SGB II - Quote"], ["2020"], ("01001", "9,25"))))
    item = table.indicator("12101")
    assert item.title.de == "SGB II - Quote"
    assert item.definition.de
    assert (item.decimals, item.aggregation, item.unit_of_measure) == (2, "unknown", "")


@pytest.mark.parametrize(
    ("name", "rule", "code", "de"),
    [
        ("Neue Größe", "inkar.not_in_catalogue", "neue_groesse", "steht nicht im INKAR-Katalog"),
        ("Einwohnerdichte", "inkar.ambiguous_name", "einwohnerdichte", "steht mehrfach"),
    ],
)
def test_other_names_get_a_code_of_their_own_and_a_warning(put, name, rule, code, de):
    table = read_indicators(put(export([name], ["2020"], ("01001", "1"))))
    (found,) = [item for item in table.findings if item.rule == rule]
    assert (found.severity, found.row, found.column, found.value) == ("warning", 1, name, code)
    assert de in found.text.de
    assert ("M_ID" in found.hint.de) is (rule == "inkar.ambiguous_name")
    assert list(table.indicators) == [code]


def test_two_names_with_one_code_do_not_become_one_series(put):
    with pytest.raises(ValidationError, match="not unique"):
        read_indicators(
            put(export(["Neue Größe", "neue groesse"], ["2020"] * 2, ("01001", "1", "2")))
        )


years = st.lists(st.integers(1990, 2029), min_size=1, max_size=5, unique=True)


@settings(max_examples=15)
@given(years, st.data())
def test_figures_land_under_their_year_whatever_the_order_of_columns(tmp_path_factory, years, data):
    values = data.draw(st.lists(st.integers(-9999, 9999), min_size=len(years), max_size=len(years)))
    path = tmp_path_factory.mktemp("inkar") / "x.csv"
    text = export(["x"] * len(years), map(str, years), ("01001", *map(str, values)))
    path.write_text(text, encoding="utf-8", newline="")
    found = figures(read_indicators(path))
    assert found == {("01001", "x", y): float(v) for y, v in zip(years, values, strict=True)}


@pytest.mark.parametrize(
    ("cells", "decimals"), [(("1,25", "1"), 2), (("1", "1,5"), 1), (("1", "-"), 0)]
)
def test_decimals_are_the_most_of_all_years(put, cells, decimals):
    table = read_indicators(put(export(["x", "x"], ["2020", "2021"], ("01001", *cells))))
    assert table.indicator("x").decimals == decimals

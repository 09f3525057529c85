"""INKAR long CSV: both editions, Bereiche that repeat figures, keys, and the catalogue."""

import pytest

from begleitforschung.errors import SourceFileError, UnknownCodeError, ValidationError
from begleitforschung.loaders import read_indicators, read_inkar_catalogue

HEAD = "Bereich;ID;Kuerzel;Indikator;Raumbezug;Kennziffer;Name;Zeitbezug;Wert\n"
ROWS = (
    "LRB;12;a_x;Anteil X (in %);Kreise;08421;Ulm;2021;12,5\n"
    "LRB;12;a_x;Anteil X (in %);Gemeinden;08421000;Ulm;2021;12,5\n"
    "LRB;12;a_x;Anteil X (in %);Bund;0;Deutschland;2021;10,25\n"
    "LRB;13;a_y;Anteil Y (in %);Kreise;09761;Augsburg;2020;-\n"
)


def finding(table, rule):
    (item,) = [item for item in table.findings if item.rule == rule]
    return item


def test_the_edition_of_2025(put):
    table = read_indicators(put("\ufeff" + HEAD + ROWS))
    assert table.units == ("08421", "08421000", "09761", "DG")
    assert set(table.indicators) == {"12", "13"}
    item = table.indicators["12"]
    assert (item.title.de, item.decimals) == ("Anteil X (in %)", 2)
    rows = table.data.set_index(table.data["unit"].astype(str))
    assert rows.loc["DG", ["value", "row"]].tolist() == [10.25, 4]
    assert (rows.loc["09761", "value"], rows.loc["09761", "status"]) == (0.0, "zero")
    (source,) = table.provenance.sources()
    assert source.edition == "INKAR 2025"
    assert source.attribution == "Laufende Raumbeobachtung des BBSR – INKAR"


def test_the_edition_of_2021_has_no_kuerzel(put):
    text = "".join(
        ";".join(cell for at, cell in enumerate(line.split(";")) if at != 2)
        for line in (HEAD + ROWS).splitlines(keepends=True)
    )
    table = read_indicators(put(text), source="inkar")
    assert len(table) == 4
    assert table.provenance.sources()[0].edition == "INKAR 2021"


def test_equal_figures_of_several_bereiche_stand_once(put):
    table = read_indicators(put(HEAD + ROWS + ROWS.replace("LRB", "SDG")))
    assert len(table) == 4
    merged = finding(table, "inkar.bereich_merged")
    assert (merged.severity, merged.n, merged.row) == ("info", 4, 6)


def test_different_figures_of_several_bereiche_ask_for_one(put):
    text = HEAD + ROWS + ROWS.replace("LRB", "SDG").replace("12,5", "13,5")
    with pytest.raises(ValidationError) as error:
        read_indicators(put(text))
    (item,) = error.value.findings
    assert (item.rule, item.row, item.n) == ("inkar.bereich_differs", 2, 4)
    assert "bereich='LRB'" in item.hint.en
    table = read_indicators(put(text), bereich="SDG")
    assert table.data["value"].max() == 13.5
    with pytest.raises(UnknownCodeError, match="Did you mean 'SDG'"):
        read_indicators(put(text), bereich="SGD")


def test_a_figure_twice_in_one_bereich_is_refused(put):
    with pytest.raises(ValidationError, match="not unique"):
        read_indicators(put(HEAD + ROWS + ROWS))


def test_keys_of_other_levels_never_pass_as_official_ones(put):
    other = "LRB;12;a_x;Anteil X (in %);Raumordnungsregionen;0801;Region;2021;7,5\n"
    table = read_indicators(put(HEAD + other + ROWS))
    assert len(table) == 4
    left = finding(table, "inkar.raumbezug")
    assert (left.row, left.n, left.value) == (2, 1, "Raumordnungsregionen")


def test_a_leading_zero_is_restored_where_the_level_tells_the_length(put):
    table = read_indicators(put(HEAD + ROWS.replace(";08421;", ";8421;")))
    assert "08421" in table.units
    assert finding(table, "inkar.leading_zero").row == 2
    with pytest.raises(ValidationError) as error:
        read_indicators(put(HEAD + ROWS.replace(";08421;", ";421;")))
    assert (error.value.findings[0].row, error.value.findings[0].value) == (2, "421")


def test_times_that_are_no_year_are_left_out_and_counted(put):
    table = read_indicators(put(HEAD + ROWS.replace("2020;-", "2019-2020;-")))
    assert len(table) == 3
    assert finding(table, "inkar.zeitbezug").value == "2019-2020"


def test_unreadable_numbers_are_named(put):
    with pytest.raises(ValidationError) as error:
        read_indicators(put(HEAD + ROWS.replace("10,25", "10.25")))
    (item,) = error.value.findings
    assert (item.row, item.column, item.value) == (4, "Wert", "10.25")


@pytest.fixture(scope="module")
def catalogue(shared):
    return read_inkar_catalogue(shared / "data/inkar/Uebersicht der Indikatoren.xlsx")


def test_the_catalogue_holds_660_indicators_of_four_bereiche(catalogue):
    assert catalogue.edition == "INKAR 2025 (Stand 11.08.2025)"
    assert len(catalogue.entries) == 660
    main = [item for item in catalogue.entries if item.bereich == "Raumbeobachtung DE"]
    assert sum("Kreise" in item.availability for item in main) == 413
    assert sum("Gemeinden" in item.availability for item in main) == 136
    entry = catalogue.entry("2")
    assert (entry.kurzname, entry.kuerzel, entry.theme) == (
        "Bevölkerung gesamt", "xbev", "Absolutzahlen"
    )  # fmt: skip
    assert entry.availability == {"Gemeinden": "1995-2023", "Kreise": "1995-2023"}
    assert len(catalogue.at_level("Kreise")) == 413 + 43
    assert catalogue.to_frame().shape == (660, 13)


def test_kuerzel_are_no_keys(catalogue):
    ambiguous = catalogue.ambiguous()
    german = {
        name: [i for i in ids if catalogue.entry(i).bereich != "Raumbeobachtung EU"]
        for name, ids in ambiguous.items()
    }
    assert len(ambiguous) == 61
    assert sum(len(ids) > 1 for ids in german.values()) == 52
    assert ambiguous["q_alo"] == ("1101", "17101")
    (item,) = [item for item in catalogue.findings if item.rule == "inkar.ambiguous_kuerzel"]
    assert item.n == 61


def test_an_unknown_m_id_and_another_file_are_refused(catalogue, put, tidy_text, shared):
    with pytest.raises(UnknownCodeError):
        catalogue.entry("999999")
    with pytest.raises(SourceFileError, match="no XLSX file"):
        read_inkar_catalogue(put(tidy_text))
    with pytest.raises(SourceFileError, match="no catalogue of INKAR"):
        read_inkar_catalogue(shared / "data/gv/04_KreiseVorjahr.xlsx")


@pytest.mark.parametrize("number", ["", "-", "../1"])
def test_a_row_without_a_number_of_its_indicator_is_refused(put, number):
    head = "Bereich;ID;Indikator;Raumbezug;Kennziffer;Name;Zeitbezug;Wert\n"
    path = put(f"{head}LRB;1;A;Kreise;08421;Ulm;2021;5\nLRB;{number};A;Kreise;08421;Ulm;2021;5\n")
    with pytest.raises(ValidationError) as caught:
        read_indicators(path)
    assert [(item.rule, item.row) for item in caught.value.findings] == [("inkar.m_id", 3)]

"""What goes before what: arguments, sidecar, content; and what the provenance and findings say."""

import hashlib

import pytest

from begleitforschung.errors import (
    CatalogueError,
    SourceFileError,
    TerritoryError,
    UnknownCodeError,
    ValidationError,
)
from begleitforschung.loaders import Sidecar, SidecarSource, read_indicators, read_sidecar

TEXT = "unit;year;indicator;value\n08421;2021;pkw;612,5\n09761;2021;pkw;540,25\n"
SOURCE = "source: {publisher: KBA, title: Bestand}\n"


def beside(path, text):
    path.with_name(path.name + ".meta.yaml").write_text(text, encoding="utf-8")
    return path


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def finding(table, rule):
    (found,) = [item for item in table.findings if item.rule == rule]
    return found


# Territorial state ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "described", "state", "warned"),
    [
        (None, None, "unknown", False),
        (None, "unknown", "unknown", False),
        (None, "2021-12-31", "2021-12-31", False),
        (None, "jeweils", "jeweils", False),
        ("2021-12-31", None, "2021-12-31", False),
        ("2021-12-31", "unknown", "2021-12-31", False),
        ("2021-12-31", "2021-12-31", "2021-12-31", False),
        ("2020-12-31", "2021-12-31", "2020-12-31", True),
        ("jeweils", "2021-12-31", "jeweils", True),
    ],
)
def test_the_state_is_that_of_the_argument_then_of_the_sidecar(
    put, argument, described, state, warned
):
    path = put(TEXT)
    if described is not None:
        beside(path, SOURCE + f'gebietsstand: "{described}"\n')
    table = read_indicators(path, gebietsstand=argument)
    assert table.gebietsstand == state
    assert dict(table.provenance.parameters)["gebietsstand"] == state
    assert table.provenance.sources()[0].gebietsstand == state
    assert ("loader.gebietsstand" in [item.rule for item in table.findings]) is warned
    if warned:
        said = finding(table, "loader.gebietsstand")
        assert said.text.de == f"Gebietsstand {argument} angegeben, im Sidecar steht {described}"
        assert (
            said.text.en == f"territorial state {argument} was given, the sidecar says {described}"
        )


@pytest.mark.parametrize(
    "state", ["2021", "31.12.2021", "2021-13-01", "2021-02-30", "20211231", "heute", ""]
)
def test_a_state_is_a_day_that_exists(put, state):
    path = put(TEXT)
    with pytest.raises(TerritoryError, match="expected a date such as 2021-12-31"):
        read_indicators(path, gebietsstand=state)
    beside(path, SOURCE + f'gebietsstand: "{state}"\n')
    with pytest.raises(CatalogueError, match="is no territorial state") as error:
        read_indicators(path)
    assert error.value.findings[0].column == "gebietsstand"


# Format ---------------------------------------------------------------------------------------


def test_the_argument_source_goes_before_the_format_of_the_sidecar(put):
    path = beside(put(TEXT), SOURCE + "format: inkar_wide\n")
    with pytest.raises(SourceFileError, match="not in the format 'inkar_wide' that was asked for"):
        read_indicators(path)
    assert len(read_indicators(path, source="tidy")) == 2


def test_a_tidy_table_that_is_refused_as_another_format_lacks_nothing(put):
    with pytest.raises(SourceFileError) as error:
        read_indicators(put(TEXT), source="inkar")
    assert "it lacks" not in str(error.value)
    assert "Seen in row 1: columns separated by semicolon: unit, year, indicator" in str(
        error.value
    )


def test_sources_that_are_not_known_are_refused_before_the_file_is_opened(tmp_path):
    with pytest.raises(UnknownCodeError, match=r"sources that are read.*Did you mean 'inkar'"):
        read_indicators(tmp_path / "fehlt.csv", source="inkra")
    with pytest.raises(TerritoryError):
        read_indicators(tmp_path / "fehlt.csv", gebietsstand="gestern")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("unit;year;value", "For a tidy table it lacks: indicator."),
        ("unit;year;indikator;value", "Is 'indikator' meant as 'indicator'?"),
        ("unit,jahr,indicator,value", "columns separated by comma: unit, jahr, indicator, value"),
        ("a;b;c", "Seen in row 1: columns separated by semicolon: a, b, c. Known formats:"),
        (";".join(f"c{n}" for n in range(20)), "c10, c11, …"),
        ("x" * 90 + ";b", "x" * 40 + ", b."),
        ("a;;b", "a, (empty), b"),
    ],
)
def test_unknown_content_is_shown_and_the_nearest_format_named(put, header, words):
    with pytest.raises(SourceFileError) as error:
        read_indicators(put(header + "\n" + "1;" * header.count(";") + "1\n"))
    assert words in str(error.value)
    assert "begleitforschung.indicators(…)" in str(error.value)


# Sidecar --------------------------------------------------------------------------------------


def test_a_sidecar_has_these_defaults(put):
    path = beside(put(TEXT), SOURCE)
    found = read_sidecar(path)
    assert found == Sidecar(source=SidecarSource(publisher="KBA", title="Bestand"))
    assert (found.gebietsstand, found.format, found.confidentiality) == ("unknown", None, "public")
    assert (found.source.edition, found.source.sha256) == ("unbekannt", "")
    with pytest.raises(ValueError, match="frozen"):
        found.format = "tidy"
    assert read_sidecar(path.with_name("anders.csv")) is None


@pytest.mark.parametrize(
    ("text", "row", "column", "said"),
    [
        ("gebietsstand: unknown\n", None, "source", "required"),
        ("source: {publisher: A}\n", 1, "source.title", "required"),
        ("source: {publisher: '', title: B}\n", 1, "source.publisher", "must not be empty"),
        ("source: {publisher: A, title: B, sha256: abc}\n", 1, "source.sha256", "pattern"),
        (SOURCE + "confidentiality: geheim\n", 2, "confidentiality", "'public', 'internal'"),
        (SOURCE + "format: excel\n", 2, "format", "known are tidy"),
        (SOURCE + "gebietstand: unknown\n", 2, "gebietstand", "unknown key"),
        (SOURCE + "indicators: [{id: a, title: A, aggregation: mean}]\n", 2, "indicators.0",
         "needs the indicator that holds its weights"),
    ],
)  # fmt: skip
def test_wrong_entries_of_a_sidecar_have_file_line_and_column(put, text, row, column, said):
    with pytest.raises(CatalogueError) as error:
        read_indicators(beside(put(TEXT), text))
    shown = {(item.file, item.column) for item in error.value.findings}
    assert any(f == "daten.csv.meta.yaml" and c.startswith(column) for f, c in shown)
    if row is not None:
        assert {item.row for item in error.value.findings} == {row}
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("grade", "columns", "asked", "hidden"),
    [
        ("public", [], "value", False),
        ("public", ["value"], "value", True),
        ("public", ["value"], "unit", False),
        ("public", ["unit"], "unit, year, indicator", True),
        ("public", ["value"], None, False),
        ("internal", [], "value", False),
        ("confidential", [], "value", True),
        ("confidential", [], None, True),
        ("personal", [], "year", True),
    ],
)
def test_what_a_sidecar_hides(grade, columns, asked, hidden):
    source = SidecarSource(publisher="A", title="B")
    sidecar = Sidecar(source=source, confidentiality=grade, confidential=tuple(columns))
    assert sidecar.hides(asked) is hidden


def test_a_checksum_that_fits_excuses_a_missing_line_end(put):
    path = put(TEXT[:-1])
    assert "loader.no_final_line_end" in [f.rule for f in read_indicators(path).findings]
    beside(path, SOURCE.replace("}", f", sha256: {sha(path)}}}"))
    assert read_indicators(path).findings == ()
    beside(path, SOURCE)
    assert {f.rule for f in read_indicators(path).findings} == {
        "loader.no_final_line_end",
        "loader.no_checksum",
    }


def test_another_file_than_described_is_refused_with_both_checksums(put):
    path = beside(put(TEXT), SOURCE.replace("}", f", sha256: {'a' * 64}}}"))
    with pytest.raises(SourceFileError, match=r"not the file that daten\.csv\.meta\.yaml") as error:
        read_indicators(path)
    assert sha(path) in str(error.value)
    assert "a" * 64 in str(error.value)
    assert "Raw files are never edited" in str(error.value)


@pytest.mark.parametrize(
    ("name", "de", "en"),
    [
        ("pkws", "Ist 'pkw' gemeint?", "Is 'pkw' meant?"),
        ("wohnungen", "Im Sidecar entfernen oder richtigstellen.", "Remove or correct it there."),
    ],
)
def test_indicators_that_the_file_does_not_hold_are_warned_of(put, name, de, en):
    path = beside(put(TEXT), SOURCE + f"indicators: [{{id: {name}, title: X}}]\n")
    table = read_indicators(path)
    said = finding(table, "loader.indicator_not_in_file")
    assert (said.severity, said.value, said.file) == ("warning", name, "daten.csv")
    assert (said.hint.de, said.hint.en) == (de, en)
    assert name not in table.indicators


def test_a_remark_on_a_missing_sidecar_says_where_to_write_it(put):
    said = finding(read_indicators(put(TEXT)), "loader.no_sidecar")
    assert "'daten.csv.meta.yaml' neben der Datei anlegen" in said.hint.de
    assert "Write 'daten.csv.meta.yaml' beside the file" in said.hint.en
    assert said.text.en.startswith("no sidecar: publisher, edition, licence")


# Provenance -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "recorded"),
    [
        ({}, {}),
        ({"encoding": "utf-8"}, {}),
        ({"encoding": "cp1252"}, {"encoding": "cp1252"}),
        ({"decimal": ","}, {"decimal": ","}),
        ({"districts": True}, {"districts": True}),
        ({"districts": False}, {}),
        ({"source": "tidy"}, {}),
    ],
)
def test_options_that_decide_are_on_record_and_defaults_are_not(put, options, recorded):
    node = read_indicators(put(TEXT), **options).provenance
    parameters = {"format": "tidy", "gebietsstand": "unknown"} | recorded
    assert (node.operation, dict(node.parameters)) == ("read_indicators", parameters)


def test_the_fingerprint_does_not_depend_on_folder_and_day_of_retrieval(put, tmp_path):
    path = beside(put(TEXT), SOURCE.replace("}", ", retrieved: '2024-01-01'}"))
    first = read_indicators(path).provenance.fingerprint
    other = tmp_path / "anderswo"
    other.mkdir()
    moved = other / path.name
    moved.write_bytes(path.read_bytes())
    beside(moved, SOURCE.replace("}", ", retrieved: '2025-06-30'}"))
    assert read_indicators(moved).provenance.fingerprint == first
    beside(moved, SOURCE.replace("Bestand", "Anderer Bestand"))
    assert read_indicators(moved).provenance.fingerprint != first


@pytest.mark.parametrize(
    ("cell", "rule", "column"),
    [
        ("9876;2021;pkw;1", "regions.leading_zero", "unit"),
        ("99001;2021;pkw;1", "regions.unknown_land", "unit"),
        ("Ulm;2021;pkw;1", "regions.key", "unit"),
        ("084 21;2021;pkw;1", "regions.spaces", "unit"),
        ("08425;21;pkw;1", "tidy.year", "year"),
        ("08425;2021/22;pkw;1", "tidy.year", "year"),
        ("08425;2021;pkw;zwei", "loader.not_a_number", "value"),
        ("08425;2021;pkw;1 2", "loader.not_a_number", "value"),
        ("08425;2021;pkw;1;geheim", "table.status", "status"),
        ("08425;2021;pkw;1;;30.06.2021", "tidy.date", "date"),
        ("08425;2021;pkw;1;;2021-06-31", "tidy.date", "date"),
        ("08425;1850;pkw;1", "table.year", "year"),
        ("08425;2021;pkw;;normal", "table.value_missing", "value"),
        ("08425;2021;pkw;5;missing", "table.value_beside_sign", "value"),
        ("08425;2021;pkw;5;zero", "table.zero", "value"),
        ("08421;2021;pkw;1", "table.duplicate", "unit, year, indicator"),
    ],
)
def test_each_bad_cell_is_named_with_file_row_and_column(put, cell, rule, column):
    cell += ";" * (5 - cell.count(";"))
    text = "unit;year;indicator;value;status;date\n08421;2021;pkw;612;;\n\n" + cell + "\n"
    with pytest.raises(ValidationError) as error:
        read_indicators(put(text))
    (found,) = error.value.findings
    assert (found.rule, found.column, found.file) == (rule, column, "daten.csv")
    assert 4 in (found.row, *found.rows)  # row 3 is empty, but counted
    assert found.severity == "error"
    assert found.hint.de not in ("", found.hint.en)
    assert str(error.value).startswith("daten.csv ")


@pytest.mark.parametrize(
    ("value", "decimal", "delimiter", "expected"),
    [
        ("1,5", None, ";", 1.5),
        ("1.5", None, ";", 1.5),
        ("1.5", None, ",", 1.5),
        ("1.234", None, ",", 1.234),
        ("1.2345", None, ";", 1.2345),
        ("0.234", None, ";", 0.234),
        ("1234.567", None, ";", 1234.567),
        ("1.234", ".", ";", 1.234),
        ("1,234", None, ";", 1.234),
        ("+1,5", None, ";", 1.5),
        ("\u22121,5", None, ";", -1.5),
        ("1e3", None, ";", 1000.0),
        ("(1,5)", None, ";", 1.5),
    ],
)
def test_the_decimal_sign_is_told_by_content_or_by_the_caller(
    put, value, decimal, delimiter, expected
):
    text = f"unit;year;indicator;value\n08421;2021;pkw;{value}\n".replace(";", delimiter)
    if "," in value and delimiter == ",":
        text = text.replace(value, f'"{value}"')
    assert read_indicators(put(text), decimal=decimal).data["value"].tolist() == [expected]


@pytest.mark.parametrize(
    ("values", "delimiter", "de", "en"),
    [
        (("1.234",), ";", "Dezimalpunkt oder Tausenderpunkt", "a decimal point or one between"),
        (("-12.345", "7"), ";", "Dezimalpunkt oder Tausenderpunkt", "a decimal point or one"),
        (("1,5", "2.5"), ";", "gemischt", "are mixed"),
        (("1.234,5",), ";", "gemischt", "are mixed"),
        (('"1,5"',), ",", "Dezimalkomma in einer Datei mit Komma", "decimal comma in a file"),
    ],
)
def test_numbers_that_can_be_read_in_two_ways_are_refused(put, values, delimiter, de, en):
    rows = "".join(f"0842{at};2021;pkw;{value}\n" for at, value in enumerate(values, start=1))
    text = ("unit;year;indicator;value\n" + rows).replace(";", delimiter)
    with pytest.raises(ValidationError) as error:
        read_indicators(put(text))
    (found,) = error.value.findings
    assert de in found.text.de
    assert en in found.text.en
    assert found.column == "value"

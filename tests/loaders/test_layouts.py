"""Layouts: files of no known format, read as a short YAML says; the first version is guessed."""

import gzip

import pytest
from click.testing import CliRunner

from begleitforschung.cli import cli
from begleitforschung.errors import (
    CatalogueError,
    SourceFileError,
    UnknownCodeError,
    ValidationError,
)
from begleitforschung.loaders import read_indicators, sniff_layout
from begleitforschung.loaders.layout_files import packaged

WIDE = """
id: meine
title: Meine Tabelle
delimiter: ";"
decimal: ","
thousands: "."
skip: 1
key: [{column: Schlüssel, width: 8}]
year: 2021
signs: {"k. A.": missing, "#DIV/0!": not_meaningful}
gebietsstand: "2021-12-31"
indicators:
  - {id: pkw, column: Pkw, title: {de: Pkw}, unit_of_measure: Anzahl, aggregation: sum}
  - {id: quote, column: Quote, title: {de: Quote}, year: 2020}
"""
TABLE = """Stand 31.12.2021
Schlüssel;Name;Pkw;Quote
1001000;Flensburg;1.234;12,5
01002000;Kiel;k. A.;#DIV/0!
01003000;Lübeck;-;.
"""
TWICE = "id: pkw, column: Quote, title: {de: Q}"


@pytest.fixture
def described(put):
    """Write a table and the layout beside it."""

    def write(table=TABLE, layout=WIDE, name="tabelle.csv"):
        put(layout, f"{name}.layout.yaml")
        return put(table, name)

    return write


def cell(table, unit, indicator, year=2021):
    data = table.data.set_index(["unit", "indicator", "year"])
    return data.loc[(unit, indicator, year), ["value", "status", "row"]].tolist()


def test_a_wide_table_with_signs_thousands_and_lost_zeros(described):
    table = read_indicators(described())
    assert cell(table, "01001000", "pkw") == [1234, "normal", 3]
    assert cell(table, "01001000", "quote", 2020) == [12.5, "normal", 3]
    assert table.data.set_index(["unit", "indicator"])["status"]["01002000"].tolist() == [
        "missing",
        "not_meaningful",
    ]
    assert cell(table, "01003000", "pkw") == [0, "zero", 5]
    assert table.indicator("pkw").unit_of_measure == "Anzahl"
    assert (table.indicator("pkw").decimals, table.indicator("quote").decimals) == (0, 1)
    assert table.gebietsstand == "2021-12-31"
    rules = {item.rule: item.n for item in table.findings}
    assert rules["loader.leading_zeros"] == 1
    assert rules["loader.columns_not_read"] == 1
    assert dict(table.provenance.parameters)["layout"] == "meine"


@pytest.mark.parametrize("wrong", ["1.23", "12.34.5", "1,2,3", "zwölf", "1.2345"])
def test_what_is_no_number_is_named(described, wrong):
    with pytest.raises(ValidationError, match="neither a number nor a sign") as error:
        read_indicators(described(TABLE.replace("1.234", wrong)))
    (finding,) = error.value.findings
    assert (finding.row, finding.column, finding.value) == (3, "Pkw", wrong)


def test_a_layout_may_be_named(put, described):
    path = described()
    path.with_name("tabelle.csv.layout.yaml").rename(path.with_name("anders.yaml"))
    table = read_indicators(path, layout=path.with_name("anders.yaml"))
    assert len(table) == 6
    with pytest.raises(SourceFileError, match="has no known format"):
        read_indicators(path)
    with pytest.raises(UnknownCodeError, match="pks_kreise"):
        read_indicators(path, layout="pks_kreis")


def test_columns_that_are_missing_are_named(described):
    with pytest.raises(
        SourceFileError, match=r"not there: Pkw\.(?s:.)*Found in row 2: Schlüssel, Name"
    ):
        read_indicators(described(TABLE.replace("Pkw", "PKW")))


def test_a_confidential_file_shows_no_cell_when_the_layout_is_wrong(put, described):
    path = described(layout=WIDE.replace("skip: 1", "skip: 2"))
    source = "source: {publisher: P, title: T}\nconfidentiality: confidential\n"
    put(source, "tabelle.csv.meta.yaml")
    with pytest.raises(SourceFileError, match="not there: Schlüssel, Pkw, Quote") as error:
        read_indicators(path)
    assert "Flensburg" not in str(error.value)
    put(WIDE, "tabelle.csv.layout.yaml")
    put(TABLE.replace("1.234", "geheim"), "tabelle.csv")
    with pytest.raises(ValidationError) as error:
        read_indicators(path)
    assert "geheim" not in str(error.value)


def test_events_are_counted_by_joined_keys(described):
    layout = """
id: unfall
title: Unfälle
shape: events
key: [{column: L, width: 2}, {column: K, width: 3}, {column: G, width: 3}]
year: {column: Tag}
indicators:
  - {id: alle, title: {de: alle}}
  - {id: rad, title: {de: mit Rad}, where: {Rad: ["1"]}}
  - {id: verletzte, title: {de: Verletzte}, column: V, where: {Rad: ["1"]}}
"""
    rows = "L;K;G;Tag;Rad;V\n1;1;0;2018;1;2\n01;001;000;2018-03-04;0;9\n1;2;0;2019;0;x\n"
    table = read_indicators(described(rows, layout))
    assert cell(table, "01001000", "alle", 2018) == [2, "normal", 0]
    assert cell(table, "01001000", "rad", 2018)[0] == 1
    assert cell(table, "01001000", "verletzte", 2018)[0] == 2
    assert cell(table, "01002000", "rad", 2019)[0] == 0
    with pytest.raises(ValidationError) as error:
        read_indicators(described(rows.replace("1;2;0;2019;0;x", "1;2;0;2019;1;x"), layout))
    assert [(f.row, f.column) for f in error.value.findings] == [(4, "V")]


def test_a_long_table_with_dimensions(described):
    layout = """
id: lang
title: Lang
delimiter: ","
decimal: "."
shape: long
key: [{column: ags}]
year: {file_name: '_(\\d{4})\\.'}
indicator: was
value: wert
dimensions: [{column: geschlecht, id: g, label: name}]
indicators: [{id: einwohner, title: {de: Einwohner}, aggregation: sum}]
"""
    rows = "ags,was,wert,geschlecht,name\n01001,einwohner,5,m,Männer\n01001,einwohner,7,w,Frauen\n"
    table = read_indicators(described(rows, layout, "werte_2020.csv"))
    assert cell(table, "01001", "einwohner|g=w", 2020) == [7, "normal", 3]
    assert table.indicator("einwohner|g=m").title.de == "Einwohner: Männer"
    with pytest.raises(SourceFileError, match="the year stands in the name"):
        read_indicators(described(rows, layout, "werte.csv"))


def test_units_under_other_keys_and_those_without_one(described):
    layout = WIDE + 'units: {"999": DG}\nother_units: leave_out\n'
    layout = layout.replace(", width: 8", "")
    rows = "x\nSchlüssel;Pkw;Quote\n011;5;1\n999;7;2\n"
    table = read_indicators(described(rows, layout))
    assert table.units == ("DG",)  # 011 is a constituency here, not a Regierungsbezirk
    (left,) = [item for item in table.findings if item.rule == "layout.other_units"]
    assert (left.n, left.row, left.severity) == (1, 3, "warning")


def test_places_are_found_by_name_and_the_rest_is_reported(described):
    layout = """
id: orte
title: Orte
delimiter: ","
header: 2
place: {name: Ort | Name, state: Ort | Land, level: gemeinde}
year: 2024
values: {ja: 1, nein: 0}
indicators: [{id: bot, column: "Hat er einen?", title: {de: Bot}}]
"""
    rows = "Ort,,Hat\nName,Land,er einen?\nKöln,NRW,ja\nUlm,BW,nein\nNirgendwo,BY,ja\n"
    with pytest.raises(SourceFileError, match=r"Ort \| Name, Ort \| Land, Hat \| er einen\?"):
        read_indicators(described(rows, layout))
    layout = layout.replace("Hat er einen?", "Hat | er einen?")
    table = read_indicators(described(rows, layout))
    assert cell(table, "05315000", "bot", 2024) == [1, "normal", 3]
    assert cell(table, "08421000", "bot", 2024)[0] == 0
    (left,) = [item for item in table.findings if item.rule == "loader.unassigned"]
    assert (left.n, left.row, left.value) == (1, 5, "Nirgendwo")
    assert "1 of 3 rows (33.33 %)" in left.text.en
    with pytest.raises(ValidationError, match="neither a number"):
        read_indicators(described(rows.replace("nein", "vielleicht"), layout))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("key:", "schluessel:"), "unknown key"),
        (("width: 8", "width: 99"), "less than or equal to 12"),
        (("missing", "fehlend"), "fehlend is no status without a number"),
        (('thousands: "."', 'thousands: ","'), "decimal and thousands sign are the same"),
        (("id: quote", "id: pkw"), ""),
        (("id: quote, column: Quote, title: {de: Quote}, year: 2020", TWICE), "'pkw' stands twice"),
        (("year: 2021", "year: {column: a, file_name: b}"), "either 'column' or 'file_name'"),
        (("year: 2021", "year: {file_name: '('}"), "no regular expression"),
        (("2021-12-31", "Ende 2021"), "a date such as"),
        (("year: 2021", "year: 99999"), "less than or equal to 2100"),
        (("title: Meine Tabelle", "title: M\npublisher: niemand"), "none of the known publishers"),
    ],
)  # fmt: skip
def test_a_wrong_layout_says_what_is_wrong(described, change, words):
    path = described(layout=WIDE.replace(*change))
    if not words:  # the same indicator in two columns of different years is meant
        assert read_indicators(path).years == (2020, 2021)
        return
    with pytest.raises(CatalogueError, match=words):
        read_indicators(path)


def test_packaged_layouts_have_sources_and_titles():
    from begleitforschung.loaders.sidecar import publishers

    assert len(packaged()) == 9
    for name, layout in packaged().items():
        assert layout.id == name
        assert layout.publisher in publishers()
        assert publishers()[layout.publisher].licence


def test_rows_that_repeat_another_are_left_out_only_where_the_layout_says_so(described):
    rows = TABLE + "01003000;Lübeck;-;.\n"
    with pytest.raises(ValidationError, match="not unique"):
        read_indicators(described(rows))
    table = read_indicators(described(rows, WIDE + "identical_rows: drop\n"))
    assert len(table) == 6
    (found,) = [item for item in table.findings if item.rule == "layout.identical_rows"]
    assert found.row == 6


# First versions ------------------------------------------------------------------------------


def test_sniffing_finds_all_that_the_file_tells(put):
    text = (
        "# Quelle: Stadt;;;\nLfd. Nr.;;;\n"
        "Gemeindeschlüssel;Name;Einwohner am 31.12.2021 (Anzahl);Quote 2020 [%]\n"
        "1001000;Flensburg;90.164;12,5\n09761000;Augsburg;301.033;-\n01003000;Lübeck;215.846;k.A.\n"
        "01002000;Kiel;246.243;8,25\n"
    )
    path = put(text.encode("cp1252"), "meine tabelle.csv")
    path.with_name("meine tabelle.csv.layout.yaml").write_text(sniff_layout(path), "utf-8")
    table = read_indicators(path)
    assert cell(table, "01001000", "einwohner_anzahl") == [90164, "normal", 4]
    assert cell(table, "09761000", "quote_prozent", 2020) == [0, "zero", 5]
    assert table.indicator("quote_prozent").unit_of_measure == "%"
    assert table.units == ("01001000", "01002000", "01003000", "09761000")


def test_sniffing_reads_gzip_and_says_what_it_does_not_know(put):
    rows = "ort,jahr,wert\nA,2020,1.5\nB,2021,2.5\n"
    text = sniff_layout(put(gzip.compress(rows.encode()), "a.csv.gz"))
    assert "SAY WHICH COLUMN HOLDS THE KEY" in text
    assert "year:\n  column: jahr" in text
    with pytest.raises(SourceFileError, match="no header with rows of figures"):
        sniff_layout(put("a;b\nc;d\ne;f\n"))


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("sectors/PKS_KR-F-01-T01-Kreise-Faelle-HZ_2022.csv", "Gemeindeschluessel"),
        ("panels/zensus2022_gemeinde.csv", "ags"),
        ("panels/inkar_kreis_panel_1995_2022.csv", "county_code"),
        ("panels/gv_gemeinde_panel_1994_2024.csv.gz", "ags"),
    ],
)
def test_keys_of_real_files_are_found(shared, file, key):
    assert f"key:\n- column: {key}\n" in sniff_layout(shared / "data" / file)


def test_the_command_prints_or_writes_a_first_layout_and_overwrites_none(put):
    path = put("ags;Pkw 2021\n01001000;1\n01002000;2\n")
    run = CliRunner().invoke
    printed = run(cli, ["sniff", str(path)])
    assert printed.exit_code == 0
    assert "- column: ags" in printed.output
    assert run(cli, ["sniff", "--write", str(path)]).exit_code == 0
    assert read_indicators(path).data["value"].tolist() == [1, 2]
    again = run(cli, ["sniff", "--write", str(path)])
    assert again.exit_code == 2
    assert "exists; delete it first" in again.output
    missing = run(cli, ["sniff", "gibt_es_nicht.csv"])
    assert missing.exit_code == 2

"""The sidecar: strict, checked against the file, and shown where it is missing."""

import hashlib

import pytest

from begleitforschung.errors import CatalogueError, SourceFileError, TerritoryError
from begleitforschung.loaders import Sidecar, SidecarSource, read_indicators, read_sidecar
from begleitforschung.loaders.sidecar import dump_sidecar
from begleitforschung.tables import Indicator

GOOD = """source:
  publisher: KBA
  title: Bestand an Pkw
  edition: "2021"
  licence: dl-de/by-2-0
  sha256: {sha}
gebietsstand: "2021-12-31"
indicators:
  - id: pkw
    title: {{de: Pkw-Dichte, en: Cars}}
    unit_of_measure: je 1.000
    aggregation: mean
    weight: bevoelkerung
"""


def beside(path, text):
    path.with_name(path.name + ".meta.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def file(put, tidy_text):
    return put(tidy_text)


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rules(table):
    return [item.rule for item in table.findings]


def test_source_state_and_meanings_come_from_the_sidecar(file):
    beside(file, GOOD.format(sha=sha(file)))
    table = read_indicators(file)
    (source,) = table.provenance.sources()
    assert (source.publisher, source.edition, source.sha256) == ("KBA", "2021", sha(file))
    assert source.gebietsstand == table.gebietsstand == "2021-12-31"
    assert table.indicator("pkw").weight == "bevoelkerung"
    assert table.indicator("pkw").title.en == "Cars"
    assert rules(table) == []


def test_without_a_sidecar_the_source_is_unknown_and_a_finding_says_so(file):
    table = read_indicators(file)
    (source,) = table.provenance.sources()
    assert (source.publisher, source.file, source.sha256) == ("unbekannt", "daten.csv", sha(file))
    assert table.gebietsstand == "unknown"
    assert rules(table) == ["loader.no_sidecar"]
    assert table.findings[0].severity == "warning"


def test_a_file_that_is_not_the_described_one_is_refused(file):
    beside(file, GOOD.format(sha="0" * 64))
    with pytest.raises(SourceFileError, match=r"daten\.csv is not the file.*fetch the file again"):
        read_indicators(file)


def test_a_sidecar_without_checksum_is_remarked_with_the_checksum(file):
    beside(file, GOOD.format(sha="''"))
    (finding,) = read_indicators(file).findings
    assert finding.rule == "loader.no_checksum"
    assert sha(file) in finding.hint.en


def test_unknown_and_wrong_entries_name_file_and_line(file):
    text = GOOD.format(sha=sha(file)).replace("edition:", "ausgabe:")
    beside(file, text.replace("2021-12-31", "Ende 2021"))
    with pytest.raises(CatalogueError) as error:
        read_indicators(file)
    found = {(item.file, item.row, item.column) for item in error.value.findings}
    assert ("daten.csv.meta.yaml", 4, "source.ausgabe") in found
    assert ("daten.csv.meta.yaml", 7, "gebietsstand") in found


def test_an_indicator_described_twice_is_refused(file):
    text = GOOD.format(sha=sha(file))
    twice = text + text[text.index("  - id: pkw") :]
    beside(file, twice)
    with pytest.raises(CatalogueError, match="described twice: pkw"):
        read_indicators(file)


def test_an_indicator_that_the_file_lacks_is_remarked_with_the_nearest(file):
    beside(file, GOOD.format(sha=sha(file)).replace("id: pkw", "id: pkws"))
    (finding,) = read_indicators(file).findings
    assert (finding.rule, finding.value) == ("loader.indicator_not_in_file", "pkws")
    assert "'pkw'" in finding.hint.en


def test_an_argument_goes_before_the_sidecar_and_is_remarked(file):
    beside(file, GOOD.format(sha=sha(file)))
    table = read_indicators(file, gebietsstand="2022-12-31")
    assert table.gebietsstand == "2022-12-31"
    assert table.provenance.sources()[0].gebietsstand == "2022-12-31"
    assert rules(table) == ["loader.gebietsstand"]
    with pytest.raises(TerritoryError, match="expected a date such as"):
        read_indicators(file, gebietsstand="2022")


def test_the_format_of_the_sidecar_forces(file):
    beside(file, GOOD.format(sha=sha(file)) + "format: inkar_wide\n")
    with pytest.raises(SourceFileError, match="not in the format 'inkar_wide'"):
        read_indicators(file)


def test_what_is_dumped_is_read_again(file):
    given = Sidecar(
        source=SidecarSource(publisher="A: B", title='mit "Zeichen"; # und mehr', changes="ja"),
        gebietsstand="2020-12-31",
        confidential=("value",),
        confidentiality="internal",
        indicators=(Indicator(id="0123", title="no", valid_min=0.5, decimals=3),),
    )
    file.with_name(file.name + ".meta.yaml").write_bytes(dump_sidecar(given))
    assert read_sidecar(file) == given


@pytest.mark.parametrize("marked", ["confidential: [value, unit]\n", "confidentiality: personal\n"])
def test_values_of_confidential_columns_are_in_no_message(put, marked):
    text = "unit;year;indicator;value\n08421;2021;pkw;GEHEIM\n8765;2021;pkw;1,5\n99;2021;pkw;2\n"
    file = put(text, "geheim.csv")
    beside(file, "source: {publisher: A, title: B}\n" + marked)
    with pytest.raises(Exception) as error:  # noqa: PT011 - the class does not matter here
        read_indicators(file)
    shown = str(error.value) + error.value.failures.to_csv() + repr(error.value.__context__)
    assert not any(secret in shown for secret in ("GEHEIM", "8765", "99'", " 99 ", "08421"))
    places = {(item.row, item.column) for item in error.value.findings}
    assert {(2, "value"), (3, "unit"), (4, "unit")} <= places


def test_keys_of_confidential_rows_are_in_no_message(put):
    text = "unit;year;indicator;value\n" + "08421;2021;pkw;1,5\n" * 2
    file = put(text, "geheim.csv")
    beside(file, "source: {publisher: A, title: B}\nconfidentiality: confidential\n")
    with pytest.raises(Exception, match="not unique") as error:
        read_indicators(file)
    assert "08421" not in str(error.value) + error.value.failures.to_csv()


def test_the_first_row_of_a_confidential_file_is_not_shown(put):
    file = put("08421;2021;GEHEIM;1\n", "geheim.csv")
    beside(file, "source: {publisher: A, title: B}\nconfidentiality: confidential\n")
    with pytest.raises(SourceFileError, match="has no known format") as error:
        read_indicators(file)
    assert "GEHEIM" not in str(error.value)


def test_another_meaning_gives_another_fingerprint(file):
    beside(file, GOOD.format(sha=sha(file)))
    first = read_indicators(file).provenance.fingerprint
    assert read_indicators(file).provenance.fingerprint == first
    beside(file, GOOD.format(sha=sha(file)).replace("weight: bevoelkerung", "weight: flaeche"))
    assert read_indicators(file).provenance.fingerprint != first


def test_confidentiality_is_part_of_the_provenance(file):
    beside(file, "source: {publisher: A, title: B}\nconfidentiality: internal\n")
    parameters = dict(read_indicators(file).provenance.parameters)
    assert parameters["confidentiality"] == "internal"

"""Each format that is read has one entry in the registry and one in the list of formats."""

import pytest

from begleitforschung.errors import CatalogueError, SourceFileError
from begleitforschung.loaders import read_indicators
from begleitforschung.loaders.files import known_formats
from begleitforschung.loaders.registry import READERS, reader, sources
from begleitforschung.loaders.sidecar import publishers


def test_registry_and_list_of_formats_name_the_same_formats():
    listed = [item.id for item in known_formats().formats]
    assert sorted(item.id for item in READERS) == sorted(listed)
    assert len(set(listed)) == len(listed)
    assert all(reader(name).id == name for name in listed)
    assert sorted(name for names in sources().values() for name in names) == sorted(listed)


def test_every_publisher_has_licence_and_attribution():
    named = {item.publisher for item in READERS if item.publisher}
    assert named <= set(publishers())
    assert all(item.licence and item.attribution for item in publishers().values())


def test_a_sidecar_cannot_force_a_format_that_nobody_reads(put, tidy_text):
    path = put(tidy_text)
    put("source: {publisher: A, title: B}\nformat: lotus\n", "daten.csv.meta.yaml")
    with pytest.raises(CatalogueError, match="format 'lotus' is unknown; known are tidy"):
        read_indicators(path)


def test_without_a_sidecar_the_format_tells_the_publisher(genesis, row):
    table = read_indicators(genesis(row("08421", "5")))
    (source,) = table.provenance.sources()
    assert source.publisher == "Statistische Ämter des Bundes und der Länder"
    assert source.licence == "Datenlizenz Deutschland – Namensnennung – Version 2.0"
    assert (source.edition, source.retrieved) == ("unbekannt", "")
    (finding,) = [item for item in table.findings if item.rule == "loader.no_sidecar"]
    assert "publisher is taken to be Statistische Ämter" in finding.text.en


@pytest.mark.parametrize(
    ("file", "verb"),
    [
        ("territorial/ref-gemeinden-umrech-2020-2023.xlsx", "begleitforschung.read_crosswalk("),
        ("territorial/xd20.csv.gz", "begleitforschung.read_crosswalk("),
        (
            "territorial/destatis_Namens-Grenz-Aenderung_2025-02.xlsx",
            "begleitforschung.read_territorial_changes(",
        ),
        ("inkar/Uebersicht der Indikatoren.xlsx", "loaders.read_inkar_catalogue("),
        ("bbsr/kreistypen_2021.csv", "regions.classify(units, 'kreistyp')"),
        ("bbsr/gemeindetypen_2022.csv", "regions.classify(units, 'bbsr_gemeindetyp_kurz')"),
    ],
)
def test_files_that_hold_no_indicators_name_what_reads_them(shared, file, verb):
    with pytest.raises(SourceFileError, match="holds no indicators") as caught:
        read_indicators(shared / "data" / file)
    assert verb in str(caught.value)


def test_a_converted_folder_names_what_reads_it(tmp_path):
    (tmp_path / "converted.json").write_text("{}", "utf-8")
    with pytest.raises(SourceFileError, match="read_converted"):
        read_indicators(tmp_path)
    (tmp_path / "converted.json").unlink()
    with pytest.raises(SourceFileError, match="is a folder; name one file in it"):
        read_indicators(tmp_path)

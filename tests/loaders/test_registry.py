"""Each format that is read has one entry in the registry and one in the list of formats."""

import pytest

from begleitforschung.errors import CatalogueError
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

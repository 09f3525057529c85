"""Provenance: the way back to the files, with prints that are equal on every machine."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.provenance import (
    Provenance,
    Source,
    file_sha256,
    frame_sha256,
    freeze,
    source_fingerprint,
    thaw,
    with_changes,
)

SOURCE = Source(publisher="BBSR", title="INKAR", licence="dl-de/by-2-0", licence_url="https://x.de")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON)
def test_freezing_keeps_every_json_value(value):
    assert thaw(freeze(value)) == value


@given(st.dictionaries(st.text(min_size=1).filter(str.isidentifier), JSON, max_size=4))
def test_round_trip_keeps_node_and_print(parameters):
    parameters = {k: v for k, v in parameters.items() if k not in ("operation", "cls")}
    node = Provenance.of("read", SOURCE, **parameters).then("select", years=[2020])
    back = Provenance.from_dict(node.to_dict())
    assert back == node
    assert back.fingerprint == node.fingerprint


def test_print_is_known_and_does_not_depend_on_the_machine():
    node = Provenance.of("read", Source(publisher="a", title="b"), years=[2020, 2021])
    assert node.fingerprint == KNOWN_PRINT


KNOWN_PRINT = "252a8ec9cfbf6c47b58b671c49c959fd6b2fc3925682e6ffefdd91670feb1640"


def test_print_ignores_time_of_retrieval_and_folders():
    later = replace(SOURCE, retrieved="2026-11-22")
    assert source_fingerprint(later) == source_fingerprint(SOURCE)
    here = Provenance.of("read", SOURCE, path=Path("a") / "x.csv")
    there = Provenance.of("read", SOURCE, path=Path("b") / "x.csv")
    assert here.fingerprint == there.fingerprint


def test_print_changes_with_content_parameters_and_inputs():
    node = Provenance.of("read", SOURCE, year=2020)
    others = [
        Provenance.of("read", SOURCE, year=2021),
        Provenance.of("read", replace(SOURCE, sha256="0"), year=2020),
        Provenance.of("select", SOURCE, year=2020),
        node.then("select"),
    ]
    assert len({node.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_sources_and_steps_are_listed_once_in_order():
    other = Source(publisher="Destatis", title="GV")
    left, right = Provenance.of("read", SOURCE), Provenance.of("read", other)
    joined = left.then("join", right).then("join", left)
    assert joined.sources() == (SOURCE, other)
    assert [step.operation for step in joined.steps()] == ["read", "read", "join", "join"]


def test_parameters_without_a_json_form_are_refused():
    with pytest.raises(TypeError, match="object has no JSON form"):
        Provenance.of("read", thing=object())


def test_citation_ends_with_licence_changes_and_own_calculation():
    text = with_changes(SOURCE, "Auswahl").citation("de", computed=True)
    assert text == (
        "BBSR: INKAR, Ausgabe unbekannt; dl-de/by-2-0 (https://x.de); Daten verändert; "
        "eigene Berechnung"
    )
    assert "own calculation" in SOURCE.citation("en", computed=True)


def test_file_and_frame_checksums(tmp_path):
    path = tmp_path / "ä.csv"
    path.write_bytes(b"abc")
    assert file_sha256(path).startswith("ba7816bf")
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert frame_sha256(frame) == frame_sha256(frame.set_axis([5, 6]))
    assert frame_sha256(frame) != frame_sha256(frame.iloc[::-1])
    assert frame_sha256(frame) != frame_sha256(frame.rename(columns={"a": "c"}))

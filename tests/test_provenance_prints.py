"""Citations as they stand below a table, and prints that anybody can compute again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import FrozenInstanceError, asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
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
    quoted,
    source_fingerprint,
    thaw,
    with_changes,
)

BARE = Source(publisher="BBSR", title="INKAR")
GV = Source(publisher="Destatis", title="GV-ISys", edition="2024")


def sha256(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("facts", "german", "english"),
    [
        ({}, "BBSR: INKAR, Ausgabe unbekannt", "BBSR: INKAR, edition unknown"),
        ({"edition": ""}, "BBSR: INKAR", "BBSR: INKAR"),
        ({"edition": "2025"}, "BBSR: INKAR, Ausgabe 2025", "BBSR: INKAR, edition 2025"),
        ({"edition": "2025", "title": "INKAR 2025"}, "BBSR: INKAR 2025", "BBSR: INKAR 2025"),
        ({"edition": "", "attribution": "© BBSR"}, "© BBSR", "© BBSR"),
        ({"edition": "", "licence": "by-2-0"}, "BBSR: INKAR; by-2-0", "BBSR: INKAR; by-2-0"),
        (
            {"edition": "", "licence": "by-2-0", "licence_url": "https://x.de"},
            "BBSR: INKAR; by-2-0 (https://x.de)",
            "BBSR: INKAR; by-2-0 (https://x.de)",
        ),
        (
            {"edition": "", "changes": "Auswahl"},
            "BBSR: INKAR; Daten verändert",
            "BBSR: INKAR; data changed",
        ),
    ],
)
def test_citations_say_what_is_known_and_no_more(facts, german, english):
    source = replace(BARE, **facts)
    assert source.citation() == source.citation("de") == german
    assert source.citation("en") == english


def test_equal_citations_are_quoted_once_and_own_calculation_stands_last():
    sources = [BARE, replace(BARE, file="b.csv"), GV]
    assert quoted(sources) == ["BBSR: INKAR, Ausgabe unbekannt", "Destatis: GV-ISys, Ausgabe 2024"]
    assert quoted(sources, computed=True)[2:] == ["eigene Berechnung"]
    assert quoted([GV], "en", computed=True) == [
        "Destatis: GV-ISys, edition 2024",
        "own calculation",
    ]
    assert quoted([], computed=True) == []


def test_changes_are_added_never_replaced():
    once = with_changes(BARE, "Auswahl")
    assert (once.changes, with_changes(once, "Umrechnung").changes) == (
        "Auswahl",
        "Auswahl; Umrechnung",
    )
    assert with_changes(once, "") == once
    assert BARE.changes == ""


@pytest.mark.parametrize("name", [field.name for field in fields(Source)])
def test_the_print_of_a_source_covers_all_but_the_day_of_retrieval(name):
    same = source_fingerprint(replace(BARE, **{name: "anders"})) == source_fingerprint(BARE)
    assert same == (name == "retrieved")


def test_the_print_is_the_sha256_of_a_canonical_json():
    facts = {key: value for key, value in asdict(BARE).items() if key != "retrieved"}
    assert source_fingerprint(BARE) == sha256(facts)
    node = Provenance.of("read", BARE, years=[2020, 2021], file=Path("x") / "ä.csv")
    parameters = [["file", "ä.csv"], ["years", [2020, 2021]]]
    assert node.fingerprint == sha256(["read", parameters, [sha256(facts)]])
    assert node.then("select").fingerprint == sha256(["select", [], [node.fingerprint]])


@dataclass(frozen=True)
class Choice:
    level: str
    years: tuple[int, ...]


@pytest.mark.parametrize(
    ("value", "json_form"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (1.5, 1.5),
        ("ä", "ä"),
        (Path("a") / "b.csv", "b.csv"),
        ((1, 2), [1, 2]),
        (range(3), [0, 1, 2]),
        ({2, 1}, [1, 2]),
        (frozenset({"b", "a"}), ["a", "b"]),
        ({"b": 1, "a": {2}}, {"a": [2], "b": 1}),
        ({1: "x"}, {"1": "x"}),
        ([], []),
        ({}, {}),
        (np.int64(3), 3),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (Choice("kreis", (2020,)), {"level": "kreis", "years": [2020]}),
        ([Choice("kreis", ())], [{"level": "kreis", "years": []}]),
    ],
)
def test_parameters_are_recorded_in_their_json_form(value, json_form):
    frozen = freeze(value)
    assert json.dumps(thaw(frozen)) == json.dumps(json_form)
    hash(frozen)


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(), max_size=4))
def test_the_order_of_keywords_does_not_matter(parameters):
    backwards = dict(reversed(parameters.items()))
    assert Provenance.of("read", choice=parameters) == Provenance.of("read", choice=backwards)
    assert Provenance.of("x", **parameters) == Provenance.of("x", **backwards)


def test_the_order_of_inputs_matters():
    left, right = Provenance.of("read", BARE), Provenance.of("read", GV)
    joined = left.then("join", right)
    assert joined.inputs == (left, right)
    assert joined.fingerprint != right.then("join", left).fingerprint
    assert joined.sources() == (BARE, GV)


def test_a_step_shared_by_two_branches_is_listed_once_before_what_was_made_of_it():
    raw = Provenance.of("read", BARE)
    left, right = raw.then("select", year=2020), raw.then("select", year=2021)
    joined = left.then("join", right)
    assert joined.steps() == (raw, left, right, joined)
    assert joined.sources() == (BARE,)


def test_nodes_go_through_json_files():
    node = Provenance.of("read", BARE, GV, years=range(2)).then("select", units={"05315"})
    stored = json.loads(json.dumps(node.to_dict()))
    assert stored["fingerprint"] == node.fingerprint
    assert stored["inputs"][0]["inputs"][1]["source"]["edition"] == "2024"
    assert stored["parameters"] == {"units": ["05315"]}
    assert Provenance.from_dict(stored) == node


def test_sources_and_nodes_can_not_be_changed():
    with pytest.raises(FrozenInstanceError):
        BARE.licence = "frei"
    with pytest.raises(FrozenInstanceError):
        Provenance.of("read").operation = "anders"


@given(st.binary(max_size=200))
def test_the_checksum_of_a_file_is_that_of_its_bytes(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "datei.bin"
    path.write_bytes(content)
    assert file_sha256(path) == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        {"a": [1, 2], "b": ["x", "z"]},
        {"a": [2, 1], "b": ["x", "y"]},
        {"b": ["x", "y"], "a": [1, 2]},
        {"a": [1, 2]},
        {"a": [1, 2, 2], "b": ["x", "y", "y"]},
        {"a": [1, 2], "b": ["x", None]},
    ],
)
def test_the_checksum_of_a_table_notices_every_difference(other):
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert frame_sha256(pd.DataFrame(other)) != frame_sha256(frame) == frame_sha256(frame.copy())

"""Any sound index survives its file; descriptions and variants say what a reader needs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import (
    CatalogueError,
    SourceFileError,
    SpecificationError,
    UnknownCodeError,
)
from begleitforschung.frameworks import (
    IndexSpec,
    IndicatorSpec,
    Method,
    NodeSpec,
    Purpose,
    Step,
    load_index_spec,
)

# What YAML likes to take for something else: numbers, booleans, nothing, dates, references.
WORDS = st.one_of(
    st.sampled_from(["no", "null", "~", "1e3", "01001", "2020-01-01", "a: b", "- x", "&a", "#"]),
    st.text("ab äü:{}[]#'\"&!|>%@`,-1.", min_size=1, max_size=8).map(str.strip).filter(bool),
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(1, 10**6), st.floats(0.001, 1e9, allow_nan=False, allow_infinity=False)
)
LEAVES = st.lists(
    st.tuples(WORDS, NUMBERS, st.sampled_from(["higher", "lower"]), st.booleans(), WORDS),
    min_size=1,
    max_size=4,
    unique_by=lambda item: item[0],
)
METHODS = st.sampled_from(
    [
        Method("minmax"),
        Method("minmax", lower=1, upper=100.5),
        Method("rank"),
        Method("zscore", mean=10, sd=2.25),
        Method("bands", bounds=[1, 2.5], scores=[0, 50, 100]),
    ]
)


@settings(max_examples=25, deadline=None)
@given(LEAVES, METHODS, st.sampled_from(["each", "pooled", 1999]), WORDS)
def test_any_sound_index_reads_back_the_same(leaves, method, years, title):
    indicators = tuple(
        IndicatorSpec(
            id=f"i {name}",
            parent="Ebene: 1",
            weight=weight,
            direction=direction,
            title={"de": note, "en": note[::-1]} if both else note,
            note=note,
            goalposts=(-weight - 1, weight) if both else None,
        )
        for name, weight, direction, both, note in leaves
    )
    spec = IndexSpec(
        id="no",
        title=title,
        indicators=indicators,
        nodes=(NodeSpec(id="Ebene: 1", parent="1.0", coverage=0.5), NodeSpec(id="1.0")),
        steps=(Step("normalise", method, years=years), Step("aggregate", "arithmetic")),
        years=years,
    )
    with TemporaryDirectory() as folder:
        file = Path(folder) / "Index Ä.yaml"
        text = spec.to_yaml(file)
        assert file.read_text(encoding="utf-8") == text
        again = load_index_spec(file)
    assert again == spec
    assert again.fingerprint == spec.fingerprint
    assert [i.title for i in again.indicators] == [i.title for i in spec.indicators]


LOG = Method("log", always=True)
SPEC = IndexSpec(
    id="teilhabe",
    title={"de": "Teilhabe", "en": "Participation"},
    indicators=(
        IndicatorSpec(id="netz", parent="zugang", weight=3, unit="%", note="geprüft"),
        IndicatorSpec(id="funk", parent="zugang", denominator="n", treat=LOG),
        IndicatorSpec(id="weg", parent="teilhabe", direction="lower", target=15),
    ),
    nodes=(
        NodeSpec(id="zugang", parent="teilhabe", coverage=0.5, aggregate=Method("power", p=0.5)),
        NodeSpec(id="teilhabe"),
    ),
    steps=(
        Step("denominate", "ratio"),
        Step("treat", Method("winsorise", winmax=4), years="pooled"),
        Step("normalise", Method("minmax", lower=1), name="skala"),
        Step("weight", "equal", years=2019),
        Step("aggregate", "arithmetic"),
    ),
)


def test_a_file_is_short_and_holds_only_what_differs_from_the_defaults():
    content = yaml.safe_load(SPEC.to_yaml())
    assert list(content) == ["id", "title", "years", "steps", "nodes", "indicators"]
    assert content["steps"][0] == {"kind": "denominate", "method": "ratio"}
    assert content["steps"][2]["method"] == {"name": "minmax", "parameters": {"lower": 1}}
    assert content["nodes"][1] == {"id": "teilhabe"}
    netz, _, weg = content["indicators"]
    assert netz == {"id": "netz", "parent": "zugang", "weight": 3, "unit": "%", "note": "geprüft"}
    assert weg == {"id": "weg", "parent": "teilhabe", "direction": "lower", "target": 15}


BROKEN = [
    ("coverage: 0.5", "coverage: halb", CatalogueError, "coverage"),
    ("coverage: 0.5", "coverage: 5", SpecificationError, "share is not between 0 and 1"),
    ("kind: weight", "kind: wait", CatalogueError, "kind"),
    ("direction: lower", "direction: down", CatalogueError, "direction"),
    ("years: each", "years: jedes", SpecificationError, "neither 'each' nor 'pooled'"),
    ("years: 2019", "years: '19.5'", SpecificationError, "neither 'each' nor 'pooled'"),
    ("winmax: 4", "winmax: vier", SpecificationError, "'winmax' does not fit"),
    ("winmax: 4", "winmx: 4", SpecificationError, "Did you mean 'winmax'?"),
    ("parent: zugang", "parent: zugan", SpecificationError, "Did you mean 'zugang'?"),
    ("id: teilhabe", "iid: teilhabe", CatalogueError, "iid"),
    ("name: winsorise", "nmae: winsorise", CatalogueError, "nmae"),
    ("always: true", "always: vielleicht", SpecificationError, "true or false"),
]


@pytest.mark.parametrize(("old", "new", "error", "words"), BROKEN)
def test_a_slip_in_a_file_is_told_in_its_words(tmp_path, old, new, error, words):
    text = SPEC.to_yaml()
    assert old in text
    file = tmp_path / "index.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(error) as caught:
        load_index_spec(file)
    assert words in str(caught.value)


def test_a_slip_that_yaml_can_see_has_file_and_row(tmp_path):
    file = tmp_path / "index.yaml"
    text = SPEC.to_yaml().replace("direction: lower", "direction: down")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_index_spec(file)
    (item,) = caught.value.findings
    assert item.file == "index.yaml"
    assert "down" in text.split("\n")[item.row - 1]
    with pytest.raises(SourceFileError, match=r"nirgends\.yaml"):
        load_index_spec(tmp_path / "nirgends.yaml")


def test_functions_are_named_wherever_they_stand():
    def own(values):
        return values

    for spec in (SPEC.replace(normalise=own), SPEC.with_element("netz", treat=own)):
        with pytest.raises(SpecificationError, match=r"holds no functions .*own.*Python code"):
            spec.to_yaml()


def test_elements_are_described_from_the_root_down_in_german():
    shown = SPEC.describe().set_index("Kennung")
    assert list(shown.index) == ["teilhabe", "weg", "zugang", "netz", "funk"]
    assert shown["Ebene"].tolist() == [0, 1, 1, 2, 2]
    assert shown["wirksames Gewicht"].tolist() == pytest.approx([1, 0.5, 0.5, 0.375, 0.125])
    assert shown.loc["weg", ["Richtung", "Einheit"]].tolist() == ["niedriger ist besser", ""]
    assert shown.loc["zugang", ["Richtung", "Mindestanteil"]].tolist() == ["", 0.5]
    assert shown.loc["funk", "Bezugsgröße"] == "n"
    assert "Logarithmus" in shown.loc["funk", "eigene Methoden"]
    assert "ja" in shown.loc["funk", "eigene Methoden"]
    assert "0,5" in shown.loc["zugang", "eigene Methoden"]
    assert shown.loc["netz", ["Anmerkung", "eigene Methoden"]].tolist() == ["geprüft", ""]


def test_elements_are_described_in_english():
    shown = SPEC.describe("en").set_index("identifier")
    assert shown.loc["weg", "direction"] == "lower is better"
    assert shown.loc["netz", "direction"] == "higher is better"
    assert "0.5" in shown.loc["zugang", "own methods"]
    assert "yes" in shown.loc["funk", "own methods"]


def test_steps_are_described_with_years_users_and_references():
    shown = SPEC.describe_steps()
    assert list(shown["Bezugsjahre"]) == [
        "jedes Jahr für sich",
        *["alle Jahre gemeinsam"] * 2,
        "jedes Jahr für sich",
        "2019",
        *["jedes Jahr für sich"] * 2,
    ]
    assert list(shown["gilt für"]) == [
        *("alle", "alle anderen", "funk", "alle", "alle", "alle anderen", "zugang")
    ]
    assert shown["Quelle"].str.contains(r"\(\d{4}\)").any()
    assert shown["Formel"].iloc[0] == "x / (d / Maßstab)"
    english = SPEC.describe_steps("en")
    assert english["formula"].iloc[0] == "x / (d / scale)"
    assert english["reference years"].iloc[1] == "all years together"
    assert english["holds for"].iloc[1] == "all others"


VARIANTS: list[tuple[str, Any, Any]] = [
    ("another id", lambda s: s.replace(id="neu").id, "neu"),
    ("another year", lambda s: s.replace(years=2020).years, 2020),
    ("coverage everywhere", lambda s: [n.coverage for n in s.replace(coverage=1).nodes], [1, 1]),
    ("one parameter", lambda s: s.with_step("treat", winmax=9).step("treat").chosen.parameters,
     {"winmax": 9}),
    ("a new method", lambda s: s.with_step("skala", "rank").step("skala").chosen, Method("rank")),
    ("years stay", lambda s: s.with_step("treat", "none").step("treat").years, "pooled"),
    ("names stay", lambda s: s.with_step("skala", upper=9).stages,
     ("denominate", "treat", "skala", "weight", "aggregate")),
    ("two steps at once", lambda s: s.before("weight", Step("custom", min), Step("custom", max)
     ).stages, ("denominate", "treat", "skala", "custom", "custom_2", "weight", "aggregate")),
    ("all of a node", lambda s: s.without("netz", "funk").tree.ids, ("weg", "teilhabe")),
    ("weights alone", lambda s: s.with_weights({"weg": 2}).tree.effective()[2], 2 / 3),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"), [v[1:] for v in VARIANTS], ids=[v[0] for v in VARIANTS]
)
def test_variants_change_what_is_named_and_nothing_else(change, expected):
    before = SPEC.fingerprint
    assert change(SPEC) == expected
    assert SPEC.fingerprint == before


@pytest.mark.parametrize(
    ("change", "near"),
    [
        (lambda s: s.replace(cover=1), "coverage"),
        (lambda s: s.replace(screen="coverage"), "steps of the index"),
        (lambda s: s.before("scala", Step("custom", min)), "skala"),
        (lambda s: s.without_step("trat"), "treat"),
        (lambda s: s.without("zugan"), "zugang"),
        (lambda s: s.with_element("zugan", weight=1), "zugang"),
        (lambda s: s.with_element("zugang", unit="%"), "fields of 'zugang'"),
        (lambda s: s.element("netzz"), "netz"),
        (lambda s: s.step("agregate"), "aggregate"),
    ],
)
def test_variants_of_what_is_not_there_are_refused(change, near):
    with pytest.raises(UnknownCodeError, match=near):
        change(SPEC)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.without("teilhabe"), "no indicator"),
        (lambda s: s.without_step("denominate"), "denominator without a step"),
        (lambda s: s.without_step("aggregate"), "no step 'aggregate'"),
        (lambda s: s.without_step("treat"), "no effect without a step 'treat'"),
        (lambda s: s.with_weights({"weg": 0, "zugang": 0}), "all parts have the weight zero"),
        (lambda s: s.with_weights({"weg": -1}), "weight is negative"),
        (lambda s: s.with_step("skala", lower=100), "lower is not below upper"),
        (lambda s: s.replace(coverage=2), "share is not between 0 and 1"),
    ],
)
def test_variants_are_checked_as_strictly_as_the_index(change, words):
    with pytest.raises(SpecificationError, match=words):
        change(SPEC)


def test_a_purpose_survives_the_file_in_both_languages(tmp_path):
    purpose = Purpose(
        purpose={"de": "Zeigen", "en": "Show"},
        not_for="Mittel",
        model="reflective",
        concerns="Kreise",
    )
    SPEC.replace(purpose=purpose).to_yaml(tmp_path / "i.yaml")
    again = load_index_spec(tmp_path / "i.yaml").purpose
    assert again == purpose
    assert again.purpose.get("en") == "Show"

"""What an author of an index reads when something is wrong: place, problem and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from begleitforschung.errors import Finding, SpecificationError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step
from begleitforschung.frameworks.index_catalogue import (
    KINDS,
    index_methods,
    method_references,
    step_label,
)
from begleitforschung.language import Lang

NAN, INF = float("nan"), float("inf")
TOP = NodeSpec(id="top")
LEAF = IndicatorSpec(id="a", parent="top")
NORMALISE, AGGREGATE = Step("normalise", "minmax"), Step("aggregate", "arithmetic")


def found(
    *, indicators: Sequence[Any] = (LEAF,), nodes: Sequence[Any] = (TOP,), **more: Any
) -> tuple[Finding, ...]:
    with pytest.raises(SpecificationError) as caught:
        IndexSpec(id="top", indicators=tuple(indicators), nodes=tuple(nodes), **more)
    return caught.value.findings


def told(item: Finding, lang: Lang) -> str:
    return f"{item.line(lang)} {'' if item.hint is None else item.hint.get(lang)}"


def leaf(**changes: Any) -> dict[str, Any]:
    return {"indicators": [IndicatorSpec(**({"id": "a", "parent": "top"} | changes))]}


def root(**changes: Any) -> dict[str, Any]:
    return {"nodes": [NodeSpec(**({"id": "top"} | changes))]}


def steps(*given: Step) -> dict[str, Any]:
    return {"steps": given}


# Change; rule, key and column; the German text; the English text.
PROBLEMS = [
    ({"indicators": ()}, "empty", None, "indicators", "kein Indikator", "no indicator"),
    (leaf(id=" "), "nameless", " ", "id", "Kennung fehlt", "identifier is missing"),
    ({"indicators": [LEAF, LEAF]}, "duplicate", "a", "id", "mehrfach", "is not unique"),
    (leaf(id="top"), "duplicate", "top", "id", "mehrfach", "is not unique"),
    (leaf(parent="topp"), "parent", "a", "parent", "Knoten 'topp' gibt es nicht", "no node 'topp'"),
    (leaf(parent=""), "parent", "a", "parent", "Knoten '' gibt es nicht", "there is no node ''"),
    (root(parent="top"), "cycle", "top", "parent", "sich selbst übergeordnet", "above itself"),
    ({"nodes": [TOP, NodeSpec(id="b")]}, "root", "top, b", "parent", "2 Knoten", "2 nodes without"),
    ({"nodes": [TOP, NodeSpec(id="b", parent="top")]}, "childless", "b", "id", "Teile", "parts"),
    (leaf(weight=-0.1), "weight", "a", "weight", "negativ oder", "negative or no number"),
    (leaf(weight=INF), "weight", "a", "weight", "negativ oder keine Zahl", "negative or no number"),
    (root(weight=NAN), "weight", "top", "weight", "negativ oder", "negative or no number"),
    (leaf(weight=0), "weight", "top", "weight", "alle Teile", "all parts have the weight zero"),
    (leaf(direction="up"), "direction", "a", "direction", "Richtung ist", "'higher' or 'lower'"),
    (leaf(goalposts=(1, 1)), "goalposts", "a", "goalposts", "untere zuerst", "lower one first"),
    (leaf(goalposts=(0, INF)), "goalposts", "a", "goalposts", "zwei Zahlen", "two numbers"),
    (leaf(target=NAN), "target", "a", "target", "Ziel ist keine Zahl", "target is no number"),
    (root(coverage=1.01), "coverage", "top", "coverage", "zwischen 0 und 1", "between 0 and 1"),
    (root(coverage=-0.01), "coverage", "top", "coverage", "zwischen 0 und 1", "between 0 and 1"),
    (root(coverage=NAN), "coverage", "top", "coverage", "zwischen 0 und 1", "between 0 and 1"),
    (steps(NORMALISE), "step", None, "steps", "kein Schritt 'aggregate'", "no step 'aggregate'"),
    ({"years": "alle"}, "years", None, "years", "weder 'each' noch", "neither 'each' nor"),
    ({"years": True}, "years", None, "years", "noch ein Jahr", "nor a year"),
    (leaf(denominator="n"), "denominator", "a", "denominator", "ohne Schritt", "without a step"),
    (leaf(denominator_scale=0), "denominator", "a", "denominator_scale", "größer", "above zero"),
    (leaf(denominator_scale=INF), "denominator", "a", "denominator_scale", "größer", "above zero"),
    (leaf(treat="log"), "idle", "a", "treat", "wirkt nicht", "has no effect without a step"),
    (leaf(impute="mean"), "idle", "a", "impute", "Schritt 'impute'", "a step 'impute'"),
    (leaf(normalise="rnk"), "method", "a", "normalise", "'rnk' gibt es nicht", "no method 'rnk'"),
    (root(aggregate="mx"), "method", "top", "aggregate", "'mx' gibt es nicht", "no method 'mx'"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "rule", "key", "column", "de", "en"), PROBLEMS)
def test_problems_name_their_place_in_both_languages(change, rule, key, column, de, en):
    hits = [item for item in found(**change) if item.rule == f"index.{rule}" and item.key == key]
    assert [item.column for item in hits] == [column]
    assert hits[0].severity == "error"
    assert de in hits[0].text.get("de")
    assert en in hits[0].text.get("en")


@pytest.mark.parametrize(
    ("change", "value"),
    [
        (leaf(weight=-0.5), "-0.5"),
        (leaf(direction="up"), "up"),
        (leaf(goalposts=(5, 1)), "(5.0, 1.0)"),
        (root(coverage=2), "2"),
        ({"years": "alle"}, "alle"),
        (leaf(denominator_scale=-3.0), "-3.0"),
        (steps(Step("normalise", Method("minmax", lower=9, upper=3)), AGGREGATE), "9, 3"),
        (steps(Step("normalise", Method("zscore", sd=-2)), AGGREGATE), "-2"),
    ],
)
def test_the_offending_value_is_repeated(change, value):
    assert value in [item.value for item in found(**change)]


# Method of one step; what its finding says was expected instead.
VALUES = [
    ("normalise", Method("minmax", lower="viel"), "a number (with decimal point)"),
    ("normalise", Method("minmax", lower=True), "a number (with decimal point)"),
    ("normalise", Method("minmax", upper=INF), "a finite number"),
    ("normalise", Method("zscore", sd=0), "a number above 0"),
    ("normalise", Method("rank", ties="first"), "one of "),
    ("normalise", Method("bands", bounds=3, scores=[1, 2]), "a list"),
    ("normalise", Method("bands", bounds=["x"], scores=[1, 2]), "a number (with decimal point)"),
    ("screen", Method("coverage", min_share=1.5), "a number from 0 to 1"),
    ("screen", Method("coverage", min_share=-0.1), "a number from 0 to 1"),
    ("screen", Method("coverage", include="U1"), "a list"),
    ("screen", Method("coverage", include=[""]), "a text"),
    ("impute", Method("group_mean", group=3), "a text"),
    ("treat", Method("winsorise", winmax=1.5), "a whole number"),
    ("treat", Method("log", always="yes"), "true or false"),
]


@pytest.mark.parametrize(("kind", "method", "expected"), VALUES)
def test_a_parameter_that_does_not_fit_says_what_was_expected(kind, method, expected):
    given = [Step(kind, method), AGGREGATE]
    if kind != "normalise":
        given.insert(1, NORMALISE)
    (item,) = [item for item in found(steps=tuple(given)) if item.rule == "index.value"]
    assert (item.key, item.column) == (kind, kind)
    assert f"does not fit; expected: {expected}" in item.text.get("en")
    assert f"passt nicht; erwartet: {expected}" in item.text.get("de")


# What is misspelt or contradicts itself; its rule; the hint or text that helps.
RELATED = [
    (leaf(parent="topp"), "parent", "Did you mean 'top'?"),
    (steps(Step("normalise", "minmx"), AGGREGATE), "method", "Did you mean 'minmax'?"),
    (steps(Step("normalise", "qqqq"), AGGREGATE), "method", "There are: "),
    (steps(Step("normalise", Method("minmax", uper=1)), AGGREGATE), "parameter", "mean 'upper'?"),
    (steps(Step("normalise", Method("minmax", q=1)), AGGREGATE), "parameter", "There are: lower"),
    (steps(Step("normalize", "minmax"), AGGREGATE), "step", "Did you mean 'normalise'?"),
    (steps(Step("screen", Method("coverage", within=["topp"])), NORMALISE, AGGREGATE),
     "within", "Did you mean 'top'?"),
    (steps(Step("screen", Method("coverage", include=["U2", "U1"], exclude=["U1", "U2"])),
           NORMALISE, AGGREGATE), "screen", "U1, U2"),
    (steps(Step("impute", "group_mean"), NORMALISE, AGGREGATE), "required", "parameter 'group'"),
    (steps(Step("normalise", "dist2targ"), AGGREGATE), "target", "'dist2targ' needs a target"),
    (steps(Step("normalise", "goalposts"), AGGREGATE), "goalposts", "'goalposts' needs goalposts"),
    (steps(NORMALISE, Step("aggregate", "geometric")), "positive", "minmax from 1 to 100"),
    (steps(Step("normalise", Method("bands", bounds=[1, 1], scores=[1, 2, 3])), AGGREGATE),
     "bands", "ascending limits"),
    (steps(Step("normalise", Method("bands", bounds=[1], quantiles=[0.5], scores=[1, 2])),
           AGGREGATE), "bands", "one fewer than scores"),
    (steps(Step("normalise", "minmax", "x"), Step("aggregate", "arithmetic", "x")),
     "step", "name is not unique"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "rule", "words"), RELATED)
def test_misspelt_and_contradicting_methods_are_told_with_a_remedy(change, rule, words):
    hits = [item for item in found(**change) if item.rule == f"index.{rule}"]
    assert hits
    assert words in " ".join(told(item, "en") for item in hits)


def test_german_readers_get_german_hints():
    (item,) = found(**steps(Step("normalise", "minmx"), AGGREGATE))
    assert "Gemeint: 'minmax'?" in told(item, "de")
    (item,) = found(**steps(NORMALISE, Step("aggregate", "geometric")))
    assert "Auf eine Skala über null normieren" in told(item, "de")


FINE = [
    leaf(goalposts=(0, 1), normalise="goalposts"),
    leaf(target=2, normalise="dist2targ"),
    root(coverage=0),
    root(coverage=1),
    {"years": "pooled"},
    {"years": 2020},
    leaf(denominator="n") | steps(Step("denominate", "ratio"), NORMALISE, AGGREGATE),
    steps(Step("normalise", Method("goalposts", lower=0, upper=5)), AGGREGATE),
    steps(Step("normalise", Method("minmax", lower=1)), Step("aggregate", "geometric")),
    steps(Step("aggregate", "geometric")),
    leaf(treat="log") | steps(Step("treat", "none"), NORMALISE, AGGREGATE),
]


@pytest.mark.parametrize("given", FINE)
def test_what_is_sound_is_taken(given):
    spec = IndexSpec(id="top", **({"indicators": (LEAF,), "nodes": (TOP,)} | given))
    assert (spec.root, [item.id for item in spec.indicators]) == ("top", ["a"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_method_is_documented_in_both_languages_with_its_reference(kind):
    assert step_label(kind).text.en
    for name, entry in index_methods(kind).items():
        assert name == entry.name
        for words in (entry.label.text, entry.text.text, *(p.label.text for p in entry.parameters)):
            assert words.de
            assert words.en
        assert method_references(entry)
        assert all(reference.title for reference in method_references(entry))
        for parameter in entry.parameters:
            if parameter.default is not None:
                assert parameter.typed(parameter.default) is not None
            assert parameter.required == (parameter.default is None and not parameter.optional)

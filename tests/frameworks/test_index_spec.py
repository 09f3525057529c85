"""The specification of an index: equal by content, checked at birth, varied by short paths."""

from __future__ import annotations

import pytest

from begleitforschung.errors import SpecificationError, UnknownCodeError
from begleitforschung.frameworks import (
    IndexSpec,
    IndicatorSpec,
    Method,
    NodeSpec,
    Purpose,
    Step,
    load_index_spec,
)

PURPOSE = Purpose(
    purpose="Vergleich der Teilhabe",
    not_for="Verteilung von Fördermitteln",
    model="formative",
    concerns="Kommunen",
)


def make(**changes: object) -> IndexSpec:
    """Return a small index of two pillars at different depth."""
    given: dict[str, object] = {
        "id": "teilhabe",
        "indicators": (
            IndicatorSpec(id="breitband", parent="netz", weight=2),
            IndicatorSpec(id="mobilfunk", parent="netz"),
            IndicatorSpec(id="wegezeit", parent="teilhabe", direction="lower"),
        ),
        "nodes": (NodeSpec(id="netz", parent="teilhabe"), NodeSpec(id="teilhabe")),
    }
    return IndexSpec(**(given | changes))  # type: ignore[arg-type]


def rules(**changes: object) -> list[str]:
    """Return the rules that a specification breaks."""
    with pytest.raises(SpecificationError) as caught:
        make(**changes)
    return [item.rule for item in caught.value.findings]


def test_equal_content_is_equal_and_has_one_fingerprint():
    assert make() == make()
    assert make().fingerprint == make().fingerprint
    assert hash(make()) == hash(make())
    assert make() != make().with_step("normalise", upper=10)
    assert make().fingerprint != make().with_step("normalise", upper=10).fingerprint


def test_whole_numbers_and_fractions_are_one():
    first, second = Method("minmax", lower=1), Method("minmax", lower=1.0)
    assert first == second
    fingerprints = {make().replace(normalise=m).fingerprint for m in (first, second)}
    assert len(fingerprints) == 1


def test_functions_count_by_name_and_source():
    def halved(x):
        return x / 2

    def doubled(x):
        return x * 2

    one = make().replace(normalise=halved)
    assert one.fingerprint == make().replace(normalise=halved).fingerprint
    assert one.fingerprint != make().replace(normalise=doubled).fingerprint
    with pytest.raises(SpecificationError, match="halved"):
        one.to_yaml()


def test_tree_of_unequal_depth():
    tree = make().tree
    assert tree.ids == ("breitband", "mobilfunk", "wegezeit", "netz", "teilhabe")
    assert tree.effective().tolist() == pytest.approx([1 / 3, 1 / 6, 1 / 2, 1 / 2, 1])
    assert tree.below().tolist() == [[True, True, False], [True, True, True]]
    assert make().root == "teilhabe"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"indicators": ()}, "index.empty"),
        ({"nodes": (NodeSpec(id="teilhabe"), NodeSpec(id="netz"))}, "index.root"),
        ({"nodes": (NodeSpec(id="netz", parent="teilhabe"),)}, "index.parent"),
        (
            {
                "nodes": (
                    NodeSpec(id="netz", parent="teilhabe"),
                    NodeSpec(id="teilhabe", parent="netz"),
                )
            },
            "index.cycle",
        ),
        (
            {"nodes": (*make().nodes, NodeSpec(id="leer", parent="teilhabe"))},
            "index.childless",
        ),
        ({"indicators": (*make().indicators, make().indicators[0])}, "index.duplicate"),
        ({"steps": (Step("normalise", "minmax"),)}, "index.step"),
        ({"steps": (Step("aggregate", "arithmetic"), Step("weight", "equal"))}, "index.step"),
        (
            {"indicators": (IndicatorSpec(id="a", parent="netz", denominator="einwohner"),)},
            "index.denominator",
        ),
        ({"years": "all"}, "index.years"),
        (
            {"steps": (Step("normalise", "min-max"), Step("aggregate", "arithmetic"))},
            "index.method",
        ),
    ],
)
def test_each_contradiction_is_named(changes, rule):
    assert rule in rules(**changes)


@pytest.mark.parametrize(
    ("method", "rule"),
    [
        (Method("minmax", lowr=1), "index.parameter"),
        (Method("minmax", lower="a"), "index.value"),
        (Method("minmax", lower=True), "index.value"),
        (Method("minmax", lower=float("nan")), "index.value"),
        (Method("minmax", lower=5, upper=5), "index.range"),
        (Method("zscore", sd=0), "index.value"),
        (Method("rank", ties="first"), "index.value"),
        (Method("dist2ref"), "index.required"),
        (Method("goalposts"), "index.goalposts"),
        (Method("dist2targ"), "index.target"),
        (Method("bands", bounds=[3, 2], scores=[1, 2, 3]), "index.bands"),
        (Method("bands", bounds=[1, 2], scores=[1, 2]), "index.bands"),
    ],
)
def test_parameters_out_of_bounds_are_named(method, rule):
    assert rule in rules(steps=(Step("normalise", method), Step("aggregate", "arithmetic")))


@pytest.mark.parametrize("aggregate", ["geometric", "harmonic"])
@pytest.mark.parametrize("normalise", ["minmax", "zscore", "borda", "percentile_rank"])
def test_aggregations_of_positive_values_refuse_scales_with_zero(aggregate, normalise):
    steps = (Step("normalise", normalise), Step("aggregate", aggregate))
    assert rules(steps=steps) == ["index.positive"] * 3


@pytest.mark.parametrize("aggregate", ["mpi", "ampi"])
def test_mazziotta_pareto_needs_a_mean_above_zero(aggregate):
    steps = (Step("normalise", "zscore"), Step("aggregate", aggregate))
    assert rules(steps=steps) == ["index.positive"] * 3
    assert make(steps=(Step("normalise", "minmax"), steps[1])).steps[1] == steps[1]


def test_weightless_indicators_need_no_positive_scale():
    spec = make().with_element("wegezeit", weight=0).with_step("normalise", lower=1)
    assert spec.replace(aggregate="geometric").step("aggregate").chosen == Method("geometric")


def test_all_problems_at_once_with_the_nearest_names():
    with pytest.raises(SpecificationError) as caught:
        make(
            indicators=(
                IndicatorSpec(id="a", parent="nezt", weight=-1),
                IndicatorSpec(id="b", parent="netz", goalposts=(5, 1)),
                IndicatorSpec(id="c", parent="teilhabe", direction="up"),  # type: ignore[arg-type]
            ),
            steps=(Step("normalise", "minmaxx"), Step("aggregate", "arithmetic")),
        )
    text = str(caught.value)
    assert len(caught.value.findings) == 5
    assert "Did you mean 'netz'?" in text
    assert "Did you mean 'minmax'?" in text
    assert list(caught.value.failures["key"]) == ["a", "a", "b", "c", "normalise"]


def test_weights_of_a_node_can_not_all_be_zero():
    with pytest.raises(SpecificationError, match="weight zero"):
        make().with_weights({"breitband": 0, "mobilfunk": 0})


def test_a_method_of_its_own_needs_the_step():
    broken = (IndicatorSpec(id="a", parent="teilhabe", treat="log"),)
    assert rules(indicators=broken, nodes=(NodeSpec(id="teilhabe"),)) == ["index.idle"]


def test_short_paths():
    spec = make()
    assert spec.replace(aggregate="minimum").step("aggregate").chosen == Method("minimum")
    assert spec.replace(coverage=0.5).element("netz").coverage == 0.5
    assert spec.with_step("normalise", "zscore", mean=10).step("normalise").chosen == Method(
        "zscore", mean=10
    )
    assert spec.without("mobilfunk").tree.ids == ("breitband", "wegezeit", "netz", "teilhabe")
    assert spec.without("netz").tree.ids == ("wegezeit", "teilhabe")
    assert spec.without("breitband", "mobilfunk").tree.ids == ("wegezeit", "teilhabe")
    assert spec.with_weights({"netz": 3}).element("netz").weight == 3
    twice = spec.before("aggregate", Step("normalise", "zscore"))
    assert twice.stages == ("normalise", "normalise_2", "aggregate")
    assert twice.without_step("normalise_2") == spec


@pytest.mark.parametrize(
    ("change", "near"),
    [
        (lambda s: s.replace(agregate="minimum"), "aggregate"),
        (lambda s: s.replace(treat="none"), "normalise"),
        (lambda s: s.with_step("normalize", upper=1), "normalise"),
        (lambda s: s.without("breitbnad"), "breitband"),
        (lambda s: s.with_weights({"nezt": 1}), "netz"),
        (lambda s: s.with_element("netz", wieght=1), "weight"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(change, near):
    with pytest.raises(UnknownCodeError, match=near):
        change(make())


def test_yaml_reads_back_the_same(tmp_path):
    spec = make(
        title={"de": "Teilhabe", "en": "Participation"},
        years=2020,
        purpose=PURPOSE,
        steps=(
            Step("denominate", "ratio"),
            Step("impute", Method("row_mean", within=["netz"])),
            Step("treat", Method("winsorise", winmax=None, combine=True), name="Ausreißer"),
            Step(
                "normalise", Method("bands", bounds=[1, 2.5], scores=[0, 50, 100]), years="pooled"
            ),
            Step("aggregate", Method("owa", order=(0.5, 0.5))),
        ),
        indicators=(
            IndicatorSpec(
                id="01001",
                parent="netz",
                denominator="einwohner",
                denominator_scale=1000,
                goalposts=(0, 10),
                normalise=Method("goalposts", factor=1),
                note="ja",
            ),
            IndicatorSpec(id="no", parent="teilhabe", direction="lower", target=2.0, unit="%"),
        ),
        nodes=(
            NodeSpec(id="netz", parent="teilhabe", aggregate="minimum", coverage=0.75),
            NodeSpec(id="teilhabe", title="Teilhabe"),
        ),
    )
    file = tmp_path / "index.yaml"
    text = spec.to_yaml(file)
    again = load_index_spec(file)
    assert again == spec
    assert again.fingerprint == spec.fingerprint
    assert again.to_yaml() == text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: normalise", "kind: normalize", "row"),
        ("direction: lower", "richtung: lower", "unknown key"),
        ("weight: 2", "weight: zwei", "not a number"),
        ("method: minmax", "method: minmix", "minmax"),
    ],
)
def test_wrong_files_are_told_with_their_place(tmp_path, old, new, words):
    file = tmp_path / "index.yaml"
    text = make().to_yaml()
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Exception, match=words) as caught:
        load_index_spec(file)
    assert caught.value.findings


def test_description_is_german_by_default():
    shown = make().describe()
    assert list(shown["Kennung"]) == ["teilhabe", "wegezeit", "netz", "breitband", "mobilfunk"]
    assert list(shown["Ebene"]) == [0, 1, 1, 2, 2]
    assert "niedriger ist besser" in set(shown["Richtung"])
    steps = make().with_element("wegezeit", normalise="rank").describe_steps()
    assert list(steps["Methode"]) == ["Min-Max", "Rang", "arithmetisches Mittel"]
    assert list(steps["gilt für"]) == ["alle anderen", "wegezeit", "alle"]
    assert list(make().describe_steps("en")["method"]) == ["min-max", "arithmetic mean"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"purpose": ""}, "'purpose' says nothing"),
        ({"not_for": " "}, "'not_for' says nothing"),
        ({"concerns": 3}, "'concerns' says nothing"),
        ({"model": "both"}, "'formative' or 'reflective', not 'both'"),
    ],
)
def test_a_purpose_that_says_nothing_is_none(wrong, told):
    full = {"purpose": "a", "not_for": "b", "model": "formative", "concerns": "c"}
    with pytest.raises(SpecificationError, match=told):
        Purpose(**{**full, **wrong})


def test_a_root_without_title_is_called_as_the_index_is():
    leaf = IndicatorSpec(id="a", parent="lage")
    spec = IndexSpec(
        id="lage", title="Lage der Kreise", indicators=(leaf,), nodes=(NodeSpec(id="lage"),)
    )
    assert spec.title_of("lage").de == "Lage der Kreise"
    assert spec.title_of("a").de == "a"
    assert spec.with_element("lage", title="Lage").title_of("lage").de == "Lage"
    assert "Lage der Kreise" in spec.describe()["Titel"].tolist()
    with pytest.raises(UnknownCodeError):
        spec.title_of("b")

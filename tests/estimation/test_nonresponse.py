"""The model of non-response is R's glm; weights by it make up for who is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.provenance import Provenance

from .inputs import data, item, kommunen, projects, survey_of


@pytest.fixture(scope="module")
def census():
    survey, frame = projects()
    joined = np.where(frame["typ"] == "Stadt", "Stadt", "Verbund")  # all 11 of one type answered
    frame = frame.assign(foerder=data("mpsc73")["foerder"].to_numpy(), typ=joined)
    return survey.with_design(bf.design(survey, kind="population", frame=frame))


@pytest.fixture(scope="module")
def model(census):
    return bf.nonresponse_model(census, ["staffel", "typ", "foerder"])


def test_the_model_is_that_of_glm_in_r(model):
    # glm(resp ~ staffel + typ + scale(foerder, sd with 1/n), binomial, mpsc73.csv), R 4.x, the
    # largest class as reference, epsilon = 1e-14
    table = model.table.set_index(["variable", "category"])
    expected = {
        ("", ""): (1.349604358337, 0.509410297185),
        ("staffel", "1"): (-0.206379939954, 0.821260954629),
        ("staffel", "3"): (-0.266252190489, 0.644768892452),
        ("typ", "Verbund"): (0.340222037124, 0.665428633609),
        ("foerder", ""): (-0.361558554776, 0.266515072070),
    }
    for place, (coefficient, se) in expected.items():
        assert table.loc[place, "coefficient"] == pytest.approx(coefficient, rel=1e-9)
        assert table.loc[place, "se"] == pytest.approx(se, rel=1e-9)
    assert model.pseudo_r2 == pytest.approx(0.0357893646539, rel=1e-9)
    assert model.auc == pytest.approx(0.621710526316, rel=1e-11)
    fitted = table.dropna(subset=["low"])
    middle = np.sqrt(fitted["low"] * fitted["high"])
    np.testing.assert_allclose(middle, fitted["odds_ratio"], rtol=1e-12)


def test_the_propensities_add_up_to_those_who_answered(model, census):
    assert model.propensities.sum() == pytest.approx(len(census))
    for staffel, rows in census.design.frame.groupby("staffel"):
        of_class = (model.table["variable"] == "staffel") & (
            model.table["category"] == str(staffel)
        )
        there = model.table.loc[of_class, "answered"].iloc[0]
        assert model.propensities[rows["unit"]].sum() == pytest.approx(there)


def test_a_model_of_one_variable_weights_like_its_classes(census):
    model = bf.nonresponse_model(census, ["typ"])
    by_model = bf.weight_propensity(census, model)
    weights = bf.poststratify(census, "typ").design.sample.weights
    np.testing.assert_allclose(by_model.design.sample.weights, weights, rtol=1e-8)
    invited = census.design.frame["typ"].value_counts().to_dict()
    by_cells = bf.weight_nonresponse(census, "typ", invited)
    np.testing.assert_allclose(by_cells.design.sample.weights, weights, rtol=1e-12)
    step = by_model.design.weighting[0]
    assert step.verb == "propensity"
    assert step.after.total == pytest.approx(73)
    assert "propensity" in [node.operation for node in by_model.provenance.steps()]


def test_classes_of_the_propensity_divide_by_their_response_rate(census, model):
    made = bf.weight_propensity(census, model, classes=3)
    raw = made.design.sample.weights
    order = model.propensities.rank(method="first").loc[census.cases["unit"]].to_numpy()
    assert np.unique(raw.round(9)).size == 3
    assert raw.sum() == pytest.approx(73)
    low, high = raw[order <= 15], raw[order > 60]
    assert np.ptp(low) == pytest.approx(0)
    assert low[0] > high[0]


def test_a_sample_of_unknown_size_is_divided_by_the_propensity(census, model):
    survey, _ = projects()
    plain = survey.with_design(bf.design(survey, weights=np.full(len(survey), 3.0)))
    drawn = census.design.frame
    found = bf.nonresponse_model(plain, ["staffel", "typ", "foerder"], invited=drawn)
    made = bf.weight_propensity(plain, found)
    expected = 3 / model.propensities.loc[plain.cases["unit"]].to_numpy()
    np.testing.assert_allclose(made.design.sample.weights, expected, rtol=1e-12)


def test_it_is_shown_without_answers(model):
    assert model.confidentiality == "internal"
    shown = model.display()
    assert "49" in shown.notes[0] or str(int(model.answered.sum())) in shown.notes[0]
    assert "(Vergleichsklasse)" in " ".join(str(row[1]) for row in shown.rows)
    assert [c.label for c in model.display("en").columns][2] == "Odds ratio"
    assert len(model.figure().axes[0].get_yticklabels()) == 4
    assert "foerder per standard deviation" in model.alt_text("en")


def test_weights_are_reported_step_by_step(census, model):
    made = bf.poststratify(bf.weight_propensity(census, model, classes=5), "typ")
    report = bf.weight_report(made)
    assert report.table["step"].tolist() == ["", "propensity", "poststratify"]
    assert report.table["total"].tolist() == pytest.approx([73, 73, 73])
    assert report.table["effective_n"].iloc[0] == pytest.approx(len(census))
    last = made.design.sample.weights
    effective = last.sum() ** 2 / (last**2).sum()
    assert report.table["effective_n"].iloc[-1] == pytest.approx(effective)
    assert report.display().rows[1][:2] == ("Ausfall nach Modell", "Staffel, typ, foerder")
    assert "Sollwerte" in report.display().notes[0]
    assert report.figure("en").axes[0].get_xlabel() == "effective n"
    assert report.alt_text().startswith("effektive Fallzahl: Ausgangsgewichte")


def test_the_date_and_census_of_margins_stand_below():
    frame = pd.DataFrame({"land": ["01", "02"] * 3})
    survey = survey_of(frame, [item("land", frame["land"], "single")])
    numbers = pd.DataFrame({"land": ["01", "02"], "municipalities": [10, 4]})

    class Margins:
        table = numbers
        findings = ()
        provenance = Provenance.of(
            "margins", year=2023, gebietsstand="2023-12-31", census="Zensus 2022"
        )

    made = survey.with_design(bf.design(survey, strata="land", population=Margins()))
    for notes in (
        bf.weight_report(made).display().notes,
        bf.estimate(made, "land").display().notes,
    ):
        assert any("2023-12-31, Zensusbasis: Zensus 2022" in note for note in notes)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: bf.nonresponse_model(s, ["land"]), UnknownCodeError, "land"),
        (lambda s: bf.nonresponse_model(s, ["unit"]), UnknownCodeError, "unit"),
        (lambda s: bf.nonresponse_model(kommunen(), ["land"]), ValidationError, "all who were"),
        (
            lambda s: bf.nonresponse_model(s, ["typ"], invited=s.design.frame.iloc[:5]),
            ValidationError,
            "not among those invited",
        ),
        (
            lambda s: bf.nonresponse_model(
                s, ["a"], invited=s.design.frame.assign(a=s.design.frame["unit"])
            ),
            ValidationError,
            "all or none answered in classes of 'a'",
        ),
        (
            lambda s: bf.nonresponse_model(
                s, ["foerder"], invited=s.design.frame.assign(foerder=np.nan)
            ),
            ValidationError,
            "'foerder' is missing for 73",
        ),
        (
            lambda s: bf.nonresponse_model(
                s, ["foerder"], invited=s.design.frame.assign(foerder=1.0)
            ),
            ValidationError,
            "the same for all",
        ),
    ],
)
def test_what_cannot_be_modelled_is_refused(census, call, error, message):
    with pytest.raises(error, match=message):
        call(census)


def test_weights_by_it_are_refused_where_they_mean_nothing(census, model):
    with pytest.raises(ValidationError, match="classes= is 2 or more"):
        bf.weight_propensity(census, model, classes=1)
    with pytest.raises(ValidationError, match="does not know"):
        bf.weight_propensity(kommunen(), model)
    with pytest.raises(ValidationError, match="before the weights are calibrated"):
        bf.weight_propensity(bf.poststratify(census, "typ"), model)


def six(weights, **options):
    """Six answers of two classes."""
    frame = pd.DataFrame({"y": np.arange(6.0), "g": list("aabbbb")})
    survey = survey_of(frame, [item("y", frame["y"], "number"), item("g", frame["g"], "single")],
                       units=list("uvwxyz"))  # fmt: skip
    return survey.with_design(bf.design(survey, weights=weights, **options))


def test_replicates_are_divided_by_the_rates_as_the_weights_are():
    plain = six([1.0, 2, 3, 1, 1, 2])
    made = bf.weight_nonresponse(bf.replicate(plain, "jk1"), "g", {"a": 4, "b": 5})
    assert made.design.sample.weights == pytest.approx([2, 4, 3.75, 1.25, 1.25, 2.5])
    expected = bf.replicate(bf.weight_nonresponse(plain, "g", {"a": 4, "b": 5}), "jk1")
    ours, theirs = (bf.estimate(s, "y", statistic="total").table for s in (made, expected))
    assert ours["estimate"].tolist() == pytest.approx(theirs["estimate"].tolist())
    assert ours["se"].tolist() == pytest.approx(theirs["se"].tolist())


@pytest.mark.parametrize("replicated", [False, True])
def test_a_weight_of_nought_stays_nought(replicated):
    survey = six([0.0, 2, 3, 1, 1, 2])
    survey = bf.replicate(survey, "jk1") if replicated else survey
    made = bf.weight_nonresponse(survey, "g", {"a": 4, "b": 8})
    assert made.design.sample.weights.tolist() == [0, 4, 6, 2, 2, 4]
    assert bf.estimate(made, "y").table["estimate"].notna().all()


def test_a_stratum_of_known_size_without_any_weight_is_left_without():
    survey = six([0.0, 0, 3, 1, 1, 2], strata="g", population={"a": 4, "b": 9})
    made = bf.weight_nonresponse(survey, "g", {"a": 4, "b": 8})
    weights = made.design.sample.weights
    assert weights[:2].tolist() == [0, 0]
    assert weights[2:].sum() == pytest.approx(9)  # the size of the stratum is kept


def test_one_variable_of_the_model_may_be_named_as_it_is(census):
    one, listed = (bf.nonresponse_model(census, name) for name in ("staffel", ["staffel"]))
    pd.testing.assert_frame_equal(one.table, listed.table)
    assert one.specification == listed.specification


def test_rates_and_propensities_are_recorded_with_their_effect():
    made = bf.weight_nonresponse(six([1.0, 1, 1, 1, 1, 1]), "g", {"a": 3, "b": 8})
    (step,) = made.design.weighting
    assert step.verb == "nonresponse"
    assert dict(step.parameters)["rates"] == pytest.approx({"a": 2 / 3, "b": 1 / 2})
    assert (step.before.total, step.after.total) == (6, pytest.approx(11))
    # Weights 1.5, 1.5, 2, 2, 2, 2: (sum w) squared by the sum of w squared.
    assert step.after.effective_n == pytest.approx(11**2 / (2 * 1.5**2 + 4 * 4))
    assert made.provenance.inputs

"""Replicate weights made of a design or given by columns give R's variances."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.stats.sampling import Replicates

from .inputs import FOLDER, apistrat, data, item, kommunen, reference, survey_of


def mean(survey, name="api00"):
    return bf.estimate(survey, name).table.iloc[0]


def weights_of_r(name):
    return pd.read_csv(FOLDER / f"ref/repweights_{name}.csv")


def scales_of_r(name):
    frame = pd.read_csv(FOLDER / "ref/results.csv", dtype={"key": "str"}, keep_default_na=False)
    frame = frame[(frame["case"] == "rep_meta") & (frame["design"] == name)]
    each = frame[frame["quantity"] == "rscales"]["value"].astype(float).to_numpy()
    return each, float(frame[frame["quantity"] == "scale"]["value"].iloc[0])


@pytest.fixture(scope="module")
def srs():
    frame = data("apisrs")
    survey = survey_of(frame, [item("api00", frame["api00"], "number")])
    return survey.with_design(bf.design(survey, population=6194))


def test_jackknives_are_those_of_r(srs):
    stratified = mean(bf.replicate(apistrat(), "jkn"))
    assert stratified["se"] == pytest.approx(
        reference("rep_mean", "strat_jkn", "api00", "se"), rel=1e-10
    )
    simple = mean(bf.replicate(srs, "jk1"))
    assert simple["se"] == pytest.approx(reference("rep_mean", "srs_jk1", "api00", "se"), rel=1e-10)
    assert mean(bf.replicate(srs, "jkn"))["se"] == pytest.approx(simple["se"], rel=1e-12)


@pytest.mark.parametrize(
    ("name", "method"),
    [("srs_jk1", "jk1"), ("strat_jkn", "jkn"), ("strat_subboot", "subbootstrap")],
)
def test_given_weights_are_taken_by_the_columns_of_the_survey(name, method):
    theirs = weights_of_r(name)
    sample = data("apisrs" if name == "srs_jk1" else "apistrat")
    columns = [c for c in theirs.columns if c != "base"]
    frame = pd.concat([sample[["api00"]], theirs], axis=1)
    items = [item(n, frame[n], "number") for n in frame.columns]
    survey = survey_of(frame, items)
    plain = survey.with_design(bf.design(survey, weights="base"))
    each, scale = scales_of_r(name)
    options = {"jk1": {"scale": scale}, "jkn": {"rscales": each}, "subbootstrap": {}}[method]
    found = mean(bf.given_replicates(plain, columns, method, **options))
    for quantity in ("estimate", "se"):
        expected = reference("rep_mean", name, "api00", quantity)
        assert found[quantity] == pytest.approx(expected, rel=1e-10)


def test_the_scale_follows_from_the_method(srs):
    made = bf.replicate(srs, "jk1").design.sample
    count = made.factors.shape[1]
    frame = pd.DataFrame(made.factors * made.scaled[:, None]).add_prefix("r")
    frame["base"] = made.weights
    survey = survey_of(frame, [item(n, frame[n], "number") for n in frame.columns])
    plain = survey.with_design(bf.design(survey, weights="base"))
    names = [f"r{at}" for at in range(count)]
    scale = {
        "jk1": (count - 1) / count,
        "brr": 1 / count,
        "fay": 1 / (count * 0.25),
        "bootstrap": 1 / (count - 1),
    }
    for method, expected in scale.items():
        found = bf.given_replicates(plain, names, method, fay=0.5)
        assert found.design.sample.scale == pytest.approx(expected)


def test_a_bootstrap_can_be_made_again_and_is_recorded():
    made = [bf.replicate(apistrat(), "bootstrap", replicates=200, seed=7) for _ in range(2)]
    assert mean(made[0])["se"] == mean(made[1])["se"]
    assert mean(made[0])["se"] == pytest.approx(mean(apistrat())["se"], rel=0.15)
    step = next(s for s in made[0].provenance.steps() if s.operation == "replicate")
    assert dict(step.parameters)["seed"] == 7
    notes = " ".join(bf.estimate(made[0], "api00").display().notes)
    assert "Varianzen aus 200 Replikationsgewichten" in notes
    assert "200 replicate weights" in " ".join(bf.estimate(made[0], "api00").display("en").notes)


def test_each_replicate_is_calibrated_for_itself():
    wide = {"No": 1072, "Yes": 5122}
    types = {"E": 4421, "H": 755, "M": 1018}
    made = bf.rake(bf.replicate(apistrat(), "jkn"), {"stype": types, "sch_wide": wide})
    for quantity in ("estimate", "se"):
        expected = reference("rep_rake_mean", "strat_jkn", "api00", quantity)
        assert mean(made)[quantity] == pytest.approx(expected, rel=1e-6)


def test_half_samples_need_two_units_per_stratum():
    frame = pd.DataFrame({"s": [1, 1, 2, 2, 3, 3], "y": [1.0, 3.0, 2.0, 8.0, 5.0, 6.0]})
    items = [item("s", frame["s"], "single"), item("y", frame["y"], "number")]
    survey = survey_of(frame, items)
    paired = survey.with_design(bf.design(survey, strata="s", weights=np.ones(6)))
    expected = bf.estimate(paired, "y", statistic="total").table["se"].iloc[0]
    for method in ("brr", "fay"):
        made = bf.replicate(paired, method)
        found = bf.estimate(made, "y", statistic="total").table["se"].iloc[0]
        assert found == pytest.approx(expected)  # balanced: equal to the formula for totals
    with pytest.raises(ValidationError, match="two primary units"):
        bf.replicate(apistrat(), "brr")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: bf.replicate(apistrat(), "jk2"), UnknownCodeError, "jk2"),
        (lambda: bf.replicate(apistrat(), "jk1"), ValidationError, "without strata"),
        (lambda: bf.replicate(apistrat(), "bootstrap"), ValidationError, "give a seed="),
        (lambda: bf.replicate(kommunen("fail"), "jkn"), ValidationError, "jkn: "),
        (
            lambda: bf.replicate(bf.replicate(apistrat(), "jkn"), "jkn"),
            ValidationError,
            "already",
        ),
        (
            lambda: bf.replicate(
                bf.rake(apistrat(), {"stype": {"E": 4421, "H": 755, "M": 1018}}), "jkn"
            ),
            ValidationError,
            "calibrate them then",
        ),
        (lambda: bf.given_replicates(apistrat(), ["pw"], "jkn"), ValidationError, "needs rscales="),
        (lambda: bf.given_replicates(apistrat(), ["pw"], "jk3"), UnknownCodeError, "jk3"),
        (lambda: bf.given_replicates(apistrat(), ["rep1"], "jk1"), UnknownCodeError, "rep1"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_replicates_do_not_change_what_is_estimated():
    made = bf.replicate(kommunen(), "bootstrap", replicates=20, seed=1)
    assert isinstance(made.design.sample, Replicates)
    ours = bf.estimate(made, "strategie", by="gk").table["estimate"]
    np.testing.assert_allclose(
        ours, bf.estimate(kommunen(), "strategie", by="gk").table["estimate"]
    )

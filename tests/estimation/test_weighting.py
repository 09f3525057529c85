"""Weights meet what is known, give R's weights and errors, and are recorded."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.provenance import Provenance

from .inputs import FOLDER, apistrat, data, kommunen, projects, reference


def sizes(name):
    return data("kommunen_frame")[name].value_counts().to_dict()


@pytest.fixture(scope="module")
def raked():
    return bf.rake(kommunen(), {"land": sizes("land"), "gk": sizes("gk")})


def test_raked_weights_and_errors_are_those_of_r(raked):
    expected = pd.read_csv(FOLDER / "ref/weights_kommunen_rake.csv")["w"]
    np.testing.assert_allclose(raked.design.sample.weights, expected, rtol=1e-7)
    for name, category in (("invest", ""), ("strategie", "1")):  # R left rows out listwise
        result = bf.estimate(raked, name, where="answered(invest)")
        table = result.table.set_index("category").loc[category]
        for quantity in ("estimate", "se"):
            theirs = reference("kom_rake", "kommunen_certainty", name, quantity)
            assert table[quantity] == pytest.approx(theirs, rel=1e-7)


def test_calibrated_weights_and_errors_are_those_of_r():
    frame = data("kommunen_frame")
    totals = {"gk": sizes("gk"), "einwohner": float(frame["einwohner"].sum())}
    made = bf.calibrate(kommunen(), totals)
    expected = pd.read_csv(FOLDER / "ref/weights_kommunen_greg.csv")["w"]
    np.testing.assert_allclose(made.design.sample.weights, expected, rtol=1e-7)
    table = bf.estimate(made, "strategie").table.set_index("category").loc["1"]
    for quantity in ("estimate", "se"):
        theirs = reference("kom_greg", "kommunen_certainty", "strategie", quantity)
        assert table[quantity] == pytest.approx(theirs, rel=1e-7)
    weights = made.design.sample.weights
    assert weights @ made.scores("einwohner")[:, 0] == pytest.approx(totals["einwohner"], rel=1e-9)


def margins_of_the_frame():
    """Return what `bf.margins` does: a table with its provenance."""
    table = data("kommunen_frame").groupby(["land", "gk"]).size()
    return SimpleNamespace(
        table=table.reset_index(name="municipalities"), provenance=Provenance.of("margins")
    )


def test_one_table_of_margins_serves_all_variables(raked):
    made = bf.rake(kommunen(), ["land", "gk"], margins_of_the_frame())
    np.testing.assert_allclose(made.design.sample.weights, raked.design.sample.weights, rtol=1e-9)
    assert "margins" in [step.operation for step in made.provenance.steps()]


def test_each_step_is_recorded(raked):
    trimmed = bf.trim_weights(raked, times_median=3)
    assert [step.verb for step in trimmed.design.weighting] == ["rake", "trim"]
    assert trimmed.design.diagnostics().total == pytest.approx(raked.design.diagnostics().total)
    step = trimmed.design.weighting[0]
    assert step.before.n == step.after.n == len(raked)
    assert step.error < 1e-10
    operations = [node.operation for node in trimmed.provenance.steps()]
    assert operations.index("rake") != operations.index("trim")
    notes = " ".join(bf.estimate(trimmed, "invest").display().notes)
    assert "Gewichtet (Raking auf Randsummen, Stutzung); effektive Fallzahl" in notes


def test_a_full_population_is_poststratified_on_its_register():
    survey, frame = projects()
    census = survey.with_design(bf.design(survey, kind="population", frame=frame))
    made = bf.poststratify(census, "typ")
    counts = (
        pd.Series(made.design.sample.weights).groupby(made.design.variable("typ").to_numpy()).sum()
    )
    assert counts.to_dict() == pytest.approx(frame["typ"].value_counts().to_dict())
    assert set(bf.estimate(made, "mr_1").table["method"]) == {"wilson_kish"}


def test_nonresponse_by_cells_divides_by_the_response_rate():
    drawn = kommunen().design.sample.weights / 2
    sample = kommunen().with_design(bf.design(kommunen(), weights=drawn))
    answered = data("kommunen_sample")["gk"].value_counts()
    made = bf.weight_nonresponse(sample, "gk", (answered * 2).to_dict())
    np.testing.assert_allclose(made.design.sample.weights, 2 * drawn)
    rates = dict(made.design.weighting[0].parameters)["rates"]
    assert set(rates.values()) == {0.5}
    with pytest.raises(ValidationError, match="nobody answered in classes: x"):
        bf.weight_nonresponse(sample, "gk", answered.to_dict() | {"x": 3})


def test_strata_of_known_size_are_not_made_up_for_twice():
    answered = data("kommunen_sample")["gk"].value_counts().to_dict()
    invited = {size: (k + 1) * n for k, (size, n) in enumerate(sorted(answered.items()))}
    made = bf.weight_nonresponse(kommunen(), "gk", invited)  # strata lie within the classes
    np.testing.assert_allclose(made.design.sample.weights, kommunen().design.sample.weights)


def test_small_classes_are_remarked(raked):
    census, frame = projects()
    made = bf.poststratify(
        census.with_design(bf.design(census, kind="population", frame=frame)), ["typ", "staffel"]
    )
    assert "weighting.small" in [f.rule for f in made.findings]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: bf.rake(s, {"gk": {"02-05k": 5000}}), "no count of the population"),
        (lambda s: bf.poststratify(s, "gk", sizes("gk") | {"new": 7}), "poststratify: "),
        (lambda s: bf.poststratify(s, "gk"), "or a design with frame="),
        (lambda s: bf.calibrate(s, {"invest": 100.0}, size=1000), "is missing in"),
        (lambda s: bf.trim_weights(s, upper=0.5), "trim: no weights between the bounds"),
    ],
)
def test_what_cannot_be_met_is_refused(call, message):
    with pytest.raises(ValidationError, match=message):
        call(kommunen())


def test_weights_need_a_design():
    survey, _ = projects()
    with pytest.raises(ValidationError, match="weights need a design"):
        bf.poststratify(survey, "lik1")


def test_schools_raked_to_two_margins_are_those_of_r():
    types, wide = {"E": 4421, "H": 755, "M": 1018}, {"No": 1072, "Yes": 5122}
    made = bf.rake(apistrat(), {"stype": types, "sch_wide": wide})
    expected = pd.read_csv(FOLDER / "ref/weights_strat_rake.csv").iloc[:, -1]
    np.testing.assert_allclose(made.design.sample.weights, expected, rtol=1e-7)
    for name in ("api00", "ell"):
        table = bf.estimate(made, name).table.iloc[0]
        for quantity in ("estimate", "se"):
            theirs = reference("cal_rake", "strat", name, quantity)
            assert table[quantity] == pytest.approx(theirs, rel=1e-7)
    assert made.design.weighting[0].iterations > 1


def test_margins_may_be_series_and_what_names_no_variable_is_told(raked):
    frame = data("kommunen_frame")
    series = {"land": frame["land"].value_counts(), "gk": frame.groupby("gk").size()}
    made = bf.rake(kommunen(), series)
    np.testing.assert_allclose(made.design.sample.weights, raked.design.sample.weights, rtol=1e-9)
    crossed = frame.groupby(["land", "gk"]).size()
    by_cell = bf.poststratify(kommunen(), ["land", "gk"], crossed)
    told = bf.poststratify(
        kommunen(), ["land", "gk"], crossed.rename("municipalities").reset_index()
    )
    np.testing.assert_allclose(by_cell.design.sample.weights, told.design.sample.weights)
    for margins in (frame["land"].value_counts(), margins_of_the_frame(), []):
        with pytest.raises(ValidationError, match=r"bf.rake\(survey, \['bundesland', .* with one"):
            bf.rake(kommunen(), margins)


def test_unknown_variables_are_told_with_those_of_design_and_codebook():
    for asked in (
        lambda: bf.estimate(kommunen(), "strategie", by="gkk"),
        lambda: bf.rake(kommunen(), {"gkk": sizes("gk")}),
        lambda: bf.tabulate(kommunen(), banner=["gkk"]),
    ):
        with pytest.raises(UnknownCodeError, match=r"variables of the design .*mean 'gk'"):
            asked()
    with pytest.raises(ValidationError, match=r"'invest' is a number: make classes of it"):
        bf.estimate(kommunen(), "strategie", by="invest")

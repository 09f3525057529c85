"""The labelled layer gives R's figures, with the right base and the right words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, UnknownCodeError, ValidationError
from begleitforschung.stats.sampling import population_count_interval, proportion_interval
from begleitforschung.surveys import Codebook

from .inputs import apistrat, data, kommunen, projects, reference


def row(result, category="", domain="", column=None):
    table = result.table
    found = table[(table["category"] == category) & (table["domain"] == domain)]
    if column:
        found = found[found["column"] == column]
    assert len(found) == 1
    return found.iloc[0]


@pytest.fixture(scope="module")
def census():
    survey, frame = projects()
    made = bf.design(survey, kind="population", frame=frame, strata="staffel")
    return survey.with_design(made)


@pytest.mark.parametrize("name", ["api00", "enroll", "ell"])
def test_means_and_totals_are_those_of_r(name):
    for statistic, case in (("mean", "mean1"), ("total", "total1")):
        found = row(bf.estimate(apistrat(), name, statistic=statistic))
        for quantity, ours in (
            ("estimate", found["estimate"]),
            ("se", found["se"]),
            ("lower_t", found["low"]),
            ("upper_t", found["high"]),
        ):
            assert ours == pytest.approx(reference(case, "strat", name, quantity), rel=1e-10)


def test_design_effects_are_those_of_r():
    for name in ("api00", "ell"):
        found = row(bf.estimate(apistrat(), name))
        expected = reference("mean_deff_wor", "strat", name, "deff")
        assert found["deff"] == pytest.approx(expected, rel=1e-10)


def test_shares_are_those_of_r():
    result = bf.estimate(apistrat(), "stype")
    for code in "EHM":
        key = f"stype{code}"
        found = row(result, code)
        assert found["estimate"] == pytest.approx(
            reference("mean_factor", "strat", key, "estimate"), rel=1e-10
        )


def test_domains_are_those_of_r():
    result = bf.estimate(kommunen(), "strategie", by="gk")
    for size in data("kommunen_sample")["gk"].unique():
        found = row(result, "1", size)
        for quantity, ours in (("estimate", found["estimate"]), ("se", found["se"])):
            expected = reference("kom_by_gk", "kommunen_certainty", f"{size}:strategie", quantity)
            assert ours == pytest.approx(expected, rel=1e-10, abs=1e-14)


def test_quantiles_and_ratios_are_those_of_r():
    for prob in (0.25, 0.5, 0.75):
        result = bf.estimate(kommunen(), "invest", statistic="quantile", prob=prob)
        found = row(result)
        for quantity, ours in (("estimate", "estimate"), ("se", "se"), ("lower", "low")):
            expected = reference("kom_quantile", "kommunen_certainty", str(prob), quantity)
            assert found[ours] == pytest.approx(expected, rel=1e-10)
    median = row(bf.estimate(kommunen(), "invest", statistic="median"))
    assert median["estimate"] == reference("kom_quantile", "kommunen_certainty", "0.5", "estimate")
    result = bf.estimate(kommunen(), "rueckstand", statistic="ratio", denominator="einwohner")
    for quantity in ("estimate", "se"):
        expected = reference("kom_ratio", "kommunen_certainty", "rueckstand/einwohner", quantity)
        assert row(result)[quantity] == pytest.approx(expected, rel=1e-10)


def test_a_full_population_with_non_response_is_r_with_fpc(census):
    for name, column, category in (("lik1", "lik1", ""), ("mr1", "mr_1", "1")):
        statistic = "mean" if name == "lik1" else "share"
        found = row(bf.estimate(census, column, statistic=statistic), category, column=column)
        for quantity in ("estimate", "se"):
            expected = reference("mpsc_mean", "mpsc73_resp", name, quantity)
            assert found[quantity] == pytest.approx(expected, rel=1e-10)


def test_the_counts_of_a_full_population_are_exact():
    survey, frame = projects()
    census = survey.with_design(bf.design(survey, kind="population", frame=frame))
    found = row(bf.estimate(census, "mr_1"), "1")
    assert found["method"] == "hypergeometric"
    assert found["N"] == 73
    expected = population_count_interval(int(found["count"]), int(found["n"]), 73)
    assert (found["count_low"], found["count_high"]) == expected
    assert found["low"] == found["count_low"] / 73
    assert found["worst_low"] == found["count"] / 73
    assert found["worst_high"] == (found["count"] + 73 - found["n"]) / 73
    shown = bf.estimate(census, "mr_1").display()
    assert f"{expected[0]} bis {expected[1]} der 73" in str(shown.formatted())


def test_a_stratum_of_a_full_population_is_exact_and_all_together_is_not(census):
    result = bf.estimate(census, "mr_1", by="staffel")
    methods = dict(zip(result.table["domain"], result.table["method"], strict=True))
    assert methods.pop("") == "wilson_kish"
    assert set(methods.values()) <= {"hypergeometric", "complete"}
    sizes = result.table.set_index("domain")["N"]
    assert sizes[""] == 73
    assert sizes.drop("").sum() == 73


def test_domains_across_strata_know_their_size_from_the_register(census):
    found = bf.estimate(census, "mr_1", by="typ", total=False).table
    _, frame = projects()
    assert found.set_index("domain")["N"].to_dict() == frame["typ"].value_counts().to_dict()
    assert found["N_known"].all()
    methods = dict(zip(found["domain"], found["method"], strict=True))
    assert methods == {"IKZ": "complete", "Landkreis": "wilson_kish", "Stadt": "wilson_kish"}


def test_a_group_of_which_all_answered_is_counted_though_others_of_its_strata_did_not(census):
    whole = row(bf.estimate(census, "mr_1", by="typ"), "1", "IKZ")
    assert whole["n"] == whole["N"] == 11
    assert whole["estimate"] == whole["low"] == whole["high"] == whole["count"] / 11
    assert whole["se"] == 0
    scores = census.scores("lik1")[:, 0][census.design.variables["typ"] == "IKZ"]
    mean = row(bf.estimate(census, "lik1", by="typ", statistic="mean"), "", "IKZ")
    assert mean["estimate"] == pytest.approx(scores.mean(), rel=1e-15)


def test_where_all_answered_there_is_no_interval():
    _, frame = projects()
    survey, _ = projects()
    answered = frame[frame["unit"].isin(survey.cases["unit"])]
    whole = survey.with_design(bf.design(survey, kind="population", frame=answered))
    result = bf.estimate(whole, "mr_1")
    found = row(result, "1")
    assert found["method"] == "complete"
    assert found["low"] == found["estimate"] == found["high"]
    assert "Alle haben geantwortet" in " ".join(result.display().notes)


def test_those_who_left_a_question_out_stay_in_the_population():
    survey, frame = projects()
    some = survey.responses["lik1"].isna().sum()
    census = survey.with_design(bf.design(survey, kind="population", frame=frame))
    found = bf.estimate(census, "lik1").table
    assert (found["n"] == len(survey) - some).all()
    assert (found["N"] == 73).all()
    total = bf.estimate(census, "lik1", statistic="total").table
    assert total["estimate"].sum() == pytest.approx(73)
    shares = found.set_index("category")[["count_low", "count_high"]]
    assert (
        total.set_index("category")[["low", "high"]].to_numpy().tolist()
        == shares.to_numpy().tolist()
    )


def test_without_a_design_answers_are_counted_only():
    survey, _ = projects()
    result = bf.estimate(survey, "mr")
    expected = [survey.responses[f"mr_{i}"].eq("1").mean() for i in range(1, 5)]
    assert result.table["estimate"].tolist() == pytest.approx(expected)
    assert result.table[["se", "low", "high", "N"]].isna().all(axis=None)
    assert "ohne Stichprobenplan" in " ".join(result.display().notes)


def test_shares_of_answers_add_up_to_one_and_shares_of_respondents_need_not():
    answers = bf.estimate(kommunen(), "mr", base="answers").table["estimate"]
    respondents = bf.estimate(kommunen(), "mr").table["estimate"]
    assert answers.sum() == pytest.approx(1)
    np.testing.assert_allclose(answers, respondents / respondents.sum(), rtol=1e-12)


def test_shares_of_residents_weigh_each_municipality_by_its_residents():
    found = row(bf.estimate(kommunen(), "strategie", weight_by="einwohner"), "1")
    frame = data("kommunen_sample")
    weight = frame["w"] * frame["einwohner"]
    assert found["estimate"] == pytest.approx((weight * frame["strategie"]).sum() / weight.sum())
    shown = bf.estimate(kommunen(), "strategie", weight_by="einwohner").display()
    assert "Anteil der Einwohner" in shown.columns[1].label
    assert "Anteil der Kommunen" in bf.estimate(kommunen(), "strategie").display().columns[1].label


def test_boxes_are_sums_of_shares_at_the_end_of_the_scale():
    shares = bf.estimate(kommunen(), "lik2").table.set_index("category")["estimate"]
    top = row(bf.estimate(kommunen(), "lik2", statistic="top2"), "top2")
    bottom = row(bf.estimate(kommunen(), "lik2", statistic="bottom2"), "bottom2")
    assert top["estimate"] == pytest.approx(shares["4"] + shares["5"])
    assert bottom["estimate"] == pytest.approx(shares["1"] + shares["2"])


def test_a_domain_by_filter_is_the_group_of_a_breakdown():
    inside = row(bf.estimate(kommunen(), "invest", where="strategie == 1"))
    group = row(bf.estimate(kommunen(), "invest", by="strategie"), domain="1")
    for key in ("estimate", "se", "low", "n"):
        assert inside[key] == pytest.approx(group[key])
    mask = kommunen().responses["strategie"].eq("1").to_numpy()
    assert row(bf.estimate(kommunen(), "invest", where=mask))["se"] == inside["se"]


def test_crossed_domains_are_the_domains_of_both():
    crossed = bf.estimate(kommunen(), "invest", by=["gk", "strategie"], total=False).table
    one = bf.estimate(kommunen(), "invest", where="strategie == 1", by="gk", total=False).table
    mine = crossed[crossed["domain"].str.endswith(" · 1")]
    np.testing.assert_allclose(mine["estimate"], one["estimate"][one["n"] > 0])


@pytest.mark.parametrize("method", ["logit", "beta", "mean", "wilson"])
def test_intervals_of_shares_are_those_of_r(census, method):
    found = row(bf.estimate(census, "mr_1", interval=method), "1")
    for quantity, ours in (("lower", "low"), ("upper", "high")):
        expected = reference(f"mpsc_ciprop_{method}", "mpsc73_resp", "mr1", quantity)
        assert found[ours] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"question": "strategy"}, UnknownCodeError),
        ({"question": "invest", "statistic": "share"}, ValidationError),
        ({"question": "invest", "statistic": "modus"}, UnknownCodeError),
        ({"question": "invest", "statistic": "ratio"}, ValidationError),
        ({"question": "invest", "denominator": "einwohner"}, ValidationError),
        ({"question": "strategie", "interval": "exact"}, UnknownCodeError),
        ({"question": "strategie", "base": "all"}, UnknownCodeError),
        ({"question": "strategie", "by": "invest"}, ValidationError),
        ({"question": "strategie", "by": "mr"}, ValidationError),
        ({"question": "strategie", "where": [True]}, ValidationError),
        ({"question": "strategie", "statistic": "top2"}, ValidationError),
        ({"question": ["strategie", "invest"]}, ValidationError),
        ({"question": "invest", "statistic": "total", "weight_by": "einwohner"}, ValidationError),
    ],
)
def test_what_does_not_fit_is_refused(options, error):
    with pytest.raises(error):
        bf.estimate(kommunen(), **options)


def test_a_stratum_with_one_answer_of_several_is_named():
    with pytest.raises(ValidationError, match="strata with one answer of several"):
        bf.estimate(kommunen("fail"), "invest")


def test_confidential_estimates_are_shown_only_to_those_who_ask(census):
    items = tuple(i.model_copy(update={"confidentiality": None}) for i in census.codebook.items)
    asked = census.codebook.model_dump(exclude={"items"}) | {"items": items}
    closed = replace(census, codebook=Codebook(**asked))
    with pytest.raises(DisclosureError, match="allow_unprotected=True"):
        bf.estimate(closed, "lik1").display()
    allowed = bf.estimate(closed, "lik1", allow_unprotected=True)
    assert allowed.confidentiality == "confidential"
    assert "nicht auf Geheimhaltung geprüft" in " ".join(allowed.display().notes)
    by_answers = bf.estimate(closed, "lik1", by="typ")
    assert by_answers.confidentiality == "confidential"


def test_the_effective_sample_size_of_small_shares_is_at_most_that_of_the_weights():
    result = bf.estimate(kommunen(), "mr", by="gk", interval="auto")
    plain = bf.estimate(kommunen(), "mr", by="gk", interval="wilson").table
    assert set(result.table["method"]) == {"wilson_kish"}
    wider = (result.table["high"] - result.table["low"]) / (plain["high"] - plain["low"])
    assert (wider > 1 - 1e-9).all()
    found = row(result, "1", column="mr_1")
    weights = kommunen().design.sample.weights
    answered = kommunen().responses["mr_1"].notna().to_numpy()
    weights = weights[answered]
    fraction = weights.size / weights.sum()
    kish = weights.sum() ** 2 / (weights**2).sum() / (1 - fraction)
    p, se = found["estimate"], found["se"]
    size = min(p * (1 - p) / se**2, kish)
    low, high = proportion_interval(p, se**2, df=found["df"], effective_n=size)
    assert (found["low"], found["high"]) == pytest.approx((low[0], high[0]), rel=1e-12)

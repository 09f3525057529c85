"""What an estimate gives to those who compute on: covariances, and its design told to R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import ValidationError
from begleitforschung.results.estimate_r_design import csv_text, design_lines, number

from ..estimation.inputs import item, survey_of

YES = {"a": 12, "b": 6}


def drawn(**more: Any):
    """20 of 50 in a and 10 of 30 in b, of whom 12 and 6 said yes; amounts 1 to 30."""
    frame = pd.DataFrame({"s": ["a"] * 20 + ["b"] * 10, "y": np.arange(1.0, 31.0)})
    frame["q"] = ["1"] * 12 + ["2"] * 8 + ["1"] * 6 + ["2"] * 4
    frame["z"] = frame["y"] % 4
    frame["p"] = frame["y"].where(frame["y"] > 2)
    frame["N"] = frame["s"].map({"a": 50.0, "b": 30.0})
    items = [item(n, frame[n], "number") for n in ("y", "z", "p", "N")]
    items += [item(n, frame[n], "single") for n in ("q", "s")]
    made = survey_of(frame, items)
    return made.with_design(bf.design(made, strata="s", population="N", **more)), frame


def test_the_variance_of_a_stratified_share_is_that_of_the_text_book() -> None:
    survey, _ = drawn()
    found = bf.estimate(survey, "q").covariance()
    # Cochran (1977), eq. 5.52: sum of W² (1 - n/N) p q / (n - 1).
    terms = [(50 / 80, 20, 50, 12 / 20), (30 / 80, 10, 30, 6 / 10)]
    wanted = sum(w**2 * (1 - n / N) * p * (1 - p) / (n - 1) for w, n, N, p in terms)
    # Two answers exclude each other: what one gains the other loses.
    assert found.to_numpy() == pytest.approx(wanted * np.array([[1, -1], [-1, 1]]))
    assert found.index.names == ["column", "category", "by", "domain"]
    assert found.index.equals(found.columns)


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("q", {"by": "s"}),
        (["y", "z"], {"by": "s"}),
        (["y", "z"], {"statistic": "total", "by": "s"}),
        (["y", "z"], {"statistic": "ratio", "denominator": "N"}),
        (["y", "z"], {"statistic": "variance"}),
        (["y", "z"], {"statistic": "sd"}),
        ("y", {"weight_by": "z"}),
    ],
)
def test_covariances_are_symmetric_and_have_the_squared_errors_on_their_diagonal(
    question: Any, options: dict[str, Any]
) -> None:
    survey, _ = drawn()
    made = bf.estimate(survey, question, **options)
    found = made.covariance().to_numpy()
    assert np.diag(found) == pytest.approx(made.table["se"].to_numpy() ** 2)
    assert found == pytest.approx(found.T)
    assert np.linalg.eigvalsh(found).min() > -1e-9 * abs(found).max()


def test_strata_are_independent_and_their_totals_add_up() -> None:
    survey, _ = drawn()
    made = bf.estimate(survey, "y", by="s", statistic="total")
    found = made.covariance().to_numpy()
    assert found[1, 2] == pytest.approx(0.0)
    # All = a + b, so its variance is the sum and its covariance with a that of a.
    assert found[0, 0] == pytest.approx(found[1, 1] + found[2, 2])
    assert found[0, 1] == pytest.approx(found[1, 1])


def test_scaling_a_number_scales_its_covariances() -> None:
    _, frame = drawn()
    items = [item("y", frame["y"], "number"), item("z", frame["y"], "number")]
    twice = survey_of(frame.assign(z=-10 * frame["y"]), items)
    twice = twice.with_design(bf.design(twice, population=80))
    found = bf.estimate(twice, ["y", "z"]).covariance().to_numpy()
    assert found == pytest.approx(found[0, 0] * np.array([[1, -10], [-10, 100]]))


def test_what_has_no_covariance_is_refused() -> None:
    survey, _ = drawn()
    with pytest.raises(ValidationError, match="take means, shares or totals"):
        bf.estimate(survey, "y", statistic="median").covariance()


def test_questions_of_other_respondents_of_a_full_population_have_none() -> None:
    _, frame = drawn()
    items = [item(name, frame[name], "number") for name in ("y", "z", "p")]
    units = [f"{k:08d}" for k in range(1001000, 1001040)]
    survey = survey_of(frame, items, units=units[:30])
    register = pd.DataFrame({"unit": units})
    survey = survey.with_design(bf.design(survey, kind="population", frame=register))
    made = bf.estimate(survey, ["y", "z", "p"])
    found = made.covariance().to_numpy()
    # y and z were answered by the same 30, p by 28 of them.
    assert np.isnan(found[:2, 2]).all()
    assert np.isfinite(found[:2, :2]).all()
    assert np.diag(found) == pytest.approx(made.table["se"].to_numpy() ** 2)


def test_where_all_answered_nothing_varies() -> None:
    _, frame = drawn()
    items = [item(name, frame[name], "number") for name in ("y", "p")]
    units = [f"{k:08d}" for k in range(1001000, 1001030)]
    survey = survey_of(frame, items, units=units)
    register = pd.DataFrame({"unit": units})
    survey = survey.with_design(bf.design(survey, kind="population", frame=register))
    found = bf.estimate(survey, ["y", "p"]).covariance().to_numpy()
    assert found[0].tolist() == [0.0, 0.0]
    assert found[1, 1] > 0


# The design told to R ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (1 / 3, "0.3333333333333333"),
        (1e-300, "1e-300"),
        (np.float64(2), "2.0"),
        (np.nan, "NA"),
        (np.inf, "Inf"),
    ],
)
def test_numbers_are_written_so_that_r_reads_the_same(value: float, text: str) -> None:
    assert number(value) == text


def told(survey: Any) -> tuple[dict[str, Any], list[str]]:
    sample = survey.design.sample
    columns, lines = design_lines(sample, survey.design.weighting, "d1", "s1")
    return dict(columns), lines


def test_strata_and_sizes_are_columns_of_the_data() -> None:
    columns, lines = told(drawn()[0])
    assert lines == [
        'options(survey.lonely.psu = "fail")',
        "s1 <- svydesign(ids = ~1, strata = ~stratum, fpc = ~N1, weights = ~w, data = d1)",
    ]
    assert columns["w"] == ["2.5"] * 20 + ["3.0"] * 10
    assert columns["N1"] == ["50.0"] * 20 + ["30.0"] * 10
    assert len(set(columns["stratum"])) == 2


def test_without_strata_or_population_r_is_told_of_none() -> None:
    _, frame = drawn()
    survey = survey_of(frame, [item("y", frame["y"], "number")])
    plain = survey.with_design(bf.design(survey, population=80))
    assert told(plain)[1][1] == "s1 <- svydesign(ids = ~1, fpc = ~N1, weights = ~w, data = d1)"
    analytic = survey.with_design(bf.design(survey, population=80, inference="analytic"))
    assert told(analytic)[1][1] == "s1 <- svydesign(ids = ~1, weights = ~w, data = d1)"


def test_classes_and_their_sizes_are_told_before_and_after() -> None:
    survey, frame = drawn()
    columns, lines = told(bf.poststratify(survey, "q", {"1": 44, "2": 36}))
    assert lines[2:] == [
        "s1 <- postStratify(s1, ~cell1, data.frame(cell1 = c(0, 1), Freq = c(44, 36)))"
    ]
    assert columns["cell1"] == [{"1": "0", "2": "1"}[code] for code in frame["q"]]
    # The weights in the data are those before.
    assert columns["w"] == ["2.5"] * 20 + ["3.0"] * 10


def test_margins_are_told_together() -> None:
    made = bf.rake(drawn()[0], {"q": {"1": 44, "2": 36}, "s": {"a": 45, "b": 35}})
    columns, lines = told(made)
    assert lines[2] == (
        "s1 <- rake(s1, list(~margin1_1, ~margin1_2), list("
        "data.frame(margin1_1 = c(0, 1), Freq = c(44, 36)), "
        "data.frame(margin1_2 = c(0, 1), Freq = c(45, 35))), "
        "control = list(maxit = 2000, epsilon = 1e-12, verbose = FALSE))"
    )
    assert columns["margin1_2"] == ["0"] * 20 + ["1"] * 10


@pytest.mark.parametrize(
    ("options", "tail"),
    [
        ({}, 'calfun = "linear", maxit = 200, epsilon = 1e-11)'),
        (
            {"distance": "logit", "bounds": (0.5, 2)},
            'calfun = "logit", bounds = c(0.5, 2.0), maxit = 200, epsilon = 1e-11)',
        ),
    ],
)
def test_calibrations_are_told_with_totals_and_distance(options: Any, tail: str) -> None:
    columns, lines = told(bf.calibrate(drawn()[0], {"y": 1200.0}, size=80.0, **options))
    assert lines[2].startswith("s1 <- calibrate(s1, ~x1_1 + x1_2 - 1, c(")
    assert "= 80" in lines[2]
    assert "= 1200" in lines[2]
    assert lines[2].endswith(tail)
    x = {tuple(map(float, columns[name])) for name in ("x1_1", "x1_2")}
    assert x == {(1.0,) * 30, tuple(map(float, range(1, 31)))}


def test_weights_that_were_trimmed_are_given_as_they_are() -> None:
    made = bf.trim_weights(bf.poststratify(drawn()[0], "q", {"1": 60, "2": 20}), upper=3.2)
    columns, lines = told(made)
    assert lines[-1] == "s1$prob <- 1 / d1$wlast  # weights as trimmed or adjusted"
    assert [*map(float, columns["wlast"])] == made.design.sample.weights.tolist()
    assert max(map(float, columns["wlast"])) <= 3.2 + 1e-9
    again = bf.poststratify(made, "s", {"a": 50, "b": 30})
    columns, lines = told(again)
    assert lines[3] == "s1$prob <- 1 / d1$w2  # weights as trimmed or adjusted"
    assert lines[4].startswith("s1 <- postStratify(s1, ~cell2, ")
    assert [*map(float, columns["w2"])] == made.design.sample.weights.tolist()


def test_the_data_in_a_script_are_read_back() -> None:
    text = csv_text({"w": ["2.5", "NA"], "g": ["0", "-1"]})
    head, *lines = text.split("\n")
    assert head == "w,g"
    assert [line.split(",") for line in lines if line] == [["2.5", "0"], ["NA", "-1"]]


def test_a_script_checks_each_row_with_a_base_against_ours() -> None:
    survey, _ = drawn()
    made = bf.estimate(survey, ["y", "z"], by="s", level=0.9)
    script = made.to_r()
    assert script.count("check(") == len(made.table)
    assert "level = 0.9" in script
    for row in made.rows():
        assert f"c({number(row['estimate'])}, {number(row['se'])}, " in script
    assert script.index("library(survey)") < script.index("d1 <- read.csv")
    assert "svytotal(~" not in script
    assert "svytotal(~y1_1" in bf.estimate(survey, "y", statistic="total").to_r()
    assert "root <- function" not in script
    assert "root(svyvar(~y1_1" in bf.estimate(survey, "y", statistic="sd").to_r()
    median = bf.estimate(survey, "y", statistic="median").to_r()
    assert 'svyquantile(~y1_1, part, 0.5, alpha = 0.05, qrule = "math"' in median

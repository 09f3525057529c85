"""Rules for unsafe cells, against the handbook's examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.stats.suppression import (
    contributions,
    dominance,
    p_percent,
    quantile_units,
    telling_groups,
    too_few,
)

from .reference import Cases


def one_cell(values: list[float]) -> Any:
    return contributions(np.zeros(len(values), int), values)


@pytest.mark.parametrize("name", ["rule_1_90_safe_but_close", "rule_p10_vs_2k", "rule_1_85_upl"])
def test_examples_of_the_handbook(cases: Cases, name: str) -> None:
    case = cases[name]
    given_values = one_cell(case["contrib"])
    for rule, expected in case["rules"].items():
        words = rule.split("_")
        if rule.startswith("p_percent"):
            risk = p_percent(given_values, 1, p=float(words[2]))
        else:
            risk = dominance(given_values, 1, n=int(words[1]), k=float(words[2]))
        assert bool(risk.unsafe[0]) is expected
        if "protection" in case:
            assert risk.up[0] == pytest.approx(case["protection"]["upl"], abs=1e-9)


def test_dominance_of_one_is_a_p_percent_rule_of_its_own(cases: Cases) -> None:
    # p = 100 (100 - k) / k: the rule that bounds the estimate of the largest by anybody.
    for k, p in cases["p_from_k"]["pairs"]:
        assert 100 * (100 - k) / k == pytest.approx(p)
        held = 1000.0
        rest = held * p / 100
        assert dominance(one_cell([held, rest * 0.999]), 1, n=1, k=k).unsafe[0]
        assert not dominance(one_cell([held, rest * 1.001]), 1, n=1, k=k).unsafe[0]


def test_minimum_frequency(cases: Cases) -> None:
    case = cases["threshold"]
    assert too_few(case["counts"]).tolist() == case["unsafe"]
    assert too_few([0, 5], zeros=True).tolist() == [True, False]


def test_p_q_rule_needs_p_of_q() -> None:
    values = one_cell([100.0, 60.0, 8.0])
    assert not p_percent(values, 1, p=8).unsafe[0]
    risk = p_percent(values, 1, p=8, q=50)
    assert risk.unsafe[0]
    assert risk.up[0] == pytest.approx(8 / 50 * 100 - 8)


def test_estimated_total_of_a_sample_protects() -> None:
    sampled = one_cell([100.0, 60.0, 5.0])
    assert p_percent(sampled, 1, p=10).unsafe[0]
    assert not p_percent(sampled, 1, p=10, totals=[330.0]).unsafe[0]


def test_single_and_two_contributors_are_always_unsafe() -> None:
    risk = p_percent(contributions([0, 1, 1], [5.0, 3.0, 3.0]), 3, p=10)
    assert risk.unsafe.tolist() == [True, True, False]
    np.testing.assert_allclose(risk.up, [0.5, 0.3, 0.0])


def test_a_holding_counts_once() -> None:
    cells, values = [0, 0, 0, 0], [40.0, 40.0, 15.0, 5.0]
    apart = dominance(contributions(cells, values), 1, n=1, k=75)
    held = dominance(contributions(cells, values, ["a", "a", "b", "c"]), 1, n=1, k=75)
    assert not apart.unsafe[0]
    assert held.unsafe[0]


def test_size_counts_and_lengths_must_fit() -> None:
    assert contributions([0], [-7.0]).values.tolist() == [7.0]
    for wrong in ([1.0, 2.0], [np.nan]):
        with pytest.raises(ValueError, match="contribution"):
            contributions([0], wrong)


def test_limits_of_the_parameters() -> None:
    with pytest.raises(ValueError, match="dominance"):
        dominance(one_cell([1.0]), 1, n=0, k=80)
    with pytest.raises(ValueError, match="p %"):
        p_percent(one_cell([1.0]), 1, p=20, q=10)


def test_groups_that_tell() -> None:
    counts = [[[5, 0, 0], [4, 1, 0]], [[3, 2, 0], [0, 0, 0]]]
    assert telling_groups(counts, spare=0).tolist() == [[True, False], [False, False]]
    assert telling_groups(counts).tolist() == [[True, True], [False, False]]


@given(st.integers(1, 60), st.floats(0, 1))
def test_units_behind_a_quantile_lie_at_or_beyond_it(units: int, quantile: float) -> None:
    values = np.arange(units, dtype=float)
    at = np.quantile(values, quantile)
    tails = min((values <= at + 1e-9).sum(), (values >= at - 1e-9).sum())
    assert quantile_units(units, quantile) == tails


def test_extremes_are_single_units_and_medians_need_a_group() -> None:
    assert quantile_units([1, 5, 0], [1.0, 0.0, 0.5]).tolist() == [1, 1, 0]
    assert too_few(quantile_units([4, 5, 6], 0.5)).tolist() == [True, False, False]
    for wrong in ((-1, 0.5), (5, 1.5), (5, np.nan)):
        with pytest.raises(ValueError, match="quantile"):
            quantile_units(*wrong)


@given(st.lists(st.floats(0.1, 1e4), min_size=1, max_size=8), st.floats(1.0, 99.0))
def test_protection_of_p_percent_keeps_the_second_largest_from_the_largest(
    values: list[float], p: float
) -> None:
    risk = p_percent(one_cell(values), 1, p=p)
    ordered = [*sorted(values, reverse=True), 0.0]
    # With the total just as far up as asked, the second largest errs by p percent.
    estimate = sum(values) + risk.up[0] - ordered[1]
    assert estimate >= ordered[0] * (1 + p / 100) - 1e-6 * ordered[0]
    assert bool(risk.unsafe[0]) is bool(risk.up[0] > 0)

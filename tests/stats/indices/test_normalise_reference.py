"""Normalisation against the tables of COINr and Compind."""

from __future__ import annotations

import numpy as np
import pytest

from begleitforschung.stats.indices.normalise import (
    NORMALISATIONS,
    ampi,
    dist2targ,
    goalposts,
    lost_columns,
    minmax,
    rank,
    zscore,
)

CLOSE = {"rtol": 1e-10, "atol": 1e-12}  # a value that is 0 comes out of a difference
CASES = {
    "n_borda": ("borda", {}),
    "n_dist2max": ("dist2max", {}),
    "n_fracmax": ("fracmax", {}),
    "n_goalposts": ("goalposts", {"lower": 0, "upper": 50}),
    "n_goalposts_notrunc": ("goalposts", {"lower": 0, "upper": 50, "clip": False}),
    "n_minmax_0_100": ("minmax", {}),
    "n_minmax_1_100": ("minmax", {"lower": 1}),
    "n_prank": ("percentile_rank", {}),
    "n_rank_average": ("rank", {"ties": "average"}),
    "n_rank_min": ("rank", {}),
    "n_scaled_0_100": ("scaled", {}),
    "n_zscore_0_1": ("zscore", {}),
    "n_zscore_10_2": ("zscore", {"mean": 10, "sd": 2}),
    "none": ("none", {}),
}


@pytest.fixture(scope="module")
def asem(ref):
    """Treated values of ASEM, plain and multiplied by direction, with the directions."""
    table = ref("normalise/00_input_treated")
    meta = ref("normalise/00_directions")
    by_code = dict(zip(meta.text("iCode"), meta.numbers("Direction"), strict=True))
    direction = np.array([by_code[code] for code in table.columns])
    return table, table.values() * direction, direction


def in_order(table, columns, name):
    by_code = dict(zip(table.text("iCode"), table.numbers(name), strict=True))
    return np.array([by_code[code] for code in columns])


def defined_match(x, found, expected):
    """Compare columns; where COINr divides by 0 (infinite values), ours are undefined and known."""
    undefined = lost_columns(x, found)
    assert np.isnan(found[:, undefined]).all()
    np.testing.assert_allclose(found[:, ~undefined], expected[:, ~undefined], **CLOSE)
    assert np.isfinite(expected[:, ~undefined]).all()
    assert np.isnan(expected[:, undefined]).any(axis=0).all()
    return undefined


@pytest.mark.parametrize("case", CASES)
def test_methods(ref, asem, case):
    method, parameters = CASES[case]
    table, adjusted, _ = asem
    expected = ref(f"normalise/{case}")
    assert expected.columns == table.columns
    found = NORMALISATIONS[method](adjusted, **parameters)
    undefined = defined_match(adjusted, found, expected.values())
    highest = adjusted.max(axis=0)
    np.testing.assert_array_equal(undefined, (highest == 0) if method == "fracmax" else False)


@pytest.mark.parametrize("cap", [True, False])
def test_distance_to_a_unit(ref, asem, cap):
    adjusted = asem[1]
    found = NORMALISATIONS["dist2ref"](adjusted, value=adjusted[0], cap=cap)
    expected = ref("normalise/n_dist2ref_1_cap" if cap else "normalise/n_dist2ref_1")
    undefined = defined_match(adjusted, found, expected.values())
    np.testing.assert_array_equal(undefined, adjusted[0] == adjusted.min(axis=0))


@pytest.mark.parametrize("cap", [True, False])
def test_distance_to_targets(ref, asem, cap):
    table, adjusted, direction = asem
    target = in_order(ref("normalise/00_directions"), table.columns, "Target")
    expected = ref(f"normalise/n_dist2targ_iMeta_{'cap' if cap else 'nocap'}").values()
    found = dist2targ(adjusted, target=target * direction, cap=cap)
    np.testing.assert_allclose(found, expected, **CLOSE)
    as_published = dist2targ(table.values(), target=target, cap=cap, direction=direction)
    np.testing.assert_allclose(as_published, expected, **CLOSE)


def test_goalposts_of_each_indicator(ref, asem):
    table, _, direction = asem
    posts = ref("normalise/00_goalposts")
    lower, upper, factor = (
        in_order(posts, table.columns, f"goalpost_{name}") for name in ("lower", "upper", "scale")
    )
    assert posts.flags("goalpost_trunc2posts").all()
    found = goalposts(table.values(), lower=lower, upper=upper, factor=factor, direction=direction)
    np.testing.assert_allclose(found, ref("normalise/n_goalposts_iMeta").values(), **CLOSE)


@pytest.mark.parametrize(
    ("name", "method", "parameters"),
    [
        ("minmax", "minmax", {}),
        ("zscore", "zscore", {}),
        ("scaled", "scaled", {}),
        ("dist2max", "dist2max", {}),
        ("dist2ref4", "dist2ref", {"value": 4.0}),
        ("dist2targ7", "dist2targ", {"target": 7.0}),
        ("dist2targ7neg", "dist2targ", {"target": 0.0, "direction": -1}),
        ("fracmax", "fracmax", {}),
        ("rank", "rank", {}),
        ("rank_avg", "rank", {"ties": "average"}),
        ("borda", "borda", {}),
        ("prank", "percentile_rank", {}),
        ("goalposts", "goalposts", {"lower": 2, "upper": 6, "factor": 10}),
        ("goalposts_neg", "goalposts", {"lower": 2, "upper": 6, "factor": 10, "direction": -1}),
    ],
)
def test_a_vector_with_ties_and_a_missing_value(ref, name, method, parameters):
    table = ref("normalise/vector_functions")
    x = table.numbers("x")[:, None]
    if name == "dist2ref4":  # COINr takes the fourth unit, whose value is 4
        assert x[3, 0] == 4.0
    found = NORMALISATIONS[method](x, **parameters)[:, 0]
    np.testing.assert_allclose(found, table.numbers(name), **CLOSE)


def test_asem_example(ref):
    treated, expected = ref("asem/05_treated"), ref("asem/06_normalised")
    meta = ref("normalise/00_directions")
    direction = in_order(meta, treated.columns, "Direction")
    np.testing.assert_allclose(minmax(treated.values() * direction), expected.values(), **CLOSE)


@pytest.mark.parametrize("years", ["global", "peryear"])
def test_panel(ref, years):
    treated, expected = ref("panel/treated"), ref(f"panel/normalised_{years}")
    direction = in_order(ref("normalise/00_directions"), treated.columns, "Direction")
    adjusted, when = treated.values() * direction, np.array(treated.text("Time"))
    for year in sorted(set(when)):
        rows = when == year
        reference = adjusted if years == "global" else None
        found = minmax(adjusted[rows], reference=reference)
        np.testing.assert_allclose(found, expected.values()[rows], **CLOSE)


@pytest.mark.parametrize(
    ("number", "function", "parameters"),
    [(1, zscore, {}), (2, minmax, {"upper": 1.0}), (3, rank, {"ties": "average"})],
)
def test_compind(ref, number, function, parameters):
    names = ["roads", "trains"]
    found = function(ref("compind/input_EU_NUTS1").values(names), **parameters)
    expected = ref(f"compind/EUNUTS1_normalise_m{number}").values(names)
    np.testing.assert_allclose(found, expected, **CLOSE)


def test_normalisation_of_the_mazziotta_pareto_index(ref):
    names = ["roads", "trains"]
    values = ref("compind/input_EU_NUTS1").values(names)
    expected = ref("compind/EUNUTS1_mpi").values(names)
    np.testing.assert_allclose(zscore(values, mean=100, sd=10), expected, **CLOSE)


def test_adjusted_mazziotta_pareto_index_is_comparable_over_years(ref):
    """The penalties S²/M of Compind's index, unrounded, follow from our normalised values."""
    names = ["LPI", "Flights", "Goods", "Services"]
    table = ref("compind/AMPI_input")
    posts = ref("compind/AMPI_goalposts")
    normalised = ampi(table.values(names), goalpost=in_order(posts, names, "goalpost"))
    years = np.array(table.text("Time"))
    expected = ref("compind/AMPI_ASEM4")
    for k, year in enumerate(sorted(set(years)), start=1):
        part = normalised[years == year]
        mean, variance = part.mean(axis=1), part.var(axis=1)
        np.testing.assert_allclose(variance / mean, expected.numbers(f"pen.V{k}"), rtol=1e-10)
        score = mean + np.array([-1, 1])[:, None] * variance / mean
        assert np.abs(score - expected.numbers(f"X{year}")).min(axis=0).max() < 5.1e-4
    base = table.values(names)[years == "2018"]
    np.testing.assert_allclose(base.mean(axis=0), in_order(posts, names, "goalpost"), rtol=1e-12)

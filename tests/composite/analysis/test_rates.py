"""Rates of small units: limits of chance, several years together, shrinkage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.composite import compose
from begleitforschung.composite.analysis_rates import funnel, stabilise
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec
from begleitforschung.stats.small_numbers import funnel_limits


@pytest.fixture(scope="module")
def towns() -> pd.DataFrame:
    """Births per 1,000 in 400 towns that differ by chance alone, in three years."""
    rng = np.random.default_rng(11)
    size = np.round(np.geomspace(300, 300_000, 400))
    frames = []
    for year in (2020, 2021, 2022):
        births = rng.poisson(0.009 * size)
        frames.append(
            pd.DataFrame(
                {
                    "unit": [f"t{n:03d}" for n in range(400)],
                    "year": year,
                    "rate": 1000 * births / size,
                    "people": size,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def test_chance_alone_stays_within_the_limits(towns: pd.DataFrame) -> None:
    found = funnel(towns, "rate", "people", per=1000)
    counts = found.table["position"].value_counts()
    assert counts["within"] >= 0.91 * 400
    assert len(found.outside()) <= 4
    last = towns[towns["year"] == 2022]
    assert found.target == pytest.approx(np.average(last["rate"], weights=last["people"]))


def test_limits_are_those_of_the_numerics(towns: pd.DataFrame) -> None:
    found = funnel(towns, "rate", "people", per=1000, target=9.0, year=2021).table
    low, high = funnel_limits(found["exposure"], 0.009, level=0.95)
    np.testing.assert_allclose(found["low"], 1000 * low)
    np.testing.assert_allclose(found["high"], 1000 * high)
    assert (found["outer_low"] <= found["low"]).all()


def test_a_large_town_that_differs_is_found_a_small_one_is_not(towns: pd.DataFrame) -> None:
    frame = towns[towns["year"] == 2022].copy()
    frame.loc[frame["unit"].isin(["t000", "t399"]), "rate"] = 9.0 * 1.4
    found = funnel(frame, "rate", "people", per=1000, target=9.0)
    position = found.table.set_index("unit")["position"]
    assert position["t000"] == "within"
    assert position["t399"] == "far_above"
    assert found.outside()["unit"].tolist()[0] == "t399"


def test_unknown_exposure_is_said(towns: pd.DataFrame) -> None:
    frame = towns[towns["year"] == 2022].copy()
    frame.loc[frame["unit"] == "t001", "people"] = np.nan
    found = funnel(frame, "rate", "people", per=1000).table.set_index("unit")
    assert found.loc["t001", "position"] == "unknown"


def test_pooled_rates_are_all_events_over_all_exposure(towns: pd.DataFrame) -> None:
    found = stabilise(towns, "rate", "people", per=1000, years=3)
    last = found.table[found.table["year"] == 2022].set_index("unit")
    expected = towns.groupby("unit")["rate"].mean()  # the exposure is the same in all years
    np.testing.assert_allclose(last["steady"], expected.loc[last.index])
    first = found.table[found.table["year"] == 2020]
    np.testing.assert_allclose(first["steady"], first["rate"])
    assert last["steady"].std() < last["rate"].std()


def test_pooling_weighs_years_by_exposure_and_leaves_out_gaps() -> None:
    frame = pd.DataFrame(
        {
            "unit": ["a"] * 3 + ["b"] * 3,
            "year": [2020, 2021, 2022] * 2,
            "rate": [0.1, 0.2, np.nan, 0.5, 0.5, 0.5],
            "n": [100.0, 300.0, 50.0, 10.0, 10.0, 10.0],
        }
    )
    found = stabilise(frame, "rate", "n", years=2).table.set_index(["unit", "year"])
    assert found.loc[("a", 2021), "steady"] == pytest.approx((10 + 60) / 400)
    assert found.loc[("a", 2022), "steady"] == pytest.approx(0.2)
    assert found.loc[("a", 2022), "exposure_pooled"] == 300
    assert found.loc[("b", 2022), "steady"] == pytest.approx(0.5)


def test_shrinkage_is_stronger_for_small_towns(towns: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    frame = towns[towns["year"] == 2022].copy()
    true = rng.gamma(9, 0.001, len(frame))
    frame["rate"] = 1000 * rng.poisson(true * frame["people"]) / frame["people"]
    table = stabilise(frame, "rate", "people", per=1000, method="shrink").table
    assert (np.diff(table["own_weight"]) > 0).all()
    error = [np.mean((table[name] / 1000 - true) ** 2) for name in ("rate", "steady")]
    assert error[1] < 0.8 * error[0]


def test_steadied_rates_are_figures_marked_as_estimated(towns: pd.DataFrame) -> None:
    frame = towns.assign(unit=[f"{8111 + int(u[1:]):05d}" for u in towns["unit"]])
    kept = frame[frame["unit"].isin(["08111", "08115", "08116"])]
    table = stabilise(kept, "rate", "people", per=1000).to_table()
    assert set(table.data["status"]) == {"estimated"}
    spec = IndexSpec(
        id="geburten",
        indicators=(IndicatorSpec(id="rate_pooled", parent="r"),),
        nodes=(NodeSpec(id="r"),),
    )
    assert len(compose(table, spec, year=2022).units) == 3
    assert "stabilise" in [step.operation for step in table.provenance.steps()]
    assert isinstance(table, bf.IndicatorTable)


def test_what_is_wrong_is_named(towns: pd.DataFrame) -> None:
    with pytest.raises(UnknownCodeError, match="people"):
        funnel(towns, "rate", "poeple")
    with pytest.raises(UnknownCodeError, match="2022"):
        funnel(towns, "rate", "people", year=2023)
    with pytest.raises(UnknownCodeError, match="shrink"):
        stabilise(towns, "rate", "people", method="shrnk")
    with pytest.raises(ValidationError, match="one year"):
        stabilise(towns, "rate", "people", years=0)
    with pytest.raises(ValidationError, match="per="):
        stabilise(towns, "rate", "people", per=0)
    with pytest.raises(ValidationError, match="t000"):
        funnel(towns.assign(rate=-towns["rate"]), "rate", "people")
    with pytest.raises(ValidationError, match="rate that can occur"):
        funnel(towns, "rate", "people", model="binomial", target=2.0)


def test_they_are_shown_and_drawn(towns: pd.DataFrame) -> None:
    found = funnel(towns, "rate", "people", per=1000)
    assert "20 Einheiten außerhalb" in found.display().to_text()
    assert found.figure().axes
    assert "400 units" in found.alt_text("en")
    steady = stabilise(towns, "rate", "people", per=1000)
    assert "3 Jahren" in steady.display().to_text()
    assert steady.figure().axes
    assert "Spannweite" in steady.alt_text()

"""Strata with one answer of several are joined with their neighbour, for the variance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import UnknownCodeError, ValidationError

from .inputs import data, item, kommunen, survey_of


def small(frame, **more):
    items = [item(n, frame[n], "single") for n in ("land", "size")] + [
        item("y", frame["y"], "number")
    ]
    return survey_of(frame, items, **more)


@pytest.fixture(scope="module")
def sample():
    rows = [
        ("A", 1, 4.0),
        ("A", 1, 6.0),
        ("A", 2, 9.0),
        ("A", 3, 2.0),
        ("A", 3, 3.0),
        ("B", 1, 7.0),
    ]
    return small(pd.DataFrame(rows, columns=["land", "size", "y"]))


SIZES = {"A · 1": 10, "A · 2": 5, "A · 3": 8, "B · 1": 1}


def test_the_variance_takes_joined_strata_for_one_and_the_weights_stay(sample):
    made = bf.design(
        sample, strata=["land", "size"], population=SIZES, single="collapse", neighbours="size"
    )
    assert made.sample.weights.tolist() == [5, 5, 5, 4, 4, 1]
    assert made.cells["stratum"].tolist() == list(SIZES)
    found = bf.estimate(sample.with_design(made), "y", statistic="total").table.iloc[0]
    first, last = np.array([20.0, 30.0, 45.0]), np.array([8.0, 12.0])  # joined: sizes 1 and 2 of A
    parts = [(1 - 3 / 15) * 3 * first.var(ddof=1), (1 - 2 / 8) * 2 * last.var(ddof=1)]
    assert found["estimate"] == 20 + 30 + 45 + 8 + 12 + 7
    assert found["se"] == pytest.approx(np.sqrt(sum(parts)))
    (finding,) = sample.with_design(made).findings
    assert finding.rule == "design.collapsed"
    assert "A · 1 + A · 2" in finding.text.de
    assert made.described()["single"] == "collapse"


def test_a_stratum_taken_whole_is_no_single_one(sample):
    plain = bf.design(sample, strata=["land", "size"], population=SIZES)
    with pytest.raises(ValidationError, match="strata with one answer of several") as error:
        bf.estimate(sample.with_design(plain), "y")
    assert "A · 2;" in str(error.value)
    assert "B · 1" not in str(error.value)


def test_the_reference_sample_is_collapsed_along_its_size_classes():
    survey, frame = kommunen(), data("kommunen_frame")
    order = ["02-05k", "05-10k", "10-20k", "20-50k", "50k+"]
    sizes = frame.groupby(["land", "gk"]).size().reset_index(name="municipalities")
    made = bf.design(
        survey,
        strata=["land", "gk"],
        population=sizes,
        single="collapse",
        neighbours={"gk": order},
    )
    stage = made.sample.stages[0]
    assert not stage.single.any()
    assert stage.sampled.size < len(made.cells)
    joined, weights = stage.stratum[stage.unit], made.sample.weights
    invest = survey.scores("invest")[:, 0]
    there = ~np.isnan(invest)
    z = np.where(there, weights * np.nan_to_num(invest), 0.0)
    variance = 0.0
    for code in np.unique(joined):
        part, size = z[joined == code], stage.population[code]
        if part.size > 1:
            variance += (1 - part.size / size) * part.size * part.var(ddof=1)
    table = bf.estimate(survey.with_design(made), "invest", statistic="total").table
    assert table["se"].iloc[0] == pytest.approx(np.sqrt(variance))
    cells = made.cells["stratum"].str.split(" · ", expand=True)
    lands = cells[0].to_numpy()[made.stratum]
    several = pd.Series(lands).groupby(joined).agg(lambda part: sorted(set(part)))
    across = [pair for pair in several if len(pair) > 1]
    assert len(across) == 1  # one Land has nothing to join with
    assert "HB" in across[0]


def test_item_nonresponse_in_a_full_population_is_collapsed_too():
    rows = [("A", 1, 4.0), ("A", 1, None), ("A", 2, 9.0), ("A", 2, 2.0), ("A", 2, 3.0)]
    survey = small(pd.DataFrame(rows, columns=["land", "size", "y"]))
    made = bf.design(
        survey,
        kind="population",
        strata=["land", "size"],
        population={"A · 1": 4, "A · 2": 6},
        single="collapse",
        neighbours="size",
    )
    found = bf.estimate(survey.with_design(made), "y").table.iloc[0]
    assert found["estimate"] == pytest.approx((4 * 4 + 6 * 14 / 3) / 10)
    assert found["se"] > 0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ValidationError, "needs neighbours="),
        ({"neighbours": "y"}, UnknownCodeError, "y"),
        ({"neighbours": {"size": [1, 2]}}, ValidationError, "lacks 3"),
    ],
)
def test_what_is_not_said_is_asked_for(sample, options, error, message):
    with pytest.raises(error, match=message):
        bf.design(sample, strata=["land", "size"], population=SIZES, single="collapse", **options)


def test_the_order_may_come_from_the_frame_and_else_is_asked_for():
    units = [f"u{i}" for i in range(6)]
    frame = pd.DataFrame({"unit": units, "class": list("kkkggg"), "y": 1.0})
    survey = survey_of(frame.iloc[:4], [item("y", frame["y"], "number")], units=units[:4])
    frame.loc[5, "class"] = "k"
    options = {"frame": frame, "strata": "class", "single": "collapse", "neighbours": "class"}
    with pytest.raises(ValidationError, match="the order of 'class' is unknown"):
        bf.design(survey, **options)
    ordered = frame.astype({"class": pd.CategoricalDtype(["k", "g"], ordered=True)})
    made = bf.design(survey, **(options | {"frame": ordered}))
    assert made.neighbours["rank"].tolist() == [1, 0]

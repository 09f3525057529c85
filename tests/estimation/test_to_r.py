"""The R script holds the data, the design and one call for each figure."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError
from begleitforschung.stats import sampling

from .inputs import apistrat, kommunen, projects


def frames(script):
    return [
        pd.read_csv(io.StringIO(t))
        for t in re.findall(r'read\.csv\(text = "(.*?)"\)', script, re.DOTALL)
    ]


def test_the_data_of_the_script_give_the_estimate():
    result = bf.estimate(apistrat(), "api00", by="stype")
    (d,) = frames(result.to_r())
    assert np.average(d["y1_1"], weights=d["w"]) == pytest.approx(
        result.table["estimate"][0], rel=1e-15
    )
    assert d.groupby("stratum")["N1"].first().tolist() == [4421, 755, 1018]
    for code, domain in enumerate("EHM"):
        part = d[d["g2"] == code]
        ours = result.table.set_index("domain").loc[domain, "estimate"]
        assert np.average(part["y1_1"], weights=part["w"]) == pytest.approx(ours, rel=1e-14)


def test_the_script_names_design_and_statistic():
    script = bf.estimate(kommunen(), "invest", statistic="median").to_r()
    assert 'options(survey.lonely.psu = "certainty")' in script
    assert "svydesign(ids = ~1, strata = ~stratum, fpc = ~N1, weights = ~w, data = d1)" in script
    assert "part <- subset(s1, g1 == 0 & !is.na(y1_1))" in script
    assert 'svyquantile(~y1_1, part, 0.5, alpha = 0.05, qrule = "math"' in script
    assert "svytotal(~y1_1" in bf.estimate(kommunen(), "invest", statistic="total").to_r()
    weighted = bf.estimate(kommunen(), "strategie", weight_by="einwohner").to_r()
    assert "svyratio(~y1_2, ~per1" in weighted


def test_each_figure_stands_beside_its_call():
    result = bf.estimate(kommunen(), "mr", by="gk")
    script = result.to_r()
    assert script.count("\ncheck(") == len(result.table)
    for value in result.table["estimate"]:
        assert repr(float(value)) in script


def test_only_those_who_answered_stand_in_the_script_of_a_full_population():
    survey, frame = projects()
    census = survey.with_design(bf.design(survey, kind="population", frame=frame))
    result = bf.estimate(census, "lik1")
    (d,) = frames(result.to_r())
    assert len(d) == result.table["n"].iloc[0]
    assert d["w"].sum() == pytest.approx(73)


def test_columns_answered_by_one_sample_share_its_data():
    (d,) = frames(bf.estimate(kommunen(), ["mr", "strategie"]).to_r())
    assert [c for c in d.columns if c.startswith("y")] == [
        *(f"y{column}_1" for column in range(1, 7)),
        "y7_1",
        "y7_2",
    ]


def test_calibrations_stand_in_the_script_in_their_order():
    types = {"E": 4421, "H": 755, "M": 1018}
    made = bf.trim_weights(bf.poststratify(apistrat(), "stype", types), upper=40)
    made = bf.calibrate(made, {"stype": types, "enroll": 3_811_472.0}, distance="raking")
    script = bf.estimate(made, "api00").to_r()
    calls = ["svydesign(", "postStratify(s1, ~cell1, ", "s1$prob <- 1 / d1$w2", "calibrate(s1, "]
    places = [script.index(call) for call in calls]
    assert places == sorted(places)
    assert 'calfun = "raking"' in script
    assert "data.frame(cell1 = c(0, 1, 2), Freq = c(4421, 755, 1018))" in script


def test_replicates_are_written_with_their_scales():
    plan = bf.design(apistrat(), replicates=sampling.bootstrap(apistrat().design.sample, 5, 1))
    script = bf.estimate(apistrat().with_design(plan), "api00").to_r()
    assert "scale = 0.25, rscales = c(1.0, 1.0, 1.0, 1.0, 1.0), mse = FALSE" in script
    (d,) = frames(script)
    weights = np.hstack(list(plan.sample.blocks()))
    np.testing.assert_array_equal(d.filter(like="rep").to_numpy(), weights)


def test_confidential_data_are_not_written():
    result = bf.estimate(apistrat(), "api00")
    closed = replace(result, confidentiality="confidential")
    with pytest.raises(DisclosureError):
        closed.to_r()

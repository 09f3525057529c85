"""The R script holds the data, the design and one call for each figure."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, ValidationError

from .inputs import apistrat, kommunen, projects


def frames(script):
    return [
        pd.read_csv(io.StringIO(t))
        for t in re.findall(r'read\.csv\(text = "(.*?)"\)', script, re.DOTALL)
    ]


def test_the_data_of_the_script_give_the_estimate():
    result = bf.estimate(apistrat(), "api00", by="stype")
    (d,) = frames(result.to_r())
    assert np.average(d["y1"], weights=d["w"]) == pytest.approx(
        result.table["estimate"][0], rel=1e-15
    )
    assert d.groupby("stratum")["N"].first().tolist() == [4421, 755, 1018]
    for code, domain in enumerate("EHM"):
        part = d[d["g2"] == code]
        ours = result.table.set_index("domain").loc[domain, "estimate"]
        assert np.average(part["y1"], weights=part["w"]) == pytest.approx(ours, rel=1e-14)


def test_the_script_names_design_and_statistic():
    script = bf.estimate(kommunen(), "invest", statistic="median").to_r()
    assert 'options(survey.lonely.psu = "certainty")' in script
    assert "svydesign(ids = ~1, strata = ~stratum, fpc = ~N, weights = ~w, data = d1)" in script
    assert 'svyquantile(~y1, subset(s1, g1 == 0), 0.5, qrule = "math"' in script
    assert "svytotal(~y1" in bf.estimate(kommunen(), "invest", statistic="total").to_r()
    weighted = bf.estimate(kommunen(), "strategie", weight_by="einwohner").to_r()
    assert "svyratio(~y2, ~per" in weighted


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


def test_what_r_cannot_be_told_in_a_line_is_refused():
    raked = bf.trim_weights(
        bf.poststratify(apistrat(), "stype", {"E": 4421, "H": 755, "M": 1018}), upper=100
    )
    with pytest.raises(ValidationError, match="calibrated weights"):
        bf.estimate(raked, "api00").to_r()


def test_confidential_data_are_not_written():
    result = bf.estimate(apistrat(), "api00")
    closed = replace(result, confidentiality="confidential")
    with pytest.raises(DisclosureError):
        closed.to_r()

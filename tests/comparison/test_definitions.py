"""Comparisons against the plain definitions in Python, on drawn and on real figures."""

from __future__ import annotations

import csv
import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.comparison import compare
from begleitforschung.errors import ComparisonError, UnknownCodeError
from begleitforschung.regions import programme
from begleitforschung.tables import Indicator, indicators

POP = Indicator(id="pop", title={"de": "Bevölkerung", "en": "Population"}, aggregation="sum")
RATE = Indicator(
    id="rate", title={"de": "Quote", "en": "Rate"}, aggregation="mean", weight="pop",
    exposure="pop", direction="higher",
)  # fmt: skip
UNITS = tuple(programme.county_status()["unit"].iloc[:8])


def table_of(frame, meanings=(POP, RATE)):
    return indicators(frame, indicators=meanings, gebietsstand="2021-12-31")


def described(values, weights):
    """Statistics of one group in plain Python; NaN where the documentation says so."""
    there = [v for v in values if not math.isnan(v)]
    pairs = [(v, w) for v, w in zip(values, weights, strict=True)
             if not math.isnan(v) and not math.isnan(w) and w > 0]  # fmt: skip
    nan = math.nan
    quartiles = np.quantile(there, [0.25, 0.5, 0.75]) if there else [nan] * 3
    total = math.fsum(w for _, w in pairs)
    return {
        "n": len(there),
        "missing": len(values) - len(there),
        "mean": statistics.fmean(there) if there else nan,
        "weighted_mean": math.fsum(v * w for v, w in pairs) / total if pairs else nan,
        "n_weighted": len(pairs),
        "q1": quartiles[0],
        "median": quartiles[1],
        "q3": quartiles[2],
        "sd": statistics.stdev(there) if len(there) > 1 else nan,
        "min": min(there) if len(there) > 2 else nan,
        "max": max(there) if len(there) > 2 else nan,
        "small": len(there) < 3,
    }


def referred(name, groups, against):
    """Values that a group is compared with."""
    chosen = {"all": list(groups), "rest": [g for g in groups if g != name]}.get(against, [against])
    return [v for g in chosen for v in groups[g] if not math.isnan(v)]


cell = st.tuples(
    st.integers(-50, 50).map(float) | st.just(math.nan),
    st.integers(0, 20).map(float) | st.just(math.nan),
    st.sampled_from("xyz"),
)


@settings(max_examples=10)
@given(st.lists(cell, min_size=8, max_size=8), st.sampled_from(["all", "rest", "y"]))
def test_every_figure_of_every_group_is_as_defined(drawn, against):
    frame = pd.DataFrame(drawn, columns=["rate", "pop", "group"]).assign(unit=UNITS, year=2021)
    by = pd.Series(pd.Categorical(frame["group"], categories=list("xyz")), index=UNITS)
    if frame["rate"].isna().all():
        frame.loc[0, "rate"] = 0.0
    found = compare(
        table_of(frame.drop(columns="group")), by=by, against=against, indicators="rate"
    ).table.set_index("group")
    values = {g: frame.loc[frame["group"] == g, "rate"].tolist() for g in "xyz"}
    for name in "xyz":
        weights = frame.loc[frame["group"] == name, "pop"].tolist()
        wanted = described(values[name], weights)
        other = referred(name, values, against)
        wanted["reference_n"] = len(other)
        wanted["reference_mean"] = statistics.fmean(other) if other else math.nan
        wanted["reference_sd"] = statistics.stdev(other) if len(other) > 1 else math.nan
        wanted["difference"] = wanted["mean"] - wanted["reference_mean"]
        spread = wanted["reference_sd"]
        wanted["standardised_difference"] = (
            wanted["difference"] / spread if spread > 1e-9 else math.nan
        )
        given_ = {key: found.loc[name, key] for key in wanted}
        assert given_ == pytest.approx(wanted, rel=1e-9, abs=1e-9, nan_ok=True)


def rows_of(path, delimiter):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_unemployment_by_type_of_county_as_csv_and_statistics_count_it(shared):
    """Rates of 2021 of all counties, grouped by the list of the BBSR, read without pandas."""
    kinds = rows_of(shared / "data/bbsr/kreistypen_2021.csv", ";")
    kind = {row["kreis_ags"]: row["kreistyp_code"] for row in kinds}
    panel = rows_of(shared / "data/panels/inkar_kreis_panel_1995_2022.csv", ",")
    rates = {
        row["county_code"]: float(row["unemployment_rate"])
        for row in panel
        if row["year"] == "2021" and row["unemployment_rate"]
    }
    assert len(rates) > 395
    frame = pd.DataFrame({"unit": list(rates), "year": 2021, "rate": list(rates.values())})
    plain = Indicator(id="rate", title="Arbeitslosenquote")
    found = compare(table_of(frame, [plain]), by="kreistyp").table.set_index("group")
    assert list(found.index) == ["1", "2", "3", "4"]
    for code in found.index:
        part = [rate for unit, rate in rates.items() if kind.get(unit) == code]
        row = found.loc[code]
        assert row["n"] == len(part)
        assert row["mean"] == pytest.approx(statistics.fmean(part), rel=1e-12)
        assert row["sd"] == pytest.approx(statistics.stdev(part), rel=1e-12)
        quartiles = statistics.quantiles(part, n=4, method="inclusive")
        assert row[["q1", "median", "q3"]].tolist() == pytest.approx(quartiles)
    grouped = [rate for unit, rate in rates.items() if unit in kind]
    gap = found.loc["1", "mean"] - statistics.fmean(grouped)
    glass = gap / statistics.stdev(grouped)
    assert found.loc["1", "standardised_difference"] == pytest.approx(glass, rel=1e-12)
    assert gap > 0.5  # large cities have more unemployment than the mean of all counties


# What is compared with what -------------------------------------------------------------------


@pytest.fixture(scope="module")
def small():
    frame = pd.DataFrame(
        {
            "unit": ["01001", "01002", "08421", "14612", "DG", "01"],
            "year": 2021,
            "pop": [100.0, 300.0, 200.0, 400.0, 9000.0, 800.0],
            "rate": [2.0, 6.0, 4.0, 9.0, 5.0, 7.0],
        }
    )
    both = pd.concat([frame, frame.assign(year=2022, rate=frame["rate"] + 1)])
    return table_of(both)


GROUPS = {"01001": "a", "01002": "a", "08421": "b", "14612": "b"}


@pytest.mark.parametrize(
    ("against", "kind", "de", "en", "differences"),
    [
        ("all", "all", "alle", "all", [4 - 5.25, 6.5 - 5.25]),
        ("rest", "rest", "alle übrigen", "all others", [4 - 6.5, 6.5 - 4]),
        ("a", "group", "a", "a", [0.0, 2.5]),
        ("DG", "unit", "Deutschland", "Germany", [-1.0, 1.5]),
        ("germany", "unit", "Deutschland", "Germany", [-1.0, 1.5]),
        ("Deutschland", "unit", "Deutschland", "Germany", [-1.0, 1.5]),
        ("01", "unit", "01", "01", [-3.0, -0.5]),
        ("08421", "unit", "08421", "08421", [0.0, 2.5]),
    ],
)
def test_what_groups_are_compared_with(small, against, kind, de, en, differences):
    result = compare(small, by=GROUPS, against=against, indicators="rate", level="kreis", year=2021)
    assert (result.reference_kind, result.reference.de) == (kind, de)
    assert result.reference.get("en") == en
    assert result.table["difference"].tolist() == pytest.approx(differences)


def test_each_year_is_compared_with_the_reference_of_that_year(small):
    result = compare(small, by=GROUPS, against="DG", indicators="rate", level="kreis")
    assert result.table["year"].tolist() == [2021, 2021, 2022, 2022]
    assert result.table["reference_mean"].tolist() == [5.0, 5.0, 6.0, 6.0]


def test_the_sum_of_a_county_is_a_yardstick_for_counties_and_that_of_a_land_is_none(small):
    options = {"by": GROUPS, "indicators": "pop", "level": "kreis", "year": 2021}
    same = compare(small, against="14612", **options)
    assert same.table["difference"].tolist() == [200 - 400, 300 - 400]
    above = compare(small, against="01", **options)
    assert above.table["difference"].isna().all()
    (found,) = [f for f in above.findings if f.rule == "compare.sum_of_larger_unit"]
    assert found.text.de.startswith("Summen von 01 sind kein Maßstab")
    assert found.text.en.startswith("sums of 01 are no yardstick")


@pytest.mark.parametrize("label", ["untouched", "Unberührt", "Untouched"])
def test_a_group_is_named_by_code_german_or_english_label(label):
    units = programme.county_status()["unit"]
    frame = pd.DataFrame({"unit": units, "year": 2021, "x": np.arange(400.0)})
    result = compare(frame, by="mpsc", against=label)
    assert result.reference_kind == "group"
    assert result.reference.de == "Unberührt"
    with pytest.raises(ComparisonError, match="shown apart, on no side"):
        compare(frame, by="mpsc", against="contains")


def test_an_unknown_reference_is_refused_with_what_there_is(small):
    with pytest.raises(UnknownCodeError, match="the groups and units of the table") as error:
        compare(small, by=GROUPS, against="Hessen", level="kreis")
    assert "all, rest, a, b" in str(error.value)


# Weights, exposure and ranks ------------------------------------------------------------------


def ranks(values, *, direction=None, exposure=(1.0,) * 8, least=None, own="higher"):
    frame = pd.DataFrame({"unit": UNITS[: len(values)], "year": 2021, "rate": values})
    frame["pop"] = exposure[: len(values)]
    meaning = RATE.model_copy(update={"direction": own})
    result = compare(
        table_of(frame, [POP, meaning]), by=dict.fromkeys(frame["unit"], "g"),
        indicators="rate", min_exposure=least,
    )  # fmt: skip
    found = result.ranks(direction=direction).set_index("unit").loc[list(frame["unit"])]
    return [None if pd.isna(r) else int(r) for r in found["rank"]], found["flag"].tolist()


@pytest.mark.parametrize(
    ("values", "own", "direction", "expected"),
    [
        ([1.0, 3.0, 2.0], "higher", None, [3, 1, 2]),
        ([1.0, 3.0, 2.0], "lower", None, [1, 3, 2]),
        ([1.0, 3.0, 2.0], "lower", "higher", [3, 1, 2]),
        ([1.0, 3.0, 2.0], "unknown", "lower", [1, 3, 2]),
        ([5.0, 5.0, 2.0], "higher", None, [1, 1, 3]),  # equal values share the smaller rank
        ([5.0, math.nan, 2.0], "higher", None, [1, None, 2]),
    ],
)
def test_rank_1_is_the_best_by_the_direction(values, own, direction, expected):
    assert ranks(values, own=own, direction=direction)[0] == expected


@pytest.mark.parametrize("own", ["unknown", "none", "target"])
def test_without_better_and_worse_there_is_no_rank(own):
    with pytest.raises(ComparisonError, match=rf"does not say which direction is better \({own}\)"):
        ranks([1.0, 2.0], own=own)


def test_a_unit_needs_the_least_exposure_to_be_ranked():
    found = ranks([1.0, 2.0, 3.0, 4.0], exposure=(99.9, 100.0, math.nan, 500.0), least=100)
    assert found == ([None, 2, None, 1], ["below_exposure", "", "exposure_unknown", ""])
    assert ranks([1.0, 2.0], exposure=(0.0, math.nan))[1] == ["", ""]  # none is asked for
    assert ranks([1.0, 2.0], exposure=(0.0, 5.0), least=0)[1] == ["", ""]


def test_a_least_exposure_of_ones_own_goes_before_that_of_the_indicator():
    frame = pd.DataFrame({"unit": UNITS[:2], "year": 2021, "rate": [1.0, 2.0], "pop": [50.0, 500]})
    strict = RATE.model_copy(update={"min_exposure": 1000.0})
    table = table_of(frame, [POP, strict])
    by = dict.fromkeys(UNITS[:2], "g")
    assert compare(table, by=by, indicators="rate").ranks()["rank"].isna().all()
    own = compare(table, by=by, indicators="rate", min_exposure=100).ranks()
    assert sorted(own["flag"]) == ["", "below_exposure"]
    assert set(compare(table, by=by, indicators="rate").members["min_exposure"]) == {1000.0}


def test_another_exposure_and_weight_may_be_named():
    frame = pd.DataFrame(
        {"unit": UNITS[:2], "year": 2021, "rate": [1.0, 5.0], "pop": [1.0, 1.0], "area": [1.0, 3.0]}
    )
    result = compare(
        table_of(frame), by=dict.fromkeys(UNITS[:2], "g"), indicators="rate",
        weight="area", exposure="area",
    )  # fmt: skip
    assert result.table["weighted_mean"].tolist() == [4.0]
    assert result.members["exposure"].tolist() == result.members["weight"].tolist() == [1.0, 3.0]
    assert result.specification["weight"] == result.specification["exposure"] == "area"


def test_ranks_are_of_one_year_by_default_the_last(small):
    result = compare(small, by=GROUPS, indicators="rate", level="kreis")
    assert set(result.ranks()["year"]) == {2022}
    assert set(result.ranks(year=2021)["year"]) == {2021}
    with pytest.raises(UnknownCodeError, match=r"2023.*years of .rate.*2022.*2021"):
        result.ranks(year=2023)
    with pytest.raises(UnknownCodeError, match="name one"):
        result.ranks("pop")


def test_values_without_weight_are_counted_in_both_languages():
    frame = pd.DataFrame({"unit": UNITS[:3], "year": 2021, "rate": 1.0, "pop": [1.0, None, None]})
    result = compare(table_of(frame), by=dict.fromkeys(UNITS[:3], "g"), indicators="rate")
    (found,) = [f for f in result.findings if f.rule == "compare.no_weight"]
    assert (found.severity, found.key, found.n, found.column) == ("warning", "rate", 2, "weight")
    assert found.text.de == "Werte ohne Gewicht sind nicht im gewichteten Mittel"
    assert found.text.en == "values without weight are not in the weighted mean"
    assert result.table["n_weighted"].tolist() == [1]

"""No rank below a stated exposure; groups in place of a league table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.composite import compose
from begleitforschung.composite.analysis_change import index_change
from begleitforschung.composite.analysis_groups import rank_groups
from begleitforschung.composite.analysis_removal import remove_one
from begleitforschung.composite.analysis_variants import compare_variants, what_if
from begleitforschung.composite.sensitivity_analysis import sensitivity
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec
from begleitforschung.results.analysis_groups import group_of_rank
from begleitforschung.tables import Indicator

LIMIT: Mapping[str, object] = {"exposure": "people", "min_exposure": 2000}


@pytest.fixture(scope="module")
def towns(small_frame: pd.DataFrame) -> pd.DataFrame:
    return small_frame.assign(people=[500.0, 1999, 2000, 5000, np.nan, 9000, 90000] * 2)


@pytest.fixture(scope="module")
def many(small_spec: IndexSpec) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(50, 10, (180, 4)), columns=list("abcd"))
    frame["unit"] = [f"t{n:03d}" for n in range(180)]
    frame["people"] = np.geomspace(200, 500_000, 180)
    return frame


def test_units_below_the_limit_have_scores_but_no_rank(
    towns: pd.DataFrame, small_spec: IndexSpec
) -> None:
    result = compose(towns, small_spec, year=2020, **LIMIT)
    free = compose(towns, small_spec, year=2020)
    ranks = result.ranks("all").droplevel("year")
    assert ranks.loc[["u0", "u1", "u4"]].isna().all(axis=None)
    for name in ranks.columns:
        best = free.scores("all")[name].droplevel("year").loc[["u2", "u3", "u5", "u6"]]
        expected = best.rank(ascending=False, method="min").astype(int)
        assert ranks[name].dropna().astype(int).to_dict() == expected.to_dict()
    pd.testing.assert_frame_equal(result.scores("all"), free.scores("all"))
    table = result.table.set_index(["node", "unit"])
    assert table.loc[("r", "u0"), "score"] > 0
    assert pd.isna(table.loc[("r", "u0"), "rank"])


def test_the_finding_names_limit_and_units(towns: pd.DataFrame, small_spec: IndexSpec) -> None:
    result = compose(towns, small_spec, **LIMIT)
    found = next(item for item in result.findings if item.rule == "index.min_exposure")
    assert "people < 2000" in found.line()
    assert found.key == "u0, u1, u4"
    assert found.n == 6
    assert any(step.operation == "min_exposure" for step in result.provenance.steps())


def test_the_table_marks_units_without_rank(towns: pd.DataFrame, small_spec: IndexSpec) -> None:
    shown = compose(towns, small_spec, year=2020, **LIMIT).display()
    marked = [row for row in shown.rows if row[2].mark == "b"]
    assert [row[0] for row in marked] == ["u0", "u1", "u4"]
    assert all(row[1] is None for row in marked)
    assert any(note.startswith("b: zu klein") for note in shown.notes)


def test_analyses_follow(towns: pd.DataFrame, small_spec: IndexSpec) -> None:
    result = compose(towns, small_spec, year=2022, **LIMIT)
    assert result.strengths("u0").empty
    assert result.strengths("u6")["of"].max() == 4
    ranks = remove_one(result).ranks
    assert ranks.loc["u1"].isna().all()
    assert set(ranks.loc[["u2", "u3", "u5", "u6"], "a"]) == {1, 2, 3, 4}
    both = compare_variants({"a": result, "b": compose(towns, small_spec, year=2022)})
    assert both.agreement.loc[0, "n"] == 4


def test_change_and_supposition_refuse_the_same_ranks(
    towns: pd.DataFrame, small_spec: IndexSpec
) -> None:
    change = index_change(towns, small_spec, 2020, 2022, **LIMIT).of_node().set_index("unit")
    assert change.loc[["u0", "u1", "u4"], ["rank_start", "rank_end"]].isna().all(axis=None)
    assert set(change["rank_end"].dropna()) == {1, 2, 3, 4}
    supposed = what_if(towns, small_spec, {("u6", "a"): 99.0}, year=2022, **LIMIT)
    assert supposed.of_unit("u0")["rank"].isna().all()
    assert supposed.of_unit("u6")["rank"].max() <= 4


def test_the_exposure_may_lie_beside_the_figures(
    towns: pd.DataFrame, small_spec: IndexSpec
) -> None:
    figures = towns.drop(columns="people")
    beside = towns.loc[towns["year"] == 2020, ["unit", "people"]]
    result = compose(figures, small_spec, denominators=beside, **LIMIT)
    assert result.unranked is not None
    assert result.unranked.sum() == 6


def test_exposures_stated_by_the_indicators_hold(towns: pd.DataFrame) -> None:
    keys = ["08111", "08115", "08116", "08117", "08118", "08119", "08121"]
    frame = towns[towns["year"] == 2020].assign(unit=keys)
    meanings = [
        Indicator(id="a", title="a", exposure="people", min_exposure=2000),
        Indicator(id="b", title="b", exposure="people", min_exposure=6000),
    ]
    table = bf.indicators(frame[["unit", "year", "a", "b", "people"]], indicators=meanings)
    spec = IndexSpec(
        id="x",
        indicators=tuple(IndicatorSpec(id=name, parent="r") for name in "ab"),
        nodes=(NodeSpec(id="r"),),
    )
    ranks = compose(table, spec).ranks("index")["r"].droplevel("year")
    assert sorted(ranks.dropna().index) == ["08119", "08121"]
    assert compose(table, spec, exposure="people", min_exposure=0).ranks("index")["r"].count() == 6


def test_limit_and_exposure_belong_together(towns: pd.DataFrame, small_spec: IndexSpec) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        compose(towns, small_spec, exposure="people")
    with pytest.raises(ValidationError, match="'peple'"):
        compose(towns, small_spec, exposure="peple", min_exposure=1)


def test_groups_are_of_equal_size_and_keep_ties_together() -> None:
    assert np.bincount(group_of_rank(np.arange(1, 11), 5)).tolist() == [0, 2, 2, 2, 2, 2]
    assert group_of_rank(np.array([1, 1, 1, 1, 5]), 5).tolist() == [1, 1, 1, 1, 5]


def test_many_units_are_shown_in_groups(many: pd.DataFrame, small_spec: IndexSpec) -> None:
    result = compose(many, small_spec, year=2024, **LIMIT)
    shown = result.display()
    assert len(shown.rows) == 5
    assert [row[0] for row in shown.rows] == [1, 2, 3, 4, 5]
    assert sum(row[1] for row in shown.rows) == int((many["people"] >= 2000).sum())
    assert any("ohne Rang" in note for note in shown.notes)
    few = compose(many.head(50), small_spec, year=2024).display()
    assert len(few.rows) == 50


def test_groups_carry_rank_intervals(many: pd.DataFrame, small_spec: IndexSpec) -> None:
    vary = {"aggregate": ["arithmetic", "minimum", "mean_min"]}
    analysis = sensitivity(many.assign(year=2024), small_spec, vary=vary, progress=False)
    found = rank_groups(analysis, 4)
    table = found.table
    assert len(table) == 180
    assert table["group"].nunique() == 4
    assert (table["low"] <= table["high"]).all()
    first = table[table["group"] == 1]
    assert (first["certain"] == (first["high"] <= first["rank"].max())).all()
    assert 0 < table["certain"].sum() < 180
    groups = found.groups()
    assert groups["units"].tolist() == [45] * 4
    assert "Rangintervall" in found.display().to_text()
    assert "klein, 2024" in found.alt_text()
    assert found.figure(group=2, n=5).axes


def test_groups_of_an_index(many: pd.DataFrame, small_spec: IndexSpec) -> None:
    result = compose(many, small_spec, year=2024)
    found = rank_groups(result, 3)
    assert found.table["certain"].isna().all()
    assert found.figure().axes
    assert "180 Einheiten in 3 Gruppen" in found.alt_text()
    assert found.groups()["last"].tolist() == [60, 120, 180]
    with pytest.raises(ValidationError, match="two groups"):
        rank_groups(result, 1)
    with pytest.raises(UnknownCodeError, match="2024"):
        rank_groups(result, year=2023)

"""The whole ASEM chain against each table of COINr 1.1.14."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.frameworks import Method, Step, load_index_spec


@pytest.fixture(scope="module")
def result(asem, countries):
    return compose(countries, asem)


@pytest.mark.parametrize(
    ("stage", "table"),
    [
        ("raw", "01_raw"),
        ("denominate", "02_denominated"),
        ("impute", "03_imputed"),
        ("screen", "04_screened"),
        ("treat", "05_treated"),
        ("normalise", "06_normalised"),
        ("aggregate", "07_aggregated"),
    ],
)
def test_every_stage(result, ref, matches, stage, table):
    matches(result.stage(stage), ref(f"asem/{table}"))


def test_scores_and_ranks(result, ref, matches):
    matches(result.scores("all"), ref("asem/08_results_Full").drop(columns="Rank"))
    matches(result.scores(), ref("asem/08_results_Aggs").drop(columns="Rank"))
    matches(result.scores("index"), ref("asem/08_results_Summ").drop(columns="Rank"))


@pytest.mark.parametrize(
    ("level", "table"), [("all", "Full"), ("nodes", "Aggs"), ("index", "Summ")]
)
def test_ranks_are_exact(result, ref, level, table):
    wanted = ref(f"asem/08_ranks_{table}").set_index("uCode")
    found = result.ranks(level).droplevel("year").loc[wanted.index, wanted.columns]
    assert (found.to_numpy(np.int64) == wanted.to_numpy(np.int64)).all()


def test_ranks_within_groups(result, ref):
    wanted = ref("asem/08_groupranks_GDP").set_index("uCode").drop(columns="GDP_group")
    found = result.ranks(within="GDP_group").droplevel("year").loc[wanted.index, wanted.columns]
    assert (found.to_numpy(np.int64) == wanted.to_numpy(np.int64)).all()


def test_rank_order_of_the_summary(result, ref):
    summary = result.summary(2018)
    wanted = ref("asem/08_results_Aggs")
    assert list(summary["unit"]) == list(wanted["uCode"])
    assert list(summary["rank"]) == list(wanted["Rank"])
    np.testing.assert_allclose(summary["Connectivity"], wanted["Conn"], rtol=1e-10)


def test_summary_of_one_unit(result, ref):
    wanted = ref("asem/08_unit_summary_IND").set_index("Code")
    found = result.unit_summary("IND").set_index("node")
    assert list(found.index) == list(wanted.index)
    np.testing.assert_allclose(found["score"], wanted["Score"], rtol=1e-10)
    assert list(found["rank"]) == list(wanted["Rank"])
    assert list(found["title"]) == list(wanted["Name"])
    assert set(found["of"]) == {51}


@pytest.mark.parametrize("side", ["strengths", "weaknesses"])
def test_strengths_and_weaknesses(result, ref, side):
    wanted = ref(f"asem/08_{side}_ESP").set_index("Code")
    found = getattr(result, side)("ESP").set_index("indicator")
    assert set(found.index) == set(wanted.index)
    assert found["rank"].to_dict() == wanted["Rank"].to_dict()
    np.testing.assert_allclose(found.loc[wanted.index, "value"], wanted["Value"], rtol=1e-10)
    assert found["rank"].is_monotonic_increasing or side == "weaknesses"


def test_effective_weights(result, ref):
    wanted = ref("asem/09_eff_weights").set_index("iCode")["EffWeight"]
    found = result.effective_weights.set_index("element")["weight"]
    np.testing.assert_allclose(found[wanted.index], wanted, rtol=1e-10)


def test_which_points_were_treated(result, ref):
    table = ref("asem/05_treat_points").set_index("uCode")
    wanted = {(unit, name) for unit, name in table.stack().dropna().index}
    found = result.treated
    assert set(zip(found["unit"], found["indicator"], strict=True)) == wanted
    assert (found["before"] != found["after"]).all()


def test_how_indicators_were_treated(result, ref):
    wanted = ref("asem/05_treat_details").set_index("iCode")
    found = result.treatments.set_index("indicator").loc[wanted.index]
    np.testing.assert_allclose(found["skewness_before"], wanted["check_SkewKurt0.Skew"], rtol=1e-10)
    np.testing.assert_allclose(found["kurtosis_before"], wanted["check_SkewKurt0.Kurt"], rtol=1e-10)
    assert (found["passes_before"] == wanted["check_SkewKurt0.Pass"]).all()
    tried = wanted["winsorise.nwin"].dropna()
    assert (found.loc[tried.index, "tried"] == tried).all()


def test_screening_counts(result, ref):
    wanted = ref("asem/04_screen_summary").set_index("uCode")
    found = result.screened.set_index("unit").loc[wanted.index]
    assert (found["missing"] == wanted["N_missing"]).all()
    np.testing.assert_allclose(found["available"], wanted["Dat_Avail"], rtol=1e-10)
    assert (found["kept"] == wanted["Included"]).all()


@pytest.mark.parametrize(
    ("method", "table"),
    [("coverage", "byNA"), ("nonzero", "byzeros"), ("coverage_nonzero", "byNAandzeros")],
)
def test_screening_variants_on_raw_data(plain, countries, ref, method, table):
    rule = Step("screen", Method(method, min_share=0.85, min_nonzero=0.9))
    wanted = ref(f"asem/04b_screen_raw_{table}").set_index("uCode")
    result = compose(countries, plain.before("aggregate", rule))
    found = result.screened.set_index("unit").loc[wanted.index]
    assert (found["kept"] == wanted["Included"]).all()
    np.testing.assert_allclose(found["nonzero"], wanted["Non_Zero"], rtol=1e-10)
    assert set(result.units) == set(wanted.index[wanted["Included"]])


def test_contributions_add_up_to_every_score(result):
    for node in result.spec.tree.nodes:
        parts = result.contributions(node)
        np.testing.assert_allclose(parts.sum(axis=1), result.scores()[node], rtol=1e-12)
        direct = result.contributions(node, by="parts")
        np.testing.assert_allclose(direct.sum(axis=1), result.scores()[node], rtol=1e-12)


def test_contributions_are_effective_weight_times_value(result):
    weight = result.effective_weights.set_index("element")["weight"]
    values = result.stage("normalise")
    found = result.contributions()
    np.testing.assert_allclose(found, values * weight[found.columns], rtol=1e-12)


def test_dropped_indicators_and_geometric_mean(asem, countries, ref):
    nominal = compose(countries, asem).ranks("index")["Index"]
    dropped = compose(countries, asem.without("LPI", "Forest"))
    geometric = asem.with_step("normalise", lower=1).replace(aggregate="geometric")
    found = {
        "nominal": nominal,
        "drop": dropped.ranks("index")["Index"],
        "geometric": compose(countries, geometric).ranks("index")["Index"],
    }
    wanted = ref("asem/11_compare_multi").set_index("uCode")
    for name, ranks in found.items():
        assert (ranks.droplevel("year").loc[wanted.index] == wanted[name]).all()
    scores = ref("asem/11_compare_drop_scores").set_index("uCode")["coin.2"]
    second = dropped.scores("index")["Index"].droplevel("year")
    np.testing.assert_allclose(second.loc[scores.index], scores, rtol=1e-10)


@pytest.mark.parametrize("level", ["L1", "L2"])
def test_removing_elements_one_by_one(asem, countries, ref, level):
    wanted = ref(f"asem/10_remove_{level}_scores").set_index("uCode")
    for name in list(wanted.columns[1:])[::7]:
        found = compose(countries, asem.with_weights({name: 0})).scores("index")["Index"]
        np.testing.assert_allclose(
            found.droplevel("year").loc[wanted.index], wanted[name], rtol=1e-10
        )


def test_marks_name_each_imputed_and_treated_cell(result, ref):
    # Two gaps come from a denominator: there is a raw value, but no energy use, of Laos.
    raw = ref("asem/02_denominated").set_index("uCode")
    gaps = {(unit, name) for unit, name in raw.isna().stack()[lambda s: s].index}
    marks = result.marks
    imputed = marks[marks["code"] & 1 > 0]
    assert set(zip(imputed["unit"], imputed["indicator"], strict=True)) == gaps
    assert set(imputed.loc[imputed["raw"].notna(), "unit"]) == {"LAO"}
    index = result.table[result.table["node"] == "Index"].set_index("unit")
    share = index["imputed"] * 49
    counts = pd.Series([unit for unit, _ in gaps]).value_counts()
    np.testing.assert_allclose(share[counts.index], counts)
    assert share.drop(counts.index).eq(0).all()


def test_the_same_from_a_variant_written_and_read(asem, countries, tmp_path):
    file = tmp_path / "asem.yaml"
    asem.to_yaml(file)
    again = compose(countries, load_index_spec(file))
    first = compose(countries, asem)
    pd.testing.assert_frame_equal(again.table, first.table)
    assert again.provenance.fingerprint == first.provenance.fingerprint

"""The Human Development Index 2022 of UNDP, from its four components."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step

HDI = IndexSpec(
    id="hdi",
    title="Human Development Index",
    indicators=(
        IndicatorSpec(id="le_2022", parent="health", goalposts=(20, 85)),
        IndicatorSpec(id="eys_2022", parent="education", goalposts=(0, 18)),
        IndicatorSpec(id="mys_2022", parent="education", goalposts=(0, 15)),
        IndicatorSpec(
            id="gnipc_2022",
            parent="income",
            treat=Method("log", always=True),
            goalposts=(float(np.log(100)), float(np.log(75000))),
        ),
    ),
    nodes=(
        NodeSpec(id="health", parent="hdi"),
        NodeSpec(id="education", parent="hdi"),
        NodeSpec(id="income", parent="hdi"),
        NodeSpec(id="hdi", aggregate="geometric"),
    ),
    steps=(
        Step("treat", "none"),
        Step("normalise", Method("goalposts", factor=1)),
        Step("aggregate", "arithmetic"),
    ),
)


@pytest.fixture(scope="module")
def published(shared: Path) -> pd.DataFrame:
    return pd.read_csv(shared / "kpi/published_tables/undp_hdi_2022.csv").rename(
        columns={"iso3": "unit"}
    )


def test_all_published_values_to_three_decimals(published):
    table = published.dropna(subset=["hdi_published"])
    found = compose(table, HDI, year=2022).scores("index")["hdi"].droplevel("year")
    wanted = table.set_index("unit")["hdi_published"]
    hits = (found.loc[wanted.index].round(3) - wanted).abs() < 1e-9
    assert (hits.sum(), len(wanted)) == (204, 204)


def test_a_missing_component_leaves_no_index_with_full_coverage(published):
    strict = HDI.replace(coverage=1.0)
    gaps = published[published[[item.id for item in HDI.indicators]].isna().any(axis=1)]
    found = compose(published, strict, year=2022).scores("index")["hdi"].droplevel("year")
    assert found[gaps["unit"]].isna().all()
    assert found.notna().sum() == len(published) - len(gaps)


def test_contributions_of_the_geometric_mean_add_up(published):
    result = compose(published.dropna(), HDI, year=2022)
    parts = result.contributions(by="parts")
    np.testing.assert_allclose(parts.sum(axis=1), result.scores("index")["hdi"], rtol=1e-12)
    np.testing.assert_allclose(parts["health"], parts["income"], rtol=1e-12)

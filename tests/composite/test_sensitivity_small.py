"""Units below the stated exposure take no rank in any run, and units have their official names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.composite import compose, sensitivity
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec

SPEC = IndexSpec(
    id="netz",
    indicators=(
        IndicatorSpec(id="a", parent="netz"),
        IndicatorSpec(id="b", parent="netz", direction="lower"),
    ),
    nodes=(NodeSpec(id="netz"),),
)
FIGURES = pd.DataFrame(
    {
        "a": [9.0, 5.0, 7.0, 1.0, 3.0],
        "b": [1.0, 5.0, 2.0, 9.0, 4.0],
        "einwohner": [900.0, 5000.0, 8000.0, 9000.0, 4000.0],
    },
    index=list("ABCDE"),
)
VARY = {"normalise": ["minmax", "rank"], "aggregate": ["arithmetic", "minimum"]}


def run(**options):
    return sensitivity(FIGURES, SPEC, year=2024, vary=VARY, **options)


def test_a_small_unit_keeps_its_score_and_has_no_rank() -> None:
    found = run(exposure="einwohner", min_exposure=2000)
    table = found.table.set_index("unit")
    assert pd.isna(table.loc["A", "rank"])
    assert table.loc["A", "n"] == 0
    assert np.isfinite(table.loc["A", "score"])
    assert sorted(table["rank"].dropna()) == [1, 2, 3, 4]
    assert (found.ranks[:, 0] == 0).all()
    assert "index.min_exposure" in [item.rule for item in found.findings]


def test_the_others_rank_as_if_it_were_not_there() -> None:
    """The small unit still counts for minimum and maximum, as it does in compose."""
    found = run(exposure="einwohner", min_exposure=2000).table.set_index("unit")
    index = compose(FIGURES, SPEC, year=2024, exposure="einwohner", min_exposure=2000)
    ranks = index.table.query("node == 'netz'").set_index("unit")["rank"]
    assert found["rank"].dropna().to_dict() == ranks.dropna().to_dict()
    everyone = run().table.set_index("unit")
    assert everyone.loc["A", "rank"] == 1
    assert (everyone["rank"].drop("A") - 1 == found["rank"].drop("A")).all()


def test_limits_are_part_of_the_specification() -> None:
    found = run(exposure="einwohner", min_exposure=2000)
    assert found.specification["min_exposure"] == {"einwohner": 2000.0}
    assert run().provenance.fingerprint != found.provenance.fingerprint


@pytest.mark.parametrize("options", [{"exposure": "einwohner"}, {"min_exposure": 5.0}])
def test_exposure_and_limit_belong_together(options: dict) -> None:
    with pytest.raises(bf.ValidationError, match="belong together"):
        run(**options)


def test_counties_are_named(repo) -> None:
    table = bf.read_indicators(repo / "data/raw/inkar/ausgabe_unbekannt/kreise.csv")
    spec = SPEC.replace(
        indicators=(
            IndicatorSpec(id="1101", parent="netz", direction="lower"),
            IndicatorSpec(id="6015", parent="netz"),
        )
    )
    found = sensitivity(table, spec, year=2021, vary={"normalise": ["minmax", "rank"]})
    assert found.name("09162") == "München, Landeshauptstadt"
    shown = found.figure(units=["09162"]).axes[0].get_yticklabels()
    assert [tick.get_text() for tick in shown] == ["München, Landeshauptstadt"]

"""What holds for every analysis: traceable, frozen, guarded, printed in both languages."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from begleitforschung import composite
from begleitforschung.errors import DisclosureError, ReportError
from begleitforschung.frameworks import IndexSpec, Purpose
from begleitforschung.results.base import Result
from begleitforschung.results.composite import CompositeResult

Analysis = Callable[[CompositeResult], Result]
ANALYSES: dict[str, Analysis] = {
    "index_statistics": composite.index_statistics,
    "availability": composite.availability,
    "index_correlations": lambda r: composite.index_correlations(r, elements="all"),
    "reliability": composite.reliability,
    "index_components": composite.index_components,
    "importance": composite.importance,
    "remove_one": composite.remove_one,
    "compare_variants": lambda r: composite.compare_variants({"a": r, "b": r}),
    "index_trends": composite.index_trends,
    "rank_groups": lambda r: composite.rank_groups(r, 2),
}
PURPOSE = Purpose(purpose="Zeigen", not_for="Strafen", model="formative", concerns="Städte")


@pytest.fixture(scope="module")
def result(small_spec: IndexSpec, small_frame: pd.DataFrame) -> CompositeResult:
    names = {f"u{n}": f"Stadt {n}" for n in range(7)}
    return composite.compose(small_frame, small_spec, names=names)


@pytest.fixture(params=list(ANALYSES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_it_is_frozen_and_gives_its_table_away_as_a_copy(
    result: CompositeResult, name: str
) -> None:
    found = ANALYSES[name](result)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.table = pd.DataFrame()  # type: ignore[misc]
    frame = found.to_frame()
    before = found.table.iloc[0, 0]
    frame.iloc[0, 0] = frame.iloc[-1, 0]
    assert found.table.iloc[0, 0] == before


def test_it_says_what_made_it(result: CompositeResult, name: str) -> None:
    found = ANALYSES[name](result)
    operations = [step.operation for step in found.provenance.steps()]
    assert operations[-1] == name
    assert "compose" in operations
    assert found.specification["analysis"] == name
    assert found.sources() == result.sources()


def test_it_is_no_more_open_than_the_index(result: CompositeResult, name: str) -> None:
    secret = dataclasses.replace(result, confidentiality="confidential")
    found = ANALYSES[name](secret)
    assert found.confidentiality == "confidential"
    for shown in (found.display, found.figure, found.alt_text):
        with pytest.raises(DisclosureError):
            shown()


def test_it_stands_in_reports_only_with_a_purpose(
    result: CompositeResult, small_spec: IndexSpec, small_frame: pd.DataFrame, name: str
) -> None:
    with pytest.raises(ReportError, match="what it is for"):
        ANALYSES[name](result).require_reportable()
    stated = composite.compose(small_frame, small_spec.replace(purpose=PURPOSE))
    ANALYSES[name](stated).require_reportable()


def test_it_is_printed_in_both_languages(result: CompositeResult, name: str) -> None:
    found = ANALYSES[name](result)
    german, english = found.display("de"), found.display("en")
    assert [len(row) for row in german.rows] == [len(row) for row in english.rows]
    assert [c.key for c in german.columns] == [c.key for c in english.columns]
    assert german.notes[0] != english.notes[0] or name in ("reliability",)
    for model in (german, english):
        text = model.to_text()
        assert not re.search(r"\bnan\b", text)
        assert "None" not in text
        assert "DataFrame" in model.source
    assert "<table>" in found._repr_html_()


def test_its_alternative_text_differs_by_language(result: CompositeResult, name: str) -> None:
    found = ANALYSES[name](result)
    german, english = found.alt_text("de"), found.alt_text("en")
    assert german != english
    assert german.endswith(".")
    assert english.endswith(".")
    assert not re.search(r"\bnan\b", german + english)


def test_units_are_named(result: CompositeResult) -> None:
    assert "Stadt" in ANALYSES["remove_one"](result).display().to_text()
    assert "Stadt 0 (u0)" in ANALYSES["availability"](result).display().to_text()


def test_a_formative_index_says_that_alpha_is_no_measure_of_quality(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    stated = composite.compose(small_frame, small_spec.replace(purpose=PURPOSE))
    notes = " ".join(composite.reliability(stated).display().notes)
    assert "formativ" in notes
    reflective = small_spec.replace(purpose=dataclasses.replace(PURPOSE, model="reflective"))
    plain = composite.reliability(composite.compose(small_frame, reflective)).display().notes
    assert "formativ" not in " ".join(plain)


ORDERED = ("index_correlations", "reliability", "index_components", "importance")


@pytest.mark.parametrize("which", ORDERED)
def test_the_order_of_units_does_not_matter(
    small_spec: IndexSpec, small_frame: pd.DataFrame, which: str
) -> None:
    turned = small_frame.iloc[::-1].reset_index(drop=True)
    tables = [
        ANALYSES[which](composite.compose(frame, small_spec, year=2020)).table
        for frame in (small_frame, turned)
    ]
    for column in tables[0].select_dtypes("number"):
        np.testing.assert_allclose(tables[0][column], tables[1][column], atol=1e-10)


@pytest.mark.parametrize("which", ORDERED)
def test_the_unit_of_measure_does_not_matter(
    small_spec: IndexSpec, small_frame: pd.DataFrame, which: str
) -> None:
    scaled = small_frame.assign(a=1000 * small_frame["a"] + 5, c=small_frame["c"] / 7)
    tables = [
        ANALYSES[which](composite.compose(frame, small_spec, year=2020)).table
        for frame in (small_frame, scaled)
    ]
    for column in tables[0].select_dtypes("number"):
        np.testing.assert_allclose(tables[0][column], tables[1][column], atol=1e-9)


def test_one_unit_and_missing_values_are_no_reason_to_fail(
    small_spec: IndexSpec, small_frame: pd.DataFrame
) -> None:
    frame = small_frame[small_frame["year"] == 2020].copy()
    frame.loc[0, ["a", "b"]] = np.nan
    frame.loc[1, list("abcd")] = [np.nan, 3.0, np.nan, np.nan]
    result = composite.compose(frame, small_spec)
    statistics = composite.index_statistics(result).table.set_index("element")
    assert statistics.loc["a", "n"] == 5
    assert composite.availability(result).by_node().loc["u0", "p"] == 0
    correlations = composite.index_correlations(result).table
    assert correlations.set_index(["first", "second"]).loc[("a", "c"), "n"] == 5
    removed = composite.remove_one(result)
    assert removed.scores.loc["u1"].notna().sum() == 4
    assert np.isnan(removed.scores.loc["u1", "b"])
    one = composite.compose(frame.iloc[[2]], small_spec.replace(normalise="none"))
    assert composite.remove_one(one).table["mean_shift"].eq(0).all()
    assert composite.reliability(one).table["alpha"].isna().all()
    assert composite.importance(one).table["share"].isna().all()
    assert composite.index_correlations(one).table["r"].isna().all()

"""Two waves: which cases are one unit, what changed by hand, and what is told in both languages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import begleitforschung as bf
from begleitforschung.errors import ValidationError
from begleitforschung.estimation.linking import linked, wave_names, wave_texts
from begleitforschung.surveys import design

from .inputs import item, survey_of

COLUMNS = ["before", "after", "change", "se", "low", "high", "n_before", "n_after", "n_both"]


def wave(units, y, *, name="", g=None, **options):
    """A wave of units with a number, a yes or no (y above 3) and a group."""
    rows = pd.DataFrame({"y": np.asarray(y, dtype=float)})
    rows["q"] = np.where(rows["y"].isna(), None, np.where(rows["y"] > 3, "j", "n"))
    rows["g"] = list(g or ["x"] * len(rows))
    asked = [item("y", rows["y"], "number", unit="EUR")]
    asked += [
        item("q", pd.Series(["j", "n"]), "single"),
        item("g", pd.Series(["x", "z"]), "single"),
    ]
    survey = survey_of(rows, asked, units=units)
    book = survey.codebook
    instrument = book.instrument.model_copy(update={"wave": name})
    survey = replace(survey, codebook=book.model_copy(update={"instrument": instrument}))
    return survey.with_design(design(survey, **({"population": 100} | options)))


def only(result, category=""):
    table = result.table
    return table[(table["category"] == category) & (table["domain"] == "")].iloc[0]


U = list("abcdef")


def test_a_panel_is_the_mean_of_the_differences_with_its_textbook_error():
    one, two = wave(U, [1, 2, 3, 4, 5, 9]), wave(U[::-1], [9, 7, 4, 5, 2, 2])
    row = only(bf.change(one, two, "y", panel=True))
    gaps = np.array([1, 0, 2, 0, 2, 0])
    se = np.sqrt((1 - 6 / 100) * gaps.var(ddof=1) / 6)
    half = stats.t.ppf(0.975, 5) * se
    assert row[["before", "after", "change", "se"]].tolist() == pytest.approx(
        [4, 29 / 6, 5 / 6, se]
    )
    assert (row["low"], row["high"]) == pytest.approx((5 / 6 - half, 5 / 6 + half))
    assert row[["n_before", "n_after", "n_both"]].tolist() == [6, 6, 6]


def test_who_left_out_one_of_the_waves_is_in_no_pair_and_in_its_cross_section():
    one = wave(U, [1, 2, np.nan, 4, 5, 9])
    two = wave([*U[1:], "neu"], [3, 3, 8, np.nan, 9, 1])
    pairs = only(bf.change(one, two, "y", panel=True))
    # b: 2 to 3, d: 4 to 8, f: 9 to 9
    assert pairs[["before", "after", "change", "n_both"]].tolist() == pytest.approx(
        [5, 20 / 3, 5 / 3, 3]
    )
    across = only(bf.change(one, two, "y", panel=False))
    assert across[["before", "after", "n_before", "n_after", "n_both"]].tolist() == pytest.approx(
        [21 / 5, 24 / 5, 5, 5, 3]
    )
    assert across["change"] == pytest.approx(24 / 5 - 21 / 5)


def test_who_rose_and_who_fell_is_counted_among_the_pairs():
    one, two = wave(U, [1, 1, 1, 9, 9, 9]), wave(U, [9, 9, 1, 1, 9, 9])
    yes = only(bf.change(one, two, "q", panel=True), "j")
    assert yes[["risen", "fallen", "count_before", "count_after"]].tolist() == [2, 1, 3, 4]
    no = only(bf.change(one, two, "q", panel=True), "n")
    assert no[["risen", "fallen", "change"]].tolist() == pytest.approx([1, 2, -1 / 6])


def test_without_the_correction_for_finite_populations_the_error_is_larger():
    waves = [
        [wave(U, y, population=12, inference=how) for y in ([1, 2, 3, 4, 5, 9], [2, 2, 5, 4, 7, 9])]
        for how in ("descriptive", "analytic")
    ]
    finite, process = (only(bf.change(*pair, "y", panel=True)) for pair in waves)
    assert finite["se"] == pytest.approx(process["se"] * np.sqrt(1 - 6 / 12))
    assert np.isnan(finite["p"])
    assert process["p"] == pytest.approx(2 * stats.t.sf(process["change"] / process["se"], 5))


@pytest.mark.parametrize("panel", [True, False])
def test_backwards_the_change_is_the_negative_one(panel):
    one = wave(U, [1, 2, 3, 4, 5, 9], g=list("xxzzxz"))
    two = wave([*U[1:], "neu"], [3, 3, 8, 2, 9, 1], g=list("xzzxzz"))
    there, back = (only(bf.change(*pair, "y", panel=panel)) for pair in ((one, two), (two, one)))
    assert there["change"] == pytest.approx(-back["change"])
    assert there["se"] == pytest.approx(back["se"])
    assert there["low"] == pytest.approx(-back["high"])


VALUES = st.lists(st.integers(0, 9), min_size=6, max_size=6)


@settings(max_examples=6, deadline=None)
@given(VALUES, VALUES, st.permutations(range(6)), st.permutations(range(6)), st.booleans())
def test_neither_the_order_of_cases_nor_names_of_units_matter(a, b, first, second, panel):
    ours = bf.change(wave(U, a), wave(U, b), "y", panel=panel).table[COLUMNS]
    other = {unit: f"Ort {at}" for at, unit in enumerate(U)}
    moved = [
        wave([other[U[at]] for at in order], [values[at] for at in order])
        for values, order in ((a, first), (b, second))
    ]
    theirs = bf.change(*moved, "y", panel=panel).table[COLUMNS]
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-9, atol=1e-9)


@settings(max_examples=5, deadline=None)
@given(VALUES, VALUES, st.sampled_from([0.001, 12.5, 1e6]))
def test_in_another_unit_of_money_the_change_is_scaled(a, b, factor):
    for panel in (True, False):
        ours = only(bf.change(wave(U, a), wave(U, b), "y", panel=panel))
        scaled = [wave(U, np.array(values) * factor) for values in (a, b)]
        theirs = only(bf.change(*scaled, "y", panel=panel))
        names = ["before", "after", "change", "se"]
        assert theirs[names].tolist() == pytest.approx(
            (ours[names].astype(float) * factor).tolist(), rel=1e-9, abs=1e-9 * factor
        )


def test_links_are_of_known_units_and_say_who_stayed_in_a_stratum():
    one = wave(U, range(6), g=list("xxxzzz"), strata="g", population={"x": 9, "z": 9})
    two = wave(["f", "a", None, "neu"], range(4), g=list("zzxx"), strata="g",
               population={"x": 9, "z": 9})  # fmt: skip
    found = linked(one, two)
    assert found.first.tolist() == [0, 5]
    assert found.second.tolist() == [1, 0]
    assert found.alike.tolist() == [False, True]
    assert found.unknown == 1
    kept = found.within(np.array([False] + [True] * 5), np.ones(4, bool))
    assert (kept.first.tolist(), kept.second.tolist()) == ([4], [0])
    twice = replace(two, cases=two.cases.assign(unit=["a", "a", "b", "c"]), design=None)
    with pytest.raises(ValidationError, match="1 cases are further answers of a unit"):
        linked(one, twice)


@pytest.mark.parametrize(
    ("waves", "given", "names"),
    [
        (("2023", "2025"), None, ("2023", "2025")),
        (("", "2025"), None, ("1", "2")),
        (("2025", "2025"), None, ("1", "2")),
        (("2023", "2025"), ("vorher", "nachher"), ("vorher", "nachher")),
        (("2023", "2025"), (1, 2), ("1", "2")),
    ],
)
def test_waves_are_called_as_the_codebooks_say_if_that_tells_them_apart(waves, given, names):
    surveys = [wave(U, range(6), name=name) for name in waves]
    assert wave_names(surveys, given) == names


def test_a_number_is_a_wave_and_a_year_is_itself():
    texts = wave_texts(("1", "2025", "Frühjahr", "12"))
    assert [text.de for text in texts] == ["Welle 1", "2025", "Frühjahr", "Welle 12"]
    assert [text.get("en") for text in texts] == ["Wave 1", "2025", "Frühjahr", "Wave 12"]


def test_what_is_not_counted_is_told_in_both_languages():
    sizes = {"strata": "g", "population": {"x": 30, "z": 30}}
    one = wave(U, range(6), g=list("xxxzzz"), **sizes)
    two = wave([*U[:5], None], range(6), g=list("zxxzzx"), **sizes)
    found = {f.rule: f for f in bf.change(one, two, "y", panel=False).findings}
    assert (found["waves.unit"].n, found["waves.strata"].n) == (1, 1)
    assert found["waves.unit"].text.de == (
        "Fälle ohne bekannte Einheit sind nicht mit der anderen Welle verknüpft"
    )
    assert found["waves.strata"].text.get("en") == (
        "units in common lie in different strata; their covariance is not counted, the error is "
        "rather too large"
    )
    pairs = {f.rule for f in bf.change(one, two, "y", panel=True).findings}
    assert "waves.strata" not in pairs


def test_groups_of_only_one_wave_have_no_change_but_their_level():
    one, two = wave(U, range(6), g=list("xxxxxx")), wave(U, range(6), g=list("xxxzzz"))
    table = bf.change(one, two, "y", by="g", panel=False).table.set_index("domain")
    assert table.loc["z", ["n_before", "n_after"]].tolist() == [0, 3]
    assert np.isnan(table.loc["z", "change"])
    assert table.loc["z", "after"] == pytest.approx(4)
    assert table.loc["x", "change"] == pytest.approx(1 - 2.5)


def test_a_change_knows_both_files_and_what_was_asked():
    result = bf.change(
        wave(U, range(6), name="2023"), wave(U, range(6), name="2025"), "q", "g", panel=True,
        where="y >= 1", level=0.9,
    )  # fmt: skip
    recorded = dict(result.provenance.parameters)
    assert result.provenance.operation == "change"
    assert (recorded["where"], recorded["level"], recorded["panel"]) == ("y >= 1", 0.9, True)
    assert len(result.provenance.inputs) == 2
    assert result.specification["waves"] == ["2023", "2025"]
    assert result.table.loc[result.table["domain"] == "", "n_both"].tolist() == [5, 5]
    several = bf.change(*[wave(U * 1, y) for y in ([1, 2, 3, 4, 5, 9], [2, 2, 5, 4, 7, 9])], "y",
                        level=0.9)  # fmt: skip
    heads = {lang: [c.label for c in several.display(lang).columns] for lang in ("de", "en")}
    assert "90-%-Intervall" in heads["de"]
    assert "90 % interval" in heads["en"]


def test_who_was_not_asked_once_is_in_no_pair_and_the_size_of_the_rest_is_unknown():
    one, two = (wave(U, y, kind="population", population=8) for y in ([9, 1, 1, 9, 9, 9], [9] * 6))
    whole = only(bf.change(one, two, "q"), "j")
    assert (whole["n_both"], whole["N"], whole["method"]) == (6, 8, "hypergeometric")
    status = one.status.assign(q=np.array([2, 0, 0, 0, 0, 0], dtype=np.int8))
    silent = one.responses.assign(q=one.responses["q"].where(status["q"] == 0))
    passed = only(bf.change(replace(one, responses=silent, status=status), two, "q"), "j")
    assert passed["n_both"] == 5
    assert np.isnan(passed["N"])
    assert passed["method"] != "hypergeometric"
    assert passed["change"] == pytest.approx(2 / 5)

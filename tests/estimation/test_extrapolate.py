"""Totals per inhabitant are R's ratio estimators; what carries them and what they lack is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, UnknownCodeError, ValidationError

from .inputs import data, item, kommunen, survey_of


def people():
    frame = data("kommunen_frame")
    frame = frame.assign(stratum=frame["land"] + "." + frame["gk"])
    return frame.groupby(["stratum", "gk"])["einwohner"].sum().reset_index()


# svyratio(~invest, ~einwohner) of R survey, strata with fpc, lonely PSU "certainty": separate by
# stratum (sum of X_h times ratio, variances added) and combined (predict with total X)
OF_R = {
    ("separate", ""): (27331.479269355768, 761.577745527315),
    ("separate", "02-05k"): (2267.013885762269, 215.953028689781),
    ("separate", "50k+"): (13000.892686068182, 603.234669988272),
    ("combined", ""): (26932.845161369947, 761.106615391246),
    ("combined", "02-05k"): (2243.150212897453, 197.965973486844),
    ("combined", "50k+"): (12732.216511218352, 611.533829168557),
}


@pytest.mark.parametrize("how", ["separate", "combined"])
def test_totals_and_errors_are_those_of_r(how):
    found = bf.extrapolate(kommunen(), "invest", how=how, population=people(), by="gk")
    table = found.table.set_index("domain")
    for (kind, domain), (total, se) in OF_R.items():
        if kind == how:
            assert table.loc[domain, "estimate"] == pytest.approx(total, rel=1e-10)
            assert table.loc[domain, "se"] == pytest.approx(se, rel=1e-10)
    if how == "separate":
        assert table["estimate"].iloc[1:].sum() == pytest.approx(table["estimate"].iloc[0])
    assert table["known"].iloc[1:].sum() == table["known"].iloc[0]
    assert table["per_head"].iloc[0] == pytest.approx(
        table["estimate"].iloc[0] / people()["einwohner"].sum()
    )


def test_margins_mappings_and_frames_hold_the_same_totals():
    by_stratum = people().set_index("stratum")["einwohner"]
    table = bf.extrapolate(kommunen(), "invest", population=by_stratum.to_dict()).table
    assert table["estimate"].iloc[0] == pytest.approx(OF_R["separate", ""][0], rel=1e-10)

    class Margins:
        table = people().rename(columns={"einwohner": "population"})

    counted = bf.extrapolate(kommunen(), "invest", population=Margins(), count="population").table
    assert counted["se"].iloc[0] == pytest.approx(table["se"].iloc[0])


@pytest.fixture(scope="module")
def small():
    """Municipalities of three classes, one of them without an answer; amounts are confidential."""
    units = [f"0531500{at}" for at in range(1, 10)]
    frame = pd.DataFrame(
        {
            "unit": units,
            "size": ["a"] * 4 + ["b"] * 4 + ["c"],
            "einwohner": [10.0, 20.0, 30.0, 40.0, 100.0, 100.0, 200.0, 400.0, 50.0],
        }
    )
    amounts = pd.DataFrame({"y": [20.0, 40.0, None, 300.0, 300.0, 2000.0]})
    asked = item("y", amounts["y"], "number", unit="EUR", confidentiality="confidential")
    survey = survey_of(amounts, [asked], units=[units[at] for at in (0, 1, 2, 4, 5, 6)])
    return survey.with_design(bf.design(survey, kind="population", frame=frame, strata="size"))


def test_the_worked_example(small):
    found = bf.extrapolate(small, "y", by="size")
    table = found.table.set_index("domain")
    # a: 60 / 30 per head times 100; b: 2600 / 400 times 800; nobody answered in c
    assert table.loc["", "estimate"] == pytest.approx(200 + 5200)
    assert table.loc["b", "per_head"] == pytest.approx(6.5)
    # b: residuals 300 - 650, 300 - 650, 2000 - 1300; (1 - 3/4) * 3 / 2 * sum of squares, and
    # weights 4 / 3 and known by estimated residents 800 / (400 * 4 / 3)
    residuals = np.array([-350.0, -350.0, 700.0]) * 4 / 3 * 800 / (400 * 4 / 3)
    assert table.loc["b", "se"] == pytest.approx(np.sqrt(0.25 * 1.5 * (residuals**2).sum()))
    assert table.loc["a", "se"] == 0  # the same amount per head everywhere
    assert table.loc["", ["known", "covered", "answered"]].tolist() == [950, 900, 430]
    assert table.loc["", "coverage"] == pytest.approx(430 / 950)
    assert table.loc["c", "n"] == 0
    assert np.isnan(table.loc["c", "estimate"])


def test_empty_and_tiny_strata_are_warned_of(small):
    found = {f.rule: f for f in bf.extrapolate(small, "y").findings}
    assert "(c)" in found["extrapolation.empty"].text.de
    assert "Einwohner dort: 50 (5" in found["extrapolation.empty"].text.de
    assert "(a, b)" in found["extrapolation.tiny"].text.de
    assert "extrapolation.tiny" not in {f.rule for f in bf.extrapolate(small, "y", tiny=2).findings}


def test_the_largest_are_named_by_row_and_never_by_their_answer(small):
    found = bf.extrapolate(small, "y")
    first = found.influence.iloc[0]
    assert first["row"] == 7
    # without it b is 600 / 200 per head
    assert first["without"] == pytest.approx(200 + 3 * 800)
    assert first["change"] == pytest.approx(found.table["estimate"].iloc[0] - 2600)
    assert "unit" not in found.influence
    assert {"row", "reason"} <= set(found.outliers)
    assert "change" not in found.outliers
    outlier = next(f for f in found.findings if f.rule == "extrapolation.outlier")
    assert 7 in outlier.rows
    assert "2000" not in outlier.line("de")
    assert found.confidentiality == "confidential"
    with pytest.raises(DisclosureError):
        found.display()


def test_units_of_public_amounts_are_named():
    found = bf.extrapolate(kommunen(), "invest", population=people())
    assert "unit" in found.influence
    assert len(found.influence) == 10
    changes = found.influence["change"].abs().to_numpy()
    assert (np.diff(changes) <= 0).all()


def test_it_is_shown_with_base_and_coverage(small):
    found = bf.extrapolate(small, "y", by="size", min_n=2, allow_unprotected=True)
    shown = found.display()
    assert [c.label for c in shown.columns][:2] == ["Gruppe", "Hochrechnung"]
    assert shown.columns[1].unit == "EUR"
    assert shown.columns[2].label == "95-%-Intervall"
    assert shown.rows[0][0] == "Insgesamt"
    assert shown.rows[0][-1].startswith("45")
    assert any("getrennter Verhältnisschätzer" in note for note in shown.notes)
    assert any("Schichten ohne Antwort (c)" in note for note in shown.notes)
    few = bf.extrapolate(small, "y", allow_unprotected=True)
    assert few.display().rows[0][1] == "/"
    assert any(note.startswith("/: weniger als 10") for note in few.display().notes)
    assert len(found.figure().axes[0].get_yticklabels()) == 4
    assert "Estimated total: Total 5,400; a 200; b 5,200; c" in found.alt_text("en")


def test_digits_are_those_of_the_standard_error():
    shown = bf.extrapolate(kommunen(), "invest", population=people()).display()
    assert shown.rows[0][1] == "27.330"  # standard error 760


def test_counties_and_municipalities_are_no_joint_population():
    frame = pd.DataFrame(
        {"unit": ["05315", "05315001", "05315002", "053150003"], "einwohner": 10.0}
    )
    y = pd.DataFrame({"y": [1.0, 2.0]})
    survey = survey_of(y, [item("y", y["y"], "number")], units=["05315", "05315001"])
    mixed = survey.with_design(bf.design(survey, kind="population", frame=frame.iloc[:3]))
    with pytest.raises(ValidationError, match=r"several levels \(gemeinde, kreis\)"):
        bf.extrapolate(mixed, "y")
    other = survey_of(y, [item("y", y["y"], "number")], units=["05315001", "05315002"])
    unruled = other.with_design(bf.design(other, kind="population", frame=frame.iloc[1:]))
    with pytest.raises(ValidationError, match="answers_for="):
        bf.extrapolate(unruled, "y")


def test_a_verband_that_answers_for_its_members_counts_their_residents():
    verband = "071345001"
    frame = pd.DataFrame(
        {
            "unit": ["07134001", "07134002", "07134010", "07134011"],
            "verband": [verband, verband, None, None],
            "einwohner": [400.0, 600.0, 900.0, 3000.0],
        }
    )
    y = pd.DataFrame({"y": [2000.0, 1800.0]})
    survey = survey_of(y, [item("y", y["y"], "number")], units=[verband, "07134010"])
    made = bf.design(survey, kind="population", frame=frame, answers_for="verband")
    row = bf.extrapolate(survey.with_design(made), "y").table.iloc[0]
    assert row["known"] == 4900
    assert row["answered"] == 1900
    assert row["estimate"] == pytest.approx(4900 * 3800 / 1900)


def test_who_was_not_asked_is_not_guessed(small):
    status = small.status.copy()
    status.loc[2, "y"] = 2
    filtered = survey_of(
        small.responses, list(small.codebook.items), units=small.cases["unit"], status=status
    ).with_design(small.design)
    with pytest.raises(ValidationError, match="1 cases were not asked 'y'"):
        bf.extrapolate(filtered, "y")
    zero = bf.extrapolate(filtered, "y", not_asked="zero").table.iloc[0]
    assert zero["n"] == 6
    assert zero["estimate"] == pytest.approx(60 / 60 * 100 + 5200)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"how": "mean"}, UnknownCodeError, "mean"),
        ({"not_asked": "drop"}, UnknownCodeError, "drop"),
        ({}, ValidationError, "give the known totals"),
        ({"population": {"SH.02-05k": 1.0}}, ValidationError, "no known total of 'einwohner'"),
        ({"population": people, "per": "people"}, UnknownCodeError, "people"),
        ({"population": people, "by": "land"}, UnknownCodeError, "land"),
        ({"population": {"a · b": 1.0}}, ValidationError, "a mapping names the strata: stratum"),
    ],
)
def test_what_is_not_known_is_refused(options, error, message):
    given = {name: value() if callable(value) else value for name, value in options.items()}
    with pytest.raises(error, match=message):
        bf.extrapolate(kommunen(), "invest", **given)


def test_shares_are_no_amounts():
    with pytest.raises(ValidationError, match="is no number"):
        bf.extrapolate(kommunen(), "strategie", population=people())


def test_replicates_and_calibrated_weights_carry_over():
    frame = data("kommunen_frame")
    one = bf.extrapolate(kommunen(), "invest", how="combined", population=people()).table.iloc[0]
    replicated = bf.replicate(kommunen(), "jkn")
    two = bf.extrapolate(replicated, "invest", how="combined", population=people()).table.iloc[0]
    assert two["estimate"] == pytest.approx(one["estimate"], rel=1e-12)
    assert two["se"] == pytest.approx(one["se"], rel=0.1)
    sizes = {name: frame[name].value_counts().to_dict() for name in ("land", "gk")}
    raked = bf.extrapolate(bf.rake(kommunen(), sizes), "invest", population=people()).table.iloc[0]
    # within strata weights stay equal, so that the separate estimator does not change
    assert raked["estimate"] == pytest.approx(OF_R["separate", ""][0], rel=1e-8)


def test_the_order_of_cases_does_not_matter(small):
    order = np.array([4, 0, 5, 2, 1, 3])
    amounts = small.responses.iloc[order].reset_index(drop=True)
    units = small.cases["unit"].to_numpy()[order]
    turned = survey_of(amounts, list(small.codebook.items), units=units)
    design = bf.design(turned, kind="population", frame=small.design.frame, strata="size")
    tables = [
        bf.extrapolate(survey, "y", by="size").table
        for survey in (small, turned.with_design(design))
    ]
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.parametrize("total", [-5, float("inf"), {"a": 100.0, "b": -1.0, "c": 0.0}])
def test_totals_below_nought_or_beyond_measure_are_refused(small, total):
    frame = pd.DataFrame({"y": [1.0, 2.0, 3.0], "x": [1.0, 1.0, 2.0]})
    plain = survey_of(frame, [item(name, frame[name], "number") for name in frame])
    simple = plain.with_design(bf.design(plain, population=9))
    survey, options = (small, {}) if isinstance(total, dict) else (simple, {"per": "x"})
    with pytest.raises(ValidationError, match="is below 0 or infinite in 1 rows"):
        bf.extrapolate(survey, "y", population=total, **options)
    fine = bf.extrapolate(simple, "y", per="x", population=12).table.iloc[0]
    assert fine["estimate"] == pytest.approx(12 * 6 / 4)

"""Variances, covariances and rankings: R's figures, identities, and counting by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, ValidationError
from begleitforschung.surveys import Code, Item

from .inputs import apistrat, item, kommunen, reference, survey_of


def test_variances_are_those_of_r():
    found = bf.estimate(apistrat(), "api00", statistic="variance").table.iloc[0]
    for quantity in ("estimate", "se"):
        expected = reference("var1", "strat", "api00", quantity)
        assert found[quantity] == pytest.approx(expected, rel=1e-10)
    root = bf.estimate(apistrat(), "api00", statistic="sd").table.iloc[0]
    # svycontrast(svyvar(~api00, design), quote(sqrt(api00))) of R survey
    assert root["estimate"] == pytest.approx(123.25, abs=0.005)
    assert root["se"] == pytest.approx(5.0943, abs=5e-5)
    assert root["estimate"] ** 2 == pytest.approx(found["estimate"])


def test_variances_by_group_are_labelled_with_their_unit():
    frame = pd.DataFrame({"y": [1.0, 3.0, 2.0, 8.0], "g": ["a", "a", "b", "b"]})
    items = [item("y", frame["y"], "number", unit="EUR"), item("g", frame["g"], "single")]
    survey = survey_of(frame, items)
    found = bf.estimate(survey, "y", by="g", statistic="variance")
    assert found.table["estimate"].tolist() == pytest.approx([frame["y"].var(), 2.0, 18.0])
    assert found.units == {"y": "(EUR)²"}
    alone = bf.estimate(survey, "y", statistic="sd").display()
    assert alone.columns[1].label == "Standardabweichung"


def test_to_r_asks_for_the_variance():
    script = bf.estimate(apistrat(), "api00", statistic="variance").to_r()
    assert "svyvar(~y1_1, part, na.rm = TRUE)" in script
    root = bf.estimate(apistrat(), "api00", statistic="sd").to_r()
    assert "root(svyvar(~y1_1, part, na.rm = TRUE))" in root


def test_covariances_are_those_of_r():
    found = bf.estimate(apistrat(), ["api00", "ell"])
    matrix = found.covariance().to_numpy()
    expected = reference("mean_num", "strat", "ell|api00", "cov")
    assert matrix[0, 1] == pytest.approx(expected, rel=1e-10)
    np.testing.assert_allclose(np.sqrt(np.diag(matrix)), found.table["se"], rtol=1e-10)


@pytest.mark.parametrize(
    "options",
    [
        {"question": "strategie", "by": "gk"},
        {"question": ["invest", "rueckstand"], "by": "gk", "statistic": "total"},
        {"question": "invest", "statistic": "ratio", "denominator": "einwohner"},
        {"question": ["invest", "rueckstand"], "statistic": "sd"},
        {"question": "invest", "statistic": "variance", "by": "gk"},
        {"question": "mr", "base": "answers"},
        {"question": "strategie", "weight_by": "einwohner"},
    ],
)
def test_the_diagonal_is_the_squared_standard_error(options):
    found = bf.estimate(kommunen(), **options)
    matrix = found.covariance()
    np.testing.assert_allclose(np.sqrt(np.diag(matrix)), found.table["se"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix.to_numpy()).min() > -1e-9 * np.abs(matrix.to_numpy()).max()
    assert matrix.index.names == ["column", "category", "by", "domain"]


def test_shares_of_one_question_are_bound_to_add_up():
    found = bf.estimate(kommunen(), "lik2")
    np.testing.assert_allclose(found.covariance().sum(axis=1), 0, atol=1e-15)


def test_covariances_follow_replicates():
    made = bf.replicate(apistrat(), "jkn")
    found = bf.estimate(made, ["api00", "ell"])
    matrix = found.covariance().to_numpy()
    expected = reference("rep_mean", "strat_jkn", "ell|api00", "cov")
    assert matrix[0, 1] == pytest.approx(expected, rel=1e-9)


def test_what_has_no_covariance_is_refused():
    with pytest.raises(ValidationError, match="quantiles have no covariance"):
        bf.estimate(apistrat(), "api00", statistic="median").covariance()
    frame = pd.DataFrame({"y": [1.0, 2.0]})
    with pytest.raises(ValidationError, match="need a design"):
        bf.estimate(survey_of(frame, [item("y", frame["y"], "number")]), "y").covariance()
    secret = item("y", frame["y"], "number", confidentiality="confidential")
    survey = survey_of(frame, [secret])
    designed = survey.with_design(bf.design(survey, population=10))
    with pytest.raises(DisclosureError):
        bf.estimate(designed, "y").covariance()
    assert bf.estimate(designed, "y").covariance(allow_unprotected=True).shape == (1, 1)


@pytest.fixture(scope="module")
def ranked():
    """Eight answers to a question for the three main obstacles out of four; two are silent."""
    ranks = [
        ("a", "b", "c"),
        ("a", "c", "b"),
        ("b", "a", None),
        ("a", None, None),
        ("c", "d", "a"),
        ("b", "b", "a"),
        ("d", "c", "b"),
        ("a", "b", "d"),
        (None, None, None),
        (None, None, None),
    ]
    frame = pd.DataFrame(ranks, columns=["r_1", "r_2", "r_3"])
    frame["size"] = ["x"] * 4 + ["y"] * 6
    codes = tuple(Code(code=c, label={"de": f"Hemmnis {c}"}) for c in "abcd")
    question = Item(
        id="r",
        kind="ranking",
        ranks=3,
        text={"de": "Hemmnisse?"},
        codes=codes,
        confidentiality="public",
    )
    survey = survey_of(frame, [question, item("size", frame["size"], "single")])
    return survey.with_design(bf.design(survey, kind="population", population=10))


def values(result, measure):
    table = result.table
    part = table[(table["measure"] == measure) & (table["by"] == "")]
    return part.set_index("option")


def test_a_ranking_is_counted_by_rank(ranked):
    found = bf.ranking(ranked, "r", top=2)
    first, top = values(found, "first"), values(found, "top")
    assert first["count"].to_dict() == {"a": 4, "b": 2, "c": 1, "d": 1}
    assert (first["n"] == 8).all()
    assert top["count"].to_dict() == {"a": 5, "b": 4, "c": 3, "d": 2}
    mean = values(found, "mean_rank")
    assert mean["estimate"].to_dict() == pytest.approx(
        {"a": (4 * 1 + 2 + 3 + 3) / 7, "b": 12 / 6, "c": 8 / 4, "d": 6 / 3}
    )
    assert mean["n"].to_dict() == {"a": 7, "b": 6, "c": 4, "d": 3}
    assert first["estimate"].sum() == pytest.approx(1)
    assert set(first["method"]) == {"hypergeometric"}


def test_a_ranking_is_broken_down_and_shown(ranked):
    found = bf.ranking(ranked, "r", by="size", min_n=3)
    shown = found.display()
    assert [c.label for c in shown.columns] == [
        "Gruppe",
        "Antwort",
        "auf Rang 1",
        "unter den ersten 3",
        "mittlerer Rang",
        "n",
    ]
    assert shown.rows[0][:2] == ("Insgesamt", "Hemmnis a")
    assert shown.rows[1][0] == ""
    assert len(shown.rows) == 12
    assert [c.label for c in bf.ranking(ranked, "r").display("en").columns][1] == "ranked first"
    assert len(found.figure().axes[0].get_yticklabels()) == 4
    assert found.alt_text().startswith("Hemmnisse? unter den ersten 3: Hemmnis a")


def test_what_is_no_ranking_is_refused(ranked):
    with pytest.raises(ValidationError, match="no item of kind ranking"):
        bf.ranking(ranked, "size")
    with pytest.raises(ValidationError, match="between 1 and 3"):
        bf.ranking(ranked, "r", top=4)


def test_every_share_states_its_base():
    heads = [
        bf.estimate(kommunen(), "lik2", statistic=name, **more).display().columns[1].label
        for name, more in (("top2", {}), ("bottom2", {"weight_by": "einwohner"}))
    ]
    assert heads == [
        "Anteil der Kommunen mit einer der beiden obersten Antworten",
        "Anteil der Einwohner (der Kommunen) mit einer der beiden untersten Antworten",
    ]

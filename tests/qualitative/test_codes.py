"""Frequencies, quotes and agreement: who counts, who may see it."""

from __future__ import annotations

import numpy as np
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, UnknownCodeError, ValidationError

from .study import ROWS

X = None
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, part C.
FOUR = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3],
    [X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X],
]


def coded(*rows):
    """Return rows of a file from (case, passage, coder, codes)."""
    return [[*row, *[""] * 7, "1"] for row in rows]


def test_a_case_counts_once_and_parents_include_children(read):
    result = bf.code_frequencies(read(), by="staffel", allow_unprotected=True)
    table = result.table.set_index(["group", "code"])
    assert table.loc[("", "hemmnis"), ["n", "cases", "passages"]].tolist() == [3, 2, 3]
    assert table.loc[("", "personal"), ["cases", "passages"]].tolist() == [1, 2]
    assert table.loc[("", "recht"), "share"] == pytest.approx(1 / 3)
    assert table.loc[("", "n1"), "cases"] == 0
    assert table.loc[("1", "hemmnis"), ["n", "cases"]].tolist() == [2, 1]
    assert table.loc[("2", "hemmnis"), ["n", "cases"]].tolist() == [1, 1]
    total = result.table[result.table["group"] == ""].set_index("code")["cases"]
    parts = result.table[result.table["group"] != ""].groupby("code")["cases"].sum()
    assert parts.to_dict() == total.to_dict()


def test_frequencies_are_shown_at_the_own_desk_only(read):
    with pytest.raises(DisclosureError):
        bf.code_frequencies(read()).display()
    result = bf.code_frequencies(read(), by="staffel", allow_unprotected=True)
    shown = result.display().to_text()
    assert "Fälle insgesamt (n = 3)" in shown
    assert "UNGESCHÜTZT" in shown
    assert "3 Fälle, 5 Stellen" in shown
    assert "Bei weniger als 20 Fällen ohne Anteile" in shown
    assert "Obstacles" in result.display("en").to_text()
    assert "Hemmnisse 2; Hemmnisse: Personal 1" in result.alt_text()
    result.figure()


def test_shares_need_enough_cases(read):
    shown = bf.code_frequencies(read(), min_n=3, allow_unprotected=True).display()
    assert shown.to_frame()["share"].tolist()[:2] == pytest.approx([200 / 3, 100 / 3])


def test_whose_coding_counts_must_be_said(read):
    rows = coded(("A", "p1", "eins", "recht"), ("A", "p1", "zwei", "erfolg"))
    passages = read(rows)
    with pytest.raises(ValidationError, match="coded differently"):
        bf.code_frequencies(passages)
    result = bf.code_frequencies(passages, lead="zwei")
    found = result.table.set_index("code")["cases"]
    assert (found["erfolg"], found["recht"], result.passages) == (1, 0, 1)
    with pytest.raises(UnknownCodeError, match="zwei"):
        bf.code_frequencies(passages, lead="zwo")
    same = read(coded(("A", "p1", "eins", "recht;hemmnis"), ("A", "p1", "zwei", "recht")))
    assert bf.code_frequencies(same).passages == 1


def test_an_unknown_group_is_refused(read):
    with pytest.raises(UnknownCodeError, match="staffel"):
        bf.code_frequencies(read(), by="stafel")


def test_what_is_not_released_is_never_shown(read):
    result = bf.quotes(read(), "hemmnis")
    assert result.table["row"].tolist() == [4, 2, 3]
    assert result.table["text"].tolist()[:2] == ["", ""]
    for show in (result.display, result.figure, result.alt_text):
        with pytest.raises(DisclosureError, match="rows 4, 2") as caught:
            show(allow_unprotected=True)
        assert "Muster" not in str(caught.value)


def test_released_quotes_are_shown_with_placeholders(read):
    result = bf.quotes(read()).released()
    shown = result.display().to_text()
    assert "„[Stadt]s Recht, sagt Frau [Person 1]“" in shown
    assert "Personal; Recht" in shown
    assert "Kleinstadt" in shown
    assert "Nicht freigegeben: 2 Stellen." in shown
    assert "UNGESCHÜTZT" not in shown
    assert "Muster" not in shown
    assert "“[Stadt] macht es vor”" in bf.quotes(read(), "erfolg").display("en").to_text()
    assert "Erfolge 1" in result.alt_text()
    result.figure()


@pytest.mark.parametrize(
    ("level", "published"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_alpha_of_the_published_example(level, published, read):
    rows = coded(
        *(
            (f"c{unit % 3}", f"p{unit}", f"o{coder}", f"n{value}")
            for coder, values in enumerate(FOUR)
            for unit, value in enumerate(values)
            if value is not X
        )
    )
    result = bf.coder_agreement(read(rows), scale="nutzen", level=level, allow_unprotected=True)
    row = result.table.iloc[0]
    assert row["alpha"] == pytest.approx(published, abs=5e-4)
    assert row["low"] < row["alpha"] < row["high"]
    assert (row["units"], row["pairable"]) == (11, 40)
    assert "11 von mindestens zwei Personen codierten Stellen in 3 Fällen, 4" in result.summary()


def test_each_code_is_given_or_not(read):
    """Krippendorff (2011), part A: two observers, ten units, binary; alpha .095, 6 of 10 equal."""
    meg, owen = "0100000010", "1110010000"
    rows = coded(
        *(
            ("A", f"p{at}", name, "personal" if sign == "1" else "")
            for name, signs in (("meg", meg), ("owen", owen))
            for at, sign in enumerate(signs)
        ),
        ("B", "alone", "meg", "erfolg"),
    )
    result = bf.coder_agreement(read(rows), draws=50, allow_unprotected=True)
    table = result.table.set_index("code")
    assert table.index.tolist() == ["hemmnis", "personal"]
    assert table["alpha"].tolist() == pytest.approx([0.095] * 2, abs=5e-4)
    assert table["percent"].tolist() == pytest.approx([0.6] * 2)
    assert (result.cases, result.coders) == (1, 2)
    assert "0,10" in result.display().to_text()
    result.figure("en")
    assert "Staff 0.10" in result.alt_text("en")
    with pytest.raises(DisclosureError):
        bf.coder_agreement(read(rows), draws=1).display()


def test_agreement_without_variation_is_undefined(read):
    rows = coded(*(("A", f"p{at}", name, "recht") for at in range(3) for name in ("a", "b")))
    result = bf.coder_agreement(read(rows), allow_unprotected=True)
    assert np.isnan(result.table["alpha"]).all()
    assert result.table["percent"].tolist() == [1.0, 1.0]
    result.figure()


def test_no_code_is_a_category_of_a_nominal_scale(read):
    given = {"p1": ("recht", "recht"), "p2": ("personal", ""), "p3": ("personal", "personal")}
    rows = coded(
        *(("A", name, by, pair[at]) for name, pair in given.items() for at, by in enumerate("ab"))
    )
    table = bf.coder_agreement(read(rows), scale="hemmnis", draws=10).table
    assert (table["units"].item(), table["percent"].item()) == (3, pytest.approx(2 / 3))
    ordered = bf.coder_agreement(read(rows), scale="hemmnis", level="ordinal", draws=10).table
    assert (ordered["units"].item(), ordered["percent"].item()) == (2, 1.0)


def test_scales_that_are_none_are_refused(read):
    rows = coded(("A", "p1", "a", "recht;personal"), ("A", "p1", "b", "recht"))
    with pytest.raises(ValidationError, match="exclude one another"):
        bf.coder_agreement(read(rows), scale="hemmnis")
    with pytest.raises(ValidationError, match="needs 'value' of: personal, recht"):
        bf.coder_agreement(read(rows), scale="hemmnis", level="ratio")
    with pytest.raises(ValidationError, match="fewer than two"):
        bf.coder_agreement(read(rows), scale="erfolg")
    with pytest.raises(ValidationError, match="needs scale"):
        bf.coder_agreement(read(rows), level="ratio")
    with pytest.raises(ValidationError, match="level='metric'"):
        bf.coder_agreement(read(rows), scale="hemmnis", level="metric")
    with pytest.raises(ValidationError, match="by two persons"):
        bf.coder_agreement(read(ROWS))

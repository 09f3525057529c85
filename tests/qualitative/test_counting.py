"""Counting codes: by hand, in any order, whoever coded; and what is printed of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import begleitforschung as bf
from begleitforschung.errors import DisclosureError, UnknownCodeError, ValidationError

from .study import HEAD, ROWS


def coded(*rows, **more):
    """Return rows of a file from (case, passage, coder, codes), with further cells."""
    names = ("case", "passage", "coder", "codes")
    made = [dict(zip(names, row, strict=True)) | {"staffel": "1"} | more for row in rows]
    return [[one.get(name, "") for name in HEAD] for one in made]


def counts(result, group=""):
    table = result.table[result.table["group"] == group]
    return table.set_index("code")[["n", "cases", "passages"]]


def test_several_passages_of_a_case_count_it_once_and_a_passage_counts_its_parents(read):
    rows = coded(
        ("A", "1", "", "recht"), ("A", "2", "", "recht;personal"), ("B", "3", "", "hemmnis")
    )
    found = counts(bf.code_frequencies(read(rows)))
    assert found.loc["recht"].tolist() == [2, 1, 2]
    assert found.loc["personal"].tolist() == [2, 1, 1]
    assert found.loc["hemmnis"].tolist() == [2, 2, 3]
    assert found.loc["erfolg"].tolist() == [2, 0, 0]


def test_a_case_in_which_nothing_was_found_is_in_the_base(read):
    rows = coded(("A", "", "", "recht"), ("B", "", "", ""), ("C", "", "", ""))
    result = bf.code_frequencies(read(rows))
    assert (result.n, result.passages) == (3, 1)
    table = result.table.set_index("code")
    assert table.loc["recht", "share"] == pytest.approx(1 / 3)
    read_but_empty = coded(("A", "p", "", ""), ("B", "", "", ""))
    assert bf.code_frequencies(read(read_but_empty)).passages == 1


def test_neither_the_order_of_rows_nor_the_names_of_cases_matter(read):
    ours = bf.code_frequencies(read(), by="staffel").table
    renamed = [[{"A": "Z", "B": "Y", "C": "X"}[row[0]], *row[1:]] for row in reversed(ROWS)]
    theirs = bf.code_frequencies(read(renamed), by="staffel").table
    pd.testing.assert_frame_equal(ours, theirs)


def test_equal_codings_of_two_persons_are_one_passage_and_the_released_one_is_quoted(read):
    told = {"text": "Ein Satz", "released_by": "L", "released_on": "2026-05-04"}
    rows = [
        *coded(("A", "p", "eins", "recht;personal")),
        *coded(("A", "p", "zwei", "personal;recht"), **told),
    ]
    result = bf.quotes(read(rows), "recht")
    assert result.table[["row", "released", "text"]].to_numpy().tolist() == [[3, True, "Ein Satz"]]
    assert bf.code_frequencies(read(rows)).passages == 1


def test_a_code_and_its_parent_beside_it_are_the_same_coding(read):
    rows = coded(("A", "p", "eins", "recht"), ("A", "p", "zwei", "hemmnis;recht"))
    assert counts(bf.code_frequencies(read(rows))).loc["hemmnis"].tolist() == [1, 1, 1]


def test_different_codings_are_told_by_row_with_what_to_do(read):
    rows = coded(
        ("A", "p", "eins", "recht"),
        ("A", "p", "zwei", "personal"),
        ("A", "q", "eins", "recht"),
        ("B", "r", "zwei", "erfolg"),
        ("B", "r", "drei", ""),
    )
    with pytest.raises(ValidationError, match="not said whose coding counts") as caught:
        bf.quotes(read(rows))
    (found,) = caught.value.findings
    assert (found.rule, found.rows, found.n) == ("passages.coded_differently", (2, 3, 5, 6), 4)
    assert (found.text.de, found.text.get("en")) == (
        *("Stelle verschieden codiert", "passage coded differently"),
    )
    assert found.hint.get("en").startswith("lead= names the person whose coding counts")
    with pytest.raises(ValidationError) as caught:
        bf.code_frequencies(read(rows), lead="eins")
    assert caught.value.findings[0].rows == (5, 6)
    settled = bf.code_frequencies(read(rows), lead="zwei")
    assert counts(settled)["passages"][["recht", "personal", "erfolg"]].tolist() == [1, 1, 1]
    assert settled.specification["lead"] == "zwei"


@pytest.mark.parametrize(
    ("codes", "rows"), [("recht", [3]), ("hemmnis", [4, 2, 3]), (["erfolg", "recht"], [3, 5])]
)
def test_quotes_stand_in_the_order_of_the_frame_and_include_codes_below(read, codes, rows):
    found = bf.quotes(read(), codes)
    assert found.table["row"].tolist() == rows
    assert found.specification["codes"] == ([codes] if isinstance(codes, str) else codes)
    assert dict(found.provenance.parameters)["codes"] is not None


def test_without_codes_all_coded_passages_are_quotes(read):
    assert bf.quotes(read()).table["row"].tolist() == [4, 2, 3, 5]
    with pytest.raises(UnknownCodeError, match="recht"):
        bf.quotes(read(), "rechd")


def test_no_quote_at_all_is_an_empty_table(read):
    nothing = bf.quotes(read(), "nutzen")
    assert nothing.table.empty
    assert len(nothing.display().rows) == 0


@pytest.mark.parametrize(("lang", "words"), [("de", "Fälle insgesamt"), ("en", "All cases")])
def test_frequencies_are_printed_in_both_languages(read, lang, words):
    result = bf.code_frequencies(read(), allow_unprotected=True)
    shown = result.display(lang)
    assert words in shown.to_text()
    assert len(shown.rows) == len(result.labels)


def test_the_figure_draws_the_cases_of_each_code(read):
    result = bf.code_frequencies(read(), allow_unprotected=True)
    axes = result.figure().axes[0]
    widths = sorted((bar.get_width() for bar in axes.patches), reverse=True)
    found = counts(result)["cases"]
    assert widths[: int((found > 0).sum())] == sorted(found[found > 0].tolist(), reverse=True)
    assert "Hemmnisse" in " ".join(label.get_text() for label in axes.get_yticklabels())


def test_agreement_is_the_same_whoever_is_called_first_and_whatever_the_seed(read):
    rows = coded(
        *(
            ("A", f"p{at}", name, code)
            for at, pair in enumerate(
                [("recht", "recht"), ("recht", ""), ("personal", "personal"), ("", "personal")]
            )
            for name, code in zip(("eins", "zwei"), pair, strict=True)
        )
    )
    swapped = [[*row[:2], {"eins": "zwei", "zwei": "eins"}[row[2]], *row[3:]] for row in rows]
    one = bf.coder_agreement(read(rows), draws=20).table
    two = bf.coder_agreement(read(swapped), draws=20, seed=9).table
    columns = ["code", "units", "pairable", "alpha", "percent"]
    pd.testing.assert_frame_equal(one[columns], two[columns])
    again = bf.coder_agreement(read(rows), draws=20).table
    pd.testing.assert_frame_equal(one, again)
    # recht: judgements 1 1 | 1 0 | 0 0 | 0 0; three of four agree. Krippendorff's alpha with
    # coincidences o_01 = 1, n_1 = 3, n_0 = 5, n = 8: 1 - (8 - 1) * 1 / (3 * 5).
    recht = one.set_index("code").loc["recht"]
    assert recht["percent"] == pytest.approx(0.75)
    assert recht["alpha"] == pytest.approx(1 - 7 / 15)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"confidence": 0}, "confidence is between 0 and 1, draws at least 1"),
        ({"confidence": 1.0}, "confidence is between 0 and 1"),
        ({"draws": 0}, "draws at least 1"),
        ({"scale": "erfolg"}, "'erfolg' is no scale: it has fewer than two codes below it"),
        ({"level": "ordinal"}, "level='ordinal' needs scale=…, the code above"),
        ({"level": "binary", "scale": "nutzen"}, "it is one of nominal, ordinal, interval, ratio"),
    ],
)
def test_options_out_of_range_are_refused(read, options, message):
    rows = coded(("A", "p", "eins", "n1"), ("A", "p", "zwei", "n2"))
    with pytest.raises(ValidationError, match=message):
        bf.coder_agreement(read(rows), **options)


def test_passages_that_nobody_gave_a_code_have_no_agreement(read):
    rows = coded(("A", "p", "eins", ""), ("A", "p", "zwei", ""))
    with pytest.raises(ValidationError, match="no passage coded by two persons got a code"):
        bf.coder_agreement(read(rows))


def test_several_steps_of_a_scale_are_told_by_row(read):
    rows = coded(("A", "p", "eins", "n1;n2"), ("A", "p", "zwei", "n1"), ("A", "q", "eins", "n3"))
    with pytest.raises(ValidationError, match="codes below 'nutzen' exclude one another") as caught:
        bf.coder_agreement(read(rows), scale="nutzen")
    assert caught.value.findings[0].rows == (2,)
    assert caught.value.findings[0].text.de == "mehrere Codes der Skala"


def test_agreement_is_confidential_and_says_by_what_it_was_made(read):
    rows = coded(("A", "p", "eins", "n1"), ("A", "p", "zwei", "n2"), ("B", "q", "eins", "n3"))
    found = bf.coder_agreement(read(rows), scale="nutzen", level="ordinal", draws=5)
    assert found.confidentiality == "confidential"
    with pytest.raises(DisclosureError):
        found.display()
    assert found.provenance.operation == "coder_agreement"
    recorded = dict(found.provenance.parameters)
    assert (recorded["scale"], recorded["level"], recorded["seed"]) == ("nutzen", "ordinal", 0)
    assert np.isfinite(found.table["percent"]).all()

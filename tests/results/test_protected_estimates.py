"""Protected estimates: a point for what is kept secret, and nothing that tells it."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pikepdf
import pytest
from lxml import html
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import begleitforschung as bf
from begleitforschung.display.numbers import MISSING
from begleitforschung.language import Text
from begleitforschung.reports.document import build_document
from begleitforschung.reports.html import to_html
from begleitforschung.reports.metadata import parse_metadata
from begleitforschung.reports.pdf import to_pdf
from begleitforschung.results.estimate import TELLING
from begleitforschung.results.estimate_notes import missing_note
from begleitforschung.results.protection import Protection

from ..estimation.inputs import item, survey_of

FRONT = {"title": "Bericht", "date": "2026-11", "publisher": "Institut"}
HIDDEN = [("1", "a"), ("2", "a"), ("1", "b"), ("2", "b"), ("1", ""), ("2", "")]


def survey(in_a, in_b=(9, 7, 4), *, office=True):
    """32 answers, those in group a as given; 40 municipalities were asked."""
    answers = [c for c, k in zip("123", in_a, strict=True) for _ in range(k)]
    answers += [c for c, k in zip("123", in_b, strict=True) for _ in range(k)]
    n, m = len(answers), sum(in_a)
    frame = pd.DataFrame({"q": answers, "g": ["a"] * m + ["b"] * (n - m)})
    units = [f"{k:08d}" for k in range(1001000, 1001000 + n + 8)]
    items = [
        item("q", frame["q"], "scale", confidentiality="confidential"),
        item("g", frame["g"], "single"),
    ]
    made = survey_of(frame, items, units=units[:n], office=office)
    asked = pd.DataFrame({"unit": units, "g": [*frame["g"], *"aaaabbbb"]})
    return made.with_design(bf.design(made, kind="population", frame=asked))


def protected(estimate, hidden=HIDDEN, *, columns=()):
    """Suppress by hand, by the contract of `bf.protect`."""
    table = estimate.table.copy()
    keys = list(zip(table["category"], table["domain"], strict=True))
    rows = [keys.index(key) for key in hidden]
    for row in rows:
        table.loc[row, "suppressed"] = "hidden"
        table.loc[row, "method"] = ""
        table.loc[row, list(TELLING)] = np.nan
    for name in columns:
        table[name] = np.nan if name != "count" else pd.NA
    told = Protection(
        policy="grouped",
        version="1",
        title=Text("Zusammenfassung", "Summary"),
        rule=Text("Mindestens fünf Antworten", "At least five answers"),
        cells=len(table),
        hidden=len(rows),
    )
    return replace(estimate, table=table, protected=True, protection=told)


@pytest.fixture(scope="module")
def crossed():
    return protected(bf.estimate(survey((17, 6, 6)), "q", by="g"))


def emitted_by(monkeypatch, result, **options):
    caught = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: caught.append(bundle))
    bf.table(result, id="tab-q", title="Frage q", source="Befragung", **options)
    bf.figure(result, id="abb-q", title="Frage q", source="Befragung", **options)
    bf.figure(result, id="abb-i", title="Frage q", source="Befragung", kind="intervals", **options)
    return caught


def document(bundles, **options):
    outputs = [new_output("display_data", json.loads(json.dumps(bundle))) for bundle in bundles]
    cells = [new_markdown_cell("# Ergebnisse"), new_code_cell("", outputs=outputs)]
    front = parse_metadata(FRONT, parameters={}, file="x.ipynb")
    notebook = from_dict(new_notebook(cells=cells))
    return build_document(notebook, front, "de", name="x.ipynb", **options)


def files(made):
    """What a report writes, as texts."""
    page = to_html(made)
    images = [data for name, data in made.images.items() if name.endswith(".svg")]
    texts = [page, *images, json.dumps(made.to_dict(), ensure_ascii=False).encode()]
    return [*texts, json.dumps(made.traces).encode(), pdf_texts(to_pdf(made))]


def pdf_texts(content):
    """All that can be read in a PDF: strings of objects and content streams, unpacked."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        parts = []
        for made in pdf.objects:
            if isinstance(made, pikepdf.Stream):
                parts.append(made.read_bytes() if made.get("/Subtype") != "/Image" else b"")
            parts.append(repr(made).encode())
        return b"\n".join(parts)


# What is printed ---------------------------------------------------------------------------


def test_what_is_kept_secret_is_a_point_that_is_read_aloud(crossed):
    model = crossed.display()
    first, second, third, bases = [row[-3:] for row in model.formatted()]
    assert first == second == [".", ".", "."]
    assert third[0].startswith("20\xa0%")
    assert third[1].startswith("6 von 29 (21\xa0%)")
    assert bases == ["49", "29", "20"]
    page = html.fromstring(model.to_html())
    hidden = page.xpath("//span[@aria-hidden='true']")
    assert len(hidden) == len(HIDDEN)
    assert {(span.text, span.getnext().text) for span in hidden} == {(".", "geheim gehalten")}
    note = "geheim gehalten, weil sonst einzelne Antwortende zu erkennen wären"
    assert note in model.to_text().splitlines()[-1]
    assert "6 von 9 Feldern)" in model.notes[-1]
    english = crossed.display("en")
    assert "kept secret" in english.to_html()
    assert "6 of 9 cells)" in english.notes[-1]


def test_one_group_shows_estimates_bounds_and_bases_apart():
    shown = protected(bf.estimate(survey((17, 6, 6)), "q"), [("1", ""), ("3", "")]).display()
    assert [column.key for column in shown.columns] == [
        *("answer", "estimate", "interval", "counts", "n")
    ]
    assert [row[1:] for row in shown.formatted()][::2] == [[".", ".", ".", "49"]] * 2
    assert shown.formatted()[1][1:] == ["27\xa0%", "23–32\xa0%", "13 bis 18 der 57", "49"]


def test_columns_that_are_withheld_are_seen_to_be():
    columns = ("se", "low", "high", "count", "count_low", "count_high")
    estimate = bf.estimate(survey((17, 6, 6)), "q")
    shown = protected(estimate, [], columns=columns)
    assert shown.display().formatted()[0][1:] == ["53\xa0%", ".", ".", "49"]
    assert shown.display().notes[-1].endswith("zu erkennen wären.")
    assert "53\xa0% [geheim gehalten]" in shown.alt_text()
    by_group = protected(bf.estimate(survey((17, 6, 6)), "q", by="g"), [], columns=columns)
    assert by_group.display().formatted()[0][-2] == "59\xa0% [.]"  # n is 29: no count beside it
    assert "59\xa0% [geheim gehalten]" in by_group.display().to_html()
    unprotected = estimate.display(allow_unprotected=True)
    assert list(protected(estimate, []).display().notes) == list(unprotected.notes[1:])


def test_a_small_base_without_its_count_is_kept_secret():
    estimate = protected(bf.estimate(survey((3, 2, 1), (0, 0, 0)), "q"), [], columns=["count"])
    assert [row[1] for row in estimate.display().formatted()] == [".", ".", "."]
    assert "Anzahlen statt Prozent" in " ".join(estimate.display().notes)
    assert estimate.alt_text().count("geheim gehalten") == 3


def test_of_a_share_and_its_count_one_may_be_withheld():
    estimate = protected(bf.estimate(survey((17, 6, 6)), "q", by="g"), [])
    spread = ("estimate", "se", "low", "high", "count_low", "count_high")
    table = estimate.table.assign(**dict.fromkeys(spread, np.nan), method="")
    bare = replace(estimate, table=table)
    assert bare.display().formatted()[0][-2:] == ["17 von 29 [.]", "9 von 20 [.]"]
    assert "17 von 29 [geheim gehalten]" in bare.alt_text()
    texts = [text.get_text() for text in bare.figure(kind="intervals").axes[0].texts]
    assert texts == [". (geheim gehalten)"] * 9
    assert [text.get_text() for text in bare.figure().axes[0].texts] == texts[:3]


def test_numbers_of_missing_answers_that_are_withheld_are_said_to_be():
    names = ["no_answer", "dont_know", "refused", "not_asked"]
    estimate = protected(bf.estimate(survey((17, 6, 6)), "q"), [])
    table = estimate.table.assign(**dict.fromkeys(names, pd.NA)).astype(estimate.table.dtypes)
    notes = " ".join(replace(estimate, table=table).display().notes)
    assert "Wie viele Antworten fehlen, ist geheim gehalten." in notes
    assert "Nicht enthalten" not in notes
    other = table.assign(column="r", **dict.fromkeys(names, 0) | {"refused": 4})
    both = pd.concat([table, other.astype(table.dtypes)], ignore_index=True)
    note = missing_note(replace(estimate, table=both), "de")
    assert note == (
        "Nicht enthalten: keine Angabe 4. "
        "Wie viele Antworten fehlen, ist bei 1 von 2 Fragen geheim gehalten."
    )
    assert missing_note(replace(estimate, table=both), "en").endswith("for 1 of 2 questions.")


def test_a_missing_base_is_no_secret():
    estimate = protected(bf.estimate(survey((17, 6, 6)), "q", where=None), [])
    empty = estimate.table.assign(n=0, estimate=np.nan, low=np.nan, high=np.nan)
    shown = replace(estimate, table=empty)
    assert {row[1] for row in shown.display().formatted()} == {MISSING}


def test_all_answered_is_said_of_what_is_shown():
    made = protected(bf.estimate(survey((17, 6, 6)), "q"), [("1", "")])
    methods = made.table["method"].where(made.table["suppressed"] != "", "complete")
    full = replace(made, table=made.table.assign(method=methods))
    assert full.display().notes[0].startswith("Alle haben geantwortet")
    none = replace(made, table=made.table.assign(method="", suppressed="hidden"))
    assert not none.display().notes[0].startswith("Alle haben geantwortet")


def test_a_part_counts_its_own_cells(crossed):
    part = crossed.part("q")
    assert (part.protection.cells, part.protection.hidden) == (9, 6)
    rest = part.protection.of(["", "hidden", ""])
    assert rest.note("de").endswith("(1 von 3 Feldern).")
    assert rest.of(["", ""]).note("de") == ""


@pytest.mark.parametrize("in_a", [(17, 11, 1), (10, 10, 9), (29, 0, 0)])
def test_what_protect_hides_is_what_is_printed_as_a_point(in_a):
    found = bf.protect(bf.estimate(survey(in_a, (9, 10, 1)), "q", by="g"))
    hidden = found.table[found.table["suppressed"] != ""]
    assert len(hidden) == found.protection.hidden > 0
    cells = [cell for row in found.display().cells() for cell in row]
    assert sum(cell.secret and cell.value is None for cell in cells) == len(hidden)
    assert bool(found.secrecy_notes()) == any(cell.secret for cell in cells)
    told = found.alt_text().split("; ")
    assert sum(clause.rstrip(".").endswith(": geheim gehalten") for clause in told) == len(hidden)


def test_a_count_that_is_withheld_does_not_come_back_by_the_extremes():
    answers = survey((17, 6, 6), (1, 10, 9))
    units = [f"{k:08d}" for k in range(1001000, 1001000 + 57)]
    frame = pd.DataFrame({"unit": units, "g": [*answers.responses["g"], *"aabbbbbb"]})
    design = bf.design(answers, kind="invitation", frame=frame, strata="g")
    again = [answers.with_design(design) for _ in range(2)]
    pairs = list(zip(again, ("g", None), strict=True))
    found = bf.protect([bf.estimate(weighted, "q", by=by) for weighted, by in pairs])
    assert [result.protection.results for result in found] == [2, 2]  # the answers are the same
    with pytest.raises(bf.DisclosureError, match="different weights"):
        bf.protect([bf.estimate(again[0], "q", by="g"), bf.estimate(answers, "q")])
    withheld = [result.table[result.table["count"].isna()] for result in found]
    assert all(len(rows) for rows in withheld)
    for result, rows in zip(found, withheld, strict=True):
        assert rows[["worst_low", "worst_high"]].isna().all(axis=None)
        assert result.secrecy_notes()
    shown = found[1].display()
    extremes = [column.key for column in shown.columns].index("worst")
    assert "." in {row[extremes] for row in shown.formatted()}


def test_shares_of_inhabitants_have_no_digit_that_tells_whose_they_are():
    answers = survey((17, 6, 6), (9, 7, 4))
    units = [f"{k:08d}" for k in range(1001000, 1001000 + 57)]
    people = np.random.default_rng(5).integers(2000, 90000, 57).astype(float)
    frame = pd.DataFrame({"unit": units, "einwohner": people})
    design = bf.design(answers, kind="population", frame=frame)
    estimate = bf.estimate(answers.with_design(design), "q", weight_by="einwohner")
    safe = bf.protect(estimate)
    for name in ("estimate", "low", "high", "se"):
        shown = safe.table[name].dropna()
        assert (100 * shown).round(9).mod(1).isin([0, 1]).all(), name
        assert len(shown) == 3
    open_ = estimate.display(allow_unprotected=True)
    assert safe.display().formatted() == open_.formatted()


# Figures -----------------------------------------------------------------------------------


def test_a_bar_with_a_hidden_part_is_left_out_and_its_label_stays(crossed):
    axes = crossed.figure().axes[0]
    assert not axes.patches
    partly = protected(bf.estimate(survey((17, 6, 6)), "q", by="g"), [("1", "a"), ("2", "a")])
    axes = partly.figure().axes[0]
    rows = {round(patch.get_y() + patch.get_height() / 2) for patch in axes.patches}
    assert rows == {0, 2}
    texts = [(text.get_position()[1], text.get_text()) for text in axes.texts]
    assert [text for row, text in texts if row == 1] == [". (geheim gehalten)"]
    assert all(text.isdigit() for row, text in texts if row != 1)
    assert len(axes.get_yticklabels()) == 3


@pytest.mark.parametrize("kind", ["stacked", "intervals"])
def test_what_is_protected_is_drawn_without_further_digits(kind):
    estimate = bf.estimate(survey((17, 6, 6)), "q", by="g")
    axes = protected(estimate, []).figure(kind=kind).axes[0]
    ends = [x for line in axes.lines for x in np.atleast_1d(line.get_xdata())]
    ends += [patch.get_width() for patch in axes.patches]
    assert len(ends) >= 9
    assert all(float(x).is_integer() for x in ends)
    exact = estimate.figure(kind=kind, allow_unprotected=True).axes[0]
    drawn = [x for line in exact.lines for x in np.atleast_1d(line.get_xdata())]
    drawn += [patch.get_width() for patch in exact.patches]
    assert min(abs(x - 100 * 17 / 29) for x in drawn) < 1e-9


def test_points_and_intervals_that_are_hidden_are_named(crossed):
    texts = [text.get_text() for text in crossed.figure(kind="intervals").axes[0].texts]
    assert texts.count(". (geheim gehalten)") == len(HIDDEN)
    bare = protected(bf.estimate(survey((17, 6, 6)), "q"), [], columns=["low", "high"])
    texts = [text.get_text() for text in bare.figure("en", kind="intervals").axes[0].texts]
    assert texts == ["53 [.]", "27 [.]", "20 [.]"]


# Nothing tells it --------------------------------------------------------------------------


def test_files_do_not_depend_on_what_is_hidden(monkeypatch, tmp_path):
    """Other answers behind the points, and not one byte differs."""
    made = []
    for in_a, in_b in (((17, 6, 6), (9, 7, 4)), ((3, 20, 6), (14, 2, 4))):
        result = protected(bf.estimate(survey(in_a, in_b), "q", by="g"))
        volume = bf.write_tables(result, tmp_path / "t.xlsx").read_bytes()
        made.append([*files(document(emitted_by(monkeypatch, result))), volume])
    assert made[0] == made[1]


def test_no_hidden_value_stands_in_a_file(crossed, monkeypatch):
    told = [
        "0.58620",
        "0,5862",
        "58.620",
        "58,6",
        "59\xa0%",
        "59 %",
        "59%",
        "17 von 29",
        "17 of 29",
    ]
    bundles = emitted_by(monkeypatch, crossed)
    written = files(document(bundles))
    for content in [json.dumps(bundles, ensure_ascii=False).encode(), *written]:
        assert not [text for text in told if text.encode() in content]
    allowed = replace(bf.estimate(survey((17, 6, 6)), "q", by="g"), allow_unprotected=True)
    bundles = emitted_by(monkeypatch, allowed)
    seen = json.dumps(bundles, ensure_ascii=False)
    assert "17 von 29 (59\xa0%)" in seen  # the search finds what is there
    made = document(bundles, allow_unprotected=True)
    assert b"geheim gehalten" in written[-1]
    assert "17 von 29" in to_html(made).decode()


def test_a_screen_reader_hears_it_in_html_and_pdf(crossed, monkeypatch):
    made = document(emitted_by(monkeypatch, crossed))
    page = html.fromstring(to_html(made).decode())
    assert len(page.xpath("//td/span[@class='aloud']")) == len(HIDDEN)
    with pikepdf.open(io.BytesIO(to_pdf(made))) as pdf:
        told = [
            str(node.ActualText)
            for node in pdf.objects
            if isinstance(node, pikepdf.Dictionary) and "/ActualText" in node
        ]
    assert told == ["geheim gehalten"] * len(HIDDEN)


def test_an_r_script_holds_the_answers_and_needs_leave_even_if_protected(crossed):
    with pytest.raises(bf.DisclosureError, match="allow_unprotected=True"):
        crossed.to_r()
    script = crossed.to_r(allow_unprotected=True)
    assert script.splitlines()[0].startswith("# UNPROTECTED")


def test_the_error_names_cells_by_their_place():
    estimate = bf.estimate(survey((17, 6, 6)), "q", by="g")
    with pytest.raises(bf.DisclosureError) as caught:
        estimate.display()
    message = str(caught.value)
    assert "9 cells, q (share, answer '1'); q (share, answer '2')" in message
    assert "bf.protect" in message
    assert "allow_unprotected=True" in message
    assert "17" not in message
    last = bf.estimate(survey((17, 6, 6)), "q", by="g").part("q")
    rows = last.table[last.table["domain"] == "a"].reset_index(drop=True)
    with pytest.raises(bf.DisclosureError, match=r"3 cells, q \(share, answer '1', g = 'a'\)"):
        replace(last, table=rows).figure()

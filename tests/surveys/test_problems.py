"""What is wrong with a codebook or a survey is said in both languages; missings are counted."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import CatalogueError, FormulaError, UnknownCodeError, ValidationError
from begleitforschung.provenance import Provenance
from begleitforschung.surveys import (
    STATUSES,
    Codebook,
    Survey,
    check_codebook,
    dtype_of,
    parse_filter,
)
from begleitforschung.surveys.checks import require_sound
from begleitforschung.surveys.nonresponse import item_nonresponse
from begleitforschung.surveys.survey import CASES

JA = [{"code": "1", "label": {"de": "Ja"}}, {"code": "2", "label": {"de": "Nein"}}]


def book(*items: dict[str, Any], **more: Any) -> Codebook:
    full = [{"id": f"q{n}", "kind": "single", "text": {"de": "Frage"}} | i
            for n, i in enumerate(items, 1)]  # fmt: skip
    return Codebook.model_validate({"id": "probe", "title": {"de": "Probe"}, "items": full, **more})


def single(**more: Any) -> dict[str, Any]:
    return {"codes": JA} | more


def number(**more: Any) -> dict[str, Any]:
    return {"kind": "number"} | more


# Items; rule, severity and item of the finding; the German text; the English text.
PROBLEMS: list[tuple[Any, str, str, str | None, str, str]] = [
    ([single(id="a"), single(id="a")], "twice", "error", None, "'a' doppelt", "'a' stands twice"),
    ([single(codes=[JA[0], JA[0]])], "code_twice", "error", "q1", "'1' doppelt", "stands twice"),
    ([single(codes=[JA[0], JA[0] | {"code": "3"}])], "label_twice", "warning", "q1",
     "Antwort 'ja' doppelt", "answer 'ja' stands twice"),
    ([{"kind": "array", "codes": JA, "rows": [{"id": "x", "text": {"de": "X"}}] * 2}],
     "row_twice", "error", "q1", "Zeile 'x' doppelt", "row 'x' stands twice"),
    ([{}], "no_codes", "error", "q1", "'single' braucht Antworten", "'single' needs codes"),
    ([number(codes=JA)], "codes_of_number", "error", "q1", "ohne 'missing'", "without 'missing'"),
    ([{"kind": "array", "codes": JA}], "rows", "error", "q1", "gehören", "belong together"),
    ([{"kind": "ranking", "codes": JA, "ranks": 3}], "ranks", "error", "q1", "höchst", "at most"),
    ([single(ranks=1)], "ranks", "error", "q1", "gehört zu 'ranking'", "belongs to 'ranking'"),
    ([single(direction="ascending")], "direction", "error", "q1", "zu einer Skala", "to a scale"),
    ([{"kind": "scale", "codes": JA}], "no_direction", "info", "q1", "Richtung der Skala fehlt",
     "the direction of the scale is missing"),
    ([number(min=2, max=1)], "bounds", "error", "q1", "größer als 'max'", "greater than 'max'"),
    ([single(min=0)], "bounds", "error", "q1", "gehören zu Zahlen", "belong to numbers"),
    ([single(integer=True)], "bounds", "error", "q1", "gehören zu Zahlen", "belong to numbers"),
    ([single(unit="EUR")], "bounds", "error", "q1", "gehören zu Zahlen", "belong to numbers"),
    ([single(relevance="{q7} > 1")], "filter_not_understood", "warning", "q1",
     "Befragungssoftware nicht verstanden", "the survey software was not understood"),
    ([single(), single(filter="q3 == 1"), single()], "filter_later", "error", "q2",
     "spätere Frage: q3", "later question: q3"),
    ([single(filter="q1 == 1")], "filter_later", "error", "q1", "q1", "q1"),
    ([single(), single(filter="q1 in (1, 3, 4)")], "filter_code", "error", "q2",
     "q1 hat keine Antwort 3, 4", "q1 has no answer 3, 4"),
    ([number(), single(filter="q1 == 'viel'")], "filter_code", "error", "q2",
     "keine Antwort viel", "no answer viel"),
    ([{"kind": "multiple", "codes": JA}, single(filter="q1_1 == 2")], "filter_code", "error", "q2",
     "q1_1 hat keine Antwort 2", "q1_1 has no answer 2"),
    ([single(), single(filter="q1 === 1")], "filter", "error", "q2", "can't be read", "can't be"),
    ([single(role="identifying", confidentiality="public")], "identifying_public", "warning", None,
     "verrät die Befragten", "tells who answered and is public"),
    ([single()], "no_promise", "warning", None, "keine Zusage an die Befragten", "no promise"),
]  # fmt: skip


@pytest.mark.parametrize(("items", "rule", "severity", "column", "de", "en"), PROBLEMS)
def test_problems_of_a_codebook_in_both_languages(items, rule, severity, column, de, en):
    found = [item for item in check_codebook(book(*items)) if item.rule == f"codebook.{rule}"]
    assert [(item.severity, item.column) for item in found] == [(severity, column)]
    assert de in found[0].text.get("de")
    assert en in found[0].text.get("en")


@pytest.mark.parametrize(
    "items",
    [
        [single(), number(filter="q1 == 2", min=0, max=0, integer=True, unit="EUR")],
        [number(), single(filter="q1 > -1.5e3 and answered(q1)")],
        [{"kind": "multiple", "codes": JA}, single(filter="q1_2 == 1 or q1_1 == 0")],
        [{"kind": "scale", "codes": JA, "direction": "ascending"}, single(filter="q1 >= 1.5")],
        [{"kind": "ranking", "codes": JA, "ranks": 2}],
        [single(relevance="{q7} > 1"), single(relevance="{q1} == 1", filter="q1 == 1")],
        [number(codes=[JA[0] | {"missing": "refused"}])],
        [single(role="identifying", confidentiality="confidential")],
    ],
)
def test_sound_codebooks_have_no_errors(items):
    require_sound(book(*items))


def test_errors_are_counted_under_the_name_of_the_file_or_codebook():
    wrong = book(number(min=2, max=1), {}, single(filter="q9 == 1"))
    with pytest.raises(CatalogueError, match=r"fragen\.yaml has 3 problem") as caught:
        require_sound(wrong, file="fragen.yaml")
    assert {item.file for item in caught.value.findings} == {"fragen.yaml"}
    assert {item.severity for item in caught.value.findings} == {"error"}
    with pytest.raises(CatalogueError, match="the codebook 'probe' has 3 problem"):
        require_sound(wrong)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("q1 =", "can't be read"),
        ("len(q1)", r"the only function is answered\(column\)"),
        ("answered(q1, q2)", r"the only function is answered\(column\)"),
        ("1 < q1", "a comparison is 'column == value'"),
        ("1 < q1 < 3", "a comparison is 'column == value'"),
        ("q1 in 'ab'", "'in' needs a list of values"),
        ("q1 in (q2,)", "'in' needs a list of values"),
        ("q1 is 1", "this comparison is unknown"),
        ("q1 == q2", "compare with a number or a 'text'"),
        ("q1 == -'a'", "compare with a number or a 'text'"),
        ("q1 == True", "compare with a number or a 'text'"),
        ("q1 == 1 and q2", "'q2' is no comparison"),
        ("not q1", "'q1' is no comparison"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*is.* with .*literal:SyntaxWarning")
def test_a_filter_that_breaks_the_grammar_says_what_it_may_be_made_of(text, words):
    with pytest.raises(FormulaError, match=words) as caught:
        parse_filter(text)
    assert "with and, or, not, answered(…), parentheses" in str(caught.value)


def test_a_filter_knows_its_columns_once_and_in_order():
    found = parse_filter("b == 1 or a in (1, -2) and not answered(c) or b != 'x'")
    assert sorted(found.columns) == ["a", "b", "c"]
    values = {(one.column, one.values) for one in found.comparisons}
    assert values == {("b", ("1",)), ("a", ("1", "-2")), ("c", ()), ("b", ("x",))}


PAGES = book(
    single(page=1), single(page=2), number(page=3), {"kind": "text", "confidentiality": "public"}
)


def made(status: Any, last_page: Any, complete: Any) -> Survey:
    codes = np.asarray(status, dtype=np.int8)
    n = len(codes)
    answers = {"q1": "1", "q2": "2", "q3": 5.0, "q4": "gut"}
    columns = {
        name: pd.Series([value if code <= 1 else None for code in codes[:, at]]).astype(
            dtype_of(PAGES.item(name))
        )
        for at, (name, value) in enumerate(answers.items())
    }
    cases = pd.DataFrame(
        {
            "case": [str(at) for at in range(n)],
            "file": "x.csv",
            "row": np.arange(n) + 2,
            "unit": pd.Series([None] * n, dtype="str"),
            "complete": complete,
            "last_page": pd.array(last_page, dtype="Int64"),
            "started": pd.NaT,
            "submitted": pd.NaT,
            "seconds": np.nan,
            "language": "de",
        }
    ).astype(CASES)
    return Survey(
        responses=pd.DataFrame(columns),
        status=pd.DataFrame(codes, columns=list(columns)),
        cases=cases,
        codebook=PAGES,
        history=Provenance.of("read_survey"),
    )


@pytest.fixture(scope="module")
def survey() -> Survey:
    status = [[0, 0, 1, 0], [0, 3, 3, 3], [4, 2, 0, 3], [5, 2, 3, 3], [0, 3, 3, 3]]
    return made(status, [3, 1, 3, None, 2], [True, False, True, False, False])


def test_item_nonresponse_by_hand(survey):
    found = item_nonresponse(survey).set_index("column")
    assert found.loc["q1", list(STATUSES)].tolist() == [3, 0, 0, 0, 1, 1]
    assert found.loc["q1", ["n", "asked", "share"]].tolist() == [5, 5, 0.4]
    # Two were not asked; of three one answered, one broke off a page before, one on this page.
    assert found.loc["q2", ["asked", "share", "not_reached"]].tolist() == [3, 2 / 3, 1]
    assert found.loc["q3", ["answered", "estimated", "share"]].tolist() == [1, 1, 0.6]
    # Who broke off on an unknown page, or at an item without page, is not called unreached.
    assert found["not_reached"].tolist() == [0, 1, 2, 0]
    assert found.loc["q3", ["label_de", "item"]].tolist() == ["Frage", "q3"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 5), min_size=4, max_size=4), st.booleans()),
        min_size=1,
        max_size=8,
    )
)
def test_item_nonresponse_adds_up(cases):
    survey = made([c for c, _ in cases], [2] * len(cases), [done for _, done in cases])
    found = item_nonresponse(survey)
    assert (found[list(STATUSES)].sum(axis=1) == found["n"]).all()
    assert (found["asked"] == found["n"] - found["not_asked"]).all()
    assert (found["not_reached"] <= found["no_answer"]).all()
    known = found[found["asked"] > 0]
    silent = known[["no_answer", "dont_know", "refused"]].sum(axis=1) / known["asked"]
    np.testing.assert_allclose(known["share"], silent)
    assert found.loc[found["asked"] == 0, "share"].isna().all()


def altered(survey: Survey, **columns: Any) -> dict[str, Any]:
    return {"responses": survey.responses.assign(**columns)}


@pytest.mark.parametrize(
    ("change", "rule", "column", "de"),
    [
        (lambda s: {"cases": s.cases.head(2)}, "rows", None, "Zahl der Zeilen verschieden"),
        (lambda s: {"cases": s.cases.drop(columns="unit")}, "cases", None, "Spalten der Fälle"),
        (lambda s: {"cases": s.cases.assign(case="1")}, "case_twice", "case", "Fall doppelt"),
        (lambda s: {"status": s.status[["q2", "q1", "q3", "q4"]]}, "status", None, "Status passen"),
        (lambda s: {"status": s.status.assign(q3=np.int8(6))}, "status", None, "unbekannter"),
        (lambda s: {"status": s.status.assign(q1=np.int8(0))}, "status_value", "q1", "Wert und"),
        (lambda s: altered(s, q3=1), "dtype", "q3", "erwartet float64"),
        (lambda s: altered(s, q1=pd.Categorical(["1"] * 5)), "dtype", "q1", "erwartet category"),
    ],
)
def test_tables_that_are_no_survey_are_refused(survey, change, rule, column, de):
    with pytest.raises(ValidationError, match="no survey of the codebook 'probe'") as caught:
        replace(survey, **change(survey))
    found = [item for item in caught.value.findings if item.rule == f"survey.{rule}"]
    assert [item.column for item in found] == [column]
    assert de in found[0].text.get("de")


def test_a_selection_is_frozen_traced_and_as_confidential_as_what_is_left(survey):
    only = survey.select(["q4", "q4"])
    assert list(only.responses) == ["q4"]
    assert only.confidentiality == "public"
    assert survey.confidentiality == "confidential"
    assert only.history.operation == "select"
    kept = survey.keep(np.array([True, False, True, True, False]), reason="Probe")
    assert dict(kept.history.parameters) == {"reason": "Probe", "kept": 3, "of": 5}
    assert kept.cases["row"].tolist() == [2, 4, 5]
    with pytest.raises(FrozenInstanceError):
        only.personal = ("x",)  # type: ignore[misc]
    with pytest.raises(UnknownCodeError, match="q3"):
        survey.select(["q33"])

"""A survey is checked against codebook and rules, corrected by data, and no answer is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import CatalogueError, SourceFileError, UnknownCodeError
from begleitforschung.loaders.surveys import read_survey
from begleitforschung.validation.survey_corrections import read_survey_corrections
from begleitforschung.validation.survey_rules import read_survey_rules
from begleitforschung.validation.survey_run import validate_survey

CODEBOOK = """
id: pruefung
title: {de: Prüfung}
instrument: {unit: ags, promise: {text: {de: vertraulich}, date: 2025-01-01, legal_basis: DSGVO}}
items:
  - id: q1
    kind: single
    mandatory: true
    text: {de: Strategie}
    codes: [{code: "1", label: {de: Ja}}, {code: "2", label: {de: Nein}}]
  - id: q2
    kind: number
    text: {de: Stellen}
    filter: q1 == 1
    min: 0
    max: 100
    integer: true
  - id: q3
    kind: array
    cells: scale
    page: 2
    text: {de: Batterie}
    rows:
      - {id: a, text: {de: A}}
      - {id: b, text: {de: B}}
      - {id: c, text: {de: C}}
      - {id: d, text: {de: D}}
      - {id: e, text: {de: E}}
    codes: [{code: "1", label: {de: wenig}}, {code: "2", label: {de: viel}},
            {code: "9", label: {de: Weiß nicht}, missing: dont_know}]
  - {id: teil, kind: number, text: {de: Teil}}
  - {id: ganz, kind: number, text: {de: Ganzes}}
"""
ROWS = [
    # id, submitdate, lastpage, interviewtime, ags, q1, q2, q3 a–e, teil, ganz
    ["1", "2025-03-01 10:00:00", "2", "600", "05315000", "1", "5", *"12121", "10", "20"],
    ["2", "2025-03-01 10:00:00", "2", "610", "05122000", "2", "7", *"11111", "30", "20"],
    ["3", "2025-03-01 10:00:00", "2", "200", "", "1", "250", *"12229", "5", "5"],
    ["4", "", "1", "100", "08421000", "1", "", "", "", "", "", "", "", ""],
    ["5", "2025-03-01 10:00:00", "2", "590", "09564000", "", "", *"2222", "", "1", "4"],
    ["6", "2025-03-01 10:00:00", "2", "620", "05711000", "1", "2.5", *"22222", "", "7777"],
]
HEAD = ["id", "submitdate", "lastpage", "interviewtime", "ags", "q1", "q2"]
HEAD += [f"q3[{row}]" for row in "abcde"] + ["teil", "ganz"]
RULES = """
id: eigene
rules:
  - id: survey.speeders
    kind: speeders
    severity: warning
    share_of_median: 0.5
    least: 3
    text: {de: zu schnell}
    hint: {de: ansehen}
  - id: teil_vom_ganzen
    kind: ratio
    severity: error
    numerator: teil
    denominator: ganz
    max: 1
    text: {de: Teil größer als das Ganze}
    hint: {de: nachfragen}
  - id: strategie_braucht_stellen
    kind: implication
    severity: info
    when: q1 == 1
    then: q2 > 4
    text: {de: Strategie ohne Stellen}
    hint: {de: nachfragen}
  - id: summe
    kind: sum_of_parts
    severity: warning
    parts: [teil, q2]
    whole: ganz
    tolerance: 20
    text: {de: Summe weicht ab}
    hint: {de: nachfragen}
"""


@pytest.fixture
def survey(tmp_path):
    book, data = tmp_path / "codebook.yaml", tmp_path / "antworten.csv"
    book.write_text(CODEBOOK, encoding="utf-8")
    lines = [",".join(row) for row in [HEAD, *ROWS]]
    data.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_survey(data, codebook=book)


def rules_of(report):
    return {(item.rule, item.column): item.rows for item in report.findings if item.rows}


def test_the_standard_rules_find_what_is_wrong_by_row_and_column(survey):
    found = rules_of(validate_survey(survey))
    assert found["survey.bounds", "q2"] == (4, 7)
    assert found["survey.filter", "q2"] == (3,)
    assert found["survey.mandatory", "q1"] == (6,)
    # Four equal answers of five rows are too few, so row 6 is no straight line.
    assert found["survey.straight_lines", "q3"] == (3, 7)


def test_rules_of_a_project_replace_and_add(survey, tmp_path):
    path = tmp_path / "regeln.yaml"
    path.write_text(RULES, encoding="utf-8")
    report = validate_survey(survey, rules=path)
    found = rules_of(report)
    assert found["survey.speeders", None] == (4,)
    assert found["teil_vom_ganzen", "teil, ganz"] == (3,)
    assert found["strategie_braucht_stellen", "q1, q2"] == (5, 7)
    assert found["summe", "teil, q2, ganz"] == (4,)
    assert not report.ok
    assert [rule.id for rule in read_survey_rules(path)].count("survey.speeders") == 1


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        ("numerator: teil", "numerator: tiel", UnknownCodeError),
        ("when: q1 == 1", "when: q1 = 1", CatalogueError),
        ("when: q1 == 1", "when: q9 == 1", UnknownCodeError),
        ("kind: ratio", "kind: ration", CatalogueError),
        ("id: summe", "id: teil_vom_ganzen", CatalogueError),
    ],
)
def test_rules_that_can_not_be_meant_are_refused(survey, tmp_path, before, after, error):
    path = tmp_path / "regeln.yaml"
    path.write_text(RULES.replace(before, after), encoding="utf-8")
    with pytest.raises(error):
        validate_survey(survey, rules=path)


def test_no_answer_stands_in_the_report(survey):
    report = validate_survey(survey)
    shown = "\n".join(
        [
            report.to_html("de"),
            report.display("de").to_text(),
            report.nonresponse_table("de").to_text(),
            report.to_frame().to_csv(),
            str(report.provenance.to_dict()),
        ]
    )
    assert "7777" not in shown
    assert "250" not in report.to_frame().to_csv()
    assert report.confidentiality == "confidential"


def test_item_nonresponse_counts_who_was_asked_and_why_they_are_silent(survey):
    table = validate_survey(survey).nonresponse.set_index("column")
    q2 = table.loc["q2"]
    assert (q2["n"], q2["asked"], q2["answered"], q2["not_asked"]) == (6, 5, 4, 1)
    assert q2["share"] == pytest.approx(1 / 5)
    battery = table.loc["q3_e"]
    assert (battery["dont_know"], battery["no_answer"], battery["not_reached"]) == (1, 2, 1)
    statuses = ["answered", "estimated", "not_asked", "no_answer", "dont_know", "refused"]
    assert (table[statuses].sum(axis=1) == table["n"]).all()


CORRECTIONS = """case;item;old;new;reason;author;date
3;q2;250;25;Tippfehler, Rückruf;AB;2025-04-01
3;unit;;05711000;laut Absender;AB;2025-04-01
2;q2;7;not_asked;Filter;AB;2025-04-01
5;q1;no_answer;2;Rückruf;AB;2025-04-01
1;q2;6;5;falscher alter Wert;AB;2025-04-01
1;q1;1;7;kein Code;AB;2025-04-01
99;q1;1;2;kein Fall;AB;2025-04-01
1;zz;1;2;keine Spalte;AB;2025-04-01
4;unit;08421000;0842;kein Schlüssel;AB;2025-04-01
"""


def test_corrections_change_what_they_name_and_nothing_else(survey, tmp_path):
    path = tmp_path / "korrekturen.csv"
    path.write_text(CORRECTIONS, encoding="utf-8")
    report = validate_survey(survey, corrections=path)
    corrected = report.data
    assert corrected.responses["q2"].tolist()[:3] == pytest.approx([5, np.nan, 25], nan_ok=True)
    assert corrected.status_of("q2").iloc[1] == "not_asked"
    assert corrected.responses["q1"].iloc[4] == "2"
    assert corrected.cases["unit"].iloc[2] == "05711000"
    untouched = [name for name in survey.responses.columns if name not in ("q1", "q2")]
    pd.testing.assert_frame_equal(corrected.responses[untouched], survey.responses[untouched])
    assert survey.responses["q2"].iloc[2] == 250
    rules = [item.rule for item in report.findings if item.rule.startswith("correction.")]
    assert rules.count("correction.refused") == 5
    assert report.corrected["applied"].sum() == 4
    assert report.corrected[["old", "new", "reason"]].isna().all(axis=None)
    assert corrected.provenance.fingerprint != survey.provenance.fingerprint
    again = validate_survey(survey, corrections=path).data
    assert again.provenance.fingerprint == corrected.provenance.fingerprint


def test_corrections_are_strict_and_come_from_yaml_too(survey, tmp_path):
    path = tmp_path / "korrekturen.csv"
    path.write_text(CORRECTIONS + "3;q2;250;26;doppelt;AB;2025-04-01\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="twice"):
        read_survey_corrections(path)
    path.write_text("case;item;old;new\n1;q1;1;2\n", encoding="utf-8")
    with pytest.raises(CatalogueError):
        read_survey_corrections(path)
    with pytest.raises(SourceFileError):
        read_survey_corrections(tmp_path / "nichts.csv")
    written = tmp_path / "korrekturen.yaml"
    text = "corrections:\n- {case: 3, item: q2, old: 250, new: 25, reason: r, author: a, "
    written.write_text(text + "date: 2025-04-01}\n", encoding="utf-8")
    assert validate_survey(survey, corrections=written).data.responses["q2"].iloc[2] == 25


def test_the_report_is_shown_in_both_languages(survey):
    report = validate_survey(survey)
    german, english = report.to_html("de"), report.to_html("en")
    assert "Prüfbericht" in german
    assert "Validation report" in english
    assert "Immer dieselbe Antwort in einer Batterie" in german
    assert "the same answer throughout a battery" in english
    assert "Alles" not in english
    table = report.nonresponse_table("en")
    assert [column.label for column in table.columns][:3] == ["Question", "asked", "answered"]
    assert "Batterie [A]" in report.nonresponse_table("de").to_text()
    assert report.alt_text("de").startswith("Balken mit der Anzahl der Befunde")
    assert report.figure("de") is not None


def test_counts_and_trace_point_to_rows_of_the_file(survey):
    report = validate_survey(survey)
    assert report.counts["error"] == sum(item.n for item in report.errors) == 2
    trace = report.trace()
    assert set(trace["row"].dropna()) <= set(range(2, 8))
    assert {"file", "row", "column", "n"} <= set(trace.columns)


def test_a_sound_survey_is_ok_and_says_so(survey):
    mask = survey.cases["case"].isin(["1"]).to_numpy()
    one = survey.keep(mask, reason="test")
    report = validate_survey(one)
    assert report.ok
    assert report.data is one


def test_a_survey_without_cases_can_be_checked(survey):
    none = survey.keep(np.zeros(len(survey), bool), reason="test")
    report = validate_survey(none)
    assert report.ok
    assert report.nonresponse["share"].isna().all()


@pytest.mark.parametrize(("share", "rows"), [(0.1, ()), (0.34, (4,)), (0.99, (4, 6))])
def test_speeders_are_measured_against_the_median_of_complete_cases(survey, tmp_path, share, rows):
    # Complete cases took 600, 610, 200, 590, 620 seconds: the median is 600.
    path = tmp_path / "regeln.yaml"
    path.write_text(RULES.replace("share_of_median: 0.5", f"share_of_median: {share}"), "utf-8")
    found = rules_of(validate_survey(survey, rules=path))
    assert found.get(("survey.speeders", None), ()) == rows


@pytest.mark.parametrize(
    ("limits", "rows"),
    [("max: 1", (3,)), ("min: 0.4", (6,)), ("min: 0.4\n    max: 1", (3, 6)), ("max: 2", ())],
)
def test_ratios_are_bounded_on_one_side_or_both(survey, tmp_path, limits, rows):
    path = tmp_path / "regeln.yaml"
    path.write_text(RULES.replace("max: 1", limits), encoding="utf-8")
    found = rules_of(validate_survey(survey, rules=path))
    assert found.get(("teil_vom_ganzen", "teil, ganz"), ()) == rows


@pytest.mark.parametrize("tolerance", [0, 5, 20, 300])
def test_sums_of_parts_count_what_is_beyond_the_tolerance(survey, tmp_path, tolerance):
    path = tmp_path / "regeln.yaml"
    path.write_text(RULES.replace("tolerance: 20", f"tolerance: {tolerance}"), encoding="utf-8")
    found = rules_of(validate_survey(survey, rules=path))
    gaps = {2: abs(10 + 5 - 20), 3: abs(30 + 7 - 20), 4: abs(5 + 250 - 5)}
    wanted = tuple(row for row, gap in gaps.items() if gap > tolerance)
    assert found.get(("summe", "teil, q2, ganz"), ()) == wanted


def test_straight_lines_need_enough_rows_and_ignore_missings(survey, tmp_path):
    path = tmp_path / "regeln.yaml"
    rule = "id: r\nrules:\n  - {id: survey.straight_lines, kind: straight_lines, severity: info, "
    path.write_text(rule + "rows: 4, text: {de: x}, hint: {de: y}}\n", encoding="utf-8")
    assert rules_of(validate_survey(survey, rules=path))["survey.straight_lines", "q3"] == (3, 6, 7)


def test_what_the_loader_remarked_stays_in_the_report(survey):
    rules = {item.rule for item in survey.findings}
    assert rules <= {item.rule for item in validate_survey(survey).findings}

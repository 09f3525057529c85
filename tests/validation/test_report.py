"""The validation report: as a frame, as HTML, as JSON, in both languages, without secrets."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.catalogue import resource
from begleitforschung.errors import CorrectionError, Finding, ValidationError
from begleitforschung.language import Text
from begleitforschung.tables import IndicatorTable, indicators
from begleitforschung.validation import report_failure, validate

HOSTILE = '<script>alert("x")</script> & Söhne'
SCHEMA = json.loads(resource("rules", "report.schema.json").read_text(encoding="utf-8"))
HEADER = "unit,year,indicator,field,old,new,reason,author,date\n"


class Page(HTMLParser):
    """Collect tags and texts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def broken(table) -> IndicatorTable:
    rows = [
        ("01001", 2020, "share", 1234.5),
        ("01001", 2021, "share", 99.0),
        ("01001", 2022, "share", -2.5),
        ("01001", 2020, "cars", 7.0),
    ]
    figures = table(rows, share={"valid_min": 0, "valid_max": 100})
    remark = Finding(
        rule="loader.sign",
        severity="info",
        text=Text("Zeichen gelesen", "sign read"),
        file="kreise.csv",
        row=9,
        key="01001 / 2020 / cars",
        value="7.0 e",
    )
    return replace(figures, findings=(remark,))


@pytest.fixture
def corrections(tmp_path: Path) -> Path:
    path = tmp_path / "korrekturen.csv"
    who = f"Komma vergessen 1234.5,{HOSTILE.replace(chr(34), '')},2026-11-20\n"
    lines = [f"01001,2020,share,value,1234.5,12.345,{who}", f"01001,2020,cars,value,8,9,{who}"]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def test_places_are_listed_with_file_row_key_value_rule_and_remedy(broken: IndicatorTable):
    report = validate(broken)
    first = report.to_frame("de").iloc[0]
    assert first["file"] == "kreise.csv"
    assert (first["row"], first["unit"], first["year"]) == (2, "01001", 2020)
    assert (first["indicator"], first["column"], first["value"]) == ("share", "value", "1234.5")
    assert (first["rule"], first["expected"]) == ("valid_range", "0 … 100")
    assert first["text"] == "Wert liegt außerhalb der möglichen Werte des Indikators"
    assert first["hint"].startswith("Mit der Quelle vergleichen")
    assert "outside the indicator's valid range" in report.to_frame("en").iloc[0]["text"]


def test_places_of_a_rule_are_ordered_by_indicator_unit_and_year(table, rule):
    rows = [(u, y, i, -1.0) for y in (2021, 2020) for u in ("02", "01") for i in ("b", "a")]
    frame = validate(table(rows), rules=[rule("range", min=0)]).to_frame()
    assert frame["key"].tolist() == sorted(frame["key"], key=lambda key: key.split(" / ")[::-2])
    assert frame["key"].iloc[0] == "01 / 2020 / a"
    assert frame["year"].tolist() == [2020, 2021] * 4


def test_counts_errors_and_findings_agree(broken: IndicatorTable):
    report = validate(broken)
    assert not report.ok
    assert report.counts == {"error": 2, "warning": 2, "info": 1}  # two jumps by far
    (error,) = report.errors
    assert (error.n, error.rows, error.row) == (2, (2, 4), 2)
    assert report.table["n"].sum() == sum(report.counts.values())
    assert report.findings[-1].rule == "loader.sign"


def test_a_table_in_order_gives_no_finding(table):
    rows = [("01001", 2020, "share", 50.0), ("01001", 2021, "share", 51.0)]
    report = validate(table(rows, share={"valid_min": 0, "valid_max": 100}))
    assert report.ok
    assert report.findings == ()
    assert len(report.to_frame()) == 0
    assert "Keine Auffälligkeiten" in report.to_html()
    assert "Nothing found" in report.display("en").to_html()
    jsonschema.validate(json.loads(report.to_json()), SCHEMA)


def test_corrections_are_applied_before_the_rules_and_listed(
    broken: IndicatorTable, corrections: Path
):
    report = validate(broken, corrections=corrections)
    assert report.counts["error"] == 2
    assert report.corrected["applied"].tolist() == [True, False]
    assert report.data is not None
    assert report.data.data["value"].tolist()[:3] == [12.345, 99.0, -2.5]
    rules = [item.rule for item in report.findings]
    assert {"correction.applied", "correction.refused", "valid_range"} <= set(rules)
    html = report.to_html()
    assert "1234,5 → 12,345" in html or "1234.5 → 12.345" in html
    assert "nicht angewendet: es steht ein anderer Wert da" in html
    with pytest.raises(CorrectionError):
        validate(broken, corrections=corrections, on_refusal="raise")


@pytest.mark.parametrize("confidential", [["share", "cars"], ["value"]])
def test_confidential_values_appear_nowhere(
    broken: IndicatorTable, corrections: Path, confidential: list[str], rule
):
    ratio = rule("ratio", numerator="share", denominator="share", max=0.5)
    jump = rule("jump", absolute=1)
    own = [ratio, jump, rule("range", min=0, max=100)]
    report = validate(broken, rules=own, corrections=corrections, confidential=confidential)
    assert len(report.findings) > 3
    shown = [
        *(report.to_html(lang) + report.display(lang).to_text() for lang in ("de", "en")),
        report.to_frame().to_csv(),
        report.corrected.to_csv(),
        report.to_json(),
        repr(report.findings),
        repr(report),
        report.trace().to_csv(),
        json.dumps(report.provenance.to_dict()),
    ]
    for text in shown:
        for secret in ("1234", "12.345", "12,345", "99.0", "2.5", "2,5", "7.0 e"):
            assert secret not in text, secret
    with pytest.raises(CorrectionError) as caught:
        validate(broken, corrections=corrections, confidential=confidential, on_refusal="raise")
    assert "'8'" not in str(caught.value)
    assert report.to_frame()["row"].notna().any()
    assert report.confidentiality == "internal"


def test_a_rule_that_involves_something_confidential_shows_no_value(table, rule):
    rows = [("01001", 2020, "gdp", 4711.0), ("01001", 2020, "people", 815.0)]
    ratio = rule("ratio", numerator="gdp", denominator="people", max=1)
    report = validate(table(rows), rules=[ratio], confidential=["people"])
    assert report.to_frame()["row"].tolist() == [2]
    for secret in ("4711", "815", "5.78"):
        assert secret not in report.to_json()


def test_confidential_keys_are_left_out(broken: IndicatorTable, corrections: Path):
    report = validate(broken, confidential={"unit"})
    assert "01001" not in report.to_json() + report.to_html() + repr(report.findings)
    assert report.to_frame()["row"].tolist() == [2, 4, 3, 4, 9]
    report = validate(broken, confidential={"unit"}, corrections=corrections)
    assert report.corrected["row"].tolist() == [2, 3]
    assert "01001" not in report.to_json() + report.to_html() + repr(report.findings)
    with pytest.raises(CorrectionError) as caught:
        validate(broken, confidential={"unit"}, corrections=corrections, on_refusal="raise")
    assert "01001" not in str(caught.value)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_page_is_accessible_and_needs_nothing_from_elsewhere(
    broken: IndicatorTable, corrections: Path, lang
):
    html = validate(broken, corrections=corrections).to_html(lang)
    page = Page(html)
    tags = [tag for tag, _ in page.tags]
    assert ("html", {"lang": lang}) in page.tags
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    assert tags.count("table") == tags.count("caption")
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in page.tags if tag == "th")
    assert not {"script", "link", "img"} & set(tags)
    assert not any("src" in attrs or "href" in attrs for _, attrs in page.tags)
    assert "Statistisches Amt" in page.text
    assert {"de": "Prüfbericht", "en": "Validation report"}[lang] in page.text


def test_german_pages_print_a_decimal_comma(broken: IndicatorTable):
    assert "1234,5" in validate(broken).to_html("de")
    assert "1234.5" in validate(broken).to_html("en")


def test_hostile_names_are_escaped(table, corrections: Path):
    figures = table([("01001", 2020, HOSTILE, -1.0)], **{HOSTILE: {"valid_min": 0}})
    report = validate(figures, corrections=corrections)
    for html in (report.to_html(), report.display().to_html()):
        assert "<script" not in html
        assert "&lt;script" in html
    assert HOSTILE in Page(report.to_html()).text


def test_long_lists_are_cut_with_a_word_about_it(table):
    rows = [("01001", 1900 + i, "share", -1.0) for i in range(150)]
    report = validate(table(rows, share={"valid_min": 0}))
    assert "ersten 100 von 150" in report.to_html()
    assert report.to_html().count("kreise.csv") == 100
    assert len(json.loads(report.to_json())["findings"]) == 150


def test_json_follows_its_schema_and_is_stable(broken: IndicatorTable, corrections: Path):
    report = validate(broken, corrections=corrections)
    content = json.loads(report.to_json())
    jsonschema.validate(content, SCHEMA)
    assert content["ok"] is False
    assert content["findings"][0]["text"].keys() == {"de", "en"}
    assert report.to_json() == validate(broken, corrections=corrections).to_json()


def test_the_fingerprint_changes_with_the_rules(broken: IndicatorTable, rule):
    one = validate(broken, rules=[rule("range", min=0)])
    other = validate(broken, rules=[rule("range", min=-1)])
    assert one.provenance.fingerprint != other.provenance.fingerprint
    assert one.provenance.inputs == (broken.provenance,)


def test_display_sums_up_by_rule(broken: IndicatorTable):
    model = validate(broken).display("de")
    assert model.to_frame()[["severity", "n", "place"]].to_numpy().tolist() == [
        ["Fehler", 2, "kreise.csv, Zeile 2, 01001 / 2020 / share"],
        ["Warnung", 2, "kreise.csv, Zeile 3, 01001 / 2021 / share"],
        ["Hinweis", 1, "kreise.csv, Zeile 9, 01001 / 2020 / cars"],
    ]
    assert "Statistisches Amt" in model.source


def test_figure_and_alt_text(broken: IndicatorTable):
    report = validate(broken)
    assert report.figure("en").axes
    assert "Error: 2" in report.alt_text("en")


def test_trace_names_the_cells(broken: IndicatorTable):
    assert validate(broken).trace()[["unit", "year", "value", "row"]].to_numpy().tolist()[:2] == [
        ["01001", 2020, "1234.5", 2],
        ["01001", 2022, "-2.5", 4],
    ]


RAW = pd.DataFrame(
    {
        "ags": ["01001", "01001", "1002", "01003", "01004"],
        "jahr": [2020, 2020, 2020, 2020, 20200],
        "indicator": "cars",
        "value": ["1.5", "2.5", "3", "viel", "4"],
    }
)


def test_a_broken_data_frame_is_reported_not_refused():
    report = validate(RAW)
    assert report.data is None
    frame = report.to_frame("en").set_index("rule")
    assert frame.loc["duplicates", "row"].tolist() == [2, 3]
    assert frame.loc["malformed_keys", ["row", "value", "expected"]].tolist() == [
        4,
        "1002",
        "01002",
    ]
    assert frame.loc["table.value_not_number", ["row", "value"]].tolist() == [5, "viel"]
    assert not report.ok
    jsonschema.validate(json.loads(report.to_json()), SCHEMA)


def test_several_files_of_corrections(broken: IndicatorTable, tmp_path: Path):
    paths = []
    for name, old, new in (
        ("a.csv", "7", "8"),
        ("b.csv", "8", "9"),
        ("c.csv", "7", "9"),
        ("d.csv", "6", "5"),
    ):
        line = f"01001,2020,cars,value,{old},{new},Grund {name},A. Beck,2026-11-20\n"
        (tmp_path / name).write_text(HEADER + line, encoding="utf-8")
        paths.append(tmp_path / name)
    report = validate(broken, corrections=paths)
    assert report.corrected[["file", "applied"]].to_numpy().tolist() == [
        ["a.csv", True],
        ["b.csv", True],
        ["c.csv", False],
        ["d.csv", False],
    ]
    assert report.counts["error"] == 4
    assert report.data is not None
    assert report.data.data["value"].iloc[3] == 9
    titles = report.display().to_frame()["rule"].tolist()
    assert titles.count("Wert oder Einheit korrigiert") == 1
    assert "Grund a.csv" in report.to_html()
    with pytest.raises(CorrectionError, match="2 corrections") as caught:
        validate(broken, corrections=paths, on_refusal="raise")
    assert caught.value.failures["file"].tolist() == ["c.csv", "d.csv"]


def test_a_broken_data_frame_can_not_be_corrected(corrections: Path):
    with pytest.raises(CorrectionError, match="repair these first"):
        validate(RAW, corrections=corrections)


def test_a_sound_data_frame_becomes_a_table():
    sound = RAW.iloc[[0]].assign(value=1.5)
    report = validate(sound)
    assert report.ok
    assert report.data is not None
    assert report.data.data["row"].tolist() == [2]


def test_a_frame_without_figures_is_refused():
    with pytest.raises(ValidationError, match="unit"):
        validate(pd.DataFrame({"a": [1]}))


def test_a_file_that_could_not_be_read_has_a_report_too():
    with pytest.raises(ValidationError) as caught:
        indicators(RAW.rename(columns={"ags": "unit", "jahr": "year"}))
    report = report_failure(caught.value)
    assert report.errors == caught.value.findings
    assert "viel" in report.to_html()
    assert not report_failure(ValidationError("leer")).ok


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["01001", "01002", "16056", "01"]),
        st.integers(2010, 2015),
        st.sampled_from(["share", "people"]),
        st.one_of(st.none(), st.floats(-10, 1000)),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[:3],
)


@settings(max_examples=20, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    frame = pd.DataFrame(rows, columns=["unit", "year", "indicator", "value"])
    frame = frame.assign(file="a.csv", row=range(2, len(rows) + 2))
    frame["value"] = frame["value"].astype(float)
    shuffled = frame.sample(frac=1, random_state=random.randint(0, 9999))
    one, other = (validate(indicators(data)) for data in (frame, shuffled))
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())
    assert one.findings == other.findings

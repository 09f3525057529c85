"""The method sheet: what a reader of scores must know, from the specification alone."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from begleitforschung.composite import compose
from begleitforschung.errors import DisclosureError, Finding, ReportError
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step
from begleitforschung.frameworks.index_catalogue import KINDS, index_methods
from begleitforschung.language import Text
from begleitforschung.reports.blocks import BLOCK_TYPE
from begleitforschung.reports.index_changes import remark_lines
from begleitforschung.reports.index_structure import _letters, method_notes, setting
from begleitforschung.reports.markdown import parse_markdown, walk
from begleitforschung.reports.method_sheets import method_sheet


@pytest.fixture(scope="module")
def sheet(index_result):
    return method_sheet(index_result)


def test_a_reader_finds_purpose_structure_steps_data_and_changes(sheet):
    text = sheet.to_markdown()
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == [
        "Zweck",
        "Aufbau und Gewichte",
        "Rechenschritte",
        "Daten",
        "Was an den Werten verändert wurde",
        "Hinweise",
        "Prüfsumme der Spezifikation",
    ]
    assert text.startswith("# Methodenblatt: Digitale Teilhabe\n")
    assert "- **Wozu er nicht dient:** Verteilung von Mitteln" in text
    assert "formativ: Die Indikatoren machen zusammen aus" in text


def test_weights_are_shares_of_the_node_and_of_the_whole(sheet):
    text = sheet.to_markdown()
    assert "| **Teilhabe** | – | 100,0 |" in text
    assert "| &emsp;**Zugang** | 75,0 | 75,0 |" in text
    assert "| &emsp;&emsp;Netz \\| Ausbau | 66,7 | 50,0 | mehr | % |" in text
    assert "| &emsp;&emsp;Wegezeit | 50,0 | 12,5 | weniger |" in text
    assert "Mindestanteil 50 %; Aggregation: geometrisches Mittel" in text.replace("\u00a0", " ")


def test_each_step_says_what_it_does_with_german_numbers(sheet):
    text = sheet.to_markdown()
    steps = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert steps == [
        "Schritt 1: Ergänzung fehlender Werte – Median der Spalte",
        "Schritt 2: Auswahl der Einheiten – nach vorhandenen Werten",
        "Schritt 3a: Behandlung von Ausreißern – Winsorisieren, sonst Logarithmus",
        "Schritt 3b: Behandlung von Ausreißern – Logarithmus",
        "Schritt 4: Normierung – Min-Max",
        "Schritt 5a: Aggregation – arithmetisches Mittel",
        "Schritt 5b: Aggregation – geometrisches Mittel",
    ]
    assert "- **Einstellungen:** Mindestanteil vorhandener Werte: 0,75\n" in text
    assert "Transformation, wenn das nicht reicht: Logarithmus mit Verschiebung" in text
    assert "- **Formel:** `exp(Σ w ln x / Σ w)`" in text
    assert "- **Gilt für:** Kurse" in text
    assert "Joanes, D. N., Gill, C. A.: Comparing measures of sample skewness" in text


def test_counts_are_those_of_the_marks(index_result, sheet):
    text = sheet.to_markdown().replace("\u00a0", " ")
    marks = index_result.marks
    imputed = int((marks["code"] & 1 > 0).sum())
    every = index_result.final.marks.size
    assert imputed == 2
    share = f"{100 * imputed / every:.1f}".replace(".", ",")
    assert f"Von {every} Werten sind {imputed} ({share} %) ergänzt" in text
    assert "Keine Einheit wurde ausgeschlossen." in text
    funk = int(((marks["indicator"] == "funk") & (marks["code"] & 2 > 0)).sum())
    assert funk == 1
    assert re.search(rf"\| Mobilfunk \| 0 \| {funk} \| 0 \|", text)
    assert re.search(r"\| Kurse \| 0 \| 0 \| 24 \| .* \| Logarithmus \|", text)
    assert "- **Änderungen an regional.csv:** Vier Spalten ausgewählt" in text
    assert "Regionaltabelle | Landesamt | 2023 | 2. November 2026 | 31. Dezember 2022" in text


def test_dropped_units_are_named(index_table, index_spec):
    spec = index_spec.without_step("impute").with_step("screen", min_share=1.0)
    text = method_sheet(compose(index_table, spec, names={"09103": "D-Kreis"})).to_markdown()
    assert "Ausgeschlossen (in mindestens einem Jahr): 2 – D-Kreis (09103)" in text


def test_a_specification_alone_tells_no_figures(index_spec):
    bare = method_sheet(index_spec.replace(purpose=None))
    text = bare.to_markdown()
    assert "## Daten" not in text
    assert "Nicht festgehalten. Bevor aus diesem Index ein Bericht entsteht" in text
    found = method_sheet(index_spec.before("aggregate", Step("weight", "pca"))).to_markdown()
    assert "Gewichte, die ein Rechenschritt aus den Daten findet" in found
    assert index_spec.fingerprint in method_sheet(index_spec).to_markdown()


def test_without_treatment_and_changes_the_sheet_is_short(index_table, index_spec):
    indicators = tuple(replace(item, treat=None) for item in index_spec.indicators)
    spec = index_spec.replace(indicators=indicators).without_step("treat")
    text = method_sheet(compose(index_table, spec)).to_markdown()
    assert "| Wegezeit | 1 | 0 | 0 |\n" in text
    bare = method_sheet(compose(index_table, spec.without_step("impute", "screen"))).to_markdown()
    assert "| Indikator | ergänzt |" not in bare
    assert "0 (0,0\u00a0%) ergänzt" in bare


def test_goalposts_and_targets_are_told_where_they_are_used(index_spec):
    spec = index_spec.with_element("netz", target=95.5, goalposts=(0, 1000))
    assert "Ziel" not in method_sheet(spec).to_markdown()
    reached = spec.with_element("netz", normalise="dist2targ").with_element("amt", aggregate=None)
    assert "Ziel 95,5" in method_sheet(reached).to_markdown()
    posts = spec.with_element("netz", normalise="goalposts")
    assert "Zielpfosten 0 – 1.000" in method_sheet(posts).to_markdown()


def test_english_on_request(index_result):
    text = method_sheet(index_result, lang="en").to_markdown()
    assert text.startswith("# Method sheet: Digitale Teilhabe")
    assert "Step 4: Normalisation – min-max" in text
    assert "minimum share of available values: 0.75" in text
    assert not re.search(r"Schritt|Gewicht|Quelle der Methode", text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_is_well_formed_escaped_and_asks_no_host(index_result):
    spec = index_result.spec.replace(title="A < B & <script>x</script>")
    page = method_sheet(replace(index_result, spec=spec)).to_html()
    reader = _Reader()
    reader.feed(page)
    assert reader.open == []
    assert {"h1", "h2", "h3", "table", "dl", "code"} <= set(reader.seen)
    assert "script" not in reader.seen
    assert "A &lt; B &amp; &lt;script&gt;" in page
    assert not re.search(r'(src|href)="http', page)
    assert "padding-left:2em" in page


def test_files_are_written(sheet, tmp_path):
    page = sheet.to_html(tmp_path / "blatt.html")
    assert (tmp_path / "blatt.html").read_text(encoding="utf-8") == page
    text = sheet.to_markdown(tmp_path / "blatt.md")
    assert (tmp_path / "blatt.md").read_bytes() == text.encode("utf-8")
    assert "<h1>" in sheet._repr_html_()


def test_in_a_report_it_becomes_texts_and_tables(sheet, emitted, index_result):
    sheet.show()
    blocks = [next(value for key, value in e.items() if "block" in key) for e in emitted]
    kinds = [block["t"] for block in blocks]
    assert kinds == ["text", "table", "text", "table", "text", "table", "text"]
    tables = [block for block in blocks if block["t"] == "table"]
    assert [block["id"] for block in tables] == [f"tab-methode-teilhabe-{n}" for n in (1, 2, 3)]
    assert tables[0]["sources"] == ["eigene Festlegung"]
    assert "Landesamt" in tables[1]["sources"][0]
    assert len(tables[1]["trace"]["rows"]) == len(index_result.trace())
    nodes = [n for b in blocks if b["t"] == "text" for n in walk(parse_markdown(b["markdown"]))]
    codes = [node["s"] for node in nodes if node["t"] == "code"]
    assert "exp(Σ w ln x / Σ w)" in codes
    words = " ".join(node.get("s", "") for node in nodes)
    assert "Winsorisieren, sonst Logarithmus" in words


def test_without_a_purpose_no_report_shows_it(index_table, index_spec, emitted):
    result = compose(index_table, index_spec.replace(purpose=None))
    with pytest.raises(ReportError, match="does not say what it is for"):
        method_sheet(result).show()


def test_confidential_scores_have_no_sheet(index_result):
    with pytest.raises(DisclosureError, match="confidential and not protected"):
        method_sheet(replace(index_result, confidentiality="confidential"))


def test_at_the_own_desk_the_sheet_says_that_nothing_is_protected(index_result, emitted):
    secret = replace(index_result, confidentiality="confidential")
    sheet = method_sheet(secret, allow_unprotected=True)
    word = "UNGESCHÜTZT – nur für den eigenen Arbeitsplatz"
    assert sheet.to_markdown().splitlines()[2] == f"## {word}"
    assert f"<h2>{word}</h2>" in sheet.to_html()
    sheet.show()
    assert any(bundle[BLOCK_TYPE].get("unprotected") for bundle in emitted)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_method_of_the_catalogue_can_be_told(lang):
    needed = {"group": "g", "unit": "A", "target": 1.0}
    for kind in KINDS:
        for name, entry in index_methods(kind).items():
            if name == "custom":
                continue
            given = {p.name: needed.get(p.name, 1) for p in entry.parameters if p.required}
            if name == "goalposts":
                given = {"lower": 0, "upper": 10}
            spec = IndexSpec(
                id="i",
                indicators=(IndicatorSpec(id="a", parent="i", target=5.0, denominator="d"),),
                nodes=(NodeSpec(id="i"),),
                steps=_around(kind, Step(kind, Method(name, **given))),
            )
            note = next(n for n in method_notes(spec, lang) if n.kind == kind)
            assert note.method == entry.label.text.get(lang)
            assert "None" not in str(note.details)


def _around(kind, step):
    denominate = () if kind == "denominate" else (Step("denominate", "ratio"),)
    first = [] if kind == "normalise" else [Step("normalise", Method("minmax", lower=1))]
    last = [] if kind == "aggregate" else [Step("aggregate", "arithmetic")]
    if kind in ("weight", "aggregate"):
        return (*denominate, *first, step, *last)
    return (*denominate, step, *first, *last)


def test_functions_of_the_user_are_named(index_spec):
    def halved(values):
        return values / 2

    text = method_sheet(index_spec.replace(treat=halved)).to_markdown()
    assert "eigene Funktion halved" in text


def test_remarks_that_say_the_same_are_told_once():
    same = Text("kein Wert", "no value")
    found = [
        Finding(rule="r", severity="warning", text=same, column=column, key=str(year))
        for column in ("a", "b")
        for year in (2020, 2021)
    ]
    found.append(Finding(rule="r", severity="info", text=Text("allein"), key="x"))
    assert remark_lines(found, "de") == [
        ("Warnung", "kein Wert: a (2020, 2021); b (2020, 2021)"),
        ("Hinweis", "x: allein"),
    ]
    many = [replace(found[0], key=str(n)) for n in range(100)]
    ((_, line),) = remark_lines(many, "en")
    assert line.startswith("no value: a (0, 1, ")
    assert line.endswith("39 …)")


def test_settings_and_letters():
    assert setting("treat", 0.05, "de") == "0,05"
    assert setting("treat", 1000.0, "de") == "1.000"
    assert setting("treat", None, "de") == "leer"
    assert setting("treat", (1, 2.5), "en") == "1 / 2.5"
    assert setting("treat", True, "de") == "ja"
    assert [_letters(n) for n in (0, 25, 26, 27)] == ["a", "z", "aa", "ab"]

"""The validation report as an HTML page of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import jinja2
import pandas as pd

from begleitforschung.catalogue import resource
from begleitforschung.display.numbers import format_number
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import Provenance

SHOWN = 100
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_NUMBERS = ("value", "old", "new")  # codes of indicators may look like numbers too
WORDS: dict[str, Text] = {
    "title": Text("Prüfbericht", "Validation report"),
    "summary": Text("Überblick", "Summary"),
    "ok": Text(
        "Keine Fehler gefunden: Die Daten können verwendet werden.",
        "No errors found: the data can be used.",
    ),
    "not_ok": Text(
        "Es gibt Fehler: Die betroffenen Zellen erst klären, dann verwenden.",
        "There are errors: clarify the cells concerned before using them.",
    ),
    "severity": Text("Schwere", "Severity"),
    "n": Text("Anzahl", "Number"),
    "rule": Text("Regel", "Rule"),
    "findings": Text("Befunde", "Findings"),
    "nothing": Text("Keine Auffälligkeiten.", "Nothing found."),
    "hint": Text("Was zu tun ist", "What to do"),
    "file": Text("Datei", "File"),
    "row": Text("Zeile", "Row"),
    "unit": Text("Einheit", "Unit"),
    "year": Text("Jahr", "Year"),
    "indicator": Text("Indikator", "Indicator"),
    "key": Text("Schlüssel", "Key"),
    "column": Text("Spalte", "Column"),
    "value": Text("Wert", "Value"),
    "expected": Text("Vergleich", "Compared with"),
    "text_de": Text("Befund", "Finding"),
    "text_en": Text("Befund", "Finding"),
    "corrections": Text("Korrekturen", "Corrections"),
    "field": Text("Feld", "Field"),
    "old": Text("alt", "old"),
    "new": Text("neu", "new"),
    "reason": Text("Begründung", "Reason"),
    "author": Text("von", "by"),
    "date": Text("am", "on"),
    "outcome": Text("Ergebnis", "Outcome"),
    "applied": Text("angewendet", "applied"),
    "refused": Text("nicht angewendet", "not applied"),
    "sources": Text("Quellen", "Sources"),
    "rows_note": Text(
        "Zeilen sind gezählt wie in der Datei, die Kopfzeile ist Zeile 1. Werte vertraulicher "
        "Merkmale werden nicht gezeigt.",
        "Rows are counted as in the file, the header line is row 1. Values of confidential "
        "variables are not shown.",
    ),
}
_MORE = Text(
    "Gezeigt sind die ersten {shown} von {all} Stellen; alle stehen in der Tabelle des Berichts "
    "(to_frame, to_json).",
    "Shown are the first {shown} of {all} places; all are in the report's table "
    "(to_frame, to_json).",
)


def page(
    *,
    warning: str,
    ok: bool,
    counts: Mapping[str, int],
    rules: Sequence[dict[str, Any]],
    corrected: pd.DataFrame,
    provenance: Provenance,
    lang: Lang,
) -> str:
    """Return a report as HTML.

    Parameters
    ----------
    warning : str
        What stands above all else; may be empty.
    ok : bool
        Whether the data can be used.
    counts : mapping of str to int
        Number of places by severity, in words.
    rules : sequence of dict
        What `begleitforschung.results.validation.by_rule` returned.
    corrected : pandas.DataFrame
        The corrections.
    provenance : Provenance
        Where the figures come from.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        One page without scripts and without anything from other hosts; all texts are escaped.
    """
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(
        resource("rules", "report.html.j2").read_text(encoding="utf-8")
    )
    return template.render(
        lang=lang,
        words={name: text.get(lang) for name, text in WORDS.items()},
        warning=warning,
        ok=ok,
        counts=[(label, format_number(n, 0, lang)) for label, n in counts.items()],
        groups=[_group(item, lang) for item in rules],
        corrections=_corrections(corrected, lang),
        sources=[source.citation(lang) for source in provenance.sources()],
        fingerprint=provenance.fingerprint,
    )


def _group(item: dict[str, Any], lang: Lang) -> dict[str, Any]:
    rows: pd.DataFrame = item["rows"]
    shown = rows.head(SHOWN)
    names = ("file", "row", "unit", "year", "indicator", "key", "column", "value", "expected")
    filled = [name for name in names if shown[name].notna().any() and not _repeats(name, shown)]
    if item["texts_differ"]:
        filled.append(f"text_{lang}")
    more = _MORE.get(lang).format(shown=SHOWN, all=format_number(len(rows), 0, lang))
    return {
        "title": item["text"],
        "rule": item["rule"],
        "severity": item["severity"],
        "label": item["label"],
        "hint": item["hint"] if isinstance(item["hint"], str) else "",
        "n": format_number(item["n"], 0, lang),
        "columns": filled,
        "rows": [
            [_cell(value, name, lang) for name, value in zip(filled, row, strict=True)]
            for row in shown[filled].itertuples(index=False, name=None)
        ],
        "more": more if len(rows) > SHOWN else "",
    }


def _repeats(name: str, rows: pd.DataFrame) -> bool:
    """Return whether the key only repeats unit, year and indicator."""
    return name == "key" and bool((rows["unit"].notna() | rows["indicator"].notna()).all())


def _cell(value: Any, name: str, lang: Lang) -> str:
    if pd.isna(value):
        return "–"
    text = str(value)
    number = name == "expected" or (name in _NUMBERS and _NUMBER.fullmatch(text))
    return _POINT.sub(",", text) if number and lang == "de" else text


def _corrections(corrected: pd.DataFrame, lang: Lang) -> list[list[str]]:
    names = ("unit", "year", "indicator", "field", "old", "new", "reason", "author", "date")
    rows = []
    for row in corrected.to_dict("records"):
        outcome = WORDS["applied" if row["applied"] else "refused"].get(lang)
        why = row[f"refusal_{lang}"]
        outcome += f": {why}" if isinstance(why, str) else ""
        rows.append([*(_cell(row[name], name, lang) for name in names), outcome])
    return rows

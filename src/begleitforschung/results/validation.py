"""The validation report: what is wrong where, what to do, and which corrections were made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.secrecy import UNPROTECTED, UNPROTECTED_NOTE
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.errors import SEVERITIES, Finding, Severity
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.base import Result
from begleitforschung.tables import IndicatorTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

JSON_FORMAT = "begleitforschung/validation-report/1"
PLACE = ("file", "row", "unit", "year", "indicator", "key", "column", "value", "expected", "n")
COLUMNS = ("severity", "rule", *PLACE, "text_de", "text_en", "hint_de", "hint_en")
CORRECTED = (
    *("unit", "year", "indicator", "field", "old", "new", "reason", "author", "date"),
    *("applied", "refusal_de", "refusal_en", "file", "row"),
)
SEVERITY_LABELS: dict[Severity, Text] = {
    "error": Text("Fehler", "Error"),
    "warning": Text("Warnung", "Warning"),
    "info": Text("Hinweis", "Remark"),
}
LABELS: dict[str, Text] = {
    "rule": Text("Regel", "Rule"),
    "severity": Text("Schwere", "Severity"),
    "n": Text("Anzahl", "Number"),
    "place": Text("Beispiel", "Example"),
    "hint": Text("Was zu tun ist", "What to do"),
}
# Findings of these rules differ in their texts, which quote reasons.
TITLES: dict[str, Text] = {
    "correction.applied": Text("Wert oder Einheit korrigiert", "Value or unit corrected"),
    "correction.refused": Text("Korrektur nicht angewendet", "Correction not applied"),
}
NOTHING = Text("Keine Auffälligkeiten.", "Nothing found.")


@dataclass(frozen=True, kw_only=True, eq=False)
class FindingsReport(Result):
    """What reports of validation share: findings, their places, corrections.

    Parameters
    ----------
    corrected : pandas.DataFrame
        One row for each correction, with the columns `CORRECTED`.
    """

    corrected: pd.DataFrame = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing of severity ``"error"`` was found."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings of severity ``"error"``."""
        return tuple(item for item in self.findings if item.severity == "error")

    @property
    def counts(self) -> dict[Severity, int]:
        """Number of places by severity."""
        return {
            level: sum(item.n for item in self.findings if item.severity == level)
            for level in SEVERITIES
        }

    def to_frame(self, lang: Lang = "de") -> pd.DataFrame:
        """Return all places as a DataFrame.

        Parameters
        ----------
        lang : {"de", "en"}
            Language of the texts.

        Returns
        -------
        pandas.DataFrame
            Columns ``severity, rule, file, row, unit, year, indicator, key, column, value,
            expected, n, text, hint``; errors first. Row is counted as in the file.
        """
        frame = self.table[["severity", "rule", *PLACE]].copy()
        for name in ("text", "hint"):
            frame[name] = self.table[f"{name}_{lang}"]
        return frame

    def to_html(self, lang: Lang = "de", *, allow_unprotected: bool = False) -> str:
        """Return the report as a self-contained, accessible HTML page.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.
        allow_unprotected : bool
            Whether it may be shown at the own desk although not protected; the page says so.

        Returns
        -------
        str
            The page: counts, places grouped by rule (the first 100 of each), what to do,
            corrections, sources.

        Raises
        ------
        DisclosureError
            If the report must not be shown.
        """
        from begleitforschung.results.validation_page import page

        unprotected = self.require_showable(allow_unprotected=allow_unprotected)
        return page(
            warning=UNPROTECTED_NOTE.get(lang) if unprotected else "",
            ok=self.ok,
            counts={SEVERITY_LABELS[level].get(lang): n for level, n in self.counts.items()},
            rules=by_rule(self.table, lang),
            corrected=self.corrected,
            provenance=self.provenance,
            lang=lang,
        )

    def _display(self, lang: Lang) -> TableModel:
        keys = ("rule", "severity", "n", "place", "hint")
        columns = [
            Column(key=key, label=LABELS[key].get(lang), decimals=0 if key == "n" else None)
            for key in keys
        ]
        rows = [
            (item["text"], item["label"], item["n"], item["place"], item["hint"])
            for item in by_rule(self.table, lang)
        ]
        source = "; ".join(quoted(self.provenance.sources(), lang))
        notes = [] if rows else [NOTHING.get(lang)]
        return TableModel(columns=columns, rows=rows, notes=notes, source=source, lang=lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        from begleitforschung.display.figures import bars

        labels = [SEVERITY_LABELS[level].get(lang) for level in SEVERITIES]
        values = [self.counts[level] for level in SEVERITIES]
        return bars(labels, values, axis=LABELS["n"].get(lang), decimals=0, lang=lang, **options)

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        counts = [
            f"{SEVERITY_LABELS[level].get(lang)}: {number}" for level, number in self.counts.items()
        ]
        head = {"de": "Balken mit der Anzahl der Befunde", "en": "Bars with the number of findings"}
        return f"{head[lang]}; {', '.join(counts)}."


@dataclass(frozen=True, kw_only=True, eq=False)
class ValidationReport(FindingsReport):
    """What validation found in a table, and the table after corrections.

    ``findings`` holds one finding for each rule and indicator; ``table`` holds one row for each
    place. Values of confidential indicators and columns stand in neither.

    Parameters
    ----------
    data : IndicatorTable or None
        The figures after corrections; ``None`` where rows break the schema of a table.
    corrected : pandas.DataFrame
        One row for each correction: key, field, old, new, reason, author, date, ``applied``,
        why it was refused, and its file and row.
    """

    data: IndicatorTable | None = field(repr=False)

    def to_json(self, *, allow_unprotected: bool = False) -> str:
        """Return the report for programs.

        Parameters
        ----------
        allow_unprotected : bool
            Whether it may be written at the own desk although not protected; ``unprotected``
            says so.

        Returns
        -------
        str
            A JSON object of the schema ``resources/rules/report.schema.json``: ``format, ok,
            counts, findings, corrections, sources, gebietsstand, fingerprint``. Equal input
            gives an equal text.

        Raises
        ------
        DisclosureError
            If the report must not be shown.
        """
        unprotected = self.require_showable(allow_unprotected=allow_unprotected)
        content = {
            "format": JSON_FORMAT,
            "ok": self.ok,
            "counts": self.counts,
            "findings": [_bilingual(row, ("text", "hint")) for row in _records(self.table)],
            "corrections": [_bilingual(row, ("refusal",)) for row in _records(self.corrected)],
            "sources": [source.citation("en") for source in self.provenance.sources()],
            "gebietsstand": self.data.gebietsstand if self.data else "unknown",
            "fingerprint": self.provenance.fingerprint,
        }
        content |= {"unprotected": UNPROTECTED.en} if unprotected else {}
        return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True)

    def trace(self) -> pd.DataFrame:
        """Return the cells that findings point to.

        Returns
        -------
        pandas.DataFrame
            Columns ``unit, year, indicator, value, file, row``; the value as text, missing where
            it is confidential.
        """
        names = ["unit", "year", "indicator", "value", "file", "row"]
        return self.table.loc[self.table["row"].notna(), names].reset_index(drop=True)


def by_rule(table: pd.DataFrame, lang: Lang) -> list[dict[str, Any]]:
    """Return one summary for each rule, worst first.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of a report.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of dict
        Keys ``rule, severity``; ``label`` (the severity in words); ``text, hint, n, place``;
        ``texts_differ`` (``text`` does not say all that its rows say); ``rows`` of `table`.
    """
    found = []
    groups = table.groupby(["severity", "rule"], sort=False, observed=True)
    for (severity, rule), rows in groups:
        first, texts = rows.iloc[0], rows[f"text_{lang}"]
        found.append(
            {
                "rule": rule,
                "severity": severity,
                "label": SEVERITY_LABELS[first["severity"]].get(lang),
                "text": _title(str(rule), texts, lang),
                "texts_differ": rule in TITLES or texts.nunique() > 1,
                "hint": first[f"hint_{lang}"],
                "n": int(rows["n"].sum()),
                "place": place(first, lang),
                "rows": rows,
            }
        )
    return found


def _title(rule: str, texts: pd.Series, lang: Lang) -> str:
    if rule in TITLES:
        return TITLES[rule].get(lang)
    more = {"de": " und weitere", "en": " and others"}[lang]
    return str(texts.iloc[0]) + (more if texts.nunique() > 1 else "")


def place(row: Mapping[str, Any] | pd.Series, lang: Lang) -> str:
    """Return where something was found, in words.

    Parameters
    ----------
    row : mapping
        Row of a report's table.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        File, row and key, as far as known.
    """
    word = {"de": "Zeile", "en": "row"}[lang]
    number = None if pd.isna(row["row"]) else f"{word} {row['row']}"
    parts = (row["file"], number, row["key"])
    return ", ".join(str(part) for part in parts if not pd.isna(part))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]


def _bilingual(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    for name in names:
        de, en = row.pop(f"{name}_de"), row.pop(f"{name}_en")
        row[name] = None if de is None else {"de": de, "en": en}
    return row

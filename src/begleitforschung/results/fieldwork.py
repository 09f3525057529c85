"""Field statistics: who answered of those invited, and how they differ from the frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from begleitforschung.display.figures import bars
from begleitforschung.display.numbers import format_number, format_share
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.base import Result
from begleitforschung.results.variable_words import variable_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RATES: dict[str, Text] = {
    "rr1": Text("Rücklauf, vollständig (RR1)", "Response rate, complete (RR1)"),
    "rr2": Text("Rücklauf mit unvollständigen (RR2)", "Response rate with partial (RR2)"),
    "rr5": Text("Rücklauf der sicher Berechtigten (RR5)", "Response rate, eligible only (RR5)"),
    "coop1": Text("Kooperation (COOP1)", "Cooperation rate (COOP1)"),
    "ref1": Text("Verweigerung (REF1)", "Refusal rate (REF1)"),
    "con1": Text("Erreichte (CON1)", "Contact rate (CON1)"),
}
_COUNTS: dict[str, Text] = {
    "invited": Text("eingeladen", "invited"),
    "reached": Text("erreicht", "reached"),
    "complete": Text("vollständig", "complete"),
    "partial": Text("unvollständig", "partial"),
    "refused": Text("verweigert", "refused"),
}
_BALANCE: dict[str, Text] = {
    "frame": Text("Grundgesamtheit", "Frame"),
    "respondents": Text("Antwortende", "Respondents"),
    "weighted": Text("gewichtet", "weighted"),
    "difference": Text("stand. Differenz", "Std. difference"),
    "weighted_difference": Text("gewichtet, stand. Differenz", "weighted, std. difference"),
}
_DELEGATION: dict[str, Text] = {
    "answered": Text("mit Angabe", "answered"),
    "in_person": Text("persönlich", "in person"),
    "delegated": Text("vertreten", "delegated"),
    "unknown": Text("ohne Angabe", "unknown"),
}
_IN_PERSON = Text("Anteil persönlich", "Share in person")
_FEW = 10
_LARGE = 0.2
_NOTES: dict[str, Text] = {
    "rates": Text(
        "Raten nach AAPOR (2023), Standard Definitions.",
        "Rates by AAPOR (2023), Standard Definitions.",
    ),
    "delegation": Text(
        "Ungewichtet: Aussage über die Erhebung, nicht über die Grundgesamtheit. Unter zehn "
        "Angaben stehen nur Anzahlen.",
        "Unweighted: about the fieldwork, not about the population. Below ten answers only numbers "
        "are shown.",
    ),
    "balance": Text(
        "Differenz der Antwortenden zur Grundgesamtheit in Standardabweichungen der "
        "Grundgesamtheit; ab 0,2 nennenswert (Cohen 1988). Die Grundgesamtheit ist vollständig "
        "bekannt, ein Test entfällt.",
        "Difference between respondents and frame in standard deviations of the frame; from 0.2 "
        "worth mentioning (Cohen 1988). The frame is known completely, so nothing is tested.",
    ),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class ResponseRates(Result):
    """Response rates by the AAPOR definitions.

    ``table`` has one row per group (the first one is all): ``group``; the numbers ``invited,
    reached, complete, partial, refused, no_contact, other, unknown, ineligible`` (``reached`` are
    those who answered, refused or are ``other``); and the rates of `RATES`, between 0 and 1.

    Parameters
    ----------
    labels : mapping of str to Text
        Groups.
    """

    labels: Mapping[str, Text] = field(repr=False)

    def _display(self, lang: Lang) -> TableModel:
        word = {"de": "Gruppe", "en": "Group"}[lang]
        columns = [Column(key="group", label=word, align="left")]
        columns += [Column(key=k, label=t.get(lang), decimals=0) for k, t in _COUNTS.items()]
        columns += [Column(key=k, label=t.get(lang), align="right") for k, t in RATES.items()]
        rows = []
        for row in self.table.to_dict("records"):
            counts = [row[key] for key in _COUNTS]
            rates = [format_share(row[key], 0, lang) for key in RATES]
            rows.append((self.labels[row["group"]].get(lang), *counts, *rates))
        return _model(self, columns, rows, "rates", lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:  # noqa: ARG002
        return bars(
            [self.labels[group].get(lang) for group in self.table["group"]],
            100 * self.table["rr2"].to_numpy(),
            axis=RATES["rr2"].get(lang),
            n=self.table["invited"].tolist(),
            unit="%",
            decimals=0,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        parts = [
            f"{self.labels[group].get(lang)} {format_share(rate, 0, lang)}"
            for group, rate in zip(self.table["group"], self.table["rr2"], strict=True)
        ]
        return f"{RATES['rr2'].get(lang)}: {'; '.join(parts)}."


@dataclass(frozen=True, kw_only=True, eq=False)
class FrameBalance(Result):
    """Respondents against the frame.

    ``table`` has one row per class of a variable, or per number: ``variable, category, kind``
    (``share`` or ``mean``), ``frame``, ``respondents`` (unweighted), ``weighted``, ``difference``
    and ``weighted_difference`` from the frame in standard deviations of the frame, ``n`` and ``N``.
    """

    def _display(self, lang: Lang) -> TableModel:
        words = ("Merkmal", "Ausprägung") if lang == "de" else ("Variable", "Class")
        columns = [
            Column(key=k, label=t, align="left") for k, t in zip(("v", "c"), words, strict=True)
        ]
        columns += [Column(key=k, label=t.get(lang), align="right") for k, t in _BALANCE.items()]
        rows, last = [], ""
        for row in self.table.to_dict("records"):
            head = "" if row["variable"] == last else variable_words(row["variable"]).get(lang)
            last = row["variable"]
            rows.append((head, row["category"], *(_balance_cell(row, k, lang) for k in _BALANCE)))
        return _model(self, columns, rows, "balance", lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:  # noqa: ARG002
        labels = [
            f"{variable_words(row['variable']).get(lang)} {row['category']}".strip()
            for row in self.table.to_dict("records")
        ]
        values = self.table["weighted_difference"].to_numpy()
        axis = _BALANCE["weighted_difference"].get(lang)
        return bars(labels, values, axis=axis, decimals=2, lang=lang)

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        large = int((self.table["weighted_difference"].abs() >= _LARGE).sum())
        total = len(self.table)
        if lang == "en":
            return f"{large} of {total} classes differ from the frame by 0.2 or more."
        return f"{large} von {total} Ausprägungen weichen um 0,2 oder mehr vom Rahmen ab."


@dataclass(frozen=True, kw_only=True, eq=False)
class Delegation(Result):
    """Who answered: the person who was asked, or somebody else.

    ``table`` has one row per group (the first one is all): ``group``, ``answered`` (cases that say
    who filled the questionnaire in), ``in_person``, ``delegated``, ``unknown`` and ``share`` (in
    person by answered).

    Parameters
    ----------
    labels : mapping of str to Text
        Groups.
    """

    labels: Mapping[str, Text] = field(repr=False)

    def _display(self, lang: Lang) -> TableModel:
        word = {"de": "Gruppe", "en": "Group"}[lang]
        columns = [Column(key="group", label=word, align="left")]
        columns += [Column(key=k, label=t.get(lang), decimals=0) for k, t in _DELEGATION.items()]
        columns += [Column(key="share", label=_IN_PERSON.get(lang), align="right")]
        rows = [
            (
                self.labels[row["group"]].get(lang),
                *(row[key] for key in _DELEGATION),
                format_share(row["share"], 0, lang) if row["answered"] >= _FEW else "",
            )
            for row in self.table.to_dict("records")
        ]
        return _model(self, columns, rows, "delegation", lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:  # noqa: ARG002
        return bars(
            [self.labels[group].get(lang) for group in self.table["group"]],
            100 * self.table["share"].to_numpy(),
            axis=_IN_PERSON.get(lang),
            n=self.table["answered"].tolist(),
            min_n=_FEW,
            unit="%",
            decimals=0,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        parts = [
            f"{self.labels[group].get(lang)} {own} {'of' if lang == 'en' else 'von'} {n}"
            for group, own, n in self.table[["group", "in_person", "answered"]].itertuples(
                index=False, name=None
            )
        ]
        return f"{_DELEGATION['in_person'].get(lang)}: {'; '.join(parts)}."


def _balance_cell(row: Mapping[Any, Any], key: str, lang: Lang) -> str:
    if key.endswith("difference"):
        return format_number(row[key], 2, lang, sign=True)
    return (
        format_share(row[key], 0, lang)
        if row["kind"] == "share"
        else format_number(row[key], 1, lang)
    )


def _model(
    result: Result, columns: list[Column], rows: list[tuple[Any, ...]], note: str, lang: Lang
) -> TableModel:
    source = "; ".join(quoted(result.sources(), lang, computed=True))
    notes = [_NOTES[note].get(lang), *(finding.line(lang) for finding in result.findings)]
    return TableModel(columns=columns, rows=rows, notes=notes, source=source, lang=lang)

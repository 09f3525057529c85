"""`Quotes`: passages that were released one by one, with placeholders for names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from begleitforschung.display.figures import bars
from begleitforschung.display.numbers import format_number
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.survey_base import AnswersResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEADS = (Text("Code", "Code"), Text("Zitat", "Quote"), Text("Zuschreibung", "Attribution"))
_AXIS = Text("Freigegebene Zitate", "Quotes released")
_ROWS_TOLD = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Quotes(AnswersResult):
    """Quotes of passages.

    ``table`` has one row per passage: ``row`` (of the file), ``codes`` (``;`` between them),
    ``released`` (whether it may be shown), ``text`` (anonymised; empty where it may not) and
    ``attribution``.

    Parameters
    ----------
    labels : mapping of str to Text
        What each code is called.
    file : str
        Name of the file of passages.
    held_back : int
        Passages left out because they are not released.
    """

    labels: Mapping[str, Text] = field(repr=False)
    file: str
    held_back: int = 0

    def released(self) -> Quotes:
        """Return the quotes that were released; below them stands how many others there are.

        Returns
        -------
        Quotes
            Those that may be shown.
        """
        fit = self.table["released"].to_numpy(bool)
        held = self.held_back + int((~fit).sum())
        return replace(
            self,
            table=self.table[fit].reset_index(drop=True),
            provenance=self.provenance.then("released"),
            held_back=held,
        )

    def _never_shown(self) -> str:
        rows = self.table.loc[~self.table["released"], "row"].tolist()
        if not rows:
            return ""
        listed = ", ".join(map(str, rows[:_ROWS_TOLD]))
        more = f" and {len(rows) - _ROWS_TOLD} more" if len(rows) > _ROWS_TOLD else ""
        return (
            f"{len(rows)} of {len(self.table)} passages are not released ({self.file}, rows "
            f"{listed}{more}). Have them released one by one (released_by, released_on), or "
            "show the others: .released()"
        )

    def _display(self, lang: Lang) -> TableModel:
        heads = [head.get(lang) for head in _HEADS]
        columns = [
            Column(key=key, label=head, align="left")
            for key, head in zip(("codes", "text", "attribution"), heads, strict=True)
        ]
        rows: list[tuple[object, ...]] = [
            (self._named(codes, lang), _quoted(text, lang), attribution)
            for codes, text, attribution in zip(
                self.table["codes"], self.table["text"], self.table["attribution"], strict=True
            )
        ]
        if not self.table["attribution"].astype(bool).any():
            columns, rows = columns[:2], [row[:2] for row in rows]
        return self._printed(columns, rows, [self._note(lang)], lang)

    def _note(self, lang: Lang) -> str:
        shown, held = (_passages(n, lang) for n in (len(self.table), self.held_back))
        if lang == "de":
            more = f" Nicht freigegeben: {held}." if self.held_back else ""
            return (
                f"{shown}, einzeln freigegeben. Namen und Orte sind durch Platzhalter in "
                f"eckigen Klammern ersetzt.{more} Zitate sind Beispiele und sagen nichts über "
                "Häufigkeiten."
            )
        more = f" Not released: {held}." if self.held_back else ""
        return (
            f"{shown}, released one by one. Names and places are replaced by placeholders "
            f"in square brackets.{more} Quotes are examples and say nothing about frequencies."
        )

    def _named(self, codes: str, lang: Lang) -> str:
        return "; ".join(self.labels[code].get(lang) for code in codes.split(";") if code)

    def _counts(self, lang: Lang) -> dict[str, int]:
        found: dict[str, int] = {}
        for codes in self.table["codes"]:
            for code in filter(None, codes.split(";")):
                label = self.labels[code].get(lang)
                found[label] = found.get(label, 0) + 1
        return found

    def _figure(self, lang: Lang, **_options: Any) -> Figure:
        found = self._counts(lang)
        return bars(list(found), list(found.values()), axis=_AXIS.get(lang), decimals=0, lang=lang)

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        parts = [f"{label} {format_number(n, 0, lang)}" for label, n in self._counts(lang).items()]
        return f"{_AXIS.get(lang)}: {'; '.join(parts)}."


def _passages(n: int, lang: Lang) -> str:
    one, many = {"de": ("Stelle", "Stellen"), "en": ("passage", "passages")}[lang]
    return f"{format_number(n, 0, lang)} {one if n == 1 else many}"


def _quoted(text: str, lang: Lang) -> str:
    return f"„{text}“" if lang == "de" else f"“{text}”"

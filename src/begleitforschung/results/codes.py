"""`CodeFrequencies`: in how many cases each code of a coding frame was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.figures import bars
from begleitforschung.display.numbers import format_number
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.survey_base import AnswersResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CODE, _ALL = Text("Code", "Code"), Text("Fälle insgesamt", "All cases")
_SHARE, _PASSAGES = Text("Anteil", "Share"), Text("Stellen", "Passages")
_INDENT = "\u2003"


@dataclass(frozen=True, kw_only=True, eq=False)
class CodeFrequencies(AnswersResult):
    """Frequencies of codes.

    ``table`` has one row per group and code: ``group`` (empty for all cases), ``code``, ``parent``
    (empty for the uppermost), ``depth`` (from 0), ``n`` (cases of the group), ``cases`` (those with
    the code or one below it, each once), ``share`` (`cases` / `n`) and ``passages`` (with the code
    or one below it, each once).

    Parameters
    ----------
    labels : mapping of str to Text
        What each code is called.
    n : int
        Cases.
    passages : int
        Passages, those without a code included.
    by : str
        What groups the cases; empty if nothing does.
    min_n : int
        Cases from which shares are shown.
    """

    labels: Mapping[str, Text] = field(repr=False)
    n: int
    passages: int
    by: str = ""
    min_n: int

    def _display(self, lang: Lang) -> TableModel:
        groups = list(dict.fromkeys(self.table["group"]))
        sizes = dict(zip(self.table["group"], self.table["n"], strict=True))
        total = self.table[self.table["group"] == ""]
        columns = [Column(key="code", label=_CODE.get(lang), align="left")]
        indented = [
            f"{_INDENT * depth}{self.labels[code].get(lang)}"
            for code, depth in zip(total["code"], total["depth"], strict=True)
        ]
        counts: list[list[object]] = [[*indented]]
        for at, group in enumerate(groups):
            label = group or _ALL.get(lang)
            size = format_number(sizes[group], 0, lang)
            columns.append(Column(key=f"cases_{at}", label=f"{label} (n = {size})", decimals=0))
            counts.append(self.table.loc[self.table["group"] == group, "cases"].tolist())
        if self.n >= self.min_n:
            columns.append(Column(key="share", label=_SHARE.get(lang), unit="%", decimals=0))
            counts.append((100 * total["share"]).tolist())
        columns.append(Column(key="passages", label=_PASSAGES.get(lang), decimals=0))
        counts.append(total["passages"].tolist())
        rows = list(zip(*counts, strict=True))
        return self._printed(columns, rows, [self._note(lang)], lang)

    def _note(self, lang: Lang) -> str:
        n, passages = (format_number(number, 0, lang) for number in (self.n, self.passages))
        few = self.n < self.min_n
        if lang == "de":
            groups = f" Spalten nach {self.by}." * bool(self.by)
            without = f" Bei weniger als {self.min_n} Fällen ohne Anteile." * few
            return (
                f"Zahl der Fälle mit mindestens einer Stelle zum Code; {n} Fälle, {passages} "
                "Stellen. Ein Fall zählt je Code einmal, Oberbegriffe schließen ihre Untercodes "
                f"ein.{groups}{without} Auszählung der ausgewerteten Fälle, keine Stichprobe."
            )
        groups = f" Columns by {self.by}." * bool(self.by)
        without = f" No shares with fewer than {self.min_n} cases." * few
        return (
            f"Number of cases with at least one passage of the code; {n} cases, {passages} "
            "passages. A case counts once for each code, a code includes those below it."
            f"{groups}{without} A count of the cases examined, no sample."
        )

    def _figure(self, lang: Lang, *, group: str = "", **_options: Any) -> Figure:
        shown = self.table[self.table["group"] == group]
        return bars(
            self._named(shown, lang),
            shown["cases"].to_numpy(float),
            axis=self._axis(shown["n"].tolist(), group, lang),
            decimals=0,
            lang=lang,
        )

    def _axis(self, sizes: list[int], group: str, lang: Lang) -> str:
        size = format_number(sizes[0] if sizes else 0, 0, lang)
        head = {"de": "Fälle", "en": "Cases"}[lang]
        return f"{head}{f', {group}' if group else ''} (n = {size})"

    def _alt_text(self, lang: Lang, *, group: str = "", **_options: Any) -> str:
        shown = self.table[self.table["group"] == group]
        parts = [
            f"{label} {format_number(cases, 0, lang)}"
            for label, cases in zip(self._named(shown, lang), shown["cases"], strict=True)
        ]
        return f"{self._axis(shown['n'].tolist(), group, lang)}: {'; '.join(parts)}."

    def _named(self, table: pd.DataFrame, lang: Lang) -> list[str]:
        """Name codes with the one above them, where their place can't be seen."""
        return [
            ": ".join(self.labels[name].get(lang) for name in (parent, code) if name)
            for parent, code in zip(table["parent"], table["code"], strict=True)
        ]

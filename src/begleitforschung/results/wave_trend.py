"""`WaveTrend`: estimates over several waves, side by side and as lines with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from begleitforschung.display.numbers import is_missing
from begleitforschung.display.secrecy import SECRET_TEXT
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.display.waves import MOST_LINES, wave_lines
from begleitforschung.errors import ReportError, UnknownCodeError
from begleitforschung.language import Lang, Text
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.estimate_figures import drawn_values
from begleitforschung.results.estimate_notes import statistic_label, uncertainty
from begleitforschung.results.estimate_secrecy import base_cell, known_bases
from begleitforschung.results.estimate_words import (
    SHARES,
    interval_text,
    is_secret,
    number_text,
    share_decimals,
    share_text,
)
from begleitforschung.results.survey_result import SurveyResult
from begleitforschung.stats.groups import Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KEY = ("column", "by", "domain", "category")
_MARK = "a"
_HEADS = (Text("Frage", "Question"), Text("Gruppe", "Group"), Text("Antwort", "Answer"))
_CHANGED = Text(
    "a = Frage gegenüber der Welle davor geändert.",
    "a = question changed against the wave before.",
)
_TOLD = Text(
    "Ob eine Veränderung mehr als Zufall ist, sagt nicht der Abstand der Intervalle, sondern die "
    "Auswertung der Veränderung, die gemeinsame Einheiten berücksichtigt.",
    "Whether a change is more than chance is not told by the distance of the intervals, but by the "
    "estimate of the change, which knows the units in common.",
)
Key = tuple[str, str, str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class WaveTrend(SurveyResult):
    """Estimates of several waves.

    ``table`` has the columns of `Estimate.table`, and ``wave`` and ``changed`` (whether the
    question differs from the wave before).

    Parameters
    ----------
    waves : sequence of Text
        Names of the waves.
    estimates : tuple of Estimate
        Estimates of each wave.
    """

    waves: Sequence[Text]
    estimates: tuple[Estimate, ...] = field(repr=False)

    @property
    def min_n(self) -> int:
        """Bases with fewer cases are shown as counts."""
        return int(self.specification["min_n"])

    def _cells(self) -> dict[Key, list[dict[str, Any] | None]]:
        """Return the row of each wave by column, group and answer, in the order of the last."""
        found: dict[Key, list[dict[str, Any] | None]] = {}
        names = self.specification["waves"]
        rows = self.rows()
        for row in [*(r for r in rows if r["wave"] == names[-1]), *rows]:
            key = (row["column"], row["by"], row["domain"], row["category"])
            found.setdefault(key, [None] * len(names))[names.index(row["wave"])] = row
        return found

    def _names(self, key: Key, lang: Lang) -> tuple[str, str, str]:
        """Return question, group and answer in words, from the latest wave that has them."""
        column, by, domain, category = key
        for part in reversed(self.estimates):
            if (column, category) in part.categories and (by, domain) in part.domains:
                item = part.survey.codebook.item(column)
                option = item.kind == "multiple" and bool(category)
                question = item.text.text if option else part.questions[column]
                answer = part.categories[column, category].get(lang)
                return question.get(lang), part.domains[by, domain].get(lang), answer
        return column, domain, category

    def _text(self, row: dict[str, Any] | None, lang: Lang) -> str | Cell:
        if row is None:
            return ""
        if is_secret(row, self.min_n):
            return Cell(value=None, secret=True, mark=_MARK if row["changed"] else "")
        share = row["statistic"] in SHARES
        level = share_text(row, self.min_n, lang) if share else number_text(row, "estimate", lang)
        interval = interval_text(row, self.min_n, lang)
        text = f"{level} [{interval}]" if interval else level
        return Cell(value=text, mark=_MARK) if row["changed"] else text

    def _display(self, lang: Lang) -> TableModel:
        waves = [text.get(lang) for text in self.waves]
        cells = self._cells()
        heads = [self._names(key, lang) for key in cells]
        used = [at for at in range(3) if len({head[at] for head in heads}) > 1] or [0]
        columns = [Column(key=f"head{at}", label=_HEADS[at].get(lang), align="left") for at in used]
        columns += [Column(key=f"w{at}", label=w, align="right") for at, w in enumerate(waves)]
        columns += [Column(key=f"n{at}", label=f"n {w}") for at, w in enumerate(waves)]
        rows = [
            (
                *(head[at] for at in used),
                *(self._text(row, lang) for row in found),
                *(None if row is None else base_cell(row) for row in found),
            )
            for head, found in zip(heads, cells.values(), strict=True)
        ]
        return TableModel(
            columns=columns,
            rows=rows,
            notes=self._notes(lang),
            source=self.source_line(lang),
            lang=lang,
        )

    def _notes(self, lang: Lang) -> list[str]:
        found = [
            f"{self._axis(lang)}.",
            *dict.fromkeys(uncertainty(e, lang) for e in self.estimates),
        ]
        found += [_CHANGED.get(lang)] if self.table["changed"].any() else []
        return [*found, _TOLD.get(lang), *self.closing_notes(lang, "waves.")]

    def _axis(self, lang: Lang) -> str:
        last = self.estimates[-1]
        names = dict.fromkeys(last.table["statistic"])
        return " / ".join(statistic_label(last, name, lang) for name in names)

    def _lines(self, options: dict[str, Any]) -> dict[Key, list[dict[str, Any] | None]]:
        """Return the rows that are drawn, chosen by column, domain or category."""
        if unknown := set(options) - {"column", "domain", "category"}:
            raise UnknownCodeError(unknown.pop(), ["column", "domain", "category"], "options")
        found = {
            key: rows
            for key, rows in self._cells().items()
            if all(options.get(n) in (None, v) for n, v in zip(_KEY, key, strict=True))
        }
        if not 0 < len(found) <= MOST_LINES:
            raise ReportError(
                f"a figure has one to {MOST_LINES} lines, these are {len(found)}: choose with "
                "column=, domain= or category="
            )
        return found

    def _labels(self, keys: Sequence[Key], lang: Lang) -> list[str]:
        heads = [self._names(key, lang) for key in keys]
        used = [at for at in range(3) if len({head[at] for head in heads}) > 1]
        used = used or ([2] if heads[0][2] else [0])
        return [": ".join(head[at] for at in used if head[at]) for head in heads]

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        lines = self._lines(options)
        shares = all(row is None or row["statistic"] in SHARES
                     for rows in lines.values() for row in rows)  # fmt: skip
        factor = 100.0 if shares else 1.0
        labels = self._labels(list(lines), lang)
        found = known_bases(row["n"] for rows in lines.values() for row in rows if row is not None)
        least = min((n for n in found if n is not None), default=0)
        decimals = share_decimals(least) if shares else 1
        series = {
            label: self._arrays(rows, factor, decimals)
            for label, rows in zip(labels, lines.values(), strict=True)
        }
        breaks = {
            at
            for rows in lines.values()
            for at, row in enumerate(rows)
            if row is not None and row["changed"]
        }
        units = {u for e in self.estimates for u in e.units.values()}
        return wave_lines(
            [text.get(lang) for text in self.waves],
            series,
            axis=self._axis(lang),
            breaks=breaks,
            unit="%" if shares else (units.pop() if len(units) == 1 else ""),
            decimals=decimals,
            lang=lang,
        )

    def _arrays(
        self, rows: Sequence[dict[str, Any] | None], factor: float, decimals: int
    ) -> tuple[Floats, Floats, Floats]:
        """Return estimates and bounds of a line; bases that are too small are not drawn."""
        nothing = (np.nan, np.nan, np.nan)
        found = [
            nothing
            if row is None or is_missing(row["n"]) or row["n"] < self.min_n
            else (row["estimate"], row["low"], row["high"])
            for row in rows
        ]
        points, low, high = (
            drawn_values(self, values, decimals)
            for values in factor * np.array(found, dtype=np.float64).T
        )
        return points, low, high

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        lines = self._lines(options)
        parts = []
        for label, rows in zip(self._labels(list(lines), lang), lines.values(), strict=True):
            told = [
                f"{wave.get(lang)} {_spoken(cell, lang)}"
                for wave, cell in zip(self.waves, (self._text(r, lang) for r in rows), strict=True)
                if cell
            ]
            parts.append(f"{label}: {', '.join(told)}")
        return f"{self._axis(lang)}. {'; '.join(parts)}."


def _spoken(cell: str | Cell, lang: Lang) -> str:
    if isinstance(cell, str):
        return cell
    return SECRET_TEXT.get(lang) if cell.value is None else str(cell.value)

"""`Ranking`: how often options were ranked first or among the first, and their mean rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.figures import dot_interval
from begleitforschung.display.secrecy import SECRET
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.base import Result
from begleitforschung.results.estimate_words import interval_text, number_text, share_text
from begleitforschung.surveys import Survey

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEASURES = ("first", "top", "mean_rank")
_HEADS: dict[str, Text] = {
    "group": Text("Gruppe", "Group"),
    "option": Text("Antwort", "Option"),
    "first": Text("auf Rang 1", "ranked first"),
    "top": Text("unter den ersten {k}", "among the first {k}"),
    "mean_rank": Text("mittlerer Rang", "mean rank"),
    "n": Text("n", "n"),
}
_NOTE = Text(
    "Anteile an allen, die etwas eingeordnet haben (n); der mittlere Rang gilt für die, die diese "
    "Antwort eingeordnet haben, und ist zu günstig, wo nur wenige das taten.",
    "Shares of all who ranked something (n); the mean rank is of those who ranked this option, and "
    "too favourable where few did.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranking(Result):
    """Options of a ranking.

    ``table`` has one row per measure, option and domain: ``measure`` (``first``: share that ranked
    it first, ``top``: share that ranked it among the first `top`, ``mean_rank``: mean of the ranks
    given to it), ``option, by, domain``, ``estimate``, ``se``, ``low``, ``high`` with ``method``,
    ``df``, ``n`` (of shares all who ranked something, of the mean those who ranked the option) and
    ``count`` (cases with the property, unweighted; of the mean those who ranked it first).
    Protected ones say which rows are ``suppressed``.

    Parameters
    ----------
    question : Text
        Wording.
    options : mapping of str to Text
        Options by code.
    domains : mapping of (str, str) to Text
        Domains by variable and key.
    survey : Survey, optional
        The answers, so that what a result tells can be judged; protected results have none.
    """

    question: Text
    options: Mapping[str, Text] = field(repr=False)
    domains: Mapping[tuple[str, str], Text] = field(repr=False)
    survey: Survey | None = field(default=None, repr=False)

    @property
    def top(self) -> int:
        """Up to which rank ``top`` counts."""
        return int(self.specification["top"])

    @property
    def min_n(self) -> int:
        """Bases with fewer cases are shown as counts."""
        return int(self.specification["min_n"])

    def _by_place(self) -> dict[tuple[str, str, str], dict[str, dict[str, Any]]]:
        """Return the rows of each domain and option, by measure."""
        found: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}
        for row in self.table.to_dict("records"):
            shown: dict[str, Any] = {str(key): value for key, value in row.items()}
            place = shown["by"], shown["domain"], shown["option"]
            shown |= {"statistic": "mean" if shown["measure"] == "mean_rank" else "share"}
            found.setdefault(place, {})[shown["measure"]] = {"suppressed": ""} | shown
        return found

    def _heads(self, lang: Lang) -> dict[str, str]:
        return {key: text.get(lang).replace("{k}", str(self.top)) for key, text in _HEADS.items()}

    def _display(self, lang: Lang) -> TableModel:
        several = len(self.domains) > 1
        heads = {k: v for k, v in self._heads(lang).items() if several or k != "group"}
        columns = [
            Column(key=k, label=v, align="left" if k in ("group", "option") else "right")
            for k, v in heads.items()
        ]
        rows, last = [], None
        for (by, domain, option), measures in self._by_place().items():
            group = "" if (by, domain) == last else self.domains[by, domain].get(lang)
            last = (by, domain)
            cells = (self.options[option].get(lang), *self._cells(measures, lang))
            rows.append((group, *cells) if several else cells)
        return TableModel(
            columns=columns,
            rows=rows,
            notes=[_NOTE.get(lang)],
            source="; ".join(quoted(self.sources(), lang, computed=True)),
            lang=lang,
        )

    def _cells(self, measures: Mapping[str, dict[str, Any]], lang: Lang) -> tuple[Any, ...]:
        found: list[Any] = []
        for name in MEASURES:
            row = measures[name]
            if row["suppressed"]:
                found.append(SECRET)
                continue
            share = name != "mean_rank"
            text = (
                share_text(row, self.min_n, lang) if share else number_text(row, "estimate", lang)
            )
            interval = interval_text(row, self.min_n, lang)
            found.append(f"{text} [{interval}]" if interval else text)
        return (*found, int(measures["first"]["n"]))

    def _figure(self, lang: Lang, **options: Any) -> Figure:  # noqa: ARG002
        table = self.table[(self.table["measure"] == "top") & (self.table["by"] == "")]
        return dot_interval(
            [self.options[option].get(lang) for option in table["option"]],
            100 * table["estimate"].to_numpy(),
            100 * table["low"].to_numpy(),
            100 * table["high"].to_numpy(),
            axis=self._heads(lang)["top"],
            n=table["n"].tolist(),
            min_n=self.min_n,
            secret=self._secret(table),
            unit="%",
            decimals=0,
            lang=lang,
        )

    def _secret(self, table: pd.DataFrame) -> list[bool]:
        return [bool(mark) for mark in table["suppressed"]] if self.protected else []

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        parts = [
            f"{self.options[option].get(lang)} {self._cells(measures, lang)[1]}"
            for (by, _, option), measures in self._by_place().items()
            if not by
        ]
        return f"{self.question.get(lang)} {self._heads(lang)['top']}: {'; '.join(parts)}."

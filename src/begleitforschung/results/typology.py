"""`TypologyResult`: types of answers by size and profile; never who belongs to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.display.matrices import heat_map
from begleitforschung.display.numbers import MISSING, format_number, format_share
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.survey_base import AnswersResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TYPE: dict[Lang, str] = {"de": "Typ", "en": "Type"}
_LIMIT = 1.5  # standard deviations at the ends of the colours
_METHODS: dict[str, Text] = {
    "k_means": Text("k-Means auf standardisierten Antworten", "k-means of standardised answers"),
    "gower": Text(
        "Average Linkage auf Abständen nach Gower (1971)",
        "average linkage on distances by Gower (1971)",
    ),
}
_AXIS = Text(
    "Abweichung vom Durchschnitt in Standardabweichungen",
    "difference from the average in standard deviations",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class TypologyResult(AnswersResult):
    """Types of answers.

    ``table`` has one row per type and item, for categories one per category: ``type`` (from 1, the
    largest first), ``column``, ``category`` (code; empty for numbers), ``value`` (mean, or share
    between 0 and 1), ``standardised`` (its difference from the value of all, in their standard
    deviations) and ``n`` (cases of the type). Who belongs to which type is not kept.

    Parameters
    ----------
    labels : mapping of (str, str) to Text
        Wording by column and category.
    sizes : pandas.DataFrame
        ``type``, ``n``, ``share`` (weighted) and ``small`` (fewer cases than ``min_n``).
    selection : pandas.DataFrame
        ``k`` and ``silhouette`` of each number of types that was tried.
    silhouette : float
        How far types are apart, at most 1.
    stability : float
        Mean adjusted Rand index between the types and those of bootstrap samples.
    n, cases : int
        Cases that answered all items, and all that count.
    """

    labels: Mapping[tuple[str, str], Text] = field(repr=False)
    sizes: pd.DataFrame = field(repr=False)
    selection: pd.DataFrame = field(repr=False)
    silhouette: float
    stability: float
    n: int
    cases: int

    @property
    def k(self) -> int:
        """Number of types."""
        return len(self.sizes)

    def _display(self, lang: Lang) -> TableModel:
        head = {"de": "Antworten", "en": "Answers"}[lang]
        columns = [Column(key="item", label=head, align="left")]
        columns += [
            Column(key=f"t{number}", label=label, align="right")
            for number, label in enumerate(self._heads(lang), start=1)
        ]
        shares = [
            MISSING if hidden else format_share(share, 0, lang)
            for share, hidden in zip(self.sizes["share"], self.sizes["small"], strict=True)
        ]
        rows: list[tuple[object, ...]] = []
        rows.append(({"de": "Anteil der Fälle", "en": "Share of cases"}[lang], *shares))
        values = self._wide("value").to_numpy(np.float64)
        small = self.sizes["small"].to_numpy(bool)
        for ((_, category), label), own in zip(self.labels.items(), values, strict=True):
            cells = [
                MISSING if hidden else _cell(value, category, lang)
                for value, hidden in zip(own.tolist(), small, strict=True)
            ]
            rows.append((label.get(lang), *cells))
        return self._printed(columns, rows, self._notes(lang), lang)

    def _figure(self, lang: Lang, **_options: Any) -> Figure:
        values = self._wide("standardised").to_numpy(np.float64, copy=True).T
        values[self.sizes["small"].to_numpy(bool)] = np.nan
        return heat_map(
            values,
            self._heads(lang),
            [label.get(lang) for label in self.labels.values()],
            limits=(-_LIMIT, _LIMIT),
            axis=_AXIS.get(lang),
            decimals=1,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        values = self._wide("standardised").to_numpy(np.float64).T
        named = [label.get(lang) for label in self.labels.values()]
        parts = []
        for own, small, head in zip(values, self.sizes["small"], self._heads(lang), strict=True):
            if small:
                continue
            ends = [named[int(np.nanargmax(own))], named[int(np.nanargmin(own))]]
            words = ("über", "unter") if lang == "de" else ("above", "below")
            parts.append(f"{head}: {words[0]} {ends[0]}, {words[1]} {ends[1]}")
        lead = {
            "de": "Am weitesten über und unter dem Durchschnitt",
            "en": "Furthest above and below the average",
        }[lang]
        return f"{lead}. {'; '.join(parts)}."

    def _wide(self, name: str) -> pd.DataFrame:
        wide = self.table.set_index(["column", "category", "type"])[name].unstack("type")
        return wide.loc[list(self.labels)]

    def _heads(self, lang: Lang) -> list[str]:
        least = self.specification["min_n"]
        return [
            f"{_TYPE[lang]} {row.type} (n {'<' if row.small else '='} "
            f"{least if row.small else format_number(row.n, 0, lang)})"
            for row in self.sizes.itertuples()
        ]

    def _notes(self, lang: Lang) -> list[str]:
        method = _METHODS[self.specification["method"]].get(lang)
        apart, stable = (format_number(v, 2, lang) for v in (self.silhouette, self.stability))
        n, cases = (format_number(v, 0, lang) for v in (self.n, self.cases))
        tried = "; ".join(
            f"{row.k}: {format_number(row.silhouette, 2, lang)}"
            for row in self.selection.itertuples()
        )
        if lang == "de":
            found = [
                f"{method}; {n} von {cases} Fällen mit Antworten auf alle Fragen.",
                f"Silhouette {apart} (bis 0,25 keine Struktur, Kaufman & Rousseeuw 1990); "
                f"Stabilität {stable} (adjustierter Rand-Index über Bootstrap-Stichproben: 1 immer "
                "dieselben Typen, 0 Zufall).",
                f"Silhouette nach Zahl der Typen: {tried}." if len(self.selection) > 1 else "",
            ]
        else:
            found = [
                f"{method}; {n} of {cases} cases with answers to all questions.",
                f"Silhouette {apart} (up to 0.25 no structure, Kaufman & Rousseeuw 1990); "
                f"stability {stable} (adjusted Rand index over bootstrap samples: 1 always the "
                "same types, 0 chance).",
                f"Silhouette by number of types: {tried}." if len(self.selection) > 1 else "",
            ]
        return [*found, self._weighting(lang)]

    def _weighting(self, lang: Lang) -> str:
        if not self.specification["weighted"]:
            return ""
        return Text(
            "Typen aus den Antworten gebildet, ungewichtet; Anteile und Profile gewichtet.",
            "Types made of the answers, unweighted; shares and profiles weighted.",
        ).get(lang)


def _cell(value: float, category: str, lang: Lang) -> str:
    return format_share(value, 0, lang) if category else format_number(value, 2, lang)

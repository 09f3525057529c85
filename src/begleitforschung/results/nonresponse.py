"""Who answers: a logistic model of response on what is known of all who were asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.figures import ReferenceLine, dot_interval
from begleitforschung.display.numbers import format_number
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.base import Result
from begleitforschung.results.variable_words import variable_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEADS: dict[str, Text] = {
    "variable": Text("Merkmal", "Variable"),
    "category": Text("Ausprägung", "Class"),
    "odds_ratio": Text("Chancenverhältnis", "Odds ratio"),
    "interval": Text("95-%-Intervall", "95 % interval"),
    "p": Text("p", "p"),
    "invited": Text("eingeladen", "invited"),
    "answered": Text("geantwortet", "answered"),
}
_STEP = Text("je Standardabweichung", "per standard deviation")
_REFERENCE = Text("Vergleichsklasse", "reference")
_SMALLEST_P = 0.001


@dataclass(frozen=True, kw_only=True, eq=False)
class NonresponseModel(Result):
    """A logistic model of who answered.

    ``table`` has one row per class and number: ``variable, category, kind`` (``reference``,
    ``class`` against the reference, or ``number``, per standard deviation), ``coefficient``,
    ``se``, ``odds_ratio`` with its 95 % interval ``low`` and ``high`` (normal distribution), ``p``
    (Wald), ``scale`` (standard deviation of a number), ``invited`` and ``answered``. The first row
    is the intercept (``kind`` ``intercept``).

    Parameters
    ----------
    propensities : pandas.Series
        Estimated propensity of each unit that was asked, by unit.
    answered : pandas.Series of bool
        Whether it answered, by unit.
    pseudo_r2, auc : float
        Of McFadden, and area under the ROC curve, see `stats.sampling.propensity`.
    """

    propensities: pd.Series = field(repr=False)
    answered: pd.Series = field(repr=False)
    pseudo_r2: float
    auc: float

    def _shown(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.table.to_dict("records")  # type: ignore[assignment]
        return [row for row in rows if row["kind"] != "intercept"]

    def _display(self, lang: Lang) -> TableModel:
        columns = [
            Column(
                key=key,
                label=text.get(lang),
                align="left" if key in ("variable", "category") else "right",
                decimals=0 if key in ("invited", "answered") else None,
            )
            for key, text in _HEADS.items()
        ]
        rows, last = [], ""
        for row in self._shown():
            head = "" if row["variable"] == last else variable_words(row["variable"]).get(lang)
            last = row["variable"]
            rows.append((head, *_cells(row, lang)))
        return TableModel(
            columns=columns,
            rows=rows,
            notes=[self._note(lang)],
            source="; ".join(quoted(self.sources(), lang, computed=True)),
            lang=lang,
        )

    def _note(self, lang: Lang) -> str:
        counts = int(self.answered.sum()), len(self.answered)
        k, n = (format_number(count, 0, lang) for count in counts)
        r2, auc = (format_number(v, 2, lang) for v in (self.pseudo_r2, self.auc))
        if lang == "en":
            return (
                f"Logistic regression of having answered ({k} of {n}); odds ratio above 1: answers "
                f"more often. Pseudo-R² (McFadden) {r2}, AUC {auc} (0.5: the variables tell "
                "nothing about who answers)."
            )
        return (
            f"Logistische Regression der Teilnahme ({k} von {n}); Chancenverhältnis über 1: "
            f"antwortet häufiger. Pseudo-R² (McFadden) {r2}, AUC {auc} (0,5: Die Merkmale sagen "
            "nichts darüber, wer antwortet)."
        )

    def _figure(self, lang: Lang, **options: Any) -> Figure:  # noqa: ARG002
        rows = [row for row in self._shown() if row["kind"] != "reference"]
        return dot_interval(
            [_label(row, lang) for row in rows],
            [row["odds_ratio"] for row in rows],
            [row["low"] for row in rows],
            [row["high"] for row in rows],
            axis=_HEADS["odds_ratio"].get(lang),
            n=[int(row["invited"]) for row in rows],
            min_n=0,
            decimals=2,
            reference=ReferenceLine(value=1.0, label=_REFERENCE.get(lang)),
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        parts = [
            f"{_label(row, lang)} {format_number(row['odds_ratio'], 2, lang)}"
            for row in self._shown()
            if row["kind"] != "reference"
        ]
        return f"{_HEADS['odds_ratio'].get(lang)}: {'; '.join(parts)}."


def _label(row: Mapping[str, Any], lang: Lang) -> str:
    category = _STEP.get(lang) if row["kind"] == "number" else row["category"]
    return f"{variable_words(row['variable']).get(lang)} {category}"


def _cells(row: Mapping[str, Any], lang: Lang) -> tuple[Any, ...]:
    counts = (row["invited"], row["answered"])
    if row["kind"] == "reference":
        label = f"{row['category']} ({_REFERENCE.get(lang)})"
        return (label, format_number(1, 2, lang), "", "", *counts)
    low, high = (format_number(row[key], 2, lang) for key in ("low", "high"))
    small = row["p"] < _SMALLEST_P
    p = f"< {format_number(_SMALLEST_P, 3, lang)}" if small else format_number(row["p"], 3, lang)
    label = _STEP.get(lang) if row["kind"] == "number" else row["category"]
    return (label, format_number(row["odds_ratio"], 2, lang), f"{low}–{high}", p, *counts)

"""`ScaleResult`: how reliable a set of items is as one scale, item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.catalogue import Label
from begleitforschung.display.figures import bars
from begleitforschung.display.numbers import format_number
from begleitforschung.display.secrecy import SECRET
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.errors import Finding, ReportError, ValidationError
from begleitforschung.language import Lang, Text
from begleitforschung.results.survey_base import AnswersResult
from begleitforschung.surveys import Survey
from begleitforschung.tables import Indicator, IndicatorTable
from begleitforschung.tables.construct import assemble
from begleitforschung.tables.table import UNKNOWN_STATE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ITEM_FIGURES = ("mean", "sd", "item_total", "without", "loading")
_HEADS: dict[str, Text] = {
    "mean": Text("Mittelwert", "Mean"),
    "sd": Text("Streuung", "SD"),
    "item_total": Text("Trennschärfe", "Item-total correlation"),
    "without": Text("α ohne Item", "α without item"),
    "loading": Text("Ladung", "Loading"),
    "answered": Text("Antworten", "Answers"),
}
_ITEM = Text("Item", "Item")
_METHODS = Text(
    "Trennschärfe: Korrelation mit der Summe der übrigen Items. Ladung: Modell eines Faktors "
    "(Maximum Likelihood), auf dem ω beruht (McDonald 1999). Intervall von α nach Feldt (1965), "
    "für normalverteilte Antworten einer einfachen Zufallsstichprobe; es sagt, wie unsicher α als "
    "Aussage über das Messinstrument ist, auch wo alle befragt wurden.",
    "Item-total correlation: with the sum of the other items. Loading: model of one factor "
    "(maximum likelihood), on which ω rests (McDonald 1999). Interval of α by Feldt (1965), for "
    "normal answers of a simple random sample; it says how unsure α is as a statement about the "
    "instrument, even where all were asked.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class ScaleResult(AnswersResult):
    """Reliability of a scale.

    ``table`` has one row per item: ``column``, ``turned`` (whether its scores were turned),
    ``answered`` (cases with an answer to it), ``n`` (cases that answered all items, on which all
    figures rest), ``mean``, ``sd`` (of the scores as turned), ``item_total`` (corrected),
    ``without`` (alpha of the other items) and ``loading`` (on one factor; missing where the model
    can't be fitted). Protected ones say which items are ``suppressed``: all of them, where the
    answers to one must not be shown, and then the standardised alpha and omega are left out too.

    Parameters
    ----------
    labels : mapping of str to Text
        Wording by column.
    alpha, low, high : float
        Cronbach's alpha with its interval.
    standardised_alpha : float
        Alpha of the standardised items.
    omega : float
        McDonald's omega; NaN for two items.
    n, cases : int
        Complete cases, and all that count.
    effective_n : float
        Complete cases after the loss by unequal weights.
    survey : Survey
        The survey.
    scores : pandas.DataFrame
        Scores of all cases as turned, one column per item; as confidential as the answers.
    """

    labels: Mapping[str, Text] = field(repr=False)
    alpha: float
    low: float
    high: float
    standardised_alpha: float
    omega: float
    n: int
    cases: int
    effective_n: float
    survey: Survey = field(repr=False)
    scores: pd.DataFrame = field(repr=False)

    def to_indicators(self, year: int, *, gebietsstand: str = UNKNOWN_STATE) -> IndicatorTable:
        """Return the scores of each unit as indicators, one for each item.

        Parameters
        ----------
        year : int
            Year that the answers are about.
        gebietsstand : str
            Territorial state of the keys as ISO date.

        Returns
        -------
        IndicatorTable
            Figures for `begleitforschung.compose`, as confidential as the answers. Scores are as
            turned, so ``direction`` of all is ``higher``. Cases whose unit is unknown are left
            out, which a finding says.

        Raises
        ------
        ValidationError
            If no case has a unit, or a unit answered several times.
        """
        units = self.survey.cases["unit"].reset_index(drop=True)
        known = units.notna().to_numpy()
        if not known.any():
            raise ValidationError(
                "no case has a unit: read the survey with unit=…, the column of the municipality"
            )
        if n := int(units[known].duplicated().sum()):
            raise ValidationError(f"{n} cases are further answers of a unit; choose with several=…")
        wide = self.scores[known].assign(unit=units[known], year=year)
        for name in ("file", "row"):
            wide[name] = self.survey.cases[name].to_numpy()[known]
        keys = ["unit", "year", "file", "row"]
        rows = wide.melt(keys, list(self.labels), var_name="indicator", value_name="value")
        provenance = self.provenance.then("to_indicators", year=year, gebietsstand=gebietsstand)
        return assemble(
            rows,
            indicators=[
                Indicator(id=name, title=Label(de=text.de, en=text.en), direction="higher")
                for name, text in self.labels.items()
            ],
            gebietsstand=gebietsstand,
            provenance=provenance,
            findings=_without_unit(int((~known).sum())),
        )

    def summary(self, lang: Lang = "de") -> str:
        """Say how reliable the scale is.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        str
            Alpha with interval, standardised alpha, omega, and the cases used.

        Raises
        ------
        DisclosureError
            If the result must not be shown.
        """
        self.require_showable()
        shown = {
            name: format_number(getattr(self, name), 2, lang)
            for name in ("alpha", "low", "high", "standardised_alpha", "omega")
        }
        percent = round(100 * self.specification["level"], 6)
        level = format_number(percent, None if percent % 1 else 0, lang)
        counts = {name: format_number(getattr(self, name), 0, lang) for name in ("n", "cases")}
        to = {"de": "bis", "en": "to"}[lang]
        more = (
            ""
            if self._all_hidden()
            else (
                f", standardisiert {shown['standardised_alpha']}; McDonalds ω {shown['omega']}"
                if lang == "de"
                else f", standardised {shown['standardised_alpha']}; McDonald's ω {shown['omega']}"
            )
        )
        return (
            f"Cronbachs α {shown['alpha']} ({level} %: {shown['low']} {to} {shown['high']}){more}; "
            f"{counts['n']} von {counts['cases']} Fällen mit Antworten auf alle {len(self.table)} "
            "Items (andere sind ausgeschlossen)."
            if lang == "de"
            else f"Cronbach's α {shown['alpha']} ({level}%: {shown['low']} {to} {shown['high']})"
            f"{more}; "
            f"{counts['n']} of {counts['cases']} cases with answers to all {len(self.table)} items "
            "(others are left out)."
        )

    def _display(self, lang: Lang) -> TableModel:
        columns = [Column(key="item", label=_ITEM.get(lang), align="left")]
        columns += [
            Column(key=key, label=head.get(lang), decimals=0 if key == "answered" else 2)
            for key, head in _HEADS.items()
        ]
        rows = [
            (
                self.labels[row["column"]].get(lang),
                *(
                    SECRET if row.get("suppressed") and key in ITEM_FIGURES else row[key]
                    for key in _HEADS
                ),
            )
            for row in self.table.to_dict("records")
        ]
        notes = [self.summary(lang), turned_note(self, lang), weights_note(self, lang)]
        return self._printed(columns, rows, [*notes, _METHODS.get(lang)], lang)

    def _all_hidden(self) -> bool:
        return "suppressed" in self.table and bool((self.table["suppressed"] != "").all())

    def _figure(self, lang: Lang, **_options: Any) -> Figure:
        if self._all_hidden():
            raise ReportError("the figures of the items are kept secret; there is nothing to draw")
        return bars(
            [self.labels[column].get(lang) for column in self.table["column"]],
            self.table["item_total"].to_numpy(),
            axis=_HEADS["item_total"].get(lang),
            decimals=2,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        if self._all_hidden():
            return self.summary(lang)
        parts = [
            f"{self.labels[column].get(lang)} {format_number(value, 2, lang)}"
            for column, value in zip(self.table["column"], self.table["item_total"], strict=True)
        ]
        return f"{_HEADS['item_total'].get(lang)}: {'; '.join(parts)}. {self.summary(lang)}"


def turned_note(result: AnswersResult, lang: Lang) -> str:
    """Say which items were turned.

    Parameters
    ----------
    result : AnswersResult
        A result with ``labels`` whose specification lists what was ``turned``.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        One sentence; empty if none was.
    """
    labels: Mapping[str, Text] = getattr(result, "labels", {})
    named = [labels[column].get(lang) for column in result.specification["turned"]]
    if not named:
        return ""
    head = {
        "de": "Umgepolt, damit mehr überall mehr heißt",
        "en": "Turned, so that more means more",
    }
    return f"{head[lang]}: {'; '.join(named)}."


def weights_note(result: AnswersResult, lang: Lang) -> str:
    """Say whether figures are weighted.

    Parameters
    ----------
    result : AnswersResult
        A result whose specification says whether it is ``weighted``.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        One sentence; empty if they are not.
    """
    if not result.specification["weighted"]:
        return ""
    shown = format_number(np.floor(getattr(result, "effective_n", np.nan)), 0, lang)
    if lang == "de":
        return (
            f"Gewichtet mit dem Stichprobenplan; effektive Fallzahl {shown}, auf der Aussagen über "
            "den Zufall beruhen (ohne Schichten und Klumpen)."
        )
    return (
        f"Weighted by the design; effective n {shown}, on which statements about chance rest "
        "(without strata and clusters)."
    )


def _without_unit(n: int) -> tuple[Finding, ...]:
    if not n:
        return ()
    text = Text("Fälle ohne bekannte Kommune weggelassen", "cases without a known unit left out")
    return (Finding(rule="scale.no_unit", severity="warning", text=text, column="unit", n=n),)

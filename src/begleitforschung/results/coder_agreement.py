"""`CoderAgreement`: how far persons agree who coded the same passages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from begleitforschung.display.figures import ReferenceLine, dot_interval
from begleitforschung.display.numbers import format_number
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.survey_base import AnswersResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CODE, _AXIS = Text("Code", "Code"), Text("Krippendorffs α", "Krippendorff's α")
_UNITS, _PERCENT = Text("Stellen", "Passages"), Text("Übereinstimmung", "Agreement")
_LEVELS: dict[str, Text] = {
    "nominal": Text("nominal", "nominal"),
    "ordinal": Text("ordinal", "ordinal"),
    "interval": Text("Intervall", "interval"),
    "ratio": Text("Verhältnis", "ratio"),
}
_METHOD = Text(
    "Werte ab 0,800 gelten als verlässlich, ab 0,667 für vorläufige Schlüsse (Krippendorff 2004). "
    "Ein Strich steht, wo alle dasselbe urteilten: Dann ist α nicht bestimmt; solche "
    "Ziehungen zählen auch im Intervall nicht. Ein seltener Code kann bei hoher Übereinstimmung "
    "ein niedriges α haben.",
    "Values from 0.800 count as reliable, from 0.667 for tentative conclusions (Krippendorff "
    "2004). A dash stands where all judged the same: α is undefined then, and such samples don't "
    "count in the interval either. A rare code may have a low α in spite of high agreement.",
)
_RELIABLE, _LEAST = 0.8, Text("verlässlich", "reliable")


@dataclass(frozen=True, kw_only=True, eq=False)
class CoderAgreement(AnswersResult):
    """Inter-coder reliability.

    ``table`` has one row per code, or one for a scale: ``code``, ``units`` (passages that at least
    two persons judged), ``pairable`` (their judgements), ``alpha`` with ``low`` and ``high`` (NaN
    where all judgements are the same), and ``percent`` (share of equal ones among all pairs of
    judgements of a passage).

    Parameters
    ----------
    labels : mapping of str to Text
        What each code is called.
    coders : int
        Persons who coded passages that others coded too.
    cases : int
        Cases of these passages.
    """

    labels: Mapping[str, Text] = field(repr=False)
    coders: int
    cases: int

    def summary(self, lang: Lang = "de") -> str:
        """Say what was compared, and how.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        str
            Passages, cases, persons, level of measurement and interval.
        """
        units = format_number(self.table["units"].max(), 0, lang)
        cases, coders = (format_number(n, 0, lang) for n in (self.cases, self.coders))
        percent = round(100 * self.specification["confidence"], 6)
        level = format_number(percent, None if percent % 1 else 0, lang)
        metric = _LEVELS[self.specification["level"]].get(lang)
        draws = format_number(self.specification["draws"], 0, lang)
        if lang == "de":
            judged = "Wert der Skala" if self.specification["scale"] else "Code vergeben oder nicht"
            return (
                f"Krippendorffs α ({metric}; {judged}) aus {units} von mindestens zwei Personen "
                f"codierten Stellen in {cases} Fällen, {coders} Personen; {level}-%-Intervall aus "
                f"{draws} Ziehungen der Stellen mit Zurücklegen."
            )
        judged = "value of the scale" if self.specification["scale"] else "code given or not"
        return (
            f"Krippendorff's α ({metric}; {judged}) of {units} passages coded by at least two "
            f"persons in {cases} cases, {coders} persons; {level}% interval from {draws} samples "
            "of the passages with replacement."
        )

    def _display(self, lang: Lang) -> TableModel:
        level = {"de": ("von", "bis"), "en": ("from", "to")}[lang]
        columns = [
            Column(key="code", label=_CODE.get(lang), align="left"),
            Column(key="units", label=_UNITS.get(lang), decimals=0),
            Column(key="alpha", label=_AXIS.get(lang), decimals=2),
            Column(key="low", label=level[0], decimals=2),
            Column(key="high", label=level[1], decimals=2),
            Column(key="percent", label=_PERCENT.get(lang), unit="%", decimals=0),
        ]
        rows = [
            (
                self.labels[row["code"]].get(lang),
                *(row[key] for key in ("units", "alpha", "low", "high")),
                100 * row["percent"],
            )
            for row in self.table.to_dict("records")
        ]
        return self._printed(columns, rows, [self.summary(lang), _METHOD.get(lang)], lang)

    def _figure(self, lang: Lang, **_options: Any) -> Figure:
        values = {name: self.table[name].to_numpy(np.float64) for name in ("alpha", "low", "high")}
        return dot_interval(
            [self.labels[code].get(lang) for code in self.table["code"]],
            values["alpha"],
            values["low"],
            values["high"],
            axis=_AXIS.get(lang),
            n=self.table["units"].tolist(),
            min_n=0,
            decimals=2,
            reference=ReferenceLine(value=_RELIABLE, label=_LEAST.get(lang)),
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        parts = [
            f"{self.labels[code].get(lang)} {format_number(alpha, 2, lang)}"
            for code, alpha in zip(self.table["code"], self.table["alpha"], strict=True)
        ]
        return f"{_AXIS.get(lang)}: {'; '.join(parts)}. {self.summary(lang)}"

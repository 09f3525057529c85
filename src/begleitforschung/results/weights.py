"""What was done to the weights of a survey, step by step, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
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

VERBS: dict[str, Text] = {
    "": Text("Ausgangsgewichte", "Weights at first"),
    "nonresponse": Text("Ausfall nach Klassen", "Non-response by classes"),
    "propensity": Text("Ausfall nach Modell", "Non-response by model"),
    "poststratify": Text("Nachschichtung", "Post-stratification"),
    "rake": Text("Raking auf Randsummen", "Raking"),
    "calibrate": Text("Kalibrierung", "Calibration"),
    "trim": Text("Stutzung", "Trimming"),
}
_LEAST = 0.0001  # distances from targets that are not told further
_STEP = Text("Schritt", "Step")
_BY = Text("nach", "by")
_NUMBERS: dict[str, tuple[Text, int]] = {
    "n": (Text("n", "n"), 0),
    "total": (Text("Summe", "Sum"), 0),
    "smallest": (Text("kleinstes", "smallest"), 2),
    "largest": (Text("größtes", "largest"), 2),
    "ratio": (Text("Verhältnis", "ratio"), 1),
    "deff": (Text("Deff", "deff"), 2),
    "effective_n": (Text("effektive Fallzahl", "effective n"), 0),
    "extreme": (Text("extrem", "extreme"), 0),
}
_NOTE = Text(
    "Deff: Verlust an Genauigkeit durch ungleiche Gewichte, wenn sie nicht mit den Antworten "
    "zusammenhängen (Kish 1992); effektive Fallzahl: n / Deff; extrem: Gewichte über dem "
    "Fünffachen des Medians.",
    "deff: loss of precision by unequal weights that are unrelated to the answers (Kish 1992); "
    "effective n: n / deff; extreme: weights above five times the median.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class WeightReport(Result):
    """Weights before and after each step.

    ``table`` has one row for the weights at first and one for each step: ``step`` (key of `VERBS`),
    ``by`` (its variables), the diagnostics of `stats.sampling.WeightDiagnostics`, ``error``
    (largest relative distance of a total from its target) and ``iterations``.

    Parameters
    ----------
    population : tuple of Text
        What is known of the population's figures: date, territorial state, census.
    """

    population: tuple[Text, ...] = ()

    def _display(self, lang: Lang) -> TableModel:
        columns = [Column(key="step", label=_STEP.get(lang), align="left")]
        columns += [Column(key="by", label=_BY.get(lang), align="left")]
        columns += [
            Column(key=key, label=text.get(lang), decimals=places)
            for key, (text, places) in _NUMBERS.items()
        ]
        rows = [
            (VERBS[row["step"]].get(lang), _named(row["by"], lang), *(row[key] for key in _NUMBERS))
            for row in self.table.to_dict("records")
        ]
        return TableModel(
            columns=columns,
            rows=rows,
            notes=[note for note in (self._met(lang), *self._population(lang)) if note],
            source="; ".join(quoted(self.sources(), lang, computed=True)),
            lang=lang,
        )

    def _met(self, lang: Lang) -> str:
        """Say how well targets are met, where there are any."""
        aimed = self.table[self.table["step"].isin(["poststratify", "rake", "calibrate"])]
        if aimed.empty:
            return ""
        error, steps = float(aimed["error"].max()), int(aimed["iterations"].max())
        worst = format_share(max(error, _LEAST), 2, lang)
        if lang == "en":
            within = f"within {'less than ' * (error < _LEAST)}{worst}"
            return f"Targets are met {within} after {steps} iterations at most."
        within = f"auf {'weniger als ' * (error < _LEAST)}{worst}"
        return f"Die Sollwerte sind {within} genau erreicht, nach höchstens {steps} Runden."

    def _population(self, lang: Lang) -> list[str]:
        return [*(text.get(lang) for text in self.population), _NOTE.get(lang)]

    def _figure(self, lang: Lang, **options: Any) -> Figure:  # noqa: ARG002
        return bars(
            [VERBS[step].get(lang) for step in self.table["step"]],
            self.table["effective_n"].to_numpy(),
            axis=_NUMBERS["effective_n"][0].get(lang),
            n=self.table["n"].tolist(),
            decimals=0,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        parts = [
            f"{VERBS[row['step']].get(lang)} {format_number(row['effective_n'], 0, lang)}"
            for row in self.table.to_dict("records")
        ]
        return f"{_NUMBERS['effective_n'][0].get(lang)}: {'; '.join(parts)}."


def _named(by: str, lang: Lang) -> str:
    return ", ".join(variable_words(name).get(lang) for name in by.split(", "))

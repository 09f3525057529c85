"""`Regression`: coefficients with the variance of the design, odds ratios, joint tests."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.figures import ReferenceLine, dot_interval
from begleitforschung.display.numbers import format_number, format_p, is_missing
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.errors import UnknownCodeError
from begleitforschung.language import Lang, Text
from begleitforschung.results.significance import statistic_text
from begleitforschung.results.survey_result import SurveyResult, interval_head, range_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NUMBERS = (
    "estimate", "se", "df", "t", "p", "low", "high", "odds", "odds_low", "odds_high",
)  # fmt: skip
_DTYPES = (
    dict.fromkeys(("predictor", "category", "role"), "str")
    | dict.fromkeys(_NUMBERS, "float64")
    | {"n": "int64"}
)
_NOTHING = Text("kein Zusammenhang", "no association")
_MOST_DECIMALS = 8
_WORDS: dict[str, Text] = {
    "predictor": Text("Merkmal", "Predictor"),
    "category": Text("Ausprägung", "Category"),
    "linear": Text("Koeffizient", "Coefficient"),
    "logistic": Text("Chancenverhältnis", "Odds ratio"),
    "logit": Text("Koeffizient (Logit)", "Coefficient (logit)"),
    "intercept": Text("Konstante", "Intercept"),
    "reference": Text("Referenz", "reference"),
    "against": Text("gegen", "against"),
    "whole": Text("insgesamt", "as a whole"),
}
_MODEL: dict[str, Text] = {
    "linear": Text(
        "Lineare Regression von „{y}“ mit der Varianz des Stichprobenplans (Binder 1983), "
        "t mit {df} Freiheitsgraden.",
        "Linear regression of “{y}” with the variance of the design (Binder 1983), t with {df} "
        "degrees of freedom.",
    ),
    "logistic": Text(
        "Logistische Regression von „{y}“ mit der Varianz des Stichprobenplans (Binder 1983), "
        "t mit {df} Freiheitsgraden; ein Chancenverhältnis über 1 heißt: eher.",
        "Logistic regression of “{y}” with the variance of the design (Binder 1983), t with {df} "
        "degrees of freedom; an odds ratio above 1 means: more likely.",
    ),
}
_CAUSES = Text(
    "Koeffizienten beschreiben Zusammenhänge bei gleichen übrigen Merkmalen, keine Wirkungen.",
    "Coefficients describe associations, the other predictors being equal, not effects.",
)
_MISSING: dict[str, Text] = {
    "not_asked": Text("nicht gefragt", "not asked"),
    "no_answer": Text("ohne Antwort", "no answer"),
    "dont_know": Text("weiß nicht", "don't know"),
    "refused": Text("keine Angabe", "refused"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Regression(SurveyResult):
    """Coefficients of a regression.

    ``table`` has one row per coefficient and reference: ``predictor`` (empty for the intercept),
    ``category``, ``role`` (``intercept, number, category, reference``), ``estimate, se, df, t, p,
    low, high``; of a logistic regression the odds ratios ``odds, odds_low, odds_high``; ``n``
    (cases of the category, else all cases used).

    Parameters
    ----------
    outcome : Text
        What was regressed.
    wording : mapping of str to Text
        Predictors.
    categories : mapping of (str, str) to Text
        Categories by predictor and key.
    tests : pandas.DataFrame
        Joint Wald tests of predictors with several coefficients: ``predictor, value`` (F),
        ``ndf, ddf, p``.
    cases : int
        Cases of which those used have all variables.
    dropped : pandas.DataFrame
        Why cases lack a ``variable``: ``not_asked, no_answer, dont_know, refused``; empty in a
        protected result.
    """

    outcome: Text
    wording: Mapping[str, Text] = field(repr=False)
    categories: Mapping[tuple[str, str], Text] = field(repr=False)
    tests: pd.DataFrame = field(repr=False)
    cases: int
    dropped: pd.DataFrame = field(repr=False)

    @property
    def n(self) -> int:
        """Cases used."""
        return int(self.table["n"].iloc[0])

    def _display(self, lang: Lang) -> TableModel:
        heads = [_WORDS[key].get(lang) for key in ("predictor", "category")]
        heads += [_WORDS[self.specification["family"]].get(lang)]
        labels = [*heads, interval_head(self.specification["level"], lang), "p", "n"]
        keys = ("predictor", "category", "estimate", "interval", "p", "n")
        return TableModel(
            columns=[
                Column(key=key, label=label, align="left" if at < 2 else "right")
                for at, (key, label) in enumerate(zip(keys, labels, strict=True))
            ],
            rows=self._lines(lang),
            notes=self._notes(lang),
            source=self.source_line(lang),
            lang=lang,
        )

    def _lines(self, lang: Lang) -> list[tuple[Any, ...]]:
        """Write the rows; a predictor is named once."""
        rows: list[tuple[Any, ...]] = []
        last = None
        for row in self.rows():
            name = row["predictor"]
            head = self.wording[name].get(lang) if name else _WORDS["intercept"].get(lang)
            shown, last = "" if name == last else head, name
            category = self.categories[name, row["category"]].get(lang) if name else ""
            if row["role"] == "reference":
                rows.append((shown, category, _WORDS["reference"].get(lang), "", "", row["n"]))
                continue
            value, low, high = self._numbers(row, lang)
            between, p = range_text(low, high, lang), format_p(row["p"], lang)
            rows.append((shown, category, value, between, p, row["n"]))
        return rows

    def _numbers(self, row: Mapping[str, Any], lang: Lang) -> list[str]:
        """Write a coefficient, or odds ratio, and its bounds with two digits of the error."""
        odds = self.specification["family"] == "logistic"
        keys = ("odds", "odds_low", "odds_high") if odds else ("estimate", "low", "high")
        places = _decimals(row["se"] * (row["odds"] if odds else 1))
        return [format_number(row[key], places, lang) for key in keys]

    def _notes(self, lang: Lang) -> list[str]:
        spec = self.specification
        df = format_number(self.table["df"].iloc[0], 0, lang)
        model = _MODEL[spec["family"]].get(lang)
        found = [model.replace("{y}", self.outcome.get(lang)).replace("{df}", df)]
        for name, value, ndf, ddf, p_value in self.tests.itertuples(index=False, name=None):
            label = self.wording[name].get(lang)
            freedom = {"statistic": "F", "value": value, "ndf": ndf, "ddf": ddf}
            test, p = statistic_text(freedom, lang), format_p(p_value, lang)
            shown = p if p.startswith("<") else f"= {p}"
            found.append(f"{label} {_WORDS['whole'].get(lang)}: {test}, p {shown}.")
        return [
            *found,
            _CAUSES.get(lang),
            *self.design_notes(lang),
            *self._missing(lang),
            *self.closing_notes(lang, "regression."),
        ]

    def _missing(self, lang: Lang) -> list[str]:
        """Say how many cases were used, and why others were not; a range where variables differ."""
        parts = []
        for name, text in _MISSING.items() if len(self.dropped) else ():
            low, high = (int(f) for f in (self.dropped[name].min(), self.dropped[name].max()))
            if high:
                bounds = (format_number(n, 0, lang) for n in dict.fromkeys((low, high)))
                parts.append(f"{text.get(lang)} {'–'.join(bounds)}")
        counts = [format_number(k, 0, lang) for k in (self.n, self.cases)]
        if lang == "en":
            used = f"{counts[0]} of {counts[1]} cases have all variables"
            return [f"{used} (missing per variable: {', '.join(parts)})." if parts else f"{used}."]
        used = f"{counts[0]} von {counts[1]} Fällen haben alle Merkmale"
        return [f"{used} (es fehlen je Merkmal: {', '.join(parts)})." if parts else f"{used}."]

    def _shown(self, terms: Collection[str] | None) -> list[dict[str, Any]]:
        for name in terms or ():
            if name not in self.wording:
                raise UnknownCodeError(name, self.wording, "predictors")
        return [
            row
            for row in self.rows()
            if row["role"] in ("number", "category") and (not terms or row["predictor"] in terms)
        ]

    def _label(self, row: Mapping[str, Any], lang: Lang) -> str:
        name = self.wording[row["predictor"]].get(lang)
        if not row["category"]:
            return name
        base = self.table["predictor"].eq(row["predictor"]) & self.table["role"].eq("reference")
        key = str(self.table.loc[base, "category"].iloc[0])
        here, there = (
            self.categories[row["predictor"], k].get(lang) for k in (row["category"], key)
        )
        return f"{name}: {here} ({_WORDS['against'].get(lang)} {there})"

    def _figure(
        self, lang: Lang, *, terms: Collection[str] | None = None, **_options: Any
    ) -> Figure:
        rows = self._shown(terms)
        axis = "logit" if self.specification["family"] == "logistic" else "linear"
        return dot_interval(
            [self._label(row, lang) for row in rows],
            *([row[key] for row in rows] for key in ("estimate", "low", "high")),
            axis=_WORDS[axis].get(lang),
            n=[row["n"] for row in rows],
            min_n=0,
            decimals=2,
            reference=ReferenceLine(value=0.0, label=_NOTHING.get(lang)),
            sign=True,
            lang=lang,
        )

    def _alt_text(
        self, lang: Lang, *, terms: Collection[str] | None = None, **_options: Any
    ) -> str:
        head = _WORDS[self.specification["family"]].get(lang)
        parts = []
        for row in self._shown(terms):
            value, low, high = self._numbers(row, lang)
            parts.append(f"{self._label(row, lang)} {value} [{low}; {high}]")
        return f"{head}, {self.outcome.get(lang)}: {'; '.join(parts)}."


def _decimals(error: float) -> int:
    """Return the decimals that show two digits of an error."""
    if is_missing(error) or not 0 < error < math.inf:
        return 2
    return min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(error))))


def regression_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as the tidy table of a `Regression`.

    Parameters
    ----------
    rows : sequence of mapping
        One for each coefficient and reference; figures that are left out are missing.

    Returns
    -------
    pandas.DataFrame
        The table, with fixed columns and dtypes.

    Raises
    ------
    KeyError
        If the counts of cases are missing.
    """
    return pd.DataFrame(list(rows), columns=list(_DTYPES)).astype(_DTYPES)

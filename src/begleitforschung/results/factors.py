"""`FactorResult`: how many factors a set of items has, and which item belongs to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.display.matrices import heat_map
from begleitforschung.display.numbers import format_number
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.scale import turned_note, weights_note
from begleitforschung.results.survey_base import AnswersResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROTATIONS: dict[str, Text] = {
    "oblimin": Text(
        "schiefwinklig rotiert (Oblimin), Faktoren dürfen korrelieren",
        "rotated obliquely (oblimin), factors may correlate",
    ),
    "varimax": Text("rechtwinklig rotiert (Varimax)", "rotated orthogonally (varimax)"),
    "none": Text("nicht rotiert", "not rotated"),
}
_SHARED = Text("Kommunalität", "Communality")


@dataclass(frozen=True, kw_only=True, eq=False)
class FactorResult(AnswersResult):
    """Factors of a set of items.

    ``table`` has one row per item and factor: ``column, factor`` (from 1, the strongest first),
    ``loading`` (of oblique factors the pattern), ``communality`` (share of the item's variance
    that all factors explain) and ``n`` (cases that answered all items).

    Parameters
    ----------
    labels : mapping of str to Text
        Wording by column.
    eigenvalues : pandas.DataFrame
        ``component, eigenvalue`` of the correlations, ``random`` (what chance gives in 95 of 100
        samples of unrelated items) and ``kept`` (all up to the first that is not larger).
    correlations : numpy.ndarray, shape (m, m)
        Correlations of the factors.
    factors : int
        Number of factors in the model.
    suggested : int
        Number of factors that parallel analysis suggests.
    n : int
        Complete cases.
    effective_n : float
        Complete cases after the loss by unequal weights.
    """

    labels: Mapping[str, Text] = field(repr=False)
    eigenvalues: pd.DataFrame = field(repr=False)
    correlations: np.ndarray = field(repr=False)
    factors: int
    suggested: int
    n: int
    effective_n: float

    def loadings(self) -> pd.DataFrame:
        """Return the loadings as a wide table.

        Returns
        -------
        pandas.DataFrame
            Items by factors.
        """
        return self.table.pivot_table("loading", "column", "factor", sort=False)

    def _display(self, lang: Lang) -> TableModel:
        wide = self.loadings()
        shared = self.table.drop_duplicates("column").set_index("column")["communality"]
        columns = [Column(key="item", label="Item", align="left")]
        columns += [
            Column(key=f"f{number}", label=self._factor(number, lang), decimals=2)
            for number in wide.columns
        ]
        columns.append(Column(key="communality", label=_SHARED.get(lang), decimals=2))
        rows = [
            (self.labels[str(column)].get(lang), *values, shared[str(column)])
            for column, *values in wide.itertuples(name=None)
        ]
        notes = [*self._notes(lang), turned_note(self, lang), weights_note(self, lang)]
        return self._printed(columns, rows, notes, lang)

    def _figure(self, lang: Lang, **_options: Any) -> Figure:
        wide = self.loadings()
        return heat_map(
            wide.to_numpy(),
            [self.labels[str(column)].get(lang) for column in wide.index],
            [self._factor(number, lang) for number in wide.columns],
            axis=Text("Ladung", "Loading").get(lang),
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        wide = self.loadings()
        parts = []
        for number in wide.columns:
            own = wide.index[wide.abs().idxmax(axis=1) == number]
            named = "; ".join(self.labels[str(column)].get(lang) for column in own)
            parts.append(f"{self._factor(number, lang)}: {named or '–'}")
        head = Text("Am stärksten laden auf", "Strongest loadings on").get(lang)
        return f"{head} {'. '.join(parts)}."

    def _factor(self, number: Any, lang: Lang) -> str:
        return f"{ {'de': 'Faktor', 'en': 'Factor'}[lang] } {number}"

    def _notes(self, lang: Lang) -> list[str]:
        rotation = self.specification["rotation"] if self.factors > 1 else "none"
        turned = _ROTATIONS[rotation].get(lang)
        pairs = zip(self.eigenvalues["eigenvalue"], self.eigenvalues["random"], strict=True)
        shown = [
            f"{format_number(own, 2, lang)} ({format_number(chance, 2, lang)})"
            for own, chance in pairs
        ]
        values = "; ".join(shown[: max(self.factors, self.suggested) + 1])
        n = format_number(self.n, 0, lang)
        found = [
            (
                f"Faktorenanalyse (Maximum Likelihood), {turned}; n = {n} vollständige Fälle. "
                f"Faktoren nach Parallelanalyse (Horn 1965): {self.suggested}; Eigenwerte (bei "
                f"Zufall): {values}."
            )
            if lang == "de"
            else (
                f"Factor analysis (maximum likelihood), {turned}; n = {n} complete cases. Factors "
                f"by parallel analysis (Horn 1965): {self.suggested}; eigenvalues (by chance): "
                f"{values}."
            )
        ]
        return [*found, *self._related(lang)]

    def _related(self, lang: Lang) -> list[str]:
        if self.factors < 2 or self.specification["rotation"] != "oblimin":
            return []
        places = np.triu_indices(self.factors, 1)
        shown = [
            f"{first + 1}–{second + 1}: {format_number(self.correlations[first, second], 2, lang)}"
            for first, second in zip(*places, strict=True)
        ]
        head = Text("Korrelationen der Faktoren", "Correlations of the factors").get(lang)
        return [f"{head}: {'; '.join(shown)}."]

"""Scores and ranks of several variants of an index, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from begleitforschung.display.numbers import format_number
from begleitforschung.display.profiles import slopes
from begleitforschung.display.stacked import intervals
from begleitforschung.display.tables import TableModel
from begleitforschung.errors import UnknownCodeError
from begleitforschung.language import Lang, Text
from begleitforschung.results.analysis_base import IndexAnalysis
from begleitforschung.stats.correlations import correlate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.results.composite import CompositeResult

_SHOWN = 25


@dataclass(frozen=True, kw_only=True, eq=False)
class VariantComparison(IndexAnalysis):
    """Variants of an index in one year.

    ``table`` has one row per unit and variant: ``unit, variant, score, rank``, ``score_change``
    (from the first variant), ``places_gained`` (rank in the first minus rank in this one: positive
    is better).

    Parameters
    ----------
    agreement : pandas.DataFrame
        One row per pair of variants: ``first, second, n`` (units in both), ``pearson`` of scores,
        ``spearman`` and ``kendall``, ``mean_shift`` and ``max_shift`` of ranks.
    variants : tuple of str
        Names.
    year : int
        Year.
    """

    agreement: pd.DataFrame = field(repr=False)
    variants: tuple[str, ...]
    year: int

    def wide(self, what: Literal["score", "rank", "places_gained"] = "rank") -> pd.DataFrame:
        """Return one column of the table by unit and variant.

        Parameters
        ----------
        what : {"score", "rank", "places_gained"}
            Column.

        Returns
        -------
        pandas.DataFrame
            Units by variants, by the rank in the first.

        Raises
        ------
        UnknownCodeError
            If there is no such column.
        """
        if what not in ("score", "rank", "places_gained"):
            raise UnknownCodeError(what, ("score", "rank", "places_gained"), "comparison")
        wide = self.table.pivot(index="unit", columns="variant", values=what)
        ranks = self.table.pivot(index="unit", columns="variant", values="rank")
        order = ranks[self.variants[0]].sort_values(kind="stable", na_position="last")
        return wide.loc[order.index, list(self.variants)]

    def of_unit(self, unit: str) -> pd.DataFrame:
        """Return the rows of one unit.

        Parameters
        ----------
        unit : str
            Key.

        Returns
        -------
        pandas.DataFrame
            Rows of the table.

        Raises
        ------
        UnknownCodeError
            If there is no such unit.
        """
        rows = self.table[self.table["unit"] == unit]
        if rows.empty:
            raise UnknownCodeError(unit, self.table["unit"].unique(), "units of the comparison")
        return rows.reset_index(drop=True)

    def _display(self, lang: Lang) -> TableModel:
        frame = self.agreement
        heads = {
            "first": Text("Variante", "Variant"),
            "second": Text("gegen", "against"),
            "n": Text("Einheiten", "units"),
            "pearson": Text("r der Punktwerte", "r of scores"),
            "spearman": Text("Spearman", "Spearman"),
            "mean_shift": Text("mittlere Verschiebung", "mean shift"),
            "max_shift": Text("größte Verschiebung", "largest shift"),
        }
        note = Text(f"{self.year}; Verschiebung in Rängen.", f"{self.year}; shift in ranks.")
        places = {"pearson": 3, "spearman": 3, "mean_shift": 2, "max_shift": 0}
        return self._model(frame, heads, lang, notes=[note], decimals=places)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        ranks = self.wide("rank").astype("Float64").astype(np.float64).dropna()
        shown = ranks.head(options.get("n", _SHOWN))
        labels = [self.label(str(unit)) for unit in shown.index]
        if len(self.variants) == 2:
            left, right = (shown[name].to_numpy() for name in self.variants)
            mine = [self.label(unit) for unit in options.get("highlight", ())]
            return slopes(
                labels, left, right, titles=(self.variants[0], self.variants[1]),
                highlight=mine, lang=lang,
            )  # fmt: skip
        nominal = shown[self.variants[0]].to_numpy()
        return intervals(
            labels,
            shown.median(axis=1).to_numpy(),
            shown.min(axis=1).to_numpy(),
            shown.max(axis=1).to_numpy(),
            nominal=nominal,
            legend=(
                Text(
                    f"Median und Spannweite von {len(self.variants)} Varianten",
                    f"median and range of {len(self.variants)} variants",
                ).get(lang),
                self.variants[0],
            ),
            axis=Text("Rang", "Rank").get(lang),
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        worst = self.agreement.iloc[int(self.agreement["mean_shift"].to_numpy().argmax())]
        shift = format_number(worst["mean_shift"], 1, lang)
        names = ", ".join(self.variants)
        return Text(
            f"Ränge der Einheiten in {len(self.variants)} Varianten ({names}), {self.year}; am "
            f"weitesten auseinander: {worst['first']} und {worst['second']}, im Mittel {shift} "
            "Ränge.",
            f"Ranks of the units in {len(self.variants)} variants ({names}), {self.year}; furthest "
            f"apart: {worst['first']} and {worst['second']}, {shift} ranks on average.",
        ).get(lang)


def variant_table(
    variants: Mapping[str, CompositeResult], node: str | None, year: int
) -> pd.DataFrame:
    """Return scores and ranks of all variants.

    Parameters
    ----------
    variants : mapping of str to CompositeResult
        Variants by name.
    node : str or None
        Node; the index of each by default.
    year : int
        Year.

    Returns
    -------
    pandas.DataFrame
        ``unit, variant, score, rank, score_change, places_gained``.
    """
    frames = []
    for name, result in variants.items():
        rows = result.table
        keep = (rows["node"] == (node or result.spec.root)) & (rows["year"] == year)
        frame = rows.loc[keep, ["unit", "score", "rank"]].astype({"unit": "str"})
        frame.insert(1, "variant", name)
        frames.append(frame)
    base = frames[0].set_index("unit")
    for frame in frames:
        frame["score_change"] = frame["score"] - base["score"].reindex(frame["unit"]).to_numpy()
        frame["places_gained"] = base["rank"].reindex(frame["unit"]).array - frame["rank"].array
    return pd.concat(frames, ignore_index=True)


def agreement_table(table: pd.DataFrame, variants: tuple[str, ...]) -> pd.DataFrame:
    """Return how far each pair of variants agrees.

    Parameters
    ----------
    table : pandas.DataFrame
        Scores and ranks of all variants.
    variants : tuple of str
        Names.

    Returns
    -------
    pandas.DataFrame
        ``first, second, n, pearson, spearman, kendall, mean_shift, max_shift`` over the units
        that both rank.
    """
    ranks = table.pivot(index="unit", columns="variant", values="rank")
    scores = table.pivot(index="unit", columns="variant", values="score")
    rows = []
    for a, b in combinations(variants, 2):
        both = ranks[[a, b]].notna().all(axis=1).to_numpy()
        pair = scores.loc[both, [a, b]].to_numpy(np.float64)
        places = ranks.loc[both, [a, b]].to_numpy(np.float64)
        shift = np.abs(places[:, 0] - places[:, 1])
        found = [float(correlate(pair, kind=k).r[0, 1]) for k in ("pearson", "spearman", "kendall")]
        mean = float(shift.mean()) if len(shift) else np.nan
        rows.append((a, b, int(both.sum()), *found, mean, shift.max(initial=0.0)))
    columns = ["first", "second", "n", "pearson", "spearman", "kendall", "mean_shift", "max_shift"]
    return pd.DataFrame(rows, columns=columns)

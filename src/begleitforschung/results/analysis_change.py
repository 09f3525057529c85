"""Change of scores taken apart, and trends of raw figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.display.numbers import format_number
from begleitforschung.display.profiles import slopes
from begleitforschung.display.stacked import stacked_bars
from begleitforschung.display.tables import TableModel
from begleitforschung.errors import UnknownCodeError
from begleitforschung.language import Lang, Text
from begleitforschung.results.analysis_base import IndexAnalysis, ends_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN, _SLOPES = 25, 15
EFFECT_WORDS: dict[str, Text] = {
    "data": Text("eigene Werte", "own values"),
    "reference": Text("Vergleichsmaßstab", "reference"),
    "weights": Text("Gewichte", "weights"),
}
_UNIT = Text("Einheit", "Unit")


@dataclass(frozen=True, kw_only=True, eq=False)
class IndexChange(IndexAnalysis):
    """Change of scores between two years.

    ``table`` has one row per node and unit, the index first: ``unit, node, start, end, change``
    and its effects ``data, reference, weights``, which add up to it; ``rank_start, rank_end,
    places_gained`` (positive is better).

    Parameters
    ----------
    start, end : int
        Years.
    """

    start: int
    end: int

    def of_node(self, node: str | None = None) -> pd.DataFrame:
        """Return the rows of one node.

        Parameters
        ----------
        node : str, optional
            The node; the index by default.

        Returns
        -------
        pandas.DataFrame
            Rows of the table.

        Raises
        ------
        UnknownCodeError
            If there is no such node.
        """
        name = node or self.of.spec.root
        if name not in self.of.spec.tree.nodes:
            raise UnknownCodeError(name, self.of.spec.tree.nodes, "nodes of the index")
        return self.table[self.table["node"] == name].reset_index(drop=True)

    def by_indicator(self, node: str | None = None) -> pd.DataFrame:
        """Return how much of the change each indicator carries; rows add up to the change.

        Parameters
        ----------
        node : str, optional
            The node; the index by default.

        Returns
        -------
        pandas.DataFrame
            Units by indicators: contribution in the last year minus that in the first.

        Raises
        ------
        CompositeError
            If the method of a node has no exact contributions.
        UnknownCodeError
            If there is no such node.
        """
        rows = self.of_node(node)
        shares = self.of.contributions(node)
        years = shares.index.get_level_values("year")
        before, after = (
            shares[years == year].droplevel("year").reindex(rows["unit"])
            for year in (self.start, self.end)
        )
        return after - before

    def _shown(self, options: dict[str, Any]) -> pd.DataFrame:
        rows = self.of_node(options.get("node"))
        order = rows["change"].abs().sort_values(ascending=False, kind="stable").index
        largest = rows.loc[order].head(options.get("n", _SHOWN))
        return largest.sort_values("change", ascending=False, kind="stable")

    def _display(self, lang: Lang) -> TableModel:
        frame = self._shown({})
        frame = frame.assign(unit=[self.label(unit) for unit in frame["unit"]])
        heads = {
            "unit": _UNIT,
            "start": Text(str(self.start), str(self.start)),
            "end": Text(str(self.end), str(self.end)),
            "change": Text("Veränderung", "change"),
            **EFFECT_WORDS,
            "places_gained": Text("Ränge gewonnen", "places gained"),
        }
        total = len(self.of_node())
        note = Text(
            f"die {len(frame)} von {total} Einheiten mit der größten Veränderung; eigene Werte + "
            "Vergleichsmaßstab + Gewichte = Veränderung (Shapley-Zerlegung).",
            f"the {len(frame)} of {total} units that changed most; own values + reference + "
            "weights = change (Shapley decomposition).",
        )
        return self._model(frame, heads, lang, notes=[note], decimals=1)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        frame = self._shown(options)
        parts = {
            words.get(lang): frame[name].to_numpy()
            for name, words in EFFECT_WORDS.items()
            if (frame[name] != 0).any() or name == "data"
        }
        axis = Text(f"Veränderung {self.start}–{self.end}", f"change {self.start}–{self.end}").get(
            lang
        )
        return stacked_bars([self.label(u) for u in frame["unit"]], parts, axis=axis, lang=lang)

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        frame = self._shown(options)
        if not len(frame):
            return Text("Keine Veränderung bekannt.", "No change is known.").get(lang)
        low, high = (
            f"{self.label(row['unit'])} ({format_number(row['change'], 1, lang, sign=True)})"
            for row in ends_of(frame, "change")
        )
        return Text(
            f"Gestapelte Balken: Veränderung {self.start}–{self.end} nach Ursachen, {len(frame)} "
            f"Einheiten, von {high} bis {low}.",
            f"Stacked bars: change {self.start}–{self.end} by cause, {len(frame)} units, from "
            f"{high} to {low}.",
        ).get(lang)


@dataclass(frozen=True, kw_only=True, eq=False)
class IndexTrends(IndexAnalysis):
    """Growth of each value.

    ``table`` has one row per unit and element: ``unit, element, n`` values, ``first_year,
    last_year, first, last, percent`` (last against first), ``cagr`` (compound growth per year),
    ``slope`` (least squares, per year), ``slope_percent`` (of the fitted first value),
    ``available`` (share of the years). Missing where growth has no meaning, e.g. from zero.
    """

    def of_element(self, element: str) -> pd.DataFrame:
        """Return the rows of one element.

        Parameters
        ----------
        element : str
            Indicator or node.

        Returns
        -------
        pandas.DataFrame
            Rows of the table.

        Raises
        ------
        UnknownCodeError
            If there is none.
        """
        rows = self.table[self.table["element"] == element]
        if rows.empty:
            raise UnknownCodeError(element, self.table["element"].unique(), "trends")
        return rows.reset_index(drop=True)

    def _display(self, lang: Lang) -> TableModel:
        parts = []
        for name in self.table["element"].unique():
            rows = self.of_element(name).dropna(subset=["first", "last"])
            middle = rows[["percent", "cagr", "slope_percent"]].median()
            grown = float((rows["last"] > rows["first"]).mean())
            parts.append((self.title(name, lang), len(rows), middle["percent"],
                          100 * middle["cagr"], middle["slope_percent"], 100 * grown))  # fmt: skip
        names = ["element", "units", "percent", "cagr", "slope", "grown"]
        heads = {
            "element": Text("Indikator", "Indicator"),
            "units": Text("Einheiten", "units"),
            "percent": Text("Veränderung", "change"),
            "cagr": Text("je Jahr", "per year"),
            "slope": Text("Trend je Jahr", "trend per year"),
            "grown": Text("gestiegen", "grown"),
        }
        note = Text(
            "Mediane der Einheiten; Veränderung vom ersten zum letzten Wert, je Jahr mit "
            "Zinseszins, Trend: Steigung der Ausgleichsgeraden in % ihres ersten Werts.",
            "medians of the units; change from first to last value, compound per year, trend: "
            "slope of the fitted line in % of its first value.",
        )
        percent = dict.fromkeys(("percent", "cagr", "slope", "grown"), "%")
        frame = pd.DataFrame(parts, columns=names)
        return self._model(frame, heads, lang, notes=[note], decimals=1, units=percent)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        rows = self._drawn(options)
        years = rows["first_year"].min(), rows["last_year"].max()
        return slopes(
            [self.label(unit) for unit in rows["unit"]],
            rows["first"].to_numpy(),
            rows["last"].to_numpy(),
            titles=(str(years[0]), str(years[1])),
            decimals=1,
            reverse=False,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        rows = self._drawn(options)
        name = self.title(str(rows["element"].iloc[0]), lang)
        grown = int(np.sum(rows["last"] > rows["first"]))
        years = f"{rows['first_year'].min()}–{rows['last_year'].max()}"
        return Text(
            f"Liniendiagramm: {name} von {len(rows)} Einheiten, {years}; bei {grown} gestiegen.",
            f"Slope chart: {name} of {len(rows)} units, {years}; grown in {grown}.",
        ).get(lang)

    def _drawn(self, options: dict[str, Any]) -> pd.DataFrame:
        element = options.get("element") or str(self.table["element"].iloc[0])
        rows = self.of_element(element).dropna(subset=["first", "last"])
        units = options.get("units")
        if units is not None:
            return rows[rows["unit"].isin(units)]
        order = rows["slope"].abs().sort_values(ascending=False, kind="stable").index
        return rows.loc[order].head(options.get("n", _SLOPES))

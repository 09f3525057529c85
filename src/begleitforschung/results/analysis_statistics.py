"""Statistics of indicators with flags, and the availability of the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.figures import bars
from begleitforschung.display.tables import TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.analysis_base import IndexAnalysis, ends_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FLAGS: dict[str, Text] = {
    "few_values": Text("wenige Werte", "few values"),
    "many_zeros": Text("viele Nullen", "many zeros"),
    "few_different": Text("wenige verschiedene", "few different"),
    "skewed": Text("schief", "skewed"),
}
_AVAILABLE = Text("Anteil vorhandener Werte", "Share of values available")
_SHOWN = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class IndexStatistics(IndexAnalysis):
    """Statistics of the columns of one stage.

    ``table`` has one row per year and element: ``year, element, minimum, maximum, mean, median,
    sd, skewness, kurtosis, n, nonzero, unique, same``, their shares, and the flags ``few_values,
    many_zeros, few_different, skewed``.
    """

    def flagged(self) -> pd.DataFrame:
        """Return the elements with a flag.

        Returns
        -------
        pandas.DataFrame
            Rows of the table.
        """
        keep = self.table[list(FLAGS)].any(axis=1)
        return self.table[keep].reset_index(drop=True)

    def _flags(self, lang: Lang) -> list[str]:
        rows = self.table[list(FLAGS)].to_numpy(bool)
        words = [text.get(lang) for text in FLAGS.values()]
        return [", ".join(w for w, on in zip(words, row, strict=True) if on) for row in rows]

    def _display(self, lang: Lang) -> TableModel:
        titles = [self.title(name, lang) for name in self.table["element"]]
        frame = self.table.assign(element=titles, flags=self._flags(lang))
        frame["share_available"] *= 100
        heads = {
            "element": Text("Indikator", "Indicator"),
            "n": Text("n", "n"),
            "share_available": Text("vorhanden", "available"),
            "minimum": Text("Minimum", "minimum"),
            "median": Text("Median", "median"),
            "mean": Text("Mittel", "mean"),
            "maximum": Text("Maximum", "maximum"),
            "sd": Text("Std.-Abw.", "std. dev."),
            "skewness": Text("Schiefe", "skewness"),
            "kurtosis": Text("Wölbung", "kurtosis"),
            "flags": Text("Hinweis", "Remark"),
        }
        if self.table["year"].nunique() > 1:
            heads = {"year": Text("Jahr", "year"), **heads}
        limits = self.specification
        skew, kurt = f"{limits['max_skewness']:g}", f"{limits['max_kurtosis']:g}"
        german = [limit.replace(".", ",") for limit in (skew, kurt)]
        note = Text(
            f"Werte nach Stufe „{limits['stage']}“; Std.-Abw. mit n − 1, Schiefe G1, Wölbung G2 "
            f"(Exzess); schief: |Schiefe| über {german[0]} und Wölbung über {german[1]}.",
            f"Values after stage '{limits['stage']}'; std. dev. with n − 1, skewness G1, excess "
            f"kurtosis G2; skewed: |skewness| above {skew} and kurtosis above {kurt}.",
        )
        places = {"share_available": 0}
        percent = {"share_available": "%"}
        return self._model(frame, heads, lang, notes=[note], decimals=places, units=percent)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        rows = self._pictured(options.get("year"))
        return bars(
            [self.title(name, lang) for name in rows["element"]],
            100 * rows["share_available"].to_numpy(),
            axis=_AVAILABLE.get(lang),
            unit="%",
            decimals=0,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        rows = self._pictured(options.get("year"))
        least, _ = ends_of(rows, "share_available")
        name, share = self.title(least["element"], lang), f"{100 * least['share_available']:.0f}"
        return Text(
            f"Balkendiagramm: Anteil vorhandener Werte von {len(rows)} Indikatoren; am wenigsten "
            f"hat {name} mit {share} %.",
            f"Bar chart: share of values available of {len(rows)} indicators; {name} has least, "
            f"{share} %.",
        ).get(lang)

    def _pictured(self, year: int | None) -> pd.DataFrame:
        when = self.table["year"].max() if year is None else year
        return self.table[self.table["year"] == when]


@dataclass(frozen=True, kw_only=True, eq=False)
class Availability(IndexAnalysis):
    """How much of the data each unit has.

    ``table`` has one row per node, year and unit, the index first: ``unit, year, node, n,
    missing, zeros, share_available, share_nonzero`` (of the values there are).
    """

    def by_node(self, year: int | None = None) -> pd.DataFrame:
        """Return the shares of available indicators as a wide table.

        Parameters
        ----------
        year : int, optional
            Year; the last one by default.

        Returns
        -------
        pandas.DataFrame
            Units by nodes, from the root down.
        """
        rows = self._of(year)
        wide = rows.pivot_table("share_available", "unit", "node", sort=False)
        return wide[list(rows["node"].unique())]

    def _of(self, year: int | None) -> pd.DataFrame:
        when = self.table["year"].max() if year is None else year
        return self.table[self.table["year"] == when]

    def _lowest(self, year: int | None) -> pd.DataFrame:
        rows = self._of(year)
        rows = rows[rows["node"] == self.of.spec.root]
        return rows.sort_values(["share_available", "unit"], kind="stable").head(_SHOWN)

    def _display(self, lang: Lang) -> TableModel:
        frame = self._lowest(None)
        frame = frame.assign(
            unit=[self.label(unit) for unit in frame["unit"]],
            share_available=100 * frame["share_available"],
        )
        heads = {
            "unit": Text("Einheit", "Unit"),
            "n": Text("Werte", "values"),
            "missing": Text("fehlend", "missing"),
            "zeros": Text("Nullen", "zeros"),
            "share_available": Text("vorhanden", "available"),
        }
        total = self._of(None)["unit"].nunique()
        note = Text(
            f"die {len(frame)} von {total} Einheiten mit den wenigsten Werten.",
            f"the {len(frame)} of {total} units with the fewest values.",
        )
        percent = {"share_available": "%"}
        return self._model(frame, heads, lang, notes=[note], decimals=0, units=percent)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        rows = self._lowest(options.get("year"))
        return bars(
            [self.label(unit) for unit in rows["unit"]],
            100 * rows["share_available"].to_numpy(),
            axis=_AVAILABLE.get(lang),
            unit="%",
            decimals=0,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        rows = self._lowest(options.get("year"))
        first = rows.iloc[0]
        share = f"{100 * first['share_available']:.0f}"
        return Text(
            f"Balkendiagramm: Anteil vorhandener Werte der {len(rows)} Einheiten mit den wenigsten "
            f"Werten; am wenigsten hat {self.label(first['unit'])} mit {share} %.",
            f"Bar chart: share of values available of the {len(rows)} units with the fewest; "
            f"{self.label(first['unit'])} has least, {share} %.",
        ).get(lang)

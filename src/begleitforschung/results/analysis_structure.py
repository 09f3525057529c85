"""Cronbach's alpha, principal components and importance as results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.display.figures import bars
from begleitforschung.display.matrices import heat_map
from begleitforschung.display.numbers import format_number
from begleitforschung.display.stacked import intervals
from begleitforschung.display.tables import TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.analysis_base import IndexAnalysis, ends_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ELEMENT = Text("Indikator", "Indicator")
_SHOWN = 25
_FORMATIVE = Text(
    "Der Index ist formativ: Seine Indikatoren müssen nicht korrelieren, Alpha ist kein Gütemaß.",
    "The index is formative: its indicators need not correlate, alpha is no measure of quality.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Reliability(IndexAnalysis):
    """Cronbach's alpha.

    ``table`` has one row per node and kind of parts: ``node, of`` (``"indicators"`` or
    ``"parts"``), ``k`` of them, ``complete`` (units with all values), ``alpha``. Covariances are
    those of the units that have both values.
    """

    def _display(self, lang: Lang) -> TableModel:
        words = {"indicators": Text("Indikatoren", "indicators"), "parts": Text("Teile", "parts")}
        frame = self.table.assign(
            node=[self.title(name, lang) for name in self.table["node"]],
            of=[words[of].get(lang) for of in self.table["of"]],
        )
        heads = {
            "node": Text("Knoten", "Node"),
            "of": Text("aus", "made of"),
            "k": Text("Zahl", "number"),
            "complete": Text("vollständige Einheiten", "complete units"),
            "alpha": Text("Cronbachs α", "Cronbach's α"),
        }
        purpose = self.of.spec.purpose
        notes = [_FORMATIVE] if purpose is not None and purpose.model == "formative" else []
        return self._model(frame, heads, lang, notes=notes)

    def _figure(self, lang: Lang, **_options: Any) -> Figure:
        rows = self._rows()
        labels = [self.title(name, lang) for name in rows["node"]]
        axis = Text("Cronbachs α (Indikatoren)", "Cronbach's α (indicators)").get(lang)
        return bars(labels, rows["alpha"].to_numpy(), axis=axis, decimals=2, lang=lang)

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        rows = self._rows().dropna(subset=["alpha"])
        if not len(rows):
            return Text("Cronbachs α ist nirgends bekannt.", "Cronbach's α is not known.").get(lang)
        low, high = (
            f"{self.title(e['node'], lang)} ({format_number(e['alpha'], 2, lang)})"
            for e in ends_of(rows, "alpha")
        )
        return Text(
            f"Balkendiagramm: Cronbachs α von {len(rows)} Knoten, von {low} bis {high}.",
            f"Bar chart: Cronbach's α of {len(rows)} nodes, from {low} to {high}.",
        ).get(lang)

    def _rows(self) -> pd.DataFrame:
        return self.table[self.table["of"] == "indicators"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ComponentsResult(IndexAnalysis):
    """Principal components of what is below a node.

    ``table`` has one row per element and component: ``loading`` (their correlation) and
    ``direction`` (the unit vector).

    Parameters
    ----------
    eigenvalues : pandas.DataFrame
        ``component, eigenvalue, share, cumulative``.
    node : str
        The node.
    n : int
        Units with all values.
    """

    eigenvalues: pd.DataFrame = field(repr=False)
    node: str
    n: int

    @property
    def kaiser(self) -> int:
        """Number of components with an eigenvalue above 1 (Kaiser's rule)."""
        return int((self.eigenvalues["eigenvalue"] > 1).sum())

    def loadings(self, components: int | None = None) -> pd.DataFrame:
        """Return the loadings as a wide table.

        Parameters
        ----------
        components : int, optional
            How many components; all by default.

        Returns
        -------
        pandas.DataFrame
            Elements by components.
        """
        wide = self.table.pivot_table("loading", "element", "component", sort=False)
        return wide if components is None else wide.iloc[:, :components]

    def _display(self, lang: Lang) -> TableModel:
        shown = self.loadings(max(1, self.kaiser))
        names = [f"c{number}" for number in shown.columns]
        frame = shown.set_axis(names, axis=1).reset_index()
        frame["element"] = [self.title(name, lang) for name in frame["element"]]
        share = self.eigenvalues["share"].to_numpy()
        heads = {"element": _ELEMENT}
        for number, name in enumerate(names):
            percent = format_number(100 * share[number], 0, lang)
            heads[name] = Text(
                f"{number + 1}. Komponente ({percent} %)", f"Component {number + 1} ({percent} %)"
            )
        note = Text(
            f"Hauptkomponenten mit Eigenwert über 1 von „{self.title(self.node, 'de')}“, "
            f"{self.n} vollständige Einheiten; in Klammern Anteil an der Varianz.",
            f"Principal components with eigenvalue above 1 of '{self.title(self.node, 'en')}', "
            f"{self.n} complete units; share of variance in brackets.",
        )
        return self._model(frame, heads, lang, notes=[note])

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        shown = self.loadings(options.get("components") or max(2, self.kaiser))
        return heat_map(
            shown.to_numpy(),
            [self.title(str(name), lang) for name in shown.index],
            [str(number) for number in shown.columns],
            axis=Text("Ladung", "Loading").get(lang),
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        first = format_number(100 * float(self.eigenvalues["share"].iloc[0]), 0, lang)
        return Text(
            f"Matrix der Ladungen auf die Hauptkomponenten von „{self.title(self.node, 'de')}“; "
            f"die erste erklärt {first} % der Varianz, {self.kaiser} haben einen Eigenwert über 1.",
            f"Matrix of loadings on the principal components of '{self.title(self.node, 'en')}'; "
            f"the first explains {first} % of the variance, {self.kaiser} have an eigenvalue "
            "above 1.",
        ).get(lang)


@dataclass(frozen=True, kw_only=True, eq=False)
class Importance(IndexAnalysis):
    """Weights as given and as they work.

    ``table`` has one row per element: ``weight`` (effective, within the node), ``importance``
    (correlation ratio, 0 to 1), ``linear`` (squared correlation), ``share`` (importance over the
    sum of all), ``difference`` (share minus weight).

    Parameters
    ----------
    node : str
        The node whose scores are explained.
    """

    node: str

    def _display(self, lang: Lang) -> TableModel:
        frame = self.table.sort_values("importance", ascending=False, kind="stable")
        frame = frame.assign(
            element=[self.title(name, lang) for name in frame["element"]],
            weight=100 * frame["weight"],
            share=100 * frame["share"],
        )
        heads = {
            "element": _ELEMENT,
            "weight": Text("Gewicht", "Weight"),
            "share": Text("Bedeutung, Anteil", "Importance, share"),
            "importance": Text("Korrelationsverhältnis", "Correlation ratio"),
            "linear": Text("r²", "r²"),
        }
        note = Text(
            "Bedeutung: Anteil der Streuung der Punktwerte, den der Indikator erklärt "
            "(Korrelationsverhältnis nach Paruolo, Saisana und Saltelli 2013), auf 100 % gebracht.",
            "Importance: share of the variance of the scores that the indicator explains "
            "(correlation ratio, Paruolo, Saisana & Saltelli 2013), scaled to 100 %.",
        )
        percent = {"weight": "%", "share": "%"}
        places = {"weight": 1, "share": 1, "importance": 2, "linear": 2}
        return self._model(frame, heads, lang, notes=[note], decimals=places, units=percent)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        away = self.table["difference"].abs().sort_values(ascending=False, kind="stable")
        frame = self.table.loc[away.index].head(options.get("n", _SHOWN))
        frame = frame.sort_values("share", ascending=False, kind="stable")
        weight, share = 100 * frame["weight"].to_numpy(), 100 * frame["share"].to_numpy()
        return intervals(
            [self.title(name, lang) for name in frame["element"]],
            share,
            np.fmin(weight, share),
            np.fmax(weight, share),
            nominal=weight,
            legend=(
                Text("Bedeutung", "Importance").get(lang),
                Text("Gewicht", "Weight").get(lang),
            ),
            axis=Text("Anteil", "Share").get(lang),
            unit="%",
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        rows = self.table.dropna(subset=["difference"])
        if not len(rows):
            return Text("Bedeutung nirgends bekannt.", "Importance is not known.").get(lang)
        less, more = (
            f"{self.title(e['element'], lang)} ({format_number(100 * e['share'], 1, lang)} % / "
            f"{format_number(100 * e['weight'], 1, lang)} %)"
            for e in ends_of(rows, "difference")
        )
        return Text(
            f"Punktdiagramm: Bedeutung gegen Gewicht von {len(rows)} Indikatoren; am stärksten "
            f"über seinem Gewicht liegt {more}, am stärksten darunter {less}.",
            f"Dot chart: importance against weight of {len(rows)} indicators; {more} lies most "
            f"above its weight, {less} most below.",
        ).get(lang)

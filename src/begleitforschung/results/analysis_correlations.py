"""Correlations of indicators and nodes, corrected for the number of pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from begleitforschung.display.matrices import heat_map
from begleitforschung.display.numbers import format_number, format_p
from begleitforschung.display.tables import TableModel
from begleitforschung.errors import UnknownCodeError
from begleitforschung.language import Lang, Text
from begleitforschung.results.analysis_base import IndexAnalysis, ends_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS: dict[str, Text] = {
    "pearson": Text("Pearson-Korrelation", "Pearson correlation"),
    "spearman": Text("Rangkorrelation nach Spearman", "Spearman's rank correlation"),
    "kendall": Text("Rangkorrelation nach Kendall (τ-b)", "Kendall's rank correlation (τ-b)"),
}
_CORRECTIONS: dict[str | None, Text] = {
    "holm": Text("p nach Holm korrigiert", "p corrected by Holm's method"),
    "bh": Text("p nach Benjamini und Hochberg korrigiert", "p corrected by Benjamini-Hochberg"),
    None: Text("p nicht korrigiert", "p not corrected"),
}
_SHOWN = 30


@dataclass(frozen=True, kw_only=True, eq=False)
class CorrelationResult(IndexAnalysis):
    """Correlations of pairs.

    ``table`` has one row per pair: ``first, second, r, n`` (units with both values), ``p``
    (two-sided) and ``p_adjusted`` for the number of pairs.

    Parameters
    ----------
    kind : {"pearson", "spearman", "kendall"}
        Coefficient.
    correction : {"holm", "bh"} or None
        Correction of the p values.
    rows, columns : tuple of str
        Elements that stand first and second, in the order of the tree.
    """

    kind: str
    correction: str | None
    rows: tuple[str, ...]
    columns: tuple[str, ...]

    def matrix(self, what: Literal["r", "n", "p", "p_adjusted"] = "r") -> pd.DataFrame:
        """Return the pairs as a matrix in the order of the tree.

        Parameters
        ----------
        what : {"r", "n", "p", "p_adjusted"}
            Column of the table.

        Returns
        -------
        pandas.DataFrame
            Symmetric with an empty diagonal where pairs are of one kind of elements, else the
            lower elements by those above; empty where a pair was not asked for.

        Raises
        ------
        UnknownCodeError
            If there is no such column.
        """
        if what not in ("r", "n", "p", "p_adjusted"):
            raise UnknownCodeError(what, ("r", "n", "p", "p_adjusted"), "correlations")
        square = self.specification.get("pairs") in ("all", "within", "across")
        order = list(self.of.spec.elements) if square else []
        if square:
            both = {*self.rows, *self.columns}
            order = [name for name in self._along() if name in both]
        rows, columns = (order, order) if square else (list(self.rows), list(self.columns))
        place = {name: number for number, name in enumerate(rows)}
        across = {name: number for number, name in enumerate(columns)}
        found = np.full((len(rows), len(columns)), np.nan)
        i = self.table["first"].map(place).to_numpy(np.int64)
        values = self.table[what].to_numpy(np.float64)
        found[i, self.table["second"].map(across).to_numpy(np.int64)] = values
        if square:
            found[self.table["second"].map(across).to_numpy(np.int64), i] = values
        return pd.DataFrame(found, index=rows, columns=columns)

    def flags(
        self, *, high: float | None = 0.9, low: float | None = -0.4, level: float | None = None
    ) -> pd.DataFrame:
        """Return the pairs that say the same or contradict each other.

        Parameters
        ----------
        high : float, optional
            Above it two indicators say much the same.
        low : float, optional
            Below it they work against each other: one cancels the other in a mean.
        level : float, optional
            Only pairs whose corrected p lies below.

        Returns
        -------
        pandas.DataFrame
            Rows of the table with ``flag``: ``"high"`` or ``"low"``.
        """
        r = self.table["r"]
        flag = pd.Series("", index=self.table.index, dtype="str")
        if high is not None:
            flag = flag.mask(r > high, "high")
        if low is not None:
            flag = flag.mask(r < low, "low")
        keep = flag != ""
        if level is not None:
            keep &= self.table["p_adjusted"] < level
        return self.table.assign(flag=flag)[keep].reset_index(drop=True)

    def significant(self, level: float = 0.05) -> pd.DataFrame:
        """Return the pairs whose corrected p lies below a level, the strongest first.

        Parameters
        ----------
        level : float
            The level.

        Returns
        -------
        pandas.DataFrame
            Rows of the table.
        """
        rows = self.table[self.table["p_adjusted"] < level]
        order = rows["r"].abs().sort_values(ascending=False, kind="stable").index
        return rows.loc[order].reset_index(drop=True)

    def _along(self) -> list[str]:
        """Return the elements branch by branch."""
        spec = self.of.spec
        found, stack = [], [spec.root]
        while stack:
            name = stack.pop()
            found.append(name)
            stack += reversed([item.id for item in spec.elements.values() if item.parent == name])
        return found

    def _display(self, lang: Lang) -> TableModel:
        strong = self.significant()
        shown = strong.head(_SHOWN)
        frame = shown.assign(
            first=[self.title(name, lang) for name in shown["first"]],
            second=[self.title(name, lang) for name in shown["second"]],
            p_adjusted=[format_p(p, lang) for p in shown["p_adjusted"]],
        )
        heads = {
            "first": Text("Indikator", "Indicator"),
            "second": Text("mit", "with"),
            "r": Text("r", "r"),
            "n": Text("n", "n"),
            "p_adjusted": Text("p", "p"),
        }
        correction = _CORRECTIONS[self.correction]
        total, count = len(self.table), len(strong)
        note = Text(
            f"{KINDS[self.kind].de}; {count} von {total} Paaren auf dem 5-%-Niveau von null "
            f"verschieden, gezeigt sind die {len(shown)} stärksten; {correction.de}.",
            f"{KINDS[self.kind].get('en')}; {count} of {total} pairs differ from zero at the 5 % "
            f"level, the {len(shown)} strongest are shown; {correction.get('en')}.",
        )
        return self._model(frame, heads, lang, notes=[note], decimals={"r": 2})

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        matrix = self.matrix(**options)
        groups = [self.of.spec.elements.get(str(name)) for name in matrix.index]
        parents = ["" if item is None else item.parent for item in groups]
        square = list(matrix.index) == list(matrix.columns)
        edges = [n for n in range(1, len(parents)) if parents[n] != parents[n - 1]]
        return heat_map(
            matrix.to_numpy(),
            [self.title(str(name), lang) for name in matrix.index],
            [self.title(str(name), lang) for name in matrix.columns],
            axis=KINDS[self.kind].get(lang),
            boundaries=edges if square else (),
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        rows = self.table.dropna(subset=["r"])
        kind = KINDS[self.kind].get(lang)
        if not len(rows):
            return {"de": f"{kind}: keine Paare.", "en": f"{kind}: no pairs."}[lang]
        low, high = (
            f"{self.title(e['first'], lang)} / {self.title(e['second'], lang)} "
            f"({format_number(e['r'], 2, lang)})"
            for e in ends_of(rows, "r")
        )
        return Text(
            f"Matrix der {kind} von {len(rows)} Paaren, von {low} bis {high}.",
            f"Matrix of {kind} of {len(rows)} pairs, from {low} to {high}.",
        ).get(lang)

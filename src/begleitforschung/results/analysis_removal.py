"""How far the ranks move when one element is left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.display.figures import bars
from begleitforschung.display.numbers import format_number
from begleitforschung.display.tables import TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.analysis_base import IndexAnalysis
from begleitforschung.results.composite_stages import Floats
from begleitforschung.stats.indices.ranking import Ranks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = 25


@dataclass(frozen=True, kw_only=True, eq=False)
class Removal(IndexAnalysis):
    """Ranks without one element after the other.

    ``table`` has one row per element left out: ``element, mean_shift`` and ``max_shift`` (absolute
    differences from the rank in the index), ``most_moved`` (the unit with the largest).

    Parameters
    ----------
    units : tuple of str
        Units.
    all_scores, all_ranks : numpy.ndarray, shape (1 + elements, units)
        Scores and ranks: the index itself, then without each element.
    """

    units: tuple[str, ...] = field(repr=False)
    all_scores: Floats = field(repr=False)
    all_ranks: Ranks = field(repr=False)

    @property
    def scores(self) -> pd.DataFrame:
        """Scores: units by ``nominal`` (nothing left out) and each element left out."""
        return self._wide(self.all_scores)

    @property
    def ranks(self) -> pd.DataFrame:
        """Ranks in the same shape; missing where there is no score."""
        ranks = self._wide(self.all_ranks)
        return ranks.astype("Int64").mask(ranks == 0)

    def _wide(self, values: NDArray[Any]) -> pd.DataFrame:
        columns = ["nominal", *self.table["element"]]
        return pd.DataFrame(values.T, index=pd.Index(self.units, name="unit"), columns=columns)

    def _sorted(self) -> pd.DataFrame:
        return self.table.sort_values("mean_shift", ascending=False, kind="stable")

    def _display(self, lang: Lang) -> TableModel:
        frame = self._sorted()
        frame = frame.assign(
            element=[self.title(name, lang) for name in frame["element"]],
            most_moved=[self.label(unit) for unit in frame["most_moved"]],
        )
        heads = {
            "element": Text("ohne", "without"),
            "mean_shift": Text("mittlere Verschiebung", "mean shift"),
            "max_shift": Text("größte Verschiebung", "largest shift"),
            "most_moved": Text("bei", "of"),
        }
        note = Text(
            "Verschiebung der Ränge (Betrag), wenn das Element fehlt; alles Übrige bleibt.",
            "Shift of ranks (absolute) if the element is left out; all else stays.",
        )
        places = {"mean_shift": 2, "max_shift": 0}
        return self._model(frame, heads, lang, notes=[note], decimals=places)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        frame = self._sorted().head(options.get("n", _SHOWN))
        axis = Text("mittlere Verschiebung der Ränge ohne …", "mean shift of ranks without …")
        return bars(
            [self.title(name, lang) for name in frame["element"]],
            frame["mean_shift"].to_numpy(),
            axis=axis.get(lang),
            decimals=2,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        frame = self._sorted().head(options.get("n", _SHOWN))
        first, last = frame.iloc[0], frame.iloc[-1]
        most, least = (
            f"{self.title(row['element'], lang)} ({format_number(row['mean_shift'], 2, lang)})"
            for row in (first, last)
        )
        return Text(
            f"Balkendiagramm: mittlere Verschiebung der Ränge, wenn ein Element fehlt, "
            f"{len(frame)} von {len(self.table)} Elementen, von {most} bis {least}.",
            f"Bar chart: mean shift of ranks if one element is left out, {len(frame)} of "
            f"{len(self.table)} elements, from {most} to {least}.",
        ).get(lang)


def removal_table(names: tuple[str, ...], ranks: Ranks, units: NDArray[np.object_]) -> pd.DataFrame:
    """Return the shifts by element.

    Parameters
    ----------
    names : tuple of str
        Elements left out.
    ranks : numpy.ndarray, shape (1 + elements, units)
        Ranks, those of the index first; 0 is unranked.
    units : numpy.ndarray of object, shape (units,)
        Units.

    Returns
    -------
    pandas.DataFrame
        ``element, mean_shift, max_shift, most_moved`` over the units ranked with and without.
    """
    both = (ranks[1:] > 0) & (ranks[0] > 0)
    shift = np.where(both, np.abs(ranks[1:].astype(np.int64) - ranks[0]), 0)
    count = both.sum(axis=1)
    mean = np.divide(shift.sum(axis=1), count, out=np.full(len(names), np.nan), where=count > 0)
    return pd.DataFrame(
        {
            "element": list(names),
            "mean_shift": mean,
            "max_shift": shift.max(axis=1, initial=0),
            "most_moved": units[shift.argmax(axis=1)] if len(units) else "",
        }
    )

"""Units of an index by their scores: all of a year, and one with its strengths and weaknesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import UnknownCodeError
from begleitforschung.frameworks.index_entries import IndicatorSpec, as_text
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Lang
from begleitforschung.results.composite_scores import ranks_by_year
from begleitforschung.results.composite_stages import Stage


class UnitViews:
    """What `CompositeResult` tells about units."""

    table: pd.DataFrame
    spec: IndexSpec
    stages: tuple[Stage, ...]
    names: Mapping[str, str]
    unranked: NDArray[np.bool_] | None

    @property
    def final(self) -> Stage:
        """The last aggregation: values of all elements."""
        return next(stage for stage in reversed(self.stages) if stage.kind == "aggregate")

    @property
    def years(self) -> tuple[int, ...]:
        """Years, ascending."""
        return self.final.years

    @property
    def units(self) -> tuple[str, ...]:
        """Units that have a row."""
        stage = self.final
        return tuple(stage.units[number] for number in np.unique(stage.unit))

    def summary(self, year: int | None = None, *, lang: Lang = "de") -> pd.DataFrame:
        """Return the units of one year with rank, score and the scores of the main parts.

        Parameters
        ----------
        year : int, optional
            Year; the last one by default.
        lang : {"de", "en"}
            Language of the titles.

        Returns
        -------
        pandas.DataFrame
            ``unit, name, rank, score``, one column per part, ``coverage, imputed``; by rank, then
            by unit; units without a score last.
        """
        when = self._year(year)
        root = self.table[(self.table["node"] == self.spec.root) & (self.table["year"] == when)]
        parts = self.spec.tree.children[-1]
        rows = self.final.year == when
        columns: dict[str, Any] = {
            "unit": root["unit"].astype(str).to_numpy(),
            "name": [self.names.get(str(unit), "") for unit in root["unit"]],
            "rank": root["rank"].array,
            "score": root["score"].to_numpy(),
        }
        for part in parts:
            title = self.spec.title_of(self.spec.tree.ids[part]).get(lang)
            # Titles need not differ; one part must not take the place of another column.
            taken = title in (*columns, "coverage", "imputed")
            label = f"{title} ({self.spec.tree.ids[part]})" if taken else title
            columns[label] = self.final.values[rows, part]
        columns |= {name: root[name].to_numpy() for name in ("coverage", "imputed")}
        frame = pd.DataFrame(columns)
        return frame.sort_values(["rank", "unit"], na_position="last", ignore_index=True)

    def unit_summary(
        self, unit: str, year: int | None = None, *, lang: Lang = "de"
    ) -> pd.DataFrame:
        """Return the scores and ranks of one unit in all nodes.

        Parameters
        ----------
        unit : str
            Its key.
        year : int, optional
            Year; the last one by default.
        lang : {"de", "en"}
            Language of the titles.

        Returns
        -------
        pandas.DataFrame
            ``node, title, score, rank, of`` (units ranked), ``coverage, imputed`` from the root
            down.

        Raises
        ------
        UnknownCodeError
            If there is no such unit or year.
        """
        when = self._year(year)
        self._row(unit, when)
        rows = self.table[self.table["year"] == when]
        ranked = rows.groupby("node", observed=True, sort=False)["rank"].count()
        found = rows[rows["unit"] == unit].drop(columns=["unit", "year"])
        titles = [self.spec.title_of(str(n)).get(lang) for n in found["node"]]
        found.insert(1, "title", titles)
        found.insert(4, "of", ranked.reindex(found["node"].astype(str)).to_numpy())
        return found.astype({"node": "str"}).reset_index(drop=True)

    def strengths(
        self, unit: str, n: int = 5, year: int | None = None, *, lang: Lang = "de"
    ) -> pd.DataFrame:
        """Return the indicators in which a unit stands best among all units.

        Parameters
        ----------
        unit : str
            Its key.
        n : int
            How many.
        year : int, optional
            Year; the last one by default.
        lang : {"de", "en"}
            Language of the titles.

        Returns
        -------
        pandas.DataFrame
            ``indicator, title, parent, rank, of, value, unit``: rank by direction among the raw
            values (before any step), the best first.

        Raises
        ------
        UnknownCodeError
            If there is no such unit or year.
        """
        return self._placed(unit, year, lang).head(n).reset_index(drop=True)

    def weaknesses(
        self, unit: str, n: int = 5, year: int | None = None, *, lang: Lang = "de"
    ) -> pd.DataFrame:
        """Return the indicators in which a unit stands worst among all units.

        Parameters
        ----------
        unit : str
            Its key.
        n : int
            How many.
        year : int, optional
            Year; the last one by default.
        lang : {"de", "en"}
            Language of the titles.

        Returns
        -------
        pandas.DataFrame
            As `strengths`, the worst first.

        Raises
        ------
        UnknownCodeError
            If there is no such unit or year.
        """
        return self._placed(unit, year, lang).iloc[::-1].head(n).reset_index(drop=True)

    def _year(self, year: int | None) -> int:
        when = self.years[-1] if year is None else year
        if when not in self.years:
            raise UnknownCodeError(when, map(str, self.years), "years of the index")
        return when

    def _row(self, unit: str, year: int) -> int:
        stage = self.final
        if unit not in stage.units:
            raise UnknownCodeError(unit, stage.units, "units of the index")
        found = np.flatnonzero((stage.unit == stage.units.index(unit)) & (stage.year == year))
        if not len(found):
            raise UnknownCodeError(f"{unit} in {year}", self.units, "units of the index")
        return int(found[0])

    def _placed(self, unit: str, year: int | None, lang: Lang) -> pd.DataFrame:
        """Return all indicators of a unit by their rank among the raw values."""
        when = self._year(year)
        self._row(unit, when)
        raw = self.stages[0].only([when])
        rows = self.final.year == when
        kept = np.isin(raw.unit, self.final.unit[rows])
        signs = [1.0 if item.direction == "higher" else -1.0 for item in self.spec.indicators]
        values = raw.values[kept] * np.array(signs)
        unranked = None
        if self.unranked is not None:
            unranked = np.isin(raw.unit[kept], self.final.unit[self.unranked & rows])
        ranks = ranks_by_year(values, raw.year[kept], unranked, exact=True)
        row = int(np.flatnonzero(raw.unit[kept] == raw.units.index(unit))[0])
        items: tuple[IndicatorSpec, ...] = self.spec.indicators
        frame = pd.DataFrame(
            {
                "indicator": [item.id for item in items],
                "title": [as_text(item.title).get(lang) for item in items],
                "parent": [self.spec.title_of(i.parent).get(lang) for i in items],
                "rank": ranks[row],
                "of": (ranks > 0).sum(axis=0),
                "value": raw.values[kept][row],
                "unit": [item.unit for item in items],
            }
        )
        return frame[frame["rank"] > 0].sort_values("rank", kind="stable")

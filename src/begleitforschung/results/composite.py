"""Scores of a composite index: each with rank, coverage, contributions and the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import UnknownCodeError
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Lang
from begleitforschung.provenance import Source
from begleitforschung.results.base import Result
from begleitforschung.results.composite_contributions import element_gains
from begleitforschung.results.composite_scores import rank_frame, ranks_by_year
from begleitforschung.results.composite_stages import (
    Floats,
    Ints,
    Screened,
    Stage,
    Treated,
    marked_cells,
    treatment_frame,
)
from begleitforschung.results.composite_units import UnitViews
from begleitforschung.results.kpi import KpiResult
from begleitforschung.tables import IndicatorTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.display.tables import TableModel

Level = Literal["index", "nodes", "all"]


@dataclass(frozen=True, kw_only=True, eq=False)
class CompositeResult(UnitViews, Result):
    """Scores of all nodes of an index for units and years.

    ``table`` has one row per node, unit and year, the index first: ``unit, year, node, score``;
    ``rank`` within the year (1 is the best, equal scores share the better rank); ``coverage``
    (share of the node's indicators with a value) and ``imputed`` (share with an imputed one).

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    stages : tuple of Stage
        Values before the first step (``"raw"``) and after each one.
    weights_by_year : numpy.ndarray, shape (years, elements)
        Weights that the aggregation used.
    records : mapping of str to object
        What the steps tell about themselves.
    groups : mapping of str to numpy.ndarray
        Group of each unit, by grouping.
    names : mapping of str to str
        Names of units, where they are known.
    inputs : IndicatorTable, KpiResult or None
        The figures; ``None`` where they came as a DataFrame.
    unranked : numpy.ndarray of bool, shape (rows,), optional
        Rows of the last aggregation whose exposure is too small, or unknown, for a rank; findings
        name the limit.
    """

    spec: IndexSpec
    stages: tuple[Stage, ...] = field(repr=False)
    weights_by_year: Floats = field(repr=False)
    records: Mapping[str, Any] = field(default_factory=dict, repr=False)
    groups: Mapping[str, NDArray[np.object_]] = field(default_factory=dict, repr=False)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    inputs: IndicatorTable | KpiResult | None = field(default=None, repr=False)
    unranked: NDArray[np.bool_] | None = field(default=None, repr=False)

    def stage(self, name: str) -> pd.DataFrame:
        """Return the values after one step.

        Parameters
        ----------
        name : str
            Name of the stage: ``"raw"``, or a name of `IndexSpec.stages`.

        Returns
        -------
        pandas.DataFrame
            Index ``unit, year``; one column per indicator, after an aggregation per element.

        Raises
        ------
        UnknownCodeError
            If there is none.
        """
        known = {stage.name: stage for stage in self.stages}
        if name not in known:
            raise UnknownCodeError(name, known, "stages of the index")
        return known[name].frame()

    def scores(self, level: Level = "nodes") -> pd.DataFrame:
        """Return scores as a wide table.

        Parameters
        ----------
        level : {"index", "nodes", "all"}
            The index alone, all nodes, or the normalised indicators as well.

        Returns
        -------
        pandas.DataFrame
            Index ``unit, year``; columns from the root down.
        """
        return self.final.frame()[self._columns(level)]

    def ranks(self, level: Level = "nodes", *, within: str | None = None) -> pd.DataFrame:
        """Return ranks as a wide table: 1 is the best, equal scores share the better rank.

        Parameters
        ----------
        level : {"index", "nodes", "all"}
            The index alone, all nodes, or the normalised indicators as well.
        within : str, optional
            Grouping; ranks are then those within the unit's group, and units without a group
            have none.

        Returns
        -------
        pandas.DataFrame
            Index ``unit, year``; whole numbers, missing where there is no score or the unit is
            too small for a rank.

        Raises
        ------
        UnknownCodeError
            If there is no such grouping.
        """
        stage, columns = self.final, self._columns(level)
        values = stage.values[:, [stage.columns.index(name) for name in columns]]
        if self.unranked is not None:
            values = np.where(self.unranked[:, None], np.nan, values)
        if within is None:
            return rank_frame(stage, self._ranked(values, stage.year, columns), columns)
        if within not in self.groups:
            raise UnknownCodeError(within, self.groups, "groupings of the units")
        labels = self.groups[within][stage.unit]
        ranks = np.zeros(values.shape, np.int64)
        for label in {item for item in labels if item is not None}:
            rows = np.flatnonzero(labels == label)
            ranks[rows] = self._ranked(values[rows], stage.year[rows], columns)
        return rank_frame(stage, ranks, columns)

    @property
    def marks(self) -> pd.DataFrame:
        """Cells that were imputed or treated: ``unit, year, indicator, mark, code, raw``."""
        return marked_cells(self.final, self.stages[0].columns, self.stages[0])

    @property
    def treatments(self) -> pd.DataFrame:
        """What was decided for each indicator in the steps ``treat``, one row each."""
        told = [(name, item) for name, item in self.records.items() if _holds(item, Treated)]
        frames = [treatment_frame(name, item) for name, item in told]
        return pd.concat(frames, ignore_index=True) if frames else treatment_frame("", ())

    @property
    def treated(self) -> pd.DataFrame:
        """Each point that a step ``treat`` changed: unit, year, indicator, before, after."""
        frames = []
        for before, after in zip(self.stages, self.stages[1:], strict=False):
            if after.kind != "treat":
                continue
            row, column = np.nonzero(before.marks != after.marks)
            points = {
                "stage": after.name,
                "unit": after.labels[row],
                "year": after.year[row],
                "indicator": np.array(after.columns, dtype=object)[column],
                "before": before.values[row, column],
                "after": after.values[row, column],
                "code": after.marks[row, column],
            }
            frames.append(pd.DataFrame(points))
        columns = ["stage", "unit", "year", "indicator", "before", "after", "code"]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)

    @property
    def screened(self) -> pd.DataFrame:
        """Counts of missing values and zeros in the steps ``screen``, and who was kept."""
        told = [(name, item) for name, item in self.records.items() if isinstance(item, Screened)]
        frames = [item.frame().assign(stage=name) for name, item in told]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    @property
    def weights(self) -> pd.DataFrame:
        """Weights that were used, among the parts of each node: ``year, element, weight``."""
        return self._weights(self.weights_by_year)

    @property
    def effective_weights(self) -> pd.DataFrame:
        """Shares multiplied from the root down: ``year, element, weight``."""
        rows = [self.spec.tree.effective(weights) for weights in self.weights_by_year]
        return self._weights(np.array(rows))

    def contributions(
        self, node: str | None = None, *, by: Literal["indicators", "parts"] = "indicators"
    ) -> pd.DataFrame:
        """Return what each indicator contributes to a score; rows add up to the score exactly.

        A contribution is value times gain, the growth of the score with the value (Euler): for the
        arithmetic mean, effective weight times value.

        Parameters
        ----------
        node : str, optional
            Node; the index by default.
        by : {"indicators", "parts"}
            All indicators below the node, or its direct parts.

        Returns
        -------
        pandas.DataFrame
            Index ``unit, year``, one column per indicator or part; missing where there is no score.

        Raises
        ------
        CompositeError
            If the method of a node has no exact decomposition.
        UnknownCodeError
            If there is no such node.
        """
        tree, stage = self.spec.tree, self.final
        name = node or self.spec.root
        if name not in tree.nodes:
            raise UnknownCodeError(name, tree.nodes, "nodes of the index")
        gains = element_gains(self.spec, stage, self.weights_by_year, name, self._details())
        number = tree.nodes.index(name)
        kept = tree.children[number]
        if by == "indicators":
            kept = np.flatnonzero(tree.below()[number])
        found = np.nan_to_num(stage.values[:, kept]) * gains[:, kept]
        found[np.isnan(stage.values[:, tree.n_indicators + number])] = np.nan
        columns = [tree.ids[place] for place in kept]
        return pd.DataFrame(found, index=stage.frame().index, columns=columns)

    def trace(self, unit: str | None = None, year: int | None = None) -> pd.DataFrame:
        """Return the raw cells behind the scores, with the file and row where they stand.

        Parameters
        ----------
        unit : str, optional
            Key of one unit.
        year : int, optional
            One year.

        Returns
        -------
        pandas.DataFrame
            ``unit, year, indicator, value, status, file, row``; figures of a DataFrame stand in no
            file.

        Raises
        ------
        UnknownCodeError
            If there is no such unit.
        """
        from begleitforschung.results.composite_trace import raw_cells

        known = self.stages[0].units
        if unit is not None and unit not in known:
            raise UnknownCodeError(unit, known, "units of the figures")

        return raw_cells(self, unit, year)

    def sources(self) -> tuple[Source, ...]:
        """Return the sources of the figures that the scores were made from.

        Returns
        -------
        tuple of Source
            Further ones are in the provenance.
        """
        from begleitforschung.results.composite_trace import sources_of

        return sources_of(self)

    def _lacking(self) -> str:
        if self.spec.purpose is not None:
            return ""
        return (
            f"the index '{self.spec.id}' does not say what it is for; before a report is made from "
            "it, put it on record: "
            "spec.replace(purpose=Purpose(purpose=…, not_for=…, model=…, concerns=…))"
        )

    def _display(self, lang: Lang) -> TableModel:
        from begleitforschung.results.composite_display import table_model
        from begleitforschung.results.composite_groups import MANY, groups_of_index

        year = self.years[-1]
        if int((self.final.year == year).sum()) > MANY:
            return groups_of_index(self, 5, year).display(lang)
        return table_model(self, lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        from begleitforschung.results.composite_figures import composite_figure

        return composite_figure(self, lang, **options)

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        from begleitforschung.results.composite_figures import composite_words

        return composite_words(self, lang, **options)

    def _ranked(self, values: Floats, year: Ints, columns: list[str]) -> Ints:
        """Return ranks of indicators and nodes; only the scores of nodes have noise in them."""
        nodes = np.isin(columns, self.spec.tree.nodes)
        ranks = np.empty(values.shape, np.int64)
        for part, exact in ((nodes, False), (~nodes, True)):
            ranks[:, part] = ranks_by_year(values[:, part], year, exact=exact)
        return ranks

    def _columns(self, level: Level) -> list[str]:
        if level not in ("index", "nodes", "all"):
            raise UnknownCodeError(level, ("index", "nodes", "all"), "levels of the index")
        if level == "index":
            return [self.spec.root]
        tree = self.spec.tree
        nodes = [tree.ids[place] for place in tree.downward]
        return nodes + list(tree.ids[: tree.n_indicators]) * (level == "all")

    def _weights(self, weights: Floats) -> pd.DataFrame:
        ids = list(self.spec.tree.ids)
        return pd.DataFrame(
            {
                "year": np.repeat(self.years, len(ids)),
                "element": ids * len(self.years),
                "weight": weights.ravel(),
            }
        )

    def _details(self) -> Mapping[str, Any]:
        told = self.records.get(self.final.name)
        return told if isinstance(told, Mapping) else {}


def _holds(item: Any, kind: type) -> bool:
    return isinstance(item, tuple) and bool(item) and isinstance(item[0], kind)

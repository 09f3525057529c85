"""The values of an index after each step, and what the steps tell about themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.results.composite_marks import MARKS
from begleitforschung.stats.indices.treatments import ColumnPlan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """Values after one step.

    Parameters
    ----------
    name : str
        Name of the stage, ``"raw"`` before the first step.
    kind : str
        Kind of the step.
    units : tuple of str
        All units.
    unit : numpy.ndarray of int64, shape (rows,)
        Position of each row's unit.
    year : numpy.ndarray of int64, shape (rows,)
        Year of each row, ascending.
    columns : tuple of str
        Indicators, or all elements after an aggregation.
    values : numpy.ndarray, shape (rows, columns)
        Values, NaN where missing.
    marks : numpy.ndarray of uint8, shape (rows, indicators)
        What was done to the values of the indicators so far.
    """

    name: str
    kind: str
    units: tuple[str, ...]
    unit: Ints = field(repr=False)
    year: Ints = field(repr=False)
    columns: tuple[str, ...] = field(repr=False)
    values: Floats = field(repr=False)
    marks: NDArray[np.uint8] = field(repr=False)

    @property
    def labels(self) -> NDArray[np.object_]:
        """Unit of each row."""
        return np.array(self.units, dtype=object)[self.unit]

    @property
    def years(self) -> tuple[int, ...]:
        """Years, ascending."""
        return tuple(int(year) for year in np.unique(self.year))

    def only(self, years: Iterable[int]) -> Stage:
        """Return the rows of some years.

        Parameters
        ----------
        years : iterable of int
            Which.

        Returns
        -------
        Stage
            Fewer rows.
        """
        kept = np.isin(self.year, list(years))
        return replace(
            self,
            unit=self.unit[kept],
            year=self.year[kept],
            values=self.values[kept],
            marks=self.marks[kept],
        )

    def frame(self) -> pd.DataFrame:
        """Return the values as a wide table.

        Returns
        -------
        pandas.DataFrame
            Index ``unit, year``, one column per indicator or element.
        """
        index = pd.MultiIndex.from_arrays([self.labels, self.year], names=["unit", "year"])
        return pd.DataFrame(self.values.copy(), index=index, columns=list(self.columns))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Treated:
    """What was done to the indicators in some years.

    Parameters
    ----------
    years : tuple of int
        Years of the rows.
    indicators : tuple of str
        Columns.
    plan : tuple of ColumnPlan
        One for each column.
    """

    years: tuple[int, ...]
    indicators: tuple[str, ...]
    plan: tuple[ColumnPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screened:
    """Which units had enough values.

    Parameters
    ----------
    units : numpy.ndarray of object, shape (rows,)
        Units before the step.
    year : numpy.ndarray of int64, shape (rows,)
        Years.
    counts : mapping of str to numpy.ndarray
        Missing values, zeros and shares of each row, and whether it was kept.
    """

    units: NDArray[np.object_]
    year: Ints
    counts: dict[str, NDArray[Any]]

    def frame(self) -> pd.DataFrame:
        """Return the counts as a table.

        Returns
        -------
        pandas.DataFrame
            One row per unit and year.
        """
        return pd.DataFrame({"unit": self.units, "year": self.year, **self.counts})


def marked_cells(stage: Stage, indicators: tuple[str, ...], raw: Stage) -> pd.DataFrame:
    """Return the cells of the last step that were changed on the way.

    Parameters
    ----------
    stage : Stage
        The last step.
    indicators : tuple of str
        Columns of the marks.
    raw : Stage
        Values before the first step.

    Returns
    -------
    pandas.DataFrame
        ``unit, year, indicator, mark, code, raw`` with one row per cell; ``mark`` in German words.
    """
    row, column = np.nonzero(stage.marks)
    code = stage.marks[row, column]
    before = {(int(u), int(y)): n for n, (u, y) in enumerate(zip(raw.unit, raw.year, strict=True))}
    places = [before[(int(stage.unit[r]), int(stage.year[r]))] for r in row]
    words = {
        number: ", ".join(text.de for bit, text in MARKS.items() if number & bit)
        for number in {int(item) for item in np.unique(code)}
    }
    return pd.DataFrame(
        {
            "unit": stage.labels[row],
            "year": stage.year[row],
            "indicator": np.array(indicators, dtype=object)[column],
            "mark": [words[int(item)] for item in code],
            "code": code,
            "raw": raw.values[places, column],
        }
    )


def treatment_frame(stage: str, treated: Iterable[Treated]) -> pd.DataFrame:
    """Return what was decided for each indicator in a step ``treat``.

    Parameters
    ----------
    stage : str
        Name of the stage.
    treated : iterable of Treated
        Records of the step.

    Returns
    -------
    pandas.DataFrame
        One row per indicator and years: skewness and kurtosis before and after, number of points
        cut at either end, bounds, transformations, and why winsorisation ended.
    """
    rows = []
    for item in treated:
        span = str(item.years[0]) if len(item.years) == 1 else f"{item.years[0]}–{item.years[-1]}"
        for name, plan in zip(item.indicators, item.plan, strict=True):
            rows.append(
                {
                    "stage": stage,
                    "years": span,
                    "indicator": name,
                    "skewness_before": plan.before.skewness,
                    "kurtosis_before": plan.before.kurtosis,
                    "passes_before": plan.before.passes,
                    "tried": plan.tried,
                    "high": plan.high,
                    "low": plan.low,
                    "upper": plan.upper if plan.high else np.nan,
                    "lower": plan.lower if plan.low else np.nan,
                    "transforms": ", ".join(t.name for t in plan.transforms),
                    "stop": plan.stop,
                    "skewness_after": plan.result.skewness,
                    "kurtosis_after": plan.result.kurtosis,
                    "passes_after": plan.result.passes,
                }
            )
    return pd.DataFrame(rows)

"""Units that are too small for a rank: their rates swing by chance."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.composite.reading import Data, wide_of
from begleitforschung.composite.state import Floats, Rows
from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.results.composite import CompositeResult
from begleitforschung.results.composite_scores import score_table
from begleitforschung.tables import IndicatorTable

Limits = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unranked:
    """Units that are too small for a rank.

    Parameters
    ----------
    limits : dict of str to float
        Exposures and their limits.
    small : numpy.ndarray of bool, shape (rows,), optional
        Which they are; ``None`` where there is no limit.
    remarks : tuple of Finding
        What is to be said about them.
    """

    limits: Limits = field(default_factory=dict)
    small: NDArray[np.bool_] | None = None
    remarks: tuple[Finding, ...] = ()

    def without(self, scores: Floats) -> Floats:
        """Return scores from which ranks may be made.

        Parameters
        ----------
        scores : numpy.ndarray, shape (…, rows)
            Scores.

        Returns
        -------
        numpy.ndarray, same shape
            NaN where a unit is too small.
        """
        return scores if self.small is None else np.where(self.small, np.nan, scores)


def refuse_small(
    result: CompositeResult,
    data: Data,
    *,
    exposure: str | None = None,
    min_exposure: float | None = None,
    year: int | None = None,
    denominators: IndicatorTable | pd.DataFrame | None = None,
) -> CompositeResult:
    """Take the ranks of units below a stated exposure; their scores stay.

    Parameters
    ----------
    result : CompositeResult
        The index.
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Its figures.
    exposure : str, optional
        Figure that says how large a unit is; by default what the indicators state themselves.
    min_exposure : float, optional
        Least exposure of a unit with a rank.
    year : int, optional
        The year of a DataFrame without years.
    denominators : IndicatorTable or pandas.DataFrame, optional
        Further figures that may hold the exposure.

    Returns
    -------
    CompositeResult
        The index; a finding says which units have no rank.

    Raises
    ------
    ValidationError
        If an exposure is not among the figures, or only one of exposure and limit is given.
    """
    stage = result.final
    found = unranked(
        data,
        result.spec,
        Rows(units=stage.units, unit=stage.unit, year=stage.year),
        exposure=exposure,
        min_exposure=min_exposure,
        year=year,
        denominators=denominators,
    )
    if found.small is None:
        return result
    return replace(
        result,
        table=score_table(stage, result.spec.tree, found.small),
        unranked=found.small,
        findings=(*result.findings, *found.remarks),
        provenance=result.provenance.then("min_exposure", **found.limits),
    )


def unranked(
    data: Data,
    spec: IndexSpec,
    rows: Rows,
    *,
    exposure: str | None = None,
    min_exposure: float | None = None,
    year: int | None = None,
    denominators: IndicatorTable | pd.DataFrame | None = None,
) -> Unranked:
    """Find the units below a stated exposure.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures.
    spec : IndexSpec
        The specification.
    rows : Rows
        Units and years.
    exposure : str, optional
        Figure that says how large a unit is; by default what the indicators state themselves.
    min_exposure : float, optional
        Least exposure of a unit with a rank.
    year : int, optional
        The year of a DataFrame without years.
    denominators : IndicatorTable or pandas.DataFrame, optional
        Further figures that may hold the exposure.

    Returns
    -------
    Unranked
        Which they are, and why.

    Raises
    ------
    ValidationError
        If an exposure is not among the figures, or only one of exposure and limit is given.
    """
    limits = exposure_limits(data, spec, exposure, min_exposure)
    small = too_small(data, limits, rows, year=year, denominators=denominators)
    return Unranked(limits=limits, small=small, remarks=tuple(small_units(rows, small, limits)))


def exposure_limits(
    data: Data, spec: IndexSpec, exposure: str | None, least: float | None
) -> Limits:
    """Return the exposures that decide about ranks, each with its limit.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures.
    spec : IndexSpec
        The specification.
    exposure : str or None
        What is asked for; by default what the indicators of the table state themselves.
    least : float or None
        Its limit.

    Returns
    -------
    dict of str to float
        Exposure to least value; the largest where several indicators state one.

    Raises
    ------
    ValidationError
        If only one of exposure and limit is given.
    """
    if (exposure is None) != (least is None):
        raise ValidationError("exposure= and min_exposure= belong together: give both or none")
    if exposure is not None and least is not None:
        return {exposure: float(least)}
    found: Limits = {}
    if isinstance(data, IndicatorTable):
        meanings = [data.indicators.get(item.id) for item in spec.indicators]
        for meaning in meanings:
            if meaning and meaning.exposure and meaning.min_exposure is not None:
                held = found.get(meaning.exposure, meaning.min_exposure)
                found[meaning.exposure] = max(held, meaning.min_exposure)
    return found


def too_small(
    data: Data,
    limits: Limits,
    rows: Rows,
    *,
    year: int | None = None,
    denominators: IndicatorTable | pd.DataFrame | None = None,
) -> NDArray[np.bool_] | None:
    """Return which rows lie below a limit, or have no known exposure.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures.
    limits : dict of str to float
        Exposures and their limits.
    rows : Rows
        Units and years.
    year : int, optional
        The year of a DataFrame without years.
    denominators : IndicatorTable or pandas.DataFrame, optional
        Further figures that may hold the exposure.

    Returns
    -------
    numpy.ndarray of bool, shape (rows,), or None
        ``None`` where there is no limit.

    Raises
    ------
    ValidationError
        If an exposure is not among the figures.
    """
    if not limits:
        return None
    small = np.zeros(len(rows), np.bool_)
    wide = wide_of(data, tuple(limits), year)
    for name, least in limits.items():
        if name not in wide.values and denominators is not None:
            wide = wide_of(denominators, (name,), None, dated=False)
        try:
            small |= ~(wide.align(name, rows) >= least)
        except UnknownCodeError:
            raise ValidationError(
                f"units with '{name}' below {least:g} get no rank, and the figures hold no "
                f"'{name}'; add it (`table.join(…)`, a column, or `denominators=`), or state "
                "another limit by `exposure=` and `min_exposure=`"
            ) from None
    return small


def small_units(rows: Rows, small: NDArray[np.bool_] | None, limits: Limits) -> list[Finding]:
    """Say how many units have no rank, and why.

    Parameters
    ----------
    rows : Rows
        Units and years.
    small : numpy.ndarray of bool, shape (rows,), or None
        Which have none.
    limits : dict of str to float
        Exposures and their limits.

    Returns
    -------
    list of Finding
        One, or none.
    """
    if small is None or not small.any():
        return []
    units = [rows.units[number] for number in dict.fromkeys(rows.unit[small])]
    rules = " / ".join(f"{name} < {least:g}" for name, least in limits.items())
    return [
        Finding(
            rule="index.min_exposure",
            severity="info",
            text=Text(
                f"ohne Rang, weil zu klein oder von unbekannter Größe ({rules})",
                f"without rank, because too small or of unknown size ({rules})",
            ),
            key=", ".join(units[:5]) + (" …" if len(units) > 5 else ""),
            n=int(small.sum()),
        )
    ]

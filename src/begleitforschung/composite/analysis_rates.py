"""Rates of small units: limits of chance, several years together, shrinkage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from begleitforschung.composite.reading import Data, provenance_of, wide_of
from begleitforschung.composite.state import Floats
from begleitforschung.composite.wide import WideFrame
from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.language import Text
from begleitforschung.results.analysis_rates import RateFunnel, StableRates
from begleitforschung.stats.small_numbers import (
    CountModel,
    funnel_limits,
    pooled_rates,
    shrink_rates,
)


def funnel(
    data: Data,
    rate: str,
    exposure: str,
    *,
    per: float = 1.0,
    target: float | None = None,
    level: float = 0.95,
    outer: float = 0.998,
    model: CountModel = "poisson",
    year: int | None = None,
    names: Mapping[str, str] | None = None,
) -> RateFunnel:
    """Say which rates are further from the common one than chance explains.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures.
    rate : str
        The rate: events over exposure, times `per`.
    exposure : str
        The size it rests on, e.g. the population.
    per : float
        1 for shares, 1,000 for events per thousand inhabitants, 100 for percent.
    target : float, optional
        Common rate, on the scale of the rate; by default that of all units together.
    level, outer : float
        Probability of lying between the inner and between the outer limits by chance.
    model : {"poisson", "binomial"}
        Distribution of the events: counts, or shares of the exposure.
    year : int, optional
        Year; the last one by default.
    names : mapping of str to str, optional
        Names of units.

    Returns
    -------
    RateFunnel
        Rate, exposure, limits and position of each unit.

    Raises
    ------
    UnknownCodeError
        If there is no such figure or year.
    ValidationError
        If rates are negative, or above 1 for shares, or no unit has rate and exposure.

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance. Statistics in
    Medicine 24, 1185-1202.
    """
    wide, values, sizes = _rates(data, rate, exposure, per)
    when = _year(wide, year)
    rows = wide.rows.year == when
    values, sizes = values[rows], sizes[rows]
    known = np.isfinite(values) & (sizes > 0)
    if not known.any():
        raise ValidationError(f"no unit has both '{rate}' and '{exposure}' in {when}")
    common = float((values[known] * sizes[known]).sum() / sizes[known].sum())
    centre = common if target is None else target / per
    try:
        inner = funnel_limits(sizes, centre, level=level, model=model)
        outside = funnel_limits(sizes, centre, level=outer, model=model)
    except ValueError as error:
        raise ValidationError(f"funnel of '{rate}': {error}") from None
    table = pd.DataFrame(
        {
            "unit": np.array(wide.rows.units, dtype=object)[wide.rows.unit[rows]],
            "rate": per * values,
            "exposure": sizes,
            "low": per * inner[0],
            "high": per * inner[1],
            "outer_low": per * outside[0],
            "outer_high": per * outside[1],
            "position": _positions(values, inner, outside),
        }
    )
    chosen = {
        "rate": rate, "exposure": exposure, "per": per, "target": target, "level": level,
        "outer": outer, "model": model, "year": when,
    }  # fmt: skip
    return RateFunnel(
        table=table,
        specification={"analysis": "funnel", **chosen},
        provenance=provenance_of(data, wide).then("funnel", **chosen),
        target=per * centre,
        names=names or {},
    )


def stabilise(
    data: Data,
    rate: str,
    exposure: str,
    *,
    method: Literal["pooled", "shrink"] = "pooled",
    per: float = 1.0,
    years: int = 3,
    names: Mapping[str, str] | None = None,
) -> StableRates:
    """Steady the rates of small units: over several years, or drawn towards the common rate.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures.
    rate : str
        The rate: events over exposure, times `per`.
    exposure : str
        The size it rests on.
    method : {"pooled", "shrink"}
        All events of the last years over all exposure of the same years; or the empirical-Bayes
        estimate of Marshall (1991), each year for itself, the stronger the smaller the unit.
    per : float
        1 for shares, 1,000 for events per thousand inhabitants, 100 for percent.
    years : int
        Years that are pooled, the year itself among them.
    names : mapping of str to str, optional
        Names of units.

    Returns
    -------
    StableRates
        Steadied beside published rates; `StableRates.to_table` gives figures for `compose`.

    Raises
    ------
    UnknownCodeError
        If there is no such figure or method.
    ValidationError
        If rates are negative, or the number of years is not positive.
    """
    if method not in ("pooled", "shrink"):
        raise UnknownCodeError(method, ("pooled", "shrink"), "methods that steady rates")
    if years < 1:
        raise ValidationError(f"at least one year is pooled, not {years}")
    wide, values, sizes = _rates(data, rate, exposure, per)
    steady = (
        _pooled(wide, values, sizes, years) if method == "pooled" else _shrunk(wide, values, sizes)
    )
    chosen = {"rate": rate, "exposure": exposure, "method": method, "per": per}
    if method == "pooled":
        chosen["years"] = years
    table = pd.DataFrame(
        {
            "unit": np.array(wide.rows.units, dtype=object)[wide.rows.unit],
            "year": wide.rows.year,
            "rate": per * values,
            "exposure": sizes,
            "steady": per * steady[0],
            steady[2]: steady[1],
        }
    )
    return StableRates(
        table=table,
        specification={"analysis": "stabilise", **chosen},
        provenance=provenance_of(data, wide).then("stabilise", **chosen),
        findings=(_steadied(rate, method, years),),
        names=names or {},
    )


def _rates(data: Data, rate: str, exposure: str, per: float) -> tuple[WideFrame, Floats, Floats]:
    """Return rows, events per exposure, and exposure."""
    if not per > 0:
        raise ValidationError(f"per= is 1, 100, 1000 …, not {per}")
    wide = wide_of(data, (rate, exposure), None)
    values = wide.column(rate) / per
    sizes = wide.column(exposure)
    wrong = np.flatnonzero((values < 0) | (np.isfinite(values) & ~(sizes > 0) & ~np.isnan(sizes)))
    if len(wrong):
        raise ValidationError(
            f"'{rate}' must not be negative and its exposure '{exposure}' must be above zero: "
            f"{wide.rows.name(int(wrong[0]))} ({len(wrong)} rows)"
        )
    return wide, np.where(np.isnan(sizes), np.nan, values), sizes


def _year(wide: WideFrame, year: int | None) -> int:
    years = [int(item) for item in np.unique(wide.rows.year)]
    if year is not None and year not in years:
        raise UnknownCodeError(year, map(str, years), "years of the figures")
    return years[-1] if year is None else year


def _positions(
    values: Floats, inner: tuple[Floats, Floats], outer: tuple[Floats, Floats]
) -> pd.Series[str]:
    found = np.full(len(values), "within", dtype=object)
    for name, beyond in (
        ("below", values < inner[0]),
        ("above", values > inner[1]),
        ("far_below", values < outer[0]),
        ("far_above", values > outer[1]),
        ("unknown", ~np.isfinite(values) | ~np.isfinite(inner[0])),
    ):
        found[beyond] = name
    return pd.Series(found, dtype="str")


def _pooled(
    wide: WideFrame, values: Floats, sizes: Floats, years: int
) -> tuple[Floats, Floats, str]:
    """Return rates and exposure over the last years of each row."""
    rows = wide.rows
    first = int(rows.year.min())
    grid = np.full((2, len(rows.units), int(rows.year.max()) - first + 1), np.nan)
    at = (rows.unit, rows.year - first)
    grid[0][at], grid[1][at] = values * sizes, sizes
    padded = np.pad(grid, ((0, 0), (0, 0), (years - 1, 0)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, years, axis=2)[:, *at]
    rates, held = pooled_rates(windows[0], windows[1])
    return rates, held, "exposure_pooled"


def _shrunk(wide: WideFrame, values: Floats, sizes: Floats) -> tuple[Floats, Floats, str]:
    """Return rates drawn towards the common one of their year, and the weight of the own rate."""
    rates, weight = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for block in wide.rows.blocks().values():
        if np.isfinite(values[block]).any():
            found = shrink_rates(values[block], sizes[block])
            rates[block], weight[block] = found.rates, found.weight
    return rates, weight, "own_weight"


def _steadied(rate: str, method: str, years: int) -> Finding:
    text = {
        "pooled": Text(
            f"Werte aus {years} Jahren zusammen, nicht eines Jahres",
            f"values of {years} years together, not of one",
        ),
        "shrink": Text(
            "zum gemeinsamen Wert gezogen (empirischer Bayes-Schätzer)",
            "drawn towards the common rate (empirical Bayes)",
        ),
    }[method]
    return Finding(rule="rates.steadied", severity="info", text=text, column=rate)

"""Figures of tests and models as far as they are printed: further digits tell single answers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.display.numbers import round_half_up
from begleitforschung.results.estimate_words import SHARES, number_decimals, share_decimals

Floats = NDArray[np.float64]
_DIGITS, _OF_ERRORS = 3, 2
_OF_POINTS = 2  # decimals of a share that is printed in whole percent
_BOUNDS = ("estimate", "low", "high")


def as_printed(table: pd.DataFrame) -> pd.DataFrame:
    """Round figures to three digits, or to two of their standard error if these are more.

    With all its digits a coefficient fits one set of answers only.

    Parameters
    ----------
    table : pandas.DataFrame
        Figures; whole numbers, such as counts, stay. ``se`` is the standard error of its row.

    Returns
    -------
    pandas.DataFrame
        A table of the same shape.
    """
    found = table.copy()
    errors = found["se"].to_numpy(np.float64) if "se" in found else np.full(len(found), np.nan)
    for name in found.columns:
        if found[name].dtype.kind != "f":
            continue
        values = found[name].to_numpy(np.float64)
        known = values[np.isfinite(values)]
        if (known != np.round(known)).any():
            found[name] = _rounded(values, errors)
    return found


def tests_as_printed(table: pd.DataFrame, shares: Collection[str]) -> pd.DataFrame:
    """Round the figures of tests as they are printed, so that figures draw no further digit.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of a `Significance`.
    shares : collection of str
        Columns whose differences are percentage points, printed with one decimal.

    Returns
    -------
    pandas.DataFrame
        A table of the same shape.
    """
    found = as_printed(table)
    places = {"estimate": 2, "low": 2, "high": 2, "value": 2, "p": 3, "p_adjusted": 3}
    points = found["column"].isin(shares).to_numpy(bool)
    for name, decimals in places.items():
        own = points & (name in _BOUNDS)
        found[name] = _decimals(found[name], np.where(own, _OF_POINTS + 1, decimals))
    return found


def changes_as_printed(table: pd.DataFrame, min_n: int) -> pd.DataFrame:
    """Round the changes of shares as they are printed, so that figures draw no further digit.

    Parameters
    ----------
    table : pandas.DataFrame
        Table of a `WaveChange`.
    min_n : int
        With fewer cases counts are printed and no change in percentage points.

    Returns
    -------
    pandas.DataFrame
        A table of the same shape.
    """
    found = as_printed(table)
    shares = found["statistic"].isin(SHARES).to_numpy(bool)
    least = found[["n_before", "n_after"]].min(axis=1).to_numpy(np.int64)
    rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    for name in ("before", "after", "change", "low", "high"):
        base = f"n_{name}" if name in ("before", "after") else "n_after"
        key = name if name in ("before", "after") else "change"
        found[name] = [
            _rounded_to(value, _OF_POINTS + share_decimals(int(n)))
            if share
            else _rounded_to(value, number_decimals({**row, "estimate": row[key], "n": row[base]}))
            for value, share, n, row in zip(table[name], shares, least, rows, strict=True)
        ]
    found.loc[shares & (least < min_n), ["change", "low", "high"]] = np.nan
    return found


def shares_as_printed(table: pd.DataFrame, shares: pd.Series) -> pd.DataFrame:
    """Round shares and means with their intervals as they are printed.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows with ``estimate, se, low, high, n``.
    shares : pandas.Series of bool
        Which rows are shares; the others are numbers.

    Returns
    -------
    pandas.DataFrame
        A table of the same shape, without standard errors of shares.
    """
    found = table.copy()
    rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    places = [
        _OF_POINTS + share_decimals(int(row["n"]))
        if share
        else number_decimals(row)
        if np.isfinite(row["estimate"]) and row["n"]
        else 0
        for row, share in zip(rows, shares, strict=True)
    ]
    for name in _BOUNDS:
        found[name] = _decimals(table[name], np.array(places))
    found["se"] = as_printed(table)["se"].mask(shares)
    return found


def _decimals(values: pd.Series, places: NDArray[Any]) -> list[float]:
    return [_rounded_to(v, int(p)) for v, p in zip(values, places, strict=True)]


def _rounded_to(value: float, places: int) -> float:
    return float(round_half_up(value, places)) if np.isfinite(value) else value


def _rounded(values: Floats, errors: Floats) -> Floats:
    own = _place(values, _DIGITS)
    of_error = np.where(np.isfinite(errors) & (errors > 0), _place(errors, _OF_ERRORS), own)
    places = np.maximum(own, of_error)
    return np.array(
        [v if not np.isfinite(v) else round(v, int(p)) for v, p in zip(values, places, strict=True)]
    )


def _place(values: Floats, digits: int) -> Floats:
    """Return the decimal place of the last of so many digits."""
    size = np.abs(np.where(np.isfinite(values) & (values != 0), values, 1.0))
    return np.asarray(digits - 1 - np.floor(np.log10(size)))

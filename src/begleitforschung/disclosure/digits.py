"""Figures of tests and models as far as they are printed: further digits tell single answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_DIGITS, _OF_ERRORS = 3, 2


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

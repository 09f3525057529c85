r"""Transformations that draw in long tails: the log family and Box-Cox, fitted on a reference.

All are one formula, :math:`y = s\,B_\lambda(a\,s\,(x - o) + b)` with :math:`B_0(u) = \ln u` and
:math:`B_\lambda(u) = (u^\lambda - 1)/\lambda`: origin *o*, slope *a*, shift *b*, power
:math:`\lambda`, sign *s*. They increase in *x*. Minimum and maximum are those of the reference; a
value of other data beyond the origin is cut to it, where the logarithm would not be defined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.moments import column_moments

Floats = NDArray[np.float64]

TRANSFORMS: Final = ("log", "log_ct", "log_ct_plus", "log_ct_orig", "log_gii", "boxcox")
_LAMBDAS = (-5.0, 5.0)


class UndefinedTransformError(ValueError):
    """A transformation is not defined for the values of some columns.

    Parameters
    ----------
    message : str
        What is wrong.
    columns : dict of int to str, optional
        What is wrong with each column, counted from 0, where this is known.
    """

    def __init__(self, message: str, columns: dict[int, str] | None = None) -> None:
        super().__init__(message)
        self.columns = columns or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    r"""A fitted transformation of one column.

    Parameters
    ----------
    name : str
        One of `TRANSFORMS`.
    origin, slope, shift : float
        *o*, *a* and *b* of the formula above.
    power : float
        :math:`\lambda`; 0 is the logarithm.
    mirrored : bool
        Whether *s* is -1: a long tail to the left is drawn in.
    """

    name: str
    origin: float
    slope: float = 1.0
    shift: float = 0.0
    power: float = 0.0
    mirrored: bool = False

    def apply(self, values: Floats) -> Floats:
        """Transform values.

        Parameters
        ----------
        values : numpy.ndarray
            Values of one column, NaN where missing.

        Returns
        -------
        numpy.ndarray
            Of the same shape, NaN where missing.

        Raises
        ------
        UndefinedTransformError
            If ``log`` meets a value that is not above 0.
        """
        if self.name == "log" and (values <= 0).any():
            raise UndefinedTransformError("log needs values above 0")
        sign = -1.0 if self.mirrored else 1.0
        above = np.maximum(sign * (values - self.origin), 0.0)
        logs = np.log(self.slope * above + self.shift)
        found = np.expm1(self.power * logs) / self.power if self.power else logs
        return sign * found

    def beyond(self, values: Floats) -> NDArray[np.bool_]:
        """Say which values lie beyond the origin and are cut to it.

        Parameters
        ----------
        values : numpy.ndarray
            Values of one column.

        Returns
        -------
        numpy.ndarray of bool
            False where missing, and for all values of the reference itself.

        Raises
        ------
        ValueError
            Never of itself.
        """
        return values > self.origin if self.mirrored else values < self.origin


def fit_transform(name: str, column: Floats, *, boxcox_lambda: float | None = None) -> Transform:
    r"""Fit a transformation on the values of one column with minimum *m* and maximum *M*.

    - ``log``: :math:`\ln x`, for values above 0;
    - ``log_ct``: :math:`\ln(x - m + 0.01 (M - m))`;
    - ``log_ct_plus``: the same if the column is skewed to the right, else mirrored,
      :math:`-\ln(M + 0.01 (M - m) - x)`;
    - ``log_ct_orig``: :math:`\ln(x - m + 1)`, of the JRC COIN Tool (2019);
    - ``log_gii``: :math:`\ln\left[(M - 1)\frac{x - m}{M - m} + 1\right]`, of the Global Innovation
      Index (2020), for a maximum above 1;
    - ``boxcox``: :math:`(u^\lambda - 1)/\lambda` of :math:`u = x - m + 1` (Box & Cox 1964),
      :math:`\lambda` given or by maximum likelihood within -5 … 5.

    Parameters
    ----------
    name : str
        One of `TRANSFORMS`.
    column : numpy.ndarray, shape (n,)
        Values of the reference; NaN are left out.
    boxcox_lambda : float, optional
        Lambda of ``boxcox``; None estimates it.

    Returns
    -------
    Transform
        To apply to this or to other data.

    Raises
    ------
    UndefinedTransformError
        If the values are all equal or missing, not above 0 (``log``), or the maximum is not above
        1 (``log_gii`` would turn the direction round).
    ValueError
        If there is no such transformation.
    """
    values = column[~np.isnan(column)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    span = high - low
    if name not in TRANSFORMS:
        raise ValueError(f"transformations are {', '.join(TRANSFORMS)}, not {name!r}")
    if not span > 0:
        raise UndefinedTransformError(f"{name} needs at least two different values")
    if name == "log":
        if low <= 0:
            raise UndefinedTransformError("log needs values above 0")
        return Transform(name=name, origin=0.0)
    if name == "log_gii":
        slope = (high - 1) / span
        if slope <= 0:
            raise UndefinedTransformError("log_gii needs a maximum above 1")
        return Transform(name=name, origin=low, slope=slope, shift=1.0)
    if name == "boxcox":
        power = _likeliest(values - low + 1) if boxcox_lambda is None else boxcox_lambda
        return Transform(name=name, origin=low, shift=1.0, power=power)
    if name == "log_ct_orig":
        return Transform(name=name, origin=low, shift=1.0)
    mirrored = name == "log_ct_plus" and not column_moments(values)[0] > 0
    return Transform(
        name=name, origin=high if mirrored else low, shift=0.01 * span, mirrored=mirrored
    )


def _likeliest(positive: Floats) -> float:
    """Return the lambda that makes the Box-Cox transformed values most nearly normal."""
    from scipy.optimize import minimize_scalar
    from scipy.stats import boxcox_llf

    found = minimize_scalar(
        lambda power: -float(boxcox_llf(power, positive)), bounds=_LAMBDAS, method="bounded"
    )
    return float(found.x)

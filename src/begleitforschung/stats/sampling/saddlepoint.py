"""Upper tail of a weighted sum of chi-squares over an independent one."""

from __future__ import annotations

import numpy as np

from begleitforschung.stats.groups import Floats

_EDGE = 0.99999
_WHOLE = 1e-9  # 397.9999999999999 degrees of freedom are 398


def ratio_tail(x: float, coefficients: Floats, ddf: float) -> float:
    r"""Return the probability that :math:`\sum a_i \chi^2_1 > x \chi^2_\nu / \nu`.

    The tail of the difference of both sides at 0 by the saddlepoint formula of Lugannani & Rice
    (Kuonen 1999, Biometrika 86, 929-935), as R survey has it, which takes the whole part of the
    degrees of freedom of the denominator; where the saddlepoint is at 0, Satterthwaite's F.

    Parameters
    ----------
    x : float
        Value of the statistic.
    coefficients : numpy.ndarray, shape (k,)
        The a.
    ddf : float
        Degrees of freedom of the denominator.

    Returns
    -------
    float
        The probability.

    Raises
    ------
    ValueError
        If no coefficient is above 0.
    """
    terms = np.append(coefficients, -x / ddf)
    times = np.append(np.ones(coefficients.size), np.floor(ddf + _WHOLE))
    tail = saddlepoint_tail(0.0, terms, times)
    return satterthwaite_tail(x, coefficients, ddf) if np.isnan(tail) else tail


def satterthwaite_tail(x: float, coefficients: Floats, ddf: float) -> float:
    """Return the same probability by an F distribution with the same two moments.

    Parameters
    ----------
    x : float
        Value of the statistic.
    coefficients : numpy.ndarray, shape (k,)
        The a.
    ddf : float
        Degrees of freedom of the denominator.

    Returns
    -------
    float
        The probability (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).

    Raises
    ------
    ValueError
        If no coefficient is above 0.
    """
    from scipy.special import fdtrc

    if not (coefficients > 0).any():
        raise ValueError("a sum of chi-squares needs a coefficient above 0")
    first, second = coefficients.sum(), (coefficients**2).sum()
    return float(fdtrc(first**2 / second, ddf, x / first))


def saddlepoint_tail(x: float, coefficients: Floats, times: Floats) -> float:
    r"""Return the probability that :math:`\sum a_i \chi^2_{m_i}` exceeds x.

    Parameters
    ----------
    x : float
        Value.
    coefficients : numpy.ndarray, shape (k,)
        The a, also below 0.
    times : numpy.ndarray, shape (k,)
        The degrees of freedom m.

    Returns
    -------
    float
        The probability; NaN where the saddlepoint is too close to 0 for the formula.

    Raises
    ------
    ValueError
        If no coefficient is above 0.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    largest = coefficients.max()
    if not largest > 0:
        raise ValueError("a sum of chi-squares needs a coefficient above 0")
    a, value = coefficients / largest, x / largest

    def slope(zeta: float) -> float:
        return float((times * a / (1 - 2 * zeta * a)).sum() - value)

    high = _EDGE / (2 * a[a > 0].max())
    if (a < 0).any():
        low = _EDGE / (2 * a[a < 0].min())
    else:
        low = -0.01 if value > (times * a).sum() else -times.sum() / (2 * value)
    zeta = brentq(slope, low, high, xtol=1e-14, rtol=1e-14)
    if abs(zeta) < 1e-4:
        return float("nan")
    generating = -(times * np.log(1 - 2 * zeta * a)).sum() / 2
    curvature = 2 * (times * a**2 / (1 - 2 * zeta * a) ** 2).sum()
    w = np.sign(zeta) * np.sqrt(2 * (zeta * value - generating))
    v = zeta * np.sqrt(curvature)
    return float(ndtr(-(w + np.log(v / w) / w)))

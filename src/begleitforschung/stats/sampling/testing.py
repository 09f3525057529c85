"""What a test returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from begleitforschung.stats.groups import Floats

_SINGULAR = 1e-12  # smallest eigenvalue of a correlation matrix that can be inverted


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """Statistic and probability of a test.

    Parameters
    ----------
    name : str
        Which test.
    statistic : float
        Value of the statistic.
    p : float
        Probability of one as large or larger if the hypothesis holds.
    df : float
        Degrees of freedom, of the numerator where there are two; NaN where there are none.
    ddf : float
        Degrees of freedom of the denominator; ``inf`` where there are none.
    estimate : float
        Difference, slope or other figure tested; NaN where there is none.
    lower, upper : float
        Bounds of the estimate; NaN where there are none.
    """

    __test__ = False  # no test of pytest

    name: str
    statistic: float
    p: float
    df: float = float("nan")
    ddf: float = float("inf")
    estimate: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")


def f_test(name: str, statistic: float, df: float, ddf: float) -> TestResult:
    """Return a test by the upper tail of the F distribution.

    Parameters
    ----------
    name : str
        Which test.
    statistic : float
        Value of F.
    df, ddf : float
        Degrees of freedom; with ``ddf`` infinite ``df`` times F has the chi-square distribution.

    Returns
    -------
    TestResult
        With its probability; NaN where no degree of freedom is left.
    """
    from scipy.special import chdtrc, fdtrc

    if not (df > 0 and ddf > 0):
        p = float("nan")
    elif ddf == float("inf"):
        p = float(chdtrc(df, df * statistic))
    else:
        p = float(fdtrc(df, ddf, statistic))
    return TestResult(name=name, statistic=float(statistic), p=p, df=df, ddf=ddf)


def t_test(name: str, estimate: float, se: float, df: float, *, level: float = 0.95) -> TestResult:
    """Return a two-sided test of an estimate against 0 by the t distribution.

    Parameters
    ----------
    name : str
        Which test.
    estimate, se : float
        Estimate and standard error.
    df : float
        Degrees of freedom.
    level : float
        Level of the interval.

    Returns
    -------
    TestResult
        With estimate and bounds; ``df`` holds the degrees of freedom.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.
    """
    from scipy.special import ndtr, stdtr

    from begleitforschung.stats.sampling.estimates import critical

    with np.errstate(divide="ignore", invalid="ignore"):
        t = float(np.float64(estimate) / np.float64(se))
    tail = ndtr(-abs(t)) if np.isinf(df) else stdtr(df, -abs(t)) if df > 0 else float("nan")
    half = float(critical(level, df)) * se
    return TestResult(
        name=name,
        statistic=t,
        p=float(2 * tail),
        df=df,
        estimate=float(estimate),
        lower=float(estimate - half),
        upper=float(estimate + half),
    )


def quadratic_form(values: Floats, covariance: Floats) -> float:
    """Return the chi-square of estimates that are all 0 under the hypothesis.

    Parameters
    ----------
    values : numpy.ndarray, shape (k,)
        Estimates.
    covariance : numpy.ndarray, shape (k, k)
        Their covariance.

    Returns
    -------
    float
        ``values' inverse(covariance) values``.

    Raises
    ------
    ValueError
        If the covariance is singular, because there are too few units or an estimate is certain.
    """
    scale = np.sqrt(np.diag(covariance))
    if (scale > 0).all():
        standard, correlation = values / scale, covariance / np.outer(scale, scale)
        if np.linalg.eigvalsh(correlation).min() > _SINGULAR:
            return float(standard @ np.linalg.solve(correlation, standard))
    raise ValueError(
        "the covariance is singular: there are too few units for so many figures at once, or one "
        "of them has no sampling error"
    )

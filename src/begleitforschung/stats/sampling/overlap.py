r"""Variance of a change between two samples that share units.

In a stratum of N units of which :math:`n_1` and :math:`n_2` were drawn, :math:`n_{12}` of them
both times,

.. math:: cov(\hat t_1, \hat t_2) = N^2 \left(\frac{n_{12}}{n_1 n_2} - \frac{1}{N}\right) S_{12}

(Tam 1984, The American Statistician 38, 288-289; Qualité & Tillé 2008, Survey Methodology 34,
173-181), with :math:`S_{12}` estimated without bias from the shared units, centred at the means of
the two samples. Other statistics have this covariance with z = weight x influence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Design, Mask, Stage
from begleitforschung.stats.sampling.estimates import AnyDesign, columns
from begleitforschung.stats.sampling.means import means, totals
from begleitforschung.stats.sampling.sums import group_totals
from begleitforschung.stats.sampling.variance import deviations, stage_factor

_ROUNDING = 1e-12  # variance, relative to that of the two waves, that is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Means or totals of one sample, column by column.

    Parameters
    ----------
    values, variances : numpy.ndarray, shape (k,)
        Estimates and variances.
    df : numpy.ndarray, shape (k,)
        Degrees of freedom.
    n : numpy.ndarray of int, shape (k,)
        Rows that each uses.
    z : numpy.ndarray, shape (n, k)
        Weight times influence of each row; 0 outside of the domain.
    inside : numpy.ndarray of bool, shape (n, k)
        Rows used.
    design : Design or Replicates
        How the rows were drawn.
    """

    values: Floats
    variances: Floats
    df: Floats
    n: Ints
    z: Floats
    inside: Mask
    design: AnyDesign


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Units that are in both samples.

    Parameters
    ----------
    first, second : numpy.ndarray of int, shape (m,)
        Their rows in each.
    alike : numpy.ndarray of bool, shape (m,)
        Whether they lie in the same stratum both times; others add no covariance, so that the
        variance of the change is rather too large.
    """

    first: Ints
    second: Ints
    alike: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Differences second less first.

    Parameters
    ----------
    values, variances : numpy.ndarray, shape (k,)
        Differences and their variances.
    df : numpy.ndarray, shape (k,)
        The smaller degrees of freedom of the two.
    capped : numpy.ndarray of bool, shape (k,)
        Where few shared units gave a correlation beyond 1, and 1 was taken.
    """

    values: Floats
    variances: Floats
    df: Floats
    capped: Mask


def wave(
    y: ArrayLike, design: AnyDesign, *, where: ArrayLike | None = None, total: bool = False
) -> Wave:
    """Estimate means or totals of one sample, with what a change needs of each row.

    Parameters
    ----------
    y : array_like, shape (n,) or (n, k)
        Values, NaN where missing.
    design : Design or Replicates
        How the rows were drawn.
    where : array_like of bool, shape (n,) or (n, k), optional
        Rows of the domain.
    total : bool
        Whether totals are estimated.

    Returns
    -------
    Wave
        The estimates.

    Raises
    ------
    ValueError
        If lengths differ, or a stratum has a single unit and the rule is to fail.
    """
    values, inside = columns(y, where, design.n)
    made = (totals if total else means)(y, design, where=where)
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes = 1.0 if total else design.weights @ inside.astype(np.float64)
        centre = 0.0 if total else made.values
        z = np.where(inside, (values - centre) / sizes, 0.0) * design.weights[:, None]
    return Wave(
        values=made.values,
        variances=np.maximum(np.diag(made.covariance), 0),
        df=made.df,
        n=made.n,
        z=z,
        inside=inside,
        design=design,
    )


def change(first: Wave, second: Wave, shared: Shared) -> Change:
    """Estimate the change from one sample to another.

    Parameters
    ----------
    first, second : Wave
        Estimates of the same columns.
    shared : Shared
        Units in both.

    Returns
    -------
    Change
        Differences; without shared units their variance is the sum of the two.

    Raises
    ------
    ValueError
        If units are shared and a design has clusters, further stages or replicate weights.

    Examples
    --------
    >>> from begleitforschung.stats.sampling import sampling_design
    >>> design = sampling_design(population=[[9, 9, 9]])
    >>> rows = np.arange(3)
    >>> shared = Shared(first=rows, second=rows, alike=np.ones(3, dtype=bool))
    >>> one, two = wave([1.0, 2.0, 6.0], design), wave([2.0, 3.0, 7.0], design)
    >>> found = change(one, two, shared)
    >>> found.values.tolist(), found.variances.tolist()
    ([1.0], [0.0])
    """
    whole = first.variances + second.variances
    covariance = np.zeros_like(whole)
    if shared.first.size:
        covariance = _covariance(first, second, shared)
    most = np.sqrt(first.variances * second.variances)
    capped = np.abs(covariance) > most * (1 + 1e-9)
    variance = whole - 2 * np.clip(covariance, -most, most)
    return Change(
        values=second.values - first.values,
        variances=np.where(variance > _ROUNDING * whole, variance, 0.0),
        df=np.minimum(first.df, second.df),
        capped=capped,
    )


def _covariance(first: Wave, second: Wave, shared: Shared) -> Floats:
    """Add up the products of the shared units, stratum by stratum."""
    designs = _of_rows(first.design), _of_rows(second.design)
    one, two = (design.stages[0] for design in designs)
    rows, others = shared.first[shared.alike], shared.second[shared.alike]
    products = (
        deviations(first.z, designs[0], first.inside)[0][rows]
        * deviations(second.z, designs[1], second.inside)[0][others]
    )
    strata = np.column_stack([one.stratum[rows], two.stratum[others]])
    pairs, at, both = np.unique(strata, axis=0, return_inverse=True, return_counts=True)
    sums = group_totals(products, at.reshape(-1).astype(np.int64), len(pairs))
    return np.asarray((sums * _factor(one, two, pairs, both)[:, None]).sum(axis=0))


def _of_rows(design: AnyDesign) -> Design:
    if isinstance(design, Design) and len(design.stages) == 1 and design.stages[0].rows_are_units:
        return design
    raise ValueError(
        "the covariance of samples that share units is known for samples of rows in strata, not "
        "with clusters, further stages or replicate weights"
    )


def _factor(one: Stage, two: Stage, pairs: Ints, both: Ints) -> Floats:
    """Return what the products of scaled deviations count with in each pair of strata."""
    n1, n2 = one.sampled[pairs[:, 0]], two.sampled[pairs[:, 1]]
    size = np.maximum(one.population[pairs[:, 0]], two.population[pairs[:, 1]])
    scale = np.sqrt(stage_factor(one)[pairs[:, 0]] * stage_factor(two)[pairs[:, 1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = both * (1 - 1 / n1 - 1 / n2 + both / (n1 * n2))
        found = (both - n1 * n2 / size) / expected / scale
    found = np.where((n1 > 1) & (n2 > 1) & (scale > 0), found, 0.0)
    single = (n1 == 1) & (n2 == 1)  # by the rule for single units, the same both times
    return np.where(single, 1.0, found)

r"""Variance of weighted totals under a design, stage by stage.

For :math:`\hat t = \sum_i z_i` with stage-one totals :math:`z_{hi}` of the units

.. math:: \hat V = \sum_h (1 - f_h) \frac{n_h}{n_h - 1} \sum_i (z_{hi} - \bar z_h)^2
          + \sum_h f_h \sum_i \hat V_{hi},

where :math:`\hat V_{hi}` is the same for the later stages within unit i (Särndal, Swensson &
Wretman 1992, Model Assisted Survey Sampling, result 4.3.1). Any smooth statistic has this variance
with z = weight x influence (Binder 1983, International Statistical Review 51, 279-292).
"""

from __future__ import annotations

import numpy as np

from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.design import Design, SinglePSU, Stage
from begleitforschung.stats.sampling.sums import group_totals


class SinglePSUError(ValueError):
    """A stratum has one sampled unit, so that its variance cannot be estimated.

    Parameters
    ----------
    stage : int
        Stage of sampling, the primary one is 0.
    strata : tuple of int
        Codes of the strata concerned.
    rows : tuple of int
        First row of the sample in each of them.
    """

    def __init__(self, stage: int, strata: tuple[int, ...], rows: tuple[int, ...]) -> None:
        super().__init__(
            f"{len(strata)} strata of stage {stage + 1} have a single sampled unit; collapse them "
            "with a neighbour or choose a rule"
        )
        self.stage = stage
        self.strata = strata
        self.rows = rows


def covariance(z: Floats, design: Design) -> Floats:
    """Estimate the covariance of totals of weighted values.

    A stratum with a single sampled unit of several ("lonely PSU") raises (``fail``), is left out
    (``remove``), counts as drawn with certainty (``certainty``, which comes to the same), is
    centred at the mean of all units (``adjust``), or gets the average variance of the other strata
    (``average``). A stratum that is taken whole, also one of a single unit, has no variance and is
    no such case.

    Parameters
    ----------
    z : numpy.ndarray, shape (n, k)
        Weight times influence of each row; 0 outside of a domain.
    design : Design
        How the rows were drawn.

    Returns
    -------
    numpy.ndarray, shape (k, k)
        Covariance matrix of the column sums of ``z``.

    Raises
    ------
    SinglePSUError
        If the rule is ``"fail"`` and a stratum has a single sampled unit.
    """
    total = np.zeros((z.shape[1], z.shape[1]))
    for index, deviation in enumerate(_deviations(z, design)):
        total += deviation.T @ deviation * averaged(design.stages[index], design.single)
    return total


def variances(z: Floats, design: Design) -> Floats:
    """Estimate the variances of totals of weighted values, without their covariances.

    Parameters
    ----------
    z : numpy.ndarray, shape (n, k)
        Weight times influence of each row; 0 outside of a domain.
    design : Design
        How the rows were drawn.

    Returns
    -------
    numpy.ndarray, shape (k,)
        Diagonal of `covariance`.

    Raises
    ------
    SinglePSUError
        If the rule is ``"fail"`` and a stratum has a single sampled unit.
    """
    total = np.zeros(z.shape[1])
    for index, deviation in enumerate(_deviations(z, design)):
        squares = np.einsum("ij,ij->j", deviation, deviation)
        total += squares * averaged(design.stages[index], design.single)
    return total


def check_single(design: Design) -> None:
    """Raise where the rule is to fail and a stratum has a single sampled unit.

    Parameters
    ----------
    design : Design
        The design.

    Raises
    ------
    SinglePSUError
        With the strata of the first stage concerned.
    """
    for index, stage in enumerate(design.stages):
        if design.single == "fail" and stage.single.any():
            strata = np.flatnonzero(stage.single)
            by_row = stage.stratum[stage.unit]
            first = np.unique(by_row, return_index=True)[1]
            raise SinglePSUError(index, tuple(strata.tolist()), tuple(first[strata].tolist()))


def stage_factor(stage: Stage) -> Floats:
    """Return what the squared deviations of a stratum's units are multiplied by.

    Parameters
    ----------
    stage : Stage
        A stage.

    Returns
    -------
    numpy.ndarray, shape (H,)
        ``(1 - f) n / (n - 1)``; ``1 - f`` where n = 1.
    """
    n = stage.sampled
    return (1 - n / stage.population) * n / np.maximum(n - 1, 1)


def _deviations(z: Floats, design: Design) -> list[Floats]:
    """Return per stage the units' deviations from their stratum, scaled to be squared and added."""
    check_single(design)
    for step in design.residuals:
        z = step.apply(z)
    return [_scaled_deviation(z, stage, design.single) for stage in design.stages]


def _scaled_deviation(z: Floats, stage: Stage, rule: SinglePSU) -> Floats:
    """Centre the totals of the units at the mean of their stratum."""
    units = stage.stratum.size
    sums = z if stage.rows_are_units else group_totals(z, stage.unit, units)
    means = group_totals(sums, stage.stratum, stage.sampled.size) / stage.sampled[:, None]
    if rule == "adjust" and stage.single.any():
        means[stage.single] = sums.mean(axis=0)
    scale = np.sqrt(stage_factor(stage)[stage.stratum] * stage.carried)
    deviation: Floats = (sums - means[stage.stratum]) * scale[:, None]
    return deviation


def averaged(stage: Stage, rule: SinglePSU) -> float:
    """Return by how much the variance of the other strata stands for the single ones.

    Parameters
    ----------
    stage : Stage
        A stage.
    rule : str
        Rule for strata with a single sampled unit.

    Returns
    -------
    float
        Strata by strata that are not single, 1 for other rules; NaN where all are single.

    Raises
    ------
    ValueError
        Never; what cannot be calculated is NaN.
    """
    strata, single = stage.sampled.size, int(stage.single.sum())
    if rule != "average" or single == 0:
        return 1.0
    return strata / (strata - single) if single < strata else float("nan")

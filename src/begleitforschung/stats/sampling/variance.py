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
from begleitforschung.stats.sampling.design import Design, Mask, Stage
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


def covariance(z: Floats, design: Design, inside: Mask | None = None) -> Floats:
    r"""Estimate the covariance of totals of weighted values.

    A stratum with a single sampled unit of several ("lonely PSU") raises (``fail``), is left out
    (``remove``), counts as drawn with certainty (``certainty``, which comes to the same), is
    centred at the mean of all units (``adjust``), or gets the average variance of the other strata
    (``average``). As in R survey 4.5 only strata with rows inside count for these rules, of a
    calibrated design all, and at later stages those of the same primary unit. A stratum that is
    taken whole, also one of a single unit, has no variance and is no such case.

    Parameters
    ----------
    z : numpy.ndarray, shape (n, k)
        Weight times influence of each row; 0 outside of a domain.
    design : Design
        How the rows were drawn.
    inside : numpy.ndarray of bool, shape (n,), (n, 1) or (n, k), optional
        Rows of the domain; all if left out.

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
    for deviation in deviations(z, design, inside):
        total += deviation.T @ deviation
    return total


def variances(z: Floats, design: Design, inside: Mask | None = None) -> Floats:
    """Estimate the variances of totals of weighted values, without their covariances.

    Parameters
    ----------
    z : numpy.ndarray, shape (n, k)
        Weight times influence of each row; 0 outside of a domain.
    design : Design
        How the rows were drawn.
    inside : numpy.ndarray of bool, shape (n,), (n, 1) or (n, k), optional
        Rows of the domain; all if left out.

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
    for deviation in deviations(z, design, inside):
        total += np.einsum("ij,ij->j", deviation, deviation)
    return total


def check_single(design: Design, inside: Mask | None = None) -> None:
    """Raise where the rule is to fail and a stratum with rows inside has a single sampled unit.

    Parameters
    ----------
    design : Design
        The design.
    inside : numpy.ndarray of bool, shape (n,), (n, 1) or (n, k), optional
        Rows of the domain; all if left out.

    Raises
    ------
    SinglePSUError
        With the strata of the first stage concerned.
    """
    if design.single != "fail":
        return
    for index, stage in enumerate(design.stages):
        if not stage.single.any():
            continue
        found = stage.single & _present(stage, design, inside).any(axis=1)
        if found.any():
            by_row = stage.stratum[stage.unit]
            first = np.unique(by_row, return_index=True)[1]
            strata = np.flatnonzero(found)
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


def deviations(z: Floats, design: Design, inside: Mask | None = None) -> list[Floats]:
    """Return per stage the units' deviations from their stratum, scaled to be squared and added.

    Parameters
    ----------
    z : numpy.ndarray, shape (n, k)
        Weight times influence of each row; 0 outside of a domain.
    design : Design
        How the rows were drawn.
    inside : numpy.ndarray of bool, shape (n,), (n, 1) or (n, k), optional
        Rows of the domain; all if left out.

    Returns
    -------
    list of numpy.ndarray, each of shape (units, k)
        Their sums of squares and products are `covariance`.

    Raises
    ------
    SinglePSUError
        If the rule is ``"fail"`` and a stratum has a single sampled unit.
    """
    check_single(design, inside)
    for step in design.residuals:
        z = step.apply(z)
    return [_scaled_deviation(z, stage, design, inside) for stage in design.stages]


def _scaled_deviation(z: Floats, stage: Stage, design: Design, inside: Mask | None) -> Floats:
    """Centre the totals of the units at the mean of their stratum."""
    units, strata = stage.stratum.size, stage.sampled.size
    sums = z if stage.rows_are_units else group_totals(z, stage.unit, units)
    means = group_totals(sums, stage.stratum, strata) / stage.sampled[:, None]
    scale = np.sqrt(stage_factor(stage)[stage.stratum] * stage.carried)[:, None]
    if design.single in ("adjust", "average") and stage.single.any():
        present = _present(stage, design, inside)
        if design.single == "adjust":
            _centre_at_all(means, sums, stage, present)
        else:
            scale = scale * np.sqrt(_averaged(stage, present))[stage.parent[stage.stratum]]
    deviation: Floats = (sums - means[stage.stratum]) * scale
    return deviation


def _present(stage: Stage, design: Design, inside: Mask | None) -> Mask:
    """Tell which strata have rows inside; of a calibrated design all, where residuals fill them."""
    if inside is None or design.residuals:
        return np.ones((stage.sampled.size, 1), dtype=np.bool_)
    columns = inside[:, None] if inside.ndim == 1 else inside
    by_row = stage.stratum[stage.unit]
    found = np.zeros((stage.sampled.size, columns.shape[1]), dtype=np.bool_)
    for column in range(columns.shape[1]):
        found[by_row[columns[:, column]], column] = True
    return found


def _centre_at_all(means: Floats, sums: Floats, stage: Stage, present: Mask) -> None:
    """Give single strata the mean of all units of the strata that are there, in place."""
    parents = int(stage.parent.max()) + 1
    whole = group_totals(sums, stage.parent[stage.stratum], parents)
    sizes = group_totals(present * stage.sampled[:, None], stage.parent, parents)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (whole / sizes)[stage.parent]
    there = np.broadcast_to(stage.single[:, None] & present, means.shape)
    means[there] = centre[there]


def _averaged(stage: Stage, present: Mask) -> Floats:
    """Return by how much the variance of the other strata stands for the single ones."""
    parents = int(stage.parent.max()) + 1
    strata = group_totals(present.astype(np.float64), stage.parent, parents)
    single = (present & stage.single[:, None]).astype(np.float64)
    others = strata - group_totals(single, stage.parent, parents)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(others > 0, strata / others, np.where(strata > 0, np.nan, 1.0))

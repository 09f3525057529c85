"""Replicate weights made from a design: jackknife, balanced half-samples, bootstrap.

Replicates leave out, double or draw again the primary units; later stages move with them. Strata
that are taken whole keep their weights in every replicate, and so do strata with a single sampled
unit where the design says ``remove`` or ``certainty``. Replicate first and calibrate then, so that
each replicate is calibrated for itself.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.sampling.design import Design, Mask, Stage
from begleitforschung.stats.sampling.hadamard import hadamard
from begleitforschung.stats.sampling.replicates import Replicates
from begleitforschung.stats.sampling.variance import check_single

Bootstrap = Literal["subbootstrap", "rao_wu"]
_MOST = 5000


def jackknife(design: Design, *, mse: bool = False) -> Replicates:
    r"""Leave out one primary unit at a time (JK1 without strata, JKn with strata).

    The others of its stratum get :math:`n_h/(n_h-1)` times their weight; the squared deviation
    counts :math:`(1-f_h)(n_h-1)/n_h` (Wolter 2007, Introduction to Variance Estimation, chapter
    4).

    Parameters
    ----------
    design : Design
        How the rows were drawn.
    mse : bool
        Whether deviations are taken from the full-sample estimate.

    Returns
    -------
    Replicates
        One replicate per primary unit of a stratum that is not taken whole.

    Raises
    ------
    ValueError
        If a stratum has a single sampled unit and the rule does not leave it out, the design is
        calibrated, or there are more than 5,000 units, whose replicates would fill the memory.
    """
    stage, drawn = _drawn(design)
    units = np.flatnonzero(drawn[stage.stratum])
    if units.size > _MOST:
        raise ValueError(f"a jackknife of {units.size} units is too large: take the bootstrap")
    came = np.unique(stage.unit, return_index=True)[1]  # strata and units as they come, as in R
    began = np.full(stage.sampled.size, stage.unit.size)
    np.minimum.at(began, stage.stratum, came)
    units = units[np.lexsort((came[units], began[stage.stratum[units]]))]
    n = stage.sampled[stage.stratum[units]]
    same = stage.stratum[:, None] == stage.stratum[units]
    factors = np.where(same, n / (n - 1), 1.0)
    factors[units, np.arange(units.size)] = 0.0
    fraction = n / stage.population[stage.stratum[units]]
    each = (1 - fraction) * (n - 1) / n
    alone = stage.sampled.size == 1
    return Replicates(
        weights=design.weights,
        factors=factors,
        scaled=design.weights,
        unit=stage.unit,
        scale=float(each[0]) if alone else 1.0,
        rscales=np.ones(units.size) if alone else each,
        mse=mse,
        df=design.degrees(),
    )


def half_samples(design: Design, *, fay: float = 0.0, mse: bool = False) -> Replicates:
    """Take one of the two units of each stratum, balanced over the replicates (BRR, Fay).

    Parameters
    ----------
    design : Design
        How the rows were drawn; two primary units per stratum. Population counts are not used:
        half-samples are for small sampling fractions.
    fay : float
        Weight that the other unit keeps, at least 0 and below 1; 0 is the plain method (McCarthy
        1969), 0.3 or 0.5 is usual (Judkins 1990, Journal of Official Statistics 6, 223-239).
    mse : bool
        Whether deviations are taken from the full-sample estimate.

    Returns
    -------
    Replicates
        As many replicates as the smallest Hadamard matrix with more rows than there are strata
        has rows (full orthogonal balance).

    Raises
    ------
    ValueError
        If a stratum that is not taken whole has other than two units, ``fay`` is out of range or
        the design is calibrated.
    """
    if not 0 <= fay < 1:
        raise ValueError("fay must be at least 0 and below 1")
    stage, drawn = _drawn(design)
    if (stage.sampled[drawn] != 2).any():
        raise ValueError("half-samples need two primary units in each stratum")
    strata = np.flatnonzero(drawn)
    signs = hadamard(strata.size + 1)[:, 1 : strata.size + 1].T.astype(np.float64)
    second = np.zeros(stage.stratum.size, dtype=np.bool_)
    order = np.argsort(stage.stratum, kind="stable")
    second[order[1:]] = stage.stratum[order[1:]] == stage.stratum[order[:-1]]
    factors = np.ones((stage.stratum.size, signs.shape[1]))
    position = np.searchsorted(strata, stage.stratum)
    inside = drawn[stage.stratum]
    side = np.where(second, -1.0, 1.0)[inside, None]
    factors[inside] += (1 - fay) * side * signs[position[inside]]
    return Replicates(
        weights=design.weights,
        factors=factors,
        scaled=design.weights,
        unit=stage.unit,
        scale=1 / (signs.shape[1] * (1 - fay) ** 2),
        rscales=np.ones(signs.shape[1]),
        mse=mse,
        df=design.degrees(),
    )


def bootstrap(
    design: Design,
    replicates: int,
    seed: int | np.random.Generator,
    *,
    kind: Bootstrap = "subbootstrap",
    mse: bool = False,
) -> Replicates:
    r"""Draw :math:`n_h - 1` primary units of each stratum again, with replacement.

    ``subbootstrap`` gives a unit that is drawn c times :math:`c\,n_h/(n_h-1)` times its weight;
    ``rao_wu`` takes the sampling fraction into account,
    :math:`1 + \sqrt{1-f_h}\,(c\,n_h/(n_h-1) - 1)` (Rao & Wu 1988, Journal of the American
    Statistical Association 83, 231-241; Rao, Wu & Yue 1992, Survey Methodology 18, 209-217). How
    often each unit is drawn is held as a small whole number.

    Parameters
    ----------
    design : Design
        How the rows were drawn.
    replicates : int
        Number of replicates, some hundreds.
    seed : int or numpy.random.Generator
        Start of the random numbers, so that the result can be made again.
    kind : {"subbootstrap", "rao_wu"}
        One of the above.
    mse : bool
        Whether deviations are taken from the full-sample estimate.

    Returns
    -------
    Replicates
        The design, with scale 1 / (replicates - 1).

    Raises
    ------
    ValueError
        If there are fewer than two replicates, the kind is unknown, a stratum has a single sampled
        unit and the rule does not leave it out, or the design is calibrated.
    """
    if replicates < 2 or kind not in ("subbootstrap", "rao_wu"):
        raise ValueError("the bootstrap needs two replicates and a kind that is known")
    stage, drawn = _drawn(design)
    counts = _draw(stage, drawn, replicates, np.random.default_rng(seed))
    n = stage.sampled[stage.stratum]
    grow = np.where(drawn[stage.stratum], n / np.maximum(n - 1, 1), 1.0)
    factors: NDArray[np.generic] = counts
    scaled = design.weights * grow[stage.unit]
    if kind == "rao_wu":
        narrow = np.sqrt(1 - stage.sampled / stage.population)[stage.stratum, None]
        factors = 1 + narrow * (counts * grow[:, None] - 1)
        scaled = design.weights
    return Replicates(
        weights=design.weights,
        factors=factors,
        scaled=scaled,
        unit=None if stage.rows_are_units else stage.unit,
        scale=1 / (replicates - 1),
        rscales=np.ones(replicates),
        mse=mse,
        df=min(replicates - 1.0, design.degrees()),
    )


def _drawn(design: Design) -> tuple[Stage, Mask]:
    """Return the first stage and which of its strata have a variance that replicates show."""
    if design.residuals:
        raise ValueError("make replicates of the design first and calibrate them then")
    stage = design.stages[0]
    if stage.single.any() and design.single not in ("remove", "certainty"):
        check_single(design)
        raise ValueError("replicates need strata without single units, or the rule 'remove'")
    return stage, (stage.sampled > 1) & (stage.sampled < stage.population)


def _draw(
    stage: Stage, drawn: Mask, replicates: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Count how often each unit is drawn; 1 in strata that are not drawn from."""
    counts = np.ones((stage.stratum.size, replicates), dtype=np.uint8)
    order = np.argsort(stage.stratum, kind="stable")
    starts = np.concatenate([[0], np.cumsum(stage.sampled.astype(np.int64))])
    for stratum in np.flatnonzero(drawn):
        units = order[starts[stratum] : starts[stratum + 1]]
        n = units.size
        block = max(1, 4_000_000 // n)
        for start in range(0, replicates, block):
            width = min(block, replicates - start)
            found = rng.integers(0, n, (n - 1, width)) * width + np.arange(width)
            part = np.bincount(found.ravel(), minlength=n * width).reshape(n, width)
            # that one unit of n is drawn more than 255 times in n - 1 does not occur
            counts[units, start : start + width] = np.minimum(part, 255)
    return counts

"""Sobol indices by sampling: how much of the variance of an output each input is answerable for.

The first-order index is the share of the variance that goes away on average once the input is
known; the total-order index the share that stays if only this input is unknown.

References: Sobol', I. M. (2001): Global sensitivity indices for nonlinear mathematical models and
their Monte Carlo estimates. Mathematics and Computers in Simulation 55, 271-280. Saltelli, A. et
al. (2010): Variance based sensitivity analysis of model output. Computer Physics Communications
181, 259-270. Jansen, M. J. W. (1999): Analysis of variance designs for model output. Computer
Physics Communications 117, 35-43. Owen, A. B. (2020): On dropping the first Sobol' point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.groups import Floats

_CELLS = 4_000_000  # numbers held at a time while many outputs are worked on
_ROUNDING = 1e-12  # relative spread below which an output is constant


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceShares:
    """First- and total-order indices of d inputs for m outputs, with intervals if asked for."""

    first: Floats
    """Shape (d, m); NaN where the output does not vary."""
    total: Floats
    """Shape (d, m)."""
    first_interval: Floats | None = None
    """Lower and upper limits, shape (2, d, m)."""
    total_interval: Floats | None = None


def sobol_points(n: int, inputs: int, *, seed: int) -> Floats:
    """Draw scrambled Sobol points in the unit cube.

    Parameters
    ----------
    n : int
        Number of points; powers of two are balanced best.
    inputs : int
        Number of dimensions.
    seed : int
        Seed of the scrambling.

    Returns
    -------
    numpy.ndarray, shape (n, inputs)
        Points, each coordinate in [0, 1).

    Raises
    ------
    ValueError
        If `n` or `inputs` is less than 1.
    """
    from scipy.stats import qmc

    if n < 1 or inputs < 1:
        raise ValueError("a design needs at least one point and one input")
    drawn = qmc.Sobol(inputs, scramble=True, rng=np.random.default_rng(seed))
    points: Floats = drawn.random_base2(int(n - 1).bit_length())[:n]
    return np.minimum(points, np.nextafter(1.0, 0.0))


def sobol_design(n: int, inputs: int | Sequence[int], *, seed: int) -> Floats:
    """Return the runs from which first- and total-order indices are estimated.

    Two matrices A and B of n points each, followed by one matrix for each input i: A with the
    coordinates of input i from B (Saltelli et al. 2010). An input may have several coordinates, as
    a set of weights has; its indices are then those of the group.

    Parameters
    ----------
    n : int
        Number of base points; powers of two are balanced best.
    inputs : int or sequence of int
        Number d of inputs, or the number of coordinates of each.
    seed : int
        Seed of the scrambling.

    Returns
    -------
    numpy.ndarray, shape (n * (d + 2), number of coordinates)
        Runs in the order A, B, A with input 1 of B, …, each coordinate in [0, 1).

    Raises
    ------
    ValueError
        If `n` or `inputs` is less than 1.

    Examples
    --------
    >>> sobol_design(4, 3, seed=1).shape
    (20, 3)
    """
    sizes = [1] * inputs if isinstance(inputs, int) else list(inputs)
    width, ends = sum(sizes), np.cumsum(sizes)
    both = sobol_points(n, 2 * width, seed=seed)
    runs = np.empty((len(sizes) + 2, n, width))
    runs[:] = both[:, :width]
    runs[1] = both[:, width:]
    for i, (end, size) in enumerate(zip(ends, sizes, strict=True)):
        runs[i + 2, :, end - size : end] = runs[1, :, end - size : end]
    return runs.reshape(-1, width)


def sobol_indices(
    y: NDArray[Any],
    inputs: int,
    *,
    n_bootstrap: int = 0,
    level: float = 0.9,
    seed: int = 0,
) -> VarianceShares:
    r"""Estimate first- and total-order indices from the runs of `sobol_design`.

    With outputs :math:`a, b, c_i` of A, B and A with column i of B, their common mean :math:`m` and
    variance :math:`V` over A and B,

    .. math:: S_i = \frac{1}{NV}\sum (b - m)(c_i - a), \qquad T_i = \frac{1}{2NV}\sum (a - c_i)^2

    (Saltelli et al. 2010 with the mean taken off; Jansen 1999). Without taking off the mean the
    first-order index has several times the error and may lie above the total-order one.

    Parameters
    ----------
    y : numpy.ndarray, shape (n * (d + 2),) or (n * (d + 2), m)
        Outputs in the order of the design. NaN: the run failed. In an array of integers (ranks) 0
        is missing. A base point is left out of what needs one of its missing runs.
    inputs : int
        Number d of inputs.
    n_bootstrap : int
        Number of bootstrap samples of the base points; 0 for no intervals. Mean and variance are
        drawn anew with each sample.
    level : float
        Probability that the intervals cover, between their equal tails.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    VarianceShares
        Arrays with one column for each output (one if `y` has one dimension).

    Raises
    ------
    ValueError
        If the length of `y` does not fit the number of inputs.
    """
    outputs = y[:, None] if y.ndim == 1 else y
    n, rest = divmod(len(outputs), inputs + 2)
    if rest or not n:
        raise ValueError(f"{len(outputs)} runs are no design with {inputs} inputs")
    draws = np.ones((1, n))
    if n_bootstrap:
        draws = np.vstack([draws, bootstrap_counts(n, n_bootstrap, seed=seed)])
    width = max(1, _CELLS // ((3 * inputs + 4) * (n + len(draws))))
    blocks = [
        _estimates(outputs[:, start : start + width], inputs, draws)
        for start in range(0, outputs.shape[1], width)
    ]
    first, total = (np.concatenate(kind, axis=2) for kind in zip(*blocks, strict=True))
    if not n_bootstrap:
        return VarianceShares(first=first[0], total=total[0])
    tails = [(1 - level) / 2, (1 + level) / 2]
    return VarianceShares(
        first=first[0],
        total=total[0],
        first_interval=_percentiles(first[1:], tails),
        total_interval=_percentiles(total[1:], tails),
    )


def bootstrap_counts(n: int, samples: int, *, seed: int) -> Floats:
    """Return how often each of n things is drawn in each sample of n with replacement.

    Parameters
    ----------
    n : int
        Number of things.
    samples : int
        Number of samples.
    seed : int
        Seed of the draws.

    Returns
    -------
    numpy.ndarray, shape (samples, n)
        Counts as floats, so that a matrix product sums what was drawn; each row sums to n.
    """
    drawn = np.random.default_rng(seed).integers(0, n, (samples, n), dtype=np.int32)
    drawn += np.arange(samples, dtype=np.int32)[:, None] * np.int32(n)
    counted = np.bincount(drawn.ravel(), minlength=samples * n)
    return counted.reshape(samples, n).astype(np.float64)


def as_outputs(y: NDArray[Any]) -> Floats:
    """Return outputs as floats; in an array of integers (ranks) 0 becomes NaN.

    Parameters
    ----------
    y : numpy.ndarray
        Outputs or ranks.

    Returns
    -------
    numpy.ndarray of float64, same shape
        A copy.
    """
    found: Floats = y.astype(np.float64)
    if np.issubdtype(y.dtype, np.integer):
        found[y == 0] = np.nan
    return found


def is_constant(runs: Floats) -> NDArray[np.bool_]:
    """Return whether outputs vary by no more than the rounding of their numbers.

    Parameters
    ----------
    runs : numpy.ndarray, shape (…, n, m)
        Outputs, NaN where missing.

    Returns
    -------
    numpy.ndarray of bool, shape (m,)
        True where an output is constant or has no value.
    """
    flat = runs.reshape(-1, runs.shape[-1])
    highest = np.fmax.reduce(flat, axis=0)
    lowest = np.fmin.reduce(flat, axis=0)
    largest = np.maximum(np.abs(highest), np.abs(lowest))
    found: NDArray[np.bool_] = ~(highest - lowest > _ROUNDING * largest)
    return found


def _estimates(y: NDArray[Any], d: int, draws: Floats) -> tuple[Floats, Floats]:
    """Return first and total order, shape (samples, d, m), for each row of drawn counts."""
    runs = as_outputs(y).reshape(d + 2, -1, y.shape[1])
    whole = ~np.isnan(runs[:2]).any(axis=0)
    pairs = np.asarray(whole & ~np.isnan(runs[2:]))
    constant = is_constant(np.where(whole, runs[:2], np.nan))
    known = max(1, int(whole.sum(axis=0).max()))
    runs -= np.where(whole, runs[:2], 0.0).sum(axis=(0, 1)) / (2 * known)  # keeps digits
    difference = np.where(pairs, runs[2:] - runs[0], 0.0)
    a, b = np.where(whole, runs[:2], 0.0)
    n_whole, n_pairs = _drawn(draws, np.asarray(whole)), _drawn(draws, pairs)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = draws @ (a + b) / (2 * n_whole)
        variance = (draws @ (a * a + b * b) - 2 * n_whole * mean**2) / (2 * n_whole - 1)
        variance = np.where(constant | (variance <= 0), np.nan, variance)
        product = draws @ (b * difference) - mean * (draws @ difference)
        square = draws @ (difference * difference)
        scale = n_pairs * variance
        first, total = product / scale, square / (2 * scale)
    return first.swapaxes(0, 1), total.swapaxes(0, 1)


def _drawn(draws: Floats, known: NDArray[np.bool_]) -> Floats:
    """Return how many of the runs drawn are known; a cheap number if all are."""
    if known.all():
        return np.full((1, 1), float(known.shape[-2]))
    counted: Floats = draws @ known.astype(np.float64)
    return counted


def _percentiles(samples: Floats, tails: list[float]) -> Floats:
    """Return the percentiles over the samples, those without a value left out."""
    if not np.isnan(samples).any():
        found: Floats = np.quantile(samples, tails, axis=0)
        return found
    missing = np.isnan(samples).all(axis=0)
    filled = np.where(missing, 0.0, samples)
    return np.where(missing, np.nan, np.nanquantile(filled, tails, axis=0))

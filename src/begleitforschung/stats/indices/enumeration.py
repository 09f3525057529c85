"""Exact Sobol indices where all inputs are discrete: every combination is evaluated once.

There is no sampling error, and with few combinations it is cheaper than sampling. References as in
`begleitforschung.stats.indices.sobol`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.indices.sobol import VarianceShares, as_outputs, is_constant

_CELLS = 4_000_000  # numbers held at a time while many outputs are worked on


def factorial_design(levels: Sequence[int]) -> Ints:
    """Return every combination of the levels of discrete inputs.

    Parameters
    ----------
    levels : sequence of int
        Number of levels of each of the d inputs.

    Returns
    -------
    numpy.ndarray of int64, shape (product of `levels`, d)
        Level of each input, counted from 0, in each run; the last input changes fastest.

    Raises
    ------
    ValueError
        If there is no input, or an input has no level.

    Examples
    --------
    >>> factorial_design([2, 2]).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    if not levels or min(levels) < 1:
        raise ValueError("each input needs at least one level")
    grid = np.indices(tuple(levels), dtype=np.int64)
    return np.ascontiguousarray(grid.reshape(len(levels), -1).T)


def factorial_weights(levels: Sequence[int], weights: Sequence[ArrayLike | None]) -> Floats:
    """Return the probability of each run of a factorial design with independent inputs.

    Parameters
    ----------
    levels : sequence of int
        Number of levels of each input.
    weights : sequence of array_like or None
        Weights (>= 0) of the levels of each input; None if they are alike.

    Returns
    -------
    numpy.ndarray, shape (product of `levels`,)
        Probabilities, which sum to 1, in the order of `factorial_design`.

    Raises
    ------
    ValueError
        If the weights of an input do not fit its levels, are negative or all zero.
    """
    joint = np.ones(())
    for n, given in zip(levels, weights, strict=True):
        weight = np.ones(n) if given is None else np.asarray(given, np.float64)
        if weight.shape != (n,) or not (weight >= 0).all() or not weight.sum() > 0:
            raise ValueError(f"{n} levels need {n} weights that are not negative nor all zero")
        joint = np.multiply.outer(joint, weight / weight.sum())
    return joint.reshape(-1)


def exact_indices(
    y: NDArray[Any], levels: Sequence[int], *, weights: ArrayLike | None = None
) -> VarianceShares:
    r"""Return first- and total-order indices from all combinations of discrete inputs.

    .. math:: S_i = \frac{\mathrm{Var}(E[y \mid x_i])}{\mathrm{Var}(y)}, \qquad
        T_i = \frac{E[\mathrm{Var}(y \mid x_{\sim i})]}{\mathrm{Var}(y)}

    Parameters
    ----------
    y : numpy.ndarray, shape (runs,) or (runs, m)
        Outputs in the order of `factorial_design`. NaN: the run failed; means and variances are
        then taken over the runs that did not. In an array of integers (ranks) 0 is missing.
    levels : sequence of int
        Number of levels of each of the d inputs.
    weights : array_like, shape (runs,), optional
        Probability of each run (`factorial_weights`); alike if not given.

    Returns
    -------
    VarianceShares
        Arrays of shape (d, m), m = 1 if `y` has one dimension; NaN where an output does not vary.

    Raises
    ------
    ValueError
        If the number of runs is not the product of the levels.
    """
    outputs = y[:, None] if y.ndim == 1 else y
    if len(outputs) != prod(levels):
        raise ValueError(f"{len(outputs)} runs are not all combinations of {tuple(levels)} levels")
    even = np.full(len(outputs), 1.0 / len(outputs))
    mass = even if weights is None else np.asarray(weights, np.float64)
    width = max(1, _CELLS // len(outputs))
    blocks = [
        _exact(as_outputs(outputs[:, start : start + width]), tuple(levels), mass)
        for start in range(0, outputs.shape[1], width)
    ]
    first, total = (np.concatenate(kind, axis=1) for kind in zip(*blocks, strict=True))
    return VarianceShares(first=first, total=total)


def _exact(y: Floats, levels: tuple[int, ...], mass: Floats) -> tuple[Floats, Floats]:
    """Return first and total order of a block of outputs."""
    known = ~np.isnan(y)
    weight = np.where(known, mass[:, None], 0.0) if not known.all() else mass[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = weight / weight.sum(axis=0)
        filled = np.where(known, y, 0.0)
        filled -= (weight * filled).sum(axis=0)
        filled[~known] = 0.0
        variance = (weight * filled**2).sum(axis=0)
        variance[is_constant(y[None])] = np.nan
        shape = (*levels, -1)
        cube, weights = filled.reshape(shape), weight.reshape(shape)
        parts = [_components(cube, weights, axis) for axis in range(len(levels))]
        first = np.stack([part[0] for part in parts]) / variance
        total = np.stack([part[1] for part in parts]) / variance
    return first, total


def _components(y: Floats, weight: Floats, axis: int) -> tuple[Floats, Floats]:
    """Return the variance of the means by one input, and the mean of the variances within it.

    `y` has mean zero, so that the first is a plain sum of squares.
    """
    others = tuple(other for other in range(y.ndim - 1) if other != axis)
    product = weight * y
    mass = np.broadcast_to(weight, product.shape) if weight.shape != product.shape else weight
    level_mass, level_sum = mass.sum(axis=others), product.sum(axis=others)
    line_mass, line_sum = mass.sum(axis=axis, keepdims=True), product.sum(axis=axis, keepdims=True)
    level_mean = np.divide(
        level_sum, level_mass, out=np.zeros_like(level_sum), where=level_mass > 0
    )
    line_mean = np.divide(line_sum, line_mass, out=np.zeros_like(line_sum), where=line_mass > 0)
    within = (mass * (y - line_mean) ** 2).sum(axis=tuple(range(y.ndim - 1)))
    return (level_mass * level_mean**2).sum(axis=0), within

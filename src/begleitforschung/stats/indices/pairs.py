"""The weight for minus the weight against each unit of each pair, fast and without big arrays.

Every comparison gives one bit per pair. Bits of equal weight are counted together, and the counts
of several weights are the digits of one byte, whose 256 values are looked up in a table of sums:
so weights are added up a few times per pair instead of once per indicator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.indices.means import Floats

_BYTE = 256


@dataclass(frozen=True, slots=True)
class Bits:
    """Comparisons that have the same weight: one digit of a byte.

    Parameters
    ----------
    weight : float
        What one of them adds to the balance of a pair.
    columns : tuple of int
        Indicators that are compared.
    greater : bool
        Whether the bit says "more than" or "less than".
    """

    weight: float
    columns: tuple[int, ...]
    greater: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How the pairs of some units are compared.

    Parameters
    ----------
    ranks : numpy.ndarray of float32, shape (k, n)
        Dense ranks of the units by indicator, NaN where missing.
    start : float
        Balance of a pair of which all bits are 0.
    bytes_ : tuple of (tuple of Bits, numpy.ndarray of shape (256,))
        Digits of each byte, the first the most significant, and the sums that its values mean.
    """

    ranks: NDArray[np.float32]
    start: float
    bytes_: tuple[tuple[tuple[Bits, ...], Floats], ...]


def plan_pairs(values: Floats, weights: Floats) -> Plan:
    """Prepare the comparison of all pairs of units.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, k)
        Values of the indicators, NaN where missing.
    weights : numpy.ndarray, shape (k,)
        Weights > 0.

    Returns
    -------
    Plan
        Ranks and tables of sums.

    Raises
    ------
    ValueError
        If there are more than 2²⁴ units, beyond which float32 cannot tell ranks apart.
    """
    if len(values) > 2**24:
        raise ValueError("outranking compares at most 16,777,216 units")
    ranks = np.full(values.shape[::-1], np.nan, np.float32)
    groups: dict[tuple[float, bool], list[int]] = {}
    start = 0.0
    for k, column in enumerate(values.T):
        there = ~np.isnan(column)
        distinct, codes = np.unique(column[there], return_inverse=True)
        ranks[k, there] = codes
        weight = float(weights[k])
        if len(distinct) == len(column):  # no ties, nothing missing: not more means less
            start -= weight
            groups.setdefault((2 * weight, True), []).append(k)
        else:
            groups.setdefault((weight, True), []).append(k)
            groups.setdefault((-weight, False), []).append(k)
    return Plan(ranks, start, tuple((digits, _table(digits)) for digits in _bytes(groups)))


def pair_balances(plan: Plan, rows: slice, columns: slice) -> Floats:
    """Return the weight for minus the weight against the row's unit in each pair.

    Parameters
    ----------
    plan : Plan
        Ranks and tables of sums.
    rows, columns : slice
        Units of the block.

    Returns
    -------
    numpy.ndarray, shape (rows, columns)
        Balances, 0 (but for rounding) where nothing speaks for either unit.

    Raises
    ------
    ValueError
        Never for slices of the planned units.
    """
    mine, others = plan.ranks[:, rows, None], plan.ranks[:, None, columns]
    shape = (mine.shape[1], others.shape[2])
    balance = np.full(shape, plan.start)
    bit, code = np.empty(shape, np.bool_), np.empty(shape, np.uint8)
    index, part = np.empty(shape, np.intp), np.empty(shape)
    for digits, table in plan.bytes_:
        code.fill(0)
        for position, digit in enumerate(digits):
            if position:
                np.multiply(code, np.uint8(len(digit.columns) + 1), out=code)
            compare = np.greater if digit.greater else np.less
            for k in digit.columns:
                compare(mine[k], others[k], out=bit)
                np.add(code, bit.view(np.uint8), out=code)
        np.copyto(index, code)
        np.take(table, index, out=part, mode="clip")
        balance += part
    return balance


def _bytes(groups: dict[tuple[float, bool], list[int]]) -> list[tuple[Bits, ...]]:
    """Put digits together to bytes, as many as fit."""
    packed: list[tuple[Bits, ...]] = []
    current: tuple[Bits, ...] = ()
    values = 1
    for (weight, greater), columns in sorted(groups.items(), key=lambda item: -len(item[1])):
        for first in range(0, len(columns), _BYTE - 1):
            digit = Bits(weight, tuple(columns[first : first + _BYTE - 1]), greater)
            if values * (len(digit.columns) + 1) > _BYTE:
                packed.append(current)
                current, values = (), 1
            current, values = (*current, digit), values * (len(digit.columns) + 1)
    return [*packed, current] if current else packed


def _table(digits: tuple[Bits, ...]) -> Floats:
    """Return the sum of weights that each value of a byte means."""
    sums = np.zeros(1)
    for digit in digits:
        counts = np.arange(len(digit.columns) + 1) * digit.weight
        sums = np.add.outer(sums, counts).ravel()
    return np.concatenate([sums, np.zeros(_BYTE - len(sums))])

"""The weight for minus the weight against each unit of each pair, fast and without big arrays.

Indicators of equal weight are counted together: how many speak for a unit less how many against it.
The counts of several weights are the digits of one byte, whose 256 values are looked up in a table
of sums, so that weights are added up a few times per pair instead of once per indicator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from begleitforschung.stats.indices.elements import Floats

_BYTE = 256


@dataclass(frozen=True, slots=True)
class Digit:
    """Indicators of the same weight, whose comparisons are counted together.

    Parameters
    ----------
    weight : float
        Weight of each.
    columns : tuple of int
        Their positions.
    strict : bool
        No ties and nothing missing: not more means less, and one comparison is enough.
    """

    weight: float
    columns: tuple[int, ...]
    strict: bool

    @property
    def counts(self) -> NDArray[np.int64]:
        """Values that the count can take: "more", or "more" minus "less"."""
        m = len(self.columns)
        return np.arange(0 if self.strict else -m, m + 1)

    @property
    def balances(self) -> Floats:
        """Weight for minus weight against that each value means."""
        counts = self.counts.astype(np.float64)
        return self.weight * (2 * counts - len(self.columns) if self.strict else counts)


@dataclass(frozen=True, slots=True)
class Plan:
    """How the pairs of some units are compared.

    Parameters
    ----------
    ranks : numpy.ndarray of float32, shape (k, n)
        Dense ranks of the units by indicator, NaN where missing.
    bytes_ : tuple of (tuple of Digit, numpy.ndarray of shape (256,))
        Digits of each byte, the first the most significant, and the sums that its values mean.
    """

    ranks: NDArray[np.float32]
    bytes_: tuple[tuple[tuple[Digit, ...], Floats], ...]


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
    for k, column in enumerate(values.T):
        there = ~np.isnan(column)
        distinct, codes = np.unique(column[there], return_inverse=True)
        ranks[k, there] = codes
        groups.setdefault((float(weights[k]), len(distinct) == len(column)), []).append(k)
    return Plan(ranks, tuple((digits, _table(digits)) for digits in _bytes(groups)))


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
        Balances, 0 (but for rounding) where nothing speaks for either unit; those of a unit with
        itself have no meaning.

    Raises
    ------
    ValueError
        Never for slices of the planned units.
    """
    mine, others = plan.ranks[:, rows, None], plan.ranks[:, None, columns]
    shape = (mine.shape[1], others.shape[2])
    balance, part = np.zeros(shape), np.empty(shape)
    bit, code, index = (
        np.empty(shape, np.bool_),
        np.empty(shape, np.uint8),
        np.empty(shape, np.intp),
    )
    one = bit.view(np.uint8)
    for digits, table in plan.bytes_:
        code.fill(0)
        for position, digit in enumerate(digits):
            if position:
                np.multiply(code, np.uint8(len(digit.counts)), out=code)
            for k in digit.columns:
                np.greater(mine[k], others[k], out=bit)
                np.add(code, one, out=code)
                if not digit.strict:
                    np.less(mine[k], others[k], out=bit)
                    np.subtract(code, one, out=code)
        np.copyto(index, code)
        np.take(table, index, out=part, mode="clip")
        balance += part
    return balance


def _bytes(groups: dict[tuple[float, bool], list[int]]) -> list[tuple[Digit, ...]]:
    """Put digits together to bytes, as many as fit."""
    packed: list[tuple[Digit, ...]] = []
    current: tuple[Digit, ...] = ()
    values = 1
    for (weight, strict), columns in sorted(groups.items(), key=lambda item: -len(item[1])):
        most = _BYTE - 1 if strict else _BYTE // 2 - 1
        for first in range(0, len(columns), most):
            digit = Digit(weight, tuple(columns[first : first + most]), strict)
            if values * len(digit.counts) > _BYTE:
                packed.append(current)
                current, values = (), 1
            current, values = (*current, digit), values * len(digit.counts)
    return [*packed, current] if current else packed


def _table(digits: tuple[Digit, ...]) -> Floats:
    """Return the sum of weights that each value of a byte means; below zero it wraps around."""
    codes, sums = np.zeros(1, np.int64), np.zeros(1)
    for digit in digits:
        codes = np.add.outer(codes * len(digit.counts), digit.counts).ravel()
        sums = np.add.outer(sums, digit.balances).ravel()
    table = np.zeros(_BYTE)
    table[codes % _BYTE] = sums
    return table

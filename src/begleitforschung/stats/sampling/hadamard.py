"""Hadamard matrices, by which half-samples are balanced."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Signs = NDArray[np.int8]
_LARGEST = 4096


def hadamard(least: int) -> Signs:
    """Return a Hadamard matrix with at least so many rows, the first column all 1.

    Rows and columns are orthogonal to each other, entries are 1 and -1. Powers of 2 by Sylvester
    (1867), others by quadratic residues (Paley 1933, Journal of Mathematics and Physics 12,
    311-320) or by doubling.

    Parameters
    ----------
    least : int
        Rows needed.

    Returns
    -------
    numpy.ndarray of int8, shape (m, m)
        The smallest matrix that these constructions give.

    Raises
    ------
    ValueError
        If more than 4,096 rows are needed.

    Examples
    --------
    >>> matrix = hadamard(3).astype(int)
    >>> (matrix @ matrix.T == 4 * np.eye(4)).all()
    np.True_
    """
    orders = [1, 2, *range(4, _LARGEST + 1, 4)]
    for order in orders:
        if order >= least and (made := _construct(order)) is not None:
            return made * made[:, :1]
    raise ValueError(f"no Hadamard matrix of {least} rows or more is known here")


def _construct(order: int) -> Signs | None:
    """Return a Hadamard matrix of this order, if one of the constructions gives it."""
    if order == 1:
        return np.ones((1, 1), dtype=np.int8)
    half = _construct(order // 2) if order % 2 == 0 and (order // 2) in (1, 2) else None
    if half is None and order % 8 == 0:
        half = _construct(order // 2)
    if half is not None:
        return np.block([[half, half], [half, -half]]).astype(np.int8)
    if order % 4 == 0 and _prime(order - 1):
        return _paley_one(order - 1)
    if order % 4 == 0 and _prime(order // 2 - 1) and (order // 2 - 1) % 4 == 1:
        return _paley_two(order // 2 - 1)
    return None


def _prime(q: int) -> bool:
    return q > 1 and all(q % k for k in range(2, int(q**0.5) + 1))


def _jacobsthal(q: int) -> Signs:
    """Return 1 where the difference of two residues is a square, -1 where it is none, else 0."""
    symbol = np.full(q, -1, dtype=np.int8)
    symbol[[k * k % q for k in range(q)]] = 1
    symbol[0] = 0
    return np.asarray(symbol[(np.arange(q)[:, None] - np.arange(q)) % q], dtype=np.int8)


def _conference(q: int, corner: int) -> Signs:
    """Border the residues by 1 and ``corner``."""
    matrix = np.ones((q + 1, q + 1), dtype=np.int8)
    matrix[0, 0] = 0
    matrix[1:, 0] = corner
    matrix[1:, 1:] = _jacobsthal(q)
    return matrix


def _paley_one(q: int) -> Signs:
    return (_conference(q, -1) + np.eye(q + 1, dtype=np.int8)).astype(np.int8)


def _paley_two(q: int) -> Signs:
    plain, diagonal = np.array([[1, 1], [1, -1]]), np.array([[1, -1], [-1, -1]])
    conference = _conference(q, 1)
    return (np.kron(conference, plain) + np.kron(np.eye(q + 1, dtype=int), diagonal)).astype(
        np.int8
    )

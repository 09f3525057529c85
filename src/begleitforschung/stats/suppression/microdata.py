"""How well single records hide among others that look alike on chosen keys.

k-anonymity: L. Sweeney, International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems
10 (2002), 557-570. l-diversity: A. Machanavajjhala, D. Kifer, J. Gehrke and
M. Venkitasubramaniam, ACM Transactions on Knowledge Discovery from Data 1 (2007), article 3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Uniqueness(NamedTuple):
    """Records that are alone on the keys, in the sample and in the population.

    Parameters
    ----------
    in_sample, in_population : numpy.ndarray of int64, shape (records,)
        Records of the sample and units of the population that share a record's keys.
    unique : numpy.ndarray of bool, shape (records,)
        Whether nobody else in the population shares them.
    """

    in_sample: Ints
    in_population: Ints
    unique: Bools


def group_sizes(keys: ArrayLike) -> Ints:
    """Count the records that share each record's keys, itself included.

    The smallest of these numbers is the k of k-anonymity.

    Parameters
    ----------
    keys : array_like, shape (records, keys)
        Codes of the keys; a missing value is a code of its own.

    Returns
    -------
    numpy.ndarray of int64, shape (records,)
        Records with the same keys.

    Raises
    ------
    ValueError
        If the keys are no table.

    Examples
    --------
    >>> group_sizes([[1, 0], [1, 0], [2, 0]]).tolist()
    [2, 2, 1]
    """
    group = _groups(keys)
    return np.bincount(group)[group] if len(group) else np.zeros(0, np.int64)


def distinct_diversity(keys: ArrayLike, answers: ArrayLike) -> Ints:
    """Count the different answers among the records that share each record's keys.

    The smallest of these numbers is the l of distinct l-diversity (Machanavajjhala et al. 2007).

    Parameters
    ----------
    keys : array_like, shape (records, keys)
        Codes of the keys.
    answers : array_like, shape (records,)
        Codes of the sensitive answer; a missing value is a code of its own.

    Returns
    -------
    numpy.ndarray of int64, shape (records,)
        Different answers with the same keys.

    Raises
    ------
    ValueError
        If answers do not fit the keys.

    Examples
    --------
    >>> distinct_diversity([[1], [1], [1], [2]], [5, 5, 6, 7]).tolist()
    [2, 2, 2, 1]
    """
    counts, group = _answers(keys, answers)
    return np.asarray((counts > 0).sum(axis=1), np.int64)[group]


def entropy_diversity(keys: ArrayLike, answers: ArrayLike) -> Floats:
    """Compute the entropy l-diversity of the records that share each record's keys.

    ``l = exp(-sum(p * log(p)))`` with the share p of each answer (Machanavajjhala et al. 2007,
    entropy l-diversity): as many equally frequent answers would hide as well. The smallest of these
    numbers is the l of the data.

    Parameters
    ----------
    keys : array_like, shape (records, keys)
        Codes of the keys.
    answers : array_like, shape (records,)
        Codes of the sensitive answer; a missing value is a code of its own.

    Returns
    -------
    numpy.ndarray of float64, shape (records,)
        From 1, all alike, to the number of answers.

    Raises
    ------
    ValueError
        If answers do not fit the keys.

    Examples
    --------
    >>> entropy_diversity([[1], [1], [2]], [5, 6, 7]).round(6).tolist()
    [2.0, 2.0, 1.0]
    """
    counts, group = _answers(keys, answers)
    shares = counts / counts.sum(axis=1, keepdims=True)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(np.exp(-(shares * logs).sum(axis=1)), np.float64)[group]


def uniqueness(sample: ArrayLike, population: ArrayLike) -> Uniqueness:
    """Tell which records of a sample are alone in the population that they come from.

    A record that is alone in the sample is found out only if it is alone in the population too.

    Parameters
    ----------
    sample : array_like, shape (records, keys)
        Codes of the keys in the sample; a missing value is a code of its own.
    population : array_like, shape (units, keys)
        The same of all units, those of the sample among them.

    Returns
    -------
    Uniqueness
        Numbers for each record of the sample.

    Raises
    ------
    ValueError
        If the tables do not fit each other, or a record's keys are rarer in the population than in
        the sample.

    Examples
    --------
    >>> found = uniqueness([[1], [2], [3]], [[1], [2], [2], [3]])
    >>> found.in_population.tolist(), found.unique.tolist()
    ([1, 2, 1], [True, False, True])
    """
    few, all_units = np.asarray(sample), np.asarray(population)
    if few.ndim != 2 or all_units.ndim != 2 or few.shape[1] != all_units.shape[1]:
        raise ValueError("sample and population need the same keys")
    group = _groups(np.concatenate([few, all_units]))
    n, most = len(few), int(group.max(initial=-1)) + 1
    in_sample = np.bincount(group[:n], minlength=most)[group[:n]]
    in_population = np.bincount(group[n:], minlength=most)[group[:n]]
    if (in_population < in_sample).any():
        raise ValueError("keys are rarer in the population than in the sample drawn from it")
    return Uniqueness(in_sample, in_population, in_population == 1)


def _groups(keys: ArrayLike) -> Ints:
    """Return for each record the number of its combination of keys."""
    table = np.asarray(keys)
    if table.ndim != 2:
        raise ValueError("keys need one row for each record and one column for each key")
    group = np.zeros(len(table), np.int64)
    for column in table.T:
        _, codes = np.unique(column, return_inverse=True)
        both = group * (codes.max(initial=0) + 1) + codes.ravel()
        group = np.unique(both, return_inverse=True)[1].ravel().astype(np.int64)
    return group


def _answers(keys: ArrayLike, answers: ArrayLike) -> tuple[Floats, Ints]:
    """Count answers by group, shape (groups, answers), and return the group of each record."""
    group, given = _groups(keys), np.asarray(answers)
    if given.shape != group.shape:
        raise ValueError("each record needs one answer")
    _, codes = np.unique(given, return_inverse=True)
    shape = int(group.max(initial=-1)) + 1, int(codes.max(initial=-1)) + 1
    flat = np.ravel_multi_index((group, codes.ravel()), shape) if len(group) else group
    counts = np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape)
    return counts.astype(np.float64), group

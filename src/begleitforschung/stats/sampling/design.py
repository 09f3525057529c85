"""What the variance of a sample depends on: weights, stages, strata, population counts.

A design holds every row of the sample. A domain is never cut out of it: the functions take a mask
and count the rows outside as zeros (Särndal, Swensson & Wretman 1992, Model Assisted Survey
Sampling, section 3.3), because how many units of a domain fall into the sample is itself random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from begleitforschung.stats.groups import Floats, Ints

Mask = NDArray[np.bool_]
SinglePSU = Literal["fail", "remove", "certainty", "adjust", "average"]
SINGLE_PSU_RULES: tuple[SinglePSU, ...] = ("fail", "remove", "certainty", "adjust", "average")


class Residuals(Protocol):
    """What calibration leaves of a linearised variable."""

    def apply(self, z: Floats) -> Floats:
        """Return the part of weighted values that the margins do not explain.

        Parameters
        ----------
        z : numpy.ndarray, shape (n, k)
            Calibrated weight times influence.

        Returns
        -------
        numpy.ndarray, shape (n, k)
            Weighted residuals.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of sampling.

    Parameters
    ----------
    unit : numpy.ndarray of int, shape (n,)
        Sampling unit of each row, 0 … U - 1, each within one unit of the stage before.
    stratum : numpy.ndarray of int, shape (U,)
        Stratum of each unit, 0 … H - 1, each within one unit of the stage before.
    sampled, population : numpy.ndarray, shape (H,)
        Units of each stratum in the sample and in the population, ``inf`` where none is given
        (drawn with replacement, or a superpopulation).
    parent : numpy.ndarray of int, shape (H,)
        Unit of the stage before within which each stratum lies; 0 at the first stage.
    carried : numpy.ndarray, shape (U,)
        Product of the sampling fractions of the stages before, by which a later stage counts.
    rows_are_units : bool
        Whether each row is a unit of its own, in the order of the rows.
    """

    unit: Ints
    stratum: Ints
    sampled: Floats
    population: Floats
    parent: Ints
    carried: Floats
    rows_are_units: bool

    @property
    def single(self) -> Mask:
        """Strata with one unit in the sample and more than one in the population."""
        single: Mask = (self.sampled == 1) & (self.population > 1)
        return single


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A sample whose variance comes from its stages (Taylor linearisation).

    Parameters
    ----------
    weights : numpy.ndarray, shape (n,)
        Weight of each row.
    stages : tuple of Stage
        The stages, the primary one first; without population counts only the first one counts.
    single : {"fail", "remove", "certainty", "adjust", "average"}
        What a stratum with a single sampled unit does, see `variance.covariance`.
    residuals : tuple of Residuals
        What the weights were calibrated on, in the order in which that was done.
    """

    weights: Floats
    stages: tuple[Stage, ...]
    single: SinglePSU = "fail"
    residuals: tuple[Residuals, ...] = ()

    @property
    def n(self) -> int:
        """Rows of the sample."""
        return int(self.weights.size)

    def degrees(self, inside: Mask | None = None) -> float:
        """Return the degrees of freedom: primary units less strata that have a row inside.

        Parameters
        ----------
        inside : numpy.ndarray of bool, shape (n,), optional
            Rows of the domain; all if left out.

        Returns
        -------
        float
            Units less strata of the first stage, rows without weight left out
            (Korn & Graubard 1999, Analysis of Health Surveys, section 2.4).
        """
        counted = self.weights != 0 if inside is None else inside & (self.weights != 0)
        stage = self.stages[0]
        units = np.zeros(stage.stratum.size, dtype=np.bool_)
        units[stage.unit[counted]] = True
        return float(units.sum() - np.unique(stage.stratum[units]).size)


def sampling_design(
    weights: ArrayLike | None = None,
    *,
    units: Sequence[ArrayLike] = (),
    strata: Sequence[ArrayLike | None] = (),
    population: Sequence[ArrayLike | None] = (),
    single: SinglePSU = "fail",
    n: int | None = None,
) -> Design:
    """Describe how a sample was drawn.

    Parameters
    ----------
    weights : array_like, shape (n,), optional
        Weights, at least 0; without them the inverse of the product of the sampling fractions.
    units : sequence of array_like, each of shape (n,)
        Labels of the sampling unit at each stage, the primary one first; labels of a later stage
        count within the unit before, those of the first within their stratum. Without any, each
        row is a unit.
    strata : sequence of array_like or None
        Labels of the stratum at each stage; ``None`` or missing for a stage without strata.
    population : sequence of array_like or None
        Units in the population of the row's stratum at each stage (finite population correction).
    single : {"fail", "remove", "certainty", "adjust", "average"}
        What a stratum with a single sampled unit does.
    n : int, optional
        Rows, where nothing else says how many there are.

    Returns
    -------
    Design
        The design, with integer codes instead of labels.

    Raises
    ------
    ValueError
        If lengths differ, a weight is negative or not finite, a population count differs within
        a stratum or is below the units sampled, or weights and population are both missing.

    Examples
    --------
    >>> design = sampling_design(strata=[["a", "a", "b", "b"]], population=[[10, 10, 4, 4]])
    >>> design.weights.tolist(), design.degrees()
    ([5.0, 5.0, 2.0, 2.0], 2.0)
    """
    if single not in SINGLE_PSU_RULES:
        raise ValueError(f"single must be one of {SINGLE_PSU_RULES}, not {single!r}")
    known = [a for a in (weights, *units, *strata, *population) if a is not None]
    rows = int(n if n is not None else np.size(np.asarray(known[0])) if known else 0)
    if any(np.shape(a) != (rows,) for a in known):
        raise ValueError(f"weights, units, strata and population must all be {rows} long")
    count = max(len(units), len(strata), len(population), 1)
    stages: list[Stage] = []
    inside, carried = np.zeros(rows, dtype=np.int64), np.ones(rows)
    for index in range(count):
        stage = _stage(
            _get(units, index), _get(strata, index), _get(population, index), inside, carried
        )
        stages.append(stage)
        inside = stage.unit
        fraction = stage.sampled / stage.population
        carried = carried * fraction[stage.stratum[stage.unit]]
    if weights is None and not np.all(carried > 0):
        raise ValueError("without weights the population of every stage must be given")
    w = 1 / carried if weights is None else np.array(weights, dtype=np.float64)
    if not (np.isfinite(w).all() and (w >= 0).all()):
        raise ValueError("weights must be finite and at least 0")
    kept = 1 + next((i for i, s in enumerate(stages) if np.isinf(s.population).all()), count)
    return Design(weights=w, stages=tuple(stages[:kept]), single=single)


def labels_to_codes(labels: ArrayLike, within: Ints | None = None) -> Ints:
    """Give labels the codes 0 … groups - 1, in the order of the labels.

    Parameters
    ----------
    labels : array_like, shape (n,)
        Labels of any kind.
    within : numpy.ndarray of int, shape (n,), optional
        Codes of groups within which a label has its meaning.

    Returns
    -------
    numpy.ndarray of int64, shape (n,)
        Code of each row; no code is unused.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> labels_to_codes(["b", "a", "b"]).tolist()
    [1, 0, 1]
    """
    codes = np.unique(np.asarray(labels), return_inverse=True)[1].reshape(-1).astype(np.int64)
    if within is None or codes.size == 0:
        return codes
    joint = within * (codes.max() + 1) + codes
    return np.unique(joint, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _get(items: Sequence[ArrayLike | None], index: int) -> ArrayLike | None:
    return items[index] if index < len(items) else None


def _stage(
    units: ArrayLike | None,
    strata: ArrayLike | None,
    population: ArrayLike | None,
    inside: Ints,
    carried: Floats,
) -> Stage:
    """Give units and strata their codes within the units of the stage before, and count them."""
    rows = inside.size
    by_row = labels_to_codes(inside if strata is None else strata, inside)
    unit = np.arange(rows) if units is None else labels_to_codes(units, by_row)
    first = np.unique(unit, return_index=True)[1]
    stratum = by_row[first]
    sampled = np.bincount(stratum).astype(np.float64)
    total = np.full(sampled.size, np.inf)
    if population is not None:
        given = np.asarray(population, dtype=np.float64)
        total[by_row] = given
        if not np.array_equal(total[by_row], given):
            raise ValueError("the population of a stratum must be the same in all its rows")
        if not (total >= sampled).all():
            raise ValueError("a stratum has more units in the sample than in the population")
    return Stage(
        unit=unit,
        stratum=stratum,
        sampled=sampled,
        population=total,
        parent=inside[np.unique(by_row, return_index=True)[1]],
        carried=carried[first],
        rows_are_units=units is None
        or (first.size == rows and bool((unit == np.arange(rows)).all())),
    )

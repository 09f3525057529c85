"""`replicate`: a design whose variance comes from replicate weights, made or given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.estimation.targets import numbers_of, plan_of
from begleitforschung.stats import sampling
from begleitforschung.surveys import Design, Survey

Method = Literal["jk1", "jkn", "brr", "fay", "bootstrap", "subbootstrap"]
METHODS: tuple[Method, ...] = get_args(Method)


def replicate(
    survey: Survey,
    method: Method,
    *,
    replicates: int = 500,
    seed: int | None = None,
    fay: float = 0.3,
    mse: bool = False,
) -> Survey:
    """Make replicate weights of the design, for variances without formulas.

    Do so before `rake`, `poststratify` or `calibrate`: then each replicate is calibrated for
    itself.

    Parameters
    ----------
    survey : Survey
        A survey with a design.
    method : {"jk1", "jkn", "brr", "fay", "bootstrap", "subbootstrap"}
        Leave out one unit at a time, without strata or within them; balanced half-samples, plain
        or by Fay (two units per stratum, no finite population correction); the bootstrap of Rao &
        Wu with the finite population correction, or without it.
    replicates : int
        Number of replicates of a bootstrap.
    seed : int, optional
        Start of its random numbers; a bootstrap needs one, so that it can be made again.
    fay : float
        Weight that the other half of the sample keeps (``fay`` only).
    mse : bool
        Whether deviations are taken from the full-sample estimate instead of the mean of the
        replicates.

    Returns
    -------
    Survey
        With the same weights and answers.

    Raises
    ------
    ValidationError
        If the method does not fit the design, or a bootstrap has no seed.
    UnknownCodeError
        If the method is unknown.

    Examples
    --------
    With a survey of your own::

        bf.rake(bf.replicate(survey, "bootstrap", seed=2026), ["bundesland"], margins)
    """
    design = plan_of(survey)
    if method not in METHODS:
        raise UnknownCodeError(method, METHODS, "methods of replication")
    sample = design.sample
    if not isinstance(sample, sampling.Design):
        raise ValidationError("the design has replicate weights already")
    drawn = method in ("bootstrap", "subbootstrap")
    if drawn and seed is None:
        raise ValidationError("give a seed=, so that the bootstrap can be made again")
    if method == "jk1" and sample.stages[0].sampled.size > 1:
        raise ValidationError('"jk1" is for designs without strata; within strata it is "jkn"')
    try:
        made = _made(sample, method, replicates, seed, fay, mse=mse)
    except ValueError as error:
        raise ValidationError(f"{method}: {error}") from error
    parameters: dict[str, object] = {"method": method, "replicates": made.factors.shape[1]}
    parameters |= {"seed": seed} if drawn else {"fay": fay} if method == "fay" else {}
    return _with(survey, design, made, parameters | {"mse": mse})


def given_replicates(
    survey: Survey,
    columns: str | Sequence[str],
    method: Method,
    *,
    scale: float | None = None,
    rscales: ArrayLike | None = None,
    fay: float = 0.3,
    mse: bool = False,
    combined: bool = True,
) -> Survey:
    """Take replicate weights that stand in the survey.

    Parameters
    ----------
    survey : Survey
        A survey with a design, whose weights are those of the full sample.
    columns : str or sequence of str
        Items or variables of the frame with the replicate weights; of an array all its rows.
    method : str
        How they were made, one of those of `replicate`: it says how squared deviations count.
    scale : float, optional
        Factor of all squared deviations instead of that of the method.
    rscales : array_like, optional
        Factor of each replicate; ``jkn`` needs it.
    fay : float
        Of the method ``fay``.
    mse : bool
        See `replicate`.
    combined : bool
        Whether the replicate weights include the weights of the full sample.

    Returns
    -------
    Survey
        With the same weights and answers.

    Raises
    ------
    ValidationError
        If a weight is missing, or ``jkn`` has no ``rscales``.
    UnknownCodeError
        If a column or the method is unknown.
    """
    design = plan_of(survey)
    if method not in METHODS:
        raise UnknownCodeError(method, METHODS, "methods of replication")
    if method == "jkn" and rscales is None:
        raise ValidationError('"jkn" needs rscales=: (n - 1) / n of the stratum of each replicate')
    names = _names(survey, design, [columns] if isinstance(columns, str) else columns)
    weights = np.column_stack([numbers_of(survey, name) for name in names])
    factor = _scale(method, len(names), fay) if scale is None else scale
    try:
        made = sampling.replicate_design(
            design.sample.weights,
            weights,
            scale=factor,
            rscales=rscales,
            mse=mse,
            combined=combined,
        )
    except ValueError as error:
        raise ValidationError(f"replicate weights: {error}") from error
    parameters: dict[str, object] = {"method": method, "columns": names, "scale": factor}
    return _with(survey, design, made, parameters | {"mse": mse})


def _made(
    sample: sampling.Design,
    method: Method,
    replicates: int,
    seed: int | None,
    fay: float,
    *,
    mse: bool,
) -> sampling.Replicates:
    if method in ("jk1", "jkn"):
        return sampling.jackknife(sample, mse=mse)
    if method in ("brr", "fay"):
        return sampling.half_samples(sample, fay=fay if method == "fay" else 0.0, mse=mse)
    start = np.random.default_rng(seed)
    kind: Literal["rao_wu", "subbootstrap"] = "rao_wu"
    if method == "subbootstrap":
        kind = "subbootstrap"
    return sampling.bootstrap(sample, replicates, start, kind=kind, mse=mse)


def _scale(method: Method, count: int, fay: float) -> float:
    """Return by what squared deviations are multiplied (Wolter 2007, chapters 3 to 5)."""
    if method == "jk1":
        return (count - 1) / count
    if method in ("brr", "fay"):
        kept = fay if method == "fay" else 0.0
        return 1 / (count * (1 - kept) ** 2)
    return 1.0 if method == "jkn" else 1 / (count - 1)


def _names(survey: Survey, design: Design, columns: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in columns:
        known = name in design.variables.columns
        found += [name] if known else survey.columns_of(name)
    return found


def _with(
    survey: Survey, design: Design, made: sampling.Replicates, parameters: dict[str, object]
) -> Survey:
    node = survey.history.then("replicate", **parameters)
    return replace(survey, design=replace(design, sample=made), history=node)

"""Estimates of the values of a question in all domains, with the right sample for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from begleitforschung.errors import ValidationError
from begleitforschung.estimation.blocks import Block
from begleitforschung.estimation.domains import Domains
from begleitforschung.stats import sampling
from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.stats.sampling.estimates import AnyDesign
from begleitforschung.surveys import Design
from begleitforschung.surveys.collapsing import collapsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Estimates of one block; all arrays have the shape (d, k).

    Parameters
    ----------
    values, variances : numpy.ndarray
        Estimates and variances.
    sizes : numpy.ndarray
        Sum of the weights of the cases used.
    n : numpy.ndarray of int
        Cases used.
    df : numpy.ndarray
        Degrees of freedom.
    spread : numpy.ndarray
        Estimated variance in the population, for design effects; NaN where there is none.
    kish : numpy.ndarray
        Effective number of cases by their weights, (sum w)² / sum w²; NaN where it does not matter.
    low, high : numpy.ndarray, optional
        Bounds, where they do not follow from the variance.
    """

    values: Floats
    variances: Floats
    sizes: Floats
    n: Ints
    df: Floats
    spread: Floats
    kish: Floats
    low: Floats | None = None
    high: Floats | None = None


def item_sample(design: Design, silent: Mask) -> tuple[AnyDesign, Mask]:
    """Return the sample that answered a question.

    In a full population (or invitation) those who left the question out are part of the
    non-response: they stay in N, and those who answered stand for them within their stratum. In a
    sample they are outside of the domain, as in R survey.

    Parameters
    ----------
    design : Design
        How the cases came about.
    silent : numpy.ndarray of bool, shape (n,)
        Who was asked and gave no answer.

    Returns
    -------
    sample : stats.sampling.Design or Replicates
        The sample.
    kept : numpy.ndarray of bool, shape (n,)
        Its cases.

    Raises
    ------
    ValueError
        Never for a sound design.
    """
    everybody = np.ones(design.n, dtype=np.bool_)
    sample = design.sample
    if not isinstance(sample, sampling.Design) or not design.stands_for_silent:
        return sample, everybody
    if not silent.any() or silent.all():
        return sample, everybody
    strata = design.stratum[~silent]
    size = design.cells["population"].to_numpy()[strata]
    drawn = sampling.sampling_design(strata=[strata], population=[size], single=sample.single)
    if design.inference == "analytic":
        drawn = sampling.sampling_design(drawn.weights, strata=[strata], single=sample.single)
    if design.neighbours is not None:
        drawn = collapsed(drawn, strata, design)[0]
    return drawn, ~silent


def figures_of(
    block: Block,
    statistic: str,
    domains: Domains,
    design: Design,
    *,
    prob: float = 0.5,
    per: Floats | None = None,
    level: float = 0.95,
) -> Figures:
    """Estimate a statistic of a block in all domains.

    Parameters
    ----------
    block : Block
        Values of a column.
    statistic : str
        One of `STATISTICS`.
    domains : Domains
        The domains.
    design : Design
        How the cases came about.
    prob : float
        Probability of a quantile.
    per : numpy.ndarray, shape (n,), optional
        Denominator of a ratio: then the totals of values and denominator are divided.
    level : float
        Level of confidence, for quantiles.

    Returns
    -------
    Figures
        The estimates.

    Raises
    ------
    ValidationError
        If a stratum has one case of several and the rule is to fail.
    """
    silent = block.asked & ~block.answered
    sample, kept = item_sample(design, silent)
    y, codes = block.values[kept], domains.codes[kept]
    count = len(domains.keys)
    try:
        if statistic in ("median", "quantile"):
            return _quantiles(y, codes, count, sample, prob, level)
        if statistic in ("variance", "sd"):
            return _dispersions(y, codes, count, sample, root=statistic == "sd")
        if per is not None:
            return _ratios(y, per[kept], codes, count, sample)
        if statistic == "total":
            made = sampling.domain_totals(y, codes, count, sample)
        else:
            made = sampling.domain_means(y, codes, count, sample)
        return _with_spread(made, y, codes, sample, total=statistic == "total")
    except sampling.SinglePSUError as error:
        raise single_strata(design, kept, block.column, error) from error


def single_strata(
    design: Design, kept: Mask, column: str, error: sampling.SinglePSUError
) -> ValidationError:
    """Return the error that names the strata with one answer.

    Parameters
    ----------
    design : Design
        How the cases came about.
    kept : numpy.ndarray of bool, shape (n,)
        Cases of the sample that the error is about.
    column : str
        Column of the answers.
    error : SinglePSUError
        What the variance says.

    Returns
    -------
    ValidationError
        The same in words of the survey.
    """
    labels = design.cells["stratum"].to_numpy()[design.stratum[kept]]
    named = ", ".join(dict.fromkeys(labels[row] for row in error.rows)) or "all cases together"
    return ValidationError(
        f"strata with one answer of several ({column}): {named}; join them with a neighbour, or "
        "choose bf.design(…, single=…)"
    )


def plain_where(
    whole: Mask,
    found: Figures,
    block: Block,
    statistic: str,
    domains: Domains,
    design: Design,
    *,
    prob: float = 0.5,
    per: Floats | None = None,
) -> Figures:
    """Return the figures that counting gives, without variance, where all units answered.

    Their weights stand for others who did not answer, so that they are left out of a domain that is
    known as a whole.

    Parameters
    ----------
    whole : numpy.ndarray of bool, shape (d, k)
        Where all units of the domain answered.
    found : Figures
        Estimates.
    block, statistic, domains, design, prob, per
        See `figures_of`.

    Returns
    -------
    Figures
        The estimates; there those of the domain's units.

    Raises
    ------
    ValueError
        Never for a sound design.
    """
    alone = sampling.sampling_design(np.ones(design.n), single="certainty")
    counted = replace(design, kind="sample", sample=alone)
    made = figures_of(block, statistic, domains, counted, prob=prob, per=per)
    return replace(
        found,
        values=np.where(whole, made.values, found.values),
        variances=np.where(whole, 0.0, found.variances),
        sizes=np.where(whole, made.sizes, found.sizes),
    )


def _with_spread(
    made: sampling.DomainEstimates, y: Floats, codes: Ints, sample: AnyDesign, *, total: bool
) -> Figures:
    """Add the variance in the population, n / (n - 1) times the weighted mean square."""
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = made.values / made.sizes if total else made.values
        inside = codes >= 0
        square = np.where(inside[:, None], y - centre[codes], 0.0) ** 2
        weight = np.where(inside, sample.weights, 0.0)
        sums = _by_domain(np.nan_to_num(square) * weight[:, None], codes, centre.shape[0])
        squares = _by_domain(~np.isnan(y) * weight[:, None] ** 2, codes, centre.shape[0])
        kish = made.sizes**2 / squares
        bessel = np.where(made.n > 1, made.n / np.maximum(made.n - 1, 1), np.nan)
        spread = sums / made.sizes * bessel * (made.sizes**2 if total else 1.0)
    return Figures(
        values=made.values,
        variances=made.variances,
        sizes=made.sizes,
        n=made.n,
        df=made.df,
        spread=spread,
        kish=kish,
    )


def _by_domain(values: Floats, codes: Ints, count: int) -> Floats:
    """Add up each column by domain."""
    at = np.maximum(codes, 0)
    return np.column_stack([np.bincount(at, column, count) for column in values.T])


def _ratios(y: Floats, per: Floats, codes: Ints, count: int, sample: AnyDesign) -> Figures:
    below = np.broadcast_to(per[:, None], y.shape)
    known = ~(np.isnan(y) | np.isnan(below))
    made = [
        sampling.ratios(y, below, sample, where=known & (codes == d)[:, None]) for d in range(count)
    ]
    inside = [known & (codes == d)[:, None] for d in range(count)]
    return Figures(
        values=_finite([e.values for e in made]),
        variances=_finite([np.diag(e.covariance) for e in made]),
        sizes=np.array([sample.weights @ rows for rows in inside]),
        n=np.array([e.n for e in made]),
        df=np.array([e.df for e in made]),
        spread=np.full((count, y.shape[1]), np.nan),
        kish=np.full((count, y.shape[1]), np.nan),
    )


def _finite(values: Sequence[Floats]) -> Floats:
    """Return rows as one array; a ratio to nothing is no number."""
    found = np.array(values)
    return np.where(np.isfinite(found), found, np.nan)


def _dispersions(y: Floats, codes: Ints, count: int, sample: AnyDesign, *, root: bool) -> Figures:
    """Estimate variances in the population, or their roots (delta method)."""
    inside = [~np.isnan(y) & (codes == d)[:, None] for d in range(count)]
    made = [sampling.variances_of(y, sample, where=rows) for rows in inside]
    values = np.array([e.values for e in made])
    spread = np.array([np.diag(e.covariance) for e in made])
    if root:
        with np.errstate(divide="ignore", invalid="ignore"):
            values, spread = np.sqrt(values), spread / (4 * values)
    return Figures(
        values=values,
        variances=spread,
        sizes=np.array([sample.weights @ rows for rows in inside]),
        n=np.array([e.n for e in made]),
        df=np.array([e.df for e in made]),
        spread=np.full(values.shape, np.nan),
        kish=np.full(values.shape, np.nan),
    )


def _quantiles(
    y: Floats, codes: Ints, count: int, sample: AnyDesign, prob: float, level: float
) -> Figures:
    shape = (count, y.shape[1])
    names = ("values", "variances", "sizes", "n", "df", "low", "high")
    found = {name: np.full(shape, np.nan) for name in names}
    found["n"] = np.zeros(shape)
    for d, k in np.ndindex(shape):
        inside = (codes == d) & ~np.isnan(y[:, k])
        if not inside.any():
            continue
        made = sampling.quantiles(y[:, k], prob, sample, where=inside, level=level)
        given = (made.values, made.se**2, sample.weights @ inside, made.n, made.df)
        for name, value in zip(names, (*given, made.lower, made.upper), strict=True):
            found[name][d, k] = np.ravel(value)[0]
    made_of = Figures(
        values=found["values"],
        variances=found["variances"],
        sizes=found["sizes"],
        n=found["n"].astype(np.int64),
        df=found["df"],
        spread=np.full(shape, np.nan),
        kish=np.full(shape, np.nan),
    )
    return replace(made_of, low=found["low"], high=found["high"])

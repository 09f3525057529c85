"""Many variables in many domains at once: estimates and variances without covariances.

A domain's rows fill few cells of strata and units, so that sums and sums of squares by cell are
all that the variance needs. Time and memory grow with the rows, not with rows times domains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.domain_data import DomainData
from begleitforschung.stats.sampling.estimates import AnyDesign, critical
from begleitforschung.stats.sampling.replicates import Replicates

_NOISE = 1e-16  # a standard error below 1e-8 of the estimate is what rounding leaves of 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEstimates:
    """Estimates of each variable in each domain.

    Parameters
    ----------
    values, variances : numpy.ndarray, shape (d, k)
        Estimates and their variances; NaN for a mean without rows.
    sizes : numpy.ndarray, shape (d, k)
        Sum of the weights of the rows used.
    n : numpy.ndarray of int, shape (d, k)
        Rows used.
    df : numpy.ndarray, shape (d, k)
        Degrees of freedom.
    """

    values: Floats
    variances: Floats
    sizes: Floats
    n: Ints
    df: Floats

    @property
    def se(self) -> Floats:
        """Standard errors, shape (d, k)."""
        return np.sqrt(np.maximum(self.variances, 0))

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return intervals from the t distribution with the domains' degrees of freedom.

        Parameters
        ----------
        level : float
            Level of confidence.

        Returns
        -------
        lower, upper : numpy.ndarray, shape (d, k)
            Bounds; NaN where no degree of freedom is left.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1.
        """
        half = critical(level, self.df) * self.se
        return self.values - half, self.values + half


def domain_means(
    y: ArrayLike, codes: ArrayLike, domains: int, design: AnyDesign
) -> DomainEstimates:
    """Estimate the mean of each variable in each domain.

    Parameters
    ----------
    y : array_like, shape (n, k)
        Values, NaN where missing.
    codes : array_like of int, shape (n,)
        Domain of each row, 0 … domains - 1; negative belongs to none.
    domains : int
        Number of domains.
    design : Design or Replicates
        How the rows were drawn.

    Returns
    -------
    DomainEstimates
        The same figures as `means` gives for each domain.

    Raises
    ------
    ValueError
        If lengths differ or a code is too large, or a stratum has a single unit and the rule is
        to fail.
    """
    return _domains(y, codes, domains, design, mean=True)


def domain_totals(
    y: ArrayLike, codes: ArrayLike, domains: int, design: AnyDesign
) -> DomainEstimates:
    """Estimate the total of each variable in each domain.

    Parameters
    ----------
    y : array_like, shape (n, k)
        Values, NaN where missing.
    codes : array_like of int, shape (n,)
        Domain of each row, 0 … domains - 1; negative belongs to none.
    domains : int
        Number of domains.
    design : Design or Replicates
        How the rows were drawn.

    Returns
    -------
    DomainEstimates
        The same figures as `totals` gives for each domain.

    Raises
    ------
    ValueError
        If lengths differ or a code is too large, or a stratum has a single unit and the rule is
        to fail.
    """
    return _domains(y, codes, domains, design, mean=False)


def _domains(
    y: ArrayLike, codes: ArrayLike, domains: int, design: AnyDesign, *, mean: bool
) -> DomainEstimates:
    """Estimate in a first pass over the rows, take the variances in a second one."""
    values, domain = np.asarray(y, dtype=np.float64), np.asarray(codes, dtype=np.int64)
    if values.ndim != 2 or values.shape[0] != design.n or domain.shape != (design.n,):
        raise ValueError(f"values and domains need {design.n} rows, one for each weight")
    if domain.max(initial=-1) >= domains:
        raise ValueError(f"a code of a domain is at most {domains - 1}")
    domain = np.where(domain < 0, domains, domain)
    data = DomainData(values, domain, domains, bool(np.isnan(values).any()))
    sums, sizes, n = data.totals(design.weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = sums / sizes if mean else sums
    if isinstance(design, Replicates):
        spread, df = _replicated(data, found, design, mean=mean), _degrees(data, design)
    else:
        spread, df = data.variances(found, sizes, design, mean=mean), data.degrees(design)
        spread = np.where(spread < _NOISE * found**2, 0.0, spread)
    if mean:
        spread = np.where(sizes > 0, spread, np.nan)
    return DomainEstimates(values=found, variances=spread, sizes=sizes, n=n, df=df)


def _degrees(data: DomainData, design: Replicates) -> Floats:
    """Return the degrees of freedom; once for all variables whose rows in a domain are the same."""
    there = ~np.isnan(data.values)
    df = np.empty((data.domains, there.shape[1]))
    for d in range(data.domains):
        member = data.domain == d
        whole = design.degrees(member)
        for column in range(there.shape[1]):
            used = member & there[:, column]
            df[d, column] = whole if used.sum() == member.sum() else design.degrees(used)
    return df


def _replicated(data: DomainData, found: Floats, design: Replicates, *, mean: bool) -> Floats:
    """Return the variances over the replicates, domain by domain."""
    spread = np.empty(found.shape)
    there = (~np.isnan(data.values)).astype(np.float64)
    values = np.where(there > 0, data.values, 0.0)
    member = [np.flatnonzero(data.domain == d) for d in range(data.domains)]
    parts: list[list[Floats]] = [[] for _ in member]
    for block in design.blocks():
        for rows, part in zip(member, parts, strict=True):
            weights = block[rows].T
            with np.errstate(divide="ignore", invalid="ignore"):
                part.append(weights @ values[rows] / (weights @ there[rows] if mean else 1.0))
    for d, part in enumerate(parts):
        replicated = np.concatenate(part)
        centre = found[d] if design.mse else replicated[design.rscales > 0].mean(axis=0)
        spread[d] = (design.rscales * design.scale) @ (replicated - centre) ** 2
    return spread

"""What may vary in a sensitivity analysis: alternatives, ranges, noise on weights, errors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd


@dataclass(frozen=True, slots=True, init=False)
class Alternatives:
    """Values of which one is drawn in each run.

    Parameters
    ----------
    values : iterable
        Alternatives: methods, parameters, years, sets of weights, names left out …
    odds : sequence of float, optional
        How likely they are, in any unit; alike by default.

    Raises
    ------
    ValueError
        If there is no value, or the odds do not fit.

    Examples
    --------
    >>> Alternatives(["arithmetic", "geometric"], odds=[3, 1]).odds
    (0.75, 0.25)
    """

    values: tuple[Any, ...]
    odds: tuple[float, ...] | None

    def __init__(self, values: Iterable[Any], odds: Sequence[float] | None = None) -> None:
        given = tuple(values)
        if not given:
            raise ValueError("there is no alternative to choose from")
        object.__setattr__(self, "values", given)
        object.__setattr__(self, "odds", None if odds is None else _shares(odds, len(given)))


@dataclass(frozen=True, slots=True)
class Range:
    """A number drawn uniformly between two bounds.

    Parameters
    ----------
    low, high : float
        Bounds.

    Raises
    ------
    ValueError
        If the bounds are not two finite numbers in ascending order.

    Examples
    --------
    >>> Range(0.5, 0.9).at(0.25)
    0.6
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"a range goes from a lower to a higher number, not {self}")

    def at(self, share: float) -> float:
        """Return the number at a share of the way.

        Parameters
        ----------
        share : float
            Between 0 and 1.

        Returns
        -------
        float
            The number.
        """
        return self.low + (self.high - self.low) * share


@dataclass(frozen=True, slots=True)
class NoisyWeights:
    """Weights drawn at random in each run.

    Parameters
    ----------
    spread : float or "dirichlet"
        Largest relative deviation: with 0.25 each weight is multiplied by a number drawn
        uniformly between 0.75 and 1.25. ``"dirichlet"``: the shares of the parts of a node are
        drawn from a Dirichlet distribution around their shares in the specification; all sets of
        shares are equally likely where these are equal.
    nodes : tuple of str
        Nodes whose parts get such weights; all nodes by default.
    concentration : float
        For ``"dirichlet"``: how closely the shares lie around those of the specification; 1
        spreads them widely.

    Raises
    ------
    ValueError
        If the spread is not between 0 and 1, or the concentration not above 0.
    """

    spread: float | Literal["dirichlet"]
    nodes: tuple[str, ...] = ()
    concentration: float = 1.0

    def __post_init__(self) -> None:
        spread: Any = self.spread
        share = isinstance(spread, int | float) and 0 < spread <= 1
        if not share and spread != "dirichlet":
            raise ValueError(
                f"noise on weights is a share above 0 and up to 1, or 'dirichlet', not {spread!r}"
            )
        if not self.concentration > 0:
            raise ValueError("the concentration of a Dirichlet distribution is above 0")


@dataclass(frozen=True, slots=True, eq=False)
class ValueErrors:
    """Errors of the figures themselves, such as the standard errors of a survey.

    In each run every figure is replaced by a draw from a normal distribution around it.

    Parameters
    ----------
    standard_errors : pandas.DataFrame, optional
        Standard errors in the form of the figures: units in the index or a column ``unit``, a
        column ``year`` if there are years, one column per indicator. What is missing has no
        error.
    relative : float or mapping of str to float, optional
        Standard errors as shares of the figures (0.05: 5 per cent), for all indicators or by
        indicator.
    lower, upper : float, optional
        Bounds beyond which no figure is drawn, for shares 0 and 100.

    Raises
    ------
    ValueError
        If neither or both kinds of errors are given, or one is negative.
    """

    standard_errors: pd.DataFrame | None = field(default=None, repr=False)
    relative: float | Mapping[str, float] | None = None
    lower: float = -math.inf
    upper: float = math.inf

    def __post_init__(self) -> None:
        if (self.standard_errors is None) == (self.relative is None):
            raise ValueError("errors are given as standard errors or relative to the figures")
        shares = self.relative.values() if isinstance(self.relative, Mapping) else [self.relative]
        if any(share is not None and not share >= 0 for share in shares):
            raise ValueError("a relative error is not negative")


def _shares(odds: Sequence[float], n: int) -> tuple[float, ...]:
    given = [float(item) for item in odds]
    if len(given) != n or any(not item >= 0 for item in given) or not sum(given) > 0:
        raise ValueError(f"{n} alternatives need {n} odds that are not negative nor all zero")
    return tuple(item / sum(given) for item in given)

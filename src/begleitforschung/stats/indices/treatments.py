"""What a treatment is, and the record of what it does to a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from begleitforschung.stats.indices.transforms import TRANSFORMS, Transform
from begleitforschung.stats.indices.winsorise import KURTOSIS_LIMIT, SKEWNESS_LIMIT, Check

Stop = Literal["", "passes", "limit", "ties", "spread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """How a column is treated.

    Parameters
    ----------
    first : str
        ``winsorise``, one of `TRANSFORMS`, or ``none``.
    second : str
        One of `TRANSFORMS`, or ``none``.
    winmax : int, optional
        Most values that may be winsorised; None sets no limit.
    skewness_limit, kurtosis_limit : float
        A column is treated if its absolute skewness and its kurtosis both reach these.
    force : bool
        Apply the first treatment whether the column passes or not: winsorise up to `winmax` values,
        or transform.
    combine : bool
        The second treatment acts on the outcome of the first.
    boxcox_lambda : float, optional
        Lambda of ``boxcox``; None estimates it by maximum likelihood.

    Raises
    ------
    ValueError
        If a name is unknown, a limit is negative or nothing or an unlimited
        winsorisation is forced.
    """

    first: str = "winsorise"
    second: str = "log_ct"
    winmax: int | None = 5
    skewness_limit: float = SKEWNESS_LIMIT
    kurtosis_limit: float = KURTOSIS_LIMIT
    force: bool = False
    combine: bool = False
    boxcox_lambda: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no column can be treated by."""
        if self.first not in ("winsorise", "none", *TRANSFORMS):
            raise ValueError(f"there is no first treatment {self.first!r}")
        if self.second not in ("none", *TRANSFORMS):
            raise ValueError(f"there is no second treatment {self.second!r}")
        if self.winmax is not None and self.winmax < 0:
            raise ValueError("winmax is a number of values, or None for no limit")
        if self.force and (
            self.first == "none" or (self.first, self.winmax) == ("winsorise", None)
        ):
            raise ValueError("to force a treatment takes a first one, and a limit to winsorise")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlan:
    """What is done to a column, and why.

    Parameters
    ----------
    lower, upper : float
        Bounds that values are cut to; infinite where nothing is cut.
    low, high : int
        Values of the reference that are cut at either end.
    transforms : tuple of Transform
        Applied one after the other, after the bounds.
    before : Check
        Rule applied to the original values.
    after_first, after_second : Check, optional
        Rule applied after each treatment that was tried.
    tried : int, optional
        Values winsorised in the first treatment, even where its outcome was dropped for the second.
    stop : str
        Why winsorisation ended: the column ``passes``, the ``limit`` was reached, ``ties`` would
        have exceeded it, or the ``spread`` was used up; empty if it was not tried.
    """

    lower: float = -np.inf
    upper: float = np.inf
    low: int = 0
    high: int = 0
    transforms: tuple[Transform, ...] = ()
    before: Check
    after_first: Check | None = None
    after_second: Check | None = None
    tried: int | None = None
    stop: Stop = ""

    @property
    def acts(self) -> bool:
        """Return whether anything is done to the column.

        Returns
        -------
        bool
            False for a column that is left as it is.

        Raises
        ------
        ValueError
            Never of itself.
        """
        return bool(self.transforms) or self.low > 0 or self.high > 0

    @property
    def action(self) -> tuple[float, float, tuple[Transform, ...]]:
        """Return what is done, without why: equal actions give equal values.

        Returns
        -------
        tuple
            Lower bound, upper bound, transformations; hashable.

        Raises
        ------
        ValueError
            Never of itself.
        """
        return self.lower, self.upper, self.transforms

    @property
    def result(self) -> Check:
        """Return the rule applied to what comes out.

        Returns
        -------
        Check
            Of the last treatment that was tried, else of the original values.

        Raises
        ------
        ValueError
            Never of itself.
        """
        return self.after_second or self.after_first or self.before

"""With how many decimals the scores of an index are printed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from begleitforschung.results.composite import CompositeResult

_FEWEST, _MOST = 1, 6


def score_decimals(result: CompositeResult, year: int | None = None) -> int:
    """Choose decimals by the spread of the scores, so that ranks that differ look different.

    The spread is shown with at least three digits: 1 decimal from 0 to 100, 3 from 0 to 1.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    year : int, optional
        Year; the last one by default.

    Returns
    -------
    int
        Decimals, 1 to 6; 1 where scores have no spread.
    """
    when = result.years[-1] if year is None else year
    final = result.final
    scores = final.values[final.year == when, list(final.columns).index(result.spec.root)]
    known = scores[~np.isnan(scores)]
    spread = float(np.ptp(known)) if len(known) else 0.0
    # A spread within the noise of computation is none.
    if spread <= 1e-9 * max(1.0, float(np.abs(known).max(initial=0.0))):
        return _FEWEST
    digits = 3 - math.ceil(math.log10(spread) - 1e-9)
    return min(max(digits, _FEWEST), _MOST)

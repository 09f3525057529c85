"""The covariance of estimates, from the cases that they were made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.errors import ValidationError
from begleitforschung.results.estimate_r import RInput
from begleitforschung.stats import sampling
from begleitforschung.stats.sampling.estimates import Estimates
from begleitforschung.surveys import STATUSES

if TYPE_CHECKING:
    from begleitforschung.results.estimate import Estimate

PLACE = ("column", "category", "by", "domain")
_ESTIMATED, _NOT_ASKED = STATUSES.index("estimated"), STATUSES.index("not_asked")


def covariance_table(result: Estimate) -> pd.DataFrame:
    """Return the covariance of the estimates.

    Parameters
    ----------
    result : Estimate
        The estimates.

    Returns
    -------
    pandas.DataFrame
        Square, rows and columns by `PLACE` in the order of the table.

    Raises
    ------
    ValidationError
        If there is no design, or a quantile among the estimates.
    """
    if result.design is None:
        raise ValidationError("covariances need a design: survey.with_design(bf.design(survey, …))")
    if result.table["statistic"].isin(["median", "quantile"]).any():
        raise ValidationError("quantiles have no covariance here; take means, shares or totals")
    place = pd.MultiIndex.from_frame(result.table[list(PLACE)])
    matrix = np.full((len(place), len(place)), np.nan)
    inputs = {given.column: given for given in result.r_inputs}
    together: dict[object, list[int]] = {}
    rows = result.rows()
    for at, row in enumerate(rows):
        key = _cases_of(result, inputs[row["column"]]), _kind(row, inputs[row["column"]])
        together.setdefault(key, []).append(at)
    for positions in together.values():
        found = _covariance([(rows[at], inputs[rows[at]["column"]]) for at in positions])
        matrix[np.ix_(positions, positions)] = found
    complete = (result.table["method"] == "complete").to_numpy()
    matrix[complete] = 0.0
    matrix[:, complete] = 0.0
    return pd.DataFrame(matrix, index=place, columns=place)


def _cases_of(result: Estimate, given: RInput) -> object:
    """Return what is the same where columns were estimated from the same cases."""
    if result.design is not None and given.sample is result.design.sample:
        return ""
    status = result.survey.status[given.column].to_numpy()
    return ((status > _ESTIMATED) & (status != _NOT_ASKED)).tobytes()


def _kind(row: dict[str, Any], given: RInput) -> str:
    if given.per is not None:
        return "ratio"
    return row["statistic"] if row["statistic"] in ("total", "variance", "sd") else "mean"


def _covariance(parts: Sequence[tuple[dict[str, Any], RInput]]) -> np.ndarray:
    """Estimate the covariance of some rows that rest on the same cases."""
    kind, sample = _kind(*parts[0]), parts[0][1].sample
    y = np.column_stack(
        [given.values[:, given.categories.index(r["category"])] for r, given in parts]
    )
    inside = np.column_stack([_inside(row, given) for row, given in parts])
    if kind == "ratio":
        per = np.column_stack([given.per for _, given in parts if given.per is not None])
        return sampling.ratios(y, per, sample, where=inside).covariance
    if kind == "total":
        return sampling.totals(y, sample, where=inside).covariance
    if kind == "mean":
        return sampling.means(y, sample, where=inside).covariance
    found: Estimates = sampling.variances_of(y, sample, where=inside)
    if kind == "variance":
        return found.covariance
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = 0.5 / np.sqrt(found.values)
    return np.asarray(found.covariance * np.outer(slope, slope), dtype=np.float64)


def _inside(row: dict[str, Any], given: RInput) -> np.ndarray:
    """Return the cases of the row's domain."""
    keys, codes = next((keys, codes) for by, keys, codes in given.groups if by == row["by"])
    return np.asarray(codes == keys.index(row["domain"]))

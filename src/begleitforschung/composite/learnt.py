"""Imputation by nearest neighbours and by iterative regression, through scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from begleitforschung.composite.state import Floats, Span
from begleitforschung.errors import Finding
from begleitforschung.language import Text


def impute_learnt(
    name: str, part: Floats, spans: list[Span], values: Mapping[str, Any]
) -> tuple[Floats, list[Finding]]:
    """Fill in missing values from similar units, or from the other indicators.

    Columns are standardised by their mean and standard deviation first, so that their units of
    measure have no influence.

    Parameters
    ----------
    name : {"knn", "iterative"}
        Method.
    part : numpy.ndarray, shape (rows, columns)
        Values, NaN where missing.
    spans : list of (slice, slice)
        Rows, and the rows that are learnt from.
    values : mapping
        Parameters of the method.

    Returns
    -------
    filled : numpy.ndarray, shape (rows, columns)
        Values; a column without any value stays missing.
    findings : list of Finding
        Where the iteration did not settle.
    """
    filled, remarks = part.copy(), []
    for rows, base in spans:
        learnt = ~np.isnan(part[base]).all(axis=0)
        if not learnt.any() or not np.isnan(part[rows]).any():
            continue
        known = part[base][:, learnt]
        centre = np.nanmean(known, axis=0)
        spread = np.nanstd(known, axis=0)
        spread[spread == 0] = 1.0
        model = _model(name, values)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit((known - centre) / spread)
            new = model.transform((part[rows][:, learnt] - centre) / spread)
        if any("Convergence" in item.category.__name__ for item in caught):
            remarks.append(_UNSETTLED)
        block = filled[rows][:, learnt]
        filled[rows, learnt] = np.where(np.isnan(block), new * spread + centre, block)
    return filled, remarks


def _model(name: str, values: Mapping[str, Any]) -> Any:
    if name == "knn":
        from sklearn.impute import KNNImputer

        weights = "distance" if values["by_distance"] else "uniform"
        return KNNImputer(n_neighbors=values["neighbours"], weights=weights)
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    return IterativeImputer(max_iter=values["rounds"], random_state=values["seed"])


_UNSETTLED = Finding(
    rule="index.iteration",
    severity="warning",
    text=Text(
        "die iterative Ergänzung hat sich nicht eingependelt",
        "the iterative imputation has not settled",
    ),
    hint=Text("Mehr Runden zulassen (rounds=).", "Allow more rounds (rounds=)."),
)

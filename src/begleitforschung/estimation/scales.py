"""`scale`: whether items measure one thing, and how reliably."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from begleitforschung.errors import Finding
from begleitforschung.estimation.arguments import require_level
from begleitforschung.estimation.batteries import Battery, battery
from begleitforschung.estimation.estimate import filtered
from begleitforschung.language import Text
from begleitforschung.results.scale import ScaleResult
from begleitforschung.stats.correlations import weighted_covariances
from begleitforschung.stats.factors import FactorModel, one_factor
from begleitforschung.stats.groups import Floats
from begleitforschung.stats.reliability import alpha_interval, alpha_of, item_statistics, omega
from begleitforschung.surveys import Survey


def scale(
    survey: Survey,
    items: str | Sequence[str],
    *,
    reverse: str | Sequence[str] = (),
    where: str | ArrayLike | None = None,
    level: float = 0.95,
    min_n: int = 10,
    allow_unprotected: bool = False,
) -> ScaleResult:
    """Say how reliable a set of items is as one scale.

    Only cases with an answer to all items count (listwise), with the weights of the design.

    Parameters
    ----------
    survey : Survey
        The survey.
    items : str or sequence of str
        Items or columns of one scale; of an array all its rows.
    reverse : str or sequence of str
        Items or columns that are worded against the others. They are turned, in addition to those
        whose ``direction`` in the codebook is ``descending``.
    where : str or array_like of bool, optional
        Cases that count, as a filter.
    level : float
        Level of confidence of the interval of alpha.
    min_n : int
        Least number of complete cases.
    allow_unprotected : bool
        Whether a confidential result may be shown although no cells are suppressed.

    Returns
    -------
    ScaleResult
        Alpha, omega and what each item contributes.

    Raises
    ------
    UnknownCodeError
        If there is no such item.
    ValidationError
        If an item has no scores, can't be turned or does not vary, or too few cases are complete.

    Examples
    --------
    With a survey of your own::

        bf.scale(survey, "q3", reverse="q3_b").summary()
    """
    require_level(level)
    found = battery(survey, items, reverse=reverse, where=where, min_n=min_n)
    covariances = weighted_covariances(found.used, found.used_weights)
    spread = np.sqrt(np.diag(covariances))
    correlations = covariances / np.outer(spread, spread)
    model = one_factor(correlations)
    table = _table(found, covariances, model)
    alpha, k = alpha_of(covariances), len(found.columns)
    low, high = alpha_interval(alpha, found.effective_n, k, level=level)
    specification = {
        "items": list(found.columns),
        "turned": list(found.turned),
        "where": where if isinstance(where, str) or where is None else "mask",
        "level": level,
        "min_n": min_n,
        "weighted": survey.design is not None,
        "missing": "listwise",
    }
    node = survey.traced([*found.columns, *filtered(where)])
    return ScaleResult(
        table=table,
        specification=specification,
        provenance=node.then("scale", **specification, allow_unprotected=allow_unprotected),
        findings=(*found.findings, *_remarks(found, table, model)),
        labels=dict(zip(found.columns, found.labels, strict=True)),
        alpha=alpha,
        low=low,
        high=high,
        standardised_alpha=alpha_of(correlations),
        omega=omega(covariances),
        n=int(found.complete.sum()),
        cases=int(found.inside.sum()),
        effective_n=found.effective_n,
        survey=survey,
        scores=pd.DataFrame(found.values, columns=list(found.columns)),
        allow_unprotected=allow_unprotected,
    )


def _table(found: Battery, covariances: Floats, model: FactorModel | None) -> pd.DataFrame:
    parts = item_statistics(covariances)
    weights = found.used_weights
    answered = ~np.isnan(found.values[found.inside])
    missing = np.full(len(found.columns), np.nan)
    return pd.DataFrame(
        {
            "column": pd.Series(found.columns, dtype="str"),
            "turned": [column in found.turned for column in found.columns],
            "answered": answered.sum(axis=0).astype(np.int64),
            "n": np.full(len(found.columns), int(found.complete.sum())),
            "mean": weights @ found.used / weights.sum(),
            "sd": np.sqrt(np.diag(covariances)),
            "item_total": parts.item_total,
            "without": parts.without,
            "loading": missing if model is None else model.loadings[:, 0],
        }
    )


def _remarks(found: Battery, table: pd.DataFrame, model: FactorModel | None) -> list[Finding]:
    against = table.loc[table["item_total"] < 0, "column"].tolist()
    remarks = []
    if against:
        remarks.append(
            Finding(
                rule="scale.against",
                severity="warning",
                text=Text(
                    f"Gegen die übrigen Items gerichtet: {', '.join(against)}; umgekehrt "
                    "formuliert (reverse=) oder nicht Teil der Skala?",
                    f"Pointing against the other items: {', '.join(against)}; worded the other "
                    "way round (reverse=), or no part of the scale?",
                ),
                column=", ".join(against),
                n=len(against),
            )
        )
    if model is not None and model.bounded.any():
        named = ", ".join(np.array(found.columns)[model.bounded])
        remarks.append(
            Finding(
                rule="scale.heywood",
                severity="warning",
                text=Text(
                    f"Das Modell eines Faktors passt nicht (Heywood-Fall): {named}; ω ist mit "
                    "Vorsicht zu lesen.",
                    f"The model of one factor does not fit (Heywood case): {named}; read ω with "
                    "care.",
                ),
                column=named,
            )
        )
    return remarks

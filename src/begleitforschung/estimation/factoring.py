"""`factor_structure`: how many factors a set of items has, and which item belongs to which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.estimation.batteries import battery
from begleitforschung.estimation.estimate import filtered
from begleitforschung.language import Text
from begleitforschung.results.factors import FactorResult
from begleitforschung.stats.correlations import weighted_covariances
from begleitforschung.stats.factors import (
    FactorModel,
    degrees_of_freedom,
    factor_model,
    oblimin,
    parallel_eigenvalues,
)
from begleitforschung.stats.groups import Floats
from begleitforschung.stats.indices.components import varimax
from begleitforschung.surveys import Survey

Rotation = Literal["oblimin", "varimax", "none"]
ROTATIONS: tuple[Rotation, ...] = get_args(Rotation)


def factor_structure(
    survey: Survey,
    items: str | Sequence[str],
    *,
    factors: int | None = None,
    rotation: Rotation = "oblimin",
    reverse: str | Sequence[str] = (),
    where: str | ArrayLike | None = None,
    seed: int = 0,
    min_n: int = 10,
    allow_unprotected: bool = False,
) -> FactorResult:
    """Look for the factors behind a set of items.

    Factor analysis by maximum likelihood on the correlations of the cases that answered all items,
    with the weights of the design. Parallel analysis (Horn 1965) says how many factors there are.

    Parameters
    ----------
    survey : Survey
        The survey.
    items : str or sequence of str
        Items or columns; of an array all its rows.
    factors : int, optional
        Number of factors; by default what parallel analysis suggests, at least one.
    rotation : {"oblimin", "varimax", "none"}
        Whether factors may correlate, must not, or are left as they are.
    reverse : str or sequence of str
        Items or columns that are worded against the others, see `scale`.
    where : str or array_like of bool, optional
        Cases that count, as a filter.
    seed : int
        Seed of the random samples of parallel analysis.
    min_n : int
        Least number of complete cases.
    allow_unprotected : bool
        Whether a confidential result may be shown although no cells are suppressed.

    Returns
    -------
    FactorResult
        Loadings, communalities and eigenvalues.

    Raises
    ------
    UnknownCodeError
        If there is no such item or rotation.
    ValidationError
        If an item has no scores or does not vary, an item follows from the others, there are too
        few items for the factors, or too few cases are complete.

    Examples
    --------
    With a survey of your own::

        bf.factor_structure(survey, ["q3", "q4"]).loadings()
    """
    if rotation not in ROTATIONS:
        raise UnknownCodeError(rotation, ROTATIONS, "rotations")
    found = battery(survey, items, reverse=reverse, where=where, min_n=min_n)
    correlations = _correlations(weighted_covariances(found.used, found.used_weights))
    eigenvalues = _eigenvalues(correlations, round(found.effective_n), seed)
    suggested = int(eigenvalues["kept"].sum())
    count = factors if factors is not None else _possible(suggested, len(correlations))
    model = _model(correlations, count)
    pattern, related = _rotated(model, rotation)
    specification = {
        "items": list(found.columns),
        "turned": list(found.turned),
        "factors": factors,
        "rotation": rotation,
        "where": where if isinstance(where, str) or where is None else "mask",
        "seed": seed,
        "min_n": min_n,
        "weighted": survey.design is not None,
        "missing": "listwise",
    }
    n = int(found.complete.sum())
    return FactorResult(
        table=_table(found.columns, pattern, 1 - model.uniquenesses, n),
        specification=specification,
        provenance=survey.traced([*found.columns, *filtered(where)]).then(
            "factor_structure", **specification, allow_unprotected=allow_unprotected
        ),
        findings=(*found.findings, *_remarks(found.columns, model, suggested, count)),
        labels=dict(zip(found.columns, found.labels, strict=True)),
        eigenvalues=eigenvalues,
        correlations=related,
        factors=count,
        suggested=suggested,
        n=n,
        effective_n=found.effective_n,
        survey=survey,
        allow_unprotected=allow_unprotected,
    )


def _correlations(covariances: Floats) -> Floats:
    spread = np.sqrt(np.diag(covariances))
    return np.asarray(covariances / np.outer(spread, spread))


def _model(correlations: Floats, count: int) -> FactorModel:
    try:
        return factor_model(correlations, count)
    except ValueError as error:
        raise ValidationError(
            f"no model of {count} factors for {len(correlations)} items: {error}"
        ) from None


def _eigenvalues(correlations: Floats, n: int, seed: int) -> pd.DataFrame:
    own = np.linalg.eigvalsh(correlations)[::-1]
    chance = parallel_eigenvalues(max(n, 2), len(own), seed=seed)
    return pd.DataFrame(
        {
            "component": np.arange(1, len(own) + 1),
            "eigenvalue": own,
            "random": chance,
            "kept": np.logical_and.accumulate(own > chance),
        }
    )


def _possible(suggested: int, items: int) -> int:
    """Return the suggested number of factors as far as the items identify them."""
    count = max(1, suggested)
    while count > 1 and degrees_of_freedom(items, count) < 0:
        count -= 1
    return count


def _rotated(model: FactorModel, rotation: Rotation) -> tuple[Floats, Floats]:
    """Return rotated loadings and the correlations of the factors, the strongest first."""
    pattern, related = model.loadings, np.eye(model.loadings.shape[1])
    if rotation == "varimax":
        pattern = varimax(pattern)
    elif rotation == "oblimin":
        pattern, related = oblimin(pattern)
    order = np.argsort(-((pattern @ related) * pattern).sum(axis=0), kind="stable")
    return pattern[:, order], related[np.ix_(order, order)]


def _table(columns: Sequence[str], pattern: Floats, communalities: Floats, n: int) -> pd.DataFrame:
    count = pattern.shape[1]
    return pd.DataFrame(
        {
            "column": pd.Series(np.repeat(np.array(columns, dtype=object), count), dtype="str"),
            "factor": np.tile(np.arange(1, count + 1), len(columns)),
            "loading": pattern.ravel(),
            "communality": np.repeat(communalities, count),
            "n": n,
        }
    )


def _remarks(
    columns: Sequence[str], model: FactorModel, suggested: int, count: int
) -> list[Finding]:
    found = []
    if suggested != count:
        text = Text(
            f"Zahl der Faktoren: {count} im Modell, {suggested} nach der Parallelanalyse.",
            f"Number of factors: {count} in the model, {suggested} by parallel analysis.",
        )
        found.append(Finding(rule="factors.number", severity="warning", text=text))
    if model.bounded.any():
        named = ", ".join(np.array(columns)[model.bounded])
        text = Text(
            f"Uneigentliche Lösung (Heywood-Fall): {named}; weniger Faktoren versuchen.",
            f"Improper solution (Heywood case): {named}; try fewer factors.",
        )
        found.append(Finding(rule="factors.heywood", severity="warning", text=text, column=named))
    return found

"""How indicators hang together: Cronbach's alpha, principal components, real importance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.composite.analysis_parts import elements_below, part_of
from begleitforschung.errors import CompositeError, Finding
from begleitforschung.language import Text
from begleitforschung.results.analysis_base import analysis_of
from begleitforschung.results.analysis_structure import (
    ComponentsResult,
    Importance,
    Reliability,
)
from begleitforschung.results.composite import CompositeResult
from begleitforschung.stats.indices.components import principal_components
from begleitforschung.stats.indices.elements import BadCells
from begleitforschung.stats.indices.importance import correlation_ratio, linear_importance
from begleitforschung.stats.reliability import cronbach_alpha

_FEW = 10  # units, below which a curve passes through all of them
_FEW_UNITS = Finding(
    rule="importance.few_units",
    severity="warning",
    text=Text(
        f"Höchstens {_FEW} Einheiten: Bedeutung ist hier das Quadrat der Korrelation.",
        f"At most {_FEW} units: importance is the squared correlation here.",
    ),
)


def reliability(
    result: CompositeResult, stage: str | None = None, *, year: int | None = None
) -> Reliability:
    """Return Cronbach's alpha of each node, of its indicators and of its direct parts.

    Parameters
    ----------
    result : CompositeResult
        The index.
    stage : str, optional
        Name of the stage; by default the last aggregation. Before it there are indicators only.
    year : int, optional
        Year; the last one by default.

    Returns
    -------
    Reliability
        One row per node and kind of parts.

    Raises
    ------
    UnknownCodeError
        If there is no such stage or year.
    """
    part, tree = part_of(result, stage, year), result.spec.tree
    rows = []
    for place in tree.downward:
        node = tree.ids[place]
        kinds = {of: elements_below(result, node, of) for of in ("indicators", "parts")}
        if set(kinds["parts"]) == set(kinds["indicators"]):
            del kinds["parts"]
        for of, names in kinds.items():
            if not set(names) <= set(part.columns):
                continue
            values = part.take(names)
            complete = int((~np.isnan(values)).all(axis=1).sum())
            rows.append((node, of, len(names), complete, cronbach_alpha(values)))
    return Reliability(
        table=pd.DataFrame(rows, columns=["node", "of", "k", "complete", "alpha"]),
        **analysis_of(result, "reliability", stage=part.stage, year=part.year),
    )


def index_components(
    result: CompositeResult,
    node: str | None = None,
    *,
    of: str = "parts",
    stage: str | None = None,
    year: int | None = None,
) -> ComponentsResult:
    """Take apart the correlations below a node by principal components.

    Units with a missing value are left out. The sign of a component is fixed: its loadings add up
    to more than zero (COINr leaves it to chance).

    Parameters
    ----------
    result : CompositeResult
        The index.
    node : str, optional
        Node; the index by default.
    of : {"parts", "indicators"}
        Its direct parts, or all indicators below it.
    stage : str, optional
        Name of the stage; the last aggregation by default.
    year : int, optional
        Year; the last one by default.

    Returns
    -------
    ComponentsResult
        Loadings, eigenvalues and shares of variance.

    Raises
    ------
    UnknownCodeError
        If there is no such node, stage or year.
    CompositeError
        If an element does not vary, or fewer than two units are complete.
    """
    part, name = part_of(result, stage, year), node or result.spec.root
    names = elements_below(result, name, of)
    try:
        found = principal_components(part.take(names))
    except BadCells as error:
        flat = ", ".join(names[column] for column in np.unique(error.columns))
        raise CompositeError(f"components of '{name}': {error}: {flat}") from None
    except ValueError as error:
        raise CompositeError(f"components of '{name}': {error}") from None
    count = len(found.eigenvalues)
    numbers = np.arange(1, count + 1)
    loadings = pd.DataFrame(
        {
            "element": np.repeat(np.array(names, dtype=object), count),
            "component": np.tile(numbers, len(names)),
            "loading": found.loadings.ravel(),
            "direction": found.directions.ravel(),
        }
    )
    variances = pd.DataFrame(
        {
            "component": numbers,
            "eigenvalue": found.eigenvalues,
            "share": found.shares,
            "cumulative": np.cumsum(found.shares),
        }
    )
    return ComponentsResult(
        table=loadings,
        eigenvalues=variances,
        node=name,
        n=int(found.rows.sum()),
        **analysis_of(
            result, "index_components", node=name, of=of, stage=part.stage, year=part.year
        ),
    )


def importance(
    result: CompositeResult,
    node: str | None = None,
    *,
    of: str = "indicators",
    year: int | None = None,
) -> Importance:
    """Return what weight each indicator really has, beside the weight it was given.

    Importance is the correlation ratio: the share of the variance of the scores that an indicator
    explains, without asking for a straight line. It also depends on the indicator's spread and on
    what it shares with the others; weights alone don't say it. With ten units or fewer it is the
    squared correlation, which a finding says.

    Parameters
    ----------
    result : CompositeResult
        The index.
    node : str, optional
        Node whose scores are explained; the index by default.
    of : {"indicators", "parts"}
        By all indicators below it, or by its direct parts.
    year : int, optional
        Year; the last one by default.

    Returns
    -------
    Importance
        One row per element.

    Raises
    ------
    UnknownCodeError
        If there is no such node or year.

    References
    ----------
    Paruolo, Saisana & Saltelli (2013), Journal of the Royal Statistical Society A 176(3).
    """
    part, name = part_of(result, None, year), node or result.spec.root
    tree, names = result.spec.tree, elements_below(result, name, of)
    values, scores = part.take(names), part.take([name])[:, 0]
    weights = tree.effective(result.weights_by_year[result.years.index(part.year)])
    own = weights[[tree.position(item) for item in names]] / weights[tree.position(name)]
    linear = linear_importance(values, scores)
    few = int((~np.isnan(scores)).sum()) <= _FEW
    ratio = linear if few else correlation_ratio(values, scores)
    total = float(np.nansum(ratio))
    frame = pd.DataFrame(
        {
            "element": list(names),
            "weight": own,
            "importance": ratio,
            "linear": linear,
            "share": ratio / total if total > 0 else np.full(len(ratio), np.nan),
        }
    )
    frame["difference"] = frame["share"] - frame["weight"]
    return Importance(
        table=frame,
        node=name,
        findings=(_FEW_UNITS,) if few else (),
        **analysis_of(result, "importance", node=name, of=of, year=part.year),
    )

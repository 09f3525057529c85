"""Weights from points that experts distributed (budget allocation)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from begleitforschung.errors import SpecificationError, ValidationError
from begleitforschung.frameworks.index_entries import elements_of
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.stats.indices.weights import budget_allocation as mean_shares


def budget_allocation(spec: IndexSpec, points: pd.DataFrame) -> tuple[IndexSpec, pd.DataFrame]:
    """Weigh the parts of a node by the points that experts distributed over them.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    points : pandas.DataFrame
        One row per expert, one column per part of one node: points of 0 or more, in any sum.
        Experts who left a blank or gave no point at all don't count.

    Returns
    -------
    spec : IndexSpec
        The specification with the mean shares as weights; the node's note says how many experts
        they come from.
    table : pandas.DataFrame
        ``element, weight, sd, lowest, highest, n``: how far the experts agree.

    Raises
    ------
    SpecificationError
        If the columns are not the parts of one node.
    ValidationError
        If points are negative or no numbers, or no expert gave a full answer.

    Notes
    -----
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 6.2.5: each expert's
    points are brought to a sum of one, then averaged.
    """
    names = [str(name) for name in points.columns]
    elements = elements_of(spec.indicators, spec.nodes)
    node = next((item.parent for item in elements if item.id in names), "")
    parts = [item.id for item in elements if item.parent == node and node]
    if sorted(names) != sorted(parts):
        raise SpecificationError(
            f"points must be given for all parts of one node; columns: {', '.join(names)}; "
            f"parts of '{node}': {', '.join(parts)}"
        )
    try:
        found = mean_shares(points.to_numpy(np.float64))
    except (TypeError, ValueError) as error:
        raise ValidationError(f"the points of the experts can't be used: {error}") from None
    experts = int(found.experts.sum())
    table = pd.DataFrame(
        {
            "element": names,
            "weight": found.weights,
            "sd": found.sd,
            "lowest": found.lowest,
            "highest": found.highest,
            "n": experts,
        }
    )
    note = Text(
        f"Gewichte: mittlere Punktanteile von {experts} Fachleuten",
        f"weights: mean shares of the points of {experts} experts",
    )
    weighed = spec.with_weights(dict(zip(names, map(float, found.weights), strict=True)))
    nodes = tuple(replace(item, note=note) if item.id == node else item for item in weighed.nodes)
    return weighed.replace(nodes=nodes), table

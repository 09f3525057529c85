"""Which indicators share a method in a step."""

from __future__ import annotations

import numpy as np

from begleitforschung.composite.state import Ints
from begleitforschung.frameworks.index_method import Method, Step
from begleitforschung.frameworks.index_spec import IndexSpec


def by_method(spec: IndexSpec, step: Step) -> list[tuple[Method, Ints]]:
    """Return the methods of a step, each with the indicators that it is applied to.

    Parameters
    ----------
    spec : IndexSpec
        The specification.
    step : Step
        The step.

    Returns
    -------
    list of (Method, numpy.ndarray of int64)
        Methods in the order of their first indicator; a method of the indicator's own comes
        before that of the step.
    """
    found: dict[Method, list[int]] = {}
    for column, item in enumerate(spec.indicators):
        own = item.method(step.kind)
        found.setdefault(step.chosen if own is None else own, []).append(column)
    return [(method, np.array(columns, np.int64)) for method, columns in found.items()]


def picked(columns: Ints, n: int) -> slice | Ints:
    """Return an index of columns that copies nothing where they are all.

    Parameters
    ----------
    columns : numpy.ndarray of int64
        Positions, ascending.
    n : int
        Number of columns there are.

    Returns
    -------
    slice or numpy.ndarray
        Equivalent index.
    """
    return slice(None) if len(columns) == n else columns

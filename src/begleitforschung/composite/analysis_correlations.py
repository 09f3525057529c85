"""Correlations within and across the tree, and with denominators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.composite.analysis_parts import (
    along_tree,
    elements_below,
    part_of,
)
from begleitforschung.composite.reading import align_figures
from begleitforschung.errors import UnknownCodeError
from begleitforschung.results.analysis_base import analysis_of
from begleitforschung.results.analysis_correlations import CorrelationResult
from begleitforschung.results.composite import CompositeResult
from begleitforschung.stats.correlation_tests import adjust
from begleitforschung.stats.correlations import Correlations, Kind, correlate
from begleitforschung.tables import IndicatorTable

Pairs = Literal["all", "within", "across", "parent", "above"]
Correction = Literal["holm", "bh"]
_KINDS: tuple[Kind, ...] = get_args(Kind)
_CORRECTIONS: tuple[Correction, ...] = get_args(Correction)
_PAIRS: tuple[Pairs, ...] = ("all", "within", "across", "parent", "above")


def index_correlations(
    result: CompositeResult,
    stage: str | None = None,
    *,
    elements: str | Sequence[str] = "indicators",
    pairs: Pairs = "all",
    kind: Kind = "pearson",
    correction: Correction | None = "holm",
    year: int | None = None,
) -> CorrelationResult:
    """Correlate indicators and nodes, and test each pair against no association.

    P values are corrected for the number of pairs that are shown, which COINr doesn't do: among
    49 indicators without any association, 59 of 1,176 pairs pass the 5 % level by chance.

    Parameters
    ----------
    result : CompositeResult
        The index.
    stage : str, optional
        Name of the stage; by default the last aggregation: normalised indicators (more is better)
        and scores of all nodes.
    elements : {"indicators", "nodes", "all"}, str or sequence of str
        What is correlated; the name of a node stands for its parts.
    pairs : {"all", "within", "across", "parent", "above"}
        All pairs; those with the same parent; those with different parents; each element with its
        parent; each element with all nodes above it.
    kind : {"pearson", "spearman", "kendall"}
        Coefficient, over the units that have both values.
    correction : {"holm", "bh"}, optional
        Correction for the number of pairs: Holm, or Benjamini-Hochberg; ``None`` for none.
    year : int, optional
        Year; the last one by default.

    Returns
    -------
    CorrelationResult
        One row per pair.

    Raises
    ------
    UnknownCodeError
        If there is no such stage, element, year, kind, correction or choice of pairs.

    Examples
    --------
    ``index_correlations(result, pairs="within").flags(high=0.9, low=-0.4)``
    """
    if pairs not in _PAIRS:
        raise UnknownCodeError(pairs, _PAIRS, "pairs of elements")
    _check_choices(kind, correction)
    part = part_of(result, stage, year)
    names = _names(result, elements)
    above = {
        "parent": [name for name in dict.fromkeys(map(_parents(result).get, names)) if name],
        "above": _all_above(result, names),
    }.get(pairs, [])
    every = tuple(dict.fromkeys((*names, *above)))
    every = tuple(name for name in along_tree(result) if name in every)
    found = correlate(part.take(every), kind=kind)
    first, second = _chosen(result, every, names, pairs)
    return CorrelationResult(
        table=_table(found, every, every, first, second, correction),
        kind=kind,
        correction=correction,
        rows=tuple(every[i] for i in np.unique(first)),
        columns=tuple(every[i] for i in np.unique(second)),
        **analysis_of(
            result,
            "index_correlations",
            stage=part.stage,
            year=part.year,
            elements=elements if isinstance(elements, str) else list(elements),
            pairs=pairs,
            kind=kind,
            correction=correction,
        ),
    )


def denominator_correlations(
    result: CompositeResult,
    denominators: IndicatorTable | pd.DataFrame,
    names: Sequence[str],
    *,
    kind: Kind = "pearson",
    correction: Correction | None = "holm",
    year: int | None = None,
) -> CorrelationResult:
    """Correlate the raw indicators with denominators, to see which of them measure mere size.

    Parameters
    ----------
    result : CompositeResult
        The index.
    denominators : IndicatorTable or pandas.DataFrame
        Figures such as population or area.
    names : sequence of str
        Which of them.
    kind : {"pearson", "spearman", "kendall"}
        Coefficient, over the units that have both values.
    correction : {"holm", "bh"}, optional
        Correction for the number of pairs.
    year : int, optional
        Year; the last one by default.

    Returns
    -------
    CorrelationResult
        One row per pair of indicator and denominator.

    Raises
    ------
    UnknownCodeError
        If there is no such denominator, year, kind or correction.
    """
    _check_choices(kind, correction)
    part = part_of(result, "raw", year)
    sizes = align_figures(denominators, names, part.units, part.year)
    found = correlate(np.hstack([part.values, sizes]), kind=kind)
    rows, columns = len(part.columns), len(names)
    first = np.repeat(np.arange(rows), columns)
    second = np.tile(np.arange(columns), rows) + rows
    every = (*part.columns, *names)
    return CorrelationResult(
        table=_table(found, every, every, first, second, correction),
        kind=kind,
        correction=correction,
        rows=part.columns,
        columns=tuple(names),
        **analysis_of(
            result,
            "denominator_correlations",
            year=part.year,
            denominators=list(names),
            kind=kind,
            correction=correction,
        ),
    )


def _check_choices(kind: object, correction: object) -> None:
    if kind not in _KINDS:
        raise UnknownCodeError(kind, _KINDS, "kinds of correlation")
    if correction is not None and correction not in _CORRECTIONS:
        raise UnknownCodeError(correction, _CORRECTIONS, "corrections of p values")


def _names(result: CompositeResult, elements: str | Sequence[str]) -> tuple[str, ...]:
    tree = result.spec.tree
    if isinstance(elements, str):
        choices = {
            "indicators": tree.ids[: tree.n_indicators],
            "nodes": tree.nodes,
            "all": tree.ids,
        }
        if elements in choices:
            return choices[elements]
        if elements not in tree.nodes:
            raise UnknownCodeError(elements, (*choices, *tree.nodes), "elements of the index")
        return elements_below(result, elements, "parts")
    return tuple(result.spec.element(name).id for name in elements)


def _parents(result: CompositeResult) -> dict[str, str]:
    return {name: item.parent for name, item in result.spec.elements.items()}


def _all_above(result: CompositeResult, names: Sequence[str]) -> list[str]:
    parents, found = _parents(result), dict[str, None]()
    for name in names:
        above = parents[name]
        while above:
            found[above] = None
            above = parents[above]
    return list(found)


def _chosen(
    result: CompositeResult, every: tuple[str, ...], names: tuple[str, ...], pairs: Pairs
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the pairs: rows and columns."""
    parents, place = _parents(result), {name: number for number, name in enumerate(every)}
    own = np.array(sorted(place[name] for name in names), np.int64)
    if pairs in ("parent", "above"):
        lines = {
            name: [parents[name]] if pairs == "parent" else _all_above(result, [name])
            for name in (every[i] for i in own)
        }
        found = [(place[a], place[b]) for a, above in lines.items() for b in above if b]
        both = np.array(found, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]
    left, right = np.triu_indices(len(own), 1)
    left, right = own[left], own[right]
    if pairs != "all":
        group = np.array([parents[name] for name in every], dtype=object)
        keep = (group[left] == group[right]) == (pairs == "within")
        left, right = left[keep], right[keep]
    return left, right


def _table(
    found: Correlations,
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    correction: Correction | None,
) -> pd.DataFrame:
    p = found.p[first, second]
    return pd.DataFrame(
        {
            "first": np.array(rows, dtype=object)[first],
            "second": np.array(columns, dtype=object)[second],
            "r": found.r[first, second],
            "n": found.n[first, second],
            "p": p,
            "p_adjusted": p if correction is None else adjust(p, method=correction),
        }
    )

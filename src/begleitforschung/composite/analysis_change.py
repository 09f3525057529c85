"""Change over time: where it comes from, and how fast raw figures move."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from itertools import permutations, product
from typing import Any

import numpy as np
import pandas as pd

from begleitforschung.composite.analysis_parts import stage_of
from begleitforschung.composite.chain import run_steps
from begleitforschung.composite.composing import composed, rows_needed
from begleitforschung.composite.exposures import refuse_small
from begleitforschung.composite.reading import Data, Groups, read_figures
from begleitforschung.composite.sensitivity_scores import with_given_weights
from begleitforschung.composite.state import Floats, State
from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.frameworks.framework import Framework
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.results.analysis_base import analysis_of
from begleitforschung.results.analysis_change import IndexChange, IndexTrends
from begleitforschung.results.composite import CompositeResult
from begleitforschung.stats.trends import trend

EFFECTS = ("data", "reference", "weights")
_WITH_REFERENCE = ("impute", "treat", "normalise", "weight", "aggregate")


def index_change(
    data: Data,
    spec: IndexSpec | Framework,
    start: int,
    end: int,
    *,
    denominators: Any = None,
    groups: Groups | None = None,
    names: Mapping[str, str] | None = None,
    exposure: str | None = None,
    min_exposure: float | None = None,
) -> IndexChange:
    """Take apart the change of scores between two years; the effects add up to it exactly.

    *Data*: the unit's own values changed. *Reference*: minimum, maximum, mean, outlier limits of
    all units changed, so that the same value now counts differently; nothing where years are
    pooled or a base year is fixed. *Weights*: weights found from the data changed. Each effect is
    the mean over all orders in which the three can change (Shapley 1953), so that none depends on
    an arbitrary order.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures of both years, as for `compose`.
    spec : IndexSpec or Framework
        The specification.
    start, end : int
        Years.
    denominators, groups, names, exposure, min_exposure
        As for `compose`.

    Returns
    -------
    IndexChange
        One row per node and unit with a score in both years.

    Raises
    ------
    UnknownCodeError
        If there are no figures of a year.
    ValidationError
        If the two years are the same.
    CompositeError
        If a method compares units with each other and knows no base year (Copeland, Borda, Benefit
        of the Doubt).
    """
    if start == end:
        raise ValidationError(f"a change lies between two years, not {start} and {end}")
    spec = IndexSpec.of(spec)
    reading = read_figures(data, spec, denominators=denominators, groups=groups)
    for year in (start, end):
        if year not in reading.state.rows.blocks():
            held = map(str, reading.state.rows.blocks())
            raise UnknownCodeError(year, held, "years of the figures")
    pair = tuple(sorted((start, end)))
    state = rows_needed(reading.state, spec, pair)
    result = composed(reading, state, run_steps(state, spec), spec, years=pair, names=names)
    result = refuse_small(
        result,
        data,
        exposure=exposure,
        min_exposure=min_exposure,
        denominators=denominators,
    )
    found = _evaluations(state, result, start, end)
    table = _table(result, _shapley(found), found, start, end)
    return IndexChange(
        table=table,
        start=start,
        end=end,
        findings=result.findings,
        **analysis_of(result, "index_change", start=start, end=end),
    )


def _evaluations(
    state: State, result: CompositeResult, start: int, end: int
) -> dict[tuple[int, int, int], pd.DataFrame]:
    """Return the scores by year of data, of the reference and of the weights (0 start, 1 end)."""
    years, spec, tree = (start, end), result.spec, result.spec.tree
    alike = bool((result.weights_by_year == result.weights_by_year[0]).all())
    actual = result.final.frame()[list(tree.nodes)]
    found: dict[tuple[int, int, int], pd.DataFrame] = {}
    for b, c in ((0, 0), (1, 1)) if alike else product((0, 1), repeat=2):
        weights = result.weights_by_year[result.years.index(years[c])]
        scores = _scores(state, _fixed(spec, years[b], weights))
        for a in (0, 1):
            found[a, b, c] = _in_year(scores if a != b or b != c else actual, years[a])
    if alike:
        found |= {(a, b, 1 - b): found[a, b, b] for a, b in product((0, 1), repeat=2)}
    units = found[0, 0, 0].index.intersection(found[1, 1, 1].index, sort=False)
    return {key: scores.reindex(units) for key, scores in found.items()}


def _in_year(scores: pd.DataFrame, year: int) -> pd.DataFrame:
    return scores[scores.index.get_level_values("year") == year].droplevel("year")


def _fixed(spec: IndexSpec, year: int, weights: Floats) -> IndexSpec:
    """Return a variant whose references are those of one year, with weights given."""
    steps = tuple(
        dataclasses.replace(step, years=year)
        if step.kind in _WITH_REFERENCE and (step.years or spec.years) == "each"
        else step
        for step in spec.steps
    )
    given = dict(zip(spec.tree.ids, map(float, weights), strict=True))
    given.pop(spec.root)
    return with_given_weights(spec.replace(steps=steps)).with_weights(given)


def _scores(state: State, spec: IndexSpec) -> pd.DataFrame:
    last = run_steps(state, spec)[-1]
    labels = np.array(last.rows.units, dtype=object)[last.rows.unit]
    index = pd.MultiIndex.from_arrays([labels, last.rows.year], names=["unit", "year"])
    return pd.DataFrame(last.scores, index=index, columns=list(last.elements))[
        list(spec.tree.nodes)
    ]


def _shapley(found: Mapping[tuple[int, int, int], pd.DataFrame]) -> dict[str, Floats]:
    """Return the mean effect of each factor over all orders in which they can change."""
    values = {key: frame.to_numpy(np.float64) for key, frame in found.items()}
    effects = {name: np.zeros_like(values[0, 0, 0]) for name in EFFECTS}
    orders = list(permutations(range(3)))
    for order in orders:
        place = [0, 0, 0]
        for factor in order:
            before = values[place[0], place[1], place[2]]
            place[factor] = 1
            effects[EFFECTS[factor]] += values[place[0], place[1], place[2]] - before
    return {name: total / len(orders) for name, total in effects.items()}


def _table(
    result: CompositeResult,
    effects: Mapping[str, Floats],
    found: Mapping[tuple[int, int, int], pd.DataFrame],
    start: int,
    end: int,
) -> pd.DataFrame:
    before, after = found[0, 0, 0], found[1, 1, 1]
    ranks = result.ranks("nodes")
    frames = []
    tree = result.spec.tree
    for name in (tree.ids[place] for place in tree.downward):
        column = tree.nodes.index(name)
        places = [ranks[name].xs(year, level="year").reindex(before.index) for year in (start, end)]
        frames.append(
            pd.DataFrame(
                {
                    "unit": before.index.astype(str),
                    "node": name,
                    "start": before[name].to_numpy(),
                    "end": after[name].to_numpy(),
                    "change": after[name].to_numpy() - before[name].to_numpy(),
                    **{effect: values[:, column] for effect, values in effects.items()},
                    "rank_start": places[0].array,
                    "rank_end": places[1].array,
                    "places_gained": places[0].array - places[1].array,
                }
            )
        )
    table = pd.concat(frames, ignore_index=True)
    return table[table["change"].notna()].reset_index(drop=True)


def index_trends(
    result: CompositeResult,
    stage: str = "raw",
    *,
    years: Iterable[int] | None = None,
    elements: Iterable[str] | None = None,
) -> IndexTrends:
    """Describe how the values of each unit move over the years.

    Parameters
    ----------
    result : CompositeResult
        The index of several years.
    stage : str
        ``"raw"``, or a name of `IndexSpec.stages`; after an aggregation the scores as well.
    years : iterable of int, optional
        Years that count, all by default: growth is that between the first and the last of them
        with a value.
    elements : iterable of str, optional
        Indicators and nodes; all of the stage by default.

    Returns
    -------
    IndexTrends
        One row per element and unit.

    Raises
    ------
    UnknownCodeError
        If there is no such stage, year or element.
    ValidationError
        If there are fewer than two years.
    """
    chosen = stage_of(result, stage)
    held = chosen.years
    asked = held if years is None else tuple(sorted({int(year) for year in years}))
    for year in asked:
        if year not in held:
            raise UnknownCodeError(year, map(str, held), "years of the index")
    if len(asked) < 2:
        raise ValidationError("a trend needs two years or more")
    names = chosen.columns if elements is None else tuple(elements)
    for name in names:
        if name not in chosen.columns:
            raise UnknownCodeError(name, chosen.columns, f"stage '{stage}' of the index")
    rows = np.flatnonzero(np.isin(chosen.year, asked))
    units, place = np.unique(chosen.unit[rows], return_inverse=True)
    cube = np.full((len(asked), len(units), len(names)), np.nan)
    columns = [chosen.columns.index(name) for name in names]
    cube[np.searchsorted(asked, chosen.year[rows]), place] = chosen.values[rows][:, columns]
    told = trend(asked, cube)
    table = pd.DataFrame(
        {
            "unit": np.repeat(np.array(chosen.units, dtype=object)[units], len(names)),
            "element": np.tile(np.array(names, dtype=object), len(units)),
            **{name: values.ravel() for name, values in told._asdict().items()},
        }
    )
    times = {name: table[name].astype("Int64") for name in ("first_time", "last_time")}
    table = table.assign(**times).rename(
        columns={"first_time": "first_year", "last_time": "last_year"}
    )
    table["available"] = table["n"] / len(asked)
    return IndexTrends(
        table=table, **analysis_of(result, "index_trends", stage=stage, years=list(asked))
    )

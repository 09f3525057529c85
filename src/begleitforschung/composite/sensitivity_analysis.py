"""`sensitivity`: how much scores and ranks depend on the choices made on the way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

import numpy as np

from begleitforschung.composite.composing import needs_all_years
from begleitforschung.composite.exposures import Unranked, unranked
from begleitforschung.composite.reading import Data, Groups, official_names, read_figures
from begleitforschung.composite.sensitivity_parsing import FAILURES, Choice, Vary, parse_vary
from begleitforschung.composite.sensitivity_plan import plan_runs
from begleitforschung.composite.sensitivity_result import Settings, assemble
from begleitforschung.composite.sensitivity_runs import Runs, without_small
from begleitforschung.composite.state import Floats, Rows, State
from begleitforschung.errors import CompositeError, SpecificationError, UnknownCodeError
from begleitforschung.frameworks.framework import Framework
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.results.sensitivity import SensitivityResult
from begleitforschung.stats.indices.ranking import competition_ranks
from begleitforschung.stats.indices.runs import RankedRuns, ranked_runs

Progress = Callable[[int, int], None]
_SCORES_KEPT = 10_000_000


def sensitivity(
    data: Data,
    spec: IndexSpec | Framework,
    *,
    vary: Vary,
    n: int = 512,
    seed: int = 0,
    year: int | None = None,
    exact: bool | None = None,
    top: Sequence[int] = (10,),
    interval: float = 0.9,
    n_bootstrap: int = 200,
    keep_scores: bool | None = None,
    denominators: Any = None,
    groups: Groups | None = None,
    names: Mapping[str, str] | None = None,
    exposure: str | None = None,
    min_exposure: float | None = None,
    n_jobs: int | None = None,
    progress: bool | Progress | None = None,
) -> SensitivityResult:
    """Run many variants of an index: how sure ranks are, and which choices they hang on.

    Where all choices are discrete and their combinations few, every combination is run and the
    indices are exact; else scrambled Sobol points are drawn. A run that fails (for example because
    a geometric mean meets a negative value) is reported and left out.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures, as for `begleitforschung.compose`.
    spec : IndexSpec or Framework
        The specification.
    vary : mapping
        What varies. Alternatives are a list, or `Alternatives` with odds; a range is a `Range`.

        * ``"normalise"``: name of a stage to methods
        * ``"treat.winmax"``: parameter of a step to values
        * ``"umwelt.aggregate"``, ``"co2.goalposts"``: field of a node or indicator to values
        * ``"coverage"``, ``"years"``: of all nodes; of all steps
        * ``"weights"``: 0.25 (each weight up to 25 per cent off), ``"dirichlet"``, `NoisyWeights`,
          a mapping of node to such a number (the weights of its parts), or a list of sets
        * ``"values"``: errors of the figures: 0.05 (5 per cent), a mapping of indicator to such a
          number, a table of standard errors, or `ValueErrors`
        * ``"without"``, ``"units"``: indicators or nodes, units that are left out: a list of
          names, tuples of names and ``None`` (nothing), or ``"each"`` for nothing and each
          indicator or unit
    n : int
        Base points of a sample, best a power of two; it has n (choices + 2) runs.
    seed : int
        Seed of everything that is drawn; the same seed gives the same result on any number of
        cores.
    year : int, optional
        Year whose ranks are analysed, the last one by default; for a DataFrame without years,
        their year. Steps that pool years or have a base year still see all years.
    exact : bool, optional
        Ask for all combinations, or for a sample; decided by their number (at most 1,000,000) if
        not given. A thousand sets of weights cost less than ten treatments.
    top : sequence of int
        Ranks k for which the chance of a rank of at most k is wanted.
    interval : float
        Probability that rank intervals and bootstrap intervals enclose.
    n_bootstrap : int
        Bootstrap samples for intervals of the indices.
    keep_scores : bool, optional
        Keep the scores of all runs; if not given, where they are at most 10 million.
    denominators, groups, names
        As for `begleitforschung.compose`.
    exposure, min_exposure : str, float, optional
        As for `begleitforschung.compose`: smaller units have a score, but no rank in any run.
    n_jobs : int, optional
        Threads; as many as there are cores, at most four, if not given.
    progress : bool or callable, optional
        Whether to show a progress bar, or what is called with the numbers of runs done and in
        all; a bar is shown on a terminal if not given.

    Returns
    -------
    SensitivityResult
        Rank intervals, chances of the top, indices, pairwise dominance.

    Raises
    ------
    SpecificationError
        If something in `vary` does not fit; all problems at once, before the first run.
    CompositeError
        If the specification itself has no scores, or no run succeeds.
    UnknownCodeError
        If an indicator, unit or year is not there.
    ValidationError
        If the figures are ambiguous.

    Examples
    --------
    >>> import pandas as pd
    >>> from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec
    >>> spec = IndexSpec(
    ...     id="netz",
    ...     indicators=(
    ...         IndicatorSpec(id="breitband", parent="netz"),
    ...         IndicatorSpec(id="stoerungen", parent="netz", direction="lower"),
    ...     ),
    ...     nodes=(NodeSpec(id="netz"),),
    ... )
    >>> frame = pd.DataFrame(
    ...     {"breitband": [50, 90, 60], "stoerungen": [3, 1, 5]}, index=["A", "B", "C"]
    ... )
    >>> found = sensitivity(frame, spec, year=2024, vary={"normalise": ["minmax", "rank"]})
    >>> found.method, found.table["low"].tolist()
    ('exact', [2.0, 1.0, 2.05])
    """
    _check_settings(seed, top, interval, n_bootstrap)
    spec = IndexSpec.of(spec)
    reading = read_figures(data, spec, year=year, denominators=denominators, groups=groups)
    start = reading.state
    when = asked_year(start, year)
    units = np.unique(start.rows.unit[start.rows.year == when])
    choices = parse_vary(vary, spec, [start.rows.units[unit] for unit in units])
    start = _needed_years(start, spec, choices, when)
    plan = plan_runs(choices, n, seed, len(units), exact)
    runs = Runs(spec=spec, start=start, year=when, plan=plan, seed=seed, units=units)
    nominal = runs.nominal()
    rows = Rows(units=start.rows.units, unit=units, year=np.full(len(units), when))
    limit: dict[str, Any] = {"exposure": exposure, "min_exposure": min_exposure}
    small = unranked(data, spec, rows, year=year, denominators=denominators, **limit)
    kept = plan.runs * len(units) <= _SCORES_KEPT if keep_scores is None else keep_scores
    ranked = _ranked(runs, nominal, small, progress, keep_scores=kept, threads=n_jobs)
    settings = Settings(
        seed=seed,
        top=tuple(top),
        interval=interval,
        n_bootstrap=n_bootstrap,
        n_jobs=n_jobs,
        names=official_names(reading) if names is None else names,
        unranked=small,
    )
    return assemble(reading, runs, ranked, nominal, settings)


def _needed_years(start: State, spec: IndexSpec, choices: Iterable[Choice], year: int) -> State:
    """Return the figures of one year where no variant takes reference values from others."""
    if any(needs_all_years(variant) for variant in _variants(spec, choices)):
        return start
    return start.only(start.rows.year == year)


def _ranked(
    runs: Runs, nominal: Floats, small: Unranked, progress: bool | Progress | None, **options: Any
) -> RankedRuns:
    batches = [without_small(batch, small) for batch in runs.batches()]
    base = competition_ranks(small.without(nominal))
    with shown(progress, runs.plan.runs) as tell:
        ranked = ranked_runs(batches, base, progress=tell, **options)
    if np.isnan(ranked.shift).all():
        told = next(iter(runs.failures.values()), "no unit has a rank")
        raise CompositeError(f"none of the {runs.plan.runs} runs succeeds; the first: {told}")
    return ranked


def _check_settings(seed: Any, top: Any, interval: Any, n_bootstrap: Any) -> None:
    """Refuse settings that mean nothing, all at once, before the first run."""
    whole = (int, np.integer)
    problems = []
    if not isinstance(seed, whole) or seed < 0:
        problems.append(f"seed= is a whole number of at least 0, not {seed!r}")
    if not isinstance(top, Iterable) or not all(isinstance(k, whole) and k >= 1 for k in top):
        problems.append(f"top= is a list of ranks, e.g. (10, 50), not {top!r}")
    if not isinstance(interval, float) or not 0 < interval < 1:
        problems.append(f"interval= is a probability between 0 and 1, e.g. 0.9, not {interval!r}")
    if not isinstance(n_bootstrap, whole) or n_bootstrap < 0:
        problems.append(f"n_bootstrap= is a whole number of at least 0, not {n_bootstrap!r}")
    if problems:
        raise SpecificationError("; ".join(problems))


def _variants(spec: IndexSpec, choices: Iterable[Choice]) -> Iterator[IndexSpec]:
    """Return the specification, and that of each alternative by itself where it has one."""
    yield spec
    for choice in choices:
        for level in choice.levels if choice.kind == "spec" else ():
            with suppress(*FAILURES):  # some fit only together with another choice
                yield choice.edit(spec, level)


def asked_year(state: State, year: int | None) -> int:
    """Return the year that is analysed.

    Parameters
    ----------
    state : State
        Figures.
    year : int, optional
        As asked for; the last one by default.

    Returns
    -------
    int
        The year.

    Raises
    ------
    UnknownCodeError
        If there are no figures of it.
    """
    held = list(state.rows.blocks())
    if year is not None and year not in held:
        raise UnknownCodeError(year, map(str, held), "years of the figures")
    return held[-1] if year is None else year


@contextmanager
def shown(progress: bool | Progress | None, total: int) -> Iterator[Callable[[int], None] | None]:
    """Show how far the runs have come.

    Parameters
    ----------
    progress : bool or callable, optional
        A bar or none, what is called instead, or a bar where somebody looks.
    total : int
        Number of runs.

    Yields
    ------
    callable or None
        Called with the number of runs done since the last call, from any thread.
    """
    wanted = sys.stderr.isatty() if progress is None else progress
    if not wanted:
        yield None
        return
    done, lock = 0, Lock()
    if callable(wanted):

        def told(runs: int) -> None:
            nonlocal done
            with lock:
                done += runs
                wanted(done, total)

        yield told
        return
    from click import progressbar

    with progressbar(length=total, file=sys.stderr, width=30, label="Runs") as bar:

        def step(runs: int) -> None:
            with lock:
                bar.update(runs)

        yield step

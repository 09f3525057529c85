"""From ranked runs to the result of a sensitivity analysis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import pandas as pd

from begleitforschung.composite.exposures import Unranked
from begleitforschung.composite.reading import Reading
from begleitforschung.composite.sensitivity_choices import NoisyWeights, Range, ValueErrors
from begleitforschung.composite.sensitivity_parsing import Choice
from begleitforschung.composite.sensitivity_plan import RunPlan
from begleitforschung.composite.sensitivity_runs import Runs
from begleitforschung.composite.sensitivity_words import choice_label
from begleitforschung.composite.state import Floats
from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.provenance import frame_sha256
from begleitforschung.results.sensitivity import (
    SensitivityResult,
    indices_frame,
    variance_shares,
)
from begleitforschung.stats.indices.ranking import competition_ranks
from begleitforschung.stats.indices.runs import RankedRuns, workers
from begleitforschung.stats.indices.smaa import RankStatistics, rank_statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the statistics of an analysis need besides its runs.

    Parameters
    ----------
    seed : int
        Seed.
    top : tuple of int
        Ranks k.
    interval : float
        Probability that intervals enclose.
    n_bootstrap : int
        Bootstrap samples.
    n_jobs : int, optional
        Threads.
    names : mapping of str to str
        Names of units.
    unranked : Unranked
        Units without rank.
    """

    seed: int
    top: tuple[int, ...]
    interval: float
    n_bootstrap: int
    n_jobs: int | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    unranked: Unranked = field(default_factory=Unranked)


def assemble(
    reading: Reading, runs: Runs, ranked: RankedRuns, nominal: Floats, settings: Settings
) -> SensitivityResult:
    """Make the result.

    Parameters
    ----------
    reading : Reading
        Figures and their provenance.
    runs : Runs
        The runs.
    ranked : RankedRuns
        Their ranks.
    nominal : numpy.ndarray, shape (units,)
        Scores of the specification itself.
    settings : Settings
        What is asked for.

    Returns
    -------
    SensitivityResult
        The result.
    """
    plan = runs.plan
    names = tuple(choice.name for choice in plan.choices)
    levels = tuple(len(choice.levels) for choice in plan.choices)
    shares = variance_shares(
        ranked.shift,
        levels=levels if plan.exact else None,
        choices=len(names),
        odds=plan.odds,
        n_bootstrap=settings.n_bootstrap,
        interval=settings.interval,
        seed=settings.seed,
    )
    content = _content(runs, settings)
    return SensitivityResult(
        table=_table(runs, nominal, _statistics(ranked, plan, settings), settings),
        specification=content,
        provenance=reading.provenance.then("sensitivity", **content),
        findings=(
            *runs.spec.findings,
            *reading.state.findings,
            *_remarks(runs),
            *settings.unranked.remarks,
        ),
        choices=names,
        method="exact" if plan.exact else "sampled",
        n=plan.n,
        levels=levels,
        odds=plan.odds,
        ranks=ranked.ranks,
        shift=ranked.shift,
        scores=ranked.scores,
        runs=_runs_frame(plan, ranked.shift),
        failures=_failures(runs.failures),
        indices=indices_frame(names, shares),
        names=settings.names,
        labels={name: choice_label(name, runs.spec) for name in names},
        top=settings.top,
        interval=settings.interval,
        n_bootstrap=settings.n_bootstrap,
        seed=settings.seed,
    )


def _statistics(ranked: RankedRuns, plan: RunPlan, settings: Settings) -> RankStatistics:
    tail = (1 - settings.interval) / 2
    with workers(plan.sample * ranked.ranks.shape[1], settings.n_jobs) as executor:
        return rank_statistics(
            ranked.ranks[: plan.sample],
            probs=(tail, 0.5, 1 - tail),
            top=settings.top,
            weights=plan.odds,
            executor=executor,
        )


def _table(
    runs: Runs, nominal: Floats, statistics: RankStatistics, settings: Settings
) -> pd.DataFrame:
    base = competition_ranks(settings.unranked.without(nominal))
    units = np.array(runs.start.rows.units, dtype=object)[runs.units]
    low, median, high = statistics.quantiles.T
    columns = {
        "unit": pd.Series(units, dtype="str"),
        "year": runs.year,
        "score": nominal,
        "rank": pd.array(np.where(base > 0, base, 0), dtype="Int64"),
        "n": statistics.n,
        "mean": statistics.mean,
        "median": median,
        "low": low,
        "high": high,
    }
    columns |= {f"top_{k}": statistics.top[:, i] for i, k in enumerate(settings.top)}
    frame = pd.DataFrame(columns)
    frame["rank"] = frame["rank"].mask(frame["rank"] == 0)
    return frame


def _runs_frame(plan: RunPlan, shift: Floats) -> pd.DataFrame:
    """Return what each choice was in each run."""
    columns: dict[str, Any] = {}
    for i, choice in enumerate(plan.choices):
        if choice.discrete:
            labels = pd.Index(choice.labels)
            unique = labels if labels.is_unique else pd.Index(map(str, range(len(labels))))
            columns[choice.name] = pd.Categorical.from_codes(plan.levels[:, i], categories=unique)
        elif isinstance(choice.spread, Range):
            points = plan.points[i][:, 0]
            columns[choice.name] = choice.spread.low + points * (
                choice.spread.high - choice.spread.low
            )
        else:
            points = plan.points[i][:, 0]
            columns[choice.name] = np.unique(points, return_inverse=True)[1] + 1
    return pd.DataFrame({**columns, "shift": shift}, index=pd.RangeIndex(1, plan.runs + 1))


def _failures(failures: Mapping[int, str]) -> pd.DataFrame:
    """Return what runs failed of, the most frequent reason first."""
    counts = Counter(failures.values())
    first: dict[str, int] = {}
    for run in sorted(failures):
        first.setdefault(failures[run], run + 1)
    rows = [(reason, n, first[reason]) for reason, n in counts.most_common()]
    return pd.DataFrame(rows, columns=["reason", "n", "run"]).astype({"reason": "str"})


def _remarks(runs: Runs) -> list[Finding]:
    """Say how many runs failed, which year it is, and why combinations were not all run."""
    plan, found = runs.plan, []
    if runs.failures:
        n = len(runs.failures)
        reason = Counter(runs.failures.values()).most_common(1)[0][0]
        text = Text(
            f"{n} von {plan.runs} Läufen sind fehlgeschlagen und ausgelassen; am häufigsten: "
            f"{reason}",
            f"{n} of {plan.runs} runs failed and are left out; most often: {reason}",
        )
        found.append(Finding(rule="sensitivity.failed", severity="warning", text=text, n=n))
    years = list(runs.start.rows.blocks())
    if len(years) > 1:
        text = Text(
            f"Untersucht werden die Ränge des Jahres {runs.year}.",
            f"The ranks analysed are those of the year {runs.year}.",
        )
        found.append(Finding(rule="sensitivity.year", severity="info", text=text))
    if not plan.exact and all(choice.discrete for choice in plan.choices):
        outcomes = prod(len(choice.levels) for choice in plan.choices)
        text = Text(
            f"Stichprobe von {plan.runs} Läufen statt aller {outcomes} Kombinationen.",
            f"A sample of {plan.runs} runs instead of all {outcomes} combinations.",
        )
        found.append(Finding(rule="sensitivity.sampled", severity="info", text=text))
    return found


def _content(runs: Runs, settings: Settings) -> dict[str, Any]:
    return {
        "index": runs.spec.content(),
        "vary": {choice.name: _told(choice) for choice in runs.plan.choices},
        "n": runs.plan.n,
        "year": runs.year,
        "method": "exact" if runs.plan.exact else "sampled",
        "seed": settings.seed,
        "top": list(settings.top),
        "interval": settings.interval,
        "n_bootstrap": settings.n_bootstrap,
        **({"min_exposure": settings.unranked.limits} if settings.unranked.limits else {}),
    }


def _told(choice: Choice) -> Any:
    """Return what a choice varies over as JSON-like content."""
    spread = choice.spread
    if isinstance(spread, Range):
        return {"low": float(spread.low), "high": float(spread.high)}
    if isinstance(spread, NoisyWeights):
        noise = {"spread": spread.spread, "nodes": list(spread.nodes)}
        return {**noise, "concentration": float(spread.concentration)}
    if isinstance(spread, ValueErrors):
        if spread.standard_errors is not None:
            return {"standard_errors": frame_sha256(spread.standard_errors)}
        shares = spread.relative
        return {"relative": dict(shares) if isinstance(shares, Mapping) else shares}
    sets = [dict(level) for level in choice.levels] if choice.kind == "weights" else None
    told: dict[str, Any] = {"alternatives": sets or list(choice.labels)}
    return {**told, **({"odds": list(choice.odds)} if choice.odds else {})}

"""`extrapolate`: totals of the population by ratio estimators per inhabitant (Hochrechnung)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.estimation.arguments import names_of, require_level
from begleitforschung.estimation.domains import Domains, answers_among, everybody, grouped
from begleitforschung.estimation.estimate import estimate
from begleitforschung.estimation.figures import item_sample, single_strata
from begleitforschung.estimation.influence import (
    Amounts,
    influence_of,
    outlier_remarks,
    outliers_of,
    thin_strata,
)
from begleitforschung.estimation.known import Known, known_totals
from begleitforschung.estimation.levels import require_one_population
from begleitforschung.estimation.targets import plan_of
from begleitforschung.provenance import Provenance, grade_of
from begleitforschung.results.extrapolation import Extrapolation, per_noun
from begleitforschung.stats import sampling
from begleitforschung.stats.groups import Floats
from begleitforschung.surveys import STATUSES, Design, Survey
from begleitforschung.surveys.designs import Population
from begleitforschung.surveys.members import OPERATION

How = Literal["separate", "combined"]
NotAsked = Literal["refuse", "zero"]


def extrapolate(
    survey: Survey,
    question: str | Sequence[str],
    *,
    per: str = "einwohner",
    how: How = "separate",
    population: Population | None = None,
    count: str | None = None,
    by: str | Sequence[str] | None = None,
    not_asked: NotAsked = "refuse",
    level: float = 0.95,
    min_n: int = 10,
    tiny: int = 5,
    allow_unprotected: bool = False,
) -> Extrapolation:
    r"""Extrapolate amounts to the population, related to its inhabitants.

    Separate: :math:`\sum_h X_h \sum_h wy / \sum_h wx` over the strata of the design; combined:
    :math:`X \sum wy / \sum wx` (Cochran 1977, Sampling Techniques, sections 6.10-6.11). Strata
    without an answer are in neither; how many inhabitants that concerns is said.

    Parameters
    ----------
    survey : Survey
        A survey with a design.
    question : str or sequence of str
        Numbers; of a battery all rows.
    per : str
        Variable of the frame or number of the survey that amounts are related to.
    how : {"separate", "combined"}
        Within each stratum, which is the more precise the more strata differ but biased where a
        stratum has few answers; or over all strata together.
    population : optional
        Known totals of `per`: a mapping of stratum to total, a table, or `begleitforschung.margins`
        (``count="population"``); the frame of the design if left out.
    count : str, optional
        Column of the population with these totals; `per` if left out.
    by : str or sequence of str, optional
        Variables that the population knows; several are crossed. Strata are then divided by them.
        Totals of groups add up to that of all where each stratum lies in one group (separate).
    not_asked : {"refuse", "zero"}
        What those are whom a filter did not ask: an error, or an amount of 0.
    level : float
        Level of confidence.
    min_n : int
        Totals of fewer cases are not shown.
    tiny : int
        Strata with fewer answers are warned of.
    allow_unprotected : bool
        Whether a confidential result may be shown although nothing is suppressed.

    Returns
    -------
    Extrapolation
        Totals with standard errors, coverage, and the cases that carry them.

    Raises
    ------
    ValidationError
        If totals are unknown, counties and municipalities stand together, a filter left cases out
        and nothing says what that means, or a stratum has one answer and the rule is to fail.
    UnknownCodeError
        If a question, variable or option is unknown.

    Examples
    --------
    With a survey of your own::

        bf.extrapolate(survey, "investitionen", by="groessenklasse").display()
    """
    _known_options(how, not_asked)
    require_level(level)
    design = plan_of(survey)
    _one_population(survey, design)
    names, groups = list(names_of(question, "question")), _listed(by)
    columns = [column for name in names for column in survey.columns_of(name)]
    amounts = [_amounts(survey, design, column, per, not_asked) for column in columns]
    parts = [everybody(survey, None), *([grouped(survey, groups, None)] if groups else [])]
    size = count or per
    known = [known_totals(survey, design, population, size, part.names) for part in parts]
    pairs = list(zip(parts, known, strict=True))
    rows = [_rows(survey, given, *pair, how, level, tiny) for given in amounts for pair in pairs]
    specification = {"question": names, "per": per, "how": how, "by": groups, "level": level}
    specification |= {"not_asked": not_asked, "min_n": min_n, "tiny": tiny}
    used = answers_among(survey, [*columns, per, *groups])
    node = survey.traced(used).then("extrapolate", **specification)
    carrying = [_influence(survey, design, given, known[0], how) for given in amounts]
    strange = [outliers_of(survey, *p) for p in zip(amounts, carrying, strict=True)]
    outliers = pd.concat(strange, ignore_index=True)
    noun = per_noun(per)
    thin = [remark for given in amounts for remark in thin_strata(given, known[0], tiny, noun)]
    return Extrapolation(
        table=pd.DataFrame(list(chain.from_iterable(rows))),
        specification=specification,
        provenance=node,
        findings=(*survey.findings, *thin, *outlier_remarks(outliers)),
        influence=_anonymous(pd.concat(carrying, ignore_index=True), node),
        outliers=_anonymous(outliers, node),
        domains={(p.by, k): t for p in parts for k, t in zip(p.keys, p.labels, strict=True)},
        questions={column: survey.codebook.label(column) for column in columns},
        units={column: survey.codebook.item(column).unit for column in columns},
        sums=estimate(survey, names, by=groups or None, statistic="total", min_n=min_n),
        allow_unprotected=allow_unprotected,
    )


def _known_options(how: How, not_asked: NotAsked) -> None:
    for value, allowed in ((how, get_args(How)), (not_asked, get_args(NotAsked))):
        if value not in allowed:
            raise UnknownCodeError(value, allowed, "options of extrapolate")


def _listed(names: str | Sequence[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def _one_population(survey: Survey, design: Design) -> None:
    members = any(step.operation == OPERATION for node in design.inputs for step in node.steps())
    require_one_population(survey.cases["unit"], members=members, where="the answers")
    if design.frame is not None:
        require_one_population(design.frame["unit"], members=members, where="the frame")


def _amounts(survey: Survey, design: Design, column: str, per: str, not_asked: NotAsked) -> Amounts:
    """Return amounts and inhabitants; who was not asked has none where that is said."""
    item = survey.codebook.item(column)
    if item.cell_kind != "number":
        raise ValidationError(
            f"{column!r} is no number: totals of units are bf.estimate(…, statistic='total')"
        )
    y = survey.scores(column)[:, 0]
    passed = survey.status[column].to_numpy() == STATUSES.index("not_asked")
    if passed.any() and not_asked == "refuse":
        raise ValidationError(
            f"{int(passed.sum())} cases were not asked {column!r}: say what they are, e.g. "
            'not_asked="zero"'
        )
    y = np.where(passed, 0.0, y)
    known = per in design.variables.columns
    x = np.asarray(design.variables[per] if known else survey.scores(per)[:, 0], dtype=np.float64)
    return Amounts(column=column, y=y, x=x, used=~(np.isnan(y) | np.isnan(x)))


def _rows(
    survey: Survey,
    given: Amounts,
    part: Domains,
    known: Known,
    how: How,
    level: float,
    tiny: int,
) -> list[dict[str, Any]]:
    item, design = survey.codebook.item(given.column), plan_of(survey)
    groups = np.array(known.groups, dtype=object)
    found = []
    for at, key in enumerate(part.keys):
        used = given.used & (part.codes == at)
        counts = np.bincount(known.codes[used], minlength=known.totals.size)
        mine = (groups == key) & (known.totals > 0)
        sizes = np.where(mine & (counts > 0), known.totals, 0.0)
        total, covered = float(known.totals[mine].sum()), float(sizes.sum())
        answered = float(given.x[used].sum())
        row: dict[str, Any] = {
            "question": item.id,
            "column": given.column,
            "by": part.by,
            "domain": key,
        }
        row |= _estimated(design, given, used, known, sizes, how, level)
        row |= {"known": total, "covered": covered, "answered": answered}
        row |= {"coverage": answered / total if total else np.nan}
        for name, value in (("per_head", row["estimate"]), ("per_head_se", row["se"])):
            row[name] = value / covered if covered else np.nan
        row |= {"empty": int((mine & (counts == 0)).sum())}
        found.append(row | {"tiny": int((mine & (counts > 0) & (counts < tiny)).sum())})
    return found


def _estimated(
    design: Design,
    given: Amounts,
    used: np.ndarray,
    known: Known,
    sizes: Floats,
    how: How,
    level: float,
) -> dict[str, Any]:
    """Return the total of a domain with its standard error and interval."""
    names = ("estimate", "se", "low", "high", "df")
    if not used.any():
        return dict.fromkeys(names, np.nan) | {"n": 0}
    sample, kept = item_sample(design, ~given.used)
    y = np.where(used, given.y, np.nan)[kept]
    try:
        made = sampling.ratio_total(
            y,
            given.x[kept],
            sizes if how == "separate" else float(sizes.sum()),
            sample,
            classes=known.codes[kept] if how == "separate" else None,
        )
    except sampling.SinglePSUError as error:
        raise single_strata(design, kept, given.column, error) from error
    except ValueError as error:
        raise ValidationError(f"{given.column!r} can't be extrapolated: {error}") from error
    low, high = made.interval(level)
    values = (made.values, made.se, low, high, made.df)
    found = {name: float(value[0]) for name, value in zip(names, values, strict=True)}
    return found | {"n": int(used.sum())}


def _influence(
    survey: Survey, design: Design, given: Amounts, known: Known, how: How
) -> pd.DataFrame:
    sample, kept = item_sample(design, ~given.used)
    weights = np.zeros(len(survey))
    weights[kept] = sample.weights
    return influence_of(survey, given, known, weights, separate=how == "separate")


def _anonymous(table: pd.DataFrame, node: Provenance) -> pd.DataFrame:
    """Leave the municipality out where answers are confidential."""
    return table if grade_of(node) in ("public", "internal") else table.drop(columns="unit")

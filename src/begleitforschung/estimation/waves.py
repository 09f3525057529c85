"""`change`: how answers differ between two waves, with the units that both have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast, get_args

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.estimation.arguments import names_of, require_level
from begleitforschung.estimation.blocks import Block, Statistic, blocks_of, default_statistic
from begleitforschung.estimation.differences import (
    Side,
    compared_pairs,
    compared_waves,
    with_answers,
)
from begleitforschung.estimation.domains import Domains, answers_among, chosen, everybody, grouped
from begleitforschung.estimation.estimate import filtered
from begleitforschung.estimation.linking import (
    Links,
    linked,
    same_designs,
    wave_names,
    wave_texts,
)
from begleitforschung.estimation.significance import (
    ADJUSTMENTS,
    Adjust,
    group_labels,
)
from begleitforschung.estimation.targets import plan_of
from begleitforschung.language import Text
from begleitforschung.results.wave_change import WaveChange, change_table
from begleitforschung.stats.correlation_tests import adjust as adjusted
from begleitforschung.stats.sampling.testing import t_test
from begleitforschung.surveys import Design, Survey
from begleitforschung.surveys.comparability import Difference, require_comparable
from begleitforschung.surveys.sample_design import DesignKind

_AVOIDED = 3  # expected units in common from which on none is no chance: exp(-3) = 5 %
ChangeStatistic = Literal["share", "top2", "bottom2", "mean", "total"]


def change(
    before: Survey,
    after: Survey,
    question: str | Sequence[str],
    by: str | Sequence[str] | None = None,
    statistic: ChangeStatistic | None = None,
    *,
    panel: bool | None = None,
    confirmed: Mapping[str, str] | None = None,
    where: str | None = None,
    waves: Sequence[str] | None = None,
    level: float = 0.95,
    adjust: Adjust = "holm",
    total: bool = True,
    min_n: int = 10,
    allow_unprotected: bool = False,
) -> WaveChange:
    """Estimate how answers changed between two waves of a survey.

    Questions are matched by their identifier and must be the same in both codebooks: wording,
    answers, scores, direction, filter. Units are matched by ``unit``.

    Parameters
    ----------
    before, after : Survey
        The waves, with designs of the same kind and inference.
    question : str or sequence of str
        Items or columns.
    by : str or sequence of str, optional
        Items or variables of the frame that changes are broken down by; several are crossed.
    statistic : {"share", "top2", "bottom2", "mean", "total"}, optional
        As in `begleitforschung.estimate`.
    panel : bool, optional
        Whether the change is that of the units that answered both times (paired difference,
        weighted by the later wave), instead of the difference of the two cross-sections; by default
        so in full populations and invitations, but not for totals.
    confirmed : mapping of str to str, optional
        Reason, by question, why it is comparable although it was changed.
    where : str, optional
        Filter of the cases that count in both waves.
    waves : sequence of str, optional
        Names of the waves; by default those of the codebooks.
    level : float
        Level of confidence.
    adjust : {"holm", "bh", "none"}
        Correction of p over all changes; p exists only with analytic inference.
    total : bool
        Whether all cases together are a row too.
    min_n : int
        Bases with fewer cases are shown as counts, without percent.
    allow_unprotected : bool
        Whether a confidential result may be shown although no cells are suppressed.

    Returns
    -------
    WaveChange
        One row per answer and group.

    Raises
    ------
    UnknownCodeError
        If a question, variable or statistic is unknown.
    ValidationError
        If a question was changed and nobody says why it is comparable, designs do not fit, or
        units with clusters or replicate weights are shared.

    Examples
    --------
    With two waves of your own::

        bf.change(survey_2023, survey_2025, "q1", by="groessenklasse").display()
    """
    require_level(level)
    both, plans = (before, after), same_designs(before, after)
    questions, links = names_of(question, "question"), linked(before, after)
    groups = (by,) if isinstance(by, str) else tuple(by or ())
    used = [*questions, *answers_among(after, [*groups, *filtered(where)])]
    reasons = dict(confirmed or {})
    mended = require_comparable([before.codebook, after.codebook], used, reasons)
    measured = _statistic(after, questions, statistic, adjust)
    paired = _paired(links, measured, plans[1].kind, panel)
    domains = [_domains(s, groups, where, total=total) for s in both]
    rows, blocks, capped = _changes(both, questions, domains, links, measured, paired, level)
    specification: dict[str, Any] = {
        **{"question": list(questions), "by": list(groups), "statistic": measured, "where": where},
        **{"panel": paired, "confirmed": reasons, "level": level, "adjust": adjust},
        **{"min_n": min_n, "waves": list(wave_names(both, waves))},
    }
    told = {**specification, "allow_unprotected": allow_unprotected}
    remarks = (*before.findings, *after.findings, *of_questions(mended, reasons))
    return WaveChange(
        table=_table(rows, adjust, analytic=plans[1].inference == "analytic"),
        specification=specification,
        provenance=after.traced(used).then("change", before.traced(used), **told),
        findings=tuple(dict.fromkeys((*remarks, *_of_links(links, plans, capped, paired)))),
        waves=wave_texts(specification["waves"]),
        questions={column: _question(after, column) for column in blocks},
        categories=_answers(blocks.values()),
        domains=group_labels([part for parts in domains for part in parts]),
        units={column: after.codebook.item(column).unit for column in blocks},
        one_wave=len({(s.codebook.id, s.codebook.instrument.wave) for s in both}) == 1,
        design=plans[1],
        surveys=both,
        allow_unprotected=allow_unprotected,
    )


def _statistic(
    survey: Survey, questions: Sequence[str], statistic: str | None, adjust: str
) -> Statistic:
    """Return what is estimated, if a change of it can be."""
    known = get_args(ChangeStatistic)
    if statistic is not None and statistic not in known:
        raise UnknownCodeError(statistic, known, "statistics of a change")
    if adjust not in ADJUSTMENTS:
        raise UnknownCodeError(adjust, ADJUSTMENTS, "corrections for several tests")
    if statistic is not None:
        return cast("Statistic", statistic)
    return default_statistic([survey.codebook.item(name) for name in questions])


def _paired(links: Links, statistic: str, kind: DesignKind, panel: bool | None) -> bool:
    """Decide whether pairs are compared, and whether they can be."""
    paired = kind != "sample" and statistic != "total" if panel is None else panel
    if paired and statistic == "total":
        raise ValidationError("a total is no figure of pairs: panel=False")
    if paired and not links.first.size:
        raise ValidationError(
            "no unit is a case of both waves (they are matched by 'unit'); panel=False compares "
            "the cross-sections"
        )
    return paired


def _question(survey: Survey, column: str) -> Text:
    """Return the wording of a question; that of an option of a multiple choice is its answer."""
    item = survey.codebook.item(column)
    return item.text.text if item.kind == "multiple" else survey.codebook.label(column)


def _answers(blocks: Iterable[Block]) -> dict[tuple[str, str], Text]:
    """Return the wording of answers by column and code."""
    return {
        (block.column, code): label
        for block in blocks
        for code, label in zip(block.categories, block.labels, strict=True)
    }


def _domains(
    survey: Survey, groups: Sequence[str], where: str | None, *, total: bool
) -> list[Domains]:
    """Return all cases together, where asked for, and the groups."""
    inside = chosen(survey, where)
    found = [everybody(survey, inside)] if total or not groups else []
    return [*found, grouped(survey, groups, inside)] if groups else found


def _changes(
    surveys: tuple[Survey, Survey],
    questions: Sequence[str],
    domains: Sequence[Sequence[Domains]],
    links: Links,
    statistic: Statistic,
    paired: bool,
    level: float,
) -> tuple[list[dict[str, Any]], dict[str, Block], int]:
    """Return the rows of the table, the later values of each column, and how many were capped."""
    rows: list[dict[str, Any]] = []
    blocks: dict[str, Block] = {}
    capped = 0
    for name in questions:
        item = surveys[1].codebook.item(name)
        for pair in _blocks(surveys, name, statistic):
            for parts in zip(*domains, strict=True):
                before, after = (
                    Side(block=block, part=part, design=plan_of(survey))
                    for block, part, survey in zip(pair, parts, surveys, strict=True)
                )
                blocks[after.block.column] = after.block
                for key in dict.fromkeys((*parts[1].keys, *parts[0].keys)):
                    head = {"question": item.id, "column": after.block.column}
                    head |= {"statistic": statistic, "by": parts[1].by, "domain": key}
                    if paired:
                        found = compared_pairs(before, after, links, statistic, key, level)
                    else:
                        found, cut = compared_waves(before, after, links, statistic, key, level)
                        capped += int(cut.sum())
                    rows += [
                        head | {"category": code} | row
                        for code, row in zip(after.block.categories, found, strict=True)
                    ]
    return rows, blocks, capped


def _blocks(
    surveys: tuple[Survey, Survey], name: str, statistic: Statistic
) -> list[tuple[Block, Block]]:
    """Return the values of each column, with the answers that both waves have."""
    before, after = ({b.column: b for b in blocks_of(s, name, statistic)} for s in surveys)
    pairs = []
    for column in (column for column in after if column in before):
        old, new = before[column], after[column]
        both = [code for code in new.categories if code in old.categories]
        pairs.append((with_answers(old, both), with_answers(new, both)))
    if not any(pair[0].categories for pair in pairs):
        raise ValidationError(f"the waves have no answer to {name!r} in common")
    return pairs


def _table(rows: Sequence[dict[str, Any]], adjust: Adjust, *, analytic: bool) -> pd.DataFrame:
    """Return the rows as a table; with analytic inference changes are tested against 0."""
    table = change_table(rows)
    if not analytic:
        return table
    p = [
        t_test("t", value, se, df).p if se > 0 else np.nan
        for value, se, df in zip(table["change"], table["se"], table["df"], strict=True)
    ]
    corrected = p if adjust == "none" else adjusted(p, method=adjust)
    return table.assign(p=p, p_adjusted=corrected)


def of_questions(parts: Sequence[Difference], reasons: Mapping[str, str]) -> list[Finding]:
    """Say which questions were changed, and why they are compared nevertheless.

    Parameters
    ----------
    parts : sequence of Difference
        Differences that were confirmed.
    reasons : mapping of str to str
        Reason by question.

    Returns
    -------
    list of Finding
        One for each difference.
    """
    return [
        Finding(
            rule="waves.confirmed",
            severity="warning",
            text=Text(
                f"{part.text.de}; verglichen, weil: {reasons[part.name]}",
                f"{part.text.get('en')}; compared because: {reasons[part.name]}",
            ),
            column=part.item,
        )
        for part in parts
    ]


def _expected(plans: tuple[Design, Design]) -> float:
    """Return how many units two independent samples of a finite population have in common."""
    size = max(plan.population for plan in plans)
    if not all(plan.finite for plan in plans):
        return 0.0
    common = plans[0].n * plans[1].n / size
    return common if common >= _AVOIDED else 0.0


def _of_links(
    links: Links, plans: tuple[Design, Design], capped: int, paired: bool
) -> list[Finding]:
    """Say what the variance does not know about units in common."""
    moved = 0 if paired else int((~links.alike).sum())
    told = {
        "waves.unit": (
            links.unknown,
            Text(
                "Fälle ohne bekannte Einheit sind nicht mit der anderen Welle verknüpft",
                "cases whose unit is not known are not linked to the other wave",
            ),
        ),
        "waves.strata": (
            moved,
            Text(
                "gemeinsame Einheiten liegen in verschiedenen Schichten; ihre Kovarianz ist nicht "
                "angerechnet, der Fehler eher zu groß",
                "units in common lie in different strata; their covariance is not counted, the "
                "error is rather too large",
            ),
        ),
        "waves.avoided": (
            0 if links.first.size else round(_expected(plans)),
            Text(
                "keine Einheit nahm beide Male teil, obwohl das bei unabhängigen Stichproben für "
                "so viele zu erwarten war; wurden Teilnehmende der ersten Welle gemieden, ist der "
                "Fehler etwas größer als angegeben",
                "no unit took part both times, though of independent samples so many were to be "
                "expected; if those of the first wave were avoided, the error is somewhat larger "
                "than stated",
            ),
        ),
        "waves.capped": (
            capped,
            Text(
                "wenige gemeinsame Einheiten ergaben eine Korrelation über 1; gerechnet ist mit 1",
                "few units in common gave a correlation above 1; 1 was taken",
            ),
        ),
    }
    return [
        Finding(rule=rule, severity="warning", text=text, n=n)
        for rule, (n, text) in told.items()
        if n
    ]

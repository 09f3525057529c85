"""What an R script needs to repeat an estimate."""

from __future__ import annotations

from collections.abc import Sequence

from begleitforschung.estimation.blocks import Block
from begleitforschung.estimation.domains import Domains
from begleitforschung.estimation.figures import item_sample
from begleitforschung.estimation.rows import Request, answers_given
from begleitforschung.results.estimate_r import RInput
from begleitforschung.surveys import Design, Survey


def r_input(
    block: Block,
    blocks: Sequence[Block],
    survey: Survey,
    domains: Sequence[Domains],
    request: Request,
    plan: Design,
) -> RInput:
    """Return what a column was estimated from, for `Estimate.to_r`.

    Parameters
    ----------
    block : Block
        Values of the column.
    blocks : sequence of Block
        Those of all columns of the question.
    survey : Survey
        The survey.
    domains : sequence of Domains
        Breakdowns.
    request : Request
        What is estimated.
    plan : Design
        The survey's design, or equal weights.

    Returns
    -------
    RInput
        Values, sample and groups of the cases that the estimate uses.

    Raises
    ------
    ValueError
        Never for a sound design.
    """
    sample, kept = item_sample(plan, block.asked & ~block.answered)
    answers = answers_given(blocks, survey, request)
    per = answers if answers is not None else request.per
    values = block.values
    if answers is None and request.weighted and per is not None:
        values = values * per[:, None]
    return RInput(
        column=block.column,
        categories=block.categories,
        values=values[kept],
        per=None if per is None else per[kept],
        sample=sample,
        steps=plan.weighting,
        groups=tuple((part.by, part.keys, part.codes[kept]) for part in domains),
    )

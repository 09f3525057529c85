"""What an R script needs to repeat an estimate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from begleitforschung.estimation.blocks import Block
from begleitforschung.estimation.domains import Domains
from begleitforschung.estimation.figures import item_sample
from begleitforschung.estimation.rows import Request, answers_given
from begleitforschung.results.estimate_r import RInput
from begleitforschung.stats import sampling
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
        Values, weights and strata of the cases that the estimate uses.

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
    simple = isinstance(sample, sampling.Design) and sample.stages[0].rows_are_units
    drawn = sample if isinstance(sample, sampling.Design) and simple else None
    stratum = plan.stratum[kept]
    return RInput(
        column=block.column,
        categories=block.categories,
        values=values[kept],
        per=None if per is None else per[kept],
        weights=sample.weights,
        stratum=stratum if drawn is None else drawn.stages[0].stratum,
        population=(
            np.full(stratum.size, np.inf)
            if drawn is None
            else drawn.stages[0].population[drawn.stages[0].stratum]
        ),
        single="fail" if drawn is None else drawn.single,
        groups=tuple((part.by, part.keys, part.codes[kept]) for part in domains),
        writable=drawn is not None and not drawn.residuals and len(drawn.stages) == 1,
    )

"""`trend`: estimates of a question over several waves, with breaks where it was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pandas as pd

from begleitforschung.errors import ValidationError
from begleitforschung.estimation.blocks import Statistic
from begleitforschung.estimation.domains import answers_among
from begleitforschung.estimation.estimate import estimate, filtered
from begleitforschung.estimation.linking import wave_names, wave_texts
from begleitforschung.estimation.waves import of_questions
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.wave_trend import WaveTrend
from begleitforschung.surveys import Survey
from begleitforschung.surveys.comparability import Difference, differences, require_comparable


def trend(
    surveys: Sequence[Survey],
    question: str | Sequence[str],
    by: str | Sequence[str] | None = None,
    statistic: Statistic | None = None,
    *,
    confirmed: Mapping[str, str] | None = None,
    where: str | None = None,
    waves: Sequence[str] | None = None,
    level: float = 0.95,
    total: bool = True,
    min_n: int = 10,
    allow_unprotected: bool = False,
) -> WaveTrend:
    """Estimate a question in several waves.

    Whether a change from one wave to the next is more than chance, `begleitforschung.change` says:
    it knows which units took part in both.

    Parameters
    ----------
    surveys : sequence of Survey
        The waves in their order.
    question : str or sequence of str
        Items or columns, matched as by `begleitforschung.change`.
    by : str or sequence of str, optional
        Items or variables of the frame that estimates are broken down by; several are crossed.
    statistic : str, optional
        As in `begleitforschung.estimate`, but no ratio.
    confirmed : mapping of str to str, optional
        Reason, by question, why it is comparable although it was changed; the line is broken there.
    where : str, optional
        Filter of the cases that count.
    waves : sequence of str, optional
        Names of the waves; by default those of the codebooks.
    level : float
        Level of confidence.
    total : bool
        Whether all cases together are a row too.
    min_n : int
        Bases with fewer cases are shown as counts, without percent.
    allow_unprotected : bool
        Whether a confidential result may be shown although no cells are suppressed.

    Returns
    -------
    WaveTrend
        One row per wave, answer and group.

    Raises
    ------
    UnknownCodeError
        If a question, variable or statistic is unknown.
    ValidationError
        If there are fewer than two waves, or a question was changed and nobody says why it is
        comparable.

    Examples
    --------
    With waves of your own::

        bf.trend([survey_2021, survey_2023, survey_2025], "q1").figure()
    """
    if len(surveys) < 2:
        raise ValidationError("a trend needs two waves or more")
    questions = (question,) if isinstance(question, str) else tuple(question)
    groups = (by,) if isinstance(by, str) else tuple(by or ())
    used = [*questions, *answers_among(surveys[-1], [*groups, *filtered(where)])]
    books = [survey.codebook for survey in surveys]
    mended = require_comparable(books, used, confirmed)
    names = wave_names(surveys, waves)
    made = [
        estimate(
            survey, questions, by, statistic, where=where, level=level, total=total, min_n=min_n
        )
        for survey in surveys
    ]
    reasons = dict(confirmed or {})
    specification = {**made[-1].specification, "waves": list(names), "confirmed": reasons}
    node = made[-1].provenance.then(
        "trend",
        *(part.provenance for part in made[:-1]),
        waves=names,
        confirmed=reasons,
        allow_unprotected=allow_unprotected,
    )
    remarks = of_questions(mended, reasons)
    return WaveTrend(
        table=_table(made, names, _breaks(surveys, used, mended)),
        specification=specification,
        provenance=node,
        findings=tuple(dict.fromkeys((*(f for part in made for f in part.findings), *remarks))),
        waves=wave_texts(names),
        estimates=tuple(made),
        design=surveys[-1].design,
        allow_unprotected=allow_unprotected,
    )


def _breaks(
    surveys: Sequence[Survey], names: Sequence[str], mended: Sequence[Difference]
) -> list[set[str]]:
    """Return, wave by wave, the items that differ from the wave before."""
    items = [surveys[-1].codebook.item(name).id for name in names]
    if not mended:
        return [set() for _ in surveys]
    found: list[set[str]] = [set()]
    for before, after in pairwise(surveys):
        changed = [differences(before.codebook, after.codebook, name) for name in names]
        found.append({item for item, parts in zip(items, changed, strict=True) if parts})
    return found


def _table(
    made: Sequence[Estimate], names: Sequence[str], breaks: Sequence[set[str]]
) -> pd.DataFrame:
    """Return the estimates of all waves one below the other."""
    parts = []
    for part, name, items in zip(made, names, breaks, strict=True):
        table = part.table.copy()
        table.insert(0, "wave", pd.Series(name, index=table.index, dtype="str"))
        parts.append(table.assign(changed=table["question"].isin(items)))
    return pd.concat(parts, ignore_index=True)

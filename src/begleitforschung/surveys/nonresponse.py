"""Item non-response: who was asked, who answered, and why not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.surveys.survey import (
    ESTIMATED,
    NO_ANSWER,
    NOT_ASKED,
    STATUSES,
    Survey,
)

COLUMNS = (
    "item",
    "column",
    "label_de",
    "label_en",
    "n",
    *STATUSES,
    "not_reached",
    "asked",
    "share",
)


def item_nonresponse(survey: Survey) -> pd.DataFrame:
    """Count answers and missings of each column.

    Parameters
    ----------
    survey : Survey
        The survey.

    Returns
    -------
    pandas.DataFrame
        One row per column of the responses: ``item``, ``column``, its label in both languages,
        number of cases ``n``, the number of each status, ``not_reached`` (those among
        ``no_answer`` who broke off on an earlier page, where the page is known), ``asked``
        (``n`` without ``not_asked``) and ``share``, the share of those asked who did not answer:
        (no_answer + dont_know + refused) / asked, missing if nobody was asked.
    """
    rows = []
    status = survey.status.to_numpy(np.int8)
    last_page = survey.cases["last_page"].astype("float64").to_numpy()
    broke_off = ~survey.cases["complete"].to_numpy(bool)
    for at, column in enumerate(survey.responses.columns):
        item, label = survey.codebook.item(column), survey.codebook.label(column)
        counts = np.bincount(status[:, at], minlength=len(STATUSES))
        page = np.nan if item.page is None else item.page
        silent = status[:, at] == NO_ANSWER
        asked = len(survey) - int(counts[NOT_ASKED])
        lost = asked - int(counts[: ESTIMATED + 1].sum())
        rows.append(
            (
                *(item.id, column, label.get("de"), label.get("en"), len(survey)),
                *(int(n) for n in counts),
                int((silent & broke_off & (last_page < page)).sum()),
                asked,
                lost / asked if asked else np.nan,
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))

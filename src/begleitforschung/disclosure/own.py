"""One respondent's own answer in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from begleitforschung.display.numbers import format_date, format_number
from begleitforschung.language import Lang, Text
from begleitforschung.surveys import STATUSES, Item, Survey
from begleitforschung.surveys.codebook import MENTIONED

_MISSING: dict[str, Text] = {
    "not_asked": Text("nicht gefragt", "not asked"),
    "no_answer": Text("keine Antwort", "no answer"),
    "dont_know": Text("weiß nicht", "don't know"),
    "refused": Text("keine Angabe", "refused"),
}
_NOTHING = Text("nichts davon", "none of these")
_ESTIMATED = Text("Schätzwert", "estimated")


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """An answer in words.

    Parameters
    ----------
    text : str
        The words.
    codes : frozenset of (str, str)
        Columns and codes that it chose.
    """

    text: str = field(repr=False)
    codes: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)


def own_answer(
    survey: Survey, item: Item, columns: Sequence[str], case: int, lang: Lang
) -> OwnAnswer:
    """Return what a case answered, in words.

    Parameters
    ----------
    survey : Survey
        The survey.
    item : Item
        The question.
    columns : sequence of str
        Its columns: all of a multiple choice, else one.
    case : int
        Row of the survey.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    OwnAnswer
        The answer; the kind of missing if there is none.
    """
    status = [STATUSES[survey.status[column].iloc[case]] for column in columns]
    if missing := next((s for s in status if s in _MISSING), ""):
        return OwnAnswer(_MISSING[missing].get(lang))
    values = {column: survey.responses[column].iloc[case] for column in columns}
    if item.kind == "multiple":
        options = dict(zip(item.columns, item.answers, strict=True))
        chosen = [column for column, value in values.items() if value == MENTIONED]
        words = ", ".join(options[column].label.text.get(lang) for column in chosen)
        marked = frozenset((column, options[column].code) for column in chosen)
        return OwnAnswer(words or _NOTHING.get(lang), marked)
    (column,) = columns
    value = values[column]
    if item.coded:
        labels = {code.code: code.label.text for code in item.answers}
        text, marked = labels[str(value)].get(lang), frozenset({(column, str(value))})
    elif item.cell_kind == "number":
        whole = 0 if float(value).is_integer() else None
        text, marked = format_number(value, whole, lang, unit=item.unit), frozenset()
    elif item.cell_kind == "date":
        text, marked = format_date(pd.Timestamp(value).date(), lang), frozenset()
    else:
        text, marked = str(value), frozenset()
    if "estimated" in status:
        text = f"{text} ({_ESTIMATED.get(lang)})"
    return OwnAnswer(text, marked)

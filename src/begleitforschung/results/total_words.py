"""What totals are called: a Hochrechnung only where the answers stand for the whole population."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from begleitforschung.language import Lang, Text
from begleitforschung.surveys import Design

_TO_KNOWN = ("poststratify", "rake", "calibrate")
_TOTAL = Text("Hochrechnung", "Estimated total")
_SUMS: dict[tuple[bool, bool], Text] = {
    (True, False): Text("Anzahl der Antworten", "Number of answers"),
    (True, True): Text("Anzahl der Antworten, gewichtet", "Number of answers, weighted"),
    (False, False): Text("Summe der Antworten", "Sum of answers"),
    (False, True): Text("Summe der Antworten, gewichtet", "Sum of answers, weighted"),
}
_NOTE = Text(
    "Summe der Antworten: Wer nicht geantwortet hat, zählt als 0. Eine Hochrechnung auf alle macht "
    "bf.extrapolate.",
    "Sum of answers: who did not answer counts as 0. bf.extrapolate estimates the total of all.",
)


def total_words(design: Design | None, *, coded: bool) -> Text:
    """Return what a total is called.

    Numbers of units with an answer are a Hochrechnung if the size of the population is known. A
    total of amounts is one only where those who answered stand for those who did not.

    Parameters
    ----------
    design : Design, optional
        How the cases came about; without one answers are only counted.
    coded : bool
        Whether units with an answer are counted; else amounts are added up.

    Returns
    -------
    Text
        E.g. "Summe der Antworten, gewichtet".
    """
    if design is None:
        return _SUMS[coded, False]
    known = design.population == design.population or any(
        step.verb in _TO_KNOWN for step in design.weighting
    )
    whole = known if coded else design.stands_for_silent
    return _TOTAL if whole else _SUMS[coded, True]


def totals_words(design: Design | None, categories: Iterable[str]) -> Text:
    """Return what the totals of several rows are called.

    Parameters
    ----------
    design : Design, optional
        How the cases came about.
    categories : iterable of str
        Answer of each row; empty for amounts.

    Returns
    -------
    Text
        One name, or two with a stroke between where amounts and answers stand together.
    """
    names = {total_words(design, coded=coded): None for coded in sorted(map(bool, categories))}
    return Text(" / ".join(n.de for n in names), " / ".join(n.en for n in names))


def total_note(table: pd.DataFrame, design: Design | None, lang: Lang) -> str:
    """Say that amounts of those who did not answer count as nothing.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows with ``statistic`` and ``category``.
    design : Design, optional
        How the cases came about.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        Two sentences; empty where no amount is added up, or somebody stands for who is missing.
    """
    amounts = bool(((table["statistic"] == "total") & (table["category"] == "")).any())
    if not amounts or (design is not None and design.stands_for_silent):
        return ""
    return _NOTE.get(lang)

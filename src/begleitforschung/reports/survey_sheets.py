"""The tables of a Tabellenband as plain values: one for each question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from begleitforschung.display.numbers import MISSING, is_missing
from begleitforschung.display.secrecy import SECRET
from begleitforschung.language import Lang
from begleitforschung.results.estimate_display import part_words
from begleitforschung.results.estimate_notes import statistic_label
from begleitforschung.results.estimate_secrecy import known_bases, withholds_interval
from begleitforschung.results.estimate_words import (
    SHARES,
    interval_text,
    is_secret,
    number_decimals,
    share_decimals,
    share_text,
    unit_text,
)
from begleitforschung.results.variable_words import variable_words

if TYPE_CHECKING:
    from begleitforschung.results.estimate import Estimate

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the way it is printed.

    Parameters
    ----------
    value : float
        The number; shares between 0 and 1.
    decimals : int
        Decimal places, of shares in percent.
    share : bool
        Whether it is a share.
    """

    value: float
    decimals: int
    share: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Answers to one column of a question.

    Parameters
    ----------
    heading : str
        Row of a battery, or rank; empty where the question has one column.
    rows : sequence of (str, sequence)
        Answer and its cells: `Figure`, text, or nothing.
    intervals : sequence of (str, sequence of str)
        The same with intervals.
    bases : sequence of int or str
        Cases with an answer, by domain; a point where they are kept secret.
    """

    heading: str
    rows: Sequence[tuple[str, Sequence[Figure | str]]]
    intervals: Sequence[tuple[str, Sequence[str]]]
    bases: Sequence[int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionTable:
    """One question against the head.

    Parameters
    ----------
    question : str
        Wording.
    statistic : str
        What the figures are, with their unit.
    head : sequence of (str, str)
        Variable and group of each column.
    blocks : sequence of Block
        Answers.
    level : str
        Level of confidence, in percent.
    notes : sequence of str
        Notes.
    source : str
        Source line.
    """

    question: str
    statistic: str
    head: Sequence[tuple[str, str]]
    blocks: Sequence[Block] = field(repr=False)
    level: str
    notes: Sequence[str]
    source: str

    @property
    def n(self) -> int | str:
        """Cases of the first column, at most; a point where some are kept secret."""
        return _most(block.bases[0] for block in self.blocks)

    def sheet(self, number: int) -> str:
        """Return the name of its worksheet.

        Parameters
        ----------
        number : int
            Number of the table.

        Returns
        -------
        str
            E.g. ``T07``.
        """
        return f"T{number:02}"


def question_tables(result: Estimate, lang: Lang) -> list[QuestionTable]:
    """Return a table for each question of a result.

    Parameters
    ----------
    result : Estimate
        What may be shown.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of QuestionTable
        In the order of the questions.

    Raises
    ------
    DisclosureError
        If the result must not be shown.
    """
    return [_table(result.part(name), lang) for name in result.table["question"].unique()]


def _table(part: Estimate, lang: Lang) -> QuestionTable:
    model = part.display(lang)
    places = part.table[["by", "domain"]].drop_duplicates()
    keys: list[Key] = [(str(by), str(key)) for by, key in places.itertuples(index=False, name=None)]
    columns = list(dict.fromkeys(part.table["column"]))
    item = part.survey.codebook.item(columns[0])
    alone = len(columns) == 1
    question = part.questions[columns[0]] if alone else item.text.text
    statistics = list(dict.fromkeys(part.table["statistic"]))
    units = dict.fromkeys(filter(None, (unit_text(part, column, lang) for column in columns)))
    named = " / ".join(statistic_label(part, name, lang) for name in statistics)
    unit = "%" if set(statistics) <= set(SHARES) else ", ".join(units)
    return QuestionTable(
        question=question.get(lang),
        statistic=f"{named} in {unit}" if unit else named,
        head=[(_variable(part, by, lang), part.domains[by, key].get(lang)) for by, key in keys],
        blocks=_blocks(part, columns, keys, lang),
        level=f"{round(100 * part.level, 6):g}",
        notes=model.notes,
        source=model.source,
    )


def _variable(part: Estimate, by: str, lang: Lang) -> str:
    if not by or by not in part.survey.codebook.columns():
        return variable_words(by).get(lang)
    return part.survey.codebook.label(by).get(lang)


def _blocks(part: Estimate, columns: list[str], keys: list[Key], lang: Lang) -> list[Block]:
    """Return one block; options of a multiple choice with one base share it."""
    item = part.survey.codebook.item(columns[0])
    rows = {(r["column"], r["category"], r["by"], r["domain"]): r for r in part.rows()}
    answers = list(dict.fromkeys((column, category) for column, category, *_ in rows))
    groups = [columns] if item.kind == "multiple" else [[column] for column in columns]
    found = []
    for group in groups:
        lines = {one: _answer(part, one, lang) for one in answers if one[0] in group}
        cells = {one: [rows[*one, *key] for key in keys] for one in lines}
        heading = "" if len(columns) == 1 else part_words(item, group[0]).get(lang)
        found.append(
            Block(
                heading=heading,
                rows=[
                    (_answer(part, one, lang), _figures(part, cells[one], lang)) for one in lines
                ],
                intervals=[
                    (_answer(part, one, lang), [_interval(part, row, lang) for row in cells[one]])
                    for one in lines
                ],
                bases=[
                    _most(n for one in lines for n in known_bases([cells[one][at]["n"]]))
                    for at in range(len(keys))
                ],
            )
        )
    return found


def _most(bases: Iterable[int | str | None]) -> int | str:
    """Return the largest base, or a point where one is kept secret."""
    known = list(bases)
    numbers = [n for n in known if isinstance(n, int)]
    return max(numbers) if len(numbers) == len(known) else SECRET


def _answer(part: Estimate, answer: tuple[str, str], lang: Lang) -> str:
    column, category = answer
    label = part.categories[column, category].get(lang)
    return label or statistic_label(part, part.table["statistic"].iloc[0], lang)


def _figures(part: Estimate, rows: Sequence[dict[str, Any]], lang: Lang) -> list[Figure | str]:
    return [_figure(part, row, lang) for row in rows]


def _figure(part: Estimate, row: dict[str, Any], lang: Lang) -> Figure | str:
    if is_secret(row, part.min_n):
        return SECRET
    share, n = row["statistic"] in SHARES, int(row["n"])
    if share and (n < part.min_n or is_missing(row["estimate"])):
        return share_text(row, part.min_n, lang)
    if is_missing(row["estimate"]):
        return MISSING
    decimals = share_decimals(n) if share else number_decimals(row)
    return Figure(float(row["estimate"]), decimals, share)


def _interval(part: Estimate, row: dict[str, Any], lang: Lang) -> str:
    """Return the interval of a row, or a point where it is kept secret."""
    if is_secret(row, part.min_n) or withholds_interval(part, row):
        return SECRET
    return interval_text(row, part.min_n, lang)

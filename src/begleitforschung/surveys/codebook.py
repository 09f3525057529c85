"""The codebook: what was asked, how answers are coded, who may see them, what was promised."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Literal

import pydantic

from begleitforschung.catalogue import Entry, Label
from begleitforschung.errors import UnknownCodeError
from begleitforschung.language import Text
from begleitforschung.provenance import GRADES, Confidentiality
from begleitforschung.surveys.instrument import Instrument

Kind = Literal["single", "multiple", "ranking", "scale", "number", "text", "date", "array"]
CellKind = Literal["single", "scale", "number", "text", "date"]
MissingKind = Literal["not_asked", "no_answer", "dont_know", "refused"]
Role = Literal["identifying", "answer"]
Direction = Literal["ascending", "descending"]

MISSING_KINDS: tuple[MissingKind, ...] = ("not_asked", "no_answer", "dont_know", "refused")
NOT_MENTIONED, MENTIONED = "0", "1"
_CODED = ("single", "scale", "multiple", "ranking")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
Name = Annotated[str, pydantic.Field(pattern=f"^{_NAME.pattern}$")]


class Code(Entry):
    """One answer code.

    Parameters
    ----------
    code : str
        Code as exports write it.
    label : Label
        Wording in German and English.
    missing : {"not_asked", "no_answer", "dont_know", "refused"}, optional
        Kind of missing that the code declares; without it the code is an answer.
    value : float, optional
        Score for means of scales; by default the code itself if it is a number.
    """

    code: str = pydantic.Field(min_length=1)
    label: Label
    missing: MissingKind | None = None
    value: pydantic.FiniteFloat | None = None

    @property
    def score(self) -> float:
        """The score, NaN if there is none or the code is a missing."""
        if self.missing is not None:
            return float("nan")
        if self.value is not None:
            return self.value
        return float(self.code) if re.fullmatch(r"-?\d+([.]\d+)?", self.code) else float("nan")


class Row(Entry):
    """One row of an array (battery).

    Parameters
    ----------
    id : str
        Code of the row; its column is ``<item>_<id>``.
    text : Label
        Wording.
    """

    id: Annotated[str, pydantic.Field(pattern="^[A-Za-z0-9_]+$")]
    text: Label


class MissingRange(Entry):
    """Numbers that stand for a missing, both bounds inclusive, as SPSS declares them.

    Parameters
    ----------
    low, high : float, optional
        Bounds; without one the range is open on that side.
    missing : {"not_asked", "no_answer", "dont_know", "refused"}
        What they stand for.
    """

    low: pydantic.FiniteFloat | None = None
    high: pydantic.FiniteFloat | None = None
    missing: MissingKind = "no_answer"

    @pydantic.model_validator(mode="after")
    def _ordered(self) -> MissingRange:
        if self.low is None and self.high is None:
            raise ValueError("give 'low', 'high' or both")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("'low' is greater than 'high'")
        return self


class Item(Entry):
    """One question.

    Parameters
    ----------
    id : str
        Identifier: a letter, then letters, digits and underscores.
    kind : {"single", "multiple", "ranking", "scale", "number", "text", "date", "array"}
        What an answer is. ``scale`` is a single choice whose codes are ordered; ``array`` is a
        battery of `rows` with the same answers.
    text : Label
        Wording in German and English.
    codes : tuple of Code
        Answers; the options of ``multiple`` and ``ranking``; declared missings of any kind.
    rows : tuple of Row
        Rows of an ``array``.
    cells : {"scale", "single", "number", "text", "date"}
        What the answers of an ``array`` are.
    ranks : int, optional
        Number of ranks of a ``ranking``; by default as many as options.
    missing_ranges : tuple of MissingRange
        Ranges of numbers that stand for a missing.
    untouched : {"missing", "none"}
        What a multiple choice without any mention is: no answer (as the software can't tell it
        from a question passed over), or the answer that none applies.
    filter : str
        Who was asked, e.g. ``q1 == 2 and not q3_4 == 1``; empty means everybody.
    relevance : str
        The filter as the survey software wrote it, where it was not understood.
    direction : {"ascending", "descending"}, optional
        Whether a higher code of a scale means more (ascending) or less (descending).
    unit : str
        Unit of a number, e.g. ``EUR``.
    min, max : float, optional
        Bounds of a number, inclusive.
    integer : bool
        Whether a number is whole.
    estimate : str
        Column of the export whose mark says that the answer is an estimate (Schätzwert).
    page : int, optional
        Page of the questionnaire, for answers that broke off.
    mandatory : bool
        Whether the software demanded an answer.
    role : {"identifying", "answer"}
        Whether the answer tells who answered.
    confidentiality : {"public", "internal", "confidential", "personal"}, optional
        Who may see single answers. Undeclared: ``personal`` for text, else ``confidential``.
    sensitive : bool
        Whether even a group whose members all, or all but one, gave one answer must not be shown.
    column : str
        Heading in the export where it is not the identifier.
    note : str
        What a user should know.
    """

    id: Name
    kind: Kind
    text: Label
    codes: tuple[Code, ...] = ()
    rows: tuple[Row, ...] = ()
    cells: CellKind = "scale"
    ranks: int | None = pydantic.Field(default=None, ge=1)
    missing_ranges: tuple[MissingRange, ...] = ()
    untouched: Literal["missing", "none"] = "missing"
    filter: str = ""
    relevance: str = ""
    direction: Direction | None = None
    unit: str = ""
    min: pydantic.FiniteFloat | None = None
    max: pydantic.FiniteFloat | None = None
    integer: bool = False
    estimate: str = ""
    page: int | None = pydantic.Field(default=None, ge=1)
    mandatory: bool = False
    role: Role = "answer"
    confidentiality: Confidentiality | None = None
    sensitive: bool = False
    column: str = ""
    note: str = ""

    @property
    def grade(self) -> Confidentiality:
        """The declared confidentiality; undeclared is personal for text, else confidential."""
        free = "text" in (self.kind, self.cells if self.kind == "array" else "")
        return self.confidentiality or ("personal" if free else "confidential")

    @property
    def answers(self) -> tuple[Code, ...]:
        """The codes that are answers and no missings."""
        return tuple(code for code in self.codes if code.missing is None)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in `Survey.responses`."""
        if self.kind == "multiple":
            return tuple(f"{self.id}_{plain_code(code.code)}" for code in self.answers)
        if self.kind == "array":
            return tuple(f"{self.id}_{row.id}" for row in self.rows)
        if self.kind == "ranking":
            return tuple(f"{self.id}_{n}" for n in range(1, (self.ranks or len(self.answers)) + 1))
        return (self.id,)

    @property
    def missing_columns(self) -> tuple[str, ...]:
        """Columns of an export for options of a multiple choice that declare a missing."""
        codes = (code.code for code in self.codes if self.kind == "multiple" and code.missing)
        return tuple(f"{self.id}_{plain_code(code)}" for code in codes)

    @property
    def cell_kind(self) -> Kind:
        """What one column of the item holds: `cells` of an array, else `kind`."""
        return self.cells if self.kind == "array" else self.kind

    @property
    def coded(self) -> bool:
        """Whether its columns hold codes (and not numbers, dates or texts)."""
        return self.cell_kind in _CODED


class Codebook(Entry):
    """All questions of a survey.

    Parameters
    ----------
    id : str
        Identifier of the survey.
    title : Label
        Its title.
    instrument : Instrument
        The questionnaire in the field.
    items : tuple of Item
        The questions in their order.
    """

    id: Name
    title: Label
    instrument: Instrument = Instrument()
    items: tuple[Item, ...] = pydantic.Field(min_length=1)

    def item(self, name: str) -> Item:
        """Return the item of an identifier or of one of its columns.

        Parameters
        ----------
        name : str
            Identifier of an item or name of a column.

        Returns
        -------
        Item
            The item.

        Raises
        ------
        UnknownCodeError
            If there is none; near names are suggested.
        """
        if name in self._index:
            return self._index[name]
        known = [item.id for item in self.items]
        raise UnknownCodeError(name, known, f"items of the codebook {self.id!r}")

    @cached_property
    def _index(self) -> dict[str, Item]:
        declared = {name: item for item in self.items for name in item.missing_columns}
        return declared | self.columns() | {item.id: item for item in self.items}

    def columns(self) -> dict[str, Item]:
        """Return the item of every column of the answers.

        Returns
        -------
        dict
            Name of the column to its item, in order.
        """
        return {column: item for item in self.items for column in item.columns}

    def label(self, column: str) -> Text:
        """Return what a column asks: the wording, with row, option or rank.

        Parameters
        ----------
        column : str
            Name of a column or item.

        Returns
        -------
        Text
            German and English.

        Raises
        ------
        UnknownCodeError
            If there is no such column.
        """
        item = self.item(column)
        if column == item.id or len(item.columns) == 1:
            return item.text.text
        at = item.columns.index(column)
        if item.kind == "ranking":
            part = Text(f"Rang {at + 1}", f"Rank {at + 1}")
        else:
            part = (item.rows[at].text if item.kind == "array" else item.answers[at].label).text
        return Text(*(f"{item.text.text.get(lang)} [{part.get(lang)}]" for lang in ("de", "en")))


def highest(grades: list[Confidentiality]) -> Confidentiality:
    """Return the highest of some grades of confidentiality.

    Parameters
    ----------
    grades : list
        Grades.

    Returns
    -------
    {"public", "internal", "confidential", "personal"}
        The highest; ``"public"`` if there is none.
    """
    return max(grades, key=GRADES.index, default="public")


def plain_code(code: str) -> str:
    """Return a code as part of the name of a column.

    Parameters
    ----------
    code : str
        A code, e.g. ``-oth-``.

    Returns
    -------
    str
        Letters, digits and underscores, e.g. ``oth``.

    Examples
    --------
    >>> plain_code("-oth-")
    'oth'
    """
    return re.sub(r"[^A-Za-z0-9_]+", "_", code).strip("_")

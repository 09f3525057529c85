"""Where a figure stands, told without the figure: column, statistic, group."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

import pydantic

from begleitforschung.catalogue import Entry
from begleitforschung.provenance import Source, thaw
from begleitforschung.results.cross_table import CrossTable
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.extrapolation import Extrapolation
from begleitforschung.results.protection import Edition
from begleitforschung.surveys import Survey

BY_HAND = "mask"  # what estimates say of a filter whose cases were given one by one
EXTRAPOLATED, BASE = "extrapolation", "base"  # statistics that no estimate has
_ON_DATA = ("keep", "apply_corrections")  # operations that change answers or cases
_MEDIAN = 0.5
_KEYS = ["column", "statistic", "category", "by", "domain"]


class Position(Entry):
    """Where a figure stands; never what it is.

    Parameters
    ----------
    column : str
        Column of the answers.
    statistic : str
        As in `Estimate.table`; ``extrapolation`` for a total of `begleitforschung.extrapolate`,
        ``base`` for a number of answers that is hidden.
    category : str
        Code; empty for numbers.
    by, domain : str
        Variables of the breakdown and key of the group; empty for all cases.
    where : str
        Filter of the cases; ``mask`` where they were given one by one.
    prob : float, optional
        Probability of a quantile; none for the median.
    denominator, weight_by : str
        Numbers that a ratio is divided by, and that units count with.
    base : {"respondents", "answers"}
        What shares of a multiple choice are shares of.
    """

    column: str
    statistic: str
    category: str = ""
    by: str = ""
    domain: str = ""
    where: str = ""
    prob: float | None = None
    denominator: str = ""
    weight_by: str = ""
    base: Literal["respondents", "answers"] = "respondents"

    @pydantic.model_validator(mode="before")
    @classmethod
    def _of_first_version(cls, content: Any) -> Any:
        """Take the words of ``variant`` apart that files of version 1 have."""
        if not isinstance(content, dict) or not isinstance(content.get("variant"), str):
            return content
        words = [word.partition("=") for word in content["variant"].split(", ") if word]
        told = {name: value for name, _, value in words}
        if content.get("statistic") != "quantile" or told.get("prob") == "0.5":
            told.pop("prob", None)
        return {key: value for key, value in content.items() if key != "variant"} | told

    def __str__(self) -> str:
        """Return the position as messages name it."""
        group = f"{self.by} {self.domain}".strip() or "all cases"
        what = f"{self.statistic} {self.category}".strip()
        return f"{self.column}, {what}, {group}" + (f", where {self.where}" * bool(self.where))

    def of_base(self) -> Position:
        """Return where the number of answers behind the figure stands.

        Returns
        -------
        Position
            The same for all figures on one group.
        """
        return self.model_copy(update={"statistic": BASE, "category": "", "prob": None})


class AxisPosition(Entry):
    """One dimension of a cross table.

    Parameters
    ----------
    name : str
        Variable.
    classes : tuple of str
        Keys of its finest classes.
    levels : tuple of tuple of str
        For each level of groups the group of each class, or group, of the level below.
    """

    name: str
    classes: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...] = ()


class TablePosition(Entry):
    """A cross table as it was published: all its cells, margins included, but those hidden.

    Parameters
    ----------
    kind : {"count", "sum"}
        Whether it counts cases or adds up a number.
    value : str
        The number; empty for counts.
    dimensions : tuple of AxisPosition
        Its dimensions.
    hidden : tuple of tuple of str
        Hidden cells: key of class or group in each dimension, empty for the total.
    """

    kind: Literal["count", "sum"]
    value: str = ""
    dimensions: tuple[AxisPosition, ...] = pydantic.Field(min_length=1)
    hidden: tuple[tuple[str, ...], ...] = ()

    def __str__(self) -> str:
        """Return the table as messages name it."""
        names = " × ".join(axis.name for axis in self.dimensions)
        return f"{self.kind} {self.value}".strip() + f" by {names}"

    def whole(self) -> TablePosition:
        """Return the table without what is hidden in it.

        Returns
        -------
        TablePosition
            Equal for equal tables.
        """
        return self.model_copy(update={"hidden": ()})


class WholePosition(Entry):
    """A test, model, scale or the like that is shown as a whole.

    Parameters
    ----------
    kind : str
        Kind of the result, such as ``Regression``.
    specification : str
        What it was made by, as JSON.
    """

    kind: str
    specification: str

    def __str__(self) -> str:
        """Return the result as messages name it."""
        return f"{self.kind} {self.specification}"


def positions(result: Estimate | Extrapolation) -> list[Position]:
    """Return where the figures of an estimate or extrapolation stand, row by row.

    Parameters
    ----------
    result : Estimate or Extrapolation
        The result.

    Returns
    -------
    list of Position
        One for each row of its table.
    """
    told = result.specification
    table = result.table
    if isinstance(result, Extrapolation):
        table = table.assign(statistic=EXTRAPOLATED, category="")
    variants = {name: str(told.get(name) or "") for name in ("where", "denominator", "weight_by")}
    if told.get("base") == "answers":
        variants["base"] = "answers"
    prob = told.get("prob")
    return [
        Position(
            **dict(zip(_KEYS, row, strict=True)),
            **variants,
            prob=prob if row[1] == "quantile" and prob != _MEDIAN else None,
        )
        for row in table[_KEYS].astype(str).itertuples(index=False, name=None)
    ]


def hidden_bases(result: Estimate | Extrapolation) -> list[Position]:
    """Return where numbers of answers stand that a protected result hides.

    Parameters
    ----------
    result : Estimate or Extrapolation
        Protected.

    Returns
    -------
    list of Position
        One for each group.
    """
    gone = result.table["n"].isna().tolist()
    found = (p.of_base() for p, missing in zip(positions(result), gone, strict=True) if missing)
    return list(dict.fromkeys(found))


def table_position(table: CrossTable) -> TablePosition:
    """Return where the cells of a cross table stand.

    Parameters
    ----------
    table : CrossTable
        The table, protected or not.

    Returns
    -------
    TablePosition
        With the cells that are hidden.
    """
    names = [d.name for d in table.dimensions]
    gone = table.table.loc[table.table["suppressed"] != "", names].astype(str)
    axes = []
    for d in table.dimensions:
        start, levels = d.classes, []
        for level in d.levels:
            levels.append(tuple(d.keys[start + group] for group in level))
            start += max(level) + 1
        axes.append(AxisPosition(name=d.name, classes=d.keys[: d.classes], levels=tuple(levels)))
    return TablePosition(
        kind=table.kind,
        value=str(table.specification.get("value") or ""),
        dimensions=tuple(axes),
        hidden=tuple(gone.itertuples(index=False, name=None)),
    )


def data_fingerprint(survey: Survey) -> str:
    """Return a fingerprint of the answers and cases of a survey that gives no answer away.

    Made of the checksum of the export, which holds times and identifiers too, and of what was
    corrected or left out; a checksum of the answers alone could be tried out.

    Parameters
    ----------
    survey : Survey
        The survey.

    Returns
    -------
    str
        16 hexadecimal digits; equal for the same answers, whatever design they have.
    """
    parts: list[object] = []
    for step in survey.history.steps():
        files = [item.sha256 for item in step.inputs if isinstance(item, Source)]
        if step.operation == "read_survey":
            parts.append(files)
        elif step.operation in _ON_DATA:
            parts.append([step.operation, {key: thaw(value) for key, value in step.parameters}])
    text = json.dumps([survey.codebook.id, parts], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def edition_of(survey: Survey) -> Edition:
    """Say which answers a result of a survey rests on.

    Parameters
    ----------
    survey : Survey
        The survey.

    Returns
    -------
    Edition
        Survey, wave and fingerprint.
    """
    book = survey.codebook
    return Edition(survey=book.id, wave=book.instrument.wave, data=data_fingerprint(survey))

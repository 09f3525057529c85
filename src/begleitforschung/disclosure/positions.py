"""Where a figure stands, told without the figure: column, statistic, group."""

from __future__ import annotations

import hashlib
import json

from begleitforschung.catalogue import Entry
from begleitforschung.provenance import Source, thaw
from begleitforschung.results.estimate import Estimate
from begleitforschung.surveys import Survey

BY_HAND = "mask"  # what estimates say of a filter whose cases were given one by one
_VARIANTS = ("prob", "denominator", "weight_by", "base")
_USUAL = {"prob": 0.5, "base": "respondents"}
_ON_DATA = ("keep", "apply_corrections")  # operations that change answers or cases


class Position(Entry):
    """Where a figure stands; never what it is.

    Parameters
    ----------
    column : str
        Column of the answers.
    statistic : str
        As in `Estimate.table`.
    category : str
        Code; empty for numbers.
    by, domain : str
        Variables of the breakdown and key of the group; empty for all cases.
    where : str
        Filter of the cases; ``mask`` where they were given one by one.
    variant : str
        What else makes it another figure: probability of a quantile, denominator, weights.
    """

    column: str
    statistic: str
    category: str = ""
    by: str = ""
    domain: str = ""
    where: str = ""
    variant: str = ""

    def __str__(self) -> str:
        """Return the position as messages name it."""
        group = f"{self.by} {self.domain}".strip() or "all cases"
        what = f"{self.statistic} {self.category}".strip()
        return f"{self.column}, {what}, {group}" + (f", where {self.where}" * bool(self.where))


def positions(result: Estimate) -> list[Position]:
    """Return where the figures of an estimate stand, row by row.

    Parameters
    ----------
    result : Estimate
        The estimate.

    Returns
    -------
    list of Position
        One for each row of its table.
    """
    told = result.specification
    where = str(told.get("where") or "")
    others = {name: told.get(name) for name in _VARIANTS}
    variant = ", ".join(
        f"{name}={value}"
        for name, value in others.items()
        if value is not None and value != _USUAL.get(name)
    )
    names = ["column", "statistic", "category", "by", "domain"]
    return [
        Position(**dict(zip(names, row, strict=True)), where=where, variant=variant)
        for row in result.table[names].astype(str).itertuples(index=False, name=None)
    ]


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

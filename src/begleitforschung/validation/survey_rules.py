"""Plausibility rules of surveys as data."""

from __future__ import annotations

from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from begleitforschung.catalogue import Entry, read_entry, resource
from begleitforschung.errors import FormulaError
from begleitforschung.surveys import parse_filter
from begleitforschung.validation.rules import RatioRule, RuleEntry, SumOfPartsRule, check_distinct


class BoundsRule(RuleEntry):
    """Numbers break the bounds of the codebook or are not whole where they must be."""

    kind: Literal["bounds"]


class FilterRule(RuleEntry):
    """Somebody answered whom the filter of the codebook does not let through."""

    kind: Literal["filter"]


class MandatoryRule(RuleEntry):
    """A mandatory question has no answer in a questionnaire that was handed in."""

    kind: Literal["mandatory"]


class SpeedersRule(RuleEntry):
    """Handed in within `share_of_median` of the median time of the complete cases, or less.

    Passed over where fewer than `least` complete cases have a time.
    """

    kind: Literal["speeders"]
    share_of_median: float = pydantic.Field(gt=0, lt=1)
    least: int = pydantic.Field(default=20, ge=1)


class StraightLinesRule(RuleEntry):
    """The same answer in all rows of an array, of which at least `rows` were answered."""

    kind: Literal["straight_lines"]
    rows: int = pydantic.Field(default=5, ge=2)


class ImplicationRule(RuleEntry):
    """Whoever meets `when` must meet `then`; both are filters.

    A comparison with a missing answer is false; ``not answered(q1)`` asks for one.
    """

    kind: Literal["implication"]
    when: str
    then: str

    @pydantic.field_validator("when", "then")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            return parse_filter(value).text
        except FormulaError as error:
            raise ValueError(str(error)) from None

    @property
    def named(self) -> tuple[str, ...]:
        """Columns of both filters."""
        found = (*parse_filter(self.when).columns, *parse_filter(self.then).columns)
        return tuple(dict.fromkeys(found))


SurveyRule = Annotated[
    BoundsRule
    | FilterRule
    | MandatoryRule
    | SpeedersRule
    | StraightLinesRule
    | ImplicationRule
    | SumOfPartsRule
    | RatioRule,
    pydantic.Field(discriminator="kind"),
]


class SurveyRuleSet(Entry):
    """A file of rules of a survey.

    Parameters
    ----------
    id : str
        Identifier of the set.
    standard : bool
        Whether the package's standard rules of surveys apply too.
    rules : tuple of SurveyRule
        The rules, with different identifiers. Parts, wholes, numerators and denominators are
        columns of numbers.
    """

    id: str
    standard: bool = True
    rules: tuple[SurveyRule, ...] = ()

    @pydantic.model_validator(mode="after")
    def _different(self) -> SurveyRuleSet:
        check_distinct(self.rules)
        return self


def read_survey_rules(path: Path | Traversable | None = None) -> tuple[SurveyRule, ...]:
    """Read the plausibility rules of a survey.

    Parameters
    ----------
    path : pathlib.Path, optional
        YAML file of a project; without it the standard rules alone are returned.

    Returns
    -------
    tuple of SurveyRule
        The standard rules (unless the file says ``standard: false``), those that the file
        defines anew replaced, followed by the file's further rules.

    Raises
    ------
    CatalogueError
        If keys or values don't fit; all problems with their lines.
    SourceFileError
        If the file can't be read.

    Examples
    --------
    >>> [rule.id for rule in read_survey_rules()][:2]
    ['survey.bounds', 'survey.filter']
    """
    if path is None:
        return _standard()
    own = read_entry(path, SurveyRuleSet)
    base = _standard() if own.standard else ()
    rules = {rule.id: rule for rule in (*base, *own.rules)}
    return tuple(rules.values())


@cache
def _standard() -> tuple[SurveyRule, ...]:
    return read_entry(resource("rules", "survey.yaml"), SurveyRuleSet).rules

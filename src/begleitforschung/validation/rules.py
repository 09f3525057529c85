"""Plausibility rules as data: strict entries of a YAML file, one model per kind of rule."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from begleitforschung.catalogue import Entry, Label, Reference, read_entry, resource
from begleitforschung.errors import Severity
from begleitforschung.regions import Level

Tolerance = Annotated[float, pydantic.Field(ge=0, allow_inf_nan=False)]
Bound = pydantic.FiniteFloat | None
Patterns = tuple[str, ...]


class RuleEntry(Entry):
    """What all rules have.

    Parameters
    ----------
    id : str
        Identifier, unique in a set; a project's rule replaces the standard rule of that id.
    severity : {"error", "warning", "info"}
        How bad it is if the rule is broken.
    text, hint : Label
        What was found and what to do, in German and English.
    reference : Reference, optional
        Where a threshold or list comes from.
    """

    id: str = pydantic.Field(min_length=1)
    severity: Severity
    text: Label
    hint: Label
    reference: Reference | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """Indicators that the rule names one by one: all of them must be in the table."""
        return ()

    @property
    def patterns(self) -> Patterns:
        """Patterns of indicators; each must fit at least one indicator of the table."""
        return ()


class _PatternRule(RuleEntry):
    indicators: Patterns = ("*",)

    @property
    def patterns(self) -> Patterns:
        """Patterns of indicators, ``*`` and ``?`` as in file names."""
        return self.indicators


class RangeRule(_PatternRule):
    """Values lie within bounds, both inclusive.

    Without `min` and `max` the bounds are the indicators' own ``valid_min`` and ``valid_max``.
    """

    kind: Literal["range"]
    min: Bound = None
    max: Bound = None

    @pydantic.model_validator(mode="after")
    def _ordered(self) -> RangeRule:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is greater than max")
        return self


class SumOfPartsRule(RuleEntry):
    """In each unit and year, Σ parts = whole (an indicator) or total (a constant such as 100).

    Broken where |Σ parts − whole| > max(tolerance, relative_tolerance · |whole|). Units and
    years in which a part or the whole has no number are passed over.
    """

    kind: Literal["sum_of_parts"]
    parts: tuple[str, ...] = pydantic.Field(min_length=2)
    whole: str | None = None
    total: Bound = None
    tolerance: Tolerance = 0.0
    relative_tolerance: Tolerance = 0.0

    @pydantic.model_validator(mode="after")
    def _one_whole(self) -> SumOfPartsRule:
        if (self.whole is None) == (self.total is None):
            raise ValueError("give either 'whole' (an indicator) or 'total' (a number)")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The parts and the whole."""
        return (*self.parts, self.whole) if self.whole else self.parts


class SumOfUnitsRule(_PatternRule):
    """The values of smaller units add up to that of the larger unit around them.

    Checked for indicators whose aggregation is ``"sum"``, between all pairs of Land, county and
    municipality (and Germany, Regierungsbezirk) of which the table holds both. With
    ``children: some``, the table may hold only some of the smaller units: broken is only a sum
    *above* the larger unit's value, where no value is negative. With ``children: all`` a sum
    below it is broken too, unless a smaller unit has no number.
    """

    kind: Literal["sum_of_units"]
    children: Literal["some", "all"] = "some"
    tolerance: Tolerance = 0.0
    relative_tolerance: Tolerance = 0.0


class RatioRule(RuleEntry):
    """numerator / denominator lies within bounds; passed over where both are zero."""

    kind: Literal["ratio"]
    numerator: str
    denominator: str
    min: Bound = None
    max: Bound = None

    @pydantic.model_validator(mode="after")
    def _bounded(self) -> RatioRule:
        if self.min is None and self.max is None:
            raise ValueError("give 'min', 'max' or both")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """Numerator and denominator."""
        return (self.numerator, self.denominator)


class JumpRule(_PatternRule):
    """The change against the previous year exceeds all the thresholds that are given.

    `factor` is compared with the larger of the two absolute values divided by the smaller one,
    so that a fall counts like a rise; a change of sign exceeds every factor, and so does a
    change from or to zero unless more than half of the unit's figures are zero. A change above
    `factor_to` is left to a rule of greater weight. `relative` is compared with
    |change| / |previous value|, `absolute` with |change|, `robust_z` with the distance of the
    change from the median change of all units of the same level in that year, see
    `begleitforschung.validation.series.robust_z`; where a level has fewer than 10 changes, the
    other thresholds decide.
    """

    kind: Literal["jump"]
    factor: Annotated[float, pydantic.Field(ge=1, allow_inf_nan=False)] | None = None
    factor_to: Annotated[float, pydantic.Field(gt=1, allow_inf_nan=False)] | None = None
    relative: Tolerance | None = None
    absolute: Tolerance | None = None
    robust_z: Tolerance | None = None

    @pydantic.model_validator(mode="after")
    def _some(self) -> JumpRule:
        limits = (self.factor, self.relative, self.absolute, self.robust_z)
        if all(limit is None for limit in limits):
            raise ValueError("give 'factor', 'relative', 'absolute' or 'robust_z'")
        return self


class MissingYearsRule(_PatternRule):
    """A unit lacks a year between its first and last that other units of its level have.

    A sign of the publisher (secret, not reliable, …) is no gap; a missing row or the status
    ``missing`` is.
    """

    kind: Literal["missing_years"]


class ConstantSeriesRule(_PatternRule):
    """A unit has the same value, other than zero, in at least `years` successive figures."""

    kind: Literal["constant_series"]
    years: int = pydantic.Field(ge=3)


class CoverageRule(_PatternRule):
    """Less than the share `min` of a level's units has a number in an indicator's year.

    Years before the first and after the last one with any number are passed over.
    """

    kind: Literal["coverage"]
    min: float = pydantic.Field(gt=0, le=1)


class UnknownUnitsRule(RuleEntry):
    """A key is malformed, or is not in a list of known units.

    Without `units` and `gazetteer` malformed keys are looked for. `units` lists the known units
    of `level`; ``gazetteer: true`` takes them from the packaged Gemeindeverzeichnis, for tables
    whose territorial state lies between `valid_from` and `valid_to` (dates, inclusive).
    """

    kind: Literal["unknown_units"]
    level: Level | None = None
    units: tuple[str, ...] = ()
    gazetteer: bool = False
    valid_from: str = ""
    valid_to: str = ""

    @pydantic.model_validator(mode="after")
    def _level_of_list(self) -> UnknownUnitsRule:
        if (self.units or self.gazetteer) and self.level is None:
            raise ValueError("a list of units needs the level that it is complete for ('level')")
        if self.gazetteer and not (self.valid_from and self.valid_to):
            raise ValueError("'gazetteer' needs 'valid_from' and 'valid_to'")
        return self


class DuplicatesRule(RuleEntry):
    """Unit, year and indicator (and date) stand in several rows."""

    kind: Literal["duplicates"]


Rule = Annotated[
    RangeRule
    | SumOfPartsRule
    | SumOfUnitsRule
    | RatioRule
    | JumpRule
    | MissingYearsRule
    | ConstantSeriesRule
    | CoverageRule
    | UnknownUnitsRule
    | DuplicatesRule,
    pydantic.Field(discriminator="kind"),
]


class RuleSet(Entry):
    """A file of rules.

    Parameters
    ----------
    id : str
        Identifier of the set.
    standard : bool
        Whether the package's standard rules apply too.
    rules : tuple of Rule
        The rules, with different identifiers.
    """

    id: str
    standard: bool = True
    rules: tuple[Rule, ...] = ()

    @pydantic.model_validator(mode="after")
    def _different(self) -> RuleSet:
        check_distinct(self.rules)
        return self


def read_rules(path: Path | Traversable | None = None) -> tuple[Rule, ...]:
    """Read plausibility rules.

    Parameters
    ----------
    path : pathlib.Path, optional
        YAML file of a project; without it the standard rules alone are returned.

    Returns
    -------
    tuple of Rule
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
    >>> [rule.id for rule in read_rules()][:2]
    ['duplicates', 'malformed_keys']
    """
    if path is None:
        return _standard()
    own = read_entry(path, RuleSet)
    base = _standard() if own.standard else ()
    rules = {rule.id: rule for rule in (*base, *own.rules)}
    return tuple(rules.values())


@cache
def _standard() -> tuple[Rule, ...]:
    return read_entry(resource("rules", "standard.yaml"), RuleSet).rules


def check_distinct(rules: Iterable[RuleEntry]) -> None:
    """Refuse rules that share an identifier.

    Parameters
    ----------
    rules : iterable of RuleEntry
        Rules of one file.

    Raises
    ------
    ValueError
        If an identifier stands twice; names all of them.
    """
    ids = [rule.id for rule in rules]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ValueError(f"rules with the same id: {', '.join(twice)}")

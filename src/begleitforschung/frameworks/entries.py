"""The sheets of a KPI framework, one frozen model per row."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import pydantic

from begleitforschung.catalogue import Entry, split_list
from begleitforschung.frameworks.expressions import is_name

NameStatus = Literal["official", "short_name", "own_translation", "own"]
DefinitionStatus = Literal["published", "paraphrased", "expanded", "own"]
FormulaType = Literal[
    "ratio",
    "ratio_of_ratios",
    "share_change",
    "weighted_mean",
    "count",
    "boolean",
    "vector",
    "direct",
]
FormulaStatus = Literal[
    "quoted",
    "transcribed",
    "transcribed_with_correction",
    "derived_from_definition",
    "no_quotient",
    "own",
    "empty",
]
Polarity = Literal["higher", "lower", "target", "none"]
Sourcing = Literal["official", "derived", "own", "unknown"]
TargetType = Literal["value", "interval", "direction", "constant", "bands"]
Fit = Literal["identical", "exact", "close", "probable", "proxy", "level_mismatch", "none"]
System = Literal["inkar", "wegweiser", "regionalstatistik", "opensdg", "u4ssc", "own"]
Texts = Annotated[tuple[str, ...], pydantic.BeforeValidator(split_list)]
Positive = Annotated[float, pydantic.Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, pydantic.Field(allow_inf_nan=False)]
_YEARS = re.compile(r"[a-z0-9]+:\d{4}(-\d{4})?")
EVALUATED: tuple[FormulaType, ...] = (
    "ratio",
    "ratio_of_ratios",
    "share_change",
    "weighted_mean",
)


class Kpi(Entry):
    """One key performance indicator (sheet ``kpis``).

    Parameters
    ----------
    id : str
        Identifier, unique within the framework.
    code : str
        Code as the publisher writes it.
    name_de, name_en : str
        Names; at least one.
    name_de_status, name_en_status : str, optional
        Whether a name is the publisher's (``official``), a short name of a protected title
        (``short_name``), a translation of ours, or our own.
    dimension : str
        Leaf of the tree of dimensions.
    level : str, optional
        ``core``, ``advanced``, ``supporting``, ``typ1`` or ``typ2``.
    kind : str, optional
        ``smart``, ``structural`` or ``sustainable``.
    ioi_level : str, optional
        Stage of the impact model.
    definition_de, definition_en : str
        What is measured.
    definition_status : str, optional
        ``published`` (the publisher's words), ``paraphrased`` or ``expanded`` (our words, from
        a source's text or from name and unit only), ``own``.
    formula_type : str
        ``direct``: taken as published or supplied; ``count``: an absolute number.
    numerator_expr, denominator_expr : str
        Expressions over declared variables; see `begleitforschung.frameworks.expressions`.
    multiplier : float
        Factor of the quotient, e.g. 100 for per cent.
    unit, unit_ucum : str
        Unit of measure as printed, and its UCUM code.
    decimals : int, optional
        Decimal places in print.
    stock_flow : str, optional
        ``stock`` or ``flow``.
    polarity : {"higher", "lower", "target", "none"}
        Which direction is better.
    polarity_source : str, optional
        Who says so; only ``official`` is scored without an acceptance.
    limit_min, limit_max : float, optional
        Possible values.
    goalpost_min, goalpost_max : float, optional
        Goalposts of a normalisation.
    normalisation : str, optional
        ``minmax``, ``goalpost``, ``log`` or ``target``.
    weight : float, optional
        Weight within the dimension.
    disaggregation : tuple of str
        Parts of a vector KPI, ``;`` between them.
    sum_constraint : float, optional
        What the parts add up to.
    sum_tolerance : float, optional
        By how much they may miss it.
    sdg : tuple of str
        Goals or targets of the 2030 Agenda.
    formula_status : str
        Where the formula comes from.
    original_formula : str
        Formula in the publisher's words.
    source_title, licence, note : str
        Statistical basis, licence where it differs from the framework's, remarks.
    """

    id: str = pydantic.Field(min_length=1)
    code: str = pydantic.Field(min_length=1)
    name_de: str = ""
    name_de_status: NameStatus | None = None
    name_en: str = ""
    name_en_status: NameStatus | None = None
    dimension: str = pydantic.Field(min_length=1)
    level: Literal["core", "advanced", "supporting", "typ1", "typ2"] | None = None
    kind: Literal["smart", "structural", "sustainable"] | None = None
    ioi_level: Literal["input", "process", "output", "outcome", "impact"] | None = None
    definition_de: str = ""
    definition_en: str = ""
    definition_status: DefinitionStatus | None = None
    formula_type: FormulaType
    numerator_expr: str = ""
    denominator_expr: str = ""
    multiplier: Positive = 1.0
    unit: str = ""
    unit_ucum: str = ""
    decimals: int | None = pydantic.Field(default=None, ge=0, le=6)
    stock_flow: Literal["stock", "flow"] | None = None
    polarity: Polarity
    polarity_source: Sourcing | None = None
    limit_min: Finite | None = None
    limit_max: Finite | None = None
    goalpost_min: Finite | None = None
    goalpost_max: Finite | None = None
    normalisation: Literal["minmax", "goalpost", "log", "target"] | None = None
    weight: Finite | None = None
    disaggregation: Texts = ()
    sum_constraint: Finite | None = None
    sum_tolerance: Finite | None = None
    sdg: Texts = ()
    formula_status: FormulaStatus
    original_formula: str = ""
    source_title: str = ""
    licence: str = ""
    note: str = ""

    @property
    def formula(self) -> str:
        """The whole expression that is evaluated; empty where there is none."""
        if not self.numerator_expr:
            return ""
        numerator = self.numerator_expr
        quotient = f"({numerator}) / ({self.denominator_expr})" if self.denominator_expr else ""
        return f"{quotient or f'({numerator})'} * {self.multiplier:.15g}"

    def name(self, lang: Literal["de", "en"] = "de") -> str:
        """Return the name in one language, in the other where there is only that.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        str
            The name.
        """
        return (self.name_de or self.name_en) if lang == "de" else (self.name_en or self.name_de)


class Variable(Entry):
    """One variable that formulas use (sheet ``variables``).

    Parameters
    ----------
    variable : str
        Name in expressions; ASCII letters, digits and ``_``.
    label_de, label_en : str
        What it counts.
    unit : str
        Unit of measure of its values.
    additive : bool, optional
        Whether values of several municipalities may be added up; empty where nobody said.
    source_de : str
        Statistical basis.
    levels : tuple of str
        Territorial levels at which it exists.
    first_year, last_year : int, optional
        Years for which it exists.
    frequency : str
        How often it is collected.
    break_years : tuple of str
        Years with a break in the series.
    note : str
        Remarks.
    """

    variable: str
    label_de: str = pydantic.Field(min_length=1)
    label_en: str = ""
    unit: str = ""
    additive: bool | None = None
    source_de: str = ""
    levels: Texts = ()
    first_year: int | None = None
    last_year: int | None = None
    frequency: str = ""
    break_years: Texts = ()
    note: str = ""

    @pydantic.field_validator("variable")
    @classmethod
    def _name(cls, value: str) -> str:
        if not is_name(value):
            raise ValueError(
                "names of variables are ASCII letters, digits and _, begin with a letter "
                "and are neither 'lag' nor 'sum'"
            )
        return value


class Target(Entry):
    """One target of a KPI (sheet ``targets``).

    Parameters
    ----------
    kpi_id : str
        The KPI.
    scope : str
        ``framework``, ``national`` or the key of a municipality.
    target_type : str
        ``value``, ``interval`` (`value` to `value2`), ``direction``, ``constant`` or ``bands``.
    value, value2 : float, optional
        The target, or the bounds of the interval.
    target_year, base_year : int, optional
        When it is to be reached, and from when on.
    base_value : float, optional
        Value in the base year.
    bands : str
        Classes of the assessment as the source writes them.
    source : str
        Where the target stands.
    source_status : str
        Only ``official`` targets are scored.
    note : str
        Remarks.
    """

    kpi_id: str = pydantic.Field(min_length=1)
    scope: str = "framework"
    target_type: TargetType
    value: Finite | None = None
    value2: Finite | None = None
    target_year: int | None = None
    base_year: int | None = None
    base_value: Finite | None = None
    bands: str = ""
    source: str = ""
    source_status: Sourcing
    note: str = ""


class Mapping(Entry):
    """Where a published value of a KPI stands (sheet ``mappings``).

    Parameters
    ----------
    kpi_id : str
        The KPI.
    system : str
        The publisher's system.
    key : str
        Key there; for INKAR the M_ID. Empty if nothing fits.
    edition : str
        Edition of the system.
    fit : str
        ``identical`` (the KPI is this indicator), ``exact`` (same definition), ``close``,
        ``probable`` (identity likely, not verified), ``proxy`` (something related, taken on
        request only), ``level_mismatch`` (other territorial level, never taken), ``none``.
    scale : float, optional
        Factor from the published value to the KPI; empty: by the units of both.
    unit : str
        Unit of the published values; empty: that of the KPI.
    levels : tuple of str
        Territorial levels published.
    years : tuple of str
        Years published, as ``level:first-last``.
    note : str
        Remarks.
    """

    kpi_id: str = pydantic.Field(min_length=1)
    system: System
    key: str = ""
    edition: str = ""
    fit: Fit
    scale: Positive | None = None
    unit: str = ""
    levels: Texts = ()
    years: Texts = ()
    note: str = ""

    @pydantic.field_validator("years")
    @classmethod
    def _spans(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not _YEARS.fullmatch(item) for item in value):
            raise ValueError("years are written level:2016-2022, e.g. kreis:2016-2022")
        return value


class Dimension(Entry):
    """One node of the tree of dimensions (sheet ``dimensions``).

    Parameters
    ----------
    dimension : str
        Identifier.
    parent : str
        Node above; empty at the top.
    name_de, name_en : str
        Names; at least one.
    weight : float, optional
        Weight among the nodes with the same parent.
    note : str
        Remarks.
    """

    dimension: str = pydantic.Field(min_length=1)
    parent: str = ""
    name_de: str = ""
    name_en: str = ""
    weight: Finite | None = None
    note: str = ""


class Info(Entry):
    """What a framework is and where it comes from (``datapackage.json``, sheet ``framework``).

    Parameters
    ----------
    id, edition : str
        Identifier and edition.
    title_de, title_en : str
        Titles.
    description : str
        What it holds.
    publisher : str
        Who publishes the framework.
    source, source_url : str
        Where it stands.
    licence, licence_url : str
        Licence of the framework's texts, or why none is known.
    attribution : str
        Attribution text that the licence asks for.
    note : str
        What was changed against the source.
    """

    id: str = pydantic.Field(pattern=r"^[a-z][a-z0-9_]*$")
    edition: str = pydantic.Field(min_length=1)
    title_de: str = pydantic.Field(min_length=1)
    title_en: str = ""
    description: str = ""
    publisher: str = pydantic.Field(min_length=1)
    source: str = pydantic.Field(min_length=1)
    source_url: str = ""
    licence: str = pydantic.Field(min_length=1)
    licence_url: str = ""
    attribution: str = ""
    note: str = ""


SHEETS: dict[str, type[Entry]] = {
    "kpis": Kpi,
    "variables": Variable,
    "targets": Target,
    "mappings": Mapping,
    "dimensions": Dimension,
}

"""Where each KPI gets its values from: a published indicator, a formula, or nowhere and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from begleitforschung.errors import Finding
from begleitforschung.frameworks import Expression, Framework, Kpi, Mapping, parse, variables
from begleitforschung.kpis.units import conversion
from begleitforschung.language import Text
from begleitforschung.tables import IndicatorTable

TAKEN = ("identical", "exact", "close")
ON_REQUEST = ("proxy", "probable")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that the table can feed.

    Parameters
    ----------
    numerator : Expression
        What stands above.
    denominator : Expression or None
        What stands below.
    multiplier : float
        Factor of the quotient.
    factors : dict of str to float
        By variable, the factor from the table's unit of measure to the declared one.
    """

    numerator: Expression
    denominator: Expression | None
    multiplier: float
    factors: dict[str, float]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one KPI gets its values from.

    Parameters
    ----------
    kpi : Kpi
        The KPI.
    mapping : Mapping or None
        The mapping whose published indicator is in the table.
    factor : float
        From the table's values to the KPI.
    formula : Formula or None
        The formula, where all its variables are in the table.
    reason : str
        Why there is neither; empty otherwise.
    absent : tuple of str
        Variables that the table lacks.
    findings : tuple of Finding
        Remarks.
    """

    kpi: Kpi
    mapping: Mapping | None = None
    factor: float = 1.0
    formula: Formula | None = None
    reason: str = ""
    absent: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def find_origin(
    kpi: Kpi,
    framework: Framework,
    table: IndicatorTable,
    *,
    system: str | None,
    proxies: Collection[str],
) -> Origin:
    """Find where a KPI gets its values from.

    Parameters
    ----------
    kpi : Kpi
        The KPI.
    framework : Framework
        Its framework.
    table : IndicatorTable
        The figures at hand.
    system : str or None
        System of the mapping.
    proxies : collection of str
        Ids of KPIs for which something related may be taken.

    Returns
    -------
    Origin
        The first mapping in the framework's order whose key the table holds, the formula if
        the table holds all its variables, or the reason why there is neither.
    """
    candidates = framework.mappings_of(kpi.id, system) if system else ()
    allowed = TAKEN + (ON_REQUEST if kpi.id in proxies else ())
    findings: list[Finding] = []
    chosen: Mapping | None = None
    factor, mismatch = 1.0, False
    for mapping in candidates:
        if mapping.fit not in allowed or mapping.key not in table.indicators:
            continue
        measured = table.indicators[mapping.key].unit_of_measure
        found = published_factor(measured, mapping, kpi)
        if found is None:
            mismatch = True
            findings.append(_mismatch(kpi.code, mapping.key, measured, mapping.unit or kpi.unit))
            continue
        chosen, factor = mapping, found
        if not measured:
            findings.append(_assumed(kpi.code, mapping.key, mapping.unit or kpi.unit))
        break
    formula, absent, refused = _formula(kpi, framework, table)
    findings += refused
    reason = ""
    if chosen is None and formula is None:
        mismatch = mismatch or bool(refused)
        reason = "unit_mismatch" if mismatch else _why_not(candidates, allowed, kpi)
    return Origin(kpi, chosen, factor, formula, reason, absent, tuple(findings))


def published_factor(measured: str, mapping: Mapping, kpi: Kpi) -> float | None:
    """Return the factor from a published value to the KPI.

    Parameters
    ----------
    measured : str
        Unit of measure of the table; empty where unknown, then that of the mapping is assumed.
    mapping : Mapping
        The mapping.
    kpi : Kpi
        The KPI.

    Returns
    -------
    float or None
        The factor; ``None`` where the units don't fit.
    """
    stated = mapping.unit or kpi.unit
    step = mapping.scale if mapping.scale is not None else conversion(stated, kpi.unit)
    base = conversion(measured, stated) if measured else 1.0
    if base is None:
        return conversion(measured, kpi.unit)
    return None if step is None else float(f"{base * step:.12g}")


def _formula(
    kpi: Kpi, framework: Framework, table: IndicatorTable
) -> tuple[Formula | None, tuple[str, ...], list[Finding]]:
    """Return the formula if it can be fed, the variables that the table lacks, and remarks."""
    if not kpi.numerator_expr:
        return None, (), []
    above = parse(kpi.numerator_expr)
    below = parse(kpi.denominator_expr) if kpi.denominator_expr else None
    names = tuple(dict.fromkeys(variables(above) + (variables(below) if below else ())))
    absent = tuple(name for name in names if name not in table.indicators)
    if absent:
        return None, absent, []
    declared = {item.variable: item.unit for item in framework.variables}
    factors, refused = {}, []
    for name in names:
        measured, wanted = table.indicators[name].unit_of_measure, declared[name]
        factor = conversion(measured, wanted) if measured and wanted else 1.0
        if factor is None:
            refused.append(_mismatch(kpi.code, name, measured, wanted))
        else:
            factors[name] = factor
    if refused:
        return None, (), refused
    return Formula(above, below, kpi.multiplier, factors), (), []


def _why_not(candidates: tuple[Mapping, ...], allowed: tuple[str, ...], kpi: Kpi) -> str:
    fits = {mapping.fit for mapping in candidates}
    if kpi.numerator_expr:
        return "variable_missing"
    if fits & set(allowed):
        return "published_missing"
    if fits & set(ON_REQUEST):
        return "proxy_not_asked"
    return "level_mismatch" if "level_mismatch" in fits else "no_mapping"


def _mismatch(code: str, indicator: str, measured: str, wanted: str) -> Finding:
    return Finding(
        rule="kpis.unit_mismatch",
        severity="warning",
        text=Text(
            f"{code}: '{measured}' lässt sich nicht in '{wanted}' umrechnen; nicht verwendet",
            f"{code}: '{measured}' can't be converted into '{wanted}'; not used",
        ),
        hint=Text(
            "Die Einheit des Indikators berichtigen (table.describe oder Sidecar).",
            "Correct the unit of measure of the indicator (table.describe or the sidecar).",
        ),
        column=indicator,
    )


def _assumed(code: str, indicator: str, unit: str) -> Finding:
    return Finding(
        rule="kpis.unit_assumed",
        severity="warning",
        text=Text(
            f"{code}: Tabelle nennt keine Einheit; angenommen: '{unit}'",
            f"{code}: the table states no unit; assumed: '{unit}'",
        ),
        hint=Text(
            "Die Einheit im Sidecar oder mit table.describe angeben.",
            "State the unit of measure in the sidecar or with table.describe.",
        ),
        column=indicator,
    )

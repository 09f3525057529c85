"""Variants of an index side by side, and what a unit would gain by other values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from begleitforschung.composite.chain import run_steps
from begleitforschung.composite.composing import composed, rows_needed
from begleitforschung.composite.exposures import refuse_small
from begleitforschung.composite.reading import Data, Groups, Reading, read_figures
from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.frameworks.framework import Framework
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.results.analysis_base import analysis_of
from begleitforschung.results.analysis_variants import (
    VariantComparison,
    agreement_table,
    variant_table,
)
from begleitforschung.results.composite import CompositeResult

Cells = Mapping[tuple[str, str], float]
AS_IS, WHAT_IF = "wie erhoben", "was wäre, wenn"


def compare_variants(
    variants: Mapping[str, CompositeResult], *, node: str | None = None, year: int | None = None
) -> VariantComparison:
    """Compare scores and ranks of two or several variants of an index.

    Parameters
    ----------
    variants : mapping of str to CompositeResult
        Variants by name; changes are measured from the first.
    node : str, optional
        Node that all of them have; the index of each by default.
    year : int, optional
        Year; the last one of the first variant by default.

    Returns
    -------
    VariantComparison
        Scores and ranks of each unit in each variant, and how far the variants agree.

    Raises
    ------
    ValidationError
        If there are fewer than two variants, or they are no results by name.
    UnknownCodeError
        If a variant has no such node or year.

    Examples
    --------
    ``compare_variants({"arithmetisch": a, "geometrisch": b}).agreement``
    """
    given: object = variants
    results = list(given.values()) if isinstance(given, Mapping) else []
    if len(results) < 2 or not all(isinstance(item, CompositeResult) for item in results):
        raise ValidationError(
            "a comparison needs two variants or more, each with its name: {name: result, …}"
        )
    first, *others = variants.values()
    when = first.years[-1] if year is None else year
    for result in variants.values():
        if when not in result.years:
            raise UnknownCodeError(when, map(str, result.years), "years of the index")
        if node is not None and node not in result.spec.tree.nodes:
            raise UnknownCodeError(node, result.spec.tree.nodes, "nodes of the index")
    table = variant_table(variants, node, when)
    told = analysis_of(first, "compare_variants", node=node, year=when, variants=list(variants))
    told["provenance"] = first.provenance.then(
        "compare_variants", *(result.provenance for result in others), node=node, year=when
    )
    return VariantComparison(
        table=table,
        agreement=agreement_table(table, tuple(variants)),
        variants=tuple(variants),
        year=when,
        **told,
    )


def what_if(
    data: Data,
    spec: IndexSpec | Framework,
    values: Cells,
    *,
    year: int | None = None,
    denominators: Any = None,
    groups: Groups | None = None,
    names: Mapping[str, str] | None = None,
    exposure: str | None = None,
    min_exposure: float | None = None,
) -> VariantComparison:
    """Return what scores and ranks would be if some raw values were others.

    Parameters
    ----------
    data : IndicatorTable, KpiResult or pandas.DataFrame
        Figures, as for `compose`.
    spec : IndexSpec or Framework
        The specification.
    values : mapping of (str, str) to float
        Supposed raw value by unit and indicator, on the scale of the data.
    year : int, optional
        Year of the supposition; needed where there are several.
    denominators, groups, names, exposure, min_exposure
        As for `compose`.

    Returns
    -------
    VariantComparison
        The index as it is and as it would be; a finding names each supposed value.

    Raises
    ------
    UnknownCodeError
        If there is no such unit, indicator or year.
    ValidationError
        If nothing is supposed or what is supposed is no number, or the year is not clear.

    Examples
    --------
    ``what_if(figures, spec, {("08421", "breitband"): 95.0}).of_unit("08421")``
    """
    if not values:
        raise ValidationError("what if what? Give values={(unit, indicator): value}")
    spec = IndexSpec.of(spec)
    reading = read_figures(data, spec, year=year, denominators=denominators, groups=groups)
    years = list(reading.state.rows.blocks())
    if year is None and len(years) > 1:
        held = ", ".join(map(str, years))
        raise ValidationError(f"there are several years ({held}); say which: year=…")
    when = years[0] if year is None else year
    if when not in years:
        raise UnknownCodeError(when, map(str, years), "years of the figures")
    both = {}
    for name, each in ((AS_IS, reading), (WHAT_IF, _supposed(reading, values, when))):
        state = rows_needed(each.state, spec, (when,))
        both[name] = refuse_small(
            composed(each, state, run_steps(state, spec), spec, years=(when,), names=names),
            data,
            exposure=exposure,
            min_exposure=min_exposure,
            year=year,
            denominators=denominators,
        )
    found = compare_variants(both, year=when)
    return replace(found, findings=tuple(_remarks(reading, values, when)))


def _supposed(reading: Reading, values: Cells, year: int) -> Reading:
    """Return the figures with some raw values replaced."""
    state = reading.state
    x = state.x.copy()
    cells: Mapping[tuple[str, str], Any] = values
    for (unit, indicator), value in cells.items():
        if not isinstance(value, int | float | np.number) or np.isinf(value):
            raise ValidationError(
                f"supposed value of '{indicator}' for {unit}: a number, or NaN for a missing one"
            )
        x[_place(reading, unit, indicator, year)] = value
    supposed = {f"{unit}/{indicator}/{year}": v for (unit, indicator), v in values.items()}
    provenance = reading.provenance.then("what_if", **supposed)
    return replace(reading, state=state.to(x=x), provenance=provenance)


def _place(reading: Reading, unit: str, indicator: str, year: int) -> tuple[int, int]:
    rows, indicators = reading.state.rows, reading.state.indicators
    if unit not in rows.units:
        raise UnknownCodeError(unit, rows.units, "units of the figures")
    if indicator not in indicators:
        raise UnknownCodeError(indicator, indicators, "indicators of the index")
    found = np.flatnonzero((rows.unit == rows.units.index(unit)) & (rows.year == year))
    if not len(found):
        raise UnknownCodeError(f"{unit} / {year}", (), "units and years of the figures")
    return int(found[0]), indicators.index(indicator)


def _remarks(reading: Reading, values: Cells, year: int) -> list[Finding]:
    found = []
    for (unit, indicator), value in values.items():
        before = reading.state.x[_place(reading, unit, indicator, year)]
        found.append(
            Finding(
                rule="index.what_if",
                severity="info",
                text=Text(
                    f"angenommen statt erhoben: {value:g} statt {before:g}",
                    f"supposed, not measured: {value:g} instead of {before:g}",
                ),
                key=f"{unit} / {year}",
                column=indicator,
            )
        )
    return found

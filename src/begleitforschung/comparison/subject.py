"""What can be compared: figures of a table, a DataFrame or KPI values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from begleitforschung.catalogue import Label
from begleitforschung.errors import ComparisonError
from begleitforschung.provenance import Confidentiality
from begleitforschung.results.base import Result
from begleitforschung.results.kpi import KpiResult
from begleitforschung.tables import Indicator, IndicatorTable, as_table, assemble

_COLUMNS = ["unit", "year", "indicator", "value", "status", "file", "row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Figures to be compared, and who may see them.

    Parameters
    ----------
    table : IndicatorTable
        The figures, and those that may weight them.
    ids : tuple of str
        Indicators that are compared by default.
    names : mapping of str to str
        Other names of indicators, such as the codes of KPIs.
    confidentiality : {"public", "internal", "confidential", "personal"}
        Who may see them.
    protected : bool
        Whether cells that must not be shown are suppressed already.
    """

    table: IndicatorTable
    ids: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    confidentiality: Confidentiality = "public"
    protected: bool = False


def subject_of(result: IndicatorTable | pd.DataFrame | Result) -> Subject:
    """Return the figures of what was given.

    Parameters
    ----------
    result : IndicatorTable, pandas.DataFrame or KpiResult
        A table, a DataFrame that makes one, or KPI values.

    Returns
    -------
    Subject
        The figures. KPIs taken as published keep the rule, weight and exposure of the published
        indicator; the figures that they were made from are at hand as weights.

    Raises
    ------
    ComparisonError
        If it holds no figures of units, or no KPI has a value.
    ValidationError
        If a DataFrame is no table of figures.
    """
    if isinstance(result, IndicatorTable | pd.DataFrame):
        table = as_table(result)
        return Subject(table=table, ids=tuple(table.indicators))
    if isinstance(result, KpiResult):
        return _of_kpis(result)
    raise ComparisonError(
        "compare() takes figures of units (a table, KPI values or a DataFrame), not "
        f"{type(result).__name__}"
    )


def _of_kpis(result: KpiResult) -> Subject:
    kpis = [result.framework[code] for code in result.fed]
    if not kpis:
        raise ComparisonError("no KPI has a value; see the reasons in result.coverage")
    ids = [kpi.id for kpi in kpis]
    values = result.table.rename(columns={"kpi": "indicator"})
    values = values[values["indicator"].isin(ids)][_COLUMNS]
    helpers = result.inputs.data[~result.inputs.data["indicator"].isin(ids)][_COLUMNS]
    kept = helpers[helpers["year"].isin(values["year"].unique())]
    rows = pd.concat([_plain(values), _plain(kept)], ignore_index=True)
    table = assemble(
        rows,
        indicators=[*result.inputs.indicators.values(), *(_meaning(result, i) for i in ids)],
        gebietsstand=result.gebietsstand,
        provenance=result.provenance,
        findings=result.findings,
    )
    return Subject(
        table=table,
        ids=tuple(ids),
        names={kpi.code: kpi.id for kpi in kpis},
        confidentiality=result.confidentiality,
        protected=result.protected,
    )


def _plain(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.astype({"unit": "str", "indicator": "str", "status": "str", "file": "object"})


def _meaning(result: KpiResult, name: str) -> Indicator:
    kpi = result.framework[name]
    recipe = result.recipes.get(name, ())
    given = result.inputs.indicators.get(recipe[0][0]) if len(recipe) == 1 else None
    fed = result.coverage.set_index("kpi").to_dict("index")[name]
    taken = given is not None and fed["origin"] != "formula"
    base = given if given is not None and taken else Indicator(id=name, title=Label(de=name))
    # A value in thousands with two decimals has none as a whole number.
    decimals = max(0, base.decimals - round(math.log10(fed["factor"]))) if taken else 1
    return base.model_copy(
        update={
            "id": name,
            "title": Label(de=kpi.name("de"), en=kpi.name("en")),
            "unit_of_measure": kpi.unit,
            "direction": kpi.polarity if kpi.polarity_source == "official" else "unknown",
            "decimals": decimals if kpi.decimals is None else kpi.decimals,
        }
    )

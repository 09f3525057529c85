"""KPI values of a few units, made from two files, for the tests of results."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from begleitforschung.frameworks import Dimension, Framework, Info, Kpi, Variable
from begleitforschung.kpis import compute_kpis
from begleitforschung.provenance import Provenance, Source
from begleitforschung.results.kpi import KpiResult
from begleitforschung.tables import Indicator, assemble

UNITS = ["08421", "09761", "01001", "01002", "14612"]
YEARS = [2019, 2020, 2021]
# Cars of each county and year; the rate is made of them and of 1,000 people everywhere.
CARS = {
    "08421": [500.0, 510.0, 520.0],
    "09761": [400.0, 400.0, 460.0],
    "01001": [300.0, None, 330.0],
    "01002": [200.0, 250.0, 260.0],
    "14612": [None, None, None],
}
KPIS: list[dict[str, Any]] = [
    {"id": "X-1", "code": "1", "name_de": "Pkw-Dichte", "name_en": "Car density", "unit": "%",
     "formula_type": "ratio", "numerator_expr": "cars", "denominator_expr": "people",
     "multiplier": "100", "decimals": 2},
    {"id": "X-2", "code": "2", "name_de": "Zuwachs", "name_en": "Growth", "unit": "%",
     "formula_type": "share_change", "numerator_expr": "cars - lag(cars, 1)",
     "denominator_expr": "people", "multiplier": "100"},
    {"id": "X-3", "code": "3", "name_de": "Bäume", "name_en": "Trees", "unit": "je Einwohner",
     "formula_type": "ratio", "numerator_expr": "trees", "denominator_expr": "people"},
]  # fmt: skip


def framework() -> Framework:
    same = {"dimension": "d", "polarity": "none", "formula_status": "own", "name_de_status": "own"}
    return Framework(
        info=Info(
            id="x",
            edition="1",
            title_de="Probe",
            title_en="Trial",
            publisher="P",
            source="S",
            licence="L",
        ),
        kpis=tuple(Kpi.model_validate(same | kpi) for kpi in KPIS),
        variables=tuple(Variable(variable=v, label_de=v) for v in ("cars", "people", "trees")),
        dimensions=(Dimension(dimension="d", name_de="D"),),
    )


@pytest.fixture(scope="session")
def kpis() -> KpiResult:
    """Two KPIs of five counties and their Land, and one that nothing feeds."""
    cars = [(u, y, "cars", v) for u, row in CARS.items() for y, v in zip(YEARS, row, strict=True)]
    cars += [("08", y, "cars", 9000.0) for y in YEARS]
    people = [(u, y, "people", 1000.0) for u in [*UNITS, "08"] for y in YEARS]
    frame = pd.DataFrame([*cars, *people], columns=["unit", "year", "indicator", "value"])
    files = frame["indicator"].map({"cars": "kba.csv", "people": "destatis.csv"})
    frame = frame.assign(file=files, row=range(2, len(frame) + 2))
    frame["value"] = frame["value"].astype(float)
    sources = [
        Source(publisher=name, title="Tabelle", edition="2022", file=file)
        for name, file in (("KBA", "kba.csv"), ("Destatis", "destatis.csv"), ("BBSR", "inkar.csv"))
    ]
    table = assemble(
        frame,
        indicators=[Indicator(id=name, title={"de": name}) for name in ("cars", "people")],
        gebietsstand="2021-12-31",
        provenance=Provenance.of("read_indicators", *sources),
    )
    return compute_kpis(table, framework(), mapping=None)

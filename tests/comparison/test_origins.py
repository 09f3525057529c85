"""Traces of compared KPI values: what stands in the raw file, beside what was made of it."""

from __future__ import annotations

import pandas as pd

from begleitforschung.catalogue import Label
from begleitforschung.comparison import compare
from begleitforschung.frameworks import load_framework
from begleitforschung.kpis import compute_kpis
from begleitforschung.tables import Indicator, indicators

POP = Indicator(id="pop", title=Label(de="Bevölkerung"), aggregation="sum")
GDP = Indicator(
    id="14205", title=Label(de="BIP"), unit_of_measure="1.000 € je Einwohner",
    aggregation="mean", weight="pop",
)  # fmt: skip


def test_a_scaled_kpi_is_traced_to_what_stands_in_its_file():
    rows = [("01001", "14205", 43.26), ("01002", "14205", 51.1), ("01001", "pop", 90.0),
            ("01002", "pop", 240.0)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["unit", "indicator", "value"])
    frame = frame.assign(year=2021, file="bip.csv", row=range(2, 6))
    table = indicators(frame, indicators=[POP, GDP], gebietsstand="2021-12-31")
    result = compute_kpis(table, load_framework("sdg_kommunen"))
    trace = compare(result, by={"01001": "A", "01002": "A"}, indicators="16018").trace()
    values = trace[trace["role"] == "value"].set_index("unit")
    assert values["source_indicator"].tolist() == ["14205", "14205"]
    assert values["source_value"].to_dict() == {"01001": 43.26, "01002": 51.1}
    assert (values["value"] == values["factor"] * values["source_value"]).all()
    assert set(values["factor"]) == {1000}
    given = frame.set_index("row")
    for item in trace.itertuples():
        raw = given.loc[item.row]
        assert (raw["unit"], raw["indicator"], raw["value"], raw["file"]) == (
            item.unit, item.source_indicator, item.source_value, item.file,
        )  # fmt: skip
    weights = trace[trace["role"] == "weight"]
    assert weights["value"].tolist() == [90.0, 240.0]
    assert set(weights["factor"]) == {1.0}

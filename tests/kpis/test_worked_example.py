"""The worked example in YAML, calculated by hand, against the computed values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from begleitforschung.frameworks import Dimension, Framework, Info, Kpi, Mapping, Variable
from begleitforschung.kpis import compute_kpis
from begleitforschung.results.kpi import KpiResult
from begleitforschung.tables import IndicatorTable, indicators

EXAMPLE = Path(__file__).parent / "worked_example" / "gerechnet.yaml"


def example() -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(EXAMPLE.read_text("utf-8"), Loader=yaml.BaseLoader)
    return content


def framework(given: dict[str, Any], *mappings: Mapping) -> Framework:
    same = {"dimension": "d", "polarity": "none", "formula_status": "own", "name_de_status": "own"}
    return Framework(
        info=Info(id="beispiel", edition="1", title_de="B", publisher="P", source="S", licence="L"),
        kpis=tuple(Kpi.model_validate(row | same) for row in given["kpis"]),
        variables=tuple(Variable(variable=v, label_de=v) for v in given["variables"]),
        dimensions=(Dimension(dimension="d", name_de="D"),),
        mappings=mappings,
    )


def table(given: dict[str, Any], published: dict[str, Any] | None = None) -> IndicatorTable:
    rows = []
    for unit, variables in given["inputs"].items():
        for name, values in variables.items():
            rows += [(unit, y, name, v) for y, v in zip(given["years"], values, strict=True)]
    for unit, values in (published or {}).items():
        key = given["check"]["key"]
        rows += [(unit, y, key, v) for y, v in zip(given["years"], values, strict=True)]
    frame = pd.DataFrame(rows, columns=["unit", "year", "indicator", "text"])
    frame = frame[frame["text"] != "~"].reset_index(drop=True)
    secret = frame["text"] == "."
    frame["value"] = pd.to_numeric(frame["text"].where(~secret))
    frame["status"] = np.where(secret, "unknown", "normal")
    frame["file"], frame["row"] = "gerechnet.csv", np.arange(2, len(frame) + 2)
    return indicators(frame.drop(columns="text"))


@pytest.fixture(scope="module")
def result() -> KpiResult:
    return compute_kpis(table(example()), framework(example()["framework"]), mapping=None)


@pytest.mark.parametrize(
    "row", example()["expected"], ids=lambda r: f"{r['kpi']}-{r['unit']}-{r['year']}"
)
def test_every_value_and_every_reason_is_as_calculated_by_hand(
    result: KpiResult, row: dict[str, str]
) -> None:
    found = result.select(row["kpi"], units=row["unit"], years=int(row["year"])).iloc[0]
    if "value" in row:
        assert found["value"] == pytest.approx(float(row["value"]), rel=1e-14)
        assert (found["status"], found["origin"]) == ("normal", "formula")
        assert pd.isna(found["reason"])
    else:
        assert pd.isna(found["value"])
        assert pd.isna(found["origin"])
        assert found["reason"] == row["reason"]


def test_the_example_covers_every_cell(result: KpiResult) -> None:
    assert len(result.table) == len(example()["expected"])


def test_a_formula_is_traced_to_all_its_input_cells(result: KpiResult) -> None:
    trace = result.trace("08111000", 2021, "K2")
    found = list(zip(trace["indicator"], trace["input_year"], trace["value"], strict=True))
    assert found == [("flaeche", 2021, 203.0), ("flaeche", 2020, 200.0), ("kataster", 2021, 600.0)]
    assert set(trace["file"]) == {"gerechnet.csv"}
    data = result.inputs.data
    for item in trace.itertuples():
        line = data[data["row"] == item.row].iloc[0]
        assert (line["indicator"], line["value"]) == (item.indicator, item.value)


def test_published_values_and_formulas_are_compared() -> None:
    given = example()
    check = given["check"]
    own = Mapping(kpi_id="K1", system="own", key=check["key"], fit="identical", scale=1)
    figures = table(given, check["published"])
    result = compute_kpis(
        figures, framework(given["framework"], own), mapping="own", units=["08111000"], check=True
    )
    assert result.differences is not None
    numbers = ["published", "formula", "difference", "relative"]
    expected = pd.DataFrame(check["differences"]).astype(dict.fromkeys(numbers, float))
    pd.testing.assert_frame_equal(
        result.differences[expected.columns], expected.astype({"year": int}), check_dtype=False
    )
    k1 = result.select("K1")
    assert k1["value"].to_list() == [500.0, 603.0]
    assert set(k1["origin"]) == {"published"}


def test_published_values_are_not_mixed_with_formulas() -> None:
    given = example()
    own = Mapping(kpi_id="K1", system="own", key="99001", fit="identical", scale=1)
    figures = table(given, {"08111000": ["500", "~"]})
    result = compute_kpis(figures, framework(given["framework"], own), mapping="own")
    gap = result.select("K1", units="08111000", years=2021).iloc[0]
    assert (pd.isna(gap["value"]), gap["reason"]) == (True, "not_in_year")
    other = result.select("K1", units="08115003", years=2020).iloc[0]
    assert other["reason"] == "unit_not_covered"

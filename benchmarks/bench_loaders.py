"""Reading and writing 2.2 million figures: 10,000 municipalities, 10 years, 22 indicators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.loaders import read_indicators, write_indicators
from begleitforschung.regions import gazetteer

UNITS, YEARS, INDICATORS = 10_000, 10, 22


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    directory = gazetteer()
    units = directory.loc[directory["level"] == "gemeinde", "key"].to_numpy()[:UNITS]
    years = np.arange(2014, 2014 + YEARS)
    names = np.array([f"i{number:02d}" for number in range(INDICATORS)])
    index = pd.MultiIndex.from_product([units, years, names], names=["unit", "year", "indicator"])
    values = np.random.default_rng(1).normal(100, 20, len(index)).round(2)
    return pd.DataFrame({"value": values}, index=index).reset_index()


@pytest.mark.parametrize(("sign", "decimal"), [(",", "."), (";", ",")])
def test_read_tidy_csv(benchmark, tmp_path, figures, sign, decimal):
    path = tmp_path / "figures.csv"
    figures.to_csv(path, index=False, sep=sign, decimal=decimal)
    table = benchmark.pedantic(read_indicators, args=(path,), rounds=2, warmup_rounds=1)
    assert len(table) == UNITS * YEARS * INDICATORS


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_write_and_read_again(benchmark, tmp_path, figures, suffix):
    figures.to_csv(tmp_path / "raw.csv", index=False)
    table = read_indicators(tmp_path / "raw.csv")

    def there_and_back():
        return read_indicators(write_indicators(table, tmp_path / f"figures{suffix}"))

    back = benchmark.pedantic(there_and_back, rounds=2)
    assert back.data["value"].equals(table.data["value"])


def test_read_genesis_flat_file(benchmark, tmp_path):
    header = "statistics_code;statistics_label;time_code;time_label;time;1_variable_code;"
    header += "1_variable_label;1_variable_attribute_code;1_variable_attribute_label;value;"
    header += "value_unit;value_variable_code;value_variable_label\n"
    units = gazetteer().query("level == 'gemeinde'")["key"].tolist()
    rows = (
        f"999;Test;JAHR;Jahr;{year};GEMEIN;Gemeinden;{unit};Name;1,5;Prozent;A{year % 2};Anteil\n"
        for unit in units
        for year in range(2014, 2024)
    )
    path = tmp_path / "flat.csv"
    path.write_text(header + "".join(rows), "utf-8")
    table = benchmark.pedantic(read_indicators, args=(path,), rounds=2, warmup_rounds=1)
    assert len(table) == 10 * len(units)

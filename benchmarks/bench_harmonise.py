"""How long it takes to put all municipalities of seven years on the state of 2020.

Aim: 89,234 municipality-years (``gv_gemeinde_panel``, 1994 to 2017) in at most 1 s. Measured on
22 November 2026 on a virtual machine with 2 cores shared with other jobs, Python 3.11, pandas 3,
numpy 2, least of 5 rounds at a load of 2 to 4:

=======================================================  =======
what                                                     seconds
=======================================================  =======
harmonise, population (89,226 figures)                   0.20
harmonise, population and area (178,452 figures)         0.28
the same two by plain pandas: merge and group            0.18
read_crosswalk of 405,911 rows                           2.2
=======================================================  =======

Eight of the 89,234 rows are surplus and left out before. Plain pandas works on the repaired shares
here; it gives the same totals, but neither status nor findings, and lets a result that lacks a
source be too small instead of missing.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from begleitforschung import IndicatorTable, conserve, indicators, read_crosswalk
from begleitforschung.loaders.territory_source import territory_files
from begleitforschung.regions import Crosswalks

DATA = Path(__file__).resolve().parents[2] / "shared/data"
CROSSWALK = DATA / "territorial/xm20.csv.gz"
PANEL = DATA / "panels/gv_gemeinde_panel_1994_2024.csv.gz"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the folder '../shared' is not there")


@pytest.fixture(scope="module")
def changes() -> Crosswalks:
    return read_crosswalk(CROSSWALK)


@pytest.fixture(scope="module")
def panel() -> IndicatorTable:
    frame = pd.read_csv(PANEL, dtype={"ags": "str"})
    frame["year"] = frame["stichtag"].str[:4].astype(int)
    frame = frame[frame["year"] <= 2017].drop_duplicates(["year", "ags"])
    wide = frame[["ags", "year", "bev_insg", "flaeche_km2"]]
    wide = wide.set_axis(["unit", "year", "population", "area_km2"], axis=1)
    return indicators(wide, indicators=territory_files().indicators, gebietsstand="jeweils")


def test_harmonise_population(benchmark, panel, changes) -> None:
    people = panel.select(indicators="population")
    assert len(people) == 89_226
    after = benchmark.pedantic(people.harmonise, ("2020-12-31", changes), rounds=5, warmup_rounds=1)
    lost = conserve(people, after).set_index("year")["difference"].round(6)
    assert lost[lost != 0].to_dict() == {1994: -677}


def test_harmonise_population_and_area(benchmark, panel, changes) -> None:
    after = benchmark.pedantic(panel.harmonise, ("2020-12-31", changes), rounds=5, warmup_rounds=1)
    assert len(after) == 2 * 7 * 11_001


def test_plain_pandas(benchmark, panel, changes) -> None:
    links = pd.concat([step.data.assign(year=int(step.from_state[:4])) for step in changes])
    wide = panel.wide().reset_index()

    def plain() -> pd.DataFrame:
        joined = wide.merge(links, left_on=["unit", "year"], right_on=["key_old", "year"])
        joined["population"] *= joined["share_population"]
        joined["area_km2"] *= joined["share_area"]
        return joined.groupby(["key_new", "year"])[["population", "area_km2"]].sum()

    result = benchmark.pedantic(plain, rounds=5, warmup_rounds=1)
    assert len(result) == 7 * 11_001


def test_read_crosswalk(benchmark) -> None:
    changes = benchmark.pedantic(read_crosswalk, (CROSSWALK,), rounds=5, warmup_rounds=1)
    assert len(changes) == 30

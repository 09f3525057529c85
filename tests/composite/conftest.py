"""The ASEM example of COINr 1.1.14 as a specification, and its reference tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from begleitforschung.frameworks import IndexSpec, IndicatorSpec, Method, NodeSpec, Step

Read = Callable[[str], pd.DataFrame]
STEPS = (
    Step("denominate", "ratio"),
    Step("impute", Method("group_mean", group="EurAsia_group")),
    Step("screen", Method("coverage", min_share=0.9)),
    Step("treat", Method("winsorise", winmax=5)),
    Step("normalise", "minmax"),
    Step("aggregate", "arithmetic"),
)


@pytest.fixture(scope="session")
def ref(shared: Path) -> Read:
    """Return a function that reads a reference table."""
    folder = shared / "reference/composite/ref"

    def read(name: str) -> pd.DataFrame:
        file = folder / f"{name}.csv"
        return pd.read_csv(file, na_values=["", "NaN"], keep_default_na=False)

    return read


@pytest.fixture(scope="session")
def asem(ref: Read) -> IndexSpec:
    """The specification of the ASEM example."""
    meta = ref("asem/00_meta_ind_sorted")
    leaves = meta[meta["Type"] == "Indicator"]
    inner = meta[meta["Type"] == "Aggregate"]
    indicators = tuple(
        IndicatorSpec(
            id=row.iCode,
            parent=row.Parent,
            direction="higher" if row.Direction > 0 else "lower",
            title=row.iName,
            unit=row.Unit,
            denominator=row.Denominator if isinstance(row.Denominator, str) else None,
            target=row.Target,
        )
        for row in leaves.itertuples()
    )
    nodes = tuple(
        NodeSpec(
            id=row.iCode, parent=row.Parent if isinstance(row.Parent, str) else "", title=row.iName
        )
        for row in inner.itertuples()
    )
    return IndexSpec(id="asem", indicators=indicators, nodes=nodes, steps=STEPS)


@pytest.fixture(scope="session")
def plain(asem: IndexSpec) -> IndexSpec:
    """The ASEM tree for values that are normalised already: no denominators, no directions."""
    indicators = tuple(IndicatorSpec(id=item.id, parent=item.parent) for item in asem.indicators)
    steps = (Step("aggregate", "arithmetic"),)
    return IndexSpec(id="plain", indicators=indicators, nodes=asem.nodes, steps=steps)


@pytest.fixture(scope="session")
def countries(ref: Read) -> pd.DataFrame:
    """Raw figures of the 51 countries, with denominators and groupings."""
    return ref("asem/input_iData").rename(columns={"uCode": "unit", "Time": "year"})


@pytest.fixture(scope="session")
def panel(ref: Read) -> pd.DataFrame:
    """Raw figures of five years."""
    return ref("asem/input_iData_panel").rename(columns={"uCode": "unit", "Time": "year"})


Match = Callable[[pd.DataFrame, pd.DataFrame], None]


@pytest.fixture(scope="session")
def matches() -> Match:
    """Return a function that compares all cells of a reference table to 1e-10 relative."""

    def compare(found: pd.DataFrame, expected: pd.DataFrame) -> None:
        wanted = expected.set_index(["uCode", "Time"] if "Time" in expected else ["uCode"])
        rows = found if wanted.index.nlevels == 2 else found.droplevel("year")
        assert len(rows) == len(wanted)
        np.testing.assert_allclose(
            rows.loc[wanted.index, wanted.columns].to_numpy(np.float64, na_value=np.nan),
            wanted.to_numpy(np.float64),
            rtol=1e-10,
            atol=1e-12,
        )

    return compare

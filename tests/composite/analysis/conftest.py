"""The ASEM index, composed once for all analyses."""

from __future__ import annotations

import pandas as pd
import pytest

from begleitforschung.composite import compose
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec, Step
from begleitforschung.results.composite import CompositeResult


@pytest.fixture(scope="session")
def index(asem: IndexSpec, countries: pd.DataFrame) -> CompositeResult:
    """The ASEM index of 2018, as in COINr's example."""
    return compose(countries, asem)


@pytest.fixture(scope="session")
def years(asem: IndexSpec, panel: pd.DataFrame) -> CompositeResult:
    """The ASEM index of five years, each for itself."""
    return compose(panel, asem)


@pytest.fixture(scope="session")
def small_spec() -> IndexSpec:
    """A tree of four indicators in two nodes."""
    indicators = tuple(
        IndicatorSpec(id=name, parent="p" if name in "ab" else "q", weight=weight)
        for name, weight in zip("abcd", (1, 2, 1, 1), strict=True)
    )
    nodes = (NodeSpec(id="p", parent="r"), NodeSpec(id="q", parent="r"), NodeSpec(id="r"))
    steps = (Step("normalise", "minmax"), Step("aggregate", "arithmetic"))
    return IndexSpec(id="klein", indicators=indicators, nodes=nodes, steps=steps)


@pytest.fixture(scope="session")
def small_frame() -> pd.DataFrame:
    """Seven units in two years."""
    import numpy as np

    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(50, 10, (14, 4)), columns=list("abcd"))
    frame["unit"] = [f"u{n}" for n in range(7)] * 2
    frame["year"] = [2020] * 7 + [2022] * 7
    return frame

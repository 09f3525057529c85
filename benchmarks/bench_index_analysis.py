"""Leaving out each of 49 indicators of 51 units: one matrix product, beside 49 new indices.

* verb: `begleitforschung.composite.remove_one`, with its table and provenance
* anew: each index composed again without the indicator, from the normalised values
* bound: the matrix product and a plain sort of the scores
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from begleitforschung.composite import compose, remove_one
from begleitforschung.frameworks import IndexSpec, IndicatorSpec, NodeSpec, Step

UNITS, INDICATORS, PILLARS = 51, 49, 8


def made() -> tuple[pd.DataFrame, IndexSpec]:
    names = [f"i{number}" for number in range(INDICATORS)]
    values = np.random.default_rng(1).uniform(0, 100, (UNITS, INDICATORS))
    frame = pd.DataFrame(values, columns=names, index=[f"u{n}" for n in range(UNITS)])
    nodes = [NodeSpec(id=f"n{number}", parent="r") for number in range(PILLARS)]
    spec = IndexSpec(
        id="bench",
        indicators=tuple(
            IndicatorSpec(id=name, parent=f"n{number % PILLARS}")
            for number, name in enumerate(names)
        ),
        nodes=(*nodes, NodeSpec(id="r")),
        steps=(Step("aggregate", "arithmetic"),),
    )
    return frame, spec


def anew(frame: pd.DataFrame, spec: IndexSpec) -> list[pd.Series]:
    names = [item.id for item in spec.indicators]
    return [
        compose(frame.drop(columns=name), spec.without(name), year=2024).ranks("index")["r"]
        for name in names
    ]


@pytest.mark.parametrize("way", ["verb", "anew", "bound"])
def test_each_indicator_is_left_out(benchmark, way: str) -> None:
    frame, spec = made()
    result = compose(frame, spec, year=2024)
    if way == "verb":
        found = benchmark(remove_one, result)
        assert found.ranks.shape == (UNITS, INDICATORS + 1)
    elif way == "anew":
        found = benchmark.pedantic(anew, (frame, spec), rounds=2)
        ours = remove_one(result).ranks
        for item, ranks in zip(spec.indicators, found, strict=True):
            assert (ours[item.id].to_numpy() == ranks.droplevel("year").to_numpy()).all()
    else:
        weights = np.tile(result.effective_weights["weight"][:INDICATORS], (INDICATORS, 1))
        np.fill_diagonal(weights, 0)
        x = frame.to_numpy().T
        benchmark(lambda: np.sort(weights @ x, axis=1))

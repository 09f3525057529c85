"""Statistics of columns at once against NumPy, one column at a time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from begleitforschung.stats.indices.overview import column_overview

VALUES = st.sampled_from([0.0, 1.0, 1.0, 2.5, -3.0, np.nan])


@given(arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=VALUES))
def test_each_column_is_counted(x: np.ndarray) -> None:
    found = column_overview(x)
    for j, column in enumerate(x.T):
        held = column[~np.isnan(column)]
        distinct, counts = np.unique(held, return_counts=True)
        assert found["n"][j] == len(held)
        assert found["nonzero"][j] == np.count_nonzero(held)
        assert found["unique"][j] == len(distinct)
        assert found["same"][j] == counts.max(initial=0)
        if len(held):
            assert found["median"][j] == np.median(held)
            assert found["minimum"][j] == held.min()
            assert found["maximum"][j] == held.max()
            np.testing.assert_allclose(found["mean"][j], held.mean(), atol=1e-12)
        else:
            assert np.isnan([found["median"][j], found["minimum"][j], found["mean"][j]]).all()


def test_no_rows_give_no_statistics() -> None:
    found = column_overview(np.empty((0, 2)))
    assert found["n"].tolist() == [0, 0]
    assert np.isnan(found["median"]).all()

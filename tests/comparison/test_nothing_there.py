"""A comparison of figures that are all missing says so in numbers: n = 0, nothing else."""

import numpy as np
import pandas as pd

from begleitforschung.comparison import compare


def test_all_missing_gives_groups_without_values():
    frame = pd.DataFrame({"unit": ["01001", "05111"], "year": 2021, "a": [np.nan, np.nan]})
    table = compare(frame, by="bundesland").table.set_index("group")
    assert table["n"].sum() == 0
    assert table["missing"].sum() == 2
    assert table[["mean", "median", "sd", "difference"]].isna().all(axis=None)


def test_the_level_is_that_of_the_figures_that_have_values():
    frame = pd.DataFrame(
        {"unit": ["01001", "05111", "01001000"], "year": 2021, "a": [1.0, 2.0, np.nan]}
    )
    assert compare(frame, by="bundesland").level == "kreis"

"""Every row of R's results is compared with ours, or named with the reason why not.

The tests of the modules fail at a row that they do not calculate (`reference.differences`), so
that a case that belongs to a module is compared in full.
"""

from __future__ import annotations

from . import (
    test_comparisons,
    test_means,
    test_proportions,
    test_quantiles,
    test_replication,
    test_tables,
    test_weighting,
)
from .reference import results

MODULES = (
    test_means,
    test_quantiles,
    test_proportions,
    test_weighting,
    test_tables,
    test_comparisons,
    test_replication,
)
# Rows that are not equal on purpose; the reason stands where the module names them.
NAMED = {
    *test_quantiles.NAMED,  # 3 errors of R
    *test_proportions.NAMED,  # 1 error of R, 4 bounds of a share without variance
    *test_tables.NAMED,  # 2 errors of R, 2 truncated degrees of freedom
    *test_replication.NAMED,  # 5 figures that depend on the Hadamard matrix
}


def test_every_row_is_compared_or_named(shared):
    rows = {(case, name, *row) for (case, name), values in results().items() for row in values}
    assert len(rows) == 8785
    assert rows >= NAMED
    assert len(NAMED) == 17
    cases = [case for module in MODULES for case in module.CASES]
    assert len(cases) == len(set(cases))
    assert {case for case, _ in results()} == set(cases)


def test_all_errors_of_r_are_named(shared):
    errors = {
        (case, name, *row)
        for (case, name), values in results().items()
        for row in values
        if row[2] == "error"
    }
    assert len(errors) == 6
    assert errors <= NAMED

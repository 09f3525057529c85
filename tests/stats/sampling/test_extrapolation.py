"""Totals by ratio estimators: combined, separate, and what single rows do to them."""

from __future__ import annotations

import numpy as np
import pytest

from begleitforschung.stats.sampling import (
    bootstrap,
    contrast,
    labels_to_codes,
    leave_one_out,
    ratio_total,
    ratios,
)

from .reference import data, design, sample


def inputs():
    """Backlog of investment per inhabitant of the synthetic municipalities, by size class."""
    frame, d = data("kommunen_frame"), sample("kommunen_remove")
    classes = labels_to_codes(d["gk"])
    known = frame.groupby("gk")["einwohner"].sum().to_numpy(dtype=float)
    return d["rueckstand"].to_numpy(), d["einwohner"].to_numpy(dtype=float), known, classes


def test_combined_total_is_the_ratio_times_the_known_total():
    y, x, known, _ = inputs()
    found = ratio_total(y, x, known.sum(), design("kommunen_remove"))
    ratio = ratios(y, x, design("kommunen_remove"))
    assert found.values[0] == pytest.approx(ratio.values[0] * known.sum())
    assert found.se[0] == pytest.approx(ratio.se[0] * known.sum())
    assert found.df == ratio.df


def test_separate_total_is_the_sum_over_the_classes():
    y, x, known, classes = inputs()
    found = ratio_total(y, x, known, design("kommunen_remove"), classes=classes)
    where = classes[:, None] == np.arange(5)
    each = ratios(
        np.tile(y[:, None], 5), np.tile(x[:, None], 5), design("kommunen_remove"), where=where
    )
    same = contrast(each, [known])
    assert found.values[0] == pytest.approx(same.values[0])
    assert found.se[0] == pytest.approx(same.se[0])
    combined = ratio_total(y, x, known.sum(), design("kommunen_remove"))
    assert found.values[0] != pytest.approx(combined.values[0], rel=1e-6)


def test_a_total_that_is_proportional_has_no_error():
    _, x, known, classes = inputs()
    found = ratio_total(3 * x, x, known, design("kommunen_remove"), classes=classes)
    assert found.values[0] == pytest.approx(3 * known.sum())
    assert found.se[0] < 1e-6 * known.sum()


def test_replicates_agree():
    y, x, known, classes = inputs()
    replicates = bootstrap(design("kommunen_remove"), 400, 9, kind="rao_wu")
    for totals, codes in ((known.sum(), None), (known, classes)):
        first = ratio_total(y, x, totals, design("kommunen_remove"), classes=codes)
        second = ratio_total(y, x, totals, replicates, classes=codes)
        assert second.values[0] == pytest.approx(first.values[0])
        assert second.se[0] == pytest.approx(first.se[0], rel=0.15)


def test_leaving_a_row_out_equals_estimating_without_it():
    y, x, known, classes = inputs()
    y = y.copy()
    y[3] = np.nan
    d = design("kommunen_remove")
    change = leave_one_out(y, x, known, d.weights, classes=classes)
    whole = ratio_total(y, x, known, d, classes=classes).values[0]
    largest = int(np.argmax(np.abs(change)))
    for row in (largest, 0, 3):
        gap = np.where(np.arange(y.size) == row, np.nan, y)
        without = ratio_total(gap, x, known, d, classes=classes).values[0]
        assert change[row] == pytest.approx(whole - without, abs=1e-6 * abs(whole))
    assert change[3] == 0
    alone = leave_one_out([1.0, 2.0], [1.0, 1.0], [5.0, 5.0], [1, 1], classes=[0, 1])
    assert np.isnan(alone).all()


def test_a_class_without_rows_cannot_be_extrapolated():
    y, x, known, classes = inputs()
    with pytest.raises(ValueError, match=r"classes \[5\]"):
        ratio_total(y, x, [*known, 7.0], design("kommunen_remove"), classes=classes)
    with pytest.raises(ValueError, match="known total"):
        ratio_total(y, x, known[:3], design("kommunen_remove"), classes=classes)
    nothing = ratio_total(y, x, [*known, 0.0], design("kommunen_remove"), classes=classes)
    same = ratio_total(y, x, known, design("kommunen_remove"), classes=classes)
    assert nothing.values[0] == pytest.approx(same.values[0])

"""What the audit of published estimates says, and that it refuses what discloses."""

from __future__ import annotations

import pandas as pd
import pytest

from begleitforschung.errors import DisclosureError
from begleitforschung.provenance import Provenance
from begleitforschung.results.audit import COLUMNS, AuditResult


def audited(*rows):
    """Rows of column, category, by, domain, verdict, width."""
    table = pd.DataFrame(
        [(0, c, k, by, d, verdict, width, 5.0) for c, k, by, d, verdict, width in rows],
        columns=list(COLUMNS),
    )
    return AuditResult(
        table=table, specification={}, provenance=Provenance.of("audit"), protected=True
    )


SAFE = ("q1", "1", "land", "05", "safe", 4.0)
EXACT = ("q1", "2", "land", "09", "exact", 0.0)
GROUP = ("q3", "", "", "", "group", 1234.5)


def test_only_an_audit_without_any_disclosure_is_safe():
    assert audited().ok
    assert audited(SAFE).ok
    assert not audited(SAFE, EXACT).ok
    assert not audited(GROUP, SAFE).ok
    audited(SAFE, SAFE).require_safe()


def test_what_discloses_is_refused_by_its_place():
    with pytest.raises(DisclosureError) as caught:
        audited(SAFE, EXACT, GROUP).require_safe()
    assert str(caught.value) == (
        "what is published tells 2 hidden cell(s): q1 2 (land 09); q3 (total)"
    )


def test_of_many_open_cells_five_are_named():
    rows = [("q1", str(at), "land", "09", "exact", 0.0) for at in range(7)]
    with pytest.raises(DisclosureError) as caught:
        audited(*rows).require_safe()
    told = str(caught.value)
    assert "tells 7 hidden cell(s)" in told
    assert told.endswith("q1 4 (land 09) and 2 more")
    assert "q1 5" not in told


@pytest.mark.parametrize(
    ("lang", "heads", "rows"),
    [
        (
            "de",
            ["Ergebnis", "gesperrte Felder", "kleinste Spanne"],
            [
                ["geschützt", "2", "1,5"],
                ["genau zu ermitteln", "1", "0,0"],
                ["Gruppe zu klein", "1", "1.234,5"],
            ],
        ),
        (
            "en",
            ["Verdict", "hidden cells", "narrowest interval"],
            [
                ["safe", "2", "1.5"],
                ["can be worked out", "1", "0.0"],
                ["group too small", "1", "1,234.5"],
            ],
        ),
    ],
)
def test_the_display_counts_cells_by_verdict(lang, heads, rows):
    narrow = ("q2", "1", "", "", "safe", 1.5)
    shown = audited(GROUP, SAFE, EXACT, narrow).display(lang)
    assert [column.label for column in shown.columns] == heads
    assert shown.formatted() == rows


def test_the_figure_draws_one_bar_for_each_verdict_and_says_so_in_words():
    made = audited(SAFE, SAFE, SAFE, EXACT)
    figure = made.figure("de")
    axes = figure.axes[0]
    assert sorted(bar.get_width() for bar in axes.patches) == [1.0, 3.0]
    assert {t.get_text() for t in axes.get_yticklabels()} == {"geschützt", "genau zu ermitteln"}
    assert "gesperrte Felder" in axes.get_xlabel()
    assert "geschützt: 3, genau zu ermitteln: 1" in made.alt_text("de")
    assert "safe: 3, can be worked out: 1" in made.alt_text("en")

"""How a protected result says what was done, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from begleitforschung.language import Text
from begleitforschung.results.protection import Protection

DONE = Protection(
    policy="grouped",
    version="1",
    title=Text("zusammengefasst", "in summary"),
    rule=Text("Regel", "rule"),
    cells=1234,
    primary=1000,
    secondary=100,
    min_base=5,
)


def test_the_footnote_tells_how_many_cells_are_hidden_in_all():
    assert DONE.hidden == 1100
    assert DONE.note("de") == (
        "„.“ = geheim gehalten, weil sonst einzelne Antwortende zu erkennen wären "
        "(1.100 von 1.234 Feldern)."
    )
    assert DONE.note("en") == (
        "“.” = kept secret, as single respondents could be recognised otherwise "
        "(1,100 of 1,234 cells)."
    )


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_footnote_does_not_tell_primary_from_secondary(lang):
    other = replace(DONE, primary=DONE.secondary, secondary=DONE.primary)
    assert other.note(lang) == DONE.note(lang)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_where_nothing_is_hidden_there_is_no_footnote(lang):
    assert replace(DONE, primary=0, secondary=0).note(lang) == ""


def test_a_part_counts_its_own_cells_by_the_same_policy():
    part = DONE.of(["", "primary", "secondary", "secondary", ""])
    assert (part.cells, part.primary, part.secondary, part.hidden) == (5, 1, 2, 3)
    assert replace(part, cells=DONE.cells, primary=1000, secondary=100) == DONE
    none = DONE.of([])
    assert (none.cells, none.hidden, none.note("de")) == (0, 0, "")

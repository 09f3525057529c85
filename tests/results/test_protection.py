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
    hidden=1100,
    min_base=5,
)


def test_the_footnote_tells_how_many_cells_are_hidden_in_all():
    assert DONE.note("de") == (
        "„.“ = geheim gehalten, weil sonst einzelne Antwortende zu erkennen wären "
        "(1.100 von 1.234 Feldern)."
    )
    assert DONE.note("en") == (
        "“.” = kept secret, as single respondents could be recognised otherwise "
        "(1,100 of 1,234 cells)."
    )


@pytest.mark.parametrize("lang", ["de", "en"])
def test_where_nothing_is_hidden_there_is_no_footnote(lang):
    assert replace(DONE, hidden=0).note(lang) == ""


def test_a_part_counts_its_own_cells_by_the_same_policy():
    part = DONE.of(["", "hidden", "hidden", "hidden", ""])
    assert (part.cells, part.hidden) == (5, 3)
    assert part.note("de").endswith("(3 von 5 Feldern).")
    assert replace(part, cells=DONE.cells, hidden=DONE.hidden) == DONE
    none = DONE.of([])
    assert (none.cells, none.hidden, none.note("de")) == (0, 0, "")

"""Cross tables, what they cost and who could be recognised: as printed, from tables by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import DisclosureError
from begleitforschung.language import Text
from begleitforschung.results.alternatives import CoarserTables
from begleitforschung.results.cross_table import CrossTable, Dimension, all_cells
from begleitforschung.results.uniqueness import UniquenessResult, joined

from .made import HISTORY, SOURCE, heads, lengths, printed, rows_of, written

LAND = Dimension(
    name="land",
    title=Text("Land"),
    keys=("BY", "HH", "HB", "fläche", "stadt"),
    labels=(Text("Bayern"), Text("Hamburg"), Text("Bremen"), Text("Flächenland"), Text("Stadtst.")),
    levels=((0, 1, 1),),
)
ANSWER = Dimension(
    name="ja", title=Text("Antwort", "Answer"), keys=("1", "2"),
    labels=(Text("ja", "yes"), Text("nein", "no")),
)  # fmt: skip
YEAR = Dimension(name="jahr", title=Text("Jahr", "Year"), keys=("24",), labels=(Text("2024"),))


def cross(*dimensions: Dimension, values: Any = None, **more: Any) -> CrossTable:
    cells = all_cells(dimensions)
    numbers = np.arange(len(cells), dtype=float) if values is None else np.asarray(values, float)
    table = cells.assign(value=numbers, empty=more.pop("empty", False), suppressed="")
    return CrossTable(
        table=table, provenance=HISTORY, dimensions=dimensions, title=Text("Probe", "Trial"), **more
    )


def test_groups_add_up_their_classes_and_stand_before_them() -> None:
    assert LAND.classes == 3
    assert LAND.positions == ("BY", "HH", "HB", "fläche", "stadt", "")
    assert LAND.members().astype(int).tolist() == [
        [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 1], [1, 1, 1]
    ]  # fmt: skip
    assert [LAND.path(at) for at in range(6)] == [(3, 0), (4, 1), (4, 2), (3,), (4,), (5,)]
    assert [LAND.words(at).de for at in (0, 4, 5)] == ["Bayern", "Stadtst.", "Insgesamt"]
    assert LAND.words(5).en == "Total"


@settings(max_examples=25)
@given(st.data())
def test_every_group_of_groups_is_the_sum_of_what_is_below(data: st.DataObject) -> None:
    fine = data.draw(st.integers(2, 6))
    middle = [*range(2), *(data.draw(st.integers(0, 1)) for _ in range(fine - 2))]
    keys = tuple(map(str, range(fine + 3)))
    made = Dimension(
        name="d", title=Text("d"), keys=keys, labels=tuple(map(Text, keys)),
        levels=(tuple(middle), (0, 0)),
    )  # fmt: skip
    members = made.members()
    assert members.shape == (fine + 4, fine)
    assert members[fine : fine + 2].sum(axis=0).tolist() == [1] * fine
    assert members[-2].all()
    assert members[-1].all()
    # Sorted by their path, a group comes directly before the first of its own.
    order = sorted(range(fine + 4), key=made.path)
    assert order[0] == fine + 2
    assert order[-1] == fine + 3
    for at in range(fine):
        assert order.index(fine + middle[at]) < order.index(at)


def test_a_table_of_two_dimensions_is_printed_down_and_across() -> None:
    found = cross(LAND, ANSWER, values=[*range(17), 1234])
    assert (found.shape, found.interior) == ((6, 3), (3, 2))
    assert heads(found, "en") == ["Land", "yes", "no", "Total"]
    assert printed(found) == [
        ["Flächenland", "9", "10", "11"],
        ["Bayern", "0", "1", "2"],
        ["Stadtst.", "12", "13", "14"],
        ["Hamburg", "3", "4", "5"],
        ["Bremen", "6", "7", "8"],
        ["Insgesamt", "15", "16", "1.234"],
    ]
    bold = [[cell.emphasis for cell in row] for row in found.display().cells()]
    assert bold[0] == [True, False, False, True]
    assert bold[1] == [False, False, False, True]
    assert bold[5] == [True] * 4
    assert found.display().notes == ["Ungewichtete Anzahlen."]
    assert found.display().source == SOURCE


def test_further_dimensions_are_blocks_that_are_named_once() -> None:
    found = cross(ANSWER, LAND, YEAR)
    assert heads(found)[:3] == ["Jahr", "Antwort", "Flächenland"]
    # The year is the last axis: even cells are of 2024, odd ones of all years.
    assert [row[:4] for row in printed(found)] == [
        ["2024", "ja", "6", "0"],
        ["", "nein", "18", "12"],
        ["", "Insgesamt", "30", "24"],
        ["Insgesamt", "ja", "7", "1"],
        ["", "nein", "19", "13"],
        ["", "Insgesamt", "31", "25"],
    ]


def test_one_dimension_has_one_column_of_its_measure() -> None:
    found = cross(
        ANSWER, values=[999.96, -2.25, 997.71], kind="sum", measure=Text("Euro", "Euros"), unit="€"
    )
    assert heads(found) == ["Antwort", "Euro"]
    assert printed(found) == [["ja", "1.000,0"], ["nein", "−2,3"], ["Insgesamt", "997,7"]]
    assert found.display().notes == ["Ungewichtete Summen: Euro."]
    assert found.display("en").notes == ["Unweighted sums: Euros."]
    large = cross(ANSWER, values=[1000.0, -2.25, 997.75], kind="sum")
    assert [row[1] for row in printed(large)] == ["1.000", "−2", "998"]


def test_the_sum_of_nobody_is_a_dash_and_what_is_hidden_a_point() -> None:
    empty = [True, False, False]
    found = cross(ANSWER, values=[0.0, np.nan, 7.5], kind="sum", empty=empty, unit="€")
    assert printed(found) == [["ja", "–"], ["nein", "."], ["Insgesamt", "7,5"]]
    assert rows_of(found.figure("en")) == ["no"]
    assert written(found.figure("en")) == [". (kept secret)"]
    assert found.alt_text("en") == "Trial: 1 kept secret."
    counted = cross(ANSWER, values=[0.0, np.nan, 7.0], empty=empty)
    assert printed(counted)[0] == ["ja", "0"]
    assert counted.alt_text() == "Probe: ja 0; 1 geheim gehalten."


def test_only_the_finest_cells_are_drawn() -> None:
    found = cross(LAND, ANSWER, YEAR)
    figure = found.figure()
    assert rows_of(figure)[:3] == ["Bayern, ja", "Bayern, nein", "Hamburg, ja"]
    # Cells in C order: year total is the second of two positions.
    assert lengths(figure) == [1.0, 3.0, 7.0, 9.0, 13.0, 15.0]
    assert found.alt_text().startswith("Probe: Bayern, ja 1; Bayern, nein 3; Hamburg, ja 7;")


def test_cells_are_named_by_their_place_without_their_value() -> None:
    found = cross(LAND, ANSWER, confidentiality="confidential")
    assert found.place(0) == "land = BY · ja = 1"
    assert found.place(14) == "land = stadt · ja = total"
    assert found.place(17) == "land = total · ja = total"
    with pytest.raises(DisclosureError, match=r"18 cells of land × ja\. Use bf\.protect\(table\)"):
        found.display()


# What broader classes would cost --------------------------------------------------------------


def coarser(*rows: tuple[Any, ...], words: Any = None) -> CoarserTables:
    columns = ["table", "way", "possible", "lost", "cells", "hidden", "mean", "furthest", "fewest"]
    return CoarserTables(
        table=pd.DataFrame(rows, columns=columns),
        provenance=HISTORY,
        titles=(Text("Tabelle A", "Table A"), Text("Tabelle B", "Table B")),
        merged={},
        words=words or {},
    )


HIDE = (0, "suppress", True, 0, 1200, 14, np.nan, np.nan, True)
MERGE = (0, "merge", True, 2, 900, 0, np.nan, np.nan, True)
ROUND = (0, "round_3", True, 0, 1200, 0, 0.845, 2, True)


def test_each_way_says_what_it_loses() -> None:
    words = {(0, "x"): Text("a + b", "a + b (en)"), (1, "x"): Text("anderes")}
    found = coarser(HIDE, MERGE, ROUND, words=words)
    assert printed(found) == [
        ["Tabelle A", "Felder sperren", "", "0", "1.200", "14", "–", "–"],
        ["", "Klassen zusammenlegen", "a + b", "2", "900", "0", "–", "–"],
        ["", "auf 3er runden", "", "0", "1.200", "0", "0,8", "2"],
    ]
    assert printed(found, "en")[1][1:3] == ["merge classes", "a + b (en)"]
    assert [note[:8] for note in found.display().notes] == ["Abstand:"]


@pytest.mark.parametrize(
    ("row", "german", "english"),
    [
        ((0, "merge", False, np.nan, np.nan, np.nan, np.nan, np.nan, False),
         "nicht möglich", "not possible"),
        ((0, "merge", True, 3, 1, 0, np.nan, np.nan, True), "nur die Summe", "the total only"),
        ((0, "merge", True, 0, 9, 0, np.nan, np.nan, True), "–", "–"),
    ],
)  # fmt: skip
def test_merges_without_classes_to_name(row: tuple[Any, ...], german: str, english: str) -> None:
    assert printed(coarser(HIDE, row))[1][2] == german
    assert printed(coarser(HIDE, row), "en")[1][2] == english


def test_notes_say_what_is_not_needed_or_not_proven() -> None:
    free = (*HIDE[:5], 0, *HIDE[6:])
    assert coarser(free).display("en").notes == ["Nothing has to be hidden."]
    unproven = (*MERGE[:8], False)
    assert coarser(HIDE, unproven).display().notes == [
        "Bei einem der Vorschläge ist nicht bewiesen, dass es nicht mit weniger Klassen geht."
    ]
    assert coarser(HIDE, MERGE).display().notes == []


def test_hidden_cells_of_each_table_are_drawn() -> None:
    many, none = ((at, *HIDE[1:5], n, *HIDE[6:]) for at, n in ((0, 1400), (1, np.nan)))
    found = coarser(many, MERGE, none)
    assert rows_of(found.figure("en")) == ["Table A", "Table B"]
    assert lengths(found.figure()) == [1400.0]
    assert written(found.figure()) == ["1.400", "–"]
    assert found.alt_text() == "davon gesperrt: Tabelle A: 1.400."


# Who could be recognised ------------------------------------------------------------------------


def uniqueness(*rows: tuple[Any, ...], n: int = 1400) -> UniquenessResult:
    columns = ["keys", "classes", "smallest", "unique", "below_k", "diversity", "below_l"]
    return UniquenessResult(
        table=pd.DataFrame(rows, columns=columns),
        specification={"k": 3, "l": 2},
        provenance=HISTORY,
        titles={"land": Text("Land", "State"), "typ": Text("Typ", "Type")},
        n=n,
    )


BOTH = joined(("land", "typ"))


def test_records_are_told_by_what_is_known_of_them() -> None:
    found = uniqueness(("land", 16, 4, 0, 0, None, None), (BOTH, 1090, 1, 12, 1020, None, None))
    assert heads(found) == [
        "bekannte Merkmale", "Klassen", "kleinste Klasse", "Fälle allein in ihrer Klasse",
        "Fälle in Klassen unter 3",
    ]  # fmt: skip
    assert printed(found) == [["Land", "16", "4", "0", "0"], ["Land × Typ", "1.090", "1", "12",
                                                             "1.020"]]  # fmt: skip
    assert found.display().notes == [
        "Klasse: alle Fälle mit gleichen bekannten Merkmalen; 1.400 Fälle. k-Anonymität (Sweeney "
        "2002) verlangt mindestens 3 Fälle je Klasse."
    ]
    assert found.alt_text("en") == "records in classes below 3: State 0; State × Type 1,020."
    assert rows_of(found.figure("en")) == ["State", "State × Type"]
    assert lengths(found.figure()) == [0.0, 1020.0]
    assert found.figure().axes[0].get_xlabel() == "Fälle in Klassen unter 3"


def test_with_a_sensitive_answer_its_diversity_is_told_too() -> None:
    found = uniqueness(("land", 16, 4, 0, 0, 1, 7), (BOTH, 90, 3, 0, 0, 2, 0))
    assert heads(found, "en")[-2:] == ["fewest answers per class", "records with fewer than 2 "
                                       "answers"]  # fmt: skip
    assert [row[-2:] for row in printed(found)] == [["1", "7"], ["2", "0"]]
    (note,) = found.display("en").notes
    assert note.endswith(
        "asks for 3 records per class at least, l-diversity (Machanavajjhala et al. 2007) for 2 "
        "different answers at least."
    )


@pytest.mark.parametrize(
    ("below", "few", "ok"), [(0, None, True), (0, 0, True), (1, None, False), (0, 1, False)]
)
def test_one_record_below_is_too_many(below: int, few: int | None, ok: bool) -> None:
    assert uniqueness(("land", 16, 4, 0, below, None, few)).ok is ok
    assert uniqueness(("land", 16, 4, 0, 0, None, 0), (BOTH, 9, 1, 0, below, None, few)).ok is ok

"""What a table says about itself, and what selecting, joining and describing leave untouched."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from begleitforschung.errors import Finding, TerritoryError, UnknownCodeError, ValidationError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source
from begleitforschung.tables import Indicator, as_table, assemble, indicators

STATE = "2021-12-31"
REMARK = Finding(rule="x.y", severity="info", text=Text("Anmerkung", "remark"))


def source(file="a.csv", **more):
    return Source(publisher="Amt", title=f"Tafel {file}", file=file, **more)


def read(*rows, file="a.csv", findings=(), state=STATE, **more):
    """A table as a loader makes it, of (unit, year, indicator, value)."""
    frame = pd.DataFrame(rows, columns=["unit", "year", "indicator", "value"])
    frame = frame.assign(file=file, row=np.arange(2, len(frame) + 2))
    origin = source(file, **more)
    return assemble(
        frame,
        indicators=[],
        gebietsstand=state,
        provenance=Provenance.of("read_indicators", origin),
        findings=findings,
    )


@pytest.fixture
def table():
    return read(
        ("16077", 2021, "b", 1.0),
        ("01001", 2019, "a", 2.0),
        ("01", 2020, "a", 3.0),
        ("DG", 2020, "a", 4.0),
    )


def test_units_years_and_levels_are_sorted_and_stand_once(table):
    assert table.units == ("01", "01001", "16077", "DG")
    assert table.years == (2019, 2020, 2021)
    assert all(type(year) is int for year in table.years)
    assert table.levels == ("land", "kreis", "germany")


@pytest.mark.parametrize(
    ("options", "values"),
    [
        ({}, [1.0, 2.0, 3.0, 4.0]),
        ({"units": "01"}, [3.0]),
        ({"units": ["DG", "16077"]}, [1.0, 4.0]),
        ({"years": 2020}, [3.0, 4.0]),
        ({"years": np.int64(2020)}, [3.0, 4.0]),
        ({"years": np.array([2019, 2021])}, [1.0, 2.0]),
        ({"years": range(2010, 2020)}, [2.0]),
        ({"years": {2021, 1990}}, [1.0]),
        ({"indicators": "a"}, [2.0, 3.0, 4.0]),
        ({"indicators": ("a", "b")}, [1.0, 2.0, 3.0, 4.0]),
        ({"level": "kreis"}, [1.0, 2.0]),
        ({"level": "land", "years": 2020, "indicators": "a", "units": "01"}, [3.0]),
        ({"units": "01", "years": 2019}, []),
        ({"units": ()}, []),
    ],
)
def test_a_selection_is_what_fulfils_all_wishes_in_the_old_order(table, options, values):
    part = table.select(**options)
    assert part.data["value"].tolist() == values
    assert part.data.index.tolist() == list(range(len(values)))
    assert set(part.indicators) == set(part.data["indicator"])
    assert set(part.data["unit"].cat.categories) == set(part.data["unit"])
    assert len(table) == 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"units": ["01", "02"]}, "'02' is not a code of units of the table"),
        ({"units": "1001"}, "Did you mean '01001'"),
        ({"indicators": "A"}, "indicators of the table"),
        ({"years": [1990, 1991]}, "'1990' is not a code of years"),
        ({"years": []}, "years"),
        ({"level": "kreise"}, "Did you mean 'kreis'"),
        ({"level": "gemeinde"}, "'gemeinde' is not a code of levels of the table"),
    ],
)
def test_what_is_not_there_is_refused_by_name(table, options, said):
    with pytest.raises(UnknownCodeError, match=said):
        table.select(**options)


def test_a_level_is_looked_for_in_the_whole_table(table):
    assert len(table.select(units="DG", level="kreis")) == 0


def test_a_selection_is_on_record(table):
    part = table.select(years=2020, indicators="a")
    assert part.provenance.operation == "select"
    assert part.provenance.inputs == (table.provenance,)
    parameters = part.provenance.to_dict()["parameters"]
    assert parameters == {"indicators": ["a"], "level": None, "units": None, "years": [2020]}
    assert (part.gebietsstand, part.findings) == (table.gebietsstand, table.findings)


def test_sources_are_those_of_the_figures_that_are_left(table):
    both = table.join(read(("DG", 2020, "c", 5.0), file="b.csv"))
    assert [s.file for s in both.sources()] == ["a.csv", "b.csv"]
    assert [s.file for s in both.select(indicators="c").sources()] == ["b.csv"]
    # What is computed stands in no file: then all sources are named.
    counts = Indicator(id="b", title="B", aggregation="sum")
    summed = table.select(level="kreis", indicators="b").describe(counts).aggregate("land")
    assert [s.file for s in summed.sources()] == ["a.csv"]
    memory = indicators(pd.DataFrame({"unit": ["DG"], "year": 2020, "d": 1.0}), gebietsstand=STATE)
    assert [s.title for s in memory.sources()] == ["DataFrame"]


# Join -----------------------------------------------------------------------------------------


def test_joining_keeps_order_meanings_remarks_and_sources(table):
    other = read(("02", 2020, "a", 9.0), file="b.csv", findings=(REMARK,))
    third = read(("03", 2020, "c", 8.0), file="c.csv", findings=(REMARK,))
    named = other.describe(Indicator(id="a", title="Später"))
    both = table.join(named, third)
    assert both.data["value"].tolist() == [1.0, 2.0, 3.0, 4.0, 9.0, 8.0]
    assert both.indicator("a").title.de == "Später"  # the last one that says it counts
    assert both.findings == (REMARK,)  # the same remark once
    assert both.provenance.inputs == (table.provenance, named.provenance, third.provenance)
    assert [s.file for s in both.sources()] == ["a.csv", "b.csv", "c.csv"]


def test_joining_nothing_changes_no_figure(table):
    pd.testing.assert_frame_equal(table.join().data, table.data)


def test_parts_of_a_table_joined_are_the_table_again(table):
    parts = [table.select(years=year) for year in table.years]
    whole = parts[0].join(*parts[1:])
    pd.testing.assert_frame_equal(whole.wide(), table.wide())
    assert [s.file for s in whole.provenance.sources()] == ["a.csv"]


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        (("2020-12-31", "2021-12-31"), "2020-12-31, 2021-12-31"),
        (("unknown", "2021-12-31"), "2021-12-31, unknown"),
        (("unknown", "unknown"), "territorial states unknown"),
        (("jeweils", "2021-12-31"), "2021-12-31, jeweils"),
    ],
)
def test_tables_of_other_or_unknown_states_are_not_joined(states, shown):
    first, second = (
        read(("DG", 2020, name, 1.0), file=f"{name}.csv", state=state)
        for name, state in zip("ab", states, strict=True)
    )
    with pytest.raises(TerritoryError, match=shown) as error:
        first.join(second)
    assert "gebietsstand=…" in str(error.value)


def test_a_series_of_two_editions_is_refused_with_both_named():
    old = read(("DG", 2019, "a", 1.0), file="alt.csv", edition="2023")
    new = read(("DG", 2020, "a", 1.0), file="neu.csv", edition="2025")
    with pytest.raises(TerritoryError, match="can't be joined") as error:
        old.join(new)
    (found,) = error.value.findings
    assert found.text.de == "Indikator 'a' stammt aus verschiedenen Ausgaben: 2023, 2025"
    assert found.text.en == "indicator 'a' comes from different editions: 2023, 2025"
    assert "aus einer Ausgabe" in found.hint.de


@pytest.mark.parametrize(
    ("name", "editions"), [("b", ("2023", "2025")), ("a", ("2025", "2025")), ("a", ("", "2025"))]
)
def test_other_indicators_one_edition_and_unknown_ones_may_be_joined(name, editions):
    old = read(("DG", 2019, "a", 1.0), file="alt.csv", edition=editions[0])
    new = read(("DG", 2020, name, 1.0), file="neu.csv", edition=editions[1])
    assert len(old.join(new)) == 2


# Describe, making, showing --------------------------------------------------------------------


def test_describing_changes_meanings_and_nothing_else(table):
    new = Indicator(id="a", title="Neu", aggregation="sum", decimals=0)
    found = table.describe(new)
    assert found.data is table.data
    assert found.indicator("a") == new
    assert found.indicator("b") == table.indicator("b")
    parameters = found.provenance.to_dict()["parameters"]["indicators"]
    assert list(parameters) == ["a"]
    assert parameters["a"]["aggregation"] == "sum"
    with pytest.raises(UnknownCodeError, match="'z' is not a code of indicators"):
        table.describe(new, Indicator(id="z", title="Z"))


def test_meanings_that_no_row_uses_are_dropped_and_others_made_from_the_name():
    frame = pd.DataFrame({"unit": ["DG"], "year": 2021, "a": 1.0})
    given = [Indicator(id="z", title="Z")]
    table = indicators(frame, indicators=given)
    assert list(table.indicators) == ["a"]
    assert table.indicator("a").title.de == "a"
    with pytest.raises(UnknownCodeError, match="Known are: a"):
        table.indicator("z")


@pytest.mark.parametrize("name", ["unit", "ags", "ars", "AGS", "ARS", "kreis_ags", "county_code"])
@pytest.mark.parametrize("year", ["year", "jahr", "Jahr"])
def test_usual_names_of_keys_and_years_are_found(name, year):
    frame = pd.DataFrame({name: ["08421"], year: [2021], "x": [1.0], "name": ["Ulm"]})
    table = indicators(frame)
    assert (table.units, table.years, list(table.indicators)) == (("08421",), (2021,), ["x"])


def test_unusual_names_are_said_and_others_are_not_read():
    frame = pd.DataFrame(
        {"schluessel": ["08421"], "zeit": [2021], "indicator": ["x"], "value": [1.0], "mehr": ["?"]}
    )
    table = indicators(frame, unit="schluessel", year="zeit")
    assert (table.units, table.years) == (("08421",), (2021,))
    with pytest.raises(ValidationError, match="no column 'key' or 'time'; it has: schluessel"):
        indicators(frame, unit="key", year="time")
    with pytest.raises(ValidationError, match="no column may hold the year; say which: year=…"):
        indicators(frame, unit="schluessel")


def test_a_given_source_and_state_are_kept_and_memory_has_a_checksum():
    frame = pd.DataFrame({"unit": ["DG"], "year": 2021, "a": 1.0})
    given = indicators(frame, source=source(), gebietsstand=STATE)
    assert given.provenance.sources() == (source(),)
    assert dict(given.provenance.parameters) == {"gebietsstand": STATE}
    (one,), (other,) = (
        indicators(item).provenance.sources() for item in (frame, frame.assign(a=2.0))
    )
    assert len(one.sha256) == 64
    assert one.sha256 != other.sha256


@pytest.mark.parametrize("thing", [None, "a.csv", {"unit": ["DG"]}, 5])
def test_only_tables_and_frames_are_figures(thing):
    with pytest.raises(ValidationError, match=f"not as {type(thing).__name__}"):
        as_table(thing)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "4 figures, 4 units, 2 indicators, 2019–2021, Gebietsstand 2021-12-31"),
        ({"years": 2020}, "2 figures, 2 units, 1 indicators, 2020, "),
        ({"units": ()}, "0 figures, 0 units, 0 indicators, no year, "),
    ],
)
def test_a_notebook_shows_size_years_and_state(table, options, words):
    assert words in table.select(**options)._repr_html_()


def test_a_notebook_shows_texts_as_texts_and_ten_rows_at_most():
    table = read(*(("DG", 2000 + n, "<b>x</b>", 1.0) for n in range(12)), licence="<script>")
    shown = table._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "<b>x</b>" not in shown
    assert shown.count("<tr>") == 10
    assert "Quelle: Amt: Tafel a.csv" in shown


def test_a_changed_copy_is_checked_like_a_new_table(table):
    assert replace(table, gebietsstand="2020-12-31").gebietsstand == "2020-12-31"
    with pytest.raises(ValidationError, match="not unique"):
        replace(table, data=pd.concat([table.data, table.data], ignore_index=True))

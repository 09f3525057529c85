"""Tables from DataFrames: tidy or wide, refused where ambiguous, given back as they were."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import begleitforschung.tables as tables
from begleitforschung.errors import ValidationError
from begleitforschung.provenance import Source
from begleitforschung.tables import Indicator, indicators

WIDE = pd.DataFrame(
    {"ags": ["08421", "09761"], "year": [2021, 2021], "pkw": [500.5, np.nan], "kita": [30, 31]}
)


def test_wide_and_tidy_give_the_same_figures():
    tidy = WIDE.melt(["ags", "year"], var_name="indicator", value_name="value")
    left, right = indicators(WIDE), indicators(tidy)
    pd.testing.assert_frame_equal(left.wide(), right.wide())
    assert left.provenance.fingerprint == right.provenance.fingerprint


def test_missing_number_gets_its_status():
    data = indicators(WIDE).to_frame().set_index(["unit", "indicator"])["status"]
    assert data["09761", "pkw"] == "missing"
    assert data["08421", "pkw"] == "normal"


def test_year_may_be_given_for_all_rows():
    assert indicators(WIDE.drop(columns="year"), year=2019).years == (2019,)


def test_a_table_passes_through():
    table = indicators(WIDE)
    assert indicators(table) is table
    assert tables.as_table(table) is table


def test_meaning_and_source_are_kept():
    pkw = Indicator(id="pkw", title="Pkw-Dichte", unit_of_measure="je 1.000")
    source = Source(publisher="KBA", title="Bestand")
    table = indicators(WIDE, indicators=[pkw], source=source, gebietsstand="2021-12-31")
    assert table.indicator("pkw").title.text.get("de") == "Pkw-Dichte"
    assert table.indicator("kita").aggregation == "unknown"
    assert table.provenance.sources() == (source,)
    assert table.gebietsstand == "2021-12-31"


def test_keys_as_numbers_are_refused_with_the_remedy():
    with pytest.raises(ValidationError, match="leading zero is lost"):
        indicators(WIDE.assign(ags=[8421, 9761]))


def test_key_with_a_lost_zero_is_refused():
    with pytest.raises(ValidationError, match=r"(?i)leading zero"):
        indicators(WIDE.assign(ags=["08421", "9761"]))


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (WIDE.rename(columns={"ags": "schluessel"}), r"no column may hold the unit.*unit=…"),
        (WIDE.assign(unit=WIDE["ags"]), r"several columns \(unit, ags\)"),
        (WIDE.assign(text=["a", "b"]), "not numeric: text"),
        (WIDE[["ags", "year"]], "there is no such column"),
        (WIDE.drop(columns="year"), "no column may hold the year"),
    ],
)
def test_ambiguous_frames_are_refused(frame, said):
    with pytest.raises(ValidationError, match=said):
        indicators(frame)


def test_named_columns_must_exist():
    with pytest.raises(ValidationError, match="no column 'key'"):
        indicators(WIDE, unit="key")


def test_text_in_a_number_column_names_row_and_value():
    tidy = pd.DataFrame(
        {"unit": ["08421", "09761"], "year": 2021, "indicator": "a", "value": ["1", "viel"]}
    )
    with pytest.raises(ValidationError, match=r"row 1, column 'value': not a number, 'viel'"):
        indicators(tidy)


def test_other_things_are_refused():
    with pytest.raises(ValidationError, match="not as list"):
        tables.as_table([1, 2])


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["01001", "08421", "16077", "DG"]), st.integers(1990, 2030)),
        st.floats(allow_nan=False, allow_infinity=False),
        min_size=1,
    )
)
def test_round_trip_through_frames_keeps_every_figure(figures):
    frame = pd.DataFrame(
        [(u, y, v) for (u, y), v in figures.items()], columns=["unit", "year", "a"]
    )
    table = indicators(frame)
    again = indicators(table.wide().reset_index())
    assert again.wide()["a"].to_dict() == figures
    assert table.provenance.fingerprint == indicators(frame).provenance.fingerprint

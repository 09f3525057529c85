"""Rows of any dtype become rows of a table, and tables become one or wide, without loss."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from begleitforschung.errors import ValidationError
from begleitforschung.tables import indicators, statuses
from begleitforschung.tables.frames import coerce, stack, widen
from begleitforschung.tables.status import codes_with, status_dtype

ROWS = {"unit": ["09761", "08421"], "year": [2021, 2020], "indicator": ["b", "a"], "value": [1, 2]}


def tidy(**columns):
    return pd.DataFrame(ROWS | columns)


def test_columns_stand_in_one_order_with_one_dtype_each():
    given = tidy(date="2021-12-31", row=[3, 2], file="x.csv")
    found = coerce(given[["date", "row", "file", "value", "indicator", "year", "unit"]])
    assert {name: str(dtype) for name, dtype in found.dtypes.items()} == {
        "unit": "category",
        "year": "int16",
        "indicator": "category",
        "value": "float64",
        "status": "category",
        "file": "category",
        "row": "int32",
        "date": "datetime64[us]",
    }
    assert found["status"].dtype == status_dtype()
    assert found["unit"].tolist() == ["09761", "08421"]  # rows keep their order
    assert found["unit"].cat.categories.tolist() == ["08421", "09761"]


@pytest.mark.parametrize(
    "value",
    [
        [1, 2],
        [1.0, 2.0],
        ["1", "2.0"],
        pd.array([1, 2], dtype="Int64"),
        pd.array([1.0, 2.0], dtype="Float64"),
        pd.array([1, 2], dtype="float64[pyarrow]"),
        np.array([1, 2], dtype="int8"),
        pd.Series(["1", "2"], dtype="str"),
        pd.Series([1, "2"], dtype=object),
    ],
)
def test_numbers_of_any_dtype_are_the_same_numbers(value):
    assert coerce(tidy(value=value))["value"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA])
def test_what_is_missing_in_any_dtype_is_nan_with_status_missing(nothing):
    found = coerce(tidy(value=pd.Series([1, nothing], dtype=object)))
    assert np.isnan(found["value"].iloc[1])
    assert found["status"].tolist() == ["normal", "missing"]


def test_dates_are_no_numbers():
    with pytest.raises(ValidationError, match=r"column 'value': not a number.*\[2 cases\]"):
        coerce(tidy(value=pd.to_datetime(["2021-12-31", "2020-12-31"])))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["revised", "estimated"], ["revised", "estimated"]),
        (["", None], ["normal", "normal"]),
        ([np.nan, "estimated"], ["normal", "estimated"]),
        (pd.Categorical(["estimated", "revised"]), ["estimated", "revised"]),
        (pd.Categorical(["estimated", None]), ["estimated", "normal"]),
        (pd.Categorical(["revised", None], dtype=status_dtype()), ["revised", "normal"]),
    ],
)
def test_a_status_that_is_not_given_follows_from_the_value(given, expected):
    found = coerce(tidy(status=given))["status"]
    assert found.tolist() == expected
    assert found.dtype == status_dtype()


def test_keys_that_are_used_no_more_are_forgotten():
    unit = pd.Categorical(["09761", "08421"], categories=["16077", "09761", "08421"])
    assert coerce(tidy(unit=unit))["unit"].cat.categories.tolist() == ["08421", "09761"]


@pytest.mark.parametrize(
    ("unit", "n"),
    [
        ([8421, 9761], 2),
        (pd.Categorical([8421, 9761]), 2),
        (pd.Series([8421.0, None]), 1),
        (pd.Series(["08421", 9761], dtype=object), 1),
        (pd.Series([8421, None], dtype=object), 1),
    ],
)
def test_keys_that_are_numbers_are_counted_and_refused(unit, n):
    with pytest.raises(ValidationError, match="numbers instead of text") as error:
        coerce(tidy(unit=unit))
    assert error.value.findings[0].n == n


def test_unreadable_cells_of_all_columns_come_at_once_with_their_rows():
    with pytest.raises(ValidationError, match="can't be built") as error:
        coerce(
            tidy(
                value=["viel", "mehr"], year=["x", "2020"], status=["?", ""], date=["heute", None],
                file="d.csv", row=[5, 9],
            )
        )  # fmt: skip
    found = {f.column: (f.file, f.row, f.value, f.rows) for f in error.value.findings}
    assert found == {
        "value": ("d.csv", 5, "viel", (5, 9)),
        "year": ("d.csv", 5, "x", (5,)),
        "status": ("d.csv", 5, "?", (5,)),
        "date": ("d.csv", 5, "heute", (5,)),
    }


@pytest.mark.parametrize("date", ["31.12.2021", "12/31/2021", "heute", "2021-02-30"])
def test_dates_are_iso_dates_and_nothing_that_could_be_read_in_two_ways(date):
    with pytest.raises(ValidationError, match="not a date"):
        coerce(tidy(date=[date, "2021-12-31"]))


@pytest.mark.parametrize(
    "dates",
    [
        ["2021-12-31", None],
        pd.to_datetime(["2021-12-31", None]),
        pd.Series([pd.Timestamp("2021-12-31").date(), None], dtype=object),
        pd.Series([pd.Timestamp("2021-12-31"), pd.NaT]).astype("datetime64[ns]"),
    ],
)
def test_dates_of_any_dtype_are_the_same_dates(dates):
    found = coerce(tidy(date=dates))["date"]
    assert found.tolist() == [pd.Timestamp("2021-12-31"), pd.NaT]
    assert str(found.dtype) == "datetime64[us]"


# Stacked and wide -----------------------------------------------------------------------------


def test_tables_are_stacked_in_their_order_with_united_keys():
    first = coerce(tidy(file="eins.csv", row=[2, 3]))
    second = coerce(tidy(indicator="c", unit=["01", "16"], date="2021-12-31"))
    both = stack([first, second])
    assert both["unit"].tolist() == ["09761", "08421", "01", "16"]
    assert both["unit"].cat.categories.tolist() == ["01", "08421", "09761", "16"]
    assert both["indicator"].cat.categories.tolist() == ["a", "b", "c"]
    assert both["file"].tolist()[:2] == ["eins.csv"] * 2
    assert both["file"].isna().tolist() == [False, False, True, True]
    assert both["date"].isna().tolist() == [True, True, False, False]
    assert both.index.tolist() == [0, 1, 2, 3]
    assert both.columns[-1] == "date"


@settings(max_examples=20)
@given(st.lists(st.lists(st.floats(-9, 9), min_size=1, max_size=4), min_size=1, max_size=4))
def test_nothing_is_lost_or_made_by_stacking(parts):
    frames = [
        coerce(
            pd.DataFrame({"unit": "DG", "year": 2000 + at, "indicator": f"i{at}", "value": values})
        )
        for at, values in enumerate(parts)
    ]
    both = stack(frames)
    assert both["value"].tolist() == [value for values in parts for value in values]
    pd.testing.assert_frame_equal(stack([both.iloc[:1], both.iloc[1:]]), both)


def test_wide_has_one_row_per_unit_and_year_and_one_column_per_indicator():
    frame = pd.DataFrame(
        {
            "unit": ["09761", "08421", "08421"],
            "year": [2021, 2021, 2020],
            "indicator": ["b", "a", "b"],
            "value": [1.0, 2.0, np.nan],
        }
    )
    wide = widen(coerce(frame))
    assert wide.index.tolist() == [("08421", 2020), ("08421", 2021), ("09761", 2021)]
    assert wide.index.names == ["unit", "year"]
    assert wide.columns.tolist() == ["a", "b"]
    assert wide.columns.name is None
    assert wide["a"].isna().tolist() == [True, False, True]
    assert wide.loc[("09761", 2021), "b"] == 1.0


def test_one_date_per_year_may_be_made_wide():
    frame = tidy(date=["2021-12-31", "2020-12-31"])
    assert indicators(frame).wide().notna().sum().sum() == 2


# Statuses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "sign", "value", "german"),
    [
        ("normal", "", "required", "normal"),
        ("zero", "-", "zero", "genau null"),
        ("unknown", ".", "absent", "unbekannt oder geheim"),
        ("unreliable", "/", "absent", "nicht sicher genug"),
        ("limited", "()", "required", "Aussagewert eingeschränkt"),
        ("not_meaningful", "x", "absent", "Aussage nicht sinnvoll"),
        ("later", "...", "absent", "Angabe fällt später an"),
        ("preliminary", "p", "required", "vorläufig"),
        ("revised", "r", "required", "berichtigt"),
        ("estimated", "e", "required", "geschätzt"),
        ("not_existing", "", "absent", "Einheit bestand nicht"),
        ("imputed", "", "required", "ergänzt"),
        ("partial", "", "required", "ohne alle Mitglieder"),
        ("rebased", "", "required", "umgerechnet"),
        ("suppressed", "", "absent", "gesperrt"),
        ("missing", "", "absent", "fehlt"),
    ],
)
def test_each_status_has_its_official_sign_and_allows_a_number_or_not(code, sign, value, german):
    status = statuses()[code]
    assert (status.sign, status.value, status.label.de) == (sign, value, german)
    number = {"required": 1.5, "zero": 0.0, "absent": np.nan}[value]
    assert coerce(tidy(value=[number, 2], status=[code, ""]))["status"].iloc[0] == code
    indicators(tidy(value=[number, 2], status=[code, ""]))
    wrong = {"required": np.nan, "zero": 1.0, "absent": 0.0}[value]
    with pytest.raises(ValidationError):
        indicators(tidy(value=[wrong, 2], status=[code, ""]))


def test_statuses_are_frozen_and_every_one_has_one_rule():
    with pytest.raises(ValueError, match="frozen"):
        statuses()["normal"].sign = "+"
    kinds = [codes_with(kind) for kind in ("required", "absent", "zero")]
    assert sorted(code for kind in kinds for code in kind) == list(range(16))
    assert status_dtype().categories.tolist() == list(statuses())

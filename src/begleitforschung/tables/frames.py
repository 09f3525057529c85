"""Rows of an `IndicatorTable` as plain DataFrames: coerced, stacked, made wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, ValidationError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.tables.status import status_dtype, statuses

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_TEXTS = ("string", "empty")


def coerce(tidy: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of an `IndicatorTable` in their dtypes and order.

    Parameters
    ----------
    tidy : pandas.DataFrame
        Columns ``unit, year, indicator, value`` and optionally ``status, date, file, row``.

    Returns
    -------
    pandas.DataFrame
        The coerced rows, keys in sorted categories.

    Raises
    ------
    ValidationError
        If keys are numbers, years or values can't be read as numbers, a status is unknown or a
        date is not written as 2024-12-31.
    """
    problems = [
        *_not_text(tidy["unit"]),
        *_not_years(tidy),
        *_not_numbers(tidy),
        *_not_statuses(tidy),
        *_not_dates(tidy),
    ]
    if problems:
        raise ValidationError("the table can't be built:", findings=problems)
    n = len(tidy)
    value = pd.to_numeric(tidy["value"]).to_numpy(np.float64, na_value=np.nan)
    columns: dict[str, Any] = {
        "unit": _category(tidy["unit"]),
        "year": pd.to_numeric(tidy["year"]).to_numpy(np.int64).astype(np.int16),
        "indicator": _category(tidy["indicator"]),
        "value": value,
        "status": _status(tidy.get("status"), value),
        "file": _category(tidy["file"] if "file" in tidy else pd.Series([None] * n, dtype=object)),
        "row": tidy["row"].to_numpy(np.int32) if "row" in tidy else np.zeros(n, np.int32),
    }
    if "date" in tidy:
        columns["date"] = _days(tidy["date"]).to_numpy("datetime64[us]")
    return pd.DataFrame(columns)


def stack(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of several tables as one, categories united.

    Parameters
    ----------
    frames : sequence of pandas.DataFrame
        Rows of tables.

    Returns
    -------
    pandas.DataFrame
        All rows.
    """
    united = {}
    for name in ("unit", "indicator", "file"):
        united[name] = pd.api.types.union_categoricals(
            [frame[name] for frame in frames], sort_categories=True
        )
    rest = ("year", "value", "status", "row", "date")
    joined = pd.concat([frame[[c for c in rest if c in frame]] for frame in frames])
    joined = joined.reset_index(drop=True).assign(**united)
    order = ["unit", "year", "indicator", "value", "status", "file", "row", "date"]
    return joined[[name for name in order if name in joined]]


def widen(data: pd.DataFrame) -> pd.DataFrame:
    """Return values with one row per unit and year and one column per indicator.

    Parameters
    ----------
    data : pandas.DataFrame
        Rows of a table.

    Returns
    -------
    pandas.DataFrame
        Index ``unit`` (text) and ``year``, columns the indicators.

    Raises
    ------
    ValidationError
        If figures of several dates stand in one year.
    """
    keys = ["unit", "year", "indicator"]
    if "date" in data and data.duplicated(keys).any():
        raise ValidationError(
            "several dates stand in one year; select one date before making the table wide"
        )
    plain = data.assign(unit=data["unit"].astype(str), indicator=data["indicator"].astype(str))
    wide = plain.pivot(index=["unit", "year"], columns="indicator", values="value")
    return wide.rename_axis(columns=None)


def _category(values: pd.Series) -> Any:
    if isinstance(values.dtype, pd.CategoricalDtype):
        found = _sorted(pd.Categorical(values))
    else:
        found = pd.Categorical(values)
    # Without any text the categories have no dtype of their own, and tables would not stack.
    return found if len(found.categories) else found.set_categories(pd.Index([], dtype="str"))


def _sorted(given: pd.Categorical) -> pd.Categorical:
    """Return the same cells, categories sorted as text and without those that no cell has."""
    texts = given.categories.astype("str").to_numpy(object)
    used = np.bincount(given.codes[given.codes >= 0], minlength=len(texts)) > 0
    order = np.argsort(texts, kind="stable")
    order = order[used[order]]
    if np.array_equal(order, np.arange(len(texts))):
        return given
    position = np.full(len(texts) + 1, -1)  # the last stands for the code -1 of a missing key
    position[order] = np.arange(len(order))
    return pd.Categorical.from_codes(position[given.codes], given.categories[order])


def _status(given: pd.Series | None, value: ArrayLike) -> Any:
    default = np.where(np.isnan(np.asarray(value)), "missing", "normal")
    if given is None:
        return pd.Categorical(default, dtype=status_dtype())
    if given.dtype == status_dtype() and given.notna().all():
        return pd.Categorical(given)
    filled = given.astype(object).where(given.notna() & (given.astype(object) != ""), default)
    return pd.Categorical(filled, dtype=status_dtype())


def _not_text(unit: pd.Series) -> list[Finding]:
    kinds = unit.cat.categories if isinstance(unit.dtype, pd.CategoricalDtype) else unit
    mixed = kinds.dtype == object and pd.api.types.infer_dtype(kinds, skipna=True) not in _TEXTS
    if not (mixed or pd.api.types.is_numeric_dtype(kinds.dtype)):
        return []
    return [
        Finding(
            rule="table.key_number",
            severity="error",
            text=Text("Schlüssel sind Zahlen statt Text", "keys are numbers instead of text"),
            hint=Text(
                'Die Spalte als Text einlesen: pd.read_csv(…, dtype={"unit": str}).',
                "A leading zero is lost when the key is read as a number; read the column as "
                'text: pd.read_csv(…, dtype={"unit": str}).',
            ),
            column="unit",
            n=sum(not isinstance(key, str) for key in unit.dropna()),
        )
    ]


def _not_years(tidy: pd.DataFrame) -> list[Finding]:
    year = pd.to_numeric(tidy["year"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    # What is no whole number of at most four digits would silently become another year.
    bad = pd.Series(~(np.abs(year) < 1e4) | (year != np.floor(year)), index=tidy.index)
    return _bad_cells(
        tidy,
        "year",
        bad,
        "table.year",
        Text("kein Jahr", "not a year"),
        Text("Jahr vierstellig angeben.", "Give the year with four digits."),
    )


def _not_numbers(tidy: pd.DataFrame) -> list[Finding]:
    given = tidy["value"]
    if given.dtype.kind == "f":
        return []
    bad = given.notna()
    if given.dtype.kind not in "mM":  # dates would become numbers of microseconds
        bad &= pd.to_numeric(given, errors="coerce").isna()
    return _bad_cells(
        tidy,
        "value",
        bad,
        "table.value_not_number",
        Text("keine Zahl", "not a number"),
        Text("Zeichen als Status führen.", "Put signs into the column 'status'."),
    )


def _not_dates(tidy: pd.DataFrame) -> list[Finding]:
    if "date" not in tidy:
        return []
    return _bad_cells(
        tidy,
        "date",
        tidy["date"].notna() & _days(tidy["date"]).isna(),
        "table.date",
        Text("kein Datum", "not a date"),
        Text("Datum als 2024-12-31 angeben.", "Give the date as 2024-12-31."),
    )


def _days(given: pd.Series) -> pd.Series:
    """Return dates; texts count as ISO 8601 only, as 01.02.2021 can be read in two ways."""
    if given.dtype.kind == "M":
        return given
    return pd.to_datetime(given.astype(object), format="ISO8601", errors="coerce")


def _not_statuses(tidy: pd.DataFrame) -> list[Finding]:
    if "status" not in tidy or tidy["status"].dtype == status_dtype():
        return []
    given = tidy["status"]
    bad = given.notna() & (given.astype(object) != "") & ~given.isin(list(statuses()))
    known = ", ".join(statuses())
    return _bad_cells(
        tidy,
        "status",
        bad,
        "table.status",
        Text("unbekannter Status", "unknown status"),
        Text(f"Erlaubt sind: {known}.", f"Known are: {known}."),
    )


def _bad_cells(
    tidy: pd.DataFrame, column: str, bad: pd.Series, rule: str, text: Text, hint: Text
) -> list[Finding]:
    if not bad.any():
        return []
    rows = [int(row) for row in (tidy.loc[bad, "row"] if "row" in tidy else np.flatnonzero(bad))]
    return [
        Finding(
            rule=rule,
            severity="error",
            text=text,
            hint=hint,
            file=str(tidy["file"].iloc[0]) if "file" in tidy else None,
            column=column,
            row=rows[0],
            value=str(tidy.loc[bad, column].iloc[0]),
            n=len(rows),
            rows=rows_concerned(rows),
        )
    ]

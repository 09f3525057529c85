"""A plain tidy DataFrame as figures to check, however broken its rows are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, ValidationError
from begleitforschung.tables import IndicatorTable, as_table
from begleitforschung.tables.construct import UNIT_NAMES, YEAR_NAMES
from begleitforschung.tables.schema import FIRST_YEAR, LAST_YEAR
from begleitforschung.tables.status import status_dtype
from begleitforschung.validation.cells import Cells


def read_frame(data: pd.DataFrame) -> tuple[IndicatorTable | Cells, tuple[Finding, ...]]:
    """Make a table of a DataFrame, or the best that can be checked of a broken one.

    Parameters
    ----------
    data : pandas.DataFrame
        Tidy or wide figures. Rows are counted as in a CSV of the DataFrame (the first is 2),
        unless it has a column ``row``.

    Returns
    -------
    figures : IndicatorTable or Cells
        The table; or, where the rows break its schema, all rows that have a key and a year.
    findings : tuple of Finding
        Why there is no table.

    Raises
    ------
    ValidationError
        If columns are missing or ambiguous, so that nothing can be checked.
    """
    unit, year = _only(data, UNIT_NAMES), _only(data, YEAR_NAMES)
    tidy = unit is not None and year is not None and {"indicator", "value"} <= set(data.columns)
    if not tidy:
        return as_table(data), ()
    numbered = data if "row" in data else data.assign(row=np.arange(2, len(data) + 2))
    try:
        return as_table(numbered), ()
    except ValidationError as error:
        renamed = numbered.rename(columns={unit: "unit", year: "year"})
        return Cells(data=_lenient(renamed), indicators={}, gebietsstand="unknown"), error.findings


def _only(data: pd.DataFrame, names: Sequence[str]) -> str | None:
    found = [name for name in names if name in data.columns]
    return found[0] if len(found) == 1 else None


def _lenient(data: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have unit, year and indicator, in the columns of a table."""
    year = pd.to_numeric(data["year"], errors="coerce")
    usable = data["unit"].notna() & data["indicator"].notna() & year.between(FIRST_YEAR, LAST_YEAR)
    kept = data[usable].reset_index(drop=True)
    value = pd.to_numeric(kept["value"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    columns = {
        "unit": pd.Categorical(kept["unit"].astype(object).map(str)),
        "year": year[usable].to_numpy(np.float64).astype(np.int16),
        "indicator": pd.Categorical(kept["indicator"].astype(object).map(str)),
        "value": value,
        "status": _status(kept, value),
        "file": pd.Categorical(kept["file"] if "file" in kept else [None] * len(kept)),
        "row": kept["row"].to_numpy(np.int32),
    }
    if "date" in kept:
        date = pd.to_datetime(kept["date"], errors="coerce")
        columns["date"] = date.to_numpy("datetime64[us]")
    return pd.DataFrame(columns)


def _status(data: pd.DataFrame, value: np.ndarray[tuple[int], np.dtype[np.float64]]) -> object:
    default = np.where(np.isnan(value), "missing", "normal")
    if "status" not in data:
        return pd.Categorical(default, dtype=status_dtype())
    known = data["status"].isin(status_dtype().categories)
    return pd.Categorical(data["status"].astype(object).where(known, default), dtype=status_dtype())

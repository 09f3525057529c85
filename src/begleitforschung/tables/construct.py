"""Making an `IndicatorTable` from any tidy or wide DataFrame, and giving it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.catalogue import Label
from begleitforschung.errors import Finding, ValidationError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source, frame_sha256
from begleitforschung.tables.indicator import Indicator
from begleitforschung.tables.status import status_dtype, statuses
from begleitforschung.tables.table import UNKNOWN_STATE, IndicatorTable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

UNIT_NAMES = ("unit", "ags", "ars", "AGS", "ARS", "kreis_ags", "county_code")
YEAR_NAMES = ("year", "jahr", "Jahr")
LABEL_NAMES = ("name", "Name", "gemeinde", "kreis")
TIDY_NAMES = ("indicator", "value", "status", "date", "file", "row")


def indicators(
    data: pd.DataFrame | IndicatorTable,
    *,
    indicators: Iterable[Indicator] = (),
    unit: str | None = None,
    year: str | int | None = None,
    gebietsstand: str = UNKNOWN_STATE,
    source: Source | None = None,
) -> IndicatorTable:
    """Make an `IndicatorTable` from a DataFrame, tidy or wide.

    A tidy frame has the columns unit, year, ``indicator``, ``value`` and optionally ``status``
    and ``date``; a wide frame has one numeric column per indicator. Missing numbers get the
    status ``"missing"`` unless a status is given.

    Parameters
    ----------
    data : pandas.DataFrame or IndicatorTable
        The figures; a table is returned as it is.
    indicators : iterable of Indicator
        Meanings; indicators without one get their name as title and unknown everything.
    unit : str, optional
        Column with the keys (text with leading zeros); found by its usual names if left out.
    year : str or int, optional
        Column with the years, or the year of all rows.
    gebietsstand : str
        Territorial state as ISO date.
    source : Source, optional
        Where the figures come from; else they count as given in memory.

    Returns
    -------
    IndicatorTable
        Validated figures.

    Raises
    ------
    ValidationError
        If columns are missing or ambiguous, keys are numbers, values are no numbers, or the
        rows break the schema.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"unit": ["08421", "09761"], "year": 2021, "cars": [1.5, 2.5]})
    >>> indicators(frame, gebietsstand="2021-12-31").units
    ('08421', '09761')
    """
    if isinstance(data, IndicatorTable):
        return data
    frame, unit_name, year_name = _with_keys(data, unit, year)
    rows = coerce(_melt(frame, unit_name, year_name))
    origin = source or Source(publisher="ohne Angabe", title="DataFrame", sha256=frame_sha256(rows))
    return assemble(
        rows,
        indicators=indicators,
        gebietsstand=gebietsstand,
        provenance=Provenance.of("indicators", origin, gebietsstand=gebietsstand),
    )


def assemble(
    tidy: pd.DataFrame,
    *,
    indicators: Iterable[Indicator],
    gebietsstand: str,
    provenance: Provenance,
    findings: Sequence[Finding] = (),
) -> IndicatorTable:
    """Make an `IndicatorTable` from columns of any dtype; what loaders end with.

    Parameters
    ----------
    tidy : pandas.DataFrame
        Columns ``unit, year, indicator, value`` and optionally ``status, date, file, row``.
    indicators : iterable of Indicator
        Meanings; those that no row uses are dropped, those missing are made from the name.
    gebietsstand : str
        Territorial state.
    provenance : Provenance
        Where the figures come from.
    findings : sequence of Finding
        What the loader remarked.

    Returns
    -------
    IndicatorTable
        Validated figures.

    Raises
    ------
    ValidationError
        If the rows break the schema.
    """
    data = coerce(tidy)
    given = {item.id: item for item in indicators}
    used = [str(name) for name in data["indicator"].cat.categories]
    meanings = {
        name: given.get(name, Indicator(id=name, title=Label(de=name))) for name in used if name
    }
    return IndicatorTable(
        data=data,
        indicators=meanings,
        gebietsstand=gebietsstand,
        provenance=provenance,
        findings=tuple(findings),
    )


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
        If keys are numbers, or years or values can't be read as numbers.
    """
    problems = [
        *_not_text(tidy["unit"]),
        *_not_numbers(tidy, "year"),
        *_not_numbers(tidy, "value"),
        *_not_statuses(tidy),
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
        "file": _category(tidy["file"]) if "file" in tidy else pd.Categorical([None] * n),
        "row": tidy["row"].to_numpy(np.int32) if "row" in tidy else np.zeros(n, np.int32),
    }
    if "date" in tidy:
        columns["date"] = pd.to_datetime(tidy["date"]).to_numpy("datetime64[us]")
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


def _with_keys(
    data: pd.DataFrame, unit: str | None, year: str | int | None
) -> tuple[pd.DataFrame, str, str]:
    unit_name = unit or _only(data, UNIT_NAMES, "unit")
    if isinstance(year, int):
        return data.assign(year=year), unit_name, "year"
    year_name = year or _only(data, YEAR_NAMES, "year")
    missing = [name for name in (unit_name, year_name) if name not in data.columns]
    if missing:
        raise ValidationError(
            f"the DataFrame has no column {' or '.join(map(repr, missing))}; it has: "
            f"{', '.join(map(str, data.columns))}"
        )
    return data, unit_name, year_name


def _only(data: pd.DataFrame, names: Sequence[str], option: str) -> str:
    found = [name for name in names if name in data.columns]
    if len(found) != 1:
        state = f"several columns ({', '.join(found)})" if found else "no column"
        raise ValidationError(
            f"{state} may hold the {option}; say which: {option}=… "
            f"(columns: {', '.join(map(str, data.columns))})"
        )
    return found[0]


def _melt(data: pd.DataFrame, unit: str, year: str) -> pd.DataFrame:
    renamed = data.rename(columns={unit: "unit", year: "year"})
    if {"indicator", "value"} <= set(renamed.columns):
        kept = ["unit", "year", *(name for name in TIDY_NAMES if name in renamed.columns)]
        return renamed[kept]
    values = [c for c in renamed.columns if c not in ("unit", "year", *LABEL_NAMES)]
    texts = [str(c) for c in values if not pd.api.types.is_numeric_dtype(renamed[c])]
    if texts or not values:
        raise ValidationError(
            "a wide DataFrame holds one numeric column per indicator; not numeric: "
            f"{', '.join(texts) or 'there is no such column'}. Drop or convert them."
        )
    return renamed.melt(["unit", "year"], values, var_name="indicator", value_name="value")


def _category(values: pd.Series) -> Any:
    if isinstance(values.dtype, pd.CategoricalDtype):
        used = values.cat.remove_unused_categories()
        return pd.Categorical(used.cat.set_categories(sorted(used.cat.categories, key=str)))
    return pd.Categorical(values)


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
    if not pd.api.types.is_numeric_dtype(kinds.dtype):
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
            n=len(unit),
        )
    ]


def _not_numbers(tidy: pd.DataFrame, column: str) -> list[Finding]:
    given = tidy[column]
    bad = pd.to_numeric(given, errors="coerce").isna()
    if column == "value":
        bad &= given.notna()
    return _bad_cells(
        tidy,
        column,
        bad,
        f"table.{column}_not_number",
        Text("keine Zahl", "not a number"),
        Text("Zeichen als Status führen.", "Put signs into the column 'status'."),
    )


def _not_statuses(tidy: pd.DataFrame) -> list[Finding]:
    if "status" not in tidy:
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


def as_table(data: IndicatorTable | pd.DataFrame | Mapping[str, Any]) -> IndicatorTable:
    """Return the table that a verb was given; a DataFrame becomes one where unambiguous.

    Parameters
    ----------
    data : IndicatorTable or pandas.DataFrame
        Figures.

    Returns
    -------
    IndicatorTable
        The table itself, or one made by `indicators`.

    Raises
    ------
    ValidationError
        If it is neither, or the DataFrame is ambiguous.
    """
    if isinstance(data, IndicatorTable | pd.DataFrame):
        return indicators(data)
    raise ValidationError(
        f"figures come as an IndicatorTable or a DataFrame, not as {type(data).__name__}"
    )

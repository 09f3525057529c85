"""Making an `IndicatorTable` from any tidy or wide DataFrame, and giving it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from begleitforschung.catalogue import Label
from begleitforschung.errors import Finding, ValidationError
from begleitforschung.provenance import Provenance, Source, frame_sha256
from begleitforschung.tables.frames import coerce
from begleitforschung.tables.indicator import Indicator
from begleitforschung.tables.table import UNKNOWN_STATE, IndicatorTable

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

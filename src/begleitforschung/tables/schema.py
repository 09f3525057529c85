"""The schema of an `IndicatorTable`: its columns and rules, told in the user's words.

Pandera says what is wrong with the columns of a table. Where they have the right names and dtypes
it would say nothing, after some time; then it is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, ValidationError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.regions.keys import check_keys
from begleitforschung.tables.indicator import Indicator
from begleitforschung.tables.status import codes_with, status_dtype

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEY = ("unit", "year", "indicator")
COLUMNS = (*KEY, "value", "status", "file", "row")
FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the schema.

    Parameters
    ----------
    id : str
        Identifier.
    column : str
        Column named in findings.
    broken : callable
        Function of the table that returns a mask of the rows that break the rule.
    text, hint : Text
        What is wrong and what to do.
    """

    id: str
    column: str
    broken: Callable[[pd.DataFrame], NDArray[np.bool_]]
    text: Text
    hint: Text


def _year_out(frame: pd.DataFrame) -> NDArray[np.bool_]:
    year = frame["year"].to_numpy()
    return np.asarray((year < FIRST_YEAR) | (year > LAST_YEAR))


def _duplicate(frame: pd.DataFrame) -> NDArray[np.bool_]:
    key = key_codes(frame)
    # With few gaps between the keys counting beats hashing.
    if key.size and key.min() >= 0 and key.max() < 16 * key.size:
        return np.asarray(np.bincount(key)[key] > 1)
    return np.asarray(pd.Series(key).duplicated(keep=False))


def _value_missing(frame: pd.DataFrame) -> NDArray[np.bool_]:
    needed = np.isin(frame["status"].cat.codes, codes_with("required"))
    return np.asarray(needed & ~np.isfinite(frame["value"].to_numpy()))


def _value_beside_sign(frame: pd.DataFrame) -> NDArray[np.bool_]:
    absent = np.isin(frame["status"].cat.codes, codes_with("absent"))
    return np.asarray(absent & ~np.isnan(frame["value"].to_numpy()))


def _zero_not_zero(frame: pd.DataFrame) -> NDArray[np.bool_]:
    zero = np.isin(frame["status"].cat.codes, codes_with("zero"))
    return np.asarray(zero & (frame["value"].to_numpy() != 0))


def _no_status(frame: pd.DataFrame) -> NDArray[np.bool_]:
    return np.asarray(frame["status"].cat.codes < 0)


def _no_key(frame: pd.DataFrame) -> NDArray[np.bool_]:
    codes = frame["unit"].cat.codes.to_numpy(), frame["indicator"].cat.codes.to_numpy()
    return np.asarray((codes[0] < 0) | (codes[1] < 0))


RULES = (
    Rule(
        "table.key_missing",
        "unit, indicator",
        _no_key,
        Text("Schlüssel oder Indikator fehlt", "unit or indicator is missing"),
        Text("Zeile ergänzen oder entfernen.", "Complete or remove the row."),
    ),
    Rule(
        "table.year",
        "year",
        _year_out,
        Text(
            f"Jahr liegt nicht zwischen {FIRST_YEAR} und {LAST_YEAR}",
            f"year is not between {FIRST_YEAR} and {LAST_YEAR}",
        ),
        Text("Jahr vierstellig angeben.", "Give the year with four digits."),
    ),
    Rule(
        "table.duplicate",
        "unit, year, indicator",
        _duplicate,
        Text(
            "Einheit, Jahr und Indikator kommen mehrfach vor",
            "unit, year and indicator are not unique",
        ),
        Text(
            "Doppelte Zeilen entfernen; weitere Merkmale gehören in den Indikator.",
            "Remove the duplicates; further dimensions belong into the indicator code.",
        ),
    ),
    Rule(
        "table.status",
        "status",
        _no_status,
        Text("Status fehlt oder ist unbekannt", "status is missing or unknown"),
        Text("Einen Code der Liste 'status' verwenden.", "Use a code of the list 'status'."),
    ),
    Rule(
        "table.value_missing",
        "value",
        _value_missing,
        Text(
            "Wert fehlt oder ist keine endliche Zahl, der Status verlangt eine",
            "value is missing or not finite, but its status asks for a number",
        ),
        Text("Status 'missing' setzen, wenn kein Wert da ist.", "Use status 'missing' if so."),
    ),
    Rule(
        "table.value_beside_sign",
        "value",
        _value_beside_sign,
        Text(
            "Zahl steht neben einem Status, der keine zulässt",
            "a number stands beside a status that allows none",
        ),
        Text("Wert leeren oder Status ändern.", "Clear the value or change the status."),
    ),
    Rule(
        "table.zero",
        "value",
        _zero_not_zero,
        Text("Status 'zero' bei einem Wert ungleich null", "status 'zero' on a value other than 0"),
        Text("Wert 0 oder Status 'normal' setzen.", "Set the value to 0 or use 'normal'."),
    ),
)


def key_codes(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Return one integer per row that stands for (unit, year, indicator[, date]).

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of an `IndicatorTable`.

    Returns
    -------
    numpy.ndarray of int64, shape (rows,)
        Equal exactly where the keys are equal.
    """
    unit, indicator = frame["unit"].cat, frame["indicator"].cat
    year = frame["year"].to_numpy(np.int64)
    first = year.min(initial=LAST_YEAR)
    key = unit.codes.to_numpy(np.int64) * (year.max(initial=first) - first + 1) + year - first
    key = key * (len(indicator.categories) + 1) + indicator.codes.to_numpy(np.int64)
    if "date" in frame:
        codes, labels = pd.factorize(frame["date"], use_na_sentinel=False)
        key = key * (len(labels) + 1) + codes
    return np.asarray(key, np.int64)


@cache
def _dtypes() -> dict[str, Any]:
    return {
        "unit": "category",
        "year": "int16",
        "indicator": "category",
        "value": "float64",
        "status": status_dtype(),
        "file": "category",
        "row": "int32",
        "date": "datetime64[us]",
    }


@cache
def _schema() -> Any:
    from pandera.pandas import Column, DataFrameSchema

    # Missing keys and values are matters of the rules.
    columns = {
        name: Column(dtype, nullable=True, required=name != "date")
        for name, dtype in _dtypes().items()
    }
    return DataFrameSchema(columns, strict=True)


def check_table(frame: pd.DataFrame, indicators: Mapping[str, Indicator]) -> None:
    """Check the rows of an `IndicatorTable`.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows, with the columns of the table.
    indicators : mapping
        Identifier to `Indicator`.

    Raises
    ------
    ValidationError
        If any rule is broken; all problems at once.
    """
    problems = _misshapen(frame)
    if not problems:
        problems += [*_malformed_keys(frame), *_undeclared(frame, indicators)]
        problems += [rule_finding(rule, frame) for rule in RULES if rule.broken(frame).any()]
    if problems:
        named = "file" in frame and frame["file"].dtype == "category"
        files = [str(name) for name in frame["file"].cat.categories] if named else []
        raise ValidationError(
            f"{', '.join(files) or 'the table'} does not satisfy the schema 'indicators' "
            f"({len(problems)} problems):",
            findings=problems,
        )


def _misshapen(frame: pd.DataFrame) -> list[Finding]:
    """Say which columns are missing, too many or of another dtype."""
    wanted = _dtypes()
    names = set(frame.columns)
    if names | {"date"} == set(wanted) and all(frame[name].dtype == wanted[name] for name in names):
        return []
    from pandera.errors import SchemaErrors

    try:
        _schema().validate(frame, lazy=True)
    except SchemaErrors as error:
        return [_shape_finding(str(item)) for item in error.schema_errors]
    return []


def rule_finding(rule: Rule, frame: pd.DataFrame) -> Finding:
    """Return the finding of a broken rule: place and first value, number of rows.

    Parameters
    ----------
    rule : Rule
        The rule.
    frame : pandas.DataFrame
        Rows of the table.

    Returns
    -------
    Finding
        One finding for all rows that break it.
    """
    bad = frame[rule.broken(frame)]
    first = bad.iloc[0]
    shown = first[rule.column] if rule.column in ("year", "value") else None
    return Finding(
        rule=rule.id,
        severity="error",
        text=rule.text,
        hint=rule.hint,
        file=None if pd.isna(first["file"]) else str(first["file"]),
        row=int(first["row"]) or None,
        column=rule.column,
        key=" / ".join(str(first[name]) for name in KEY),
        value=None if shown is None or pd.isna(shown) else str(shown),
        n=len(bad),
        rows=rows_concerned(row for row in bad["row"] if row),
    )


def _malformed_keys(frame: pd.DataFrame) -> list[Finding]:
    """Check the keys on the categories and say where in the file malformed ones stand."""
    unit, placed = frame["unit"].cat, []
    for item in check_keys(unit.categories.tolist()):
        bad = frame[(unit.codes == unit.categories.get_loc(item.value)).to_numpy()]
        rows = rows_concerned(row for row in bad["row"] if row)
        file = bad["file"].iloc[0] if len(bad) else None
        placed.append(
            replace(
                item,
                file=None if pd.isna(file) else str(file),
                row=rows[0] if rows else None,
                n=len(bad),
                rows=rows,
            )
        )
    return placed


def _undeclared(frame: pd.DataFrame, indicators: Mapping[str, Indicator]) -> list[Finding]:
    used = set(frame["indicator"].cat.categories)
    return [
        Finding(
            rule="table.indicator_undeclared",
            severity="error",
            text=Text("Indikator ist nicht beschrieben", "indicator is not described"),
            hint=Text("Im Sidecar unter 'indicators' ergänzen.", "Add it to the sidecar."),
            column="indicator",
            value=str(name),
        )
        for name in sorted(used - set(indicators))
    ]


def _shape_finding(message: str) -> Finding:
    return Finding(
        rule="table.shape",
        severity="error",
        text=Text(f"Aufbau der Tabelle: {message}", f"shape of the table: {message}"),
    )

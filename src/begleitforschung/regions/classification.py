"""Put values or units into the classes of a code list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from begleitforschung.errors import Finding, ValidationError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.regions.codes import CodeList, code_list
from begleitforschung.regions.grammar import is_key
from begleitforschung.regions.keys import bundesland_of, level_of

Berlin = Literal["east", "west", "own"]
_BERLIN_CODE = {"east": "ost", "west": "west", "own": "berlin"}


def classify(
    values: pd.Series | Sequence[object] | npt.NDArray[np.generic], codelist: str | CodeList
) -> pd.Series:
    """Put each value into its class.

    Parameters
    ----------
    values : pandas.Series, sequence or array
        For a list of intervals: numbers. For a nominal list: its codes, labels or abbreviations,
        or keys of units where the list says which unit has which code (``kreistyp``,
        ``bbsr_gemeindetyp_kurz``, ``bundeslaender``, ``ost_west``, and ``staffel``,
        ``programm_kategorie``, ``startphase`` for projects).
    codelist : str or CodeList
        The list or its identifier.

    Returns
    -------
    pandas.Series
        Categorical of codes in the list's order, ordered where the list is; the index of
        `values` where it is a Series. Missing values stay missing. A unit that has no assigned
        code is missing too: absent is unknown, never the remaining class.

    Raises
    ------
    UnknownCodeError
        If there is no such list.
    ValidationError
        If a value is no number, code or key, lies outside all intervals, or is a unit of a level
        that the list does not classify; all such values are named with their rows (the first
        value stands in row 2, below the header).

    Examples
    --------
    >>> classify([9_000, 20_000, None], "groessenklasse_programm").tolist()
    ['kleinstadt_landgemeinde', 'mittelstadt', nan]
    >>> classify(["05315", "01059"], "kreistyp").tolist()
    ['1', '4']
    """
    codes = code_list(codelist) if isinstance(codelist, str) else codelist
    series = values if isinstance(values, pd.Series) else pd.Series(list(values))
    at = _intervals(series, codes) if codes.kind == "intervals" else _nominal(series, codes)
    kind = pd.CategoricalDtype(list(codes.keys), ordered=codes.ordered)
    categorical = pd.Categorical.from_codes(at, dtype=kind)
    return pd.Series(categorical, index=series.index, name=series.name)


def east_west(units: pd.Series | Sequence[str], *, berlin: Berlin) -> pd.Series:
    """Say for each unit whether it lies in the East or the West of Germany.

    Parameters
    ----------
    units : pandas.Series or sequence
        Keys of units; missing values stay missing.
    berlin : {"east", "west", "own"}
        Where Berlin counts. It has no default because no official source settles it: studies put
        it in the East, in the West or apart, and have to say which.

    Returns
    -------
    pandas.Series
        Ordered as the list ``ost_west``: ``west``, ``ost`` and, with ``berlin="own"``,
        ``berlin``. Germany and projects, which may span both, are missing.

    Raises
    ------
    ValidationError
        If `berlin` is none of the three, or a value is no key of a unit.

    Examples
    --------
    >>> east_west(["11000000", "05315"], berlin="own").tolist()
    ['berlin', 'west']
    """
    if berlin not in _BERLIN_CODE:
        raise ValidationError(f"berlin={berlin!r}; expected one of {', '.join(_BERLIN_CODE)}")
    found = classify(units, "ost_west").astype(object)
    found = found.where(found != "berlin", _BERLIN_CODE[berlin])
    kept = [c for c in code_list("ost_west").keys if c != "berlin" or berlin == "own"]
    return pd.Series(pd.Categorical(found, categories=kept), index=found.index, name=found.name)


def _intervals(series: pd.Series, codes: CodeList) -> npt.NDArray[np.int64]:
    """Return for each number the position of its interval, -1 where missing."""
    numeric = series.dtype.kind in "iuf" and not series.isna().any()
    raw = series if numeric else pd.to_numeric(series.astype(object), errors="coerce")
    numbers, missing = raw.to_numpy(float), series.isna().to_numpy()
    lower = np.array([float(code.lower or 0) for code in codes.codes])
    outside = ~missing & (np.isnan(numbers) | (numbers < lower[0]) | np.isinf(numbers))
    if outside.any():
        words = Text(
            f"keine Zahl ab {lower[0]:g} (Liste '{codes.id}')",
            f"no number from {lower[0]:g} up (list '{codes.id}')",
        )
        raise _refused(series, outside, codes, words)
    at = np.searchsorted(lower, np.where(missing, lower[0], numbers), side="right") - 1
    return np.where(missing, -1, at)


def _nominal(series: pd.Series, codes: CodeList) -> npt.NDArray[np.int64]:
    """Return for each value the position of its code, -1 where missing or unknown."""
    column = series.astype("category").cat.remove_unused_categories()
    different = column.cat.categories.tolist()
    found = _codes_of(different, codes)
    wrong = [value for value in different if isinstance(found[value], Text)]
    if wrong:
        words = found[wrong[0]]
        raise _refused(series, series.isin(wrong).to_numpy(), codes, cast(Text, words))
    position = {code: at for at, code in enumerate(codes.keys)}
    at = np.array([*(position.get(str(found[value]), -1) for value in different), -1], np.int64)
    return at[column.cat.codes.to_numpy()]


def _codes_of(values: list[object], codes: CodeList) -> dict[object, str | Text | None]:
    """Return the code of each value, or what is wrong with it."""
    if all(codes.knows(value) for value in values):
        return {value: codes.find(value) for value in values}
    units = [value for value in values if isinstance(value, str) and is_key(value)]
    if len(units) < len(values):
        words = Text(
            f"weder Code noch Bezeichnung der Liste '{codes.id}' noch Schlüssel",
            f"neither a code or label of the list '{codes.id}' nor a key",
        )
        # What most values are is meant; the others are wrong.
        good = units if len(units) > len(values) / 2 else [v for v in values if codes.knows(v)]
        return {value: None if value in good else words for value in values}
    levels = ", ".join(_levels(codes)) or "no units"
    words = Text(
        f"Ebene nicht in der Liste '{codes.id}' (dort: {levels})",
        f"level not in the list '{codes.id}' (there: {levels})",
    )
    by_land, assigned = _by_land(codes), codes.assigned()
    if by_land:
        return {unit: by_land.get(bundesland_of(unit) or "") for unit in units}
    return {
        unit: assigned.get(unit) if level_of(unit) in _levels(codes) else words for unit in units
    }


def _by_land(codes: CodeList) -> dict[str, str]:
    return {unit: code.code for code in codes.codes for unit in code.units}


def _levels(codes: CodeList) -> tuple[str, ...]:
    return codes.assignment.levels if codes.assignment else codes.levels


def _refused(
    series: pd.Series, wrong: npt.NDArray[np.bool_], codes: CodeList, words: Text
) -> ValidationError:
    findings = []
    for value in _different(series[wrong]):
        rows = [int(at) + 2 for at in np.flatnonzero(wrong & (series == value).to_numpy())]
        findings.append(
            Finding(
                rule=f"classify.{codes.id}",
                severity="error",
                text=words,
                row=rows[0],
                rows=rows_concerned(rows),
                n=len(rows),
                column=str(series.name) if series.name is not None else None,
                value=str(value),
            )
        )
    return ValidationError(f"{codes.id}: values can't be classified:", findings=findings)


def _different(series: pd.Series) -> Iterable[object]:
    return dict.fromkeys(series.tolist())

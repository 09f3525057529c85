"""Cells of one column as values: codes, numbers, dates, and what is missing and why."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.loaders.surveys.words import clean, words
from begleitforschung.surveys import Code, Item, dtype_of
from begleitforschung.surveys.codebook import MENTIONED, MISSING_KINDS, NOT_MENTIONED
from begleitforschung.surveys.survey import ANSWERED, NO_ANSWER, STATUSES

Codes = NDArray[np.int8]
Mask = NDArray[np.bool_]
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
_STATUS_OF = {kind: STATUSES.index(kind) for kind in MISSING_KINDS}


@dataclass(frozen=True, slots=True)
class Values:
    """One coded column.

    Parameters
    ----------
    values : pandas.Series
        Values with the dtype of the item; missing where there is no answer.
    status : numpy.ndarray of int8
        Position in `STATUSES`.
    strange : numpy.ndarray of bool
        Cells that fit nothing in the codebook.
    """

    values: pd.Series
    status: Codes
    strange: Mask


def values_of(item: Item, cells: pd.Series, *, wordings: bool = False) -> Values:
    """Return cells as the values of an item that is no multiple choice.

    Parameters
    ----------
    item : Item
        The item.
    cells : pandas.Series of str
        Cells; missing where empty.
    wordings : bool
        Whether cells hold wordings; then a wording counts before the code that is called so.

    Returns
    -------
    Values
        Values and statuses; without an answer the status is ``no_answer``.
    """
    at, texts = _different(cells)
    declared = _index(item.codes, wordings=wordings)
    codes = [_find(text, declared) for text in texts]
    status = np.array([_status(text, code) for text, code in zip(texts, codes, strict=True)])
    if item.coded:
        dtype = dtype_of(item)
        known = [None if code is None or code.missing else code.code for code in codes]
        strange = [status[i] == ANSWERED and code is None for i, code in enumerate(codes)]
        values = pd.Series(pd.Categorical(known, dtype=dtype))  # type: ignore[call-overload]
    else:
        open_texts = [
            text if code is None and status[i] == ANSWERED else None
            for i, (text, code) in enumerate(zip(texts, codes, strict=True))
        ]
        values, strange = _open_values(item, open_texts)
        if item.cell_kind == "number":
            values, status = _ranges(item, values, status)
    # Position -1, an empty cell, is the last one.
    wrong = np.append(np.array(strange, dtype=bool), False)[at]
    found = np.append(status, NO_ANSWER).astype(np.int8)[at]
    found[wrong] = NO_ANSWER
    spread = values.reindex([*range(len(texts)), -1]).iloc[at].reset_index(drop=True)
    return Values(spread.where(found == ANSWERED), found, wrong)


def mentions_of(item: Item, option: Code, cells: pd.Series) -> Values:
    """Return cells of one option of a multiple choice.

    Parameters
    ----------
    item : Item
        The multiple choice.
    option : Code
        The option.
    cells : pandas.Series of str
        Cells; missing where empty.

    Returns
    -------
    Values
        ``"1"`` mentioned, ``"0"`` not mentioned, missing where the cell is empty.
    """
    at, texts = _different(cells)
    own = {clean(text).casefold() for text in (option.code, option.label.de, option.label.en)}
    other = is_other(option)
    found, strange = [], []
    for text in texts:
        word = text.casefold()
        yes = word in words().mentioned or word in own - {""}
        no = word in words().not_mentioned
        empty = word in words().empty
        yes = yes or (other and not no and not empty)
        found.append(MENTIONED if yes else NOT_MENTIONED if no else None)
        strange.append(not (yes or no or empty))
    values = pd.Series(pd.Categorical(found, dtype=dtype_of(item)))  # type: ignore[call-overload]
    spread = values.reindex([*range(len(texts)), -1]).iloc[at].reset_index(drop=True)
    status = np.where(spread.notna().to_numpy(bool), ANSWERED, NO_ANSWER).astype(np.int8)
    return Values(spread, status, np.append(np.array(strange, dtype=bool), False)[at])


def is_other(option: Code) -> bool:
    """Say whether an option takes free text.

    Parameters
    ----------
    option : Code
        Option of a multiple choice.

    Returns
    -------
    bool
        True for the codes by which exports call "other".
    """
    return clean(option.code).casefold() in words().other


def without_text(cell: str) -> str:
    """Return a cell of "other" without its text.

    Parameters
    ----------
    cell : str
        The cell.

    Returns
    -------
    str
        ``"Y"`` for any text; an empty cell and a "no" stay what they are.
    """
    word = clean(cell).casefold()
    nothing = word in words().not_mentioned | words().empty | {""}
    return cell if nothing else "Y"


def _different(cells: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """Position of each cell among the different texts, and these, cleaned."""
    at, found = pd.factorize(cells)
    return np.asarray(at), [clean(str(text)) for text in found]


def spellings(codes: tuple[Code, ...]) -> tuple[dict[str, Code], dict[str, Code]]:
    """Return codes by code and by wording.

    Parameters
    ----------
    codes : tuple of Code
        The codes of an item.

    Returns
    -------
    by_code, by_wording : dict
        In small letters; wordings in either language, of equal ones the first.
    """
    by_wording: dict[str, Code] = {}
    for code in codes:
        for label in (code.label.de, code.label.en):
            by_wording.setdefault(clean(label).casefold(), code)
    by_wording.pop("", None)
    return {code.code.casefold(): code for code in codes}, by_wording


def _index(codes: tuple[Code, ...], *, wordings: bool) -> dict[str, Code]:
    """Codes by all that they may be written as."""
    by_code, by_wording = spellings(codes)
    other = next((code for code in codes if code.code.casefold() in words().other), None)
    found = {} if other is None else dict.fromkeys(words().other, other)
    return found | (by_code | by_wording if wordings else by_wording | by_code)


def _find(text: str, declared: dict[str, Code]) -> Code | None:
    found = declared.get(text.casefold())
    if found is None and re.fullmatch(r"-?\d+[.]0+", text):  # 2.0 for the code 2
        found = declared.get(text.partition(".")[0])
    return found


def _status(text: str, code: Code | None) -> int:
    if code is None:
        return NO_ANSWER if not text or text.casefold() in words().empty else ANSWERED
    return _STATUS_OF[code.missing] if code.missing else ANSWERED


def _open_values(item: Item, texts: list[str | None]) -> tuple[pd.Series, list[bool]]:
    if item.cell_kind == "number":
        numbers = [float("nan") if text is None else _number(text) for text in texts]
        values = pd.Series(numbers, dtype="float64")
    elif item.cell_kind == "date":
        values = pd.Series([dates(text) for text in texts], dtype="datetime64[us]")
    else:
        values = pd.Series(texts, dtype="str")
    given = [text is not None for text in texts]
    return values, [has and bool(gone) for has, gone in zip(given, values.isna(), strict=True)]


def _ranges(item: Item, values: pd.Series, status: Codes) -> tuple[pd.Series, Codes]:
    numbers, status = values.to_numpy(float).copy(), status.copy()
    for given in item.missing_ranges:
        low = -np.inf if given.low is None else given.low
        high = np.inf if given.high is None else given.high
        inside = (numbers >= low) & (numbers <= high)
        status[inside], numbers[inside] = _STATUS_OF[given.missing], np.nan
    return pd.Series(numbers, dtype="float64"), status


def _number(text: str) -> float:
    whole = text.replace("\N{MINUS SIGN}", "-")
    return float(whole.replace(",", ".")) if _NUMBER.fullmatch(whole) else float("nan")


def dates(text: str | None) -> pd.Timestamp | None:
    """Return a date as exports write it.

    Parameters
    ----------
    text : str or None
        ``2025-03-01[ 12:30[:00]]`` or ``01.03.2025[ 12:30[:00]]``.

    Returns
    -------
    pandas.Timestamp or None
        ``None`` if it is no date.
    """
    if text is None:
        return None
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)([ T].*)?", text)
    if found:
        year, month, day, time = found.groups()
    else:
        found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})([ T].*)?", text)
        if not found:
            return None
        day, month, year, time = found.groups()
    try:
        return pd.Timestamp(f"{year}-{int(month):02}-{int(day):02}{time or ''}").tz_localize(None)
    except ValueError:
        return None

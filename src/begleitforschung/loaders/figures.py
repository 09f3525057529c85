"""Numbers and signs as text -> value, status and decimal places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from begleitforschung.catalogue import Entry, Reference, read_entry, resource
from begleitforschung.loaders.cells import arrow_texts
from begleitforschung.tables.status import status_dtype, statuses

Decimal = Literal[",", "."]
_POINT = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_COMMA = r"[+-]?\d+(?:,\d+)?(?:[eE][+-]?\d+)?"
_GROUPED = r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?"
_MARKED = r"(?P<open>\(\s*)?(?P<number>{})(?P<close>\s*\))?\s*(?P<mark>[^\W\d_])?"


class _Sign(Entry):
    sign: str
    status: str


class _Signs(Entry):
    id: str
    reference: Reference
    signs: tuple[_Sign, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures read from text; all arrays have one element per cell.

    Parameters
    ----------
    value : numpy.ndarray of float64
        Number; NaN where the sign stands for none; 0 for the sign of zero.
    status : numpy.ndarray of int8
        Position of the status in `status_dtype`.
    decimals : numpy.ndarray of int8
        Decimal places as written; 0 for signs.
    bad : numpy.ndarray of bool
        Cells that are neither number nor sign.
    """

    value: NDArray[np.float64]
    status: NDArray[np.int8]
    decimals: NDArray[np.int8]
    bad: NDArray[np.bool_]

    def take(self, at: NDArray[np.integer] | NDArray[np.bool_]) -> Figures:
        """Return the figures at some positions.

        Parameters
        ----------
        at : numpy.ndarray of int or bool
            Positions, or a mask.

        Returns
        -------
        Figures
            Those figures.
        """
        return Figures(self.value[at], self.status[at], self.decimals[at], self.bad[at])


@cache
def signs() -> dict[str, int]:
    """Return the signs of official tables.

    Returns
    -------
    dict
        Sign to position of its status in `status_dtype`; empty text is missing.
    """
    order = list(statuses())
    found = {item.sign: order.index(code) for code, item in statuses().items() if item.sign}
    listed = read_entry(resource("sources", "signs.yaml"), _Signs)
    return found | {item.sign: order.index(item.status) for item in listed.signs}


def parse_figures(cells: pd.Categorical, *, decimal: Decimal, thousands: bool = False) -> Figures:
    """Read cells that hold a number, a sign, or a number with a sign.

    Understood are ``12,5``, ``(12,5)`` (limited), ``12,5 p`` (preliminary; ``r``, ``e``, ``s``
    alike), the signs ``-`` ``.`` ``/`` ``x`` ``...`` and the empty cell (missing). Every
    different text is read once.

    Parameters
    ----------
    cells : pandas.Categorical
        Texts.
    decimal : {",", "."}
        Decimal sign.
    thousands : bool
        Whether a decimal comma goes with a point between groups of three digits.

    Returns
    -------
    Figures
        One element per cell.
    """
    texts = arrow_texts(cells.categories)
    texts = pc.replace_substring(pc.utf8_trim_whitespace(texts), "\u2212", "-")
    number = _GROUPED if thousands else _COMMA if decimal == "," else _POINT
    plain = pc.match_substring_regex(texts, f"^(?:{number})$").to_numpy(zero_copy_only=False)
    status = np.full(len(texts), list(statuses()).index("normal"), np.int8)
    bad, other = np.zeros(len(texts), bool), np.flatnonzero(~plain)
    found = [_marked(texts[int(at)].as_py(), number) for at in other]
    bad[other] = [item is None for item in found]
    status[other] = [item[1] if item else 0 for item in found]
    inner = pa.array([item[0] if item else None for item in found], texts.type)
    written = pc.replace_with_mask(texts, pa.array(~plain), inner)
    value = _floats(written, decimal)
    bad |= ~np.isfinite(value) & plain
    decimals = _decimals(written, decimal)
    return Figures(value, status, decimals, bad).take(cells.codes)


def quality_status(cells: pd.Categorical) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Read a column of signs that stand beside the numbers.

    Parameters
    ----------
    cells : pandas.Categorical
        Texts; empty means nothing to remark.

    Returns
    -------
    status : numpy.ndarray of int8
        Position of the status in `status_dtype`.
    bad : numpy.ndarray of bool
        Unknown signs.
    """
    normal = list(statuses()).index("normal")
    known = {**signs(), "": normal}
    found = np.array(
        [known.get(str(text).strip(), -1) for text in cells.categories.tolist()], np.int8
    )
    found = found[cells.codes]
    return found, found < 0


def as_status(codes: NDArray[np.int8]) -> pd.Categorical:
    """Return positions of statuses as the categorical of a table.

    Parameters
    ----------
    codes : numpy.ndarray of int8
        Positions in `status_dtype`.

    Returns
    -------
    pandas.Categorical
        The statuses.
    """
    return pd.Categorical.from_codes(codes, dtype=status_dtype())


def _marked(text: str, number: str) -> tuple[str | None, int] | None:
    """Return number and status of a text that is not just a number; None if unreadable."""
    order = list(statuses())
    if not text:
        return None, order.index("missing")
    if text in signs():
        at = signs()[text]
        rule = statuses()[order[at]].value
        return None if rule == "required" else ("0" if rule == "zero" else None, at)
    found = re.fullmatch(_MARKED.format(number), text)
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    sign = found["mark"] or ("()" if found["open"] else "")
    at = signs().get(sign, -1)
    if at < 0 or statuses()[order[at]].value != "required":
        return None
    return found["number"], at


def _floats(numbers: pa.Array, decimal: Decimal) -> NDArray[np.float64]:
    plain = pc.utf8_ltrim(numbers, characters="+")
    if decimal == ",":
        plain = pc.replace_substring(pc.replace_substring(plain, ".", ""), ",", ".")
    return np.asarray(pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def _decimals(numbers: pa.Array, decimal: Decimal) -> NDArray[np.int8]:
    at = pc.find_substring(numbers, decimal)
    length = pc.subtract(pc.subtract(pc.utf8_length(numbers), at), 1)
    places = pc.fill_null(pc.if_else(pc.less(at, 0), 0, length), 0)
    return np.asarray(np.minimum(places.to_numpy(zero_copy_only=False), 6), np.int8)

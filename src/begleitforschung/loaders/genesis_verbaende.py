"""Keys in classic GENESIS tables that are no official ones.

Tables of municipalities list Samtgemeinden and Verbandsgemeinden, too, under a county's key and
their own two or three digits, and build the keys of their municipalities on these::

    03151401     Boldecker Land, Samtgemeinde     -> 031515401  (9 digits, level verband)
    03151401002  Barwedel                         -> 03151002   (AGS)
    0713101      Adenau, Verbandsgem.             -> 071315001
    0713100007   Bad Neuenahr-Ahrweiler           -> 07131007
    11001        Berlin, Bezirk Mitte             -> 11001001

Read as they stand, a Samtgemeinde would be a municipality and count its people twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, merge
from begleitforschung.loaders.genesis_codes import genesis_codes

_COUNTY, _GEMEINDE = 5, 3


def official_keys(cells: Cells, column: str) -> tuple[pd.Categorical, list[Finding]]:
    """Return official keys, and say which were rebuilt.

    Parameters
    ----------
    cells : Cells
        The table.
    column : str
        Name of the column of keys.

    Returns
    -------
    unit : pandas.Categorical
        Keys of counties, municipalities (8 digits) and Gemeindeverbände (9 digits).
    findings : list of Finding
        At most one.
    """
    given = cells.column(column)
    texts = [str(text) for text in given.categories.tolist()]
    members = {text for text in texts if text.isdigit() and len(text) in (10, 11)}
    groups = {text[:-_GEMEINDE] for text in members}
    bezirke = frozenset(genesis_codes().bezirke)
    keys = [_official(text, members, groups, bezirke) for text in texts]
    changed = np.array([new != old for new, old in zip(keys, texts, strict=True)])[given.codes]
    if not changed.any():
        return given, []
    rows = cells.rows[changed]
    finding = Finding(
        rule="genesis.verband_keys",
        severity="info",
        text=Text(
            "Schlüssel von Gemeindeverbänden, ihren Gemeinden und Bezirken sind nicht amtlich und "
            "wurden auf 9 und 8 Stellen gebracht",
            "keys of Gemeindeverbände, their municipalities and districts are not official and "
            "were brought to 9 and 8 digits",
        ),
        hint=Text(
            "Nicht zusammen mit Gemeinden summieren: select(level='gemeinde').",
            "Never add them to municipalities: select(level='gemeinde').",
        ),
        file=cells.file,
        row=int(rows[0]),
        column=column,
        n=len(rows),
        rows=rows_concerned(rows),
    )
    return merge(given, keys), [finding]


def repeated_rows(
    cells: Cells, unit: pd.Categorical, time: pd.Categorical | None, columns: Sequence[str]
) -> tuple[NDArray[np.bool_], list[Finding]]:
    """Find rows that repeat a municipality under another Gemeindeverband, without a number.

    A municipality that changed its Gemeindeverband is listed under both; figures stand in one of
    the rows only. Where both have numbers, both stay, and the table is refused as not unique.

    Parameters
    ----------
    cells : Cells
        The table.
    unit : pandas.Categorical
        Its official keys.
    time : pandas.Categorical, optional
        Its times.
    columns : sequence of str
        Names of the columns of figures.

    Returns
    -------
    repeats : numpy.ndarray of bool
        Rows to leave out.
    findings : list of Finding
        At most one.
    """
    times = np.zeros(len(unit), np.int64) if time is None else time.codes.astype(np.int64)
    rows = pd.DataFrame({"unit": unit.codes.astype(np.int64), "time": times})
    key = (rows["unit"] * (times.max(initial=0) + 1) + times).to_numpy()
    twice = np.asarray(np.bincount(key)[key] > 1)
    if not twice.any():
        return twice, []
    held = np.zeros(len(rows), np.int8)  # 0: only "-", 1: other signs, 2: a number
    for name in columns:
        column = cells.column(name)
        ranks = [_rank(str(text)) for text in column.categories.tolist()]
        held = np.maximum(held, np.array(ranks, np.int8)[column.codes])
    rows["held"] = held
    best = rows.groupby(["unit", "time"])["held"].transform("max").to_numpy()
    later = rows.duplicated(["unit", "time", "held"]).to_numpy()
    repeats = twice & ((held < best) | (later & (held < _NUMBER)))
    at = cells.rows[repeats]
    if not at.size:
        return repeats, []
    finding = Finding(
        rule="genesis.verband_repeats",
        severity="info",
        text=Text(
            "Gemeinden stehen unter zwei Gemeindeverbänden; Zeilen ohne Zahl wurden weggelassen",
            "municipalities stand under two Gemeindeverbände; rows without a number were left out",
        ),
        hint=Text("Nichts zu tun.", "Nothing to do."),
        file=cells.file,
        row=int(at[0]),
        n=len(at),
        rows=rows_concerned(at),
    )
    return np.asarray(repeats, bool), [finding]


_NUMBER = 2


def _rank(text: str) -> int:
    return _NUMBER if any(sign.isdigit() for sign in text) else int(text not in ("-", ""))


def _official(text: str, members: set[str], groups: set[str], bezirke: frozenset[str]) -> str:
    if text in members:
        return text[:_COUNTY] + text[-_GEMEINDE:]
    if text in bezirke:
        return text + text[2:]
    if len(text) == 7 and text.isdigit():
        return f"{text[:_COUNTY]}50{text[_COUNTY:]}"
    if len(text) == 8 and text in groups:
        return f"{text[:_COUNTY]}5{text[_COUNTY:]}"
    return text

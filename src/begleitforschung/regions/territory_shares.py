"""From the rows of an Umsteigeschlüssel to valid crosswalks; every repair is a finding.

Rules, in this order:

1. A pair of old and new unit that stands twice with equal shares counts once; with different shares
   it is refused.
2. A unit that passes wholly into one other passes by every share, so the share is 1 also where the
   publisher has none (employment before 1997).
3. Shares of a unit that miss 1 by no more than 0.001 (rounding) are divided by their sum.
4. Where the shares by population or employment don't sum to 1 but those by area do, the area
   stands in. So it is with the gemeindefreie Gebiete of Bavaria (keys ``…444``): nobody lives
   there, and the publisher writes 1 in each of up to 20 rows.
5. A unit whose shares by area don't sum to 1 either, or of which a share is negative or more than
   1, has no usable shares: it is left out, so that its values are reported as not mapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, ValidationError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.regions.territory import (
    KEYS,
    PATTERN,
    SHARES,
    TOLERANCE,
    Crosswalk,
    CrosswalkLevel,
    Crosswalks,
)
from begleitforschung.stats import share_sums

ROUNDING = 0.001
_STEP = ["from_state", "to_state", "level"]
_SHOWN = 40
_AREA = SHARES.index("share_area")


def make_crosswalks(
    frame: pd.DataFrame, *, provenance: Provenance, file: str | None = None
) -> Crosswalks:
    """Make crosswalks of the rows of an Umsteigeschlüssel, by the rules of this module.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``from_state``, ``to_state`` (ISO dates), ``level``, ``key_old``, ``key_new`` (text),
        ``share_population``, ``share_area``, ``share_employment`` (NaN where unknown) and
        optionally ``row`` (in the file).
    provenance : Provenance
        Where the rows come from.
    file : str, optional
        Name of the file, for findings.

    Returns
    -------
    Crosswalks
        One crosswalk per pair of states and level; findings name every repair.

    Raises
    ------
    ValidationError
        If a pair stands twice with different shares, or keys or shares are malformed.
    """
    # Sorting and grouping hundreds of thousands of texts takes many times as long.
    frame = frame.assign(**{name: _grouped(frame[name]) for name in (*_STEP, *KEYS)})
    _check_keys(frame, file)
    found: list[Finding] = []
    rows = _once(frame.reset_index(drop=True), found, file)
    rows = rows.sort_values([*_STEP, *KEYS], ignore_index=True)
    rows = _repaired(rows, found, file).astype(dict.fromkeys(KEYS, "str"))
    steps = []
    for (start, end, level), part in rows.groupby(_STEP, observed=True, sort=True):
        steps.append(_step(str(start), str(end), cast("CrosswalkLevel", level), part, provenance))
    return Crosswalks(steps=tuple(steps), provenance=provenance, findings=tuple(found))


def join_crosswalks(parts: Sequence[Crosswalks]) -> Crosswalks:
    """Return the crosswalks of several files as one set.

    Parameters
    ----------
    parts : sequence of Crosswalks
        One per file.

    Returns
    -------
    Crosswalks
        All steps.

    Raises
    ------
    ValidationError
        If two files hold the same step.
    """
    steps: dict[tuple[str, str, str], Crosswalk] = {}
    for step in (step for part in parts for step in part.steps):
        name = (step.from_state, step.to_state, step.level)
        if name in steps:
            raise ValidationError(
                f"the crosswalk from {name[0]} to {name[1]} ({name[2]}) stands in two files; "
                "give one of them"
            )
        steps[name] = step
    node = parts[0].provenance
    if len(parts) > 1:
        node = Provenance.of("join_crosswalks", *(part.provenance for part in parts))
    return Crosswalks(
        steps=tuple(steps.values()),
        provenance=node,
        findings=tuple(item for part in parts for item in part.findings),
    )


def _step(
    start: str, end: str, level: CrosswalkLevel, part: pd.DataFrame, provenance: Provenance
) -> Crosswalk:
    return Crosswalk(from_state=start, to_state=end, level=level, data=part, provenance=provenance)


def _grouped(texts: pd.Series) -> pd.Series:
    """Return texts as a categorical whose categories ascend."""
    found = texts.astype("category")
    names = found.cat.categories
    return found if names.is_monotonic_increasing else found.cat.set_categories(names.sort_values())


def _check_keys(frame: pd.DataFrame, file: str | None) -> None:
    """Refuse malformed keys while their row in the file is known."""
    problems = []
    for name in KEYS:
        for level, part in frame.groupby("level", observed=True):
            pattern = PATTERN[cast("CrosswalkLevel", level)]
            keys = part[name].cat.categories.astype("str")
            fits = np.append(np.asarray(keys.str.fullmatch(pattern), bool), False)  # last: missing
            bad = part[~fits[part[name].cat.codes]]
            if len(bad):
                words = Text(f"kein Schlüssel der Ebene {level}", f"no key of the level {level}")
                item = _finding(
                    "territory.key", "error", words, bad.assign(key_old=bad[name]), file
                )
                problems.append(replace(item, column=name))
    if problems:
        raise ValidationError(
            f"{file or 'the crosswalk'} has keys that can't be read:", findings=problems
        )


def _once(frame: pd.DataFrame, found: list[Finding], file: str | None) -> pd.DataFrame:
    pair = [*_STEP, *KEYS]
    again = frame.duplicated(pair)
    if not again.any():
        return frame
    different = frame.duplicated(pair, keep=False) & ~frame.duplicated([*pair, *SHARES], keep=False)
    if different.any():
        words = Text(
            "Paar von altem und neuem Schlüssel steht mehrfach mit verschiedenen Anteilen",
            "pair of old and new key stands several times with different shares",
        )
        item = _finding("territory.pair_differs", "error", words, frame[different], file)
        raise ValidationError("the crosswalk is ambiguous:", findings=[item])
    words = Text(
        "Paar von altem und neuem Schlüssel steht mehrfach; einmal gezählt",
        "pair of old and new key stands several times; counted once",
    )
    found.append(_finding("territory.pair_twice", "info", words, frame[again], file))
    return frame[~again]


def _repaired(rows: pd.DataFrame, found: list[Finding], file: str | None) -> pd.DataFrame:
    """Bring shares to a sum of 1 where they are nearly so; rows are sorted by state and unit."""
    keys = [rows[name].cat.codes.to_numpy() for name in (*_STEP, "key_old")]
    first = np.logical_or.reduce([np.append(True, key[1:] != key[:-1])[: len(key)] for key in keys])
    unit, n = np.cumsum(first) - 1, int(first.sum())
    shares = rows[list(SHARES)].to_numpy(np.float64, copy=True)
    alone = np.bincount(unit, minlength=n)[unit] == 1
    shares[alone[:, None] & np.isnan(shares)] = 1.0
    sums = share_sums(shares, unit, n)[unit]
    off = np.abs(sums - 1)
    rounded = (off > TOLERANCE) & (off <= ROUNDING)
    # Infinite shares divide to nothing; they are found to be impossible below.
    with np.errstate(invalid="ignore"):
        shares = np.where(off <= ROUNDING, shares / np.where(sums > 0, sums, 1.0), shares)
    _remark_rounding(rows, rounded, off, found, file)
    wrong = off > ROUNDING
    impossible = ((shares < 0) | (shares > 1 + ROUNDING)).any(axis=1)
    broken = np.bincount(unit, impossible, minlength=n)[unit] > 0
    unusable = broken | wrong[:, _AREA] | np.isnan(sums[:, _AREA])
    by_area = wrong & ~unusable[:, None]
    shares = np.where(by_area, shares[:, [_AREA]], shares)
    if by_area.any():
        words = Text(
            "Anteile nach Bevölkerung oder Beschäftigten ergeben nicht 1 (unbewohnte Gebiete); "
            "es gelten die Anteile nach Fläche",
            "shares by population or employment don't sum to 1 (uninhabited areas); the shares by "
            "area stand in",
        )
        concerned = rows.loc[np.any(by_area, axis=1)]
        found.append(_finding("territory.share_by_area", "warning", words, concerned, file))
    if unusable.any():
        words = Text(
            "Anteile nach Fläche ergeben nicht 1 oder liegen nicht zwischen 0 und 1; ausgelassen",
            "shares by area don't sum to 1, or shares are not between 0 and 1; left out",
        )
        found.append(_finding("territory.shares", "error", words, rows.loc[unusable], file))
    repaired: pd.DataFrame = rows.assign(**dict(zip(SHARES, shares.T, strict=True)))
    return repaired.loc[np.flatnonzero(~unusable)]


def _remark_rounding(
    rows: pd.DataFrame,
    rounded: NDArray[np.bool_],
    off: NDArray[np.float64],
    found: list[Finding],
    file: str | None,
) -> None:
    if not rounded.any():
        return
    most = float(off[rounded].max())
    words = Text(
        f"Anteile ergeben nicht genau 1 (Abweichung bis {most:.2g}); auf 1 gebracht",
        f"shares don't sum to 1 exactly (off by up to {most:.2g}); divided by their sum",
    )
    concerned = rows.loc[np.any(rounded, axis=1)]
    found.append(_finding("territory.share_rounded", "info", words, concerned, file))


def _finding(
    rule: str, severity: str, words: Text, rows: pd.DataFrame, file: str | None
) -> Finding:
    """Return a finding whose n counts units per state, and that names each key once."""
    keys = sorted(map(str, rows["key_old"].unique()))
    n = len(rows[[*_STEP, "key_old"]].drop_duplicates())
    more = ", …" if len(keys) > _SHOWN else ""
    at = rows_concerned(rows["row"]) if "row" in rows else ()
    return Finding(
        rule=rule,
        severity="error" if severity == "error" else "warning" if severity == "warning" else "info",
        text=Text(
            f"{words.de} ({n} Einheiten und Jahre, {len(keys)} Schlüssel)",
            f"{words.en} ({n} units and years, {len(keys)} keys)",
        ),
        file=file,
        row=at[0] if at else None,
        column="key_old",
        key=", ".join(keys[:_SHOWN]) + more,
        n=n,
        rows=at,
    )

"""Shares out of lists of territorial changes, which prolong the Umsteigeschlüssel.

A list names what changed and nothing else. For one day and one old municipality:

1. With one receiver and no part detached (dissolved into it, or only key or name changed) all of
   it passes: the shares are 1.
2. With several, the shares by population and area are those of the residents and square metres
   that the list states for each part, the part that stays among them.
3. Where a part without residents is detached, none of the population passes, also where the list
   does not say how many stay. Where an uninhabited unit is dissolved, its area stands in.
4. All else is unknown and stays so: what is counted by these shares is missing in the result.
   Lists never know the employees of a part.

Counties: a list states the residents of the part, not those of its county. What passes between
counties is known where nobody lives there, or where a county-free city passes as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from begleitforschung.regions.changes import TerritorialChanges
from begleitforschung.regions.territory import KEYS, SHARES, CrosswalkLevel

_DETACHED = "2"
_COUNTY, _FREE_CITY = 5, "000"
_ALL, _UNKNOWN = (1.0,) * 3, (np.nan,) * 3
Link = tuple[str, str, float, float, float]


def listed_links(
    lists: TerritorialChanges, after: str, until: str, level: CrosswalkLevel
) -> pd.DataFrame:
    """Return the shares of the units that changed between two states.

    Parameters
    ----------
    lists : TerritorialChanges
        Changes of municipalities.
    after, until : str
        States as ISO dates, the earlier one first.
    level : {"gemeinde", "kreis"}
        Level of the units.

    Returns
    -------
    pandas.DataFrame
        ``key_old``, ``key_new`` and the shares, of changed units only; all others pass wholly into
        themselves.
    """
    rows = lists.between(after, until).data
    rows = rows[rows["level"] == "gemeinde"]
    links = _frame(())
    for _, day in rows.groupby("statistical_date", sort=True):
        of_day = _municipalities(day) if level == "gemeinde" else _counties(day)
        links = _then(links, _frame(of_day))
    return links


def with_unchanged(
    links: pd.DataFrame, units: pd.Index, *, complete: bool
) -> tuple[pd.DataFrame, list[str]]:
    """Add the units that did not change.

    Parameters
    ----------
    links : pandas.DataFrame
        What `listed_links` returned.
    units : pandas.Index
        Keys of the state before.
    complete : bool
        Whether these are all units of that state. If not, units of the list stay that are not among
        them, and a receiver counts as a unit that was there before, so that a result lacks a
        source rather than being too small.

    Returns
    -------
    links : pandas.DataFrame
        With one row more per unchanged unit.
    unknown : list of str
        Changed units that the state before does not hold; left out.
    """
    known, gone = units, []
    if complete:
        there = links["key_old"].isin(units)
        gone = sorted(set(links["key_old"][~there]))
        links = links[there]
    else:
        known = units.union(pd.Index(links["key_new"]))
    same = known.difference(pd.Index(links["key_old"]))
    rest = pd.DataFrame({"key_old": same, "key_new": same}).assign(**dict.fromkeys(SHARES, 1.0))
    return pd.concat([links, rest], ignore_index=True), gone


def receivers(lists: TerritorialChanges, after: str, until: str, level: CrosswalkLevel) -> set[str]:
    """Return the units that others passed into between two states.

    Parameters
    ----------
    lists, after, until, level
        See `listed_links`.

    Returns
    -------
    set of str
        Keys; a unit among them may have come into being after the first state.
    """
    rows = lists.between(after, until).data
    width = _COUNTY if level == "kreis" else None
    old, new = rows["ags_old"].str[:width], rows["ags_new"].str[:width]
    return set(new[old != new])


def _frame(links: Iterable[Link]) -> pd.DataFrame:
    frame = pd.DataFrame(list(links), columns=[*KEYS, *SHARES])
    return frame.astype(dict.fromkeys(KEYS, "str")).astype(dict.fromkeys(SHARES, "float64"))


def _municipalities(day: pd.DataFrame) -> list[Link]:
    """Return the links of one day."""
    found: list[Link] = []
    for old, rows in day.groupby("ags_old", sort=True):
        parts = rows.groupby("ags_new", sort=True)[["population", "area_m2"]]
        sums = parts.agg(_sum)
        if rows["kinds"].str.contains(_DETACHED).any() and old not in sums.index:
            sums.loc[str(old)] = np.nan  # what stays is not in the list
        if len(sums) == 1:
            found.append((str(old), str(sums.index[0]), *_ALL))
        elif rows["id"].nunique() > 1:
            found += [(str(old), str(new), *_UNKNOWN) for new in sums.index]
        else:
            found += _divided(str(old), sums)
    return found


def _sum(amounts: pd.Series) -> float:
    """Return the sum, unknown where a part is unknown."""
    return float(amounts.sum(skipna=False))


def _divided(old: str, sums: pd.DataFrame) -> list[Link]:
    """Return the links of a unit with several receivers, by rules 2 to 4."""
    people, area = sums["population"], sums["area_m2"]
    by_area = area / area.sum(skipna=False) if area.sum() > 0 else area * np.nan
    others = people[people.index != old]
    if old in people.index and (others == 0).all():
        by_people = pd.Series((people.index == old).astype(float), people.index)
    elif people.sum(skipna=False) == 0:
        by_people = by_area
    else:
        by_people = people / people.sum(skipna=False)
    jobs = by_area if people.sum(skipna=False) == 0 and old not in people.index else area * np.nan
    parts = zip(sums.index, by_people, by_area, jobs, strict=True)
    return [(old, str(new), float(a), float(b), float(c)) for new, a, b, c in parts]


def _counties(day: pd.DataFrame) -> list[Link]:
    """Return the links between counties of one day."""
    old, new = day["ags_old"].str[:_COUNTY], day["ags_new"].str[:_COUNTY]
    crossing = day.assign(old=old, new=new)[old != new]
    found: list[Link] = []
    for county, rows in crossing.groupby("old", sort=True):
        detached = rows["kinds"].str.contains(_DETACHED).any()
        whole = (rows["ags_old"] == f"{county}{_FREE_CITY}").all() and rows["new"].nunique() == 1
        if whole and not detached:
            found.append((str(county), str(rows["new"].iloc[0]), *_ALL))
            continue
        empty = bool((rows["population"] == 0).all())
        nan = np.nan
        receivers = sorted(rows["new"].unique())
        found += [(str(county), str(item), 0.0 if empty else nan, nan, nan) for item in receivers]
        found.append((str(county), str(county), 1.0 if empty else nan, nan, nan))
    return found


def _then(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Compose the links of two days; what only one of them names stays the same in the other."""
    first, second = _filled(first, second, "key_old"), _filled(second, first, "key_new")
    both = first.merge(second, left_on="key_new", right_on="key_old", suffixes=("", "_then"))
    for name in SHARES:
        a, b = both[name], both[f"{name}_then"]
        # What does not pass at all does not pass, even if it is unknown where it would go.
        both[name] = (a * b).mask((a == 0) | (b == 0), 0.0)
    pairs = both.assign(key_new=both["key_new_then"]).groupby(KEYS, sort=True)[list(SHARES)]
    return pairs.agg(_sum).reset_index()


def _filled(links: pd.DataFrame, other: pd.DataFrame, by: str) -> pd.DataFrame:
    """Add the units of the other day that these links do not name, as passing into themselves."""
    named = pd.Index(other[by]).unique().difference(pd.Index(links["key_old"]))
    return pd.concat([links, _frame((key, key, *_ALL) for key in named)], ignore_index=True)

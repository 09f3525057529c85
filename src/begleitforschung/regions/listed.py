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

from collections.abc import Sequence
from math import nan
from typing import NamedTuple

import pandas as pd

from begleitforschung.regions.changes import TerritorialChanges
from begleitforschung.regions.territory import KEYS, SHARES, CrosswalkLevel

_DETACHED = "2"
_COUNTY, _FREE_CITY = 5, "000"
Shares = tuple[float, float, float]
Links = dict[tuple[str, str], Shares]
_ALL: Shares = (1.0, 1.0, 1.0)
_UNKNOWN: Shares = (nan, nan, nan)


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
    links: Links = {}
    for _, day in rows.groupby("statistical_date", sort=True):
        links = _then(links, _municipalities(day) if level == "gemeinde" else _counties(day))
    return _frame(links)


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


def _frame(links: Links) -> pd.DataFrame:
    rows = [(old, new, *shares) for (old, new), shares in sorted(links.items())]
    frame = pd.DataFrame(rows, columns=[*KEYS, *SHARES])
    return frame.astype(dict.fromkeys(KEYS, "str")).astype(dict.fromkeys(SHARES, "float64"))


def _municipalities(day: pd.DataFrame) -> Links:
    """Return the links of one day."""
    names = ["ags_old", "ags_new", "kinds", "id", "population", "area_m2"]
    units: dict[str, list[_Part]] = {}
    for old, *part in day[names].itertuples(index=False, name=None):
        units.setdefault(str(old), []).append(_Part(*part))
    return {(old, new): s for old, parts in units.items() for new, s in _of(old, parts).items()}


class _Part(NamedTuple):
    """What of a unit passes to whom."""

    new: str
    kinds: str
    id: str
    people: float
    area: float


def _of(old: str, parts: Sequence[_Part]) -> dict[str, Shares]:
    """Return the receivers of a unit and their shares, by rules 1 to 4."""
    people: dict[str, float] = {}
    area: dict[str, float] = {}
    for part in parts:
        people[part.new] = people.get(part.new, 0.0) + part.people
        area[part.new] = area.get(part.new, 0.0) + part.area
    if any(_DETACHED in part.kinds for part in parts) and old not in people:
        people[old] = area[old] = nan  # what stays is not in the list
    if len(people) == 1:
        return dict.fromkeys(people, _ALL)
    if len({part.id for part in parts}) > 1:
        return dict.fromkeys(people, _UNKNOWN)
    by_area = _shares(area)
    by_people, by_jobs = _shares(people), dict.fromkeys(people, nan)
    if old in people and all(n == 0 for new, n in people.items() if new != old):
        by_people = {new: float(new == old) for new in people}
    elif sum(people.values()) == 0:
        by_people, by_jobs = by_area, by_area if old not in people else by_jobs
    return {new: (by_people[new], by_area[new], by_jobs[new]) for new in people}


def _shares(amounts: dict[str, float]) -> dict[str, float]:
    """Return parts of the whole, unknown where one is unknown or the whole is nothing."""
    whole = sum(amounts.values())
    return {name: amount / whole if whole > 0 else nan for name, amount in amounts.items()}


def _counties(day: pd.DataFrame) -> Links:
    """Return the links between counties of one day."""
    old, new = day["ags_old"].str[:_COUNTY], day["ags_new"].str[:_COUNTY]
    crossing = day.assign(old=old, new=new)[old != new]
    found: Links = {}
    for name, rows in crossing.groupby("old", sort=True):
        county, receivers = str(name), sorted(rows["new"].unique())
        detached = rows["kinds"].str.contains(_DETACHED).any()
        whole = (rows["ags_old"] == f"{county}{_FREE_CITY}").all() and len(receivers) == 1
        if whole and not detached:
            found[county, receivers[0]] = _ALL
            continue
        empty = bool((rows["population"] == 0).all())
        found |= {(county, item): (0.0 if empty else nan, nan, nan) for item in receivers}
        found[county, county] = (1.0 if empty else nan, nan, nan)
    return found


def _then(first: Links, second: Links) -> Links:
    """Compose the links of two days; what only one of them names stays the same in the other."""
    leaving: dict[str, list[tuple[str, Shares]]] = {}
    for (middle, new), onward in second.items():
        leaving.setdefault(middle, []).append((new, onward))
    named = {old for old, _ in first}
    found: Links = {}
    for (old, middle), into in [
        *first.items(),
        *(((u, u), _ALL) for u in leaving if u not in named),
    ]:
        for new, onward in leaving.get(middle, [(middle, _ALL)]):
            before = found.get((old, new), (0.0, 0.0, 0.0))
            products = map(_product, into, onward)
            a, b, c = (x + y for x, y in zip(before, products, strict=True))
            found[old, new] = (a, b, c)
    return found


def _product(into: float, onward: float) -> float:
    """Multiply; what does not pass at all does not, even if it is unknown where it would go."""
    return 0.0 if into == 0 or onward == 0 else into * onward

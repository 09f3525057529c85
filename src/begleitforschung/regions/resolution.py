"""Find keys for the names of units as people write them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

import pandas as pd
from rapidfuzz import fuzz, process

from begleitforschung.errors import ValidationError
from begleitforschung.regions.codes import code_list
from begleitforschung.regions.directory import GEBIETSSTAND, gazetteer, read_table
from begleitforschung.regions.names import Name, abbreviates, name_words, parse, plain

Status = Literal["exact", "normalised", "alias", "fuzzy", "ambiguous", "none"]
NamedLevel = Literal["land", "regierungsbezirk", "kreis", "gemeinde", "verband"]

THRESHOLD = 90.0
_COLUMNS = ["name", "key", "matched_name", "level", "score", "status", "alternatives"]
# Score of a match that expands an abbreviation, adds a left-out addition or uses a former name.
_EXPANDED = 95.0
_SHOWN = 5
# Below this similarity a name is not even shown as an alternative.
_SIMILAR = 60.0
# Two spellings whose scores differ by less than this are a tie.
_MARGIN = 3.0
_COUNTY_FREE = ("41", "42")


@dataclass(frozen=True, slots=True)
class _Unit:
    key: str
    name: str
    level: str
    kind: str
    parsed: Name
    former: bool = False


class _Answer(NamedTuple):
    status: Status
    score: float
    units: tuple[_Unit, ...]


def resolve(
    names: str | Iterable[object],
    *,
    state: str | Sequence[str | None] | None = None,
    level: NamedLevel | None = None,
    threshold: float = THRESHOLD,
    gebietsstand: str = GEBIETSSTAND,
) -> pd.DataFrame:
    """Find the official key of each name, or say that it is ambiguous or unknown.

    Parameters
    ----------
    names : str or iterable
        Names as written, e.g. ``Frankfurt/M.``, ``St. Augustin``, ``LK Hof``,
        ``Hannover, Landeshauptstadt``, ``Amt Süderbrarup``; missing values are kept.
    state : str or sequence, optional
        Bundesland that the units lie in (one for all, or one for each name): key (``"09"``),
        German or English name, or abbreviation (``"BY"``).
    level : {"land", "regierungsbezirk", "kreis", "gemeinde", "verband"}, optional
        Level to search. Without it all levels are searched, except that Gemeindeverbände are
        found only where the name says so (``Amt``, ``Samtgemeinde`` …); a county-free city is
        then given by its municipality key. A level word in the name (``Landkreis``) narrows
        the search.
    threshold : float
        Lowest score, 0 to 100, that counts as a match. Below it there is no key, only
        alternatives.
    gebietsstand : str
        Date of the names, ISO 8601; only the packaged one is known.

    Returns
    -------
    pandas.DataFrame
        One row per name, in the given order: ``name`` as given; ``key``, ``matched_name``
        (official) and ``level``, missing unless one unit was found; ``score``; ``status``;
        ``alternatives`` (text ``"key name; key name"``, up to five). Status and score:

        - ``exact``: the official name with or without titles (100);
        - ``normalised``: the same in another spelling (100), or with an addition abbreviated or
          left out (95);
        - ``alias``: a former official name (95);
        - ``fuzzy``: similar, normalised indel similarity of `rapidfuzz.fuzz.ratio` at least
          `threshold` and clearly better than the next;
        - ``ambiguous``: several units bear the name (Neustadt, Mühlhausen; Hof is a city and a
          county); give `state` or `level`;
        - ``none``: nothing reaches the threshold.

    Raises
    ------
    TerritoryError
        If no gazetteer of that date is packaged.
    UnknownCodeError
        If `state` is no Bundesland.
    ValidationError
        If there are not as many states as names.

    Notes
    -----
    A bare name that one unit bears officially wins over names with an addition (Essen over
    Essen (Oldenburg)), unless a county-free city is among the latter: Halle may be Halle (Saale).

    Examples
    --------
    >>> resolve(["Frankfurt/M.", "LK Hof"])["key"].tolist()
    ['06412000', '09475']
    """
    written = [names] if isinstance(names, str) else list(names)
    states = _states(state, len(written))
    index = _index(gebietsstand)
    answers: dict[tuple[object, str | None], _Answer] = {}
    rows = []
    for name, land in zip(written, states, strict=True):
        if (name, land) not in answers:
            answers[name, land] = _find(name, _Search(index, land, level), threshold)
        rows.append(_row(name, answers[name, land]))
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"score": float})


def _row(name: object, answer: _Answer) -> tuple[object, ...]:
    found = answer.status not in ("ambiguous", "none")
    best = answer.units[0] if found else None
    others = answer.units[1:] if found else answer.units
    alternatives = "; ".join(f"{unit.key} {unit.name}" for unit in others[:_SHOWN])
    place = (best.key, best.name, best.level) if best else (None, None, None)
    return (name, *place, answer.score, answer.status, alternatives)


def _states(state: str | Sequence[str | None] | None, n: int) -> list[str | None]:
    given: list[str | None] = (
        [state] * n if state is None or isinstance(state, str) else list(state)
    )
    if len(given) != n:
        raise ValidationError(f"{len(given)} states for {n} names; give one state for each name")
    laender = code_list("bundeslaender")
    return [None if one is None or pd.isna(one) else laender.find(one) for one in given]


class _Search:
    """The units that may be meant: one Land, one level, or all."""

    def __init__(self, index: _Index, land: str | None, level: str | None) -> None:
        self.index, self.land, self.level = index, land, level

    def among(self, units: Iterable[_Unit], meant: Name) -> list[_Unit]:
        """Keep the units of the Land and level asked for and of the kind that the name says."""
        found = [unit for unit in units if self._fits(unit, meant)]
        # "Stadt" prefers towns, but people write it of other municipalities too.
        preferred = [unit for unit in found if unit.kind in meant.kinds]
        kept = preferred if meant.level == "gemeinde" and preferred else found
        return list({unit.key: unit for unit in kept}.values())

    def pool(self, meant: Name) -> tuple[list[_Unit], list[str]]:
        """All units that may be meant, with their spellings."""
        key = (self.land, self.level, meant.level, meant.kinds)
        if key not in self.index.pools:
            units = self.among((unit for unit in self.index.units if not unit.former), meant)
            self.index.pools[key] = (units, [unit.parsed.text for unit in units])
        return self.index.pools[key]

    def _fits(self, unit: _Unit, meant: Name) -> bool:
        if self.land and unit.key[:2] != self.land:
            return False
        word, of_kind = meant.level, not meant.kinds or unit.kind in meant.kinds
        if self.level == "kreis" and word == "gemeinde":  # "Hof, Stadt" in a list of counties
            return unit.level == "kreis" and unit.kind in _COUNTY_FREE
        if self.level is None and word is None:
            return unit.level != "verband" and unit.key not in self.index.doubles
        if word is not None and word != "gemeinde" and not of_kind:
            return False
        return unit.level == (self.level or word)


class _Index:
    """The gazetteer, found by official name, by spelling and by head."""

    def __init__(self, units: Sequence[_Unit]) -> None:
        self.units = units
        self.official: dict[str, list[_Unit]] = defaultdict(list)
        self.text: dict[str, list[_Unit]] = defaultdict(list)
        self.head: dict[str, list[_Unit]] = defaultdict(list)
        self.without_level: dict[str, list[_Unit]] = defaultdict(list)
        self.pools: dict[tuple[object, ...], tuple[list[_Unit], list[str]]] = {}
        # County-free cities and city states, which are municipalities of the same area.
        municipalities = {unit.key for unit in units if unit.level == "gemeinde"}
        self.doubles = {
            unit.key
            for unit in units
            if unit.level != "gemeinde" and unit.key.ljust(8, "0") in municipalities
        }
        self.titles = {word for entry in name_words().levels for word in entry.words}
        self.laender = {
            plain(name): code.code
            for code in code_list("bundeslaender").codes
            for name in (code.label.de, code.label.en, *code.short)
        }
        for unit in units:
            self._add(unit)

    def _add(self, unit: _Unit) -> None:
        self.text[unit.parsed.text].append(unit)
        self.head[unit.parsed.head].append(unit)
        if unit.former:
            return
        body, _, title = unit.name.partition(",")
        self.official[unit.name].append(unit)
        self.official[body.strip()].append(unit)
        if title:  # "Lutherstadt Wittenberg"
            self.titles.add(plain(title))
            self.text[plain(f"{title} {body}")].append(unit)
        bare = parse(unit.name, strip_level=True)
        if bare.head != unit.parsed.head:
            self.without_level[bare.text].append(unit)


@lru_cache(maxsize=1)
def _index(gebietsstand: str) -> _Index:
    table = gazetteer(gebietsstand)
    columns = (table["key"], table["name"], table["level"], table["kind"])
    units = [
        _Unit(key, name, level, kind, parse(name))
        for key, name, level, kind in zip(*columns, strict=True)
    ]
    official = {unit.key: unit for unit in units}
    former = read_table("codes", "gazetteer", "former_names.csv")
    for key, name in zip(former["key"], former["name"], strict=True):
        now = official[key]
        units.append(_Unit(key, now.name, now.level, now.kind, parse(name), former=True))
    return _Index(units)


def _find(name: object, search: _Search, threshold: float) -> _Answer:
    if not isinstance(name, str) or not plain(name):
        return _Answer("none", float("nan"), ())
    written = " ".join(name.split())
    readings = [
        (meant, _Search(search.index, land or search.land, search.level))
        for meant, land in _readings(written, search.index)
        if not land or not search.land or land == search.land
    ]
    for meant, within in readings:
        answer = _by_rules(written, meant, within)
        if answer:
            enough = answer.score >= threshold
            return answer if enough else _Answer("none", answer.score, answer.units)
    return _by_similarity(*readings[-1], threshold) if readings else _Answer("none", 0.0, ())


def _readings(written: str, index: _Index) -> Iterator[tuple[Name, str | None]]:
    """Give what a name can mean, with the Land that it speaks of: "Hof (Bayern)", "Hof, Stadt"."""
    title = plain(written.partition(",")[2])
    # In Bavaria "St" is the title of a town before it is Saxony-Anhalt.
    land_of_title = None if title in index.titles else index.laender.get(title)
    for strip_level in (False, True):
        meant = parse(written, strip_level=strip_level)
        if title and title not in index.titles and not land_of_title:
            # Not a title but something that tells the unit from others: it must not be lost.
            meant = replace(meant, additions=(*meant.additions, *title.split()))
        yield meant, land_of_title
        land = index.laender.get(" ".join(meant.additions))
        if land:
            yield replace(meant, additions=()), land


def _by_rules(written: str, meant: Name, search: _Search) -> _Answer | None:
    """Match official names, then other spellings, abbreviated or left-out additions, aliases."""
    index = search.index
    spelt = index.text.get(meant.text, [])
    current = [unit for unit in spelt if not unit.former]
    if meant.level:
        current += index.without_level.get(meant.text, [])
    same = search.among(current, meant)
    if same:
        exact = search.among(index.official.get(written, []), meant)
        return _decide("exact" if exact else "normalised", 100.0, exact or same, meant, search)
    relatives = _relatives(meant, search)
    if relatives:
        return _decide("normalised", _EXPANDED, relatives, meant, search)
    former = search.among((unit for unit in spelt if unit.former), meant)
    return _decide("alias", _EXPANDED, former, meant, search) if former else None


def _relatives(meant: Name, search: _Search) -> list[_Unit]:
    """Units of the same head whose addition is left out or abbreviated."""
    units = search.among((u for u in search.index.head.get(meant.head, []) if not u.former), meant)
    if not meant.additions:
        return units
    return [unit for unit in units if abbreviates(meant.additions, unit.parsed.additions)]


def _decide(
    status: Status, score: float, units: list[_Unit], meant: Name, search: _Search
) -> _Answer:
    """Accept one unit; several, or an overlooked county-free city, are ambiguous."""
    relatives = [] if meant.additions else _relatives(meant, search)
    keys = {unit.key for unit in units}
    others = [unit for unit in relatives if unit.key not in keys]
    larger = [unit for unit in others if unit.key.endswith("000") or unit.kind in _COUNTY_FREE]
    county_free = units[0].key.endswith("000") or units[0].kind in _COUNTY_FREE
    if len(units) > 1 or (larger and not county_free):
        return _Answer("ambiguous", score, tuple(dict.fromkeys((*units, *larger, *others))))
    return _Answer(status, score, (*units, *others))


def _by_similarity(meant: Name, search: _Search, threshold: float) -> _Answer:
    units, texts = search.pool(meant)
    hits = process.extract(
        meant.text, texts, scorer=fuzz.ratio, limit=_SHOWN, score_cutoff=min(_SIMILAR, threshold)
    )
    if not hits:
        return _Answer("none", 0.0, ())
    found = tuple(units[at] for _, _, at in hits)
    best = hits[0][1]
    if best < threshold:
        return _Answer("none", best, found)
    tie = len(hits) > 1 and best - hits[1][1] < _MARGIN
    return _Answer("ambiguous" if tie else "fuzzy", best, found)

"""Crosswalks: by which shares the units of one territorial state pass into those of another.

The data come from the Umsteigeschlüssel of the BBSR, which a user supplies and
`begleitforschung.read_crosswalk` reads; none are shipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, TerritoryError, ValidationError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.regions.keys import check_keys
from begleitforschung.stats import chain, share_sums, whole_sources

Kind = Literal["population", "area", "employment"]
CrosswalkLevel = Literal["gemeinde", "kreis"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SHARES = tuple(f"share_{kind}" for kind in KINDS)
KEYS = ["key_old", "key_new"]
TOLERANCE = 1e-6
_LAND = "(?:0[1-9]|1[0-6])"
PATTERN: dict[CrosswalkLevel, str] = {"gemeinde": _LAND + "[0-9]{6}", "kreis": _LAND + "[0-9]{3}"}
_SHOWN = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Crosswalk:
    """Shares by which units of one state pass into units of another.

    Parameters
    ----------
    from_state, to_state : str
        Territorial states, ISO dates.
    level : {"gemeinde", "kreis"}
        Level of the units.
    data : pandas.DataFrame
        ``key_old``, ``key_new`` (text, each pair once) and ``share_population``,
        ``share_area``, ``share_employment``: parts of the old unit that pass into the new one,
        between 0 and 1, NaN where unknown. They sum to 1 per old unit, or to less where a part
        leads to a unit that a later step does not know.
    provenance : Provenance
        Where the shares come from.
    findings : tuple of Finding
        What was remarked.

    Raises
    ------
    ValidationError
        If columns are missing, keys are malformed or of another level, a pair stands twice, or
        shares are negative or sum to more than 1.
    """

    from_state: str
    to_state: str
    level: CrosswalkLevel
    data: pd.DataFrame = field(repr=False)
    provenance: Provenance = field(repr=False)
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        missing = [name for name in (*KEYS, *SHARES) if name not in self.data.columns]
        if missing:
            raise ValidationError(f"a crosswalk needs the columns {', '.join(missing)}")
        frame = self.data[[*KEYS, *SHARES]].astype(dict.fromkeys(KEYS, "str"))
        frame = frame.astype(dict.fromkeys(SHARES, "float64")).sort_values(KEYS, ignore_index=True)
        object.__setattr__(self, "data", frame)
        problems = _problems(frame, self.level)
        if problems:
            raise ValidationError(
                f"the crosswalk {self.from_state} to {self.to_state} is not valid:",
                findings=problems,
            )

    def __len__(self) -> int:
        """Return the number of links."""
        return len(self.data)

    @cached_property
    def old(self) -> pd.Index:
        """Keys of the old units, ascending."""
        keys: pd.Index = pd.Index(self.data["key_old"].unique())
        return keys

    @cached_property
    def new(self) -> pd.Index:
        """Keys of the new units, ascending."""
        keys: pd.Index = pd.Index(self.data["key_new"].unique()).sort_values()
        return keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Crosswalks:
    """All crosswalks that a user has, to be chained from one state to another.

    Parameters
    ----------
    steps : tuple of Crosswalk
        Each pair of states and level once.
    provenance : Provenance
        Where they come from.
    findings : tuple of Finding
        What was remarked on reading them.
    """

    steps: tuple[Crosswalk, ...]
    provenance: Provenance = field(repr=False)
    findings: tuple[Finding, ...] = ()

    def __iter__(self) -> Iterator[Crosswalk]:
        """Iterate over the crosswalks."""
        return iter(self.steps)

    def __len__(self) -> int:
        """Return the number of crosswalks."""
        return len(self.steps)

    @property
    def states(self) -> tuple[str, ...]:
        """All territorial states that a crosswalk starts from or leads to, ascending."""
        return tuple(sorted({s for step in self.steps for s in (step.from_state, step.to_state)}))


def crosswalk(
    changes: Crosswalks, from_: str, to: str, *, level: CrosswalkLevel = "gemeinde"
) -> Crosswalk:
    r"""Return the shares from one territorial state to another, chained where needed.

    Forward, shares of consecutive steps are multiplied, :math:`s_{on} = \sum_m s_{om} s_{mn}`,
    along the chain with the fewest steps. Backward, only such units are put together again that
    wholly consist of later units: their shares are 1, and they are sums, not estimates.

    Parameters
    ----------
    changes : Crosswalks
        What `begleitforschung.read_crosswalk` read.
    from_, to : str
        Territorial states as ISO dates; the Umsteigeschlüssel hold 31 December of each year.
    level : {"gemeinde", "kreis"}
        Level of the units.

    Returns
    -------
    Crosswalk
        The shares; its findings name units that drop out of the chain or can't be taken back.

    Raises
    ------
    TerritoryError
        If no chain leads there; says which states are known and which file is needed.
    """
    steps = [step for step in changes.steps if step.level == level]
    node = Provenance.of("crosswalk", changes.provenance, from_=from_, to=to, level=level)
    if from_ == to:
        return _identity(steps, to, level, node)
    forward = _path(steps, from_, to)
    backward = None if forward else _path(steps, to, from_)
    path = forward or backward
    if not path:
        raise TerritoryError(_no_path(steps, from_, to, level))
    found = path[0]
    for step in path[1:]:
        found = _compose(found, step, node)
    return found if forward else _reversed(found, node)


def unmapped(walk: Crosswalk, units: pd.Index) -> list[str]:
    """Return the units that a crosswalk does not know.

    Parameters
    ----------
    walk : Crosswalk
        The crosswalk.
    units : pandas.Index
        Keys of the state that it starts from.

    Returns
    -------
    list of str
        Those without any link, ascending.
    """
    return sorted(str(unit) for unit in units[walk.old.get_indexer(units) < 0])


def _path(steps: list[Crosswalk], start: str, end: str) -> list[Crosswalk]:
    """Return the shortest chain of steps, empty if there is none."""
    reached: dict[str, list[Crosswalk]] = {start: []}
    frontier = [start]
    while frontier and end not in reached:
        following = []
        for step in steps:
            if step.from_state in frontier and step.to_state not in reached:
                reached[step.to_state] = [*reached[step.from_state], step]
                following.append(step.to_state)
        frontier = following
    return reached.get(end, [])


def _compose(first: Crosswalk, second: Crosswalk, node: Provenance) -> Crosswalk:
    middle = second.old.get_indexer(pd.Index(first.data["key_new"]))
    lost = sorted(set(first.data["key_new"][middle < 0]))
    old, new, shares = chain(
        (
            first.old.get_indexer(pd.Index(first.data["key_old"])),
            middle,
            first.data[list(SHARES)].to_numpy(),
        ),
        (
            second.old.get_indexer(pd.Index(second.data["key_old"])),
            second.new.get_indexer(pd.Index(second.data["key_new"])),
            second.data[list(SHARES)].to_numpy(),
        ),
    )
    frame = pd.DataFrame(shares, columns=list(SHARES))
    words = Text(
        f"Einheiten des Standes {second.from_state} fehlen im nächsten Umsteigeschlüssel",
        f"units of the state {second.from_state} are missing in the next crosswalk",
    )
    return Crosswalk(
        from_state=first.from_state,
        to_state=second.to_state,
        level=first.level,
        data=frame.assign(key_old=first.old[old], key_new=second.new[new]),
        provenance=node,
        findings=(*first.findings, *_units("territory.chain_broken", words, lost)),
    )


def _reversed(walk: Crosswalk, node: Provenance) -> Crosswalk:
    data = walk.data
    passing = data[(data[list(SHARES)] != 0).any(axis=1)]  # unknown shares may pass something
    old = walk.old.get_indexer(pd.Index(passing["key_old"]))
    whole = whole_sources(old, walk.new.get_indexer(pd.Index(passing["key_new"])), len(walk.old))
    links = passing[whole[old]]
    frame = pd.DataFrame({"key_old": links["key_new"], "key_new": links["key_old"]})
    lost = sorted(set(walk.new) - set(frame["key_old"]))
    words = Text(
        f"Einheiten lassen sich nicht eindeutig auf den Stand {walk.from_state} zurückführen",
        f"units can't be taken back to the state {walk.from_state} without ambiguity",
    )
    return Crosswalk(
        from_state=walk.to_state,
        to_state=walk.from_state,
        level=walk.level,
        data=frame.assign(**dict.fromkeys(SHARES, 1.0)),
        provenance=node,
        findings=(*walk.findings, *_units("territory.not_unique", words, lost)),
    )


def _identity(
    steps: list[Crosswalk], state: str, level: CrosswalkLevel, node: Provenance
) -> Crosswalk:
    keys: set[str] = set()
    for step in steps:
        keys |= set(step.old) if step.from_state == state else set()
        keys |= set(step.new) if step.to_state == state else set()
    if not keys:
        raise TerritoryError(_no_path(steps, state, state, level))
    frame = pd.DataFrame({"key_old": sorted(keys), "key_new": sorted(keys)})
    return Crosswalk(
        from_state=state,
        to_state=state,
        level=level,
        data=frame.assign(**dict.fromkeys(SHARES, 1.0)),
        provenance=node,
    )


def _units(rule: str, text: Text, units: list[str]) -> list[Finding]:
    if not units:
        return []
    more = ", …" if len(units) > _SHOWN else ""
    return [
        Finding(
            rule=rule,
            severity="warning",
            text=text,
            hint=Text(
                "Werte dieser Einheiten werden nicht umgerechnet, sondern gemeldet.",
                "Values of these units are not converted but reported.",
            ),
            key=", ".join(units[:_SHOWN]) + more,
            n=len(units),
        )
    ]


def _no_path(steps: list[Crosswalk], from_: str, to: str, level: CrosswalkLevel) -> str:
    what = {"gemeinde": "Gemeinden", "kreis": "Kreise"}[level]
    ends: dict[str, list[str]] = {}
    for step in steps:
        ends.setdefault(step.to_state, []).append(step.from_state)
    known = "; ".join(
        f"{min(starts)}{' … ' + max(starts) if len(starts) > 1 else ''} to {end}"
        for end, starts in sorted(ends.items())
    )
    later = (
        f" Figures of {from_} are later than {to}: they are taken back only by a chain that leads "
        f"from {to} to {from_}, and only for units without ambiguity; a later target state needs "
        "no way back."
        if from_ > to
        else ""
    )
    return (
        f"no chain of crosswalks of level {level!r} leads from {from_} to {to}. Known are: "
        f"{known or 'none'}.{later} Needed is the BBSR Umsteigeschlüssel for {what} from "
        f"{min(from_, to)} to {max(from_, to)}, or files that lead there step by step; read all "
        "of them together: read_crosswalk(path, path, …)."
    )


def _problems(frame: pd.DataFrame, level: CrosswalkLevel) -> list[Finding]:
    found: list[Finding] = []
    for name in KEYS:
        # One pattern for the whole column; the grammar then says what is wrong with the others.
        other = frame.loc[~frame[name].str.fullmatch(PATTERN[level]).fillna(False), name]
        if len(other):
            words = Text(f"kein Schlüssel der Ebene {level}", f"no key of the level {level}")
            found += [*check_keys(other, column=name), _broken("level", words, other, name)]
    shares = frame[list(SHARES)].to_numpy()
    codes, keys = pd.factorize(frame["key_old"])
    sums = share_sums(shares, codes, len(keys))
    checks = {
        "twice": (Text("Paar steht mehrfach", "pair stands twice"), frame.duplicated(KEYS)),
        "negative": (Text("negativer Anteil", "negative share"), (shares < 0).any(axis=1)),
        "sum": (
            Text("Anteile ergeben mehr als 1", "shares sum to more than 1"),
            np.any(sums > 1 + TOLERANCE, axis=1)[codes],
        ),
    }
    for name, (words, bad) in checks.items():
        if np.any(bad):
            found.append(_broken(name, words, frame.loc[np.asarray(bad), "key_old"], "key_old"))
    return found


def _broken(rule: str, words: Text, keys: pd.Series, column: str) -> Finding:
    return Finding(
        rule=f"territory.{rule}",
        severity="error",
        text=words,
        column=column,
        value=str(keys.iloc[0]),
        n=keys.nunique(),
    )

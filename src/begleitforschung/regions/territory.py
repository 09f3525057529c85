"""Crosswalks: by which shares the units of one territorial state pass into those of another.

The data come from the Umsteigeschlüssel of the BBSR, which a user supplies and
`begleitforschung.read_crosswalk` reads; none are shipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, ValidationError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.regions.changes import TerritorialChanges
from begleitforschung.regions.keys import check_keys
from begleitforschung.stats import share_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["population", "area", "employment"]
CrosswalkLevel = Literal["gemeinde", "kreis"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SHARES = tuple(f"share_{kind}" for kind in KINDS)
KEYS = ["key_old", "key_new"]
TOLERANCE = 1e-6
_LAND = "(?:0[1-9]|1[0-6])"
PATTERN: dict[CrosswalkLevel, str] = {"gemeinde": _LAND + "[0-9]{6}", "kreis": _LAND + "[0-9]{3}"}


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
        frame = pd.DataFrame(
            {name: self.data[name].astype("str").array for name in KEYS}
            | {name: self.data[name].to_numpy(np.float64, na_value=np.nan) for name in SHARES}
        )
        if not _ascending(frame):
            frame = frame.sort_values(KEYS, ignore_index=True)
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
    lists : TerritorialChanges, optional
        Changes that prolong the steps where none leads further.
    """

    steps: tuple[Crosswalk, ...]
    provenance: Provenance = field(repr=False)
    findings: tuple[Finding, ...] = ()
    lists: TerritorialChanges | None = field(default=None, repr=False)

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

    def prolonged(self, lists: TerritorialChanges) -> Crosswalks:
        """Return the crosswalks with lists of changes that lead on from them.

        Parameters
        ----------
        lists : TerritorialChanges
            What `begleitforschung.read_territorial_changes` read.

        Returns
        -------
        Crosswalks
            The same steps; `begleitforschung.regions.crosswalk` goes on with the lists from the
            latest state that the steps reach.
        """
        return replace(
            self,
            lists=lists,
            provenance=Provenance.of("prolong_crosswalks", self.provenance, lists.provenance),
            findings=(*self.findings, *lists.findings),
        )


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


def _ascending(frame: pd.DataFrame) -> bool:
    """Say whether each pair of keys is greater than the one before."""
    old, new = _texts(frame)
    later, same = old[1:] > old[:-1], old[1:] == old[:-1]
    return bool(np.all(later | (same & (new[1:] > new[:-1]))))


def _texts(frame: pd.DataFrame) -> list[NDArray[np.object_]]:
    return [frame[name].to_numpy(object, na_value="") for name in KEYS]


def _problems(frame: pd.DataFrame, level: CrosswalkLevel) -> list[Finding]:
    found: list[Finding] = []
    old, new = _texts(frame)  # ascending, so that what is equal stands together
    for name in KEYS:
        # One pattern for the whole column; the grammar then says what is wrong with the others.
        fits = np.asarray(frame[name].str.fullmatch(PATTERN[level]), bool)
        if not fits.all():
            other = frame.loc[~fits, name]
            words = Text(f"kein Schlüssel der Ebene {level}", f"no key of the level {level}")
            found += [*check_keys(other, column=name), _broken("level", words, other, name)]
    shares = frame[list(SHARES)].to_numpy()
    first = np.append(True, old[1:] != old[:-1])[: len(old)]
    twice = ~first & np.append(False, new[1:] == new[:-1])[: len(new)]
    codes = np.cumsum(first) - 1
    sums = share_sums(shares, codes, int(first.sum()))
    checks = {
        "twice": (Text("Paar steht mehrfach", "pair stands twice"), twice),
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

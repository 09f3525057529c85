"""Which units a larger unit should consist of, where a list of them is valid."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pydantic

from begleitforschung.catalogue import Entry, read_entry, resource
from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.regions import ars_to_ags, gazetteer, level_of
from begleitforschung.tables.states import OWN_STATE, UNKNOWN_STATE, year_end

# Textkennzeichen of the Gemeindeverzeichnis: uninhabited gemeindefreies Gebiet.
_UNINHABITED = "66"


class _Listed(Entry):
    """When the gazetteer is valid for a level, as the rule that checks keys against it says."""

    model_config = pydantic.ConfigDict(extra="ignore")

    level: str | None = None
    gazetteer: bool = False
    valid_from: str = ""
    valid_to: str = ""


class _Rules(Entry):
    model_config = pydantic.ConfigDict(extra="ignore")

    rules: tuple[_Listed, ...]


@cache
def _validity() -> dict[str, tuple[str, str]]:
    found = read_entry(resource("rules", "standard.yaml"), _Rules).rules
    spans = {str(r.level): (r.valid_from, r.valid_to) for r in found if r.gazetteer}
    # The Länder are the first digits of their counties; a municipality has AGS and ARS.
    return spans | {"land": spans["kreis"], "gemeinde_ars": spans["gemeinde"]}


@cache
def _listed(level: str) -> tuple[str, ...]:
    units = gazetteer()
    units = units[units["level"] == ("gemeinde" if level == "gemeinde_ars" else level)]
    keys = units["key"]
    return tuple(keys.str[:5] + units["verband"] + keys.str[5:] if level[8:] else keys)


@cache
def _uninhabited() -> frozenset[str]:
    units = gazetteer()
    return frozenset(units.loc[units["kind"] == _UNINHABITED, "key"])


def states_of(gebietsstand: str, years: Iterable[int]) -> tuple[str, ...]:
    """Return the territorial states that the units of a table stand on.

    Parameters
    ----------
    gebietsstand : str
        State of the table.
    years : iterable of int
        Years of the table.

    Returns
    -------
    tuple of str
        ISO dates; none where the state is unknown.
    """
    if gebietsstand == OWN_STATE:
        return tuple(year_end(year) for year in years)
    return () if gebietsstand == UNKNOWN_STATE else (gebietsstand,)


def listed_units(level: str, states: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return all units of a level, where the gazetteer lists them at every state given.

    Parameters
    ----------
    level : str
        Level of the units.
    states : tuple of str
        Territorial states, ISO dates.

    Returns
    -------
    tuple of str or None
        Keys in ascending order; ``None`` where no list is valid at a state or none is given.
    """
    if level not in _validity() or not states:
        return None
    first, last = _validity()[level]
    return _listed(level) if all(first <= state <= last for state in states) else None


def without_figures(units: Iterable[str]) -> frozenset[str]:
    """Return the units that need no figures: uninhabited gemeindefreie Gebiete.

    Parameters
    ----------
    units : iterable of str
        Keys.

    Returns
    -------
    frozenset of str
        Those of them that nobody lives in.
    """
    empty = _uninhabited()
    ags = {unit: ars_to_ags(unit) if level_of(unit) == "gemeinde_ars" else unit for unit in units}
    return frozenset(unit for unit, key in ags.items() if key in empty)


def completeness_unknown(groups: int) -> Finding:
    """Say that nobody checked whether the members are all there.

    Parameters
    ----------
    groups : int
        Number of larger units.

    Returns
    -------
    Finding
        A warning.
    """
    return Finding(
        rule="aggregate.completeness_unknown",
        severity="warning",
        text=Text(
            "Ob alle Mitglieder in der Tabelle stehen, ließ sich nicht prüfen: Für diese Ebene und "
            "diesen Gebietsstand ist keine Liste der Einheiten hinterlegt",
            "whether the table holds all members could not be checked: no list of units is "
            "packaged for this level and territorial state",
        ),
        hint=Text(
            "Prüfen, ob die Tabelle alle Einheiten enthält; mit gebietsstand= den Stand angeben, "
            "falls er bekannt ist.",
            "Check that the table holds all units; state the territorial state with gebietsstand= "
            "where it is known.",
        ),
        n=max(groups, 1),
    )

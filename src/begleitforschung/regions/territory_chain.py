"""From one territorial state to another: crosswalks chained, prolonged by lists, and taken back."""

from __future__ import annotations

import pandas as pd

from begleitforschung.errors import Finding, TerritoryError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.regions.changes import TerritorialChanges
from begleitforschung.regions.listed import listed_links, receivers, with_unchanged
from begleitforschung.regions.territory import (
    SHARES,
    Crosswalk,
    CrosswalkLevel,
    Crosswalks,
)
from begleitforschung.stats import chain, whole_sources

_SHOWN = 10


def crosswalk(
    changes: Crosswalks,
    from_: str,
    to: str,
    *,
    level: CrosswalkLevel = "gemeinde",
    units: pd.Index | None = None,
) -> Crosswalk:
    r"""Return the shares from one territorial state to another, chained where needed.

    Forward, shares of consecutive steps are multiplied, :math:`s_{on} = \sum_m s_{om} s_{mn}`,
    along the chain with the fewest steps. Where no step leads further, lists of changes do (see
    `begleitforschung.regions.listed`). Backward, only such units are put together again that
    wholly consist of later units: their shares are 1, and they are sums, not estimates.

    Parameters
    ----------
    changes : Crosswalks
        What `begleitforschung.read_crosswalk` read.
    from_, to : str
        Territorial states as ISO dates; the Umsteigeschlüssel hold 31 December of each year.
    level : {"gemeinde", "kreis"}
        Level of the units.
    units : pandas.Index, optional
        Units of the state `from_` to be converted. A list of changes names changed units only; from
        a state that no step starts from or leads to, all others are these.

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
        return _identity(changes, steps, to, level, node)
    forward = _chained(changes, steps, from_, to, level, node, units)
    if forward is not None:
        return forward
    backward = _chained(changes, steps, to, from_, level, node, units)
    if backward is None:
        raise TerritoryError(_no_path(changes, steps, from_, to, level))
    return _reversed(backward, node)


def _chained(
    changes: Crosswalks,
    steps: list[Crosswalk],
    start: str,
    end: str,
    level: CrosswalkLevel,
    node: Provenance,
    units: pd.Index | None,
) -> Crosswalk | None:
    """Return the shares from one state to another in the direction of the steps, if they lead."""
    reached = _paths(steps, start)
    if end in reached:
        return _composed(reached[end], node)
    lists = changes.lists
    ways = [state for state in reached if lists is not None and lists.covers(state, end)]
    if not ways or lists is None:
        return None
    state = max(ways)
    before = _composed(reached[state], node)
    known = before.new if before is not None else _keys_at(steps, state)
    complete = known is not None
    if known is None:
        known = units
    if known is None:
        raise TerritoryError(
            f"the lists of changes lead from {state} to {end}, but name changed units only; which "
            f"other units there were on {state} is not known. Read an Umsteigeschlüssel that "
            f"starts from {state} or leads to it together with the lists: "
            "read_crosswalk(path, path, …)."
        )
    listed = _listed(lists, state, end, level, known, node, complete=complete)
    return listed if before is None else _compose(before, listed, node)


def _listed(
    lists: TerritorialChanges,
    start: str,
    end: str,
    level: CrosswalkLevel,
    known: pd.Index,
    node: Provenance,
    *,
    complete: bool,
) -> Crosswalk:
    """Return the shares from one state to another as lists of changes tell them."""
    links, gone = with_unchanged(listed_links(lists, start, end, level), known, complete=complete)
    made = receivers(lists, start, end, level)  # they may be new and change again before `end`
    left_out = Text(
        f"Einheiten der Änderungslisten sind am {start} unbekannt; ihre Änderung ist ausgelassen",
        f"units of the lists of changes are not known on {start}; their change is left out",
    )
    assumed = Text(
        f"Änderungslisten sagen nicht, ob es diese Einheiten am {start} schon gab",
        f"the lists of changes don't say whether these units existed on {start}",
    )
    maybe_new = [] if complete else sorted(set(links["key_new"]) - set(known))
    return Crosswalk(
        from_state=start,
        to_state=end,
        level=level,
        data=links,
        provenance=node,
        findings=(
            *_units("territory.not_in_state", left_out, sorted({*gone} - made)),
            *_units("territory.units_assumed", assumed, maybe_new, _READ_BOTH),
            *_unknown(links, end),
        ),
    )


def _unknown(links: pd.DataFrame, end: str) -> list[Finding]:
    """Name the units of which the lists don't say how many residents pass."""
    words = Text(
        f"Änderungslisten bis {end} sagen nicht, welcher Teil der Bevölkerung übergeht",
        f"the lists of changes until {end} don't say which part of the population passes",
    )
    open_ = links.loc[links["share_population"].isna(), "key_old"]
    return _units("territory.share_unknown", words, sorted(open_.unique()))


def _composed(path: list[Crosswalk], node: Provenance) -> Crosswalk | None:
    found = path[0] if path else None
    for step in path[1:]:
        found = _compose(found, step, node) if found is not None else step
    return found


def _paths(steps: list[Crosswalk], start: str) -> dict[str, list[Crosswalk]]:
    """Return the shortest chain of steps to each state that can be reached."""
    reached: dict[str, list[Crosswalk]] = {start: []}
    frontier = [start]
    while frontier:
        following = []
        for step in steps:
            if step.from_state in frontier and step.to_state not in reached:
                reached[step.to_state] = [*reached[step.from_state], step]
                following.append(step.to_state)
        frontier = following
    return reached


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


def _keys_at(steps: list[Crosswalk], state: str) -> pd.Index | None:
    """Return the units of a state, None if no step starts from it or leads to it."""
    keys: set[str] = set()
    for step in steps:
        keys |= set(step.old) if step.from_state == state else set()
        keys |= set(step.new) if step.to_state == state else set()
    return pd.Index(sorted(keys), dtype="str") if keys else None


def _identity(
    changes: Crosswalks,
    steps: list[Crosswalk],
    state: str,
    level: CrosswalkLevel,
    node: Provenance,
) -> Crosswalk:
    keys = _keys_at(steps, state)
    if keys is None:
        raise TerritoryError(_no_path(changes, steps, state, state, level))
    return Crosswalk(
        from_state=state,
        to_state=state,
        level=level,
        data=pd.DataFrame({"key_old": keys, "key_new": keys}).assign(**dict.fromkeys(SHARES, 1.0)),
        provenance=node,
    )


_REPORTED = Text(
    "Werte dieser Einheiten werden nicht umgerechnet, sondern gemeldet.",
    "Values of these units are not converted but reported.",
)
_READ_BOTH = Text(
    "Einen Umsteigeschlüssel, der bis zu diesem Stand führt, zusammen mit den Listen einlesen: "
    "read_crosswalk(pfad, pfad).",
    "Read an Umsteigeschlüssel that leads to this state together with the lists: "
    "read_crosswalk(path, path).",
)


def _units(rule: str, text: Text, units: list[str], hint: Text = _REPORTED) -> list[Finding]:
    if not units:
        return []
    more = ", …" if len(units) > _SHOWN else ""
    return [
        Finding(
            rule=rule,
            severity="warning",
            text=text,
            hint=hint,
            key=", ".join(units[:_SHOWN]) + more,
            n=len(units),
        )
    ]


def _no_path(
    changes: Crosswalks, steps: list[Crosswalk], from_: str, to: str, level: CrosswalkLevel
) -> str:
    what = {"gemeinde": "Gemeinden", "kreis": "Kreise"}[level]
    ends: dict[str, list[str]] = {}
    for step in steps:
        ends.setdefault(step.to_state, []).append(step.from_state)
    known = "; ".join(
        f"{min(starts)}{' … ' + max(starts) if len(starts) > 1 else ''} to {end}"
        for end, starts in sorted(ends.items())
    )
    periods = () if changes.lists is None else changes.lists.periods
    known += "".join(f"; list of changes {first} to {last}" for first, last in sorted(periods))
    later = (
        f" Figures of {from_} are later than {to}: they are taken back only by a chain that leads "
        f"from {to} to {from_}, and only for units without ambiguity; a later target state needs "
        "no way back."
        if from_ > to
        else ""
    )
    return (
        f"no chain of crosswalks of level {level!r} leads from {from_} to {to}. Known are: "
        f"{known.removeprefix('; ') or 'none'}.{later} Needed is the BBSR Umsteigeschlüssel for "
        f"{what} from {min(from_, to)} to {max(from_, to)}, or files that lead there step by step, "
        "for the last years also the lists of territorial changes of Destatis; read all of them "
        "together: read_crosswalk(path, path, …)."
    )

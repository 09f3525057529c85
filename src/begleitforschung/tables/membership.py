"""Which units belong to which larger unit: by key, by the programme, or as a user says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from begleitforschung.errors import AggregationError, Finding
from begleitforschung.language import Text
from begleitforschung.provenance import Json, Provenance, frame_sha256
from begleitforschung.regions import ancestors, ars_to_ags, is_key, level_of
from begleitforschung.regions.grammar import GERMANY
from begleitforschung.regions.programme import members, project_units, projects
from begleitforschung.regions.programme import provenance as programme_provenance
from begleitforschung.tables.completeness import (
    completeness_unknown,
    listed_units,
    without_figures,
)

Target = Literal["project", "kreis", "land", "germany"] | Mapping[str, str] | pd.DataFrame
"""What `aggregate` can aggregate to: a level, unit to group, or columns ``group, unit``."""

_DIGITS = {"kreis": 5, "land": 2}
_BELOW = {
    "kreis": ("gemeinde", "gemeinde_ars", "verband"),
    "land": ("regierungsbezirk", "kreis", "gemeinde", "gemeinde_ars", "verband"),
    "germany": ("land", "regierungsbezirk", "kreis", "gemeinde", "gemeinde_ars", "verband"),
    "project": ("kreis", "gemeinde"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Groups and the units that they consist of.

    Parameters
    ----------
    pairs : pandas.DataFrame
        Columns ``group`` and ``unit`` (text), each pair once. Units that a table does not hold
        are members all the same, missing ones.
    groups : tuple of str
        All groups in order, those without any known member included.
    incomplete : frozenset of str
        Groups whose list of members is known to be incomplete.
    optional : frozenset of str
        Members that a group lacks nothing without: uninhabited gemeindefreie Gebiete.
    target : Json
        What the membership was asked for, for the provenance.
    inputs : tuple of Provenance
        Where the membership stands.
    findings : tuple of Finding
        What was remarked.
    """

    pairs: pd.DataFrame
    groups: tuple[str, ...]
    incomplete: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    target: Json
    inputs: tuple[Provenance, ...] = ()
    findings: tuple[Finding, ...] = ()


def membership(units: tuple[str, ...], to: Target, *, states: tuple[str, ...] = ()) -> Membership:
    """Return the groups that units of a table are to be aggregated to.

    Parameters
    ----------
    units : tuple of str
        Units of the table.
    to : Target
        ``"kreis"``, ``"land"``, ``"germany"``: by the key. The members are all units that the
        gazetteer lists, where it is valid at `states`; else those of the table, with a finding.
        ``"project"``: the members of the 73 model projects; those of county tables are counties
        and county-free cities only. A mapping of unit to group, or a DataFrame with the columns
        ``group`` and ``unit``, where a unit may be in several groups.
    states : tuple of str
        Territorial states of the units, ISO dates; none where they are unknown.

    Returns
    -------
    Membership
        The groups.

    Raises
    ------
    AggregationError
        If the target is unknown, the table holds units of several levels or none below the
        target, a group is neither a key nor a project code, or a group holds a unit and one that
        lies in it.
    """
    if isinstance(to, str):
        _one_level_below(units, to)
        return _by_project(units) if to == "project" else _by_key(units, to, states)
    if isinstance(to, pd.DataFrame):
        return _given(to, units)
    if isinstance(to, Mapping):
        return _given(pd.DataFrame({"group": list(to.values()), "unit": list(to)}), units)
    raise AggregationError(
        "'to' is a level, a mapping of unit to group or a DataFrame with columns group and unit, "
        f"not {type(to).__name__}"
    )


def _one_level_below(units: tuple[str, ...], to: str) -> None:
    if to not in _BELOW:
        raise AggregationError(f"no target {to!r}; known are: {', '.join(_BELOW)}")
    levels = list(dict.fromkeys(str(level_of(unit)) for unit in units))
    if len(levels) > 1:
        raise AggregationError(
            f"the table holds units of several levels ({', '.join(levels)}); their figures would "
            f"be counted twice. Take one level first: table.select(level={levels[-1]!r})"
        )
    if levels and levels[0] not in _BELOW[to]:
        raise AggregationError(
            f"units of level {levels[0]!r} can't be aggregated to {to!r}; possible are units of "
            f"level {' or '.join(map(repr, _BELOW[to]))}"
        )


def _by_key(units: tuple[str, ...], to: str, states: tuple[str, ...]) -> Membership:
    outside = [u for u in units if to == "kreis" and u[2:5] == "000" and len(u.rstrip("0")) > 2]
    inside = [unit for unit in units if unit not in set(outside)]
    group = dict.fromkeys(_group(unit, to) for unit in inside)
    listed = listed_units(str(level_of(inside[0])), states) if inside else ()
    expected = [unit for unit in listed or () if _group(unit, to) in group]
    all_units = list(dict.fromkeys([*inside, *expected]))
    pairs = pd.DataFrame(
        {"group": [_group(unit, to) for unit in all_units], "unit": all_units}, dtype="str"
    )
    findings = [_left_out(outside, "liegen in keinem Kreis", "lie in no county")] if outside else []
    if listed is None:
        findings.append(completeness_unknown(len(group)))
    return Membership(
        pairs=pairs,
        groups=tuple(sorted(group)),
        optional=without_figures(all_units),
        target=to,
        findings=tuple(findings),
    )


def _group(unit: str, to: str) -> str:
    return GERMANY if to == "germany" else unit[: _DIGITS[to]]


def _given(frame: pd.DataFrame, units: tuple[str, ...]) -> Membership:
    if not {"group", "unit"} <= set(frame.columns):
        raise AggregationError(
            "membership as a DataFrame needs the columns 'group' and 'unit'; found: "
            f"{', '.join(map(str, frame.columns))}"
        )
    pairs = frame[["group", "unit"]].dropna().astype(str).drop_duplicates().reset_index(drop=True)
    names = [group for group in pairs["group"].unique() if not is_key(group)]
    if names:
        raise AggregationError(
            f"a group is itself a unit of the result: {', '.join(map(repr, names[:3]))} is no key "
            "and no project code such as 'S1-01'. To describe groups with names of your own, use "
            "compare(table, by=…)"
        )
    problems = _overlaps(pairs)
    if problems:
        raise AggregationError("groups hold units that lie in one another:", findings=problems)
    known = set(pairs["unit"])
    outside = [unit for unit in units if unit not in known]
    findings = (_left_out(outside, "gehören zu keiner Gruppe", "belong to no group"),)
    ordered = pairs.sort_values(["group", "unit"])
    return Membership(
        pairs=pairs,
        groups=tuple(sorted(set(pairs["group"]))),
        target=("dict", ("groups", pairs["group"].nunique()), ("sha256", frame_sha256(ordered))),
        findings=findings if outside else (),
    )


def _overlaps(pairs: pd.DataFrame) -> list[Finding]:
    problems = []
    for group, part in pairs.groupby("group")["unit"]:
        members: dict[str, str] = {}
        for unit in part:
            same = ars_to_ags(unit) if level_of(unit) == "gemeinde_ars" else unit
            if same in members:
                problems.append(_overlap(str(group), unit, members[same]))
            members[same] = unit
        for unit in part:
            above = [item for item in ancestors(unit) if item in members]
            problems += [_overlap(str(group), unit, item) for item in above]
    return problems


def _overlap(group: str, unit: str, other: str) -> Finding:
    return Finding(
        rule="aggregate.overlap",
        severity="error",
        text=Text(f"{unit} liegt in {other}", f"{unit} lies in {other}"),
        hint=Text("Nur eine der Ebenen behalten.", "Keep only one of the two levels."),
        key=group,
    )


def _left_out(units: list[str], de: str, en: str) -> Finding:
    shown = ", ".join(units[:3]) + (", …" if len(units) > 3 else "")
    return Finding(
        rule="aggregate.left_out",
        severity="info",
        text=Text(
            f"{len(units)} Einheiten {de} und sind nicht enthalten ({shown})",
            f"{len(units)} units {en} and are left out ({shown})",
        ),
        n=max(len(units), 1),
    )


def _by_project(units: tuple[str, ...]) -> Membership:
    register = projects()
    level = level_of(units[0]) if units else "kreis"
    pairs = _of_counties() if level == "kreis" else _of_municipalities(units)
    complete = register["members_complete"].fillna(False).to_numpy(bool)
    return Membership(
        pairs=pairs.drop_duplicates(ignore_index=True),
        groups=tuple(register["project"]),
        incomplete=frozenset(register.loc[~complete, "project"]),
        target="project",
        inputs=(programme_provenance(),),
    )


def _of_counties() -> pd.DataFrame:
    """Counties and county-free cities; other members stay as members without a figure."""
    found = project_units("kreis")
    own = found["kind"] == "own"
    unit = found["unit"].where(own, found["members"]).str.split(";")
    return found.assign(group=found["project"], unit=unit)[["group", "unit"]].explode("unit")


def _of_municipalities(units: tuple[str, ...]) -> pd.DataFrame:
    """Municipalities; a county is all municipalities that the table holds of it."""
    within: dict[str, list[str]] = {}
    for unit in units:
        within.setdefault(unit[:5], []).append(unit)
    found = members()
    parts = [
        within.get(key, [key]) if level == "kreis" else [key]
        for key, level in zip(found["unit"], found["level"], strict=True)
    ]
    return pd.DataFrame({"group": found["project"], "unit": parts}).explode("unit")

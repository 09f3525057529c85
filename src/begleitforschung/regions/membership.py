"""Which units a project consists of, and for which level its figures are its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import pandas as pd

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.regions.directory import GEBIETSSTAND, gazetteer, gemeinden_of, name_of
from begleitforschung.regions.keys import check_keys, is_county_free, level_of
from begleitforschung.regions.register import (
    MemberLevel,
    read_members,
    read_projects,
    read_register,
)

CompareLevel = Literal["kreis", "gemeinde"]

_OWN_STATUS = ["own", "partial", "none", "no_members"]
_COUNTY_STATUS = ["funded", "contains", "untouched"]


def members(
    project: str | None = None,
    *,
    level: MemberLevel | None = None,
    resolve_verbaende: bool = True,
    gebietsstand: str = GEBIETSSTAND,
) -> pd.DataFrame:
    """Return the members of one project or of all.

    Parameters
    ----------
    project : str, optional
        Code of a project.
    level : {"gemeinde", "kreis", "verband"}, optional
        Level of the members to return.
    resolve_verbaende : bool
        Whether a Gemeindeverband (Amt Süderbrarup; the Samtgemeinden Artland, Fürstenau and
        Neuenkirchen) is replaced by its municipalities.
    gebietsstand : str
        Date of the borders for that, ISO 8601; only the packaged one is known.

    Returns
    -------
    pandas.DataFrame
        ``project``; ``unit`` (key); ``level``; ``name`` (official); ``lead`` (bool;
        of the Gemeindeverband where a municipality was resolved from one); ``via`` (key of that
        Gemeindeverband, else missing);
        ``members_complete`` (of the project; nullable boolean). 110 rows without resolving: 91
        municipalities, 15 counties, 4 Gemeindeverbände; 129 rows with.

    Raises
    ------
    TerritoryError
        If no gazetteer of that date is packaged.
    UnknownCodeError
        If there is no such project.

    Examples
    --------
    >>> members("S1-09")["unit"].size
    13
    """
    known = read_projects()
    if project is not None and project not in known:
        raise UnknownCodeError(project, known, "the programme register")
    rows: list[tuple[object, ...]] = []
    for entry in read_members():
        if project is not None and entry.project != project:
            continue
        complete = known[entry.project].members_complete
        if entry.level == "verband" and resolve_verbaende:
            rows += [
                (entry.project, key, "gemeinde", name_of(key), entry.lead, entry.unit, complete)
                for key in gemeinden_of(entry.unit, gebietsstand)
            ]
        else:
            fixed = (entry.project, entry.unit, entry.level, entry.name, entry.lead)
            rows.append((*fixed, None, complete))
    columns = ["project", "unit", "level", "name", "lead", "via", "members_complete"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame if level is None else frame[frame["level"] == level].reset_index(drop=True)
    text = dict.fromkeys(["project", "unit", "level", "name", "via"], "str")
    return frame.astype({**text, "lead": "bool", "members_complete": "boolean"})


def project_units(
    level: CompareLevel = "kreis",
    *,
    resolve_verbaende: bool = True,
    gebietsstand: str = GEBIETSSTAND,
) -> pd.DataFrame:
    """Return the units of a level that the projects are, or lie in.

    Parameters
    ----------
    level : {"kreis", "gemeinde"}
        Level of the figures to be compared.
    resolve_verbaende : bool
        Whether Gemeindeverbände are replaced by their municipalities first; without it they have
        no unit at the municipality level.
    gebietsstand : str
        Date of the borders for that.

    Returns
    -------
    pandas.DataFrame
        One row per project and unit: ``project``; ``unit``; ``kind``, ``own`` where the unit is
        itself a member (a county-free city is its own county) and ``surrounding`` where members
        lie in it (only at level ``kreis``); ``members`` (keys of those members, separated by
        ``;``), from which the share of the county's population can be computed;
        ``members_complete``.

    Raises
    ------
    TerritoryError
        If no gazetteer of that date is packaged.

    Examples
    --------
    >>> units = project_units("kreis")
    >>> units[units["project"] == "S2-23"][["unit", "kind"]].values.tolist()
    [['05913', 'own'], ['05978', 'surrounding']]
    """
    table = members(resolve_verbaende=resolve_verbaende, gebietsstand=gebietsstand)
    if level == "gemeinde":
        table = table[table["level"] == "gemeinde"].assign(kind="own", member=table["unit"])
    else:
        own = (table["level"] == "kreis") | table["unit"].map(is_county_free)
        kind = own.map({True: "own", False: "surrounding"})
        table = table.assign(kind=kind, member=table["unit"], unit=table["unit"].str[:5])
    groups = table.groupby(["project", "unit"], sort=False)
    found = groups.agg(
        kind=("kind", "min"), members=("member", ";".join), complete=("members_complete", "first")
    )
    found = found.rename(columns={"complete": "members_complete"}).reset_index()
    return found.astype({"kind": pd.CategoricalDtype(["own", "surrounding"])})


def own_level_status(
    level: CompareLevel = "kreis",
    *,
    resolve_verbaende: bool = True,
    gebietsstand: str = GEBIETSSTAND,
) -> pd.Series:
    """Say for each project whether figures of a level are its own.

    Parameters
    ----------
    level : {"kreis", "gemeinde"}
        Level of the figures.
    resolve_verbaende, gebietsstand
        As in `members`.

    Returns
    -------
    pandas.Series
        Categorical, index the 73 project codes: ``own`` (all members are units of the level),
        ``partial`` (some are), ``none``, ``no_members`` (no member is known). At county level 42,
        2, 28 and 1; with ``resolve_verbaende=False`` the Amt Süderbrarup, known by its nine-digit
        key only, counts as ``no_members``: 42, 2, 27 and 2.

    Raises
    ------
    TerritoryError
        If no gazetteer of that date is packaged.

    Examples
    --------
    >>> own_level_status("kreis").value_counts()["own"]
    np.int64(42)
    """
    table = members(resolve_verbaende=resolve_verbaende, gebietsstand=gebietsstand)
    table = table[table["level"] != "verband"]
    if level == "gemeinde":
        own = table["level"] == "gemeinde"
    else:
        own = (table["level"] == "kreis") | table["unit"].map(is_county_free)
    share = own.groupby(table["project"]).mean()
    status = share.map(lambda s: "own" if s == 1 else "none" if s == 0 else "partial")
    status = status.reindex(pd.Index(list(read_projects()), name="project")).fillna("no_members")
    return status.astype(pd.CategoricalDtype(_OWN_STATUS)).rename("status")


def county_status(
    counties: Iterable[str] | None = None, *, gebietsstand: str = GEBIETSSTAND
) -> pd.DataFrame:
    """Say for each county whether it is funded, merely contains a funded municipality, or neither.

    Parameters
    ----------
    counties : iterable of str, optional
        Keys of five digits; by default all 400 counties of the gazetteer.
    gebietsstand : str
        Date of the borders, for the default and for the Gemeindeverbände.

    Returns
    -------
    pandas.DataFrame
        One row per county: ``unit``; ``status``, a categorical of ``funded`` (the county or
        county-free city is itself a member; 51 of 400), ``contains`` (33) and ``untouched``
        (316); ``projects`` and ``members`` (codes and keys separated by ``;``, of all members in
        or equal to the county; missing where untouched); ``note`` (German; where the register
        knows a doubt about the county, e.g. 09679 Landkreis Würzburg). Members of the Verband
        Region Rhein-Neckar are unknown, so counties of its area may count as untouched.

    Raises
    ------
    TerritoryError
        If no gazetteer of that date is packaged.
    ValidationError
        If a key is malformed or is not that of a county.
    """
    keys = _counties(counties, gebietsstand)
    units = project_units("kreis", gebietsstand=gebietsstand)
    joined = units.groupby("unit").agg(
        status=("kind", lambda kinds: "funded" if (kinds == "own").any() else "contains"),
        projects=("project", lambda codes: ";".join(dict.fromkeys(codes))),
        members=("members", lambda found: ";".join(dict.fromkeys(";".join(found).split(";")))),
    )
    doubts = {unit: note.text.de for note in read_register().notes for unit in note.units}
    found = joined.reindex(pd.Index(keys, name="unit")).reset_index()
    found["status"] = found["status"].fillna("untouched")
    found["note"] = pd.Series([doubts.get(key) for key in keys], dtype="str")
    return found.astype({"status": pd.CategoricalDtype(_COUNTY_STATUS)})


def _counties(counties: Iterable[str] | None, gebietsstand: str) -> list[str]:
    if counties is None:
        units = gazetteer(gebietsstand)
        return units.loc[units["level"] == "kreis", "key"].tolist()
    keys = list(dict.fromkeys(counties))
    findings = check_keys(keys)
    if findings:
        raise ValidationError("These are no keys of counties:", findings=findings)
    others = [key for key in keys if level_of(key) != "kreis"]
    if others:
        raise ValidationError(f"not keys of counties (five digits): {', '.join(others[:10])}")
    return keys

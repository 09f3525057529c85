"""The Modellprojekte Smart Cities: 73 projects, their members, and where figures are their own.

A project is a city, a county or a co-operation of several; membership is data. What the sources
do not say stays unknown, and where they contradict each other a note says so (`notes`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from begleitforschung.errors import AggregationError, UnknownCodeError
from begleitforschung.provenance import Provenance, Source, frame_sha256
from begleitforschung.regions.codes import code_list
from begleitforschung.regions.directory import GEBIETSSTAND, gazetteer_source, read_table
from begleitforschung.regions.membership import (
    county_status,
    members,
    own_level_status,
    project_units,
)
from begleitforschung.regions.register import (
    AmountKind,
    Note,
    Project,
    read_projects,
    read_register,
)

__all__ = [
    "AmountKind",
    "AmountSum",
    "Note",
    "Project",
    "county_status",
    "members",
    "notes",
    "own_level_status",
    "project",
    "project_units",
    "projects",
    "provenance",
    "source",
    "sum_amounts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountSum:
    """Sum of the amounts of projects, all of one kind.

    Parameters
    ----------
    total_eur : int
        Sum in euros.
    betrag_art : {"bundesanteil", "gesamtvolumen", "unklar"}
        What the amounts are.
    n : int
        Projects that the sum covers.
    n_other : int
        Selected projects with an amount of another kind, not in the sum.
    n_unknown : int
        Selected projects whose amount is unknown, not in the sum.
    """

    total_eur: int
    betrag_art: AmountKind
    n: int
    n_other: int
    n_unknown: int


def projects() -> pd.DataFrame:
    """Return all projects.

    Returns
    -------
    pandas.DataFrame
        73 rows, the columns of `Project`: ``staffel``, ``programm_kategorie``, ``startphase``,
        ``typ`` and ``betrag_art`` are categorical, ``betrag_eur`` is ``Int64`` (euros),
        ``members_complete`` is nullable boolean, ``bundeslaender`` is text separated by ``;``.
        What is unknown is missing.

    Raises
    ------
    CatalogueError
        If the packaged register is malformed.

    Examples
    --------
    >>> projects()["staffel"].value_counts(sort=False).tolist()
    [13, 32, 28]
    """
    rows = [entry.model_dump() for entry in read_projects().values()]
    frame = pd.DataFrame(rows, columns=list(Project.model_fields))
    frame["bundeslaender"] = frame["bundeslaender"].map(";".join)
    text = [str(c) for c in frame if frame[c].map(lambda v: isinstance(v, str)).any()]
    frame[text] = frame[text].astype("str").replace("", None)
    for name in ("staffel", "programm_kategorie", "startphase"):
        codes = code_list(name)
        kind = pd.CategoricalDtype(list(codes.keys), ordered=codes.ordered)
        frame[name] = frame[name].astype(kind)
    frame[["typ", "betrag_art"]] = frame[["typ", "betrag_art"]].astype("category")
    return frame.astype({"betrag_eur": "Int64", "members_complete": "boolean"})


def project(id: str) -> Project:
    """Return one project.

    Parameters
    ----------
    id : str
        Its code, e.g. ``"S1-02"``.

    Returns
    -------
    Project
        The frozen entry.

    Raises
    ------
    UnknownCodeError
        If there is no such project.

    Examples
    --------
    >>> project("S1-02").name
    'Ulm'
    """
    known = read_projects()
    if id not in known:
        raise UnknownCodeError(id, known, "the programme register")
    return known[id]


def sum_amounts(
    projects: Iterable[str] | None = None, *, betrag_art: AmountKind | None = None
) -> AmountSum:
    """Add up the amounts of projects, of one kind only.

    Parameters
    ----------
    projects : iterable of str, optional
        Codes of the projects; all of them by default.
    betrag_art : {"bundesanteil", "gesamtvolumen", "unklar"}, optional
        Kind of the amounts to add up; without it all amounts must be of one kind.

    Returns
    -------
    AmountSum
        The sum, and for how many projects it stands.

    Raises
    ------
    AggregationError
        If the amounts are of several kinds and no kind is named, or if there is no amount.
    UnknownCodeError
        If there is no such project.

    Examples
    --------
    >>> sum_amounts(["S1-01", "S1-02"]).total_eur
    17000000
    """
    ids = list(read_projects()) if projects is None else list(dict.fromkeys(projects))
    selected = [project(one) for one in ids]
    known = [one for one in selected if one.betrag_eur is not None and one.betrag_art is not None]
    kinds = sorted({str(one.betrag_art) for one in known})
    if betrag_art is None and len(kinds) > 1:
        counts = ", ".join(f"{k} ({sum(p.betrag_art == k for p in known)})" for k in kinds)
        raise AggregationError(
            f"the amounts are of several kinds and must not be added up: {counts}; name one with"
            " betrag_art="
        )
    kept = [one for one in known if betrag_art is None or one.betrag_art == betrag_art]
    if not kept or kept[0].betrag_art is None:
        what = f" of kind {betrag_art!r}" if betrag_art else ""
        raise AggregationError(f"none of the {len(selected)} projects has a known amount{what}")
    return AmountSum(
        total_eur=sum(one.betrag_eur or 0 for one in kept),
        betrag_art=kept[0].betrag_art,
        n=len(kept),
        n_other=len(known) - len(kept),
        n_unknown=len(selected) - len(known),
    )


def notes(project: str | None = None) -> tuple[Note, ...]:
    """Return what the sources leave open or say differently.

    Parameters
    ----------
    project : str, optional
        Code of a project; without it all notes are returned.

    Returns
    -------
    tuple of Note
        Each with its references.

    Raises
    ------
    UnknownCodeError
        If there is no such project.
    """
    if project is not None and project not in read_projects():
        raise UnknownCodeError(project, read_projects(), "the programme register")
    found = read_register().notes
    return tuple(note for note in found if project is None or project in note.projects)


def source() -> Source:
    """Return the source of the register.

    Returns
    -------
    Source
        Its checksum covers projects and members.

    Raises
    ------
    CatalogueError
        If the packaged register is malformed.
    """
    tables = [read_table("programme", name) for name in ("projects.csv", "members.csv")]
    return read_register().source.source(
        "projects.csv", frame_sha256(pd.concat(tables, ignore_index=True).fillna(""))
    )


def provenance(gebietsstand: str = GEBIETSSTAND) -> Provenance:
    """Return the provenance of the register with its Gemeindeverbände resolved.

    Parameters
    ----------
    gebietsstand : str
        Date of the borders.

    Returns
    -------
    Provenance
        Inputs are the register and the gazetteer.

    Raises
    ------
    CatalogueError
        If the packaged register is malformed.
    """
    return Provenance.of(
        "programme.members", source(), gazetteer_source(), gebietsstand=gebietsstand
    )

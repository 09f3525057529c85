"""The packaged register of the 73 Modellprojekte Smart Cities, read strictly.

The facts stand in ``resources/programme``: one row per project, one per member, and the notes on
what the sources leave open or say differently. This module types and checks them;
`begleitforschung.regions.programme` gives them to users.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import pydantic

from begleitforschung.catalogue import (
    Entry,
    Label,
    Reference,
    read_csv_entries,
    read_entry,
    resource,
    split_list,
    unique,
)
from begleitforschung.errors import CatalogueError
from begleitforschung.regions.codes import code_list
from begleitforschung.regions.directory import SourceEntry
from begleitforschung.regions.grammar import is_key
from begleitforschung.regions.keys import level_of

AmountKind = Literal["bundesanteil", "gesamtvolumen", "unklar"]
MemberLevel = Literal["gemeinde", "kreis", "verband"]
Keys = Annotated[tuple[str, ...], pydantic.BeforeValidator(split_list)]


class Project(Entry):
    """One Modellprojekt with the source of each figure.

    Parameters
    ----------
    project : str
        Code, e.g. ``S1-01``: round and running number.
    name : str
        Name of the project's municipality, county or co-operation.
    listenname : str
        Name as in the announcement.
    staffel : str
        Funding round, code of the list ``staffel``.
    jahr : int
        Year of admission.
    bundesland : str
        Key of the Land of the lead.
    bundeslaender : tuple of str
        Keys of the Länder of all members.
    typ : str
        ``stadt``, ``gemeinde``, ``amt``, ``landkreis`` or ``interkommunal``.
    programm_kategorie : str
        Category that the programme assigned, code of the list ``programm_kategorie``.
    members_complete : bool or None
        Whether the register names all members; ``None`` if that is unknown.
    members_note : str
        Why.
    startphase : str or None
        Code of the list ``startphase``; ``None`` if unknown.
    startphase_quelle, startphase_hinweis : str
        Source of the phase; hints that are no proof.
    titel : str
        Title of the project, empty if unknown.
    betrag_eur : int or None
        Amount in euros as the source states it; ``None`` if unknown.
    betrag_art : {"bundesanteil", "gesamtvolumen", "unklar"} or None
        What the amount is: federal share, total volume, or unclear.
    betrag_quelle : str
        Source of the amount.
    laufzeit : str
        Duration as the source states it.
    anmerkung : str
        Further remarks.
    """

    project: Annotated[str, pydantic.Field(pattern=r"^S[1-3]-\d{2}$")]
    name: str
    listenname: str
    staffel: str
    jahr: int
    bundesland: str
    bundeslaender: Keys
    typ: Literal["stadt", "gemeinde", "amt", "landkreis", "interkommunal"]
    programm_kategorie: str
    members_complete: bool | None = None
    members_note: str = ""
    startphase: str | None = None
    startphase_quelle: str = ""
    startphase_hinweis: str = ""
    titel: str = ""
    betrag_eur: int | None = None
    betrag_art: AmountKind | None = None
    betrag_quelle: str = ""
    laufzeit: str = ""
    anmerkung: str = ""

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> Project:
        for name in ("staffel", "programm_kategorie", "startphase", "bundesland"):
            code, codes = getattr(self, name), _LISTS.get(name, name)
            if code is not None and code not in code_list(codes).keys:
                raise ValueError(f"{name} {code!r} is not in the code list {codes!r}")
        if (self.betrag_eur is None) != (self.betrag_art is None) or (
            self.betrag_eur is not None and not self.betrag_quelle
        ):
            raise ValueError("an amount needs its kind and its source")
        if self.startphase is not None and not self.startphase_quelle:
            raise ValueError("a start phase needs its source")
        if self.members_complete is not True and not self.members_note:
            raise ValueError("say in 'members_note' why the members are not known completely")
        return self


_LISTS = {"bundesland": "bundeslaender"}


class Member(Entry):
    """One member of a project, as the register names it.

    Parameters
    ----------
    project : str
        Code of the project.
    unit : str
        Key: AGS of a municipality, county, or Gemeindeverband (9 digits).
    level : {"gemeinde", "kreis", "verband"}
        Level of the member.
    name : str
        Official name.
    lead : bool
        Whether it leads the project; where no source names a lead, the one named first.
    """

    project: str
    unit: str
    level: MemberLevel
    name: str
    lead: bool

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> Member:
        if not is_key(self.unit) or level_of(self.unit) != self.level:
            raise ValueError(f"unit {self.unit!r} is no key of level {self.level!r}")
        return self


class Note(Entry):
    """What the sources leave open or say differently.

    Parameters
    ----------
    id : str
        Identifier.
    projects : tuple of str
        Projects concerned; empty for the programme as a whole.
    units : tuple of str
        Keys of units concerned that are no members.
    text : Label
        The note in German and English.
    references : tuple of Reference
        Where it stands.
    """

    id: str
    projects: tuple[str, ...]
    units: tuple[str, ...] = ()
    text: Label
    references: tuple[Reference, ...]


class Register(Entry):
    """Source, references and notes of the register; see ``register.yaml``."""

    source: SourceEntry
    references: tuple[Reference, ...]
    notes: tuple[Note, ...]


@lru_cache(maxsize=1)
def read_projects() -> dict[str, Project]:
    """Read the projects.

    Returns
    -------
    dict
        Code to project, in the order of the announcements.

    Raises
    ------
    CatalogueError
        If a row is malformed or a code stands twice.
    """
    rows = read_csv_entries(resource("programme", "projects.csv"), Project)
    return unique(rows, "project", file="projects.csv")


@lru_cache(maxsize=1)
def read_members() -> tuple[Member, ...]:
    """Read the members.

    Returns
    -------
    tuple of Member
        In the order of the projects.

    Raises
    ------
    CatalogueError
        If a row is malformed, names an unknown project or repeats a member.
    """
    rows = read_csv_entries(resource("programme", "members.csv"), Member)
    unknown = {row.project for row in rows} - set(read_projects())
    pairs = [(row.project, row.unit) for row in rows]
    if unknown or len(set(pairs)) < len(pairs):
        raise CatalogueError(f"members.csv: unknown projects {sorted(unknown)} or a member twice")
    return rows


@lru_cache(maxsize=1)
def read_register() -> Register:
    """Read source, references and notes of the register.

    Returns
    -------
    Register
        The content of ``register.yaml``.

    Raises
    ------
    CatalogueError
        If the file is malformed.
    """
    return read_entry(resource("programme", "register.yaml"), Register)

"""Code lists: classifications of units with their reference, validity and labels.

Each list is one strict YAML file below ``resources/codes/lists``. A nominal list names its codes; a
list of intervals gives bounds, lower inclusive and upper exclusive, which are checked to be
disjoint and without gaps when the list is loaded. Values that an issuer assigned to units (BBSR
types, categories of the programme) are data beside the list and never recomputed.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal, Self

import pydantic

from begleitforschung.catalogue import Entry, Label, Reference, read_entry, resource
from begleitforschung.errors import CatalogueError, UnknownCodeError
from begleitforschung.language import Lang
from begleitforschung.provenance import Source, frame_sha256
from begleitforschung.regions.directory import SourceEntry, read_table

IsoDate = Annotated[str, pydantic.Field(pattern=r"^\d{4}(-\d{2}-\d{2})?$")]


class Code(Entry):
    """One code of a list.

    Parameters
    ----------
    code : str
        The code as its issuer writes it, else one of ours.
    label : Label
        What it stands for.
    parent : str, optional
        Code of the group that it belongs to.
    lower, upper : int, optional
        Bounds of an interval: lower inclusive, upper exclusive; without upper it is open.
    short : tuple of str
        Abbreviations that people write for it.
    units : tuple of str
        Keys of the Länder that it covers, where the list classifies by Land.
    """

    code: str
    label: Label
    parent: str | None = None
    lower: int | None = None
    upper: int | None = None
    short: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


class Assignment(Entry):
    """The file that says which unit has which code.

    Parameters
    ----------
    file : tuple of str
        Path of a CSV below the package's resources.
    key : str
        Its column of units.
    column : str
        Its column of codes.
    levels : tuple of str
        Levels of the units in it.
    gebietsstand : str
        Territorial state of the units, or ``unknown``.
    complete : bool
        Whether every unit of the level is in it; an absent unit is unknown in any case.
    note : str
        What a reader should know.
    source : SourceEntry, optional
        Source of the assignment with the attribution that its licence asks for.
    """

    file: tuple[str, ...]
    key: str
    column: str
    levels: tuple[str, ...]
    gebietsstand: str = "unknown"
    complete: bool
    note: str = ""
    source: SourceEntry | None = None


class CodeList(Entry):
    """A classification with its codes.

    Parameters
    ----------
    id : str
        Name of the list and of its file.
    title : Label
        What the list classifies by.
    kind : {"nominal", "intervals"}
        Whether codes are named or follow from a number.
    ordered : bool
        Whether the codes are in a meaningful order.
    issuer : str
        Who defines it.
    measure : Label, optional
        What the bounds count, for intervals.
    levels : tuple of str
        Levels of units that it is meant for; empty where it is not about units.
    valid_from, valid_to : str
        Year or ISO date from and to which it holds; empty where unknown or still valid.
    references : tuple of Reference
        Where it is written down.
    note : str
        What a reader should know.
    groups : tuple of Code
        Groups of codes, named by `Code.parent`.
    assignment : Assignment, optional
        Where units got their codes.
    codes : tuple of Code
        The codes in order.
    """

    id: str
    title: Label
    kind: Literal["nominal", "intervals"]
    ordered: bool
    issuer: str
    measure: Label | None = None
    levels: tuple[str, ...] = ()
    valid_from: IsoDate | Literal[""] = ""
    valid_to: IsoDate | Literal[""] = ""
    references: Annotated[tuple[Reference, ...], pydantic.Field(min_length=1)]
    note: str = ""
    groups: tuple[Code, ...] = ()
    assignment: Assignment | None = None
    codes: Annotated[tuple[Code, ...], pydantic.Field(min_length=2)]

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [code.code for code in (*self.codes, *self.groups)]
        if len(set(names)) < len(names):
            raise ValueError("codes and groups must be unique")
        groups = {group.code for group in self.groups}
        unknown = {code.parent for code in self.codes if code.parent} - groups
        if unknown:
            raise ValueError(f"parents without an entry in 'groups': {sorted(unknown)}")
        bounded = [c for c in self.codes if c.lower is not None or c.upper is not None]
        if self.kind == "nominal" and bounded:
            raise ValueError("a nominal list has no bounds")
        if self.kind == "intervals":
            _check_intervals(self.codes)
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The codes in order."""
        return tuple(code.code for code in self.codes)

    def labels(self, lang: Lang = "de") -> dict[str, str]:
        """Return the label of each code, in order.

        Parameters
        ----------
        lang : {"de", "en"}
            Language of the labels.

        Returns
        -------
        dict
            Code to label.
        """
        return {code.code: code.label.text.get(lang) for code in self.codes}

    def parents(self) -> dict[str, str]:
        """Return the group of each code that has one.

        Returns
        -------
        dict
            Code to group code, e.g. Kreistyp ``1`` to ``staedtisch``.
        """
        return {code.code: code.parent for code in self.codes if code.parent}

    def find(self, value: object) -> str:
        """Return the code that a code, label or abbreviation stands for.

        Parameters
        ----------
        value : object
            Code, German or English label, or abbreviation; case does not matter.

        Returns
        -------
        str
            The code.

        Raises
        ------
        UnknownCodeError
            If the list knows no such name.
        """
        found = self._names().get(str(value).strip().casefold())
        if found is None:
            raise UnknownCodeError(value, self._written(), f"the code list {self.id!r}")
        return found

    def knows(self, value: object) -> bool:
        """Say whether `find` would find a code.

        Parameters
        ----------
        value : object
            Anything.

        Returns
        -------
        bool
            True for codes, labels and abbreviations of the list.
        """
        return str(value).strip().casefold() in self._names()

    def _written(self) -> tuple[str, ...]:
        names = [n for c in self.codes for n in (c.code, c.label.de, c.label.en, *c.short) if n]
        return tuple(dict.fromkeys(names))

    def _names(self) -> dict[str, str]:
        return {
            name.casefold(): c.code
            for c in self.codes
            for name in (*c.short, c.label.en, c.label.de, c.code)
            if name
        }

    def assigned(self) -> dict[str, str]:
        """Return the code of each unit that the issuer assigned one to.

        Returns
        -------
        dict
            Unit to code; empty where the list has no assignment. A unit that is not in it is
            unknown.

        Raises
        ------
        CatalogueError
            If the file of the assignment holds a code that the list does not know, or a unit
            twice.
        """
        return dict(_assigned(self.id))

    def assignment_source(self) -> Source | None:
        """Return the source of the assignment.

        Returns
        -------
        Source or None
            With attribution and checksum; ``None`` where units have no assignment of their own
            source.

        Raises
        ------
        SourceFileError
            If the file of the assignment is missing.
        """
        if self.assignment is None or self.assignment.source is None:
            return None
        table = read_table(*self.assignment.file)
        return self.assignment.source.source(self.assignment.file[-1], frame_sha256(table))


def _check_intervals(codes: tuple[Code, ...]) -> None:
    """Raise unless the intervals follow one another without gap, from a number to infinity."""
    if any(code.lower is None for code in codes):
        raise ValueError("every interval needs 'lower'")
    for below, above in pairwise(codes):
        if below.upper != above.lower:
            raise ValueError(
                f"{below.code!r} ends at {below.upper} but {above.code!r} begins at {above.lower}"
            )
    if any(code.upper is not None and code.upper <= (code.lower or 0) for code in codes):
        raise ValueError("an interval must end above its beginning")
    if codes[-1].upper is not None:
        raise ValueError("the last interval must be open, without 'upper'")


@lru_cache
def _assigned(list_id: str) -> dict[str, str]:
    codes = code_list(list_id)
    where = codes.assignment
    if where is None:
        return {}
    table = read_table(*where.file)
    known = table[table[where.column] != ""]
    wrong = sorted(set(known[where.column]) - set(codes.keys))
    if wrong or known[where.key].duplicated().any():
        what = f"unknown codes {wrong}" if wrong else "a unit twice"
        raise CatalogueError(f"{where.file[-1]}: {what} in the assignment of {list_id!r}")
    return dict(zip(known[where.key], known[where.column], strict=True))


@lru_cache(maxsize=1)
def code_lists() -> dict[str, CodeList]:
    """Return all packaged code lists.

    Returns
    -------
    dict
        Identifier to list, in alphabetical order. The lists are frozen.

    Raises
    ------
    CatalogueError
        If a list is malformed, its intervals overlap or leave gaps, or its name is not that of
        its file.
    """
    found = {}
    files = (f for f in resource("codes", "lists").iterdir() if f.name.endswith(".yaml"))
    for file in sorted(files, key=lambda f: f.name):
        entry = read_entry(file, CodeList)
        if file.name != f"{entry.id}.yaml":
            raise CatalogueError(f"{file.name}: its id {entry.id!r} must be the name of the file")
        found[entry.id] = entry
    return found


def code_list(id: str) -> CodeList:
    """Return one code list.

    Parameters
    ----------
    id : str
        Its identifier, e.g. ``"kreistyp"``.

    Returns
    -------
    CodeList
        The list.

    Raises
    ------
    UnknownCodeError
        If there is no such list.

    Examples
    --------
    >>> code_list("kreistyp").labels("de")["4"]
    'Dünn besiedelte ländliche Kreise'
    """
    lists = code_lists()
    if id not in lists:
        raise UnknownCodeError(id, lists, "the packaged code lists")
    return lists[id]

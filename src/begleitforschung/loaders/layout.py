"""Layouts: short YAML files that say how a file of no known format is read."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import pydantic

from begleitforschung.catalogue import Entry, Label, Reference
from begleitforschung.loaders.stacking import Numbers, Thousands
from begleitforschung.regions import is_key
from begleitforschung.tables import Indicator
from begleitforschung.tables.states import OWN_STATE, UNKNOWN_STATE
from begleitforschung.tables.status import codes_with, statuses

Year = Annotated[int, pydantic.Field(ge=1900, le=2100)]


class KeyPart(Entry):
    """A column that holds a key or a part of one.

    Parameters
    ----------
    column : str
        Its name.
    width : int, optional
        Digits that it should have; missing zeros are put in front.
    """

    column: str
    width: int | None = pydantic.Field(default=None, ge=1, le=12)


class Place(Entry):
    """Columns that name a unit whose key the file does not hold.

    Parameters
    ----------
    name : str
        Column of names.
    state : str, optional
        Column of Bundesländer.
    level : {"kreis", "gemeinde"}, optional
        Level of the units.
    """

    name: str
    state: str | None = None
    level: Literal["kreis", "gemeinde"] | None = None


class Time(Entry):
    """Where the year stands: in a column or in the name of the file.

    Parameters
    ----------
    column : str, optional
        Column whose texts begin with the year (``2021``, ``2021-12-31``).
    file_name : str, optional
        Regular expression with one group for the four digits in the file's name.
    """

    column: str | None = None
    file_name: str | None = None

    @pydantic.model_validator(mode="after")
    def _one(self) -> Time:
        if (self.column is None) == (self.file_name is None):
            raise ValueError("say either 'column' or 'file_name'")
        if self.file_name is not None:
            try:
                groups = re.compile(self.file_name).groups
            except re.error as error:
                raise ValueError(f"no regular expression: {error}") from None
            if groups != 1:
                raise ValueError("'file_name' needs one group (…) for the year")
        return self


class Dimension(Entry):
    """A further dimension, which becomes part of the indicator's code.

    Parameters
    ----------
    column : str
        Column of its codes.
    id : str
        How it is called in the code: ``faelle|straftat=222000``.
    label : str, optional
        Column of its labels, for the titles.
    """

    column: str
    id: str
    label: str | None = None


class Column(Indicator):
    """A column of figures, or in a list of events what is counted, and its meaning.

    Parameters
    ----------
    column : str, optional
        Column of figures; of a list of events the column to add up, or none to count rows.
    year : int, optional
        Year of this column, if it differs.
    where : dict of str to tuple of str
        Of a list of events: columns and the values that count.
    """

    column: str | None = None
    year: Year | None = None
    where: dict[str, tuple[str, ...]] = pydantic.Field(default_factory=dict)

    def indicator(self) -> Indicator:
        """Return the meaning alone.

        Returns
        -------
        Indicator
            The indicator.
        """
        kept = set(Indicator.model_fields)
        return Indicator.model_validate(self.model_dump(include=kept))


class Remark(Entry):
    """What a user of the file must know; it becomes a finding.

    Parameters
    ----------
    rule : str
        Identifier, after ``layout.``.
    text : Label
        What is to be known.
    severity : {"warning", "info"}
        How much it matters.
    """

    rule: str
    text: Label
    severity: Literal["warning", "info"] = "warning"


class Layout(Entry):
    """How a file is read.

    Parameters
    ----------
    id, title : str
        Identifier and title of the table.
    reference : Reference, optional
        Where it is described.
    publisher : str
        Entry of ``sources/publishers.yaml``; empty if none.
    encoding, delimiter : str
        Of text files.
    sheet : str
        Worksheet of XLSX files; empty for the only one.
    skip : int
        Lines above the header.
    header : int
        Rows of the header; their cells are joined by `` | ``.
    decimal, thousands : str
        Signs in numbers.
    signs : dict
        Texts that stand for a status, beside the signs of official tables.
    values : dict
        Texts that stand for a number, e.g. ``ja: 1``.
    shape : {"wide", "long", "events"}
        A column per indicator, a column of indicators beside one of values, or a row per event
        to be counted.
    key : tuple of KeyPart
        Columns that joined make the key of the unit.
    place : Place, optional
        Instead of `key`: columns that name the unit.
    units : dict
        Keys of the file that are written otherwise here (``"999": DG``).
    other_units : {"refuse", "leave_out"}
        With ``leave_out`` only the keys of `units` are read; the others, e.g. constituencies,
        are no units with an official key and are left out with a finding.
    identical_rows : {"refuse", "drop"}
        Whether a row that repeats another one in every cell is left out, with a finding.
    year : int or Time
        The year.
    gebietsstand : str
        Territorial state: a date, ``unknown``, or ``jeweils`` (each year its own).
    dimensions : tuple of Dimension
        Further dimensions.
    indicator, value : str
        Of the long shape: columns of the indicators' codes and of their values.
    indicators : tuple of Column
        Columns of figures and their meanings.
    remarks : tuple of Remark
        What a user must know.
    """

    id: str = pydantic.Field(min_length=1)
    title: str
    reference: Reference | None = None
    publisher: str = ""
    encoding: str = "utf-8"
    delimiter: Literal[";", ",", "\t", "|"] = ";"
    sheet: str = ""
    skip: int = pydantic.Field(default=0, ge=0, le=50)
    header: int = pydantic.Field(default=1, ge=1, le=5)
    decimal: Literal[",", "."] = ","
    thousands: Thousands = ""
    signs: dict[str, str] = pydantic.Field(default_factory=dict)
    values: dict[str, float] = pydantic.Field(default_factory=dict)
    shape: Literal["wide", "long", "events"] = "wide"
    key: tuple[KeyPart, ...] = ()
    place: Place | None = None
    units: dict[str, str] = pydantic.Field(default_factory=dict)
    other_units: Literal["refuse", "leave_out"] = "refuse"
    identical_rows: Literal["refuse", "drop"] = "refuse"
    year: Year | Time
    gebietsstand: str = UNKNOWN_STATE
    dimensions: tuple[Dimension, ...] = ()
    indicator: str = ""
    value: str = ""
    indicators: tuple[Column, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @pydantic.field_validator("gebietsstand")
    @classmethod
    def _state(cls, value: str) -> str:
        if value not in (UNKNOWN_STATE, OWN_STATE) and not re.fullmatch(r"\d{4}(-\d\d){2}", value):
            raise ValueError(f"a date such as 2021-12-31, '{UNKNOWN_STATE}' or '{OWN_STATE}'")
        return value

    @pydantic.model_validator(mode="after")
    def _consistent(self) -> Layout:
        problems = [*_signs(self), *_keys(self), *_columns(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def numbers(self) -> Numbers:
        """How numbers are written."""
        return Numbers(decimal=self.decimal, thousands=self.thousands, signs=self.signs)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns that are read."""
        names = [item.column for item in self.key]
        names += [self.place.name, self.place.state or ""] if self.place else []
        names += [self.year.column or ""] if isinstance(self.year, Time) else []
        names += [name for item in self.dimensions for name in (item.column, item.label or "")]
        names += [self.indicator, self.value, *(item.column or "" for item in self.indicators)]
        names += [name for item in self.indicators for name in item.where]
        return tuple(dict.fromkeys(name for name in names if name))


def _signs(layout: Layout) -> list[str]:
    absent = {list(statuses())[at] for at in codes_with("absent")}
    wrong = sorted(set(layout.signs.values()) - absent)
    found = [f"signs: {', '.join(wrong)} is no status without a number"] if wrong else []
    if layout.thousands and layout.thousands == layout.decimal:
        found.append("decimal and thousands sign are the same")
    units = [unit for unit in layout.units.values() if not is_key(unit)]
    return found + [f"units: {unit!r} is no key of a unit" for unit in units]


def _keys(layout: Layout) -> list[str]:
    if bool(layout.key) == (layout.place is not None):
        return ["say either 'key' or 'place'"]
    return []


def _columns(layout: Layout) -> list[str]:
    ids = [item.id for item in layout.indicators]
    found = [f"indicators: {i!r} stands twice" for i in dict.fromkeys(ids) if _twice(layout, i)]
    if layout.shape == "long" and not (layout.indicator and layout.value):
        found.append("the long shape needs 'indicator' and 'value'")
    if layout.shape != "long" and not layout.indicators:
        found.append("'indicators' are missing")
    if layout.shape == "wide" and any(item.column is None for item in layout.indicators):
        found.append("an indicator of the wide shape needs its 'column'")
    if layout.shape != "events" and any(item.where for item in layout.indicators):
        found.append("'where' is for lists of events")
    return found


def _twice(layout: Layout, code: str) -> bool:
    """Say whether an indicator has two columns of the same year."""
    years = [item.year for item in layout.indicators if item.id == code]
    return len(years) != len(set(years))

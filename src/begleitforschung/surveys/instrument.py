"""The questionnaire in the field: who answers, and what the respondents were promised."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import pydantic

from begleitforschung.catalogue import Entry, Label, Reference

Respondent = Literal["office", "person"]
Several = Literal["latest", "first", "complete", "most_answers"]


class Promise(Entry):
    """What respondents were promised.

    Parameters
    ----------
    text : Label
        Wording of the promise.
    date : datetime.date
        Since when it stood there, as YYYY-MM-DD.
    legal_basis : str
        Legal basis of the processing, e.g. an article of the DSGVO.
    """

    text: Label
    date: dt.date
    legal_basis: str = pydantic.Field(min_length=1)

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _iso_date(cls, value: object) -> object:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value


class Instrument(Entry):
    """The questionnaire in the field.

    Parameters
    ----------
    wave : str
        Wave, e.g. ``2025``.
    respondent : {"office", "person"}, optional
        Whether an office (a municipality) answers or a person.
    promise : Promise, optional
        What the respondents were promised.
    retention : str
        Until when personal data may be kept (date) or by which rule.
    unit : str
        Column of the export with the key or name of the municipality that answered.
    land : str
        Column of the export with its Bundesland, which tells equal names apart.
    several : {"latest", "first", "complete", "most_answers"}, optional
        Which answer counts if a municipality answered several times; see `one_per_unit`.
    software : str
        Survey software.
    pages : int, optional
        Number of pages.
    reference : Reference, optional
        Where the questionnaire is documented.
    """

    wave: str = ""
    respondent: Respondent | None = None
    promise: Promise | None = None
    retention: str = ""
    unit: str = ""
    land: str = ""
    several: Several | None = None
    software: str = ""
    pages: int | None = None
    reference: Reference | None = None

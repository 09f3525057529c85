"""Who publishes a report, under which title, as of when: the front matter as a strict model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pydantic

from begleitforschung.catalogue import Entry, parse_entry
from begleitforschung.display.numbers import format_date
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang
from begleitforschung.reports.filling import fill_names
from begleitforschung.reports.words import words

_IMPRINT = (
    "publisher",
    "scientific_support",
    "contractor",
    "authors",
    "editing",
    "date",
    "layout",
    "image_credits",
    "reproduction",
    "liability",
    "licence",
    "issn",
)


class ReportMetadata(Entry):
    """Front matter of a report.

    Parameters
    ----------
    title : str
        Title.
    date : str
        Date as of which the report stands, ISO 8601 down to the day, month or year.
    publisher : str
        Who publishes it ("Herausgeber").
    subtitle, series, place, issn : str
        Subtitle; series with number, e.g. ``"BBSR-Online-Publikation 14/2022"``; place; ISSN.
    authors, editing : tuple of str
        Persons.
    project : str
        Statement of the research programme on the title page.
    scientific_support, contractor, layout, image_credits, reproduction, liability : str
        Further lines of the imprint.
    licence, licence_url : str
        Licence of the report.
    citation : str
        How to cite it; made from the other fields where empty.
    keywords : tuple of str
        Keywords of the PDF.
    """

    title: str = pydantic.Field(min_length=1)
    date: str = pydantic.Field(pattern=r"^\d{4}(-\d{2}){0,2}$")
    publisher: str = pydantic.Field(min_length=1)
    subtitle: str = ""
    series: str = ""
    place: str = ""
    issn: str = ""
    authors: tuple[str, ...] = ()
    editing: tuple[str, ...] = ()
    project: str = ""
    scientific_support: str = ""
    contractor: str = ""
    layout: str = ""
    image_credits: str = ""
    reproduction: str = ""
    liability: str = ""
    licence: str = ""
    licence_url: str = ""
    citation: str = ""
    keywords: tuple[str, ...] = ()

    def cite(self, lang: Lang) -> str:
        """Return how to cite the report, as the BBSR does it where nothing else is given.

        Parameters
        ----------
        lang : {"de", "en"}
            Language of the added words.

        Returns
        -------
        str
            Publisher, year, title, series and place.
        """
        if self.citation:
            return self.citation
        title = f"{self.title}. {self.subtitle}" if self.subtitle else self.title
        tail = ", ".join(part for part in (self.series, self.place) if part)
        short = words(lang)["editors_short"]
        return f"{self.publisher} ({short}), {self.date[:4]}: {title}.{f' {tail}.' if tail else ''}"

    def imprint(self, lang: Lang) -> list[tuple[str, str]]:
        """Return the lines of the imprint, in their usual order.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        list of (str, str)
            Heading and text of each line that is given.
        """
        label = words(lang)
        lines = [(label[name], self._line(name, lang)) for name in _IMPRINT]
        return [(heading, text) for heading, text in lines if text]

    def _line(self, name: str, lang: Lang) -> str:
        value = getattr(self, name)
        if name == "date":
            return format_date(value, lang)
        if name == "licence" and self.licence_url:
            return f"{value} ({self.licence_url})"
        return ", ".join(value) if isinstance(value, tuple) else str(value)


def parse_metadata(
    content: Mapping[str, Any], *, parameters: Mapping[str, str], file: str
) -> ReportMetadata:
    """Check front matter and fill in parameters.

    Parameters
    ----------
    content : mapping
        Front matter of the notebook, values of the project over it.
    parameters : mapping of str to str
        Parameters of the notebook; ``{year}`` in a text becomes the value of ``year``.
    file : str
        Name of the notebook, for messages.

    Returns
    -------
    ReportMetadata
        The front matter.

    Raises
    ------
    ReportError
        If there is none, or a date is none.
    CatalogueError
        If fields are unknown, missing or of a wrong kind.
    UnknownCodeError
        If a text asks for a parameter that does not exist.
    """
    if not content:
        raise ReportError(
            f"{file} has no front matter; write title, date and publisher as YAML into a raw cell "
            "at its beginning"
        )
    filled = {key: _filled(value, parameters) for key, value in content.items()}
    metadata = parse_entry(filled, ReportMetadata, file=file)
    format_date(metadata.date)
    return metadata


def _filled(value: Any, parameters: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill_names(value, parameters)
    if isinstance(value, list | tuple):
        return [_filled(item, parameters) for item in value]
    return value

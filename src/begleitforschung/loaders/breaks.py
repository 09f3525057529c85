"""Breaks of series that publishers declare for all their files (``sources/breaks.yaml``)."""

from __future__ import annotations

import re
from functools import cache

from begleitforschung.catalogue import Entry, Label, Reference, read_entry, resource
from begleitforschung.tables import Indicator
from begleitforschung.tables.indicator import Break


class PublishedBreak(Entry):
    """A break and the series that it concerns.

    Parameters
    ----------
    year : int
        First year of the new way to count.
    label : Label
        What changed.
    formats : tuple of str
        Formats of the files.
    codes : tuple of str
        Regular expressions of the codes of indicators in them.
    """

    year: int
    label: Label
    formats: tuple[str, ...]
    codes: tuple[str, ...]


class _Breaks(Entry):
    id: str
    reference: Reference
    breaks: tuple[PublishedBreak, ...]


@cache
def published_breaks() -> tuple[PublishedBreak, ...]:
    """Return the breaks that publishers declare.

    Returns
    -------
    tuple of PublishedBreak
        All of them.
    """
    return read_entry(resource("sources", "breaks.yaml"), _Breaks).breaks


def with_breaks(item: Indicator, format_id: str) -> Indicator:
    """Return an indicator with the breaks that its publisher declares.

    Parameters
    ----------
    item : Indicator
        As the file and its sidecar describe it; breaks that they declare go before.
    format_id : str
        Format of the file.

    Returns
    -------
    Indicator
        The same one if nothing is to be added.
    """
    if item.breaks:
        return item
    found = tuple(
        Break(year=known.year, label=known.label)
        for known in published_breaks()
        if format_id in known.formats and any(re.fullmatch(text, item.id) for text in known.codes)
    )
    return item.model_copy(update={"breaks": found}) if found else item

"""What headings and cells of survey exports mean, as ``surveys/exports.yaml`` lists it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Literal

from begleitforschung.catalogue import Entry, Label, Reference, read_entry, resource
from begleitforschung.surveys.codebook import CellKind, Kind, MissingKind

Meaning = Literal[
    "case",
    "submitted",
    "last_page",
    "language",
    "started",
    "seconds",
    "finished",
    "mode",
    "aside",
    "personal",
]


class LimeSurveyType(Entry):
    """What a question type of LimeSurvey is to a codebook."""

    kind: Kind | Literal[""]
    cells: CellKind = "scale"
    codes: tuple[str, ...] = ()


class Words(Entry):
    """The resource ``surveys/exports.yaml``; its comments say what each entry is for."""

    id: str
    reference: Reference
    paradata: dict[Meaning, tuple[str, ...]]
    timings: tuple[str, ...]
    persons: tuple[str, ...]
    person_values: tuple[str, ...]
    mentioned: frozenset[str]
    not_mentioned: frozenset[str]
    empty: frozenset[str]
    other: tuple[str, ...]
    tests: frozenset[str]
    limesurvey: dict[str, LimeSurveyType]
    fixed_labels: dict[str, Label]
    other_label: Label
    missing_labels: dict[MissingKind, tuple[str, ...]]
    sosci_missing: dict[str, MissingKind]

    def meaning(self, heading: str) -> Meaning | None:
        """Return what a heading of paradata means.

        Parameters
        ----------
        heading : str
            The heading.

        Returns
        -------
        str or None
            ``None`` if it is none that is known.
        """
        if any(re.fullmatch(pattern, heading, re.IGNORECASE) for pattern in self.timings):
            return "aside"
        return _meanings().get(plain(heading))

    def speaks_of_person(self, heading: str) -> bool:
        """Say whether a heading speaks of a person.

        Parameters
        ----------
        heading : str
            The heading.

        Returns
        -------
        bool
            True for names, addresses, telephone numbers and the like.
        """
        return any(re.search(pattern, heading, re.IGNORECASE) for pattern in self.persons)

    def holds_person(self, cells: Sequence[str]) -> bool:
        """Say whether cells hold e-mail or IP addresses.

        Parameters
        ----------
        cells : sequence of str
            Different cells of a column.

        Returns
        -------
        bool
            True if one does.
        """
        whole = re.compile("|".join(f"(?:{pattern})" for pattern in self.person_values))
        return any(whole.search(cell) for cell in cells)

    def missing_of(self, label: str) -> MissingKind | None:
        """Return the kind of missing that a label declares.

        Parameters
        ----------
        label : str
            Label of a code.

        Returns
        -------
        str or None
            ``None`` if it is an answer.
        """
        text = clean(label).casefold().strip("[]() .")
        text = re.sub(r"^\[?na\]? ", "", text)
        for kind, patterns in self.missing_labels.items():
            if any(re.fullmatch(pattern, text) for pattern in patterns):
                return kind
        return None


@cache
def words() -> Words:
    """Return what headings and cells mean.

    Returns
    -------
    Words
        The resource.
    """
    return read_entry(resource("surveys", "exports.yaml"), Words)


@cache
def _meanings() -> dict[str, Meaning]:
    return {plain(name): key for key, names in words().paradata.items() for name in names}


def clean(text: str) -> str:
    r"""Return a label or heading without what exports leave in it.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        Without byte order marks, HTML tags and repeated white space.

    Examples
    --------
    >>> clean("\ufeff1 (None <b>at</b>\xa0all)")
    '1 (None at all)'
    """
    text = text.replace("\ufeff", "").replace("\u200b", "")
    if "<" in text:
        text = re.sub(r"</?[A-Za-z][^>]*>", "", text)
    if "&" in text:
        import html

        text = html.unescape(text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def plain(text: str) -> str:
    """Return a text for comparison.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        Small letters and digits only.
    """
    return re.sub(r"[\W_]+", "", clean(text).casefold())

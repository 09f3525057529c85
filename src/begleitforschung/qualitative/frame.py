"""The coding frame: a tree of codes with definitions and anchor examples."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated

import pydantic

from begleitforschung.catalogue import Entry, Label, Reference, read_entry, unique
from begleitforschung.errors import UnknownCodeError
from begleitforschung.language import Text


class FrameCode(Entry):
    """One code of a coding frame.

    Parameters
    ----------
    id : str
        Short name, as it stands in the file of passages: letters, digits, ``_``, ``.`` and ``-``.
    label : Label
        What it is called in German and English.
    definition : Label, optional
        When a passage gets the code.
    anchors : tuple of str
        Anchor examples in the words of the material; no names of persons or places.
    value : float, optional
        Number that it stands for, for scales.
    codes : tuple of FrameCode
        Codes below it.
    """

    id: Annotated[str, pydantic.Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    label: Label
    definition: Label | None = None
    anchors: tuple[str, ...] = ()
    value: pydantic.FiniteFloat | None = None
    codes: tuple[FrameCode, ...] = ()

    @pydantic.field_validator("anchors", mode="before")
    @classmethod
    def _one(cls, given: object) -> object:
        # A single text is one anchor; refused, it would stand in the message.
        return (given,) if isinstance(given, str) else given


class CodingFrame(Entry):
    """A coding frame.

    Parameters
    ----------
    id : str
        Identifier.
    title : Label
        What is coded.
    reference : Reference, optional
        Where the frame comes from, if it is not your own.
    note : str
        What a reader should know.
    codes : tuple of FrameCode
        The uppermost codes.
    """

    id: str = pydantic.Field(min_length=1)
    title: Label
    reference: Reference | None = None
    note: str = ""
    codes: tuple[FrameCode, ...] = pydantic.Field(min_length=1)

    @cached_property
    def lineages(self) -> dict[str, tuple[str, ...]]:
        """Each code with itself and all codes above it, in the order of the frame."""
        return {path[0].id: tuple(code.id for code in path) for path in _paths(self.codes, ())}

    @cached_property
    def labels(self) -> dict[str, Text]:
        """What each code is called."""
        return {path[0].id: path[0].label.text for path in _paths(self.codes, ())}

    def code(self, name: str) -> FrameCode:
        """Return a code.

        Parameters
        ----------
        name : str
            Its identifier.

        Returns
        -------
        FrameCode
            The code with those below it.

        Raises
        ------
        UnknownCodeError
            If the frame has no such code; near ones are named.
        """
        for path in _paths(self.codes, ()):
            if path[0].id == name:
                return path[0]
        raise UnknownCodeError(name, self.lineages, f"the coding frame {self.id!r}")


def read_coding_frame(path: str | os.PathLike[str]) -> CodingFrame:
    """Read a coding frame.

    Parameters
    ----------
    path : str or path
        YAML with ``id``, ``title`` and ``codes``; each code has ``id``, ``label`` and, if you like,
        ``definition``, ``anchors``, ``value`` and further ``codes`` below it.

    Returns
    -------
    CodingFrame
        The tree of codes.

    Raises
    ------
    CatalogueError
        If keys are unknown, missing or duplicate, or two codes have one identifier; all problems
        with their lines.
    SourceFileError
        If the file can't be read.

    Examples
    --------
    With a frame of your own::

        frame = read_coding_frame("codes.yaml")
        frame.labels
    """
    file = Path(path)
    frame = read_entry(file, CodingFrame)
    unique([path[0] for path in _paths(frame.codes, ())], "id", file=file.name)
    return frame


def _paths(
    codes: tuple[FrameCode, ...], above: tuple[FrameCode, ...]
) -> Iterator[tuple[FrameCode, ...]]:
    """Return each code followed by those above it, the nearest first."""
    for code in codes:
        path = (code, *above)
        yield path
        yield from _paths(code.codes, path)

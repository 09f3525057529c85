"""Resources that say how the files of a publisher are made."""

from __future__ import annotations

from functools import cache
from typing import ClassVar, Self

from begleitforschung.catalogue import Entry, Reference, read_entry, resource


class Described(Entry):
    """A YAML file below ``sources``; subclasses say which and what stands in it.

    Parameters
    ----------
    id : str
        Identifier.
    reference : Reference
        Where it is known from.
    """

    file: ClassVar[str]
    id: str
    reference: Reference

    @classmethod
    @cache
    def known(cls) -> Self:
        """Return what the file says; it is read once.

        Returns
        -------
        Described
            Its content.
        """
        return read_entry(resource("sources", cls.file), cls)

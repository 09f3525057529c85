"""What must be known of the GENESIS family, read from ``sources/genesis.yaml``."""

from __future__ import annotations

from functools import cache, cached_property

from begleitforschung.catalogue import Entry, Reference, read_entry, resource
from begleitforschung.regions import Level


class RegionVariable(Entry):
    """A variable whose attribute codes are keys of units of one level.

    Parameters
    ----------
    code : str
        Code of the variable, e.g. ``KREISE``.
    level : Level
        Level of its units.
    seen : bool
        Whether it was seen in a real file.
    """

    code: str
    level: Level
    seen: bool = False


class PublisherSum(Entry):
    """A sum of the publisher under a key that looks like a unit."""

    key: str
    label: str


class Depth(Entry):
    """Regional depth of a classic table, by how its line starts, and the variable it means."""

    start: str
    code: str


class GenesisCodes(Entry):
    """Code lists of the GENESIS family.

    Parameters
    ----------
    id : str
        ``genesis``.
    reference : Reference
        Where they stand.
    region_variables : tuple of RegionVariable
        Variables that hold units.
    sums : tuple of PublisherSum
        Keys that are no regions.
    bezirke : tuple of str
        First five digits of the keys of Berlin's districts.
    english : tuple of str
        Labels of files in English.
    units : dict
        Unit of measure as published to unit as printed.
    countable, not_countable : tuple of str
        Units whose figures may be added up; words in labels that forbid it.
    depths : tuple of Depth
        Regional depths of classic tables.
    measures : tuple of str
        Units of measure that head columns of classic tables.
    total : str
        Code that stands for the empty code of a total.
    """

    id: str
    reference: Reference
    region_variables: tuple[RegionVariable, ...]
    sums: tuple[PublisherSum, ...]
    bezirke: tuple[str, ...]
    english: tuple[str, ...]
    units: dict[str, str]
    countable: tuple[str, ...]
    not_countable: tuple[str, ...]
    depths: tuple[Depth, ...]
    measures: tuple[str, ...]
    total: str

    def levels(self) -> dict[str, Level]:
        """Return the level of each regional variable.

        Returns
        -------
        dict
            Code of the variable to level.
        """
        return {item.code: item.level for item in self.region_variables}

    def counts(self, label: str, unit: str) -> bool:
        """Say whether figures may be added up over units of one level.

        Parameters
        ----------
        label : str
            Label of the value.
        unit : str
            Unit of measure as published.

        Returns
        -------
        bool
            True for counts only.
        """
        padded = f" {label.lower()} "
        return unit in self.countable and not any(word in padded for word in self._no_counts)

    @cached_property
    def _no_counts(self) -> tuple[str, ...]:
        return tuple(f" {word} " if len(word) < 4 else word for word in self.not_countable)


@cache
def genesis_codes() -> GenesisCodes:
    """Return the code lists.

    Returns
    -------
    GenesisCodes
        Read once.
    """
    return read_entry(resource("sources", "genesis.yaml"), GenesisCodes)

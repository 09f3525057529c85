"""What each column of each sheet means, in German."""

from __future__ import annotations

from functools import cache

from begleitforschung.catalogue import Entry, read_csv_entries, resource


class _Column(Entry):
    sheet: str
    column: str
    meaning: str


@cache
def meanings() -> dict[tuple[str, str], str]:
    """Return the meaning of each column.

    Returns
    -------
    dict
        Sheet and column to the meaning in German.
    """
    told = read_csv_entries(resource("frameworks", "_columns.csv"), _Column)
    return {(item.sheet, item.column): item.meaning for item in told}

"""Editions of one publisher's series, which must not be mixed within a series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.tables.states import OWN_STATE

if TYPE_CHECKING:
    from begleitforschung.tables.table import IndicatorTable

_UNKNOWN = ("", "unbekannt")


def mixed_editions(tables: Sequence[IndicatorTable]) -> list[Finding]:
    """Say which indicators would come from different editions if tables were joined.

    A publisher who rebases a series does so for all years of an edition; figures of another edition
    stand on other borders or revisions even where the state is named alike. Figures of which each
    year stands on its own state come one edition per year, so they and what was harmonised from
    them are no such series.

    Parameters
    ----------
    tables : sequence of IndicatorTable
        Tables to be joined.

    Returns
    -------
    list of Finding
        One per indicator that stands in several tables of different editions.
    """
    seen: dict[str, set[str]] = {}
    for table in tables:
        steps = {step.operation for step in table.provenance.steps()}
        if table.gebietsstand == OWN_STATE or "harmonise" in steps:
            continue
        for name, editions in _editions(table).items():
            seen.setdefault(name, set()).add(" + ".join(sorted(editions)))
    return [
        Finding(
            rule="table.editions",
            severity="error",
            text=Text(
                f"Indikator {name!r} stammt aus verschiedenen Ausgaben: {', '.join(sorted(found))}",
                f"indicator {name!r} comes from different editions: {', '.join(sorted(found))}",
            ),
            hint=Text(
                "Die ganze Reihe aus einer Ausgabe nehmen.", "Take the whole series of one edition."
            ),
            column="indicator",
            key=name,
        )
        for name, found in seen.items()
        if len(found) > 1
    ]


def _editions(table: IndicatorTable) -> dict[str, set[str]]:
    """Return the editions of each indicator, of the files that its figures stand in."""
    known = {
        source.file: source.edition
        for source in table.provenance.sources()
        if source.file and source.edition not in _UNKNOWN
    }
    pairs = table.data[["indicator", "file"]].drop_duplicates().astype(str)
    found: dict[str, set[str]] = {}
    for name, file in zip(pairs["indicator"], pairs["file"], strict=True):
        if file in known:
            found.setdefault(name, set()).add(known[file])
    return found

"""Changes of municipalities and Gemeindeverbände as their publisher lists them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pandas as pd

from begleitforschung.errors import Finding
from begleitforschung.provenance import Provenance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TerritorialChanges:
    """List of changes: who gave what to whom, and from when on.

    Parameters
    ----------
    data : pandas.DataFrame
        One row per change and receiving unit: ``id`` (``06/2023/0002-R``), ``level``
        (``gemeinde``, ``verband``), ``ars_old``, ``ags_old``, ``name_old``, ``kinds`` (codes of
        `kinds`, joined by a comma), ``area_m2``, ``population`` (NaN where not stated; of the
        part that passes), ``ars_new``, ``ags_new``, ``name_new``, ``legal_date`` and
        ``statistical_date``. Gemeindeverbände have no AGS; a dissolved one may have no
        receiver.
    kinds : dict of str to str
        German name of each kind of change.
    provenance : Provenance
        Where the list comes from.
    findings : tuple of Finding
        What was remarked.
    periods : tuple of (str, str)
        First and last day of the periods whose changes are listed, ISO 8601.
    """

    data: pd.DataFrame = field(repr=False)
    kinds: dict[str, str]
    provenance: Provenance = field(repr=False)
    findings: tuple[Finding, ...] = ()
    periods: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.data)

    def between(self, after: str, until: str) -> TerritorialChanges:
        """Return the changes that separate two territorial states.

        Parameters
        ----------
        after, until : str
            States as ISO dates; counts the statistical date, which must be later than `after` and
            not later than `until`.

        Returns
        -------
        TerritorialChanges
            Those changes. A state of 31 December 2023 does not hold what changed on 1 January
            2024.
        """
        day = self.data["statistical_date"]
        chosen = (day > pd.Timestamp(after)) & (day <= pd.Timestamp(until))
        return replace(
            self,
            data=self.data[chosen].reset_index(drop=True),
            provenance=self.provenance.then("between", after=after, until=until),
        )

    def covers(self, after: str, until: str) -> bool:
        """Say whether all changes that separate two territorial states are listed.

        Parameters
        ----------
        after, until : str
            States as ISO dates, the earlier one first.

        Returns
        -------
        bool
            True if the periods of the lists hold every day after `after` until `until`.
        """
        day = date.fromisoformat(after) + timedelta(days=1)
        for first, last in sorted(self.periods):
            if first <= day.isoformat() <= last:
                day = date.fromisoformat(last) + timedelta(days=1)
        return after < until < day.isoformat()

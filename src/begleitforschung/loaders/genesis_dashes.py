"""A ``-`` of GENESIS tables: exactly zero, or something else.

The key of signs says that ``-`` is exactly zero. It is read as

- ``not_existing`` where a unit is not in the gazetteer (31.12.2024) and has nothing but ``-``
  (or empty cells) in that year: it was dissolved;
- ``missing`` where all units of a level have ``-`` for an indicator of which a level above has a
  number other than zero: the publisher's own total says that they are not zero.

Units that exist and have nothing but ``-`` stay zero, and a finding of severity warning lists them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, Severity, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.figures import as_status
from begleitforschung.loaders.genesis_regions import Regions, some_of
from begleitforschung.regions import LEVELS, ars_to_ags, gazetteer, level_of
from begleitforschung.tables.status import statuses


def settle_dashes(tidy: pd.DataFrame, regions: Regions) -> tuple[pd.DataFrame, list[Finding]]:
    """Tell a ``-`` that is no zero from one that is; see the module's text for the rules.

    Parameters
    ----------
    tidy : pandas.DataFrame
        Columns ``unit, year, indicator, value, status, file, row``.
    regions : Regions
        Their units.

    Returns
    -------
    tidy : pandas.DataFrame
        The rows, some with status ``not_existing`` or ``missing`` and no value.
    findings : list of Finding
        What was decided, and existing units that have nothing but ``-``.
    """
    order = list(statuses())
    status = tidy["status"].cat.codes.to_numpy()
    dash = status == order.index("zero")
    if not dash.any():
        return tidy, []
    unit, year = _codes(tidy["unit"]), pd.factorize(tidy["year"])[0]
    known = np.array([_exists(key) for key in tidy["unit"].cat.categories.tolist()], bool)[unit]
    nothing = dash | (status == order.index("missing"))
    only = dash & _all_within(nothing, unit * (year.max() + 1) + year) & ~regions.district
    gone = only & ~known
    counted = ~(gone | regions.district)
    undelivered = ~gone & _contradicted(tidy, year, regions.rank, dash, counted)
    doubtful = only & ~gone & ~undelivered & _all_within(nothing, unit)
    status = np.where(gone, order.index("not_existing"), status)
    status = np.where(undelivered, order.index("missing"), status)
    value = np.where(gone | undelivered, np.nan, tidy["value"])
    settled = tidy.assign(value=value, status=as_status(status.astype(np.int8)))
    findings = [
        _dashes(tidy, mask, *words)
        for mask, words in zip((gone, undelivered, doubtful), _DASHES, strict=True)
        if mask.any()
    ]
    return settled, findings


_DASHES: tuple[tuple[str, Severity, Text, Text], ...] = (
    (
        "genesis.not_existing",
        "info",
        Text(
            "aufgelöste Einheiten mit '-': nicht vorhanden statt null",
            "dissolved units with '-': not existing instead of zero",
        ),
        Text(
            "Status 'not_existing'; nichts zu tun.", "Their status is 'not_existing'; do nothing."
        ),
    ),
    (
        "genesis.level_without_figures",
        "warning",
        Text(
            "alle Einheiten der Ebene mit '-', die Ebene darüber mit Zahlen: fehlt statt null",
            "all units of the level have '-' while a level above has numbers: missing, not zero",
        ),
        Text(
            "Die Tabelle später oder für ein früheres Jahr abrufen.",
            "Fetch the table later or for an earlier year.",
        ),
    ),
    (
        "genesis.only_dashes",
        "warning",
        Text(
            "bestehende Einheiten haben nur '-'; als null gelesen, wie die Zeichenerklärung sagt",
            "existing units have nothing but '-'; read as zero, as the key of signs says",
        ),
        Text(
            "Prüfen, ob null sein kann oder ob hier nicht veröffentlicht wird.",
            "Check whether zero is possible or whether nothing is published for them.",
        ),
    ),
)


@cache
def _existing() -> frozenset[str]:
    return frozenset(gazetteer()["key"])


def _exists(key: str) -> bool:
    if key in _existing():
        return True
    level = level_of(key)
    if level == "gemeinde_ars":
        return ars_to_ags(key) in _existing()
    return level in ("germany", "project")


def _codes(column: pd.Series) -> NDArray[np.int64]:
    return np.asarray(column.cat.codes.to_numpy(np.int64))


def _all_within(mask: NDArray[np.bool_], group: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the rows of groups in which the mask holds throughout."""
    broken = np.zeros(group.max() + 1, bool)
    broken[group[~mask]] = True
    return np.asarray(~broken[group])


def _contradicted(
    tidy: pd.DataFrame,
    year: NDArray[np.int64],
    rank: NDArray[np.int64],
    dash: NDArray[np.bool_],
    counted: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Mark figures of levels that have '-' throughout while a level above has numbers."""
    if (rank == rank[0]).all():
        return np.zeros(len(tidy), bool)
    series = _codes(tidy["indicator"]) * (year.max() + 1) + year
    shape = (int(series.max()) + 1, len(LEVELS))
    n, other, number = np.zeros(shape, np.int64), np.zeros(shape, bool), np.zeros(shape, bool)
    is_number = tidy["value"].fillna(0).to_numpy() != 0
    np.add.at(n, (series[counted], rank[counted]), 1)
    other[series[counted & ~dash], rank[counted & ~dash]] = True
    number[series[counted & is_number], rank[counted & is_number]] = True
    above = np.logical_or.accumulate(number, axis=1)
    contradicted = ~other & (n > 1) & above
    return np.asarray(contradicted[series, rank] & dash & counted)


def _dashes(
    tidy: pd.DataFrame,
    mask: NDArray[np.bool_],
    rule: str,
    severity: Severity,
    text: Text,
    hint: Text,
) -> Finding:
    bad = tidy[mask]
    units = sorted(bad["unit"].unique().tolist())
    return Finding(
        rule=rule,
        severity=severity,
        text=replace(text, de=f"{text.de} ({len(units)})", en=f"{text.en} ({len(units)} units)"),
        hint=hint,
        file=str(bad["file"].iloc[0]),
        row=int(bad["row"].min()),
        column="value",
        value=some_of(units),
        n=len(bad),
        rows=rows_concerned(bad["row"]),
    )

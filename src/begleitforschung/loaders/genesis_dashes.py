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
from begleitforschung.loaders.genesis_regions import Regions, rank_of, some_of
from begleitforschung.regions import ars_to_ags, gazetteer, level_of
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
    unit = tidy["unit"].cat
    known = np.array([_exists(str(key)) for key in unit.categories.tolist()], bool)[unit.codes]
    nothing = dash | (status == order.index("missing"))
    only = dash & _all_within(nothing, tidy, ["unit", "year"]) & ~regions.district
    gone = only & ~known
    undelivered = ~gone & _contradicted(tidy.assign(dash=dash), gone | regions.district)
    doubtful = only & ~gone & ~undelivered
    doubtful &= _all_within(nothing, tidy, ["unit"])
    status = np.where(gone, order.index("not_existing"), status)
    status = np.where(undelivered, order.index("missing"), status)
    value = tidy["value"].where(~(gone | undelivered))
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
    level = level_of(key)
    if level in ("germany", "project"):
        return True
    return (ars_to_ags(key) if level == "gemeinde_ars" else key) in _existing()


def _all_within(mask: NDArray[np.bool_], tidy: pd.DataFrame, names: list[str]) -> NDArray[np.bool_]:
    keys = [tidy[name].cat.codes if name == "unit" else tidy[name] for name in names]
    return np.asarray(pd.Series(mask).groupby(keys).transform("all"), bool)


def _contradicted(tidy: pd.DataFrame, left_out: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark figures of levels that have '-' throughout while a level above has numbers."""
    ranks = np.array([rank_of(str(key)) for key in tidy["unit"].cat.categories.tolist()])
    rank = ranks[tidy["unit"].cat.codes]
    if np.unique(rank).size == 1:
        return np.zeros(len(tidy), bool)
    rows = pd.DataFrame(
        {
            "indicator": tidy["indicator"].cat.codes,
            "year": tidy["year"],
            "rank": rank,
            "dash": tidy["dash"],
            "number": tidy["value"].fillna(0) != 0,
        }
    )
    cells = rows[~left_out].groupby(["indicator", "year", "rank"])
    levels = cells.agg(dash=("dash", "all"), number=("number", "any"), n=("dash", "size"))
    levels = levels.sort_index()
    above = levels.groupby(level=["indicator", "year"])["number"].cummax()
    levels["contradicted"] = levels["dash"] & (levels["n"] > 1) & above
    found = rows.join(levels["contradicted"], on=["indicator", "year", "rank"])["contradicted"]
    return np.asarray(found.eq(True) & rows["dash"] & ~left_out, bool)


def _dashes(
    tidy: pd.DataFrame,
    mask: NDArray[np.bool_],
    rule: str,
    severity: Severity,
    text: Text,
    hint: Text,
) -> Finding:
    bad = tidy[mask]
    units = sorted({str(key) for key in bad["unit"]})
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

"""What is to be said about figures that were put on another territorial state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.regions.territory import KINDS, TOLERANCE
from begleitforschung.tables.breaks import break_findings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from begleitforschung.errors import Severity
    from begleitforschung.provenance import Provenance
    from begleitforschung.tables.conversion import Conversion
    from begleitforschung.tables.table import IndicatorTable

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_WEAKER = ("preliminary", "limited", "estimated", "imputed", "partial")
_KIND_DE = {"population": "Bevölkerung", "area": "Fläche", "employment": "Beschäftigten"}
_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """Rows on the target state, and what became of the old ones.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of the new table.
    kept : numpy.ndarray of int
        Old row that a new one was taken over from, -1 where it was computed.
    lacking : numpy.ndarray of bool
        New rows that lack a source.
    row, cell : numpy.ndarray of int
        Old and new row of each link.
    covered : numpy.ndarray
        Part of each old row that passes into the target state.
    unknown_share : numpy.ndarray of bool
        New rows that a unit with an unknown share leads to.
    """

    frame: pd.DataFrame
    kept: Ints
    lacking: Bools
    row: Ints
    cell: Ints
    covered: Floats
    unknown_share: Bools


def remarks(
    table: IndicatorTable, data: pd.DataFrame, rules: Conversion, done: Converted
) -> list[Finding]:
    """Return the findings of a conversion.

    Parameters
    ----------
    table : IndicatorTable
        The table before.
    data : pandas.DataFrame
        Its rows, those of units that did not exist left out.
    rules : Conversion
        How its indicators were converted.
    done : Converted
        What came of it.

    Returns
    -------
    list of Finding
        Not mapped units, missing results, computed cells, changed keys, breaks of series.
    """
    found = [
        *_unmapped(data, rules, done, secret=_hides(table.provenance, "value")),
        *_missing(done),
        *_rebased(data, rules, done),
        *_key_changes(data, done),
    ]
    if _hides(table.provenance, "unit"):
        found = [replace(item, key=None) for item in found]
    return [*found, *break_findings(table.indicators, table.years, "harmonise.break")]


def _unmapped(
    data: pd.DataFrame, rules: Conversion, done: Converted, *, secret: bool
) -> list[Finding]:
    left = np.clip(1 - done.covered, 0, None)
    lost = np.flatnonzero(left > TOLERANCE)  # an unknown share is told by its missing result
    if not lost.size:
        return []
    rows = data.take(lost).assign(left=left[lost])
    rows["sum"] = rows["value"] * rows["left"]
    counts = rules.bottom_kind < 0
    found = []
    for (year, name), part in rows.groupby(["year", "indicator"], observed=True):
        is_count = counts[data["indicator"].cat.categories.get_loc(name)]
        total = float(part["sum"].sum()) if is_count else np.nan
        known = is_count and not part["value"].isna().any()
        harmless = known and total == 0
        amount = f"{total:.10g}" if is_count and not secret else None
        found.append(
            Finding(
                rule="harmonise.unmapped",
                severity="info" if harmless else "warning",
                text=Text(
                    "Einheiten ohne Umsteigeschlüssel, im Ergebnis nicht enthalten"
                    + ("; Summe ihrer Werte" if amount else ""),
                    "units without crosswalk are not in the result"
                    + ("; sum of their values" if amount else ""),
                ),
                hint=Text(
                    "Schlüssel und Jahr prüfen; conserve(vorher, nachher) nennt den Unterschied.",
                    "Check key and year; conserve(before, after) states the difference.",
                ),
                column="unit",
                key=f"{year} / {name}: {_listed(part['unit'])}",
                value=amount,
                n=len(part),
            )
        )
    return found


def _missing(done: Converted) -> list[Finding]:
    missing = np.isnan(done.frame["value"].to_numpy()) & (done.kept < 0) & ~done.lacking
    texts = {
        "lacking": Text(
            "Ergebnisse fehlen, weil nicht alle früheren Einheiten in der Tabelle stehen",
            "results are missing because not all earlier units are in the table",
        ),
        "share_unknown": Text(
            "Ergebnisse fehlen, weil der Anteil einer geteilten Einheit unbekannt ist",
            "results are missing because the share of a divided unit is unknown",
        ),
        "source_missing": Text(
            "Ergebnisse fehlen, weil eine frühere Einheit keinen Wert oder kein Gewicht hat",
            "results are missing because an earlier unit has no value or no weight",
        ),
    }
    hint = Text(
        "Alle Einheiten des Gebiets laden oder mit by=… einen anderen Anteil wählen.",
        "Load all units of the area, or choose another share with by=….",
    )
    masks = {
        "lacking": done.lacking,
        "share_unknown": missing & done.unknown_share,
        "source_missing": missing & ~done.unknown_share,
    }
    return [
        _of_cells(f"harmonise.{name}", "warning", texts[name], done.frame[mask], hint)
        for name, mask in masks.items()
        if mask.any()
    ]


def _rebased(data: pd.DataFrame, rules: Conversion, done: Converted) -> list[Finding]:
    made = (done.frame["status"] == "rebased").to_numpy()
    if not made.any():
        return []
    kinds = rules.top_kind[done.frame["indicator"].cat.codes.to_numpy()[made]]
    names = [KINDS[k] for k in np.unique(kinds)]
    german = ", ".join(_KIND_DE[name] for name in names)
    text = Text(
        f"Werte umgerechnet (Status 'rebased'), Anteile nach {german}",
        f"values converted (status 'rebased'), shares by {', '.join(names)}",
    )
    found = [_of_cells("harmonise.rebased", "info", text, done.frame[made])]
    weak = data["status"].isin(_WEAKER).to_numpy()[done.row]
    stained = np.zeros(len(done.frame), bool)
    stained[done.cell[weak]] = True
    if (stained & made).any():
        text = Text(
            "umgerechnete Werte beruhen auch auf vorläufigen, eingeschränkten, geschätzten, "
            "ergänzten oder unvollständigen Werten",
            "converted values rest also on preliminary, limited, estimated, imputed or partial "
            "values",
        )
        found.append(_of_cells("harmonise.weaker", "warning", text, done.frame[stained & made]))
    return found


def _key_changes(data: pd.DataFrame, done: Converted) -> list[Finding]:
    old, new = data["unit"].cat, done.frame["unit"].cat
    same = pd.Index(new.categories).get_indexer(pd.Index(old.categories))
    codes = old.codes.to_numpy()[done.kept]
    moved = np.flatnonzero((done.kept >= 0) & (same[codes] != new.codes.to_numpy()))
    if not moved.size:
        return []
    old_key = pd.Series(old.categories[codes[moved]].astype("str"))
    new_key = pd.Series(new.categories[new.codes.to_numpy()[moved]].astype("str"))
    pairs = (old_key + " → " + new_key).drop_duplicates()
    return [
        Finding(
            rule="harmonise.key_changed",
            severity="info",
            text=Text(
                "nur der Schlüssel hat sich geändert; Werte übernommen",
                "only the key changed; values are taken over",
            ),
            column="unit",
            key=_listed(pairs),
            n=len(moved),
        )
    ]


def _of_cells(
    rule: str, severity: Severity, text: Text, rows: pd.DataFrame, hint: Text | None = None
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        text=text,
        hint=hint,
        column="unit",
        key=_listed(rows["unit"]),
        n=len(rows),
    )


def _listed(units: pd.Series) -> str:
    names = sorted(str(unit) for unit in units.unique())
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _hides(provenance: Provenance, column: str) -> bool:
    """Say whether figures come from a file of which a column must not be shown."""
    given = [dict(step.parameters) for step in provenance.steps()]
    closed = {"confidential", "personal"}
    return any(
        item.get("confidentiality") in closed
        or column in cast("tuple[str, ...]", item.get("confidential", ()))
        for item in given
    )

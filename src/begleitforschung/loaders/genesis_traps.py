"""Traps of GENESIS tables: what looks like a unit or a zero and is none.

Three things are taken out or marked before anything can be summed, each with a finding:

1. Publishers' sums under keys that look like Länder (``17``, ``18`` in table 86121) are left out.
2. Districts and cities in a county table (12 of Berlin, Aachen, Hannover, Saarbrücken) repeat
   people of their county; they are left out unless asked for.
3. A ``-`` means exactly zero. It is read as ``not_existing`` where a unit is not in the gazetteer
   (31.12.2024) and has nothing but ``-`` in that year, and as ``missing`` where all units of a
   level have ``-`` for an indicator of which a level above has a number other than zero: the
   publisher's own total then says that they are not zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, Severity, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells
from begleitforschung.loaders.figures import as_status
from begleitforschung.loaders.genesis_codes import genesis_codes
from begleitforschung.regions import LEVELS, ars_to_ags, gazetteer, is_key, level_of
from begleitforschung.tables.status import statuses

_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Regions:
    """The units of a flat file.

    Parameters
    ----------
    unit : pandas.Categorical
        Keys.
    variable : pandas.Categorical
        Codes of the regional variable.
    label : pandas.Categorical
        Names of the units.
    district : numpy.ndarray of bool
        Rows whose unit lies in a county that stands in the table, too.
    """

    unit: pd.Categorical
    variable: pd.Categorical
    label: pd.Categorical
    district: NDArray[np.bool_]

    @classmethod
    def of(cls, cells: Cells, prefix: str) -> Regions:
        """Read the units of a table.

        Parameters
        ----------
        cells : Cells
            The table.
        prefix : str
            Prefix of the columns of the regional variable, e.g. ``"1_variable"``.

        Returns
        -------
        Regions
            The units.
        """
        unit = cells.column(f"{prefix}_attribute_code")
        variable = cells.column(f"{prefix}_code")
        levels = genesis_codes().levels()
        of_variable = [levels.get(str(code)) for code in variable.categories.tolist()]
        kreis = np.array([level == "kreis" for level in of_variable], bool)
        below = np.array(
            [is_key(k) and _rank(k) > LEVELS.index("kreis") for k in unit.categories.tolist()]
        )
        district = kreis[variable.codes] & below[unit.codes]
        return cls(unit, variable, cells.column(f"{prefix}_attribute_label"), district)

    def where(self, mask: NDArray[np.bool_]) -> Regions:
        """Return the rows of a mask.

        Parameters
        ----------
        mask : numpy.ndarray of bool
            Rows to keep.

        Returns
        -------
        Regions
            Those rows, unused keys forgotten.
        """
        unit = self.unit[mask].remove_unused_categories()
        return Regions(unit, self.variable[mask], self.label[mask], self.district[mask])


def handle_traps(
    cells: Cells, regions: Regions, *, keep_districts: bool
) -> tuple[Cells, Regions, list[Finding]]:
    """Leave out what is no region or repeats one, and say so.

    Parameters
    ----------
    cells : Cells
        The table.
    regions : Regions
        Its units.
    keep_districts : bool
        Keep districts and cities beside their county.

    Returns
    -------
    cells : Cells
        The rows kept.
    regions : Regions
        Their units.
    findings : list of Finding
        What was left out or kept although it repeats other rows.
    """
    findings: list[Finding] = []
    known = {item.key for item in genesis_codes().sums}
    summed = np.isin(regions.unit.categories, list(known))[regions.unit.codes]
    if summed.any():
        findings.append(_sums(cells, regions, summed))
    if regions.district.any():
        findings.append(_districts(cells, regions, keep_districts))
    gone = summed if keep_districts else summed | regions.district
    if gone.any():
        cells, regions = cells.where(~gone), regions.where(~gone)
    levels = sorted({_rank(key) for key in regions.unit.categories.tolist() if is_key(key)})
    if len(levels) > 1:
        findings.append(_levels(cells, [LEVELS[at] for at in levels]))
    return cells, regions, findings


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
    only = dash & _all_within(dash, tidy, ["unit", "year"]) & ~regions.district
    gone = only & ~known
    undelivered = ~gone & _contradicted(tidy.assign(dash=dash), gone | regions.district)
    doubtful = only & ~gone & ~undelivered
    doubtful &= _all_within(dash, tidy, ["unit"])
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


def _rank(key: str) -> int:
    return LEVELS.index(level_of(key))


def _all_within(mask: NDArray[np.bool_], tidy: pd.DataFrame, names: list[str]) -> NDArray[np.bool_]:
    keys = [tidy[name].cat.codes if name == "unit" else tidy[name] for name in names]
    return np.asarray(pd.Series(mask).groupby(keys).transform("all"), bool)


def _contradicted(tidy: pd.DataFrame, left_out: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark figures of levels that have '-' throughout while a level above has numbers."""
    ranks = np.array([_rank(str(key)) for key in tidy["unit"].cat.categories.tolist()])
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


def _sums(cells: Cells, regions: Regions, mask: NDArray[np.bool_]) -> Finding:
    return _about_units(
        cells,
        regions,
        mask,
        rule="genesis.publisher_sum",
        text=Text(
            "Summen des Herausgebers sind keine Gebiete und wurden weggelassen",
            "sums of the publisher are no regions and were left out",
        ),
        hint=Text("Nichts zu tun; Summen selbst bilden.", "Nothing to do; form sums yourself."),
    )


def _districts(cells: Cells, regions: Regions, kept: bool) -> Finding:
    did = ("behalten", "kept") if kept else ("weggelassen", "left out")
    return _about_units(
        cells,
        regions,
        regions.district,
        rule="genesis.district_of_county",
        text=Text(
            f"Bezirke und Städte zählen in der Kreistabelle doppelt und wurden {did[0]}",
            f"districts and cities count twice in the county table and were {did[1]}",
        ),
        hint=Text(
            "Nie zusammen mit Kreisen summieren: select(level='kreis')."
            if kept
            else "Wenn sie gebraucht werden: districts=True.",
            "Never add them to counties: select(level='kreis')."
            if kept
            else "If you need them: districts=True.",
        ),
    )


def _about_units(
    cells: Cells, regions: Regions, mask: NDArray[np.bool_], *, rule: str, text: Text, hint: Text
) -> Finding:
    pairs = zip(regions.unit[mask], regions.label[mask], strict=True)
    names = [f"{key} {label}" for key, label in sorted(dict.fromkeys(pairs))]
    rows = cells.rows[mask]
    return Finding(
        rule=rule,
        severity="warning",
        text=text,
        hint=hint,
        file=cells.file,
        row=int(rows.min()),
        column=str(regions.variable[mask][0]),
        value=_some(names),
        n=len(rows),
        rows=rows_concerned(rows),
    )


def _levels(cells: Cells, levels: list[str]) -> Finding:
    return Finding(
        rule="genesis.several_levels",
        severity="info",
        text=Text(
            f"Ebenen nebeneinander: {', '.join(levels)}", f"several levels: {', '.join(levels)}"
        ),
        hint=Text(
            "Vor dem Summieren eine Ebene wählen: select(level=…).",
            "Choose one level before adding up: select(level=…).",
        ),
        file=cells.file,
    )


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
        value=_some(units),
        n=len(bad),
        rows=rows_concerned(bad["row"]),
    )


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return "; ".join(listed[:_SHOWN]) + ("; …" if len(listed) > _SHOWN else "")

"""Units of GENESIS tables: what looks like a unit and is none, or repeats another one.

Two things are taken out before anything can be summed, each with a finding:

1. Publishers' sums under keys that look like Länder (``17``, ``18`` in table 86121).
2. Districts and cities in a county table (12 of Berlin, Aachen, Hannover, Saarbrücken), which
   repeat people of their county; they stay if asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells
from begleitforschung.loaders.genesis_codes import genesis_codes
from begleitforschung.regions import LEVELS
from begleitforschung.regions.grammar import rank_of

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
    rank : numpy.ndarray of int
        Position of the unit's level in `LEVELS`; -1 for what is no key.
    """

    unit: pd.Categorical
    variable: pd.Categorical
    label: pd.Categorical
    district: NDArray[np.bool_]
    rank: NDArray[np.int64]

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
        keys, parts = unit.categories.tolist(), set(genesis_codes().bezirke)
        rank = np.array([rank_of(key) for key in keys])[unit.codes]
        bezirk = np.array([key[:5] in parts for key in keys], bool)
        district = (kreis[variable.codes] & (rank > LEVELS.index("kreis"))) | bezirk[unit.codes]
        return cls(unit, variable, cells.column(f"{prefix}_attribute_label"), district, rank)

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
        kept = self.variable[mask], self.label[mask], self.district[mask], self.rank[mask]
        return Regions(unit, *kept)


def handle_traps(
    cells: Cells, regions: Regions, *, keep_districts: bool
) -> tuple[NDArray[np.bool_], list[Finding]]:
    """Say what is no region or repeats one and has to be left out.

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
    kept : numpy.ndarray of bool
        Rows to keep.
    findings : list of Finding
        What was left out or kept although it repeats other rows.
    """
    findings: list[Finding] = []
    known = [item.key for item in genesis_codes().sums]
    keys = regions.unit.categories.tolist()
    summed = np.array([key in known for key in keys], bool)[regions.unit.codes]
    if summed.any():
        findings.append(_sums(cells, regions, summed))
    if regions.district.any():
        findings.append(_districts(cells, regions, keep_districts))
    kept = ~summed if keep_districts else ~(summed | regions.district)
    levels = [name for at, name in enumerate(LEVELS) if (regions.rank[kept] == at).any()]
    if len(levels) > 1:
        findings.append(_levels(cells, levels))
    return kept, findings


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
    pairs = zip(regions.unit[mask].tolist(), regions.label[mask].tolist(), strict=True)
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
        value=some_of(names),
        n=len(rows),
        rows=rows_concerned(rows),
    )


def _levels(cells: Cells, levels: Sequence[str]) -> Finding:
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


def some_of(names: Iterable[str]) -> str:
    """Return the first names of a list, for a finding.

    Parameters
    ----------
    names : iterable of str
        Names.

    Returns
    -------
    str
        The first 15, separated by semicolons.
    """
    listed = list(names)
    return "; ".join(listed[:_SHOWN]) + ("; …" if len(listed) > _SHOWN else "")

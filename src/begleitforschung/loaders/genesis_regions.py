"""Units of GENESIS tables: what looks like a unit and is none, or repeats another one.

Two things are taken out before anything can be summed, each with a finding:

1. Publishers' sums under keys that look like Länder (``17``, ``18`` in table 86121).
2. Districts and cities in a county table (12 of Berlin, Aachen, Hannover, Saarbrücken), which
   repeat people of their county; they stay if asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells
from begleitforschung.loaders.genesis_codes import genesis_codes
from begleitforschung.regions import LEVELS
from begleitforschung.regions.grammar import ranks

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
        below = ranks(unit.categories) > LEVELS.index("kreis")
        bezirk = unit.categories.str[:5].isin(genesis_codes().bezirke)
        district = (kreis[variable.codes] & below[unit.codes]) | bezirk[unit.codes]
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
    summed = regions.unit.categories.isin(known)[regions.unit.codes]
    if summed.any():
        findings.append(_sums(cells, regions, summed))
    if regions.district.any():
        findings.append(_districts(cells, regions, keep_districts))
    kept = ~summed if keep_districts else ~(summed | regions.district)
    levels = np.unique(ranks(regions.unit.categories)[np.unique(regions.unit.codes[kept])])
    if len(levels := levels[levels >= 0]) > 1:
        findings.append(_levels(cells, [LEVELS[at] for at in levels]))
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
    pairs = pd.DataFrame({"key": regions.unit[mask], "label": regions.label[mask]})
    names = sorted(" ".join(pair) for pair in pairs.drop_duplicates().to_numpy())
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

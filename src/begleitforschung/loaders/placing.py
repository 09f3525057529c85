"""Keys for places that a file knows by name only, and the share that could not be assigned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from begleitforschung.errors import Finding, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, merge
from begleitforschung.regions import GEBIETSSTAND, code_list, gazetteer, resolve
from begleitforschung.regions.names import core

NamedLevel = Literal["kreis", "gemeinde"]
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Placed:
    """Keys of places.

    Parameters
    ----------
    unit : pandas.Categorical
        Key of each row; missing where none could be assigned.
    findings : tuple of Finding
        The share that could not be assigned, and examples.
    """

    unit: pd.Categorical
    findings: tuple[Finding, ...]


def place(cells: Cells, name: str, state: str | None, level: NamedLevel | None) -> Placed:
    """Find the key of each row by the name of its place.

    Parameters
    ----------
    cells : Cells
        The table.
    name : str
        Column of names.
    state : str, optional
        Column of Bundesländer.
    level : {"kreis", "gemeinde"}, optional
        Level of the units; the names decide if not given.

    Returns
    -------
    Placed
        Keys as of the packaged gazetteer; missing where the state is none.
    """
    joined, pairs = _pairs(cells, [name, *([state] if state else [])])
    laender = code_list("bundeslaender")
    known = {text: laender.knows(text) for text in {pair[1] for pair in pairs}} if state else {}
    states = [pair[1] if known[pair[1]] else None for pair in pairs] if state else None
    found = resolve([pair[0] for pair in pairs], state=states, level=level)
    # Where the state is none, nobody knows which of several units of a name is meant.
    told = [known[pair[1]] for pair in pairs] if state else [True] * len(pairs)
    keys = [
        key if isinstance(key, str) and sure else ""
        for key, sure in zip(found["key"], told, strict=True)
    ]
    unit = _as_units(joined, keys)
    return Placed(unit, unassigned(cells, name, unit, level or "gemeinde"))


def place_in_county(cells: Cells, names: tuple[str, str], county: pd.Categorical) -> Placed:
    """Find the municipality of each row by postcode, name and the county it must lie in.

    Of several municipalities of a name the one in the county is taken. In a county-free city
    the name must begin with that of the city (``Berlin-Kaulsdorf``).

    Parameters
    ----------
    cells : Cells
        The table.
    names : tuple of str
        Columns of the postcode and of the place.
    county : pandas.Categorical
        County of each row.

    Returns
    -------
    Placed
        Keys of municipalities; missing where none, or none in this county, was found.
    """
    codes = pd.Series(county).astype(object).where(pd.notna(county), "")
    frame = cells.frame.assign(_county=pd.Categorical(codes.astype(str)))
    whole = Cells(frame, cells.rows, cells.file)
    joined, triples = _pairs(whole, [*names, "_county"])
    places = list(dict.fromkeys(place for _, place, _ in triples))
    found = resolve(places, level="gemeinde").set_index("name")
    cities = _cities({county for *_, county in triples})
    keys = []
    for _, place_name, within in triples:
        row = found.loc[place_name]
        listed = [str(item)[:8] for item in str(row["alternatives"]).split("; ")]
        candidates = [*([row["key"]] if isinstance(row["key"], str) else []), *listed]
        inside = [key for key in dict.fromkeys(candidates) if within and key.startswith(within)]
        sure = row["status"] != "none" and len(inside) == 1
        city = cities.get(within, "")
        if city and core(place_name).split(" ")[: len(city.split())] == city.split():
            keys.append(f"{within}000")
        else:
            keys.append(inside[0] if sure and not city else "")
    unit = _as_units(joined, keys)
    return Placed(unit, unassigned(cells, names[1], unit, "gemeinde"))


def _cities(counties: set[str]) -> dict[str, str]:
    """Return the bare names of those counties that are county-free cities."""
    units = gazetteer()
    cities = units[(units["level"] == "kreis") & units["kind"].isin(["41", "42"])]
    return {
        str(key): core(str(name))
        for key, name in zip(cities["key"], cities["name"], strict=True)
        if key in counties
    }


def _pairs(cells: Cells, columns: Sequence[str]) -> tuple[pd.Categorical, list[tuple[str, ...]]]:
    """Return one category per combination of texts, and the combinations."""
    given = [cells.column(name) for name in columns]
    codes, groups = pd.factorize(pd.MultiIndex.from_arrays(given))
    labels = [tuple(str(text) for text in group) for group in groups]
    names = pd.Index(range(len(labels))).astype(str)
    return pd.Categorical.from_codes(codes, categories=names), labels


def _as_units(joined: pd.Categorical, keys: Sequence[str]) -> pd.Categorical:
    unit = merge(joined, keys)
    return unit.remove_categories([""]) if "" in unit.categories else unit


def unassigned(cells: Cells, column: str, unit: pd.Categorical, level: str) -> tuple[Finding, ...]:
    """Say which share of the rows could not be assigned to a unit.

    Parameters
    ----------
    cells : Cells
        The table.
    column : str
        Column of the names.
    unit : pandas.Categorical
        Keys.
    level : str
        Level of the units.

    Returns
    -------
    tuple of Finding
        A warning with the share and examples, or a remark that all were assigned.
    """
    missing = pd.isna(unit)
    n, total = int(missing.sum()), len(unit)
    words = {"kreis": ("Kreisen", "counties"), "gemeinde": ("Gemeinden", "municipalities")}[level]
    share = f"{100 * n / total:.2f}" if total else "0.00"
    examples = pd.Series(cells.column(column)[missing].astype(object)).value_counts()
    shown = "; ".join(map(str, examples.index[:_SHOWN]))
    return (
        Finding(
            rule="loader.unassigned",
            severity="warning" if n else "info",
            text=Text(
                f"{n} von {total} Zeilen ({share.replace('.', ',')} %) konnten nicht {words[0]} "
                f"zugeordnet werden (Namen vom {GEBIETSSTAND})",
                f"{n} of {total} rows ({share} %) could not be assigned to {words[1]} (names of "
                f"{GEBIETSSTAND})",
            ),
            hint=Text("Namen in der Quelle prüfen.", "Check the names at the source.")
            if n
            else None,
            file=cells.file,
            row=int(cells.rows[missing][0]) if n else None,
            column=column,
            value=shown or None,
            n=max(n, 1),
            rows=rows_concerned(cells.rows[missing]),
        ),
    )

"""Flat files (ffcsv) of GENESIS-Online, Regionaldatenbank and Zensusdatenbank, layout of 2025.

One row is one figure. Of the numbered variables one holds the units; the others go into the
indicator code: ``BEVSTD|GES=GESM``. An empty attribute code is the total: ``BEVSTD|GES=INSGESAMT``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.catalogue import Label
from begleitforschung.errors import Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, bad_cells, categorical
from begleitforschung.loaders.delimited import read_text
from begleitforschung.loaders.figures import Figures, as_status, parse_figures, quality_status
from begleitforschung.loaders.genesis_codes import genesis_codes
from begleitforschung.loaders.genesis_dashes import settle_dashes
from begleitforschung.loaders.genesis_regions import Regions, handle_traps
from begleitforschung.loaders.loaded import (
    Loaded,
    decimal_signs,
    key_problems,
    mixed_decimals,
    number_problems,
)
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised, by_columns
from begleitforschung.regions import GEBIETSSTAND, is_key
from begleitforschung.tables import Indicator
from begleitforschung.tables.status import codes_with, statuses

_FIXED = ("statistics_code", "statistics_label", "time", "value", "value_unit")
_LABELS = ("value_variable_code", "value_variable_label")
_PARTS = ("code", "label", "attribute_code", "attribute_label")


def read_genesis(head: Head, found: Recognised, options: Options) -> Loaded:
    """Read a flat file.

    Parameters
    ----------
    head : Head
        The file.
    found : Recognised
        Its columns.
    options : Options
        ``districts``: keep the districts and cities that stand in a county table beside their
        county.

    Returns
    -------
    Loaded
        Rows, meanings and findings.

    Raises
    ------
    SourceFileError
        If columns are missing, rows are damaged, or no variable holds units.
    """
    positions = _positions(found.header, head.raw.name)
    cells = read_text(head.raw, ";", header=found.header)
    return load_flat(cells, positions, districts=options.districts)


def load_flat(
    cells: Cells,
    positions: Sequence[int],
    *,
    districts: bool = False,
    figures: Figures | None = None,
) -> Loaded:
    """Turn the rows of a flat file into tidy rows; other layouts are brought into this one.

    Parameters
    ----------
    cells : Cells
        One figure per row, in the columns of the layout of 2025.
    positions : sequence of int
        Numbers of the variables.
    districts : bool
        Keep the districts and cities that stand in a county table beside their county.
    figures : Figures, optional
        What the column ``value`` holds, if it is read already.

    Returns
    -------
    Loaded
        Rows, meanings and findings.

    Raises
    ------
    SourceFileError
        If no variable holds units.
    """
    region, remarks = _region(cells, positions)
    regions = Regions.of(cells, f"{region}_variable")
    kept, trapped = handle_traps(cells, regions, keep_districts=districts)
    if not kept.all():
        cells, regions = cells.where(kept), regions.where(kept)
        figures = None if figures is None else figures.take(kept)
    figures, problems = _figures(cells) if figures is None else (figures, [])
    problems += key_problems(cells, f"{region}_variable_attribute_code", regions.unit)
    years, dates, untimed = _times(cells)
    others = [n for n in positions if n != region]
    names, meanings, ambiguous = _indicators(cells, others, figures.decimals)
    tidy = pd.DataFrame({"unit": regions.unit, "year": years, "indicator": names})
    tidy["value"], tidy["status"] = figures.value, as_status(figures.status)
    tidy["file"], tidy["row"] = pd.Categorical([cells.file]).repeat(len(tidy)), cells.rows
    if not np.isnat(dates).all():
        tidy["date"] = dates
    problems += [*untimed, *ambiguous]
    dashes: list[Finding] = []
    if not problems:
        tidy, dashes = settle_dashes(tidy, regions)
    labels = cells.column("statistics_label").categories, cells.column("statistics_code").categories
    return Loaded(
        tidy=tidy,
        indicators=tuple(meanings),
        title="; ".join(f"{title} ({code})" for title, code in zip(*labels, strict=False)),
        consulted=f"gazetteer {GEBIETSSTAND}",
        findings=(*remarks, *trapped, *dashes, *_english(cells, positions)),
        problems=tuple(problems),
    )


def _positions(header: Sequence[str], file: str) -> list[int]:
    found = [re.fullmatch(r"(\d+)_variable_code", name) for name in header]
    numbers = [int(item[1]) for item in found if item]
    wanted = [*_FIXED, *_LABELS, *(f"{n}_variable_{part}" for n in numbers for part in _PARTS)]
    missing = [name for name in wanted if name not in header]
    if missing:
        raise SourceFileError(
            f"{file}, row 1: a GENESIS flat file has the columns {', '.join(missing)} too. Fetch "
            "the table again as flat file (ffcsv) and leave its columns as they are."
        )
    return numbers


def _region(cells: Cells, positions: Sequence[int]) -> tuple[int, list[Finding]]:
    """Find the variable with the units: by the code list, else by its keys, said so."""
    known = set(genesis_codes().levels())
    codes = {n: set(cells.column(f"{n}_variable_code").categories) for n in positions}
    listed = [n for n in positions if codes[n] and codes[n] <= known]
    if len(listed) == 1:
        return listed[0], []
    keyed = [
        n
        for n in positions
        if all(map(is_key, cells.column(f"{n}_variable_attribute_code").categories.tolist()))
    ]
    candidates = listed or keyed
    if len(candidates) != 1:
        names = [", ".join(sorted(codes[n])) for n in positions]
        state = "several variables hold" if candidates else "no variable holds"
        raise SourceFileError(
            f"{cells.file}: {state} keys of units; the variables are: {'; '.join(names)}. Fetch "
            "the table with one regional variable, e.g. KREISE or GEMEIN."
        )
    name = ", ".join(sorted(codes[candidates[0]]))
    return candidates[0], [
        Finding(
            rule="genesis.region_variable",
            severity="warning",
            text=Text(
                f"Merkmal {name} ist nicht als Regionalmerkmal bekannt, seine Codes sind Schlüssel",
                f"variable {name} is not known as a regional one; its codes are keys of units",
            ),
            hint=Text("Prüfen, ob es die Gebiete enthält.", "Check that it holds the units."),
            file=cells.file,
            column=f"{candidates[0]}_variable_code",
        )
    ]


def _figures(cells: Cells) -> tuple[Figures, list[Finding]]:
    values = cells.column("value")
    used = decimal_signs(values)
    read = parse_figures(values, decimal="," if "," in used else ".")
    status, problems = read.status, mixed_decimals(cells, "value", used)
    if not problems:
        problems = number_problems(cells, "value", read.bad)
    if "value_q" in cells.frame:
        quality, unknown = quality_status(cells.column("value_q"))
        normal = list(statuses()).index("normal")
        beside = (status == normal) & (quality != normal)
        unknown |= beside & ~np.isin(quality, codes_with("required"))
        status = np.where(beside, quality, status).astype(np.int8)
        problems += bad_cells(
            cells,
            "value_q",
            unknown,
            rule="genesis.quality",
            text=Text("unbekanntes Qualitätszeichen", "unknown sign of quality"),
            hint=Text(
                "Zeichenerklärung der Tabelle ansehen; erlaubt neben Zahlen: e p r s ().",
                "See the table's key of signs; allowed beside numbers: e p r s ().",
            ),
        )
    return replace(read, status=status), problems


def _times(
    cells: Cells,
) -> tuple[NDArray[np.int16], NDArray[np.datetime64], list[Finding]]:
    """Read ``2019`` as a year and ``2024-12-31`` as a date of a year."""
    texts = cells.column("time")
    days = [_day(str(text)) for text in texts.categories.tolist()]
    written = zip(texts.categories.tolist(), days, strict=True)
    years = np.array([int(str(text)[:4]) if day else 0 for text, day in written], np.int16)
    dates = np.array([d if isinstance(d, date) else None for d in days], "datetime64[us]")
    bad = np.array([day is None for day in days])[texts.codes]
    problems = bad_cells(
        cells,
        "time",
        bad,
        rule="genesis.time",
        text=Text("Zeitangabe ist weder Jahr noch Datum", "time is neither a year nor a date"),
        hint=Text(
            "Gelesen werden 2019 und 2024-12-31; Monate, Quartale und Schuljahre nicht.",
            "2019 and 2024-12-31 are read; months, quarters and school years are not.",
        ),
    )
    return years[texts.codes], dates[texts.codes], problems


def _day(text: str) -> date | bool | None:
    if re.fullmatch(r"\d{4}", text):
        return True
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _indicators(
    cells: Cells, positions: Sequence[int], decimals: NDArray[np.int8]
) -> tuple[pd.Categorical, list[Indicator], list[Finding]]:
    """Build indicator codes and meanings from value and further variables."""
    columns = ["value_variable_code"]
    columns += [f"{n}_variable_{part}" for n in positions for part in ("code", "attribute_code")]
    group = np.zeros(len(cells.rows), np.int64)
    for name in columns:
        column = cells.column(name)
        group, _ = pd.factorize(group * (len(column.categories) + 1) + column.codes)
    first = np.unique(group, return_index=True)[1]
    places = np.zeros(len(first), np.int8)
    np.maximum.at(places, group, decimals)
    meanings = _meanings(cells, positions, first, places)
    ids = categorical([item.id for item in meanings])
    names = pd.Categorical.from_codes(ids.codes[group], dtype=ids.dtype)
    return names, meanings, _two_units(cells, group, first)


def _meanings(
    cells: Cells, positions: Sequence[int], rows: NDArray[np.int64], places: NDArray[np.int8]
) -> list[Indicator]:
    """Return the meaning that each of some rows states."""
    known = genesis_codes()

    def texts(column: str) -> list[str]:
        return [str(text) for text in cells.column(column)[rows]]

    named = zip(
        *(texts(name) for name in ("value_variable_code", "value_variable_label", "value_unit")),
        places.tolist(),
        strict=True,
    )
    parts = ("code", "attribute_code", "attribute_label")
    others = [
        list(zip(*(texts(f"{n}_variable_{part}") for part in parts), strict=True))
        for n in positions
    ]
    meanings = []
    for at, (code, label, unit, decimals) in enumerate(named):
        used = [other[at] for other in others if other[at][0]]
        labels = ", ".join(text for _, _, text in used)
        meanings.append(
            Indicator(
                id="|".join([code, *(f"{name}={item or known.total}" for name, item, _ in used)]),
                title=Label(de=f"{label}: {labels}" if used else label),
                unit_of_measure=known.units.get(unit, unit),
                aggregation="sum" if known.counts(label, unit) else "unknown",
                decimals=decimals,
            )
        )
    return meanings


def _two_units(cells: Cells, group: NDArray[np.int64], first: NDArray[np.int64]) -> list[Finding]:
    unit = cells.column("value_unit")
    differs = unit.codes != unit.codes[first][group]
    return bad_cells(
        cells,
        "value_unit",
        np.asarray(differs),
        rule="genesis.two_units",
        text=Text(
            "derselbe Indikator steht in zwei Maßeinheiten", "one indicator stands in two units"
        ),
        hint=Text("Je Maßeinheit eine Datei abrufen.", "Fetch one file per unit of measure."),
    )


def _english(cells: Cells, positions: Sequence[int]) -> list[Finding]:
    """Remark labels in English; such files are partly German."""
    columns = ["time_label", "value_unit", *(f"{n}_variable_attribute_label" for n in positions)]
    given = [cells.column(name).categories.tolist() for name in columns if name in cells.frame]
    if all(map(set(genesis_codes().english).isdisjoint, given)):
        return []
    return [
        Finding(
            rule="genesis.english_labels",
            severity="info",
            text=Text(
                "Beschriftungen sind ganz oder teilweise englisch",
                "labels are in English, wholly or in part",
            ),
            hint=Text(
                "Für deutsche Berichte die deutsche Datei abrufen oder Titel im Sidecar angeben.",
                "For German reports fetch the German file or give titles in the sidecar.",
            ),
            file=cells.file,
        )
    ]


READER = Reader(
    id="genesis_ffcsv",
    source="genesis",
    publisher="genesis",
    recognise=by_columns("genesis_ffcsv"),
    read=read_genesis,
)

"""Write a file of the shape of INKAR's long CSV of 2025: 63.4 million rows, 6.6 GB at 100 %.

    python benchmarks/make_inkar_long.py FILE [--percent 1]

Columns, sections and numbers of units, indicators and years follow what is known of the real file
(LRB x municipalities alone: 26.9 million rows, 10,978 municipalities x 176 indicators). Figures and
names are made up from a fixed seed; less than 100 % takes that share of the units of each level.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

HEADER = ("Bereich", "ID", "Kuerzel", "Indikator", "Raumbezug", "Kennziffer", "Name", "Zeitbezug", "Wert")  # fmt: skip  # noqa: E501
ROWS = 63_400_000
NAME = "Anteil mit Merkmal {} (in %)"
SEED = 20260311


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Indicators of one part of INKAR at one level, each with its years."""

    bereich: str
    raumbezug: str
    first_id: int
    indicators: int
    units: int
    years: int
    digits: int


SECTIONS = (
    Section(bereich="LRB", raumbezug="Gemeinden", first_id=1, indicators=176, units=10_978, years=14, digits=8),
    Section(bereich="LRB", raumbezug="Gemeindeverbände", first_id=1, indicators=176, units=4_600, years=14, digits=9),
    Section(bereich="LRB", raumbezug="Kreise", first_id=1, indicators=413, units=400, years=20, digits=5),
    Section(bereich="LRB", raumbezug="Mittelbereiche", first_id=1, indicators=413, units=900, years=20, digits=7),
    Section(bereich="LRB", raumbezug="Raumordnungsregionen", first_id=1, indicators=413, units=96, years=20, digits=4),
    Section(bereich="LRB", raumbezug="Bundesländer", first_id=1, indicators=413, units=16, years=20, digits=2),
    Section(bereich="LRB", raumbezug="Bund", first_id=1, indicators=413, units=1, years=20, digits=1),
    Section(bereich="SDG", raumbezug="Gemeinden", first_id=1, indicators=12, units=10_978, years=14, digits=8),
    Section(bereich="SDG", raumbezug="Kreise", first_id=16_001, indicators=43, units=400, years=14, digits=5),
    Section(bereich="EU", raumbezug="NUTS2", first_id=17_101, indicators=97, units=240, years=3, digits=4),
    Section(bereich="ZOM", raumbezug="Gemeinden", first_id=15_101, indicators=120, units=10_978, years=9, digits=8),
)  # fmt: skip  # noqa: E501


def keys(section: Section, percent: float) -> list[str]:
    """Return the keys of the units; they look like official ones, most of them are none."""
    n = max(1, round(section.units * percent / 100))
    if section.digits <= 2:
        return [str(at + (section.digits == 2)).zfill(section.digits) for at in range(n)]
    land = np.arange(n) * 16 // max(n, 1) + 1
    rest = np.arange(n) % 10 ** (section.digits - 2)
    return [f"{a:02d}{b:0{section.digits - 2}d}" for a, b in zip(land, rest, strict=True)]


def rows(section: Section, at: int, names: list[str]) -> pa.Table:
    """Return all rows of one indicator; the same one has the same figures in every Bereich."""
    n = len(names) * section.years
    number = section.first_id + at
    unit = pa.array(names).take(pa.array(np.repeat(np.arange(len(names)), section.years)))
    years = pa.array([str(2024 - section.years + 1 + year) for year in range(section.years)])
    random = np.random.default_rng([SEED, number, section.digits])
    value = np.round(random.gamma(2.0, 20.0, n), 4)
    text = pc.replace_substring(pc.cast(pa.array(value), pa.string()), ".", ",")
    fixed = (section.bereich, str(number), f"q_merkmal_{number}", NAME.format(number), section.raumbezug)  # fmt: skip  # noqa: E501
    columns = [pa.repeat(cell, n) for cell in fixed]
    name = pc.binary_join_element_wise("Ort", unit, " ")
    columns += [unit, name, years.take(pa.array(np.tile(np.arange(section.years), len(names)))), text]  # fmt: skip  # noqa: E501
    return pa.table(dict(zip(HEADER, columns, strict=True)))


def write(path: Path, percent: float) -> int:
    """Write the file and return its number of rows."""
    left = round(ROWS * percent / 100)
    options = pacsv.WriteOptions(delimiter=";", include_header=False, quoting_style="none")
    with path.open("wb") as stream:
        stream.write((";".join(HEADER) + "\n").encode("utf-8"))
        for section in SECTIONS:
            names = keys(section, percent)
            for at in range(section.indicators):
                table = rows(section, at, names).slice(0, left)
                left -= len(table)
                pacsv.write_csv(table, stream, options)
    return round(ROWS * percent / 100) - left


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--percent", type=float, default=1.0)
    given = parser.parse_args()
    print(f"{write(given.file, given.percent):,} rows, {given.file.stat().st_size:,} bytes")

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

HEADER = "Bereich;ID;Kuerzel;Indikator;Raumbezug;Kennziffer;Name;Zeitbezug;Wert"
ROWS = 63_400_000
NAME = "Anteil mit Merkmal {} (in %)"
SEED = 20260311


@dataclass(frozen=True, slots=True)
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
    Section("LRB", "Gemeinden", 1, 176, 10_978, 14, 8),
    Section("LRB", "Gemeindeverbände", 1, 176, 4_600, 14, 9),
    Section("LRB", "Kreise", 1, 413, 400, 20, 5),
    Section("LRB", "Mittelbereiche", 1, 413, 900, 20, 7),
    Section("LRB", "Raumordnungsregionen", 1, 413, 96, 20, 4),
    Section("LRB", "Bundesländer", 1, 413, 16, 20, 2),
    Section("LRB", "Bund", 1, 413, 1, 20, 1),
    Section("SDG", "Gemeinden", 1, 12, 10_978, 14, 8),
    Section("SDG", "Kreise", 16_001, 43, 400, 14, 5),
    Section("EU", "NUTS2", 17_101, 97, 240, 3, 4),
    Section("ZOM", "Gemeinden", 15_101, 120, 10_978, 9, 8),
)


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
    fixed = (section.bereich, str(number), f"q_merkmal_{number}", NAME.format(number))
    columns = [pa.repeat(cell, n) for cell in (*fixed, section.raumbezug)]
    name = pc.binary_join_element_wise("Ort", unit, " ")
    time = years.take(pa.array(np.tile(np.arange(section.years), len(names))))
    columns += [unit, name, time, text]
    return pa.table(dict(zip(HEADER.split(";"), columns, strict=True)))


def write(path: Path, percent: float) -> int:
    """Write the file and return its number of rows."""
    left = round(ROWS * percent / 100)
    options = pacsv.WriteOptions(delimiter=";", include_header=False, quoting_style="none")
    with path.open("wb") as stream:
        stream.write((HEADER + "\n").encode("utf-8"))
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

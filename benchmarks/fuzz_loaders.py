"""Feed the loaders damaged copies of real files: nothing but our own errors, no invented number.

    python benchmarks/fuzz_loaders.py [--shared ../shared] [--runs 2000] [--only classic]

A copy is cut to its first rows and damaged up to four times: bytes, cells, rows, delimiters, ends.
It must be read or refused with a `BegleitforschungError`. What is read must stand in the damaged
copy: each number in the row of the file that the table names, in a row of as many cells as the
others. The tests drive the same code by hypothesis.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from begleitforschung.errors import BegleitforschungError
from begleitforschung.loaders import read_indicators
from begleitforschung.tables import IndicatorTable

CELLS = (
    "",
    "-",
    ".",
    "x",
    "abc",
    "1.234",
    "1,5",
    "1e999",
    "nan",
    "inf",
    "0",
    "999",
    '"',
    "ä",
    "01",
)
LONG = "Bereich;ID;Kuerzel;Indikator;Raumbezug;Kennziffer;Name;Zeitbezug;Wert\n" + "".join(
    f"LRB;{number};q_{number};Quote {number};Kreise;{key};N;{year};{number},{year % 10}\n"
    for number in (1, 2, 3)
    for key in ("01001", "08421", "09761", "16077")
    for year in range(2015, 2023)
)


@dataclass(frozen=True, slots=True)
class Damage:
    """One damage: what is done, where (shares of the rows and of the row), with which text."""

    what: str
    row: float
    place: float
    text: str


# Damages that keep the number of cells are more frequent: the others are refused soon.
OPERATIONS = (*["cell"] * 8, *["byte"] * 4, "twice", "drop", "swap", "header")
OPERATIONS += ("insert", "cut", "delimiter", "less", "shift")


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to damage: its first rows, and the last ones if a foot tells its end."""

    name: str
    path: str
    rows: int = 60
    foot: int = 0
    encoding: str = "utf-8"

    def text(self, shared: Path) -> str:
        """Return the cut copy."""
        if not self.path:
            return LONG
        (path,) = shared.glob(f"data/{self.path}")
        lines = path.read_bytes().decode(self.encoding).splitlines(keepends=True)
        return "".join(lines[: self.rows] + (lines[-self.foot :] if self.foot else []))


SAMPLES = (
    Sample("flat_2025", "genesis/pystatis_cassettes/61511-01-03-4__0*.csv"),
    Sample("flat_2024", "genesis/ffcsv_old/61511*.csv"),
    Sample("flat_2024_units", "genesis/ffcsv_old/73111*.csv"),
    Sample("classic", "genesis/classic/12411*.csv", foot=12, encoding="cp1252"),
    Sample("classic_timed", "genesis/classic/82111*.csv", foot=19),
    Sample("inkar_wide", "inkar/inkar_sdg_etc.csv"),
    Sample("inkar_long", ""),
)


def damaged(text: str, damages: Sequence[Damage]) -> bytes:
    """Return a damaged copy."""
    for item in damages:
        lines = text.splitlines(keepends=True) or [""]
        at = min(int(item.row * len(lines)), len(lines) - 1)
        cells = lines[at].rstrip("\r\n").split(";")
        cell = min(int(item.place * len(cells)), len(cells) - 1)
        place = int(item.place * len(lines[at]))
        line = lines[at]
        if item.what == "byte":
            line = line[:place] + (item.text or "\x07")[:1] + line[place + 1 :]
        elif item.what == "insert":
            line = line[:place] + item.text + line[place:]
        elif item.what == "cut":
            lines, line = lines[: at + 1], line[:place]
        elif item.what == "cell":
            line = ";".join([*cells[:cell], item.text, *cells[cell + 1 :]]) + "\n"
        elif item.what == "delimiter":
            line = ";".join([*cells[:cell], "", *cells[cell:]]) + "\n"
        elif item.what == "less":
            line = ";".join([*cells[:cell], *cells[cell + 1 :]]) + "\n"
        elif item.what == "shift":
            line = ";".join([*cells[cell:], *[""] * cell]) + "\n"
        elif item.what == "twice":
            line += line
        elif item.what == "drop":
            line = ""
        elif item.what == "swap":
            line, lines[0] = lines[0], line
        elif item.what == "header":
            first = lines[0].split(";")
            lines[0] = ";".join([item.text if n == cell else name for n, name in enumerate(first)])
        lines[at] = line if item.what != "header" or at else lines[at]
        text = "".join(lines)
    return text.encode("utf-8")


def judge(content: bytes, folder: Path) -> str:
    """Read a damaged copy; return what came of it, raise AssertionError for an invented number."""
    path = folder / "damaged.csv"
    path.write_bytes(content)
    try:
        table = read_indicators(path)
    except BegleitforschungError as error:
        return f"refused: {type(error).__name__}"
    check(table, content)
    return "read"


def check(table: IndicatorTable, content: bytes) -> None:
    """Say whether each number stands in its row, and that row has as many cells as the others."""
    text = content.decode("utf-8")
    if '"' in text.partition("____")[0] and "Kennziffer;Raumeinheit" not in text:
        return  # cells may hold delimiters and line ends; rows are not lines then
    lines = [line.rstrip("\r") for line in text.split("\n")]
    widths = Counter(line.count(";") for line in lines if line.count(";") > 1)
    usual = widths.most_common(1)[0][0]
    data = table.data
    for row, value, unit in zip(data["row"], data["value"], data["unit"], strict=True):
        if math.isnan(value) or value == 0:
            continue
        line = lines[row - 1]
        cells = [cell.strip(' "') for cell in line.split(";")]
        assert line.count(";") == usual, (row, line)
        assert any(value in _numbers(cell) for cell in cells), (row, value, line)
        assert unit == "DG" or any(cell.endswith(unit.lstrip("0")) for cell in cells), (unit, line)


def _numbers(cell: str) -> set[float]:
    """Return what a cell can mean: with a decimal sign or points between thousands."""
    bare, found = cell.strip("()").rstrip("prse "), set()
    for text in (bare.replace(",", "."), bare.replace(".", "").replace(",", ".")):
        with suppress(ValueError):
            found.add(float(text))
    return found


def main() -> int:
    """Run all samples and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[item.name for item in SAMPLES])
    given = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for sample in (item for item in SAMPLES if item.name in given.only):
            text, chance, counts = sample.text(given.shared), random.Random(given.seed), Counter()
            for run in range(given.runs):
                damages = [
                    Damage(
                        chance.choice(OPERATIONS),
                        chance.random() ** 2,
                        chance.random(),
                        chance.choice(CELLS),
                    )
                    for _ in range(chance.randint(1, 4))
                ]
                try:
                    counts[judge(damaged(text, damages), Path(folder))] += 1
                except Exception as error:  # every crash is counted and shown
                    failed += 1
                    print(f"{sample.name} {run}: {type(error).__name__}: {error} {damages}")
            print(sample.name, dict(counts), flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())

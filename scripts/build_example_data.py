"""Write the figures of the example project from the publishers' files.

Usage: python scripts/build_example_data.py [FOLDER] [PROJECT]

FOLDER is the folder with the publishers' files (default: ``../shared/data``), PROJECT the project
folder (default: this checkout). Written are the CSV files below ``data/raw``; the sidecars beside
them are written by hand, only their checksum is renewed. A second run changes no byte.

Figures are copied as text, digit by digit. The only ones computed are those of the counties of
31.12.2021, which are the sums of their municipalities.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from begleitforschung.provenance import file_sha256

HERE = Path(__file__).resolve().parent
INKAR = Path("inkar/ausgabe_unbekannt/kreise.csv")
DIRECTORY = Path("destatis_gv")
STATE = "2021-12-31"
LATEST = "2024-12-31"
TIDY = ["unit", "year", "indicator", "value"]
YEARS_END = "-12-31"
# The directory lists two areas that belong to no county, under the keys 07000999 and 13000999.
NO_COUNTY = "000999"


class Column(NamedTuple):
    """A column of the INKAR panel, the indicator it becomes, and the years that are chosen."""

    column: str
    id: str
    catalogue: str
    kpi: str
    first_year: str
    last_year: str


def read_columns() -> list[Column]:
    """Return which column of the panel becomes which indicator, and for which years."""
    with (HERE / "example_columns.csv").open(encoding="utf-8", newline="") as stream:
        return [Column(**row) for row in csv.DictReader(stream, delimiter=";")]


def county_figures(panel: pd.DataFrame, columns: list[Column]) -> pd.DataFrame:
    """Return the chosen columns and years of the INKAR panel as tidy rows; gaps stay empty."""
    parts = []
    for place, column in enumerate(columns):
        chosen = panel[panel["year"].between(column.first_year, column.last_year)]
        part = chosen[["county_code", "year"]].rename(columns={"county_code": "unit"})
        parts.append(part.assign(indicator=column.id, value=chosen[column.column], order=place))
    return pd.concat(parts).sort_values(["unit", "order", "year"], kind="stable")[TIDY]


def whole(number: str) -> str:
    """Return a count that the panel writes with an empty decimal place."""
    digits = number.removesuffix(".0")
    if not digits.isdecimal():
        raise ValueError(f"a count of people is expected, not {number!r}")
    return digits


def municipal_figures(state: pd.DataFrame) -> pd.DataFrame:
    """Return population and area of all municipalities as tidy rows, each in its own year.

    The directory of a date may hold the population of an earlier one, on the borders of the date.
    """
    population = pd.DataFrame(
        {
            "unit": state["ags"],
            "year": state["bev_stichtag"].str.removesuffix(YEARS_END),
            "indicator": "population",
            "value": state["bev_insg"].map(whole),
        }
    )
    area = pd.DataFrame(
        {
            "unit": state["ags"],
            "year": state["stichtag"].str.removesuffix(YEARS_END),
            "indicator": "area_km2",
            "value": state["flaeche_km2"],
        }
    )
    return pd.concat([population, area]).sort_values("unit", kind="stable")


def county_sums(municipal: pd.DataFrame) -> pd.DataFrame:
    """Return the sums of the municipalities of each county; areas summed in hundredths of km²."""
    inside = municipal[municipal["unit"].str[2:] != NO_COUNTY]
    hundredths = (inside["value"].astype(float) * 100).round().astype("int64")
    keys = [inside["unit"].str[:5], inside["year"], inside["indicator"]]
    sums = hundredths.groupby(keys, sort=False).sum().reset_index()
    text = [
        str(value // 100) if name == "population" else f"{value // 100}.{value % 100:02d}"
        for value, name in zip(sums["value"], sums["indicator"], strict=True)
    ]
    return sums.assign(value=text)[TIDY]


def municipal_names(state: pd.DataFrame) -> pd.DataFrame:
    """Return keys and names of all municipalities."""
    return state[["ags", "name"]].rename(columns={"ags": "unit"}).sort_values("unit")


def build(shared: Path) -> dict[Path, pd.DataFrame]:
    """Return the content of all files, by path below ``data/raw``."""
    panels = shared / "panels"
    panel = pd.read_csv(panels / "inkar_kreis_panel_1995_2022.csv", dtype=str)
    directory = pd.read_csv(panels / "gv_gemeinde_panel_1994_2024.csv.gz", dtype=str)
    tables = {INKAR: county_figures(panel, read_columns())}
    for date in (STATE, LATEST):
        state = directory[directory["stichtag"] == date]
        tables[DIRECTORY / date / "gemeinden.csv"] = municipal_figures(state)
        tables[DIRECTORY / date / "gemeinden_namen.csv"] = municipal_names(state)
    municipal = tables[DIRECTORY / STATE / "gemeinden.csv"]
    tables[DIRECTORY / STATE / "kreissummen.csv"] = county_sums(municipal)
    return tables


def stamp(sidecar: Path, checksum: str) -> None:
    """Renew the checksum that a sidecar states."""
    text = sidecar.read_text(encoding="utf-8")
    renewed, found = re.subn(r"(?m)^  sha256: .*$", f"  sha256: {checksum}", text)
    if found != 1:
        raise ValueError(f"{sidecar}: one line 'sha256:' is expected, {found} were found")
    sidecar.write_text(renewed, encoding="utf-8", newline="\n")


def main(shared: Path, project: Path) -> None:
    """Write all files and renew the checksums of their sidecars."""
    for relative, table in build(shared).items():
        path = project / "data" / "raw" / relative
        table.to_csv(path, sep=";", index=False, lineterminator="\n", encoding="utf-8")
        stamp(path.with_name(f"{path.name}.meta.yaml"), file_sha256(path))
        print(f"{relative.as_posix()}: {len(table)} rows, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:3]]
    root = HERE.parent
    defaults = [root.parent / "shared" / "data", root]
    main(*(given + defaults[len(given) :]))

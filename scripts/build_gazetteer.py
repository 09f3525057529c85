"""Build the gazetteer of official names and former names from the Gemeindeverzeichnis.

Usage: python scripts/build_gazetteer.py [FOLDER]

FOLDER is the folder with the publisher's files (default: ``../shared/data``). Written are
``names.csv`` (units of 31.12.2024) and ``former_names.csv`` (other names of the same municipality
key at ten dates since 1994) below ``resources/codes/gazetteer``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

from begleitforschung.regions.names import core, plain

TARGET = Path(__file__).parents[1] / "src/begleitforschung/resources/codes/gazetteer"
LATEST = "2024-12-31"
LEVELS = {"10": "land", "20": "regierungsbezirk", "40": "kreis", "50": "verband", "60": "gemeinde"}
# A Satzart-50 row of this kind repeats a municipality that belongs to no Gemeindeverband.
NO_VERBAND = "50"


def read_directory(path: Path) -> pd.DataFrame:
    """Return all units of an AuszugGV workbook with key, ARS, level, kind and name."""
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(1).to_python()
    rows = []
    for satzart, kind, land, rb, kreis, vb, gem, name, *_ in sheet:
        level = LEVELS.get(str(satzart))
        if level is None or str(kind) == NO_VERBAND:
            continue
        ars = f"{land}{rb}{kreis}{vb}{gem}"
        key = ars[:5] + ars[9:] if level == "gemeinde" else ars
        verband = str(vb) if level == "gemeinde" else ""
        rows.append((key, verband, level, str(kind), " ".join(str(name).split())))
    frame = pd.DataFrame(rows, columns=["key", "verband", "level", "kind", "name"])
    return frame.sort_values("key", kind="stable")


def former_names(panel: pd.DataFrame) -> pd.DataFrame:
    """Return names that a key of the latest date had at earlier dates and that read differently."""
    latest = panel[panel["stichtag"] == LATEST].set_index("ags")["name"]
    old = panel[panel["ags"].isin(latest.index) & (panel["stichtag"] < LATEST)]
    spans = old.groupby(["ags", "name"], sort=True)["stichtag"].agg(["min", "max"]).reset_index()
    spans["name"] = spans["name"].map(lambda text: " ".join(text.split()))
    now = spans["ags"].map(latest)
    same = [core(a) == core(b) for a, b in zip(spans["name"], now, strict=True)]
    unpopulated = spans["name"].str.contains("gemfr|gemeindefr|Gdefr", case=False, regex=True)
    kept = spans[~pd.Series(same, index=spans.index) & ~unpopulated].copy()
    kept["plain"] = [plain(name) for name in kept["name"]]
    kept = kept.groupby(["ags", "plain"], as_index=False).agg(
        {"name": "last", "min": "min", "max": "max"}
    )
    columns = {"ags": "key", "name": "name", "min": "first_seen", "max": "last_seen"}
    return kept[list(columns)].rename(columns=columns)


def main(folder: Path) -> None:
    """Write both files."""
    TARGET.mkdir(parents=True, exist_ok=True)
    names = read_directory(folder / "gv" / "AuszugGV4QAktuell_2024.xlsx")
    panel = pd.read_csv(folder / "panels" / "gv_gemeinde_panel_1994_2024.csv.gz", dtype=str)
    for name, frame in (("names.csv", names), ("former_names.csv", former_names(panel))):
        frame.to_csv(TARGET / name, index=False, lineterminator="\n", encoding="utf-8")
        print(f"{name}: {len(frame)} rows")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data"))

"""Write the names of the INKAR indicators that the loader needs.

Usage: python scripts/build_inkar_catalogue.py [CATALOGUE]

CATALOGUE is the indicator list of INKAR 2025 as CSV (default:
``../shared/kpi/inkar_indikatoren.csv``).
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

TARGET = Path(__file__).parents[1] / "src/begleitforschung/resources/sources/inkar_indikatoren.csv"
COLUMNS = {"m_id": "m_id", "sheet": "bereich", "kurzname": "kurzname", "name_de": "name"}


def main(path: Path) -> None:
    """Select and write the columns."""
    catalogue = pd.read_csv(path, dtype=str, keep_default_na=False)
    chosen = catalogue[list(COLUMNS)].rename(columns=COLUMNS)
    chosen.to_csv(TARGET, index=False, lineterminator="\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(chosen)} indicators")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/kpi/inkar_indikatoren.csv"))

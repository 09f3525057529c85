"""Small files of each format, for tests that damage them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

TIDY = """unit;year;indicator;value;status
08421;2021;pkw;612,5;
09761;2021;pkw;540,25;preliminary
DG;2021;pkw;-;
"""

HEADER = (
    "statistics_code;statistics_label;time_code;time_label;time;"
    "1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;"
    "2_variable_code;2_variable_label;2_variable_attribute_code;2_variable_attribute_label;"
    "value;value_unit;value_variable_code;value_variable_label;value_q"
)


def genesis_row(unit: str, value: str, **other: str) -> str:
    """One row of a flat file about persons by sex."""
    at = {"time": "2024-12-31", "var": "KREISE", "sex": "", "q": "", "code": "BEVSTD"} | other
    at = {"unit_of": "Anzahl", "label": "Bevölkerungsstand"} | at
    return (
        f"12411;Fortschreibung;STAG;Stichtag;{at['time']};{at['var']};Kreise;{unit};Name {unit};"
        f"GES;Geschlecht;{at['sex']};{at['sex'] or 'Insgesamt'};"
        f"{value};{at['unit_of']};{at['code']};{at['label']};{at['q']}"
    )


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Write a file and return its path."""

    def write(content: str | bytes, name: str = "daten.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


@pytest.fixture
def tidy_text() -> str:
    return TIDY


@pytest.fixture
def genesis(put: Callable[..., Path]) -> Callable[..., Path]:
    """Write a flat file from rows."""

    def write(*rows: str, bom: bool = True) -> Path:
        return put(("\ufeff" if bom else "") + "\n".join([HEADER, *rows, ""]), "flat.csv")

    return write


@pytest.fixture
def row() -> Callable[..., str]:
    return genesis_row

"""Small tables and rules for the tests of validation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import pytest
from pydantic import TypeAdapter

from begleitforschung.provenance import Provenance, Source
from begleitforschung.tables import Indicator, IndicatorTable, assemble
from begleitforschung.validation import Rule

SOURCE = Source(
    publisher="Statistisches Amt", title="Kreistabelle", edition="2024", sha256="0" * 64
)
Row = tuple[str, int, str, float | None]


@pytest.fixture
def rule() -> Callable[..., Rule]:
    """Make a rule with texts of its own."""

    def make(kind: str, **options: Any) -> Rule:
        content = {
            "id": f"my_{kind}",
            "kind": kind,
            "severity": "error",
            "text": {"de": "Befund", "en": "finding"},
            "hint": {"de": "Tun", "en": "do"},
        }
        return TypeAdapter(Rule).validate_python(content | options)

    return make


@pytest.fixture
def table() -> Callable[..., IndicatorTable]:
    """Make a table of rows (unit, year, indicator, value) that stand in rows 2, 3, … of a file."""

    def make(
        rows: Iterable[Row],
        *,
        status: dict[int, str] | None = None,
        gebietsstand: str = "2021-12-31",
        **meanings: dict[str, Any],
    ) -> IndicatorTable:
        frame = pd.DataFrame(list(rows), columns=["unit", "year", "indicator", "value"])
        frame["value"] = frame["value"].astype(float)
        frame["status"] = [(status or {}).get(i, "") for i in range(len(frame))]
        frame["file"] = "kreise.csv"
        frame["row"] = range(2, len(frame) + 2)
        described = [Indicator(id=k, title={"de": k}, **v) for k, v in meanings.items()]
        return assemble(
            frame,
            indicators=described,
            gebietsstand=gebietsstand,
            provenance=Provenance.of("read_indicators", SOURCE),
        )

    return make

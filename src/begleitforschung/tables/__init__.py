"""Indicators and their figures: `Indicator` (meaning) and `IndicatorTable` (long data)."""

from begleitforschung.tables.construct import as_table, assemble, indicators
from begleitforschung.tables.indicator import Indicator
from begleitforschung.tables.status import Status, statuses
from begleitforschung.tables.table import IndicatorTable

__all__ = [
    "Indicator",
    "IndicatorTable",
    "Status",
    "as_table",
    "assemble",
    "indicators",
    "statuses",
]

"""Surveys as values: the codebook, the answers with their statuses, filters, personal columns."""

from begleitforschung.surveys.checks import check_codebook
from begleitforschung.surveys.codebook import Code, Codebook, Item, MissingRange, Row
from begleitforschung.surveys.designs import design
from begleitforschung.surveys.filters import Filter, parse_filter
from begleitforschung.surveys.instrument import Instrument, Promise
from begleitforschung.surveys.reading import dump_codebook, read_codebook
from begleitforschung.surveys.sample_design import Design, WeightingStep
from begleitforschung.surveys.schema import dtype_of, schema_of
from begleitforschung.surveys.survey import STATUSES, Status, Survey

__all__ = [
    "STATUSES",
    "Code",
    "Codebook",
    "Design",
    "Filter",
    "Instrument",
    "Item",
    "MissingRange",
    "Promise",
    "Row",
    "Status",
    "Survey",
    "WeightingStep",
    "check_codebook",
    "design",
    "dtype_of",
    "dump_codebook",
    "parse_filter",
    "read_codebook",
    "schema_of",
]

"""Report notebooks executed and published: numbered figures and tables, HTML and PDF."""

from begleitforschung.reports.cells import figure, table, text
from begleitforschung.reports.metadata import ReportMetadata
from begleitforschung.reports.publish import RenderedReport, render

__all__ = ["RenderedReport", "ReportMetadata", "figure", "render", "table", "text"]

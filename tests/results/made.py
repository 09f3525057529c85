"""What results made by hand share: where they come from, and how their pictures are read."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source
from begleitforschung.results.base import Result

NBSP, MINUS = "\u00a0", "\u2212"
SURVEY = Source(publisher="BBSR", title="Kommunalbefragung", edition="2025", file="antworten.csv")
HISTORY = Provenance.of("read_survey", SURVEY)
SOURCE = "BBSR: Kommunalbefragung, Ausgabe 2025; eigene Berechnung"
SOURCE_EN = "BBSR: Kommunalbefragung, edition 2025; own calculation"
ALL = Text("Insgesamt", "Total")


def heads(result: Result, lang: Any = "de") -> list[str]:
    """Return the headings of a printed table."""
    return [column.label for column in result.display(lang).columns]


def printed(result: Result, lang: Any = "de") -> list[list[str]]:
    """Return the rows of a printed table."""
    return result.display(lang).formatted()


def rows_of(figure: Figure) -> list[str]:
    """Return the labels of the rows of a picture."""
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def written(figure: Figure) -> list[str]:
    """Return what is written inside the axes."""
    return [text.get_text() for text in figure.axes[0].texts]


def dots(figure: Figure) -> list[tuple[float, float, float]]:
    """Return point, low and high of each row that is drawn."""
    lines = figure.axes[0].lines
    pairs = [(a, b) for a, b in zip(lines[::2], lines[1::2], strict=False) if len(b.get_xdata())]
    return [
        (float(point.get_xdata()[0]), *map(float, bar.get_xdata()))
        for bar, point in pairs
        if point.get_marker() == "o"
    ]


def lengths(figure: Figure) -> list[float]:
    """Return the lengths of the bars."""
    return [float(patch.get_width()) for patch in figure.axes[0].patches]

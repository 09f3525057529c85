"""A document as PDF/UA-1 and PDF/A-2a, made by Typst."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import re
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from begleitforschung.display.numbers import format_date
from begleitforschung.display.style import font_folder, house_style
from begleitforschung.errors import ReportError
from begleitforschung.reports.document import Document
from begleitforschung.reports.extras import load
from begleitforschung.reports.markdown import Node
from begleitforschung.reports.words import words

_STANDARDS = ["a-2a", "ua-1"]
_LINE = 98  # characters of table text across a page at the usual size
_SIZE, _SMALL_SIZE = 8.5, 7.0
_LANDSCAPE_LINE = 151
_WIDEST_TEXT, _EASY_TEXT, _LONGEST_WORD, _LONGEST_HEAD, _PADDING = 42, 22, 18, 13, 2
_HEAD_LINES = 3
_BOLD = 1.12  # width of a bold letter against a plain one


def to_pdf(document: Document) -> bytes:
    """Write a document as PDF.

    Parameters
    ----------
    document : Document
        The document.

    Returns
    -------
    bytes
        A tagged PDF; equal documents give equal bytes.

    Raises
    ------
    ReportError
        If Typst refuses the document or warns.
    MissingDependencyError
        If the extra ``report`` is not installed.
    """
    typst = load("typst")
    date = _date(document.metadata.date)
    with tempfile.TemporaryDirectory(prefix="bf-") as name:
        folder = Path(name)
        _write_input(document, date, folder)
        compiler = typst.Compiler(
            str(folder / "report.typ"),
            root=name,
            font_paths=[str(font_folder())],
            ignore_system_fonts=True,
        )
        timestamp = int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC).timestamp())
        try:
            content, warnings = compiler.compile_with_warnings(
                format="pdf", pdf_standards=_STANDARDS, timestamp=timestamp
            )
        except typst.TypstError as error:
            raise ReportError(f"the PDF can't be made: {error}") from None
    if warnings:
        raise ReportError(f"the PDF has flaws: {'; '.join(str(item) for item in warnings)}")
    spoken = [
        [cell.get("alt", "") for cell in row]
        for node in document.nodes
        if node["t"] == "table"
        for row in node["rows"]
    ]
    return with_row_headers(content, spoken)


def with_row_headers(content: bytes, spoken: Sequence[Sequence[str]] = ()) -> bytes:
    """Tag the first cell of each row of a table's body as heading of that row.

    Parameters
    ----------
    content : bytes
        A tagged PDF.
    spoken : sequence of sequence of str, optional
        What is read aloud instead of the printed text, for each row of all bodies and each cell;
        empty where the printed text is read.

    Returns
    -------
    bytes
        The PDF.

    Raises
    ------
    ReportError
        If there are not as many rows.
    """
    pikepdf = load("pikepdf")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        scope = {"/O": pikepdf.Name.Table, "/Scope": pikepdf.Name.Row}
        rows = [_kids(row, pikepdf) for row in _rows(pdf.Root.StructTreeRoot, pikepdf)]
        body = [cells for cells in rows if cells and cells[0].S == pikepdf.Name.TD]
        if any(map(any, spoken)) and len(body) != len(spoken):
            raise ReportError(f"the PDF has {len(body)} rows of tables, not {len(spoken)}")
        for cells, texts in zip(body, spoken, strict=False):
            for cell, text in zip(cells, texts, strict=True):
                if text:
                    cell.ActualText = pikepdf.String(text)
        for first, *_ in body:
            first.S = pikepdf.Name.TH
            first.A = pikepdf.Array([pikepdf.Dictionary(scope), *_attributes(first, pikepdf)])
        stream = io.BytesIO()
        pdf.save(stream, deterministic_id=True)
    return stream.getvalue()


def table_measures(node: Node) -> dict[str, Any]:
    """Return how wide the columns of a table are, from the lengths of their texts.

    Parameters
    ----------
    node : dict
        A node of type ``table``.

    Returns
    -------
    dict
        ``widths`` (shares), ``width`` (percent of the page's), ``size`` of the text in points and
        whether the page is turned (``landscape``).

    Raises
    ------
    ReportError
        If the table is too wide for a turned page.
    """
    needs = [_widths(node, index) for index in range(len(node["columns"]))]
    wide, easy, least = ([need[k] + _PADDING for need in needs] for k in range(3))
    upright, turned = (line * _SIZE / _SMALL_SIZE for line in (_LINE, _LANDSCAPE_LINE))
    if sum(least) > turned:
        raise ReportError(
            f"the table {node['id']!r} is too wide for a page ({len(least)} columns, {sum(least)} "
            "characters); split it, shorten its headings, or publish it as HTML only"
        )
    landscape = sum(easy) > upright
    widths = _fitted(wide, least, turned if landscape else upright)
    line, total = _LANDSCAPE_LINE if landscape else _LINE, sum(widths)
    return {
        "widths": widths,
        "width": min(100.0, round(100 * total / line, 1)),
        "size": min(_SIZE, round(_SIZE * line / total, 1)),
        "landscape": landscape,
    }


def _widths(node: Node, index: int) -> tuple[int, int, int]:
    """Return the characters that a column would like, can live with easily, and needs at least."""
    column = node["columns"][index]
    texts = [row[index]["s"] + row[index]["mark"] for row in node["rows"]]
    word = min(_longest_word(f"{column['label']} {column['unit']}"), _LONGEST_HEAD)
    head = math.ceil(_BOLD * max(word, len(column["label"]) / _HEAD_LINES))
    longest = max((len(text) for text in texts), default=0)
    if column["align"] == "right":
        return (max(head, longest),) * 3
    least = max(head, min(max(map(_longest_word, texts), default=0), _LONGEST_WORD))
    wide = max(least, min(longest, _WIDEST_TEXT))
    return wide, max(least, min(wide, _EASY_TEXT)), least


def _fitted(wide: Sequence[float], least: Sequence[float], line: float) -> list[float]:
    """Return widths between the two that fill the line at most."""
    room, spare = line - sum(least), sum(wide) - sum(least)
    share = min(1.0, room / spare) if spare else 1.0
    return [round(low + share * (high - low), 2) for high, low in zip(wide, least, strict=True)]


def _longest_word(text: str) -> int:
    return max((len(word) for word in re.split(r"[\s\u00ad-]+", text)), default=0)


def _write_input(document: Document, date: dt.date, folder: Path) -> None:
    """Write data, images and template to where Typst reads them."""
    data = document.to_dict()
    data["nodes"] = [
        node | table_measures(node) if node["t"] == "table" else node for node in data["nodes"]
    ]
    data |= {
        "style": house_style().model_dump(mode="json"),
        "word": words(document.lang),
        "date": [date.year, date.month, date.day],
        "printed_date": format_date(document.metadata.date, document.lang),
    }
    (folder / "report.json").write_text(json.dumps(data), encoding="utf-8")
    template = files("begleitforschung.reports").joinpath("templates", "report.typ")
    (folder / "report.typ").write_bytes(template.read_bytes())
    for file, image in document.images.items():
        (folder / file).write_bytes(image)


def _date(text: str) -> dt.date:
    parts = [int(part) for part in text.split("-")]
    year, month, day = [*parts, 1, 1][:3]
    return dt.date(year, month, day)


def _rows(node: Any, pikepdf: Any) -> list[Any]:
    """Return all rows of tables below a node of the structure tree, in reading order."""
    found, waiting = [], [node]
    while waiting:
        here = waiting.pop()
        if here.get("/S") == pikepdf.Name.TR:
            found.append(here)
        waiting += reversed(_kids(here, pikepdf))
    return found


def _kids(node: Any, pikepdf: Any) -> list[Any]:
    kids = node.get("/K", [])
    several = kids if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in several if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def _attributes(node: Any, pikepdf: Any) -> Sequence[Any]:
    kept = node.get("/A", [])
    return list(kept) if isinstance(kept, pikepdf.Array) else [kept]

"""What the cells of a report notebook call: `figure`, `table` and `text`.

Each shows its content in Jupyter and emits beside it a block of plain data, which is all that
the report is made of.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from begleitforschung.display.secrecy import is_stamped, stamp
from begleitforschung.display.style import figure_bytes
from begleitforschung.display.tables import TableModel
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang
from begleitforschung.reports.blocks import (
    BLOCK_TYPE,
    as_unprotected,
    caption,
    check_id,
    notes_of,
    shown_unprotected,
    source_lines,
    table_content,
    trace_content,
)
from begleitforschung.reports.extras import load
from begleitforschung.reports.filling import fill_markdown
from begleitforschung.reports.registering import published_content
from begleitforschung.results.base import Result

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_LARGEST_SVG = 600_000


def figure(
    content: Result | Figure,
    *,
    id: str,
    title: str,
    source: str | None = None,
    alt: str | None = None,
    note: str | Sequence[str] | None = None,
    n: int | None = None,
    unit: str | None = None,
    headline: str = "",
    results: Sequence[Result] = (),
    trace: pd.DataFrame | None = None,
    lang: Lang = "de",
    allow_unprotected: bool = False,
    **options: Any,
) -> None:
    """Show a figure in a report, numbered, with caption, source and alternative text.

    Parameters
    ----------
    content : Result or matplotlib.figure.Figure
        A result, which is drawn, or a figure of your own.
    id : str
        Identifier for references, ``abb-…``; ``@abb-…`` in the text becomes "Abbildung 3".
    title : str
        Caption: what, where, when.
    source : str, optional
        Source line without the word "Quelle"; by default the sources of the result. A figure of
        your own needs one, or `results`.
    alt : str, optional
        What the figure shows, for those who can't see it; by default the result's own text. A
        figure of your own needs one.
    note : str or sequence of str, optional
        Notes below the figure.
    n : int, optional
        Number of cases, printed in the caption.
    unit : str, optional
        Unit of measure, printed in the caption.
    headline : str
        Finding, set above the figure.
    results : sequence of Result
        Results that a figure of your own was drawn from; their sources and input cells are
        listed.
    trace : pandas.DataFrame, optional
        Further input cells, with the columns ``file`` and ``row``.
    lang : {"de", "en"}
        Language.
    allow_unprotected : bool
        Whether confidential results may be shown at the own desk although not protected; picture
        and caption say so, and `render` refuses them by default.
    **options
        Options of the result's own `figure`.

    Raises
    ------
    DisclosureError
        If the result must not be shown.
    ReportError
        If identifier, title, source or alternative text are missing or malformed.
    """
    check_id(id, "abb")
    if isinstance(content, Result):
        desk = content.for_desk(allow_unprotected=allow_unprotected)
        drawn, results = desk.figure(lang, **options), (content, *results)
        alt = alt or desk.alt_text(lang, **options)
        note = [*notes_of(note), *content.secrecy_notes(lang)]
    else:
        drawn = content
    unprotected = shown_unprotected(results, allow=allow_unprotected) or is_stamped(drawn)
    if not alt or not alt.strip():
        raise ReportError(
            f"figure {id!r} needs an alternative text, alt=, for those who can't see it"
        )
    drawn = stamp(drawn, lang) if unprotected else drawn
    svg, png = figure_bytes(drawn, "svg"), figure_bytes(drawn, "png")
    small = len(svg) <= _LARGEST_SVG
    encoded = base64.b64encode(svg if small else png).decode("ascii")
    block = {
        "t": "figure",
        **caption(id, title, n=n, unit=unit, headline=headline, lang=lang),
        "alt": " ".join(alt.split()),
        "image": {"kind": "svg" if small else "png", "base64": encoded},
        "notes": notes_of(note),
        "sources": source_lines(id, source, results, lang),
        "trace": trace_content(results, trace),
        "published": published_content(results),
    }
    block = as_unprotected(block, lang) if unprotected else block
    _emit(block, {"image/png": base64.b64encode(png).decode("ascii"), "text/plain": title})


def table(
    content: Result | TableModel | pd.DataFrame,
    *,
    id: str,
    title: str,
    source: str | None = None,
    note: str | Sequence[str] | None = None,
    n: int | None = None,
    unit: str | None = None,
    headline: str = "",
    results: Sequence[Result] = (),
    trace: pd.DataFrame | None = None,
    lang: Lang = "de",
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    decimals: int | Mapping[str, int] = 1,
    allow_unprotected: bool = False,
) -> None:
    """Show a table in a report, numbered, with caption and source.

    Parameters
    ----------
    content : Result, TableModel or pandas.DataFrame
        A result, a printable table, or a DataFrame (its index is left out).
    id : str
        Identifier for references, ``tab-…``.
    title : str
        Caption: what, where, when.
    source : str, optional
        Source line without the word "Quelle"; by default the sources of the result or the
        table. A DataFrame needs one, or `results`.
    note : str or sequence of str, optional
        Notes below the table, after those of the table itself.
    n : int, optional
        Number of cases, printed in the caption.
    unit : str, optional
        Unit of measure, printed in the caption.
    headline : str
        Finding, set above the table.
    results : sequence of Result
        Results that a table of your own was made from; their sources and input cells are listed.
    trace : pandas.DataFrame, optional
        Further input cells, with the columns ``file`` and ``row``.
    lang : {"de", "en"}
        Language.
    labels, units : mapping, optional
        Headings and units of a DataFrame's columns.
    decimals : int or mapping
        Decimal places of a DataFrame's columns.
    allow_unprotected : bool
        Whether confidential results may be shown at the own desk although not protected; caption
        and note say so, and `render` refuses them by default.

    Raises
    ------
    DisclosureError
        If the result must not be shown.
    ReportError
        If identifier, title or source are missing or malformed.
    """
    check_id(id, "tab")
    if isinstance(content, Result):
        model = content.display(lang, allow_unprotected=allow_unprotected)
        results = (content, *results)
    elif isinstance(content, TableModel):
        model = content
    else:
        model = TableModel.from_frame(
            content, labels=labels, units=units, decimals=decimals, lang=lang
        )
    if shown_unprotected(results, allow=allow_unprotected):
        model = model.as_unprotected()
    block = {
        "t": "table",
        **caption(id, title, n=n, unit=unit, headline=headline, lang=lang),
        **table_content(model),
        "notes": [*model.notes, *notes_of(note)],
        "sources": source_lines(id, source or model.source, results, lang),
        "trace": trace_content(results, trace),
        "published": published_content([*results, model.origin]),
    }
    block = as_unprotected(block, lang) if model.unprotected else block
    _emit(block, {"text/html": model.to_html(), "text/plain": model.to_text()})


def text(
    markdown: str,
    /,
    *,
    results: Sequence[Result] = (),
    lang: Lang = "de",
    allow_unprotected: bool = False,
    **values: Any,
) -> None:
    """Show a narrative whose numbers come from results.

    Parameters
    ----------
    markdown : str
        Markdown with ``{name:1 %}`` for numbers (decimals and unit; ``+`` before them prints the
        sign), ``{name}`` for whole numbers, dates and texts.
    results : sequence of Result
        Results that the values come from; their input cells are listed.
    lang : {"de", "en"}
        Language of numbers and dates.
    allow_unprotected : bool
        Whether values of confidential results may be shown at the own desk although not
        protected; the text says so, and `render` refuses it by default.
    **values
        Values by name; each must be used.

    Raises
    ------
    DisclosureError
        If a result must not be shown.
    UnknownCodeError
        If the text names a value that is not given.
    ReportError
        If a value is not used or a number has no decimals in the text.

    Notes
    -----
    ``text("Im Mittel {mean:1 %} der Haushalte.", mean=62.25)`` shows "Im Mittel 62,3 % der
    Haushalte.".
    """
    filled = fill_markdown(markdown, values, lang)
    unprotected = shown_unprotected(results, allow=allow_unprotected)
    block = {
        "t": "text",
        "markdown": filled,
        "trace": trace_content(results),
        "published": published_content(results),
    }
    block = as_unprotected(block, lang) if unprotected else block
    _emit(block, {"text/markdown": block["markdown"], "text/plain": block["markdown"]})


def file_written(results: Sequence[Result]) -> None:
    """Tell the report that is being made what a file beside it publishes.

    Parameters
    ----------
    results : sequence of Result
        Results that the file shows. Nothing happens outside of a notebook.
    """
    notebook = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(notebook, "kernel", None) is not None and (told := published_content(results)):
        _emit({"t": "file", "published": told}, {"text/plain": ""})


def _emit(block: dict[str, Any], shown: dict[str, Any]) -> None:
    load("IPython.display").display({BLOCK_TYPE: block, **shown}, raw=True)

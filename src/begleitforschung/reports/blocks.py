"""The parts of a block, the plain data that a report is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from begleitforschung.display.numbers import format_number, is_missing
from begleitforschung.display.secrecy import UNPROTECTED, UNPROTECTED_NOTE
from begleitforschung.display.tables import TableModel
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang
from begleitforschung.provenance import quoted
from begleitforschung.results.base import Result

if TYPE_CHECKING:
    import pandas as pd

BLOCK_TYPE = "application/vnd.begleitforschung.block+json"
_ID = re.compile(r"(abb|tab)-[a-z0-9]+(-[a-z0-9]+)*")
_PER = ("je ", "pro ", "per ", "in ")
_INTERNAL = "nicht öffentlich"


def check_id(id: str, prefix: str) -> None:
    """Refuse identifiers that can't be referred to.

    Parameters
    ----------
    id : str
        Identifier.
    prefix : {"abb", "tab"}
        How it begins.

    Raises
    ------
    ReportError
        If it is malformed.
    """
    found = _ID.fullmatch(id)
    if found is None or found[1] != prefix:
        raise ReportError(
            f"{id!r} is no identifier of a report; write {prefix}- and then small letters, digits "
            f"and hyphens, e.g. '{prefix}-breitband'"
        )


def caption(
    id: str, title: str, *, n: int | None, unit: str | None, headline: str, lang: Lang
) -> dict[str, Any]:
    """Return the caption of a block, number of cases and unit behind the title.

    Parameters
    ----------
    id : str
        Identifier.
    title : str
        What, where, when.
    n : int or None
        Number of cases.
    unit : str or None
        Unit of measure.
    headline : str
        Finding.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    dict
        Keys ``id, title, headline, lang``.

    Raises
    ------
    ReportError
        If the title is empty.
    """
    if not title.strip():
        raise ReportError(f"{id!r} needs a title that says what, where and when")
    parts = [f"n = {format_number(n, 0, lang)}"] if n is not None else []
    if unit:
        parts.append(unit if unit.startswith(_PER) else f"in {unit}")
    full = f"{title.strip()} ({'; '.join(parts)})" if parts else title.strip()
    return {"id": id, "title": full, "headline": headline.strip(), "lang": lang}


def notes_of(note: str | Sequence[str] | None) -> list[str]:
    """Return notes as a list.

    Parameters
    ----------
    note : str, sequence of str or None
        One or several notes.

    Returns
    -------
    list of str
        The notes.
    """
    if note is None:
        return []
    return [note] if isinstance(note, str) else list(note)


def source_lines(id: str, source: str | None, results: Iterable[Result], lang: Lang) -> list[str]:
    """Return the sources of a block: the one given, else those of its results.

    Parameters
    ----------
    id : str
        Identifier, for messages.
    source : str or None
        Source line.
    results : iterable of Result
        Results behind the block.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of str
        One text for each source; own calculations are called so.

    Raises
    ------
    ReportError
        If there is none.
    """
    if source and source.strip():
        return [source.strip()]
    sources = [item for result in results for item in result.sources()]
    if not sources:
        raise ReportError(f"{id!r} needs a source, source=, or results= with sources")
    return quoted(sources, lang, computed=True)


def table_content(model: TableModel) -> dict[str, Any]:
    """Return a table as plain data.

    Parameters
    ----------
    model : TableModel
        The table.

    Returns
    -------
    dict
        ``columns`` (label, unit, align) and ``rows`` of cells (text, mark, strong, value, and
        ``alt``, what is read aloud, where something is kept secret).
    """
    aligns = model.alignments()
    columns = [
        {"label": column.label, "unit": column.unit, "align": align}
        for column, align in zip(model.columns, aligns, strict=True)
    ]
    rows = [
        [
            {
                "s": text,
                "mark": cell.mark,
                "strong": cell.emphasis,
                "value": plain_value(cell.value),
                **({"alt": aloud} if aloud else {}),
            }
            for cell, text, aloud in zip(cells, texts, spoken, strict=True)
        ]
        for cells, texts, spoken in zip(model.cells(), model.aligned(), model.spoken(), strict=True)
    ]
    return {"columns": columns, "rows": rows}


def shown_unprotected(results: Iterable[Result], *, allow: bool) -> bool:
    """Refuse results that must not be shown, and say whether one of them is not protected.

    Parameters
    ----------
    results : iterable of Result
        Results.
    allow : bool
        Whether those that are not protected may be shown at the own desk.

    Returns
    -------
    bool
        Whether there is one.

    Raises
    ------
    DisclosureError
        If a result must not be shown.
    """
    # All are asked, so that none that must not be shown hides behind one that may.
    return bool([r for r in results if r.require_showable(allow_unprotected=allow)])


def as_unprotected(block: dict[str, Any], lang: Lang) -> dict[str, Any]:
    """Return a block with the marks of one that is for the own desk only.

    Parameters
    ----------
    block : dict
        The block.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    dict
        Key ``unprotected``; title, text and alternative text begin with the warning.
    """
    word, note = UNPROTECTED.get(lang), UNPROTECTED_NOTE.get(lang)
    marked = {**block, "unprotected": True}
    if "markdown" in block:
        return {**marked, "markdown": f"**{word}**\n\n{block['markdown']}"}
    marked["title"] = f"{word}: {block['title']}"
    marked["notes"] = [note, *(other for other in block["notes"] if other != note)]
    if "alt" in block and not block["alt"].startswith(word):
        marked["alt"] = f"{word}. {block['alt']}"
    return marked


def trace_content(results: Iterable[Result], further: pd.DataFrame | None = None) -> dict[str, Any]:
    """Return the input cells behind results as plain data.

    Parameters
    ----------
    results : iterable of Result
        Results that may be shown; the cells of those that are not public are left out, which one
        row says.
    further : pandas.DataFrame, optional
        Input cells that no result holds.

    Returns
    -------
    dict
        ``columns`` and ``rows``.

    Raises
    ------
    ReportError
        If a result lacks what a reader must know, such as the purpose of an index.
    """
    columns: dict[str, None] = {}
    records: list[dict[Any, Any]] = []
    for result in results:
        result.require_reportable()
        new: list[dict[Any, Any]] = [{"file": _INTERNAL}]
        if result.confidentiality == "public":
            new = result.trace().to_dict(orient="records")
        records += new
    records += [] if further is None else further.to_dict(orient="records")
    for record in records:
        columns.update(dict.fromkeys(map(str, record)))
    rows = [[plain_value(record.get(name)) for name in columns] for record in records]
    return {"columns": list(columns), "rows": rows}


def plain_value(value: Any) -> Any:
    """Return a value as JSON holds it.

    Parameters
    ----------
    value : object
        A scalar of Python, numpy or pandas.

    Returns
    -------
    None, bool, int, float or str
        The value; what JSON does not know becomes its text.
    """
    if is_missing(value):
        return None
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, bool | int | float | str) else str(value)

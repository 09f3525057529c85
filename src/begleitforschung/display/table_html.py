"""A printable table as HTML with header cells, for notebooks and pages."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from begleitforschung.display.secrecy import UNPROTECTED

if TYPE_CHECKING:
    from begleitforschung.display.tables import Align, Cell, TableModel

# Seen by nobody and read aloud, also where a page has no style sheet of ours.
_READ_ONLY = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"


def table_html(model: TableModel, caption: str = "") -> str:
    """Return a table as HTML with header cells, notes and source.

    Parameters
    ----------
    model : TableModel
        The table.
    caption : str
        Content of the caption, HTML already escaped; none by default.

    Returns
    -------
    str
        A ``div`` with the ``table`` and the paragraphs below it.
    """
    head = _head(model)
    aligns = model.alignments()
    body = [
        "<tr>" + "".join(map(_cell, range(len(row)), row, texts, aligns, spoken)) + "</tr>"
        for row, texts, spoken in zip(model.cells(), model.aligned(), model.spoken(), strict=True)
    ]
    if model.unprotected:
        warning = f"<strong>{escape(UNPROTECTED.get(model.lang))}</strong>"
        caption = f"{warning}: {caption}" if caption else warning
    title = f"<caption>{caption}</caption>" if caption else ""
    below = "".join(f'<p class="bf-below">{escape(line)}</p>' for line in model.below())
    return (
        f'<div class="bf-table"><table>{title}<thead>{head}</thead>'
        f"<tbody>{''.join(body)}</tbody></table>{below}</div>"
    )


def _head(model: TableModel) -> str:
    units = any(column.unit for column in model.columns)
    first, second = [], []
    for column, align in zip(model.columns, model.alignments(), strict=True):
        rows = ' rowspan="2"' if units and not column.unit else ""
        label = escape(column.label)
        first.append(f'<th scope="col"{rows} style="text-align:{align}">{label}</th>')
        if column.unit:
            unit = escape(column.unit)
            second.append(f'<th scope="col" class="bf-unit" style="text-align:{align}">{unit}</th>')
    lines = [first, second] if units else [first]
    return "".join(f"<tr>{''.join(line)}</tr>" for line in lines)


def _cell(index: int, cell: Cell, text: str, align: Align, spoken: str) -> str:
    tag, scope = ("th", ' scope="row"') if index == 0 else ("td", "")
    body = escape(text)
    if spoken:
        body = (
            f'<span aria-hidden="true" title="{escape(spoken)}">{body}</span>'
            f'<span style="{_READ_ONLY}">{escape(spoken)}</span>'
        )
    body += f"<sup>{escape(cell.mark)}</sup>" if cell.mark else ""
    body = f"<strong>{body}</strong>" if cell.emphasis else body
    return f'<{tag}{scope} style="text-align:{align}">{body}</{tag}>'

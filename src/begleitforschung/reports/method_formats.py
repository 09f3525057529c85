"""A method sheet as Markdown, as HTML, and as blocks of a report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from markupsafe import Markup

from begleitforschung.display.style import house_style
from begleitforschung.display.tables import TableModel
from begleitforschung.reports.cells import table, text
from begleitforschung.reports.html import environment
from begleitforschung.reports.index_words import word

if TYPE_CHECKING:
    from begleitforschung.reports.method_sheets import MethodSheet, Part

_SIGNS = re.compile(r"([\\`*_{}\[\]#|<>~@$])")
_FIRST = re.compile(r"^([-+]|\d+[.)])(?=[ \t])", re.MULTILINE)
_ALIGN = {"left": ":--", "right": "--:", "center": ":-:"}
_INDENTED = re.compile(r'(<th scope="row" style="text-align:left)">((?:<strong>)?)(\u2003+)')
_CODE = ("Formel", "Formula", "SHA-256")


def sheet_markdown(sheet: MethodSheet) -> str:
    """Return a method sheet as Markdown.

    Parameters
    ----------
    sheet : MethodSheet
        The sheet.

    Returns
    -------
    str
        Markdown with pipe tables.
    """
    blocks = [f"# {_plain(sheet.title)}"]
    for part in sheet.parts:
        blocks += _blocks(part)
        if part.table is not None:
            blocks.append(_pipes(part.table))
            blocks += [_plain(line) for line in part.table.below()]
    return "\n\n".join(blocks) + "\n"


def sheet_html(sheet: MethodSheet) -> str:
    """Return a method sheet as a page of HTML.

    Parameters
    ----------
    sheet : MethodSheet
        The sheet.

    Returns
    -------
    str
        One page in house style.
    """
    page = environment().get_template("method.html.j2")
    body = Markup(sheet_body(sheet))  # every text in it is escaped
    found = page.render(title=sheet.title, lang=sheet.lang, style=house_style(), body=body)
    return f"{found}\n"


def sheet_body(sheet: MethodSheet) -> str:
    """Return the content of a method sheet as HTML.

    Parameters
    ----------
    sheet : MethodSheet
        The sheet.

    Returns
    -------
    str
        Headings, paragraphs, lists and tables; all texts are escaped.
    """
    return "\n".join([f"<h1>{escape(sheet.title)}</h1>", *map(_section, sheet.parts)])


def _section(part: Part) -> str:
    rows = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{_marked(label, body)}</dd></div>"
        for label, body in part.details
    )
    parts = [f"<h{part.level}>{escape(part.heading)}</h{part.level}>"]
    parts += [f"<p>{escape(line)}</p>" for line in part.lines]
    parts += [f"<dl>{rows}</dl>"] * bool(rows)
    if part.table is not None:
        label = escape(part.heading, quote=True)
        parts.append(
            f'<div class="scroll" role="region" aria-label="{label}" tabindex="0">'
            f"{_hanging(part.table.to_html())}</div>"
        )
    return "\n".join(parts)


def _hanging(html: str) -> str:
    """Turn the spaces that indent a first line into padding, which indents all lines."""
    return _INDENTED.sub(lambda m: f'{m[1]};padding-left:{len(m[3])}em">{m[2]}', html)


def _marked(label: str, body: str) -> str:
    return f"<code>{escape(body)}</code>" if label in _CODE else escape(body)


def show_sheet(sheet: MethodSheet) -> None:
    """Show a method sheet in a report notebook.

    Parameters
    ----------
    sheet : MethodSheet
        The sheet.

    Raises
    ------
    DisclosureError
        If the scores must not be shown.
    ReportError
        If the purpose of the index is not on record.
    """
    results = [] if sheet.result is None else [sheet.result]
    slug = re.sub(r"[^a-z0-9]+", "-", sheet.id.lower()).strip("-") or "index"
    waiting = [f"# {_plain(sheet.title)}"]
    number = 0
    for part in sheet.parts:
        waiting += _blocks(part)
        if part.table is None:
            continue
        number += 1
        _say(waiting, sheet)
        waiting = []
        table(
            part.table,
            id=f"tab-methode-{slug}-{number}",
            title=f"{part.heading}: {sheet.title.partition(': ')[2]}",
            source=None if part.about_data else word("own_rule", sheet.lang),
            results=results if part.about_data else [],
            lang=sheet.lang,
        )
    _say(waiting, sheet)


def _say(blocks: list[str], sheet: MethodSheet) -> None:
    markdown = "\n\n".join(blocks)
    text(markdown.replace("{", "{{").replace("}", "}}"), lang=sheet.lang)


def _blocks(part: Part) -> Iterator[str]:
    yield f"{'#' * part.level} {_plain(part.heading)}"
    yield from (_plain(line) for line in part.lines)
    if part.details:
        yield "\n".join(
            f"- **{_plain(label)}:** {_code(body) if label in _CODE else _plain(body)}"
            for label, body in part.details
        )


def _plain(given: str) -> str:
    """Return a text that Markdown takes as it is."""
    return _FIRST.sub(r"\\\1", _SIGNS.sub(r"\\\1", given))


def _code(given: str) -> str:
    fence = "``" if "`" in given else "`"
    return f"{fence}{given}{fence}"


def _pipes(model: TableModel) -> str:
    heads = [
        f"{column.label} ({column.unit})" if column.unit else column.label
        for column in model.columns
    ]
    lines = [heads, [_ALIGN[align] for align in model.alignments()]]
    lines[0] = [_plain(head) for head in heads]
    for cells, texts in zip(model.cells(), model.formatted(), strict=True):
        line = []
        for cell, shown in zip(cells, texts, strict=True):
            lead = len(shown) - len(shown.lstrip("\u2003"))
            body = _plain(shown.strip())
            line.append("&emsp;" * lead + (f"**{body}**" if cell.emphasis and body else body))
        lines.append(line)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

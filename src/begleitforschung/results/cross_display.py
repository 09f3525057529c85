"""How a `CrossTable` is printed: first dimension down, second across, others as blocks."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from begleitforschung.display.figures import bars
from begleitforschung.display.numbers import format_number
from begleitforschung.display.secrecy import SECRET_TEXT
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.language import Lang

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.results.cross_table import CrossTable, Dimension

_WHOLE = 1000.0  # sums from here on are printed without decimals


def table_model(table: CrossTable, lang: Lang) -> TableModel:
    """Return a cross table as a printable table.

    Parameters
    ----------
    table : CrossTable
        The table.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    TableModel
        First dimension down, second across, each combination of further ones a block of rows.
        Groups stand before their classes; totals are set in bold.
    """
    first, *others = table.dimensions
    across, blocks = others[:1], others[1:]
    places = decimals(table)
    columns = [Column(key=d.name, label=d.title.get(lang), align="left") for d in (*blocks, first)]
    heads = [(_order(d), d) for d in across]
    if heads:
        order, d = heads[0]
        columns += [
            Column(
                key=f"{d.name}={d.positions[at]}",
                label=d.words(at).get(lang),
                unit=table.unit,
                decimals=places,
            )
            for at in order
        ]
    else:
        measure = table.measure.get(lang)
        columns.append(Column(key="value", label=measure, unit=table.unit, decimals=places))
    rows: list[tuple[Any, ...]] = []
    for block in product(*(_order(d) for d in blocks)):
        names = [d.words(at).get(lang) for d, at in zip(blocks, block, strict=True)]
        for number, down in enumerate(_order(first)):
            lead = [*(names if number == 0 else [""] * len(names)), _head(first, down, lang)]
            cells = [
                _cell(table, (down, *(() if at is None else (at,)), *block))
                for at in (heads[0][0] if heads else [None])
            ]
            rows.append((*lead, *cells))
    return table._printed(columns, rows, _notes(table, lang), lang)


def decimals(table: CrossTable) -> int:
    """Return the decimal places of the cells of a table.

    Parameters
    ----------
    table : CrossTable
        The table.

    Returns
    -------
    int
        None for counts and large sums, else one.
    """
    values = table.values()
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    return 0 if table.kind == "count" or largest >= _WHOLE else 1


def drawn(table: CrossTable, lang: Lang, **options: Any) -> Figure:
    """Draw the visible finest cells of the first two dimensions as bars.

    Parameters
    ----------
    table : CrossTable
        The table.
    lang : {"de", "en"}
        Language.
    **options
        Options of `bars`.

    Returns
    -------
    matplotlib.figure.Figure
        One bar for each cell; hidden ones are named as such.
    """
    cells = [cell for cell in _shown_cells(table) if not _nobody(table, cell)]
    values = table.values()[cells]
    return bars(
        [_words(table, cell, lang) for cell in cells],
        values,
        axis=table.measure.get(lang),
        secret=np.isnan(values).tolist(),
        unit=table.unit,
        decimals=decimals(table),
        lang=lang,
        **options,
    )


def spoken(table: CrossTable, lang: Lang) -> str:
    """Say what the figure of a cross table shows.

    Parameters
    ----------
    table : CrossTable
        The table.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        Its title and the visible cells; how many are kept secret.
    """
    values = table.values()
    cells = [cell for cell in _shown_cells(table) if not _nobody(table, cell)]
    seen = [cell for cell in cells if not np.isnan(values[cell])]
    places = decimals(table)
    parts = [
        f"{_words(table, cell, lang)} {format_number(values[cell], places, lang)}" for cell in seen
    ]
    hidden = len(cells) - len(seen)
    parts += [f"{hidden} {SECRET_TEXT.get(lang)}"] if hidden else []
    return f"{table.title.get(lang)}: {'; '.join(parts)}."


def _order(dimension: Dimension) -> list[int]:
    return sorted(range(len(dimension.positions)), key=dimension.path)


def _head(dimension: Dimension, at: int, lang: Lang) -> Cell:
    return Cell(value=dimension.words(at).get(lang), emphasis=at >= dimension.classes)


def _cell(table: CrossTable, at: tuple[int, ...]) -> Cell:
    number = int(np.ravel_multi_index(at, table.shape))
    value = float(table.values()[number])
    bold = any(i == len(d.keys) for i, d in zip(at, table.dimensions, strict=True))
    if np.isnan(value):
        return Cell(value=None, secret=True, emphasis=bold)
    return Cell(value=None if _nobody(table, number) else value, emphasis=bold)


def _nobody(table: CrossTable, cell: int) -> bool:
    """Say whether a sum is one of nobody."""
    return table.kind == "sum" and bool(table.table["empty"].iat[cell])


def _shown_cells(table: CrossTable) -> np.ndarray:
    """Return the finest cells of the first two dimensions, totals of all others."""
    axes = [
        np.arange(d.classes) if axis < 2 else np.array([len(d.keys)])
        for axis, d in enumerate(table.dimensions)
    ]
    return np.ravel_multi_index(np.ix_(*axes), table.shape).ravel()


def _words(table: CrossTable, cell: int, lang: Lang) -> str:
    at = np.unravel_index(cell, table.shape)
    return ", ".join(
        d.words(int(i)).get(lang) for d, i in zip(table.dimensions[:2], at, strict=False)
    )


def _notes(table: CrossTable, lang: Lang) -> list[str]:
    if table.kind == "count":
        return [{"de": "Ungewichtete Anzahlen.", "en": "Unweighted counts."}[lang]]
    what = {"de": "Ungewichtete Summen", "en": "Unweighted sums"}[lang]
    return [f"{what}: {table.measure.get(lang)}."]

"""How an `Estimate` is printed: answers as rows, domains as columns where there are several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.numbers import is_missing
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.estimate_notes import (
    condition,
    notes,
    reading_note,
    statistic_label,
)
from begleitforschung.results.estimate_secrecy import (
    base_cell,
    withholds_counts,
    withholds_extremes,
    withholds_interval,
    withholds_share,
)
from begleitforschung.results.estimate_words import (
    SHARES,
    counts_text,
    interval_text,
    is_secret,
    level_text,
    number_text,
    share_text,
    unit_text,
    units_text,
)

if TYPE_CHECKING:
    from begleitforschung.results.estimate import Estimate
    from begleitforschung.surveys import Item

_KEPT = ("question", "group", "answer", "estimate", "n")
_SECRET = Cell(value=None, secret=True)
_HEADS: dict[str, Text] = {
    "question": Text("Frage", "Question"),
    "group": Text("Gruppe", "Group"),
    "answer": Text("Antwort", "Answer"),
    "counts": Text("in der Grundgesamtheit", "in the population"),
    "worst": Text("äußerste Werte", "extremes"),
}


def table_model(result: Estimate, lang: Lang) -> TableModel:
    """Return estimates as a printable table.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    TableModel
        One row per answer; with several domains one column for each, with intervals in brackets
        and the bases as the last row of each question. A single figure has one row per domain.
    """
    places = result.table[["by", "domain"]].drop_duplicates()
    plain = len(places) == 1 or len(result.table) == len(places)
    columns, rows = _plain(result, lang) if plain else _crossed(result, places, lang)
    read = [] if plain else [reading_note(result, lang)]
    return TableModel(
        columns=columns,
        rows=rows,
        heading=_heading(result, lang),
        notes=[*read, *_boxes(result, lang), *notes(result, lang)],
        source="; ".join(quoted(result.sources(), lang, computed=True)),
        lang=lang,
    )


def _heading(result: Estimate, lang: Lang) -> str:
    """Return the wording of the question that all rows are about."""
    columns = list(result.questions)
    items = {item.id: item for item in map(result.survey.codebook.item, columns)}
    if len(items) != 1:
        return ""
    (item,) = items.values()
    return (result.questions[columns[0]] if len(columns) == 1 else item.text.text).get(lang)


def headings(result: Estimate, table: pd.DataFrame, lang: Lang) -> list[tuple[str, str]]:
    """Return question and answer of each row.

    Parameters
    ----------
    result : Estimate
        The estimates.
    table : pandas.DataFrame
        Rows of its table.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of (str, str)
        Wording of the question and of the answer; numbers have the question only, options of a
        multiple choice the wording of their item, rows of one battery and ranks their own.
    """
    found = []
    added = _statistics(result, lang)
    alone = len({result.survey.codebook.item(column).id for column in result.questions}) == 1
    for column, category in table[["column", "category"]].itertuples(index=False, name=None):
        item = result.survey.codebook.item(column)
        label = result.categories[column, category].get(lang)
        question = result.questions[column].get(lang)
        if item.kind == "multiple" and label:
            question = item.text.text.get(lang)
        elif alone and len(result.questions) > 1:
            question = part_words(item, column).get(lang) or question
        found.append((question, label) if label else ("", f"{question}{added.get(column, '')}"))
    return found


def part_words(item: Item, column: str) -> Text:
    """Return what a column of a battery or ranking is, without the wording of its item.

    Parameters
    ----------
    item : Item
        The item.
    column : str
        One of its columns.

    Returns
    -------
    Text
        Wording of the row, or the rank; empty for other items.
    """
    at = item.columns.index(column)
    if item.kind == "array":
        return item.rows[at].text.text
    return Text(f"Rang {at + 1}", f"Rank {at + 1}") if item.kind == "ranking" else Text("", "")


def _boxes(result: Estimate, lang: Lang) -> list[str]:
    """Say once which answers are counted where all rows count the same."""
    kinds = set(result.table["statistic"])
    labels = {result.categories[key].get(lang) for key in result.categories}
    if not kinds <= {"top2", "bottom2"} or len(labels) > 1:
        return []
    return [f"{'Counted' if lang == 'en' else 'Gezählt'}: {labels.pop()}."]


def _statistics(result: Estimate, lang: Lang) -> dict[str, str]:
    """Return statistic and unit of each column, where shares and numbers stand together."""
    kinds = result.table.drop_duplicates("column").set_index("column")["statistic"]
    if kinds.nunique() == 1:
        return {}
    names = {column: statistic_label(result, kind, lang) for column, kind in kinds.items()}
    units = {str(column): unit_text(result, str(column), lang) for column in names}
    return {
        str(column): f" ({', '.join(filter(None, (name, units[str(column)])))})"
        for column, name in names.items()
    }


def _plain(result: Estimate, lang: Lang) -> tuple[list[Column], list[tuple[Any, ...]]]:
    """One domain or one figure: estimate, interval, exact counts and base side by side."""
    rows = result.rows()
    statistics = dict.fromkeys(result.table["statistic"])
    name = " / ".join(statistic_label(result, s, lang) for s in statistics)
    cells: dict[str, list[Any]] = _row_heads(result, lang)
    cells |= _figures(result, rows, lang)
    cells["n"] = [base_cell(row) for row in rows]
    shown = [number for number, row in enumerate(rows) if not row["suppressed"]]
    kept = {k: v for k, v in cells.items() if k in _KEPT or any(str(v[i]) for i in shown)}
    level = level_text(result, lang)
    labels = {key: text.get(lang) for key, text in _HEADS.items()}
    labels |= {
        "estimate": name,
        "interval": (f"{level}-%-Intervall" if lang == "de" else f"{level} % interval")
        + condition(result, lang),
    }
    unit = units_text(result, lang)
    columns = [
        Column(
            key=key,
            label=labels.get(key, key),
            unit=unit if key == "estimate" and set(statistics).isdisjoint(SHARES) else "",
            align="left" if key in ("question", "group", "answer") else "right",
        )
        for key in kept
    ]
    return columns, list(zip(*kept.values(), strict=True))


def _row_heads(result: Estimate, lang: Lang) -> dict[str, list[Any]]:
    """Return the columns that say what a row is about, those left out that say nothing."""
    keys = result.table[["by", "domain"]].itertuples(index=False, name=None)
    groups = [result.domains[key].get(lang) for key in keys]
    if len(groups) > 1 and len(set(groups)) == len(groups):
        return {"group": groups}
    heads = headings(result, result.table, lang)
    questions, answers = [head[0] for head in heads], [head[1] for head in heads]
    if len(set(questions)) == 1:
        return {"answer": answers}
    return {"question": questions} | ({"answer": answers} if len(set(answers)) > 1 else {})


def _figures(
    result: Estimate, rows: Sequence[dict[str, Any]], lang: Lang
) -> dict[str, list[str | Cell]]:
    """Write the columns of figures; what is kept secret is a cell without a value."""
    least = result.min_n
    found: dict[str, list[str | Cell]] = {
        "estimate": [
            Cell(value=_estimate(row, least, lang), secret=True)
            if withholds_share(result, row)
            else _estimate(row, least, lang)
            for row in rows
        ],
        "interval": [
            _SECRET if withholds_interval(result, row) else interval_text(row, least, lang)
            for row in rows
        ],
        "counts": [
            _SECRET if withholds_counts(result, row) else counts_text(row, lang) for row in rows
        ],
    }
    if result.design is not None and result.design.kind == "invitation":
        found["worst"] = [_extremes(result, row, lang) for row in rows]
    secret = [number for number, row in enumerate(rows) if row["suppressed"]]
    for column in found.values():
        for number in secret:
            column[number] = _SECRET
    return found


def _crossed(
    result: Estimate, places: pd.DataFrame, lang: Lang
) -> tuple[list[Column], list[tuple[Any, ...]]]:
    """Several domains: one column for each."""
    keys = [tuple(place) for place in places.itertuples(index=False, name=None)]
    heads = dict(
        zip(
            result.table[["column", "category"]].itertuples(index=False, name=None),
            headings(result, result.table, lang),
            strict=True,
        )
    )
    cells = {
        (row["column"], row["category"], row["by"], row["domain"]): row for row in result.rows()
    }
    columns = [Column(key="question", label=_HEADS["question"].get(lang), align="left")]
    columns += [Column(key="answer", label=_HEADS["answer"].get(lang), align="left")]
    columns += [
        Column(key=f"{by}={domain}", label=result.domains[by, domain].get(lang), align="right")
        for by, domain in keys
    ]
    rows: list[tuple[Any, ...]] = []
    last: list[Any] = []
    asked = ""
    for (column, category), (question, answer) in heads.items():
        bases = [base_cell(cells[column, category, *key]) for key in keys]
        if last and (question != asked or not question or bases != last):
            rows.append(("", "n", *last))
        shown = question if question != asked else ""
        texts = [figure_cell(result, cells[column, category, *key], lang) for key in keys]
        rows.append((shown, answer, *texts))
        worst = [_extremes(result, cells[column, category, *key], lang) for key in keys]
        if any(not isinstance(text, str) or text for text in worst):
            rows.append(("", _HEADS["worst"].get(lang), *worst))
        last, asked = bases, question
    rows.append(("", "n", *last))
    if len({question for question, _ in heads.values()}) > 1:
        return columns, rows
    return columns[1:], [row[1:] for row in rows]  # one question stands in the title


def _estimate(row: dict[str, Any], min_n: int, lang: Lang) -> str | Cell:
    if is_secret(row, min_n):
        return _SECRET
    if row["statistic"] in SHARES:
        return share_text(row, min_n, lang)
    return number_text(row, "estimate", lang)


def figure_cell(result: Estimate, row: dict[str, Any], lang: Lang) -> str | Cell:
    """Write a figure with its interval in brackets.

    Parameters
    ----------
    result : Estimate
        The estimates.
    row : dict
        Row of its table.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str or Cell
        The text; a cell where something of it is kept secret.
    """
    text, interval = _estimate(row, result.min_n, lang), interval_text(row, result.min_n, lang)
    if isinstance(text, Cell):
        return text
    if withholds_share(result, row) or withholds_interval(result, row):
        return Cell(value=text, secret=True)
    return f"{text} [{interval}]" if interval else text


def _extremes(result: Estimate, row: dict[str, Any], lang: Lang) -> str | Cell:
    """Write the bounds of an invitation if nobody, or everybody, without an answer had it."""
    design = result.design
    if design is None or design.kind != "invitation" or row["statistic"] not in SHARES:
        return ""
    if is_secret(row, result.min_n) or withholds_extremes(result, row):
        return _SECRET
    if row["n"] >= result.min_n:
        bounds = {"low": row["worst_low"], "high": row["worst_high"], "method": ""}
        return interval_text(row | bounds, result.min_n, lang)
    if is_missing(row["worst_low"]):
        return ""
    size = round(row["N"])
    bounds = {"count_low": row["count"], "count_high": row["count"] + size - row["n"], "N": size}
    return counts_text(row | bounds, lang)

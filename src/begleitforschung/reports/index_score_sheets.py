"""Scores, ranks and contributions of an index as worksheets."""

from __future__ import annotations

import numpy as np
from openpyxl.utils import get_column_letter

from begleitforschung.errors import CompositeError
from begleitforschung.reports.index_tables import Frame, siblings_together
from begleitforschung.reports.index_words import word
from begleitforschung.reports.workbooks import Formula, Sheet


def scores_sheet(frame: Frame, aggregated: Sheet, name: str) -> Sheet:
    """Return rank, score and the scores of all nodes, best first.

    Parameters
    ----------
    frame : Frame
        Scores and language.
    aggregated : Sheet
        Sheet of the last aggregation, which the scores refer to.
    name : str
        Name of the sheet.

    Returns
    -------
    Sheet
        One row per unit and year.
    """
    result, lang = frame.result, frame.lang
    tree = result.spec.tree
    nodes = [tree.ids[place] for place in tree.downward]
    order = siblings_together(result)
    letters = {n: get_column_letter(order.index(n) + len(frame.keys) + 1) for n in nodes}
    stage = result.final
    place = {
        (str(unit), int(year)): aggregated.first_row + number
        for number, (unit, year) in enumerate(zip(stage.labels, stage.year, strict=True))
    }
    table = result.table[result.table["node"] == nodes[0]]
    table = table.sort_values(["year", "rank", "unit"], na_position="last")
    scores = result.scores()
    rows = []
    columns = ["unit", "year", "rank", "coverage", "imputed"]
    for unit, year, given, coverage, imputed in table[columns].to_numpy(object).tolist():
        values = scores.loc[(unit, year)]
        row = place[unit, year]
        cells = [
            None
            if np.isnan(values[n])
            else Formula(f"='{aggregated.name}'!{letters[n]}{row}", float(values[n]))
            for n in nodes
        ]
        shares = [100 * coverage, 100 * imputed]
        rows.append([*frame.key(unit, year), given, cells[0], *shares, *cells[1:]])
    heads = [word("rank", lang), frame.titles(nodes[:1])[0]]
    heads += [f"{word(key, lang)} (%)" for key in ("coverage", "imputed_share")]
    note = {
        "de": "Rang 1 ist der beste, gleiche Werte teilen den besseren Rang. Punktwerte verweisen "
        "auf das Blatt der Aggregation; Ränge sind feste Zahlen.",
        "en": "Rank 1 is the best, equal scores share the better rank. Scores refer to the sheet "
        "of the aggregation; ranks are fixed numbers.",
    }[lang]
    return Sheet(
        name=name,
        notes=[[note]],
        head=[*frame.keys, *heads, *frame.titles(nodes[1:])],
        rows=rows,
        frozen=len(frame.keys),
    )


def ranks_sheet(frame: Frame, name: str) -> Sheet:
    """Return the ranks in all nodes.

    Parameters
    ----------
    frame : Frame
        Scores and language.
    name : str
        Name of the sheet.

    Returns
    -------
    Sheet
        One row per unit and year.
    """
    ranks = frame.result.ranks()
    rows = [
        [*frame.key(unit, year), *line]
        for (unit, year), line in zip(ranks.index, ranks.to_numpy(object).tolist(), strict=True)
    ]
    head = [*frame.keys, *frame.titles(list(ranks.columns))]
    return Sheet(name=name, head=head, rows=rows, frozen=len(frame.keys))


def contributions_sheet(frame: Frame, name: str) -> Sheet:
    """Return what each indicator contributes to the index, with the sum as formula.

    Parameters
    ----------
    frame : Frame
        Scores and language.
    name : str
        Name of the sheet.

    Returns
    -------
    Sheet
        One row per unit and year; a note alone where the method has no exact contributions.
    """
    result, lang = frame.result, frame.lang
    try:
        parts = result.contributions()
    except CompositeError:
        none = {
            "de": "Die Aggregation vergleicht die Einheiten miteinander; ihre Punktwerte lassen "
            "sich nicht exakt in Beiträge zerlegen.",
            "en": "The aggregation compares units with each other; its scores are no exact sum of "
            "contributions.",
        }[lang]
        return Sheet(name=name, notes=[[none]])
    order = [e for e in siblings_together(result) if e in parts.columns]
    note = {
        "de": "Beitrag = Wert nach der Normierung mal sein Gewicht im Punktwert. Der Punktwert "
        "ist die Summe der Beiträge (Formel).",
        "en": "Contribution = normalised value times its weight in the score. The score is the "
        "sum of the contributions (formula).",
    }[lang]
    lead = len(frame.keys) + 1
    sheet = Sheet(name=name, notes=[[note]])
    ends = get_column_letter(lead + 1), get_column_letter(lead + len(order))
    rows = []
    lines = parts[order].to_numpy()
    root = result.scores("index").iloc[:, 0].reindex(parts.index).to_numpy()
    for number, ((unit, year), line) in enumerate(zip(parts.index, lines, strict=True)):
        at = sheet.first_row + number
        total = Formula(f"=SUM({ends[0]}{at}:{ends[1]}{at})", float(root[number]))
        score = None if np.isnan(root[number]) else total
        rows.append([*frame.key(unit, year), score, *line.tolist()])
    return Sheet(
        name=name,
        notes=sheet.notes,
        head=[*frame.keys, word("score", lang), *frame.titles(order)],
        rows=rows,
        frozen=lead,
    )

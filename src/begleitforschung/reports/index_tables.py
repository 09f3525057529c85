"""Values of an index step by step as worksheets, scores as formulas over their parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from openpyxl.utils import get_column_letter

from begleitforschung.frameworks.index_entries import IndicatorSpec
from begleitforschung.language import Lang
from begleitforschung.reports.index_structure import MethodNote
from begleitforschung.reports.index_words import word
from begleitforschung.reports.workbooks import Formula, Sheet
from begleitforschung.results.composite import CompositeResult
from begleitforschung.results.composite_contributions import node_method
from begleitforschung.results.composite_stages import Stage

Row = list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all tables of values of one index share.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    lang : {"de", "en"}
        Language.
    """

    result: CompositeResult
    lang: Lang

    @property
    def keys(self) -> list[str]:
        """Headings of the columns that say which unit and year a row is."""
        names = [word("name", self.lang)] * bool(self.result.names)
        return [word("unit", self.lang), *names, word("year", self.lang)]

    def key(self, unit: str, year: int) -> Row:
        """Return the first cells of a row.

        Parameters
        ----------
        unit : str
            Key of the unit.
        year : int
            Year.

        Returns
        -------
        list
            Unit, name where names are known, year.
        """
        named = [self.result.names.get(unit, "")] * bool(self.result.names)
        return [unit, *named, int(year)]

    def titles(self, elements: Sequence[str]) -> list[str]:
        """Return the titles of elements.

        Parameters
        ----------
        elements : sequence of str
            Identifiers.

        Returns
        -------
        list of str
            Titles.
        """
        return [self.result.spec.title_of(name).get(self.lang) for name in elements]


def siblings_together(result: CompositeResult) -> list[str]:
    """Return all elements level by level, so that the parts of a node stand side by side.

    Parameters
    ----------
    result : CompositeResult
        The scores.

    Returns
    -------
    list of str
        Identifiers, the root first.
    """
    tree = result.spec.tree
    order = [tree.root]
    for place in order:  # grows while it is walked through
        if place >= tree.n_indicators:
            order += tree.children[place - tree.n_indicators].tolist()
    return [tree.ids[place] for place in order]


def stage_sheet(frame: Frame, stage: Stage, name: str, notes: Sequence[MethodNote]) -> Sheet:
    """Return the values of one step.

    Parameters
    ----------
    frame : Frame
        Scores and language.
    stage : Stage
        Values after the step.
    name : str
        Name of the sheet.
    notes : sequence of MethodNote
        What the step did.

    Returns
    -------
    Sheet
        One row per unit and year. Changed values are coloured; scores of arithmetic means in the
        last aggregation are formulas.
    """
    if stage.kind == "weight":
        text = {
            "de": "Die Werte bleiben; die Gewichte stehen im Blatt „Gewichte“.",
            "en": "Values stay; the weights are on the sheet 'Weights'.",
        }[frame.lang]
        return Sheet(name=name, notes=[*_about(notes, frame.lang), [text]])
    result, lang = frame.result, frame.lang
    final = stage is result.final
    columns = siblings_together(result) if final else list(stage.columns)
    lead = [""] * (len(frame.keys) - 1)
    rows_above: list[Row] = [*_about(notes, lang), [word("id", lang), *lead, *columns]]
    if not final:
        items = map(result.spec.element, columns)
        measures = [item.unit for item in items if isinstance(item, IndicatorSpec)]
        if stage.name == "raw" and any(measures):
            rows_above.append([word("measure", lang), *lead, *measures])
    weight_rows = _weight_rows(frame, columns) if final else []
    first = len(rows_above) + 1
    rows_above += [row for row, _ in weight_rows]
    places = [stage.columns.index(column) for column in columns]
    values = stage.values[:, places]
    sheet = Sheet(
        name=name,
        notes=rows_above,
        head=[*frame.keys, *frame.titles(columns)],
        marks=_marks(frame, stage, columns),
        frozen=len(frame.keys),
    )
    rows: list[Row] = [
        [*frame.key(unit, year), *line]
        for unit, year, line in zip(stage.labels, stage.year, values.tolist(), strict=True)
    ]
    if final:
        at: dict[int, int] = {}
        for number, (_, years) in enumerate(weight_rows):
            at |= dict.fromkeys(years, first + number)
        _with_formulas(frame, rows, columns, sheet.first_row, [at[int(y)] for y in stage.year])
    return Sheet(
        name=name,
        notes=sheet.notes,
        head=sheet.head,
        rows=rows,
        marks=sheet.marks,
        frozen=sheet.frozen,
    )


def _about(notes: Sequence[MethodNote], lang: Lang) -> list[Row]:
    rows: list[Row] = []
    for note in notes:
        rows.append([f"{word('step', lang)} {note.number}: {note.step}", note.method])
        rows.append([word("what", lang), note.text])
        rows += [[label, text] for label, text in note.details]
    return rows


def _weight_rows(frame: Frame, columns: list[str]) -> list[tuple[Row, list[int]]]:
    """Return the different rows of weights that the years have, and which years have them."""
    result = frame.result
    places = [result.spec.tree.ids.index(column) for column in columns]
    years_of: dict[tuple[float, ...], list[int]] = {}
    for year, weights in zip(result.years, result.weights_by_year[:, places], strict=True):
        years_of.setdefault(tuple(weights.tolist()), []).append(int(year))
    rows: list[tuple[Row, list[int]]] = []
    for weights, years in years_of.items():
        span = "" if len(years_of) == 1 else " " + ", ".join(map(str, years))
        lead = [word("weight", frame.lang) + span, *[""] * (len(frame.keys) - 1)]
        rows.append(([*lead, None, *weights[1:]], years))  # the root has none
    return rows


def _with_formulas(
    frame: Frame, rows: list[Row], columns: list[str], first: int, weights_at: list[int]
) -> None:
    """Put the weighted mean in place of each score that is one."""
    result = frame.result
    tree, lead = result.spec.tree, len(frame.keys)
    for number, parts in enumerate(tree.children):
        node = tree.nodes[number]
        if node_method(result.spec, node).name != "arithmetic":
            continue
        at = columns.index(node) + lead
        start = columns.index(tree.ids[parts[0]]) + lead
        one = get_column_letter(start + 1)
        last = get_column_letter(start + len(parts))
        for offset, (row, above) in enumerate(zip(rows, weights_at, strict=True)):
            if row[at] is None or np.isnan(row[at]):
                continue
            w = f"${one}${above}:${last}${above}"
            x = f"{one}{first + offset}:{last}{first + offset}"
            text = f"=SUMPRODUCT({w},{x})/SUMPRODUCT({w},--ISNUMBER({x}))"
            row[at] = Formula(text, row[at])


def _marks(frame: Frame, stage: Stage, columns: list[str]) -> dict[tuple[int, int], int]:
    lead = len(frame.keys)
    names = [item.id for item in frame.result.spec.indicators]
    at = {n: columns.index(name) + lead for n, name in enumerate(names)}
    rows, places = np.nonzero(stage.marks)
    return {
        (int(row), at[int(place)]): int(stage.marks[row, place])
        for row, place in zip(rows, places, strict=True)
    }

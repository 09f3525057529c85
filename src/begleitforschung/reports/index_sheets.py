"""All worksheets of an index: overview, results, steps, specification, lists, sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from begleitforschung._version import __version__
from begleitforschung.display.tables import TableModel
from begleitforschung.frameworks.index_entries import as_text
from begleitforschung.language import Lang
from begleitforschung.reports.index_changes import (
    data_lines,
    remark_lines,
    sources_table,
    transforms_words,
)
from begleitforschung.reports.index_score_sheets import (
    contributions_sheet,
    ranks_sheet,
    scores_sheet,
)
from begleitforschung.reports.index_structure import method_notes, structure_table
from begleitforschung.reports.index_tables import Frame, stage_sheet
from begleitforschung.reports.index_words import word
from begleitforschung.reports.workbooks import Sheet, sheet_names
from begleitforschung.results.composite import CompositeResult
from begleitforschung.results.composite_marks import MARKS

Row = list[Any]


def sheets_of(result: CompositeResult, lang: Lang) -> list[Sheet]:
    """Return the worksheets of an index.

    Parameters
    ----------
    result : CompositeResult
        The scores.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of Sheet
        In reading order, their names unique.
    """
    frame, spec = Frame(result=result, lang=lang), result.spec
    notes = method_notes(spec, lang)
    labels = {note.stage: note.step for note in notes}
    first = ("overview", "scores", "ranks", "contributions")
    last = ("weights", "specification", "steps", "marked", "treatments", "screened", "sources")
    wanted = [word(key, lang) for key in first]
    wanted += [
        f"{number} {labels.get(stage.name, word('raw', lang))}"
        for number, stage in enumerate(result.stages)
    ]
    wanted += [word(key, lang) for key in last]
    names = sheet_names(wanted)
    there = names[len(first) : len(first) + len(result.stages)]
    stages = [
        stage_sheet(frame, stage, name, [n for n in notes if n.stage == stage.name])
        for stage, name in zip(result.stages, there, strict=True)
    ]
    aggregated = stages[result.stages.index(result.final)]
    ends = dict(zip(last, names[-len(last) :], strict=True))
    sheets = [
        scores_sheet(frame, aggregated, names[1]),
        ranks_sheet(frame, names[2]),
        contributions_sheet(frame, names[3]),
        *stages,
        _weights(result, ends["weights"], lang),
        _model(structure_table(spec, lang, result.weights_by_year[-1]), ends["specification"]),
        _steps(result, ends["steps"], lang),
        _changed(frame, ends["marked"]),
        _treatments(frame, ends["treatments"]),
        _screened(frame, ends["screened"]),
        _model(sources_table(result.sources(), lang), ends["sources"]),
    ]
    sheets = [item for item in sheets if item.notes or item.rows]
    return [_overview(result, names[0], [s.name for s in sheets], lang), *sheets]


def _overview(result: CompositeResult, name: str, others: list[str], lang: Lang) -> Sheet:
    spec = result.spec
    notes: list[Row] = [[as_text(spec.title).get(lang)], []]
    if spec.purpose is None:
        notes.append([word("purpose", lang), word("no_purpose", lang)])
    else:
        for key, text in (
            ("what_for", spec.purpose.purpose),
            ("not_for", spec.purpose.not_for),
            ("concerns", spec.purpose.concerns),
        ):
            notes.append([word(key, lang), as_text(text).get(lang)])
        notes.append([word("model", lang), word(spec.purpose.model, lang)])
    notes += [[word("data", lang), line] for line in data_lines(result, lang)]
    notes += [[label, line] for label, line in remark_lines(result.findings, lang)]
    notes.append([word("fingerprint", lang), spec.fingerprint])
    notes.append([word("made_with", lang), f"begleitforschung {__version__}"])
    rows: list[Row] = [[other] for other in others]
    start = len(rows) + 2
    rows += [[], [word("legend", lang)], *([text.get(lang)] for text in MARKS.values())]
    marks = {(start + number, 0): bit for number, bit in enumerate(MARKS)}
    return Sheet(
        name=name, notes=notes, head=[word("contents", lang)], rows=rows, marks=marks, frozen=0
    )


def _weights(result: CompositeResult, name: str, lang: Lang) -> Sheet:
    """Return weights, shares and effective weights, once or for each year."""
    tree, given = result.spec.tree, result.weights_by_year
    alike = bool((given == given[0]).all())
    years = [("", given[0])] if alike else list(zip(map(str, result.years), given, strict=True))
    columns: list[Any] = []
    heads = [word("id", lang), word("title", lang)]
    for year, weights in years:
        columns += [weights, 100 * tree.shares(weights), 100 * tree.effective(weights)]
        labels = [word("weight", lang), f"{word('share', lang)} (%)"]
        labels.append(f"{word('effective', lang)} (%)")
        heads += [f"{label} {year}".strip() for label in labels]
    order = [*tree.downward, *range(tree.n_indicators)]
    numbers = np.column_stack(columns)[order].tolist()
    ids = [tree.ids[place] for place in order]
    titles = Frame(result=result, lang=lang).titles(ids)
    rows = [[i, t, *line] for i, t, line in zip(ids, titles, numbers, strict=True)]
    return Sheet(name=name, head=heads, rows=rows, frozen=2)


def _model(model: TableModel, name: str) -> Sheet:
    heads = [f"{c.label} ({c.unit})" if c.unit else c.label for c in model.columns]
    rows = [[cell.value for cell in row] for row in model.cells()]
    return Sheet(name=name, head=heads, rows=rows)


def _steps(result: CompositeResult, name: str, lang: Lang) -> Sheet:
    keys = ("parameters", "formula", "reference_years", "holds_for", "references")
    labels = [word(key, lang) for key in keys]
    rows = []
    for note in method_notes(result.spec, lang):
        told = dict(note.details)
        rest = [told.get(label, "") for label in labels]
        rows.append([note.number, note.step, note.method, note.text, *rest])
    heads = [word("step", lang), "", word("method", lang), word("what", lang), *labels]
    return Sheet(name=name, head=heads, rows=rows)


def _changed(frame: Frame, name: str) -> Sheet:
    """Return each imputed or treated cell with its raw value and what it became."""
    result, lang = frame.result, frame.lang
    kinds = [stage.kind for stage in result.stages]
    end = min(kinds.index(kind) for kind in ("normalise", "aggregate") if kind in kinds)
    before = result.stages[end - 1].frame() if end else result.stages[0].frame()
    rows = []
    for item in _records(result.marks):
        what = ", ".join(text.get(lang) for bit, text in MARKS.items() if item.code & bit)
        became = before[item.indicator].get((item.unit, item.year))
        title = frame.titles([item.indicator])[0]
        rows.append(
            [*frame.key(item.unit, item.year), item.indicator, title, what, item.raw, became]
        )
    labels = ("id", "indicator", "mark", "before", "after")
    return Sheet(name=name, head=[*frame.keys, *(word(k, lang) for k in labels)], rows=rows)


def _treatments(frame: Frame, name: str) -> Sheet:
    lang = frame.lang
    rows = []
    for item in _records(frame.result.treatments):
        before = [item.skewness_before, item.kurtosis_before]
        after = [item.skewness_after, item.kurtosis_after]
        words = transforms_words(item.transforms, lang)
        what = [item.indicator, *frame.titles([item.indicator]), item.years]
        rows.append([*what, *before, item.high, item.low, words, *after])
    marks = [text.get(lang) for bit, text in MARKS.items() if bit in (2, 4)]
    heads = [word(key, lang) for key in ("id", "indicator", "years", "skew_before")]
    heads += [word("kurtosis_before", lang), *marks, word("treated_by", lang)]
    heads += [word("skew_after", lang), word("kurtosis_after", lang)]
    return Sheet(name=name, head=heads, rows=rows, frozen=2)


def _screened(frame: Frame, name: str) -> Sheet:
    lang = frame.lang
    yes = {"de": ("nein", "ja"), "en": ("no", "yes")}[lang]
    names = ["missing", "zeros", "available", "nonzero"]
    rows = [
        [*frame.key(item.unit, item.year), yes[bool(item.kept)], *(getattr(item, n) for n in names)]
        for item in _records(frame.result.screened)
    ]
    labels = ("kept", *names)
    return Sheet(name=name, head=[*frame.keys, *(word(key, lang) for key in labels)], rows=rows)


def _records(frame: pd.DataFrame) -> Iterable[Any]:
    return frame.itertuples(index=False)

"""The workbook in which answers of paper and PDF forms are entered, one row per form."""

from __future__ import annotations

import os
from pathlib import Path

from begleitforschung.errors import SourceFileError
from begleitforschung.language import Lang, Text
from begleitforschung.surveys import Codebook, Item

ANSWERS, QUESTIONS, CODES = "Antworten", "Fragen", "Codes"
_PARADATA = ("case", "submitdate", "lastpage")
_ROWS = 500


def write_form(codebook: Codebook, path: str | os.PathLike[str], *, lang: Lang = "de") -> Path:
    """Write an empty workbook to enter the answers of paper and PDF forms.

    The first sheet takes one row per form, one column per answer; cells of coded questions offer
    their codes. The second sheet lists the questions, the third the codes. `read_survey` reads
    the filled workbook with the same codebook.

    Parameters
    ----------
    codebook : Codebook
        The codebook.
    path : str or path
        The workbook to write; it must not exist.
    lang : {"de", "en"}
        Language of questions and labels.

    Returns
    -------
    pathlib.Path
        The workbook.

    Raises
    ------
    SourceFileError
        If the file exists: it may hold answers.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    target = Path(path)
    if target.exists():
        raise SourceFileError(f"{target.name} exists and may hold answers; choose another name")
    book = Workbook()
    answers = book.active
    if answers is None:
        raise SourceFileError(f"{target.name}: no sheet could be made")
    answers.title = ANSWERS
    questions, codes = book.create_sheet(QUESTIONS), book.create_sheet(CODES)
    questions.append(["column", "kind", "question", "filter", "unit"])
    codes.append(["column", "code", "label", "missing"])
    for at, name in enumerate([*_PARADATA, *codebook.columns()], start=1):
        answers.cell(1, at, name)
    answers.freeze_panes = "B2"
    for at, (name, item) in enumerate(codebook.columns().items(), start=len(_PARADATA) + 1):
        text = codebook.label(name).get(lang)
        questions.append([name, item.cell_kind, text, item.filter, item.unit])
        offered = _offered(item)
        for code, label, missing in offered:
            codes.append([name, code, label.get(lang), missing or ""])
        listed = ",".join(code for code, _, _ in offered)
        if listed and len(listed) < 250:
            rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
            rule.showErrorMessage = True
            letter = get_column_letter(at)
            rule.add(f"{letter}2:{letter}{_ROWS}")
            answers.add_data_validation(rule)
    book.save(target)
    return target


def _offered(item: Item) -> list[tuple[str, Text, str | None]]:
    if item.kind == "multiple":
        return [("1", Text("genannt", "mentioned"), None), ("0", Text("nicht genannt", "no"), None)]
    return [(code.code, code.label.text, code.missing) for code in item.codes]

"""`write_tables`: the Tabellenband, one worksheet for each question against the head."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from begleitforschung.display.secrecy import UNPROTECTED
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang
from begleitforschung.loaders.writing import put_files, without_times
from begleitforschung.reports.cells import file_written
from begleitforschung.reports.survey_pages import SheetWriter, contents_sheet
from begleitforschung.reports.survey_sheets import QuestionTable, question_tables

if TYPE_CHECKING:
    from begleitforschung.results.estimate import Estimate


def write_tables(
    results: Estimate | Sequence[Estimate],
    path: str | os.PathLike[str],
    *,
    title: str = "",
    lang: Lang = "de",
    allow_unprotected: bool = False,
) -> Path:
    """Write estimates as a volume of tables (Tabellenband).

    The first worksheet lists the tables with links. Each question has a worksheet of its own:
    answers as rows, domains as columns, figures as numbers, then the intervals, the bases, notes
    and source. What is kept secret is a point. Each prints on landscape pages of its own width.
    Equal results give equal bytes.

    Parameters
    ----------
    results : Estimate or sequence of Estimate
        What `begleitforschung.tabulate` or `begleitforschung.estimate` returned.
    path : str or path
        File to write, ``.xlsx``; its folder is made where missing, an earlier file is replaced.
    title : str
        Title of the volume; by default that of the survey.
    lang : {"de", "en"}
        Language.
    allow_unprotected : bool
        Whether confidential results may be written at the own desk although not protected; each
        worksheet says so.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DisclosureError
        If a result must not be shown.
    ReportError
        If the suffix is another, or there is no result.
    SourceFileError
        If the file can't be written.

    Examples
    --------
    With a survey of your own::

        tables = bf.protect(bf.tabulate(survey, banner=["staffel", "groessenklasse"]))
        bf.write_tables(tables, "tabellenband.xlsx")
    """
    from begleitforschung.results.estimate import Estimate

    given = [results] if isinstance(results, Estimate) else list(results)
    file = Path(path)
    if file.suffix.lower() != ".xlsx":
        raise ReportError(f"{file.name}: tables are written as .xlsx, not {file.suffix!r}")
    if not given:
        raise ReportError(f"{file.name}: there is no result to write")
    shown = [one.for_desk(allow_unprotected=allow_unprotected) for one in given]
    open_ = any(one.require_showable() for one in shown)
    tables = [table for one in shown for table in question_tables(one, lang)]
    heading = title or given[0].survey.codebook.title.text.get(lang)
    warning = UNPROTECTED.get(lang) if open_ else ""
    content = _bytes(tables, heading, lang, warning)
    file.parent.mkdir(parents=True, exist_ok=True)
    put_files(((file, content),))
    file_written(given)
    return file


def _bytes(tables: Sequence[QuestionTable], title: str, lang: Lang, warning: str) -> bytes:
    from openpyxl import Workbook

    book: Any = Workbook()
    contents_sheet(book.active, tables, title, lang, warning)
    for number, table in enumerate(tables, start=1):
        SheetWriter(book.create_sheet(table.sheet(number)), table, title, lang, warning).write()
    stream = io.BytesIO()
    book.save(stream)
    return without_times(stream.getvalue())

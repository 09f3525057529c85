"""`write_index`: the whole construction of an index as a workbook, one sheet for each step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from begleitforschung.display.secrecy import UNPROTECTED
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang
from begleitforschung.loaders.writing import put_files
from begleitforschung.reports.index_sheets import sheets_of
from begleitforschung.reports.workbooks import workbook_bytes

if TYPE_CHECKING:
    from begleitforschung.results.composite import CompositeResult

_MOST_ROWS = 1_000_000


def write_index(
    result: CompositeResult,
    path: str | os.PathLike[str],
    *,
    lang: Lang = "de",
    allow_unprotected: bool = False,
) -> Path:
    """Write scores and the whole way to them as a workbook.

    Sheets: overview with purpose, remarks and legend; scores and ranks; contributions; values
    before the first step and after each one, with a note on the method, changed cells coloured;
    weights; specification; lists of changed values, treatments and screening; sources. Scores of
    arithmetic means, and the sums of contributions, are live formulas over the numbers beside
    them, so that anyone can follow and change them; all else are numbers. Equal results give
    equal bytes.

    Parameters
    ----------
    result : CompositeResult
        What `begleitforschung.compose` returned.
    path : str or path
        File to write, ``.xlsx``, in an existing folder; an earlier one is replaced.
    lang : {"de", "en"}
        Language.
    allow_unprotected : bool
        Whether confidential scores may be written at the own desk although not protected; each
        sheet says so.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    DisclosureError
        If the result must not be shown.
    ReportError
        If the suffix is another, or there are more rows than a worksheet holds.
    SourceFileError
        If the file can't be written.
    """
    unprotected = result.require_showable(allow_unprotected=allow_unprotected)
    file = Path(path)
    if file.suffix.lower() != ".xlsx":
        raise ReportError(f"{file.name}: an index is written as .xlsx, not {file.suffix!r}")
    rows = max(len(stage.unit) for stage in result.stages)
    if rows > _MOST_ROWS:
        raise ReportError(
            f"{file.name}: a worksheet does not hold {rows:,} rows; choose fewer years: "
            "compose(…, year=…)"
        )
    warning = UNPROTECTED.get(lang) if unprotected else ""
    put_files(((file, workbook_bytes(sheets_of(result, lang), warning=warning)),))
    return file

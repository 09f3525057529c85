"""`load_codebook`: the codebook of a YAML file, a questionnaire or an export."""

from __future__ import annotations

import os
from pathlib import Path

from begleitforschung.loaders.surveys.archive import archived_structure
from begleitforschung.loaders.surveys.codebook_workbook import (
    is_codebook,
    read_codebook_workbook,
)
from begleitforschung.loaders.surveys.drafting import draft_codebook
from begleitforschung.loaders.surveys.export import told_if_damaged
from begleitforschung.loaders.surveys.limesurvey_codebook import codebook_of
from begleitforschung.loaders.surveys.limesurvey_structure import read_lss, read_structure_text
from begleitforschung.loaders.surveys.limesurvey_syntax import codebook_of_syntax, syntax_of
from begleitforschung.loaders.surveys.opening import (
    archive_of_limesurvey,
    open_export,
    script_text,
    what_is,
)
from begleitforschung.loaders.surveys.sosci import read_script
from begleitforschung.loaders.surveys.workbook import sheets_of
from begleitforschung.surveys import Codebook, read_codebook


def load_codebook(path: str | os.PathLike[str]) -> Codebook:
    """Read a codebook from any file that holds one, or guess it from an export.

    Parameters
    ----------
    path : str or path
        Codebook in YAML or XLSX; LimeSurvey questionnaire (``.lss``, ``.txt``), archive
        (``.lsa``) or syntax file for R or SPSS; SPSS or Stata file; import script of SoSci
        Survey; any export of answers, whose questions are then guessed cautiously (see
        ``docs/reference/surveys.md``).

    Returns
    -------
    Codebook
        The codebook. One that was not written by hand knows no promise, no roles and no
        confidentiality; write it by ``begleitforschung codebook FILE`` and complete it.

    Raises
    ------
    CatalogueError
        If a YAML codebook has problems; all of them with their lines.
    SourceFileError
        If the file can't be read.
    MissingDependencyError
        If it is an SPSS or Stata file and pyreadstat is not installed.

    Examples
    --------
    With a questionnaire of your own::

        codebook = load_codebook("data/raw/befragung/limesurvey_survey_421498.lss")
        codebook.item("q1").codes
    """
    file = Path(path)
    with told_if_damaged(file.name):
        return _codebook(file)


def _codebook(file: Path) -> Codebook:
    if archive_of_limesurvey(file):
        return codebook_of(archived_structure(file.read_bytes(), file.name))
    kind = what_is(file)
    if kind == "codebook":
        return read_codebook(file)
    if kind == "structure_xml":
        return codebook_of(read_lss(file.read_bytes(), file.name))
    if kind == "structure_text":
        return codebook_of(read_structure_text(file.read_bytes(), file.name))
    if kind == "script":
        syntax = syntax_of(script_text(file))
        if syntax is not None:
            return codebook_of_syntax(syntax, file.stem)
        return read_script(file.read_bytes(), file.name)
    if file.suffix.lower() in (".xlsx", ".xlsm"):
        data = file.read_bytes()
        if is_codebook(list(sheets_of(data, file.name))):
            return read_codebook_workbook(data, file.name)
    export = open_export(file)
    return export.codebook or draft_codebook(export)

"""What a survey file is, told by its content, and its cells."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.files import open_raw
from begleitforschung.loaders.surveys.archive import read_archive
from begleitforschung.loaders.surveys.export import Export
from begleitforschung.loaders.surveys.limesurvey_csv import is_vv, read_csv_export, read_vv
from begleitforschung.loaders.surveys.limesurvey_syntax import read_syntax, syntax_of
from begleitforschung.loaders.surveys.qualtrics import is_qualtrics, read_qualtrics
from begleitforschung.loaders.surveys.sosci import is_sosci, read_sosci
from begleitforschung.loaders.surveys.statistics import is_sav, is_stata, read_statistics
from begleitforschung.loaders.surveys.words import words
from begleitforschung.loaders.surveys.workbook import read_workbook


def open_export(path: Path, *, encoding: str = "utf-8", sheet: str | None = None) -> Export:
    """Read the cells of a survey export.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    encoding : str
        Encoding of a text file.
    sheet : str, optional
        Worksheet of a workbook.

    Returns
    -------
    Export
        Its cells, and the codebook that it brings along, if it does.

    Raises
    ------
    SourceFileError
        If the file is missing, damaged, or holds no answers.
    MissingDependencyError
        If it is an SPSS or Stata file and pyreadstat is not installed.
    """
    start = first_bytes(path)
    if is_sav(start) or is_stata(start, path.suffix):
        return read_statistics(path, stata=not is_sav(start))
    if path.suffix.lower() == ".dat":
        # Its first row holds answers, which must not be taken for headings and shown.
        raise SourceFileError(f"{path.name} has no headings; give the syntax file (.sps) beside it")
    if archive_of_limesurvey(path):
        return read_archive(path.read_bytes(), path.name)
    kind = what_is(path)
    syntax = syntax_of(script_text(path)) if kind == "script" else None
    if syntax is not None:
        return read_syntax(path, syntax)
    if kind != "export":
        raise SourceFileError(
            f"{path.name} holds a questionnaire and no answers; give it as codebook=… and read "
            "the export of the answers"
        )
    export = _table(path, encoding, sheet)
    if words().holds_person([column.heading for column in export.columns]):
        raise SourceFileError(
            f"{path.name}: the first row holds answers and no headings; export it with headings"
        )
    return export


def _table(path: Path, encoding: str, sheet: str | None) -> Export:
    raw = open_raw(path, encoding=encoding)
    if raw.kind == "xlsx":
        return read_workbook(raw.data, path.name, sheet=sheet)
    if raw.kind == "parquet":
        raise SourceFileError(f"{path.name}: Parquet is no format of survey exports; use CSV")
    if is_qualtrics(raw.data):
        return read_qualtrics(raw.data, path.name)
    if is_sosci(raw.data):
        return read_sosci(raw.data, path.name)
    if is_vv(raw.data):
        return read_vv(raw.data, path.name)
    return read_csv_export(raw.data, path.name)


def what_is(path: Path) -> str:
    """Say what a text file of a survey is.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        ``"codebook"`` (YAML), ``"structure_xml"``, ``"structure_text"``, ``"script"`` (R or SPSS
        syntax) or ``"export"``.

    Raises
    ------
    SourceFileError
        If it can't be read.
    """
    start = first_bytes(path).removeprefix(b"\xef\xbb\xbf")
    if path.suffix.lower() in (".yaml", ".yml"):
        return "codebook"
    if start.lstrip().startswith(b"<") and b"LimeSurveyDocType" in start:
        return "structure_xml"
    if start.startswith(b"class\ttype/scale\tname"):
        return "structure_text"
    return "script" if path.suffix.lower() in (".r", ".sps") else "export"


def script_text(path: Path) -> str:
    """Return the text of a script.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        Its text; what is no UTF-8 is replaced.
    """
    return path.read_bytes().decode("utf-8-sig", errors="replace")


def archive_of_limesurvey(path: Path) -> bool:
    """Say whether a file is a survey archive of LimeSurvey.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    bool
        True for a ZIP with a questionnaire (``.lss``) in it.
    """
    if not first_bytes(path).startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            return any(name.lower().endswith(".lss") for name in archive.namelist())
    except zipfile.BadZipFile:
        return False


def first_bytes(path: Path) -> bytes:
    """Return the beginning of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    bytes
        At most 1,000 of them.

    Raises
    ------
    SourceFileError
        If it can't be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(1000)
    except OSError as error:
        why = "does not exist" if isinstance(error, FileNotFoundError) else "can't be read"
        raise SourceFileError(f"{path} {why}: check place and permissions") from None

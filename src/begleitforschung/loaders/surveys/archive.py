"""LimeSurvey's survey archive ``.lsa``: a ZIP with the questionnaire and the responses as XML.

Built from the description of the format, never checked on a real export.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable

import numpy as np
import pandas as pd

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.surveys.export import Column, Export, unverified
from begleitforschung.loaders.surveys.limesurvey_codebook import codebook_of
from begleitforschung.loaders.surveys.limesurvey_csv import unique_names
from begleitforschung.loaders.surveys.limesurvey_structure import (
    Structure,
    parse_xml,
    read_lss,
    xml_rows,
)
from begleitforschung.surveys.codebook import plain_code

_LARGEST = 1 << 30


def read_archive(data: bytes, file: str) -> Export:
    """Read a survey archive.

    Parameters
    ----------
    data : bytes
        The ZIP.
    file : str
        Name of the file.

    Returns
    -------
    Export
        Answers with the codebook of the questionnaire. Participants (``_tokens.lst``) are not
        read.

    Raises
    ------
    SourceFileError
        If the archive is damaged or holds no responses.
    """
    structure = archived_structure(data, file)
    content = _member(data, file, ".lsr")
    if content is None:
        raise SourceFileError(
            f"{file} holds no responses (.lsr): the survey was not active when it was exported"
        )
    root = parse_xml(content, f"{file} (responses)")
    records = xml_rows(root, "responses")
    listed = [field.text or "" for field in root.iterfind("responses/fields/fieldname")]
    names = list(dict.fromkeys([*listed, *(name for record in records for name in record)]))
    cells = pd.DataFrame(
        [[record.get(name, record.get(f"_{name}")) for name in names] for record in records],
        columns=range(len(names)),
        dtype="str",
    )
    known = {question.sgqa: question.code for question in structure.questions}
    columns = unique_names([_column(name.removeprefix("_"), known) for name in names])
    return Export(
        format="limesurvey_archive",
        file=file,
        columns=columns,
        cells=cells,
        rows=np.arange(len(records), dtype=np.int64) + 1,
        codebook=codebook_of(structure),
        findings=(unverified("limesurvey_archive", file),),
    )


def archived_structure(data: bytes, file: str) -> Structure:
    """Return the questionnaire in a survey archive.

    Parameters
    ----------
    data : bytes
        The ZIP.
    file : str
        Name of the file.

    Returns
    -------
    Structure
        The questionnaire.

    Raises
    ------
    SourceFileError
        If the archive is damaged or holds none.
    """
    content = _member(data, file, ".lss")
    if content is None:
        raise SourceFileError(f"{file} holds no questionnaire (.lss)")
    return read_lss(content, f"{file} (questionnaire)")


def _member(data: bytes, file: str, suffix: str) -> bytes | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = [item for item in archive.infolist() if item.filename.endswith(suffix)]
            if not found:
                return None
            if found[0].file_size > _LARGEST:
                raise SourceFileError(f"{file} is too large to be read at once; export CSV")
            return archive.read(found[0])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise SourceFileError(f"{file} is a damaged or encrypted archive ({error})") from None


def _column(name: str, known: dict[str, str]) -> Column:
    """Name of an answer: ``<survey>X<group>X<question><sub>`` becomes ``<code>_<sub>``."""
    if not re.match(r"\d+X\d+X\d+", name):
        return Column(name, name)
    base = _longest(name, known)
    if base is None:
        return Column(name, f"q_{name}")
    sub = plain_code(name[len(base) :])
    return Column(name, "_".join(part for part in (known[base], sub) if part))


def _longest(name: str, known: Iterable[str]) -> str | None:
    return max((key for key in known if key and name.startswith(key)), key=len, default=None)

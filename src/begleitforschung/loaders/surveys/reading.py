"""`read_survey`: from the export of a survey software to a `Survey`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, ValidationError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.sidecar import Sidecar, check_sha256, read_sidecar, sidecar_path
from begleitforschung.loaders.surveys.codebooks import load_codebook
from begleitforschung.loaders.surveys.coding import code
from begleitforschung.loaders.surveys.drafting import draft_codebook
from begleitforschung.loaders.surveys.export import Export, told_if_damaged
from begleitforschung.loaders.surveys.fitting import require_fit
from begleitforschung.loaders.surveys.matching import Matched, match, short_heading
from begleitforschung.loaders.surveys.opening import open_export
from begleitforschung.loaders.surveys.paradata import cases_of, trial_runs
from begleitforschung.loaders.surveys.units import units_of
from begleitforschung.loaders.surveys.values import without_text
from begleitforschung.provenance import Provenance, Source, file_sha256
from begleitforschung.surveys import Codebook, Survey, check_codebook
from begleitforschung.surveys.instrument import Several
from begleitforschung.surveys.reading import codebook_sha256
from begleitforschung.surveys.repeated import one_per_unit, repeated_units

OnStrange = Literal["raise", "missing"]
_SEPARATOR = "\x1f"


def read_survey(
    path: str | os.PathLike[str],
    *,
    codebook: Codebook | str | os.PathLike[str] | None = None,
    unit: str | None = None,
    land: str | None = None,
    several: Several | None = None,
    on_strange: OnStrange = "raise",
    encoding: str = "utf-8",
    sheet: str | None = None,
) -> Survey:
    """Read the export of a survey; its format is told by its content.

    Read are LimeSurvey (CSV with codes or full answers, headings as code, wording or both; VV;
    archive), SoSci Survey, Qualtrics, SPSS, Stata, XLSX and CSV. Free text, e-mail and IP
    addresses, tokens and names are recognised and left in the file.

    Parameters
    ----------
    path : str or path
        The export.
    codebook : Codebook or path, optional
        What was asked, or a file that `load_codebook` reads. Without it the questions are taken
        from the export itself, which a finding says.
    unit : str, optional
        Column with the key or name of the municipality that answered; by default as the
        codebook says (``instrument: unit``).
    land : str, optional
        Column with its Bundesland, which tells equal names apart.
    several : {"latest", "first", "complete", "most_answers"}, optional
        Which answer counts if a municipality answered several times; by default as the codebook
        says, else all are kept and a finding lists them.
    on_strange : {"raise", "missing"}
        Whether answers that fit nothing in the codebook raise, or become ``no_answer`` with a
        finding of severity error.
    encoding : str
        Encoding of a text file, e.g. ``"cp1252"``.
    sheet : str, optional
        Worksheet of a workbook.

    Returns
    -------
    Survey
        The answers. Its provenance holds the checksum of what was read without personal
        columns, so that it stays the same when these are purged.

    Raises
    ------
    SourceFileError
        If the file is missing, damaged, or not the one that its sidecar describes; if more than
        half of the columns of file and codebook are unknown to each other; or if there is no
        column `unit` or `land`.
    CatalogueError
        If the codebook or the sidecar has problems.
    ValidationError
        If answers fit nothing in the codebook; all of them, by row and column, without values.
    MissingDependencyError
        If it is an SPSS or Stata file and pyreadstat is not installed.

    Examples
    --------
    With an export of your own::

        survey = read_survey("data/raw/befragung/results.csv", codebook="codebook.yaml")
    """
    file = Path(path)
    sidecar = read_sidecar(file)
    if sidecar is not None and sidecar.source.sha256:
        beside = sidecar_path(file).name
        check_sha256(sidecar.source.sha256, file_sha256(file), file=file.name, sidecar=beside)
    with told_if_damaged(file.name):
        export = open_export(file, encoding=encoding, sheet=sheet)
    book, remarks = _codebook(codebook, export)
    matched = match(export, book, unit=unit, land=land)
    require_fit(export, book, matched, unit=unit, land=land)
    survey = _survey(export, book, matched, sidecar, remarks, on_strange)
    rule = several or book.instrument.several
    if rule is not None:
        return one_per_unit(survey, rule)
    return replace(survey, findings=(*survey.findings, *repeated_units(survey)))


def _codebook(
    given: Codebook | str | os.PathLike[str] | None, export: Export
) -> tuple[Codebook, list[Finding]]:
    if given is not None:
        book = given if isinstance(given, Codebook) else load_codebook(given)
        remarks = [item for item in check_codebook(book) if item.severity == "warning"]
        return book, remarks
    book = export.codebook or draft_codebook(export)
    remark = Finding(
        rule="survey.no_codebook",
        severity="warning",
        text=Text(
            "kein Codebuch: Fragen und Codes sind aus dem Export "
            + ("übernommen" if export.codebook else "geraten"),
            "no codebook: questions and codes are "
            + ("those of the export itself" if export.codebook else "guessed from the export"),
        ),
        hint=Text(
            "'begleitforschung codebook DATEI' schreibt eine erste Fassung.",
            "'begleitforschung codebook FILE' writes a first version.",
        ),
        file=export.file,
    )
    return book, [remark]


def _survey(
    export: Export,
    book: Codebook,
    matched: Matched,
    sidecar: Sidecar | None,
    remarks: Iterable[Finding],
    on_strange: OnStrange,
) -> Survey:
    cases, told = cases_of(export, matched)
    cases["unit"], found = units_of(export, matched)
    coded = code(export, book, matched, cases["complete"].to_numpy(bool))
    if coded.problems and on_strange == "raise":
        raise ValidationError(
            f"{export.file} does not fit the codebook {book.id!r} "
            f"({len(coded.problems)} problems); on_strange='missing' reads it nevertheless:",
            findings=coded.problems,
        )
    responses, status = coded.frames(len(cases))
    personal = tuple(short_heading(export, at) for at in matched.personal)
    findings = (
        *remarks,
        *export.findings,
        *matched.findings,
        *told,
        *found,
        *coded.findings,
        *coded.problems,
    )
    survey = Survey(
        responses=responses,
        status=status,
        cases=cases,
        codebook=book,
        history=_history(export, book, matched, sidecar),
        personal=personal,
        findings=(*findings, *_doubles(export, responses)),
    )
    return _without_trials(survey, trial_runs(export, matched))


def _history(
    export: Export,
    book: Codebook,
    matched: Matched,
    sidecar: Sidecar | None,
) -> Provenance:
    described = {} if sidecar is None else sidecar.source.model_dump()
    described.setdefault("publisher", "eigene Erhebung")
    described.setdefault("title", book.title.de)
    described |= {
        "sha256": content_sha256(export, matched.personal, matched.mentions),
        "file": export.file,
    }
    level = None if sidecar is None or sidecar.confidentiality == "public" else sidecar
    stated = {"confidentiality": level.confidentiality} if level else {}
    if sidecar is not None and sidecar.confidential:
        stated |= {"confidential": sidecar.confidential}  # type: ignore[dict-item]
    return Provenance.of(
        "read_survey",
        Source(**described),
        format=export.format,
        codebook=book.id,
        codebook_sha256=codebook_sha256(book),
        **stated,
    )


def content_sha256(export: Export, personal: Iterable[int], mentions: Iterable[int] = ()) -> str:
    """Return the checksum of an export without its personal columns.

    Parameters
    ----------
    export : Export
        The export.
    personal : iterable of int
        Positions of the personal columns.
    mentions : iterable of int
        Positions of columns of which only counts that there is some text.

    Returns
    -------
    str
        Hexadecimal digits; the same before and after these columns are purged from the file.
    """
    out, short = set(personal), set(mentions)
    digest = hashlib.sha256()
    for at, column in enumerate(export.columns):
        if at not in out:
            cells = export.cells[at].fillna("").tolist()
            cells = [without_text(cell) for cell in cells] if at in short else cells
            digest.update(_SEPARATOR.join([column.heading, *cells, "\n"]).encode())
    return digest.hexdigest()


def _without_trials(survey: Survey, trials: NDArray[np.bool_]) -> Survey:
    if not trials.any():
        return survey
    rows = survey.cases["row"].to_numpy()[trials]
    remark = Finding(
        rule="survey.trial_run",
        severity="info",
        text=Text("Testläufe weggelassen", "test runs are left out"),
        file=survey.cases["file"].iloc[0],
        row=int(rows.min()),
        n=len(rows),
        rows=rows_concerned(rows),
    )
    return survey.keep(~trials, reason="test runs are left out", findings=[remark])


def _doubles(export: Export, responses: pd.DataFrame) -> list[Finding]:
    """Cases with equal answers throughout, where enough was asked for that to be no chance."""
    if len(responses.columns) < 5:
        return []
    answered = responses.notna().sum(axis=1) >= 5
    codes = responses.apply(lambda values: pd.factorize(values)[0])
    twice = (codes.duplicated(keep=False) & answered).to_numpy(bool)
    if not twice.any():
        return []
    rows = export.rows[twice]
    return [
        Finding(
            rule="survey.equal_answers",
            severity="warning",
            text=Text(
                "Fälle mit durchweg gleichen Antworten; doppelt abgegeben?",
                "cases with equal answers throughout; were they handed in twice?",
            ),
            file=export.file,
            row=int(rows.min()),
            n=len(rows),
            rows=rows_concerned(rows),
        )
    ]

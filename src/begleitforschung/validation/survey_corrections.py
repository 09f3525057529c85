"""Corrections of answers as data: which answer of which case is wrong, and what it should be.

The file quotes answers, so it belongs beside the export (``data/raw/befragung``, not in git).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pydantic

from begleitforschung.catalogue import Entry, parse_entry, read_csv_entries, read_yaml
from begleitforschung.errors import CatalogueError, Finding, SourceFileError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, file_sha256
from begleitforschung.regions import is_key
from begleitforschung.results.validation import CORRECTED
from begleitforschung.surveys import STATUSES, Survey
from begleitforschung.surveys.codebook import MISSING_KINDS, Item
from begleitforschung.surveys.survey import ANSWERED

UNIT = "unit"


class SurveyCorrection(Entry):
    """One correction.

    Parameters
    ----------
    case : str
        Identifier of the case.
    item : str
        Column of the answers, or ``unit`` for the key of the municipality.
    old, new : str
        What must stand there, and what will: a code, a number with decimal point, a date
        (YYYY-MM-DD), or a kind of missing (``not_asked``, ``no_answer``, ``dont_know``,
        ``refused``). An old unit may be empty: none was found.
    reason, author : str
        Why, and who says so.
    date : datetime.date
        When, as YYYY-MM-DD.
    """

    case: str = pydantic.Field(min_length=1)
    item: str = pydantic.Field(min_length=1)
    old: str = ""
    new: str = pydantic.Field(min_length=1)
    reason: str = pydantic.Field(min_length=1)
    author: str = pydantic.Field(min_length=1)
    date: dt.date

    @pydantic.field_validator("date", mode="before")
    @classmethod
    def _iso_date(cls, value: object) -> object:
        return dt.date.fromisoformat(value) if isinstance(value, str) else value

    @pydantic.model_validator(mode="after")
    def _changes(self) -> SurveyCorrection:
        if not self.old and self.item != UNIT:
            raise ValueError("'old' is required: what stands there now")
        if self.old == self.new:
            raise ValueError("'old' and 'new' are the same")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyCorrections:
    """The corrections of one file, with the row or line of each."""

    entries: tuple[SurveyCorrection, ...] = field(repr=False)
    rows: tuple[int, ...] = field(repr=False)
    file: str
    sha256: str


class _File(Entry):
    corrections: tuple[SurveyCorrection, ...]


def read_survey_corrections(path: Path | str) -> SurveyCorrections:
    """Read a file of corrections of answers.

    Parameters
    ----------
    path : pathlib.Path or str
        CSV (UTF-8, separated by ``;`` or ``,``) with the columns ``case, item, old, new, reason,
        author, date``; or YAML with a list ``corrections`` of the same keys.

    Returns
    -------
    SurveyCorrections
        The corrections with their rows.

    Raises
    ------
    CatalogueError
        If columns or values don't fit, or an answer is corrected twice.
    SourceFileError
        If the file can't be read or is neither CSV nor YAML.
    """
    path = Path(path)
    if path.suffix.lower() in (".yaml", ".yml"):
        content, lines = read_yaml(path)
        entries = parse_entry(content, _File, file=path.name, lines=lines).corrections
        rows = tuple(lines["corrections", at] for at in range(len(entries)))
    elif path.suffix.lower() == ".csv" and path.is_file():
        text = path.read_text(encoding="utf-8-sig")
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        entries = read_csv_entries(path, SurveyCorrection, delimiter=delimiter)
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        filled = [n for n, cells in enumerate(records, 1) if any(cell.strip() for cell in cells)]
        rows = tuple(filled[1:])
    else:
        raise SourceFileError(f"{path.name}: corrections come as an existing .csv or .yaml file")
    keys = [(entry.case, entry.item) for entry in entries]
    twice = [row for row, key in zip(rows, keys, strict=True) if keys.count(key) > 1]
    if twice:
        raise CatalogueError(f"{path.name}: answers are corrected twice, rows {twice}")
    return SurveyCorrections(
        entries=tuple(entries), rows=rows, file=path.name, sha256=file_sha256(path)
    )


def correct_survey(
    survey: Survey, corrections: SurveyCorrections
) -> tuple[Survey, tuple[Finding, ...], pd.DataFrame]:
    """Apply corrections where the old answers are found.

    Parameters
    ----------
    survey : Survey
        The survey.
    corrections : SurveyCorrections
        The corrections.

    Returns
    -------
    survey : Survey
        A new survey whose provenance names the corrections; the same one if none was applied.
    findings : tuple of Finding
        One for each correction, ``correction.applied`` or ``correction.refused`` (error),
        without values.
    corrected : pandas.DataFrame
        The list of corrections as a report shows it, without values.
    """
    work = _Work(survey)
    refusals = [work.apply(entry) for entry in corrections.entries]
    triples = list(zip(corrections.entries, corrections.rows, refusals, strict=True))
    findings = tuple(_finding(*triple, corrections.file) for triple in triples)
    listed = pd.DataFrame(
        [_listed(*triple, corrections.file) for triple in triples], columns=list(CORRECTED)
    ).astype(object)
    corrected = listed.astype({"year": "Int64", "row": "Int64", "applied": bool})
    applied = sum(refusal is None for refusal in refusals)
    if not applied:
        return survey, findings, corrected
    node = survey.history.then(
        "apply_corrections", file=corrections.file, sha256=corrections.sha256, applied=applied
    )
    return work.survey(node), findings, corrected


class _Work:
    """Copies of the tables, changed cell by cell."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._responses, self._status = survey.responses.copy(), survey.status.copy()
        self._cases = survey.cases.copy()
        self._at = {case: at for at, case in enumerate(survey.cases["case"])}

    def survey(self, history: Provenance) -> Survey:
        return replace(
            self._survey,
            responses=self._responses,
            status=self._status,
            cases=self._cases,
            history=history,
        )

    def apply(self, entry: SurveyCorrection) -> Text | None:
        """Apply one correction, or say why not."""
        at = self._at.get(entry.case)
        if at is None:
            return Text("diesen Fall gibt es nicht", "there is no such case")
        if entry.item == UNIT:
            return self._apply_unit(entry, at)
        if entry.item not in self._responses.columns:
            return Text("diese Spalte gibt es nicht", "there is no such column")
        item = self._survey.codebook.item(entry.item)
        if not self._stands(entry, at, item):
            return Text("der alte Wert steht dort nicht", "the old value is not there")
        if entry.new in MISSING_KINDS:
            self._responses[entry.item] = _with(self._responses[entry.item], at, None)
            self._status.loc[at, entry.item] = STATUSES.index(entry.new)
            return None
        value = _value(item, entry.new)
        if value is None:
            return Text("der neue Wert passt nicht", "the new value is not in the codebook")
        self._responses[entry.item] = _with(self._responses[entry.item], at, value)
        self._status.loc[at, entry.item] = ANSWERED
        return None

    def _apply_unit(self, entry: SurveyCorrection, at: int) -> Text | None:
        now = self._cases[UNIT].fillna("").iloc[at]
        if entry.old != now:
            return Text("der alte Schlüssel steht dort nicht", "the old key is not there")
        if not is_key(entry.new):
            return Text("der neue Wert ist kein Schlüssel", "the new value is no key")
        self._cases.loc[at, UNIT] = entry.new
        return None

    def _stands(self, entry: SurveyCorrection, at: int, item: Item) -> bool:
        values = self._responses[entry.item]
        if values.isna().iloc[at]:
            return entry.old == STATUSES[int(self._status[entry.item].to_numpy(np.int8)[at])]
        old = _value(item, entry.old)
        return old is not None and bool(values.iloc[at] == old)


def _with(values: pd.Series, at: int, value: object) -> pd.Series:
    changed = values.copy()
    changed.iloc[at] = value
    return changed


def _value(item: Item, text: str) -> object | None:
    """Return what a text means as an answer; None if it fits nothing."""
    if item.kind == "multiple":
        return text if text in ("0", "1") else None
    if item.coded:
        return text if text in {code.code for code in item.answers} else None
    try:
        if item.cell_kind == "number":
            return float(text)
        return pd.Timestamp(text) if item.cell_kind == "date" else text
    except ValueError:
        return None


def _finding(entry: SurveyCorrection, row: int, refusal: Text | None, file: str) -> Finding:
    done = Text("Antwort korrigiert", "answer corrected")
    return Finding(
        rule="correction.applied" if refusal is None else "correction.refused",
        severity="info" if refusal is None else "error",
        text=refusal or done,
        file=file,
        row=row,
        column=entry.item,
        key=f"case {entry.case}",
    )


def _listed(
    entry: SurveyCorrection, row: int, refusal: Text | None, file: str
) -> dict[str, object]:
    return dict.fromkeys(CORRECTED) | {
        "unit": entry.case,
        "indicator": entry.item,
        "field": "unit" if entry.item == UNIT else "value",
        "author": entry.author,
        "date": entry.date.isoformat(),
        "applied": refusal is None,
        "refusal_de": refusal.de if refusal else None,
        "refusal_en": refusal.en if refusal else None,
        "file": file,
        "row": row,
    }

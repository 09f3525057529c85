"""What the software wrote beside the answers: time stamps, last page, language, test runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.surveys.export import Export
from begleitforschung.loaders.surveys.matching import Matched
from begleitforschung.loaders.surveys.values import dates
from begleitforschung.loaders.surveys.words import Meaning, clean, words
from begleitforschung.surveys.survey import CASES

# What LimeSurvey writes as date of anonymous answers.
_NO_DATE = 1980
_WITH_MODE = ("sosci", "qualtrics")


def cases_of(export: Export, matched: Matched) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the table of cases, without municipalities.

    Parameters
    ----------
    export : Export
        The export.
    matched : Matched
        Which column is which.

    Returns
    -------
    cases : pandas.DataFrame
        Columns as `Survey.cases` has them.
    findings : list of Finding
        What the export does not tell, and identifiers that stand twice.
    """
    n = len(export.rows)
    findings = []
    submitted = _dates(export, matched, "submitted")
    complete, said = _complete(export, matched, submitted)
    if not said:
        findings.append(_completeness_unknown(export.file))
    ids, twice = _identifiers(export, matched)
    if twice.any():
        findings.append(_ids_twice(export, twice))
    language = _texts(export, matched, "language")
    cases = pd.DataFrame(
        {
            "case": ids,
            "file": [export.file] * n,
            "row": export.rows,
            "unit": pd.Series([None] * n, dtype="str"),
            "complete": complete,
            "last_page": _numbers(export, matched, "last_page"),
            "started": _dates(export, matched, "started"),
            "submitted": submitted.where(submitted.dt.year != _NO_DATE),
            "seconds": _numbers(export, matched, "seconds"),
            "language": language,
        }
    )
    return cases.astype(CASES), findings


def trial_runs(export: Export, matched: Matched) -> NDArray[np.bool_]:
    """Say which cases are no answers from the field.

    Parameters
    ----------
    export : Export
        The export.
    matched : Matched
        Which column is which.

    Returns
    -------
    numpy.ndarray of bool
        True for test runs and previews, where the software marks them.
    """
    if export.format not in _WITH_MODE or "mode" not in matched.paradata:
        return np.zeros(len(export.rows), dtype=bool)
    mode = _texts(export, matched, "mode").str.casefold()
    return mode.isin(words().tests).to_numpy(bool)


def _texts(export: Export, matched: Matched, meaning: Meaning) -> pd.Series:
    at = matched.paradata.get(meaning)
    if at is None:
        return pd.Series([None] * len(export.rows), dtype="str")
    return export.cells[at].map(clean, na_action="ignore").astype("str")


def _numbers(export: Export, matched: Matched, meaning: Meaning) -> pd.Series:
    found = pd.to_numeric(_texts(export, matched, meaning), errors="coerce").astype("float64")
    return found.where(found == np.floor(found)) if meaning == "last_page" else found


def _dates(export: Export, matched: Matched, meaning: Meaning) -> pd.Series:
    texts = _texts(export, matched, meaning)
    known = {text: dates(text) for text in texts.dropna().unique()}
    return pd.Series(pd.to_datetime(texts.map(known)), dtype="datetime64[us]")


def _complete(
    export: Export, matched: Matched, submitted: pd.Series
) -> tuple[NDArray[np.bool_], bool]:
    if "finished" in matched.paradata:
        texts = _texts(export, matched, "finished").str.casefold()
        return texts.isin(words().mentioned).to_numpy(bool), True
    if "submitted" in matched.paradata:
        return submitted.notna().to_numpy(bool), True
    return np.ones(len(export.rows), dtype=bool), False


def _identifiers(export: Export, matched: Matched) -> tuple[pd.Series, NDArray[np.bool_]]:
    """Take the identifiers of the export; the row where there is none or it stands twice."""
    rows = pd.Series(export.rows).astype("str")
    if "case" not in matched.paradata:
        return rows, np.zeros(len(rows), dtype=bool)
    ids = _texts(export, matched, "case")
    twice = (ids.duplicated(keep=False) & ids.notna()).to_numpy(bool)
    return ids.where(ids.notna() & ~twice, "row " + rows), twice


def _completeness_unknown(file: str) -> Finding:
    return Finding(
        rule="survey.completeness_unknown",
        severity="info",
        text=Text(
            "Der Export sagt nicht, welche Antworten abgeschlossen wurden; alle gelten als "
            "vollständig",
            "the export does not say which answers were handed in; all count as complete",
        ),
        file=file,
    )


def _ids_twice(export: Export, twice: NDArray[np.bool_]) -> Finding:
    rows = export.rows[twice]
    return Finding(
        rule="survey.case_twice",
        severity="warning",
        text=Text(
            "Kennung der Antwort steht mehrfach; ist der Export doppelt?",
            "the identifier of a response stands more than once; was it exported twice?",
        ),
        file=export.file,
        row=int(rows.min()),
        n=len(rows),
        rows=rows_concerned(rows),
    )

"""`validate_survey`: corrections, rules and item non-response of a survey in one report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from begleitforschung.errors import Finding
from begleitforschung.results.survey_validation import SurveyReport
from begleitforschung.results.validation import CORRECTED
from begleitforschung.surveys import Survey
from begleitforschung.surveys.nonresponse import item_nonresponse
from begleitforschung.validation.assemble import finding_rows, in_order, worst_first
from begleitforschung.validation.survey_checks import check_rule
from begleitforschung.validation.survey_corrections import (
    SurveyCorrections,
    correct_survey,
    read_survey_corrections,
)
from begleitforschung.validation.survey_rules import read_survey_rules


def validate_survey(
    survey: Survey,
    *,
    rules: Path | str | None = None,
    corrections: SurveyCorrections | Path | str | None = None,
) -> SurveyReport:
    """Correct and check a survey.

    Parameters
    ----------
    survey : Survey
        The survey.
    rules : path, optional
        YAML file of further plausibility rules; the standard rules check bounds, filters,
        mandatory questions, speeders and straight lines.
    corrections : SurveyCorrections or path, optional
        Corrections of answers, or their file. It quotes answers: keep it out of git, beside the
        export.

    Returns
    -------
    SurveyReport
        Findings without values, item non-response, corrections, and the corrected survey in
        ``data``. Nothing is left out or changed but by a correction.

    Raises
    ------
    CatalogueError, SourceFileError
        If rules or corrections can't be read.
    UnknownCodeError
        If a rule names a column that the survey does not have.

    Examples
    --------
    With a survey of your own::

        report = validate_survey(survey, corrections="data/raw/befragung/korrekturen.csv")
        report.nonresponse_table()
    """
    done: tuple[Finding, ...] = ()
    corrected = pd.DataFrame(columns=list(CORRECTED)).astype({"applied": bool})
    told = survey.findings
    if corrections is not None:
        read = (
            corrections
            if isinstance(corrections, SurveyCorrections)
            else read_survey_corrections(corrections)
        )
        survey, done, corrected = correct_survey(survey, read)
        applied = tuple(item for item in done if item.rule == "correction.applied")
        survey = replace(survey, findings=(*told, *applied))
    listed = read_survey_rules(None if rules is None else Path(rules))
    broken = [finding for rule in listed for finding in check_rule(survey, rule)]
    findings = worst_first([*told, *done, *broken])
    names = [rule.id for rule in listed]
    return SurveyReport(
        table=in_order([finding_rows(findings)]),
        specification={"rules": names},
        provenance=survey.provenance.then("validate_survey", rules=names),
        protected=True,
        findings=findings,
        data=survey,
        corrected=corrected,
        nonresponse=item_nonresponse(survey),
    )

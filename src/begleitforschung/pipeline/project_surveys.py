"""Surveys of a project: read, checked, and set against the population that was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd

from begleitforschung.errors import SourceFileError, ValidationError
from begleitforschung.estimation.weighting import rake
from begleitforschung.loaders import read_indicators
from begleitforschung.loaders.surveys import read_survey
from begleitforschung.pipeline.project_file import PROGRAMME, SurveyPart
from begleitforschung.provenance import Provenance
from begleitforschung.regions import code_list, programme
from begleitforschung.reports.registering import RegistryPlace
from begleitforschung.results.survey_validation import SurveyReport
from begleitforschung.surveys import Survey, design
from begleitforschung.tables.municipal_frame import municipal_frame
from begleitforschung.validation.survey_run import validate_survey

# Columns of the register that a survey of the projects may use, with their code lists.
_REGISTER = {
    "staffel": "staffel",
    "programm_kategorie": "programm_kategorie",
    "bundesland": "bundeslaender",
}


def checked(
    file: Path, codebook: Path, *, rules: Path | None, corrections: Path | None
) -> SurveyReport:
    """Read, correct and check a survey.

    Parameters
    ----------
    file, codebook : pathlib.Path
        Export and codebook.
    rules, corrections : pathlib.Path, optional
        As for `begleitforschung.validate_survey`.

    Returns
    -------
    SurveyReport
        Findings, and the corrected survey as ``data``.

    Raises
    ------
    SourceFileError, CatalogueError, ValidationError
        If something can't be read.
    """
    survey = read_survey(file, codebook=codebook)
    return validate_survey(survey, rules=rules, corrections=corrections)


def frame_of(part: SurveyPart, file: Path) -> tuple[pd.DataFrame, Provenance]:
    """Return the population of a survey unit by unit, and where it comes from.

    Parameters
    ----------
    part : SurveyPart
        What the project file says.
    file : pathlib.Path
        File of the frame, where it is one.

    Returns
    -------
    frame : pandas.DataFrame
        One row per unit; classes in words.
    origin : Provenance
        Its sources.

    Raises
    ------
    SourceFileError
        If the file can't be read.
    AggregationError
        If it does not hold municipalities of one year.
    """
    if part.frame == PROGRAMME:
        return _projects(), Provenance.of("programme.projects", programme.source())
    table = read_indicators(file)
    frame = municipal_frame(table, smallest=part.smallest, codelist=part.sizes)
    node = table.provenance.then(
        "municipal_frame",
        smallest=part.smallest,
        codelist=part.sizes,
        units=len(frame),
        gebietsstand=table.gebietsstand,
    )
    return frame, node


def _projects() -> pd.DataFrame:
    """Return the projects as a frame, classes in words."""
    register = programme.projects()
    frame = pd.DataFrame({"unit": register["project"]})
    for name, listed in _REGISTER.items():
        codes = code_list(listed)
        labels = codes.labels("de")
        kind = pd.CategoricalDtype(list(labels.values()), ordered=codes.ordered)
        worded = register[name].astype("object").map(labels).astype(kind)
        frame[name] = worded.cat.remove_unused_categories()
    return frame


def invited_of(frame: pd.DataFrame, file: Path) -> pd.DataFrame:
    """Return the units of a frame that were invited.

    Parameters
    ----------
    frame : pandas.DataFrame
        The population.
    file : pathlib.Path
        CSV with ``unit`` and, if known, ``disposition``.

    Returns
    -------
    pandas.DataFrame
        Their rows, with ``disposition`` as text.

    Raises
    ------
    SourceFileError
        If the file can't be read or lacks the column ``unit``.
    ValidationError
        If a unit is not in the frame, or stands twice.
    """
    try:
        listed = pd.read_csv(file, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SourceFileError(
            f"{file.name} can't be read as a list of the invited: {error}"
        ) from None
    if "unit" not in listed.columns:
        raise SourceFileError(f"{file.name} has no column 'unit' (columns are separated by ';')")
    unknown = (~listed["unit"].isin(frame["unit"]) | listed["unit"].duplicated()).to_numpy()
    if unknown.any():
        rows = ", ".join(str(at + 2) for at in unknown.nonzero()[0][:10])
        raise ValidationError(f"{file.name}: units not in the frame, or twice, in rows {rows}")
    if "disposition" not in listed.columns:
        listed["disposition"] = ""
    return frame.merge(listed[["unit", "disposition"]], on="unit", validate="one_to_one")


def designed(
    report: SurveyReport, part: SurveyPart, *, frame: Path, invited: Path | None
) -> Survey:
    """Give a checked survey its design and weights.

    Where the weights of a sample are raked, they begin with units of the population by units
    invited in each stratum, and raking makes up for those who did not answer. Else they are units
    of the population by answers.

    Parameters
    ----------
    report : SurveyReport
        The checked survey.
    part : SurveyPart
        What the project file says.
    frame : pathlib.Path
        File of the frame, where it is one.
    invited : pathlib.Path, optional
        List of the invited.

    Returns
    -------
    Survey
        With design, and raked where the project file says so.

    Raises
    ------
    ValidationError
        If the survey has errors, or its cases contradict the frame.
    """
    errors = [item for item in report.findings if item.severity == "error"]
    if errors:
        raise ValidationError(f"the survey {part.id!r} has errors:", findings=errors)
    units, origin = frame_of(part, frame)
    weights = None
    if part.rake and invited is not None and part.kind == "sample":
        of_unit = _design_weights(units, invited_of(units, invited), part.strata)
        weights = report.data.cases["unit"].map(of_unit)
    plan = design(
        report.data,
        kind=part.kind,
        strata=part.strata,
        frame=units,
        weights=weights,
        source=origin,
    )
    survey = report.data.with_design(plan)
    return rake(survey, part.rake) if part.rake else survey


def registries(
    parts: Iterable[SurveyPart], path: Callable[[str], Path]
) -> tuple[RegistryPlace, ...]:
    """Return where the registries of surveys lie.

    Parameters
    ----------
    parts : iterable of SurveyPart
        What the project file says.
    path : callable
        Turns a path of the project file into one of this machine.

    Returns
    -------
    tuple of RegistryPlace
        One for each survey that has one.
    """
    return tuple(
        RegistryPlace(name=part.registry, path=path(part.registry), codebook=path(part.codebook))
        for part in parts
        if part.registry is not None
    )


def _design_weights(
    frame: pd.DataFrame, invited: pd.DataFrame, strata: Sequence[str]
) -> dict[str, float]:
    """Return units of the population by units invited, for each unit of the frame."""
    drawn = frame["unit"].isin(invited["unit"])
    by = list(strata)
    share = (
        drawn.groupby([frame[n] for n in by], observed=True).transform("mean")
        if by
        else drawn.mean()
    )
    share = pd.Series(share, index=frame.index)
    return dict(zip(frame["unit"], 1 / share, strict=True))

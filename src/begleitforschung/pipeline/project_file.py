"""What ``projekt.toml`` holds: a strict model of its sections.

All paths in the file are relative to its folder and use ``/``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated, TypeVar

import pydantic

from begleitforschung.catalogue import Entry, parse_entry
from begleitforschung.errors import CatalogueError, ProjectError
from begleitforschung.language import Lang
from begleitforschung.reports.publish import Format
from begleitforschung.surveys.sample_design import DesignKind

PROJECT_FILE = "projekt.toml"
PROGRAMME = "programme"
PartT = TypeVar("PartT")


def _inside(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or "\\" in value or ":" in value:
        raise ValueError("a path inside the project folder, written with '/', is expected")
    return value


RelativePath = Annotated[str, pydantic.AfterValidator(_inside)]


class DataPart(Entry):
    """Section ``[data]``: what is read.

    Parameters
    ----------
    files : tuple of str
        Raw files, each with its sidecar.
    corrections : str, optional
        File of corrections.
    rules : str, optional
        File of plausibility rules, beside the standard ones.
    """

    files: tuple[RelativePath, ...] = pydantic.Field(min_length=1)
    corrections: RelativePath | None = None
    rules: RelativePath | None = None


class KpiPart(Entry):
    """Section ``[kpis]``: which framework is computed.

    Parameters
    ----------
    framework : str
        Identifier of a shipped framework, or the path of one of your own.
    mapping : str
        System of the published values.
    """

    framework: str
    mapping: str = "inkar"


class SurveyPart(Entry):
    """Section ``[[surveys]]``: an export, what was asked, and whom.

    Parameters
    ----------
    id : str
        Short name.
    file : str
        The export of the survey software.
    codebook : str
        Its codebook. That says too which answer counts if a municipality answered several times.
    kind : {"sample", "population", "invitation"}
        How the cases came about, see `begleitforschung.Design`.
    frame : str
        The population unit by unit: ``programme`` (the 73 projects), or a file with the population
        of all municipalities.
    smallest : int
        Residents from which a municipality belongs to the population.
    sizes : str
        Code list of the size classes of municipalities.
    strata : tuple of str
        Columns of the frame that make the strata.
    rake : tuple of str
        Columns of the frame whose margins the weights are raked to.
    invited : str, optional
        CSV with the columns ``unit`` and ``disposition`` (what became of those who did not answer,
        see `begleitforschung.response_rates`).
    corrections, rules : str, optional
        Files for `begleitforschung.validate_survey`.
    registry : str, optional
        File with what was ever published of the wave (``.json``), made by the first report:
        results of the survey are protected with it, and finished reports are entered into it.
    """

    id: str = pydantic.Field(pattern=r"^[a-z0-9_]+$")
    file: RelativePath
    codebook: RelativePath
    kind: DesignKind = "sample"
    frame: RelativePath
    smallest: int = pydantic.Field(default=1, ge=1)
    sizes: str = "groessenklasse_statistik"
    strata: tuple[str, ...] = ()
    rake: tuple[str, ...] = ()
    invited: RelativePath | None = None
    corrections: RelativePath | None = None
    rules: RelativePath | None = None
    registry: RelativePath | None = None

    @pydantic.field_validator("registry")
    @classmethod
    def _is_json(cls, value: str | None) -> str | None:
        if value is not None and PurePosixPath(value).suffix != ".json":
            raise ValueError("a file .json is expected")
        return value


class ReportPart(Entry):
    """Section ``[[reports]]``: what is rendered, and to where.

    Parameters
    ----------
    notebook : str
        The report notebook; the report bears its name. Its parameters ``project``, ``year`` and
        ``output`` (the folder of the report) are set where it declares them.
    output : str
        Folder for the report, made where missing.
    formats : tuple of {"html", "pdf"}
        What to write.
    """

    notebook: RelativePath
    output: RelativePath = "reports"
    formats: tuple[Format, ...] = ("html", "pdf")

    @property
    def name(self) -> str:
        """Name of the report."""
        return PurePosixPath(self.notebook).stem


class ProjectPart(Entry):
    """Section ``[project]``: what the project is about.

    Parameters
    ----------
    id : str
        Short name, used for files.
    title : str
        Title.
    year : int, optional
        Reporting year; only a project without figures may leave it out.
    lang : {"de", "en"}
        Language of the report.
    """

    id: str = pydantic.Field(pattern=r"^[a-z0-9_]+$")
    title: str
    year: int | None = None
    lang: Lang = "de"


class ProjectFile(Entry):
    """A whole ``projekt.toml``.

    Parameters
    ----------
    project : ProjectPart
        What it is about.
    data : DataPart, optional
        What is read; a project of surveys may have no figures.
    kpis : KpiPart, optional
        Which framework is computed of them.
    surveys : tuple of SurveyPart
        Surveys; none by default.
    reports : tuple of ReportPart
        What is rendered.
    """

    project: ProjectPart
    data: DataPart | None = None
    kpis: KpiPart | None = None
    surveys: tuple[SurveyPart, ...] = ()
    reports: tuple[ReportPart, ...]

    @pydantic.field_validator("surveys")
    @classmethod
    def _each_survey_once(cls, value: tuple[SurveyPart, ...]) -> tuple[SurveyPart, ...]:
        _refuse_twice([part.id for part in value])
        _refuse_twice([part.registry for part in value if part.registry is not None])
        return value

    @pydantic.field_validator("reports")
    @classmethod
    def _each_report_once(cls, value: tuple[ReportPart, ...]) -> tuple[ReportPart, ...]:
        if not value:
            raise ValueError("a project has at least one report")
        _refuse_twice([part.name for part in value])
        return value


class _DatedPart(ProjectPart):
    """Section ``[project]`` where there are figures, which are those of a year."""

    year: int


class _FiguresFile(ProjectFile):
    """A ``projekt.toml`` with figures: they need files, a framework and a year."""

    project: _DatedPart
    data: DataPart
    kpis: KpiPart


def _refuse_twice(names: list[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"stands twice: {', '.join(twice)}")


def required(file: ProjectFile, part: PartT | None, name: str) -> PartT:
    """Return what figures need and a project of surveys need not have.

    Parameters
    ----------
    file : ProjectFile
        The project file.
    part : object, optional
        Section or entry.
    name : str
        Its name, for the message.

    Returns
    -------
    object
        The part.

    Raises
    ------
    ProjectError
        If it is not there.
    """
    if part is None:
        raise ProjectError(
            f"{PROJECT_FILE} has no {name}: the project has surveys only (project.survey(…): "
            f"{', '.join(survey.id for survey in file.surveys)}); for figures add [data] with "
            "'files', [kpis] with 'framework', and 'year' in [project]"
        )
    return part


def project_file(file: Path) -> ProjectFile:
    """Read what a project file says.

    Parameters
    ----------
    file : pathlib.Path
        The file.

    Returns
    -------
    ProjectFile
        Its content.

    Raises
    ------
    ProjectError
        If the file is missing, is no TOML, or has unknown, missing or wrong entries.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ProjectError(
            f"there is no {PROJECT_FILE} at {file}; make an example project with "
            "'begleitforschung example FOLDER', or say where yours lies"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"{file.name} is not valid TOML: {error}") from None
    except OSError as error:
        raise ProjectError(
            f"{file} can't be read: {error.strerror}. Check that it is a file and its permissions."
        ) from None
    try:
        surveys_only = content.get("surveys") and not {"data", "kpis"} & content.keys()
        model = ProjectFile if surveys_only else _FiguresFile
        return parse_entry(content, model, file=file.name)
    except CatalogueError as error:
        raise ProjectError(f"{file.name} is not complete:", findings=error.findings) from None

"""A project folder and one run of it: load, validate, process, compute, render.

A project is a folder with ``projekt.toml``, ``data/raw``, ``data/processed`` and ``notebooks``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from begleitforschung.errors import ProjectError, UnknownCodeError
from begleitforschung.frameworks import Framework, load_framework
from begleitforschung.kpis import compute_kpis
from begleitforschung.language import Lang
from begleitforschung.loaders import read_indicators, write_indicators
from begleitforschung.pipeline.kpi_levels import fed_levels
from begleitforschung.pipeline.project_file import (
    PROJECT_FILE,
    ProjectFile,
    ReportPart,
    SurveyPart,
    project_file,
    required,
)
from begleitforschung.pipeline.project_surveys import (
    checked,
    designed,
    frame_of,
    invited_of,
    registries,
)
from begleitforschung.regions import Level
from begleitforschung.regions.keys import level_of
from begleitforschung.reports import RenderedReport, render
from begleitforschung.reports.execute import declared_parameters, read_notebook
from begleitforschung.results.kpi import KpiResult
from begleitforschung.results.survey_validation import SurveyReport
from begleitforschung.results.validation import ValidationReport
from begleitforschung.surveys import Survey
from begleitforschung.tables import IndicatorTable
from begleitforschung.validation import validate

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder with its file.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.
    file : ProjectFile
        What ``projekt.toml`` says.
    """

    folder: Path
    file: ProjectFile

    @property
    def year(self) -> int:
        """Reporting year."""
        return required(self.file, self.file.project.year, "'year'")

    @property
    def lang(self) -> Lang:
        """Language of the report."""
        return self.file.project.lang

    def path(self, relative: str) -> Path:
        """Return a path of the project.

        Parameters
        ----------
        relative : str
            Path as it stands in the file.

        Returns
        -------
        pathlib.Path
            The path on this machine.
        """
        return self.folder.joinpath(*PurePosixPath(relative).parts)

    def framework(self) -> Framework:
        """Return the framework that the project computes.

        Returns
        -------
        Framework
            A shipped one, or one from the project folder.

        Raises
        ------
        FrameworkError
            If it does not exist or is not consistent.
        ProjectError
            If the project has surveys only.
        """
        name = required(self.file, self.file.kpis, "[kpis]").framework
        own = self.path(name)
        return load_framework(own if own.exists() else name)

    def load(self) -> IndicatorTable:
        """Read all raw files of the project into one table.

        Returns
        -------
        IndicatorTable
            All figures.

        Raises
        ------
        SourceFileError
            If a file can't be read.
        ValidationError
            If figures break the schema.
        TerritoryError
            If the files stand on different territorial states.
        ProjectError
            If the project has surveys only.
        """
        files = required(self.file, self.file.data, "[data]").files
        first, *rest = (read_indicators(self.path(name)) for name in files)
        return first.join(*rest) if rest else first

    def validate(self) -> ValidationReport:
        """Read the raw files, apply the corrections and check all rules.

        Returns
        -------
        ValidationReport
            Findings, and the corrected table as ``.data``.

        Raises
        ------
        SourceFileError, ValidationError, TerritoryError
            As `load`.
        CatalogueError
            If rules or corrections are malformed.
        """
        data = required(self.file, self.file.data, "[data]")
        return validate(
            self.load(),
            rules=self._optional(data.rules),
            corrections=self._optional(data.corrections) or (),
        )

    def _optional(self, relative: str | None) -> Path | None:
        return None if relative is None else self.path(relative)

    def compute(
        self, data: IndicatorTable, *, level: Level | None = None, year: int | None = None
    ) -> KpiResult:
        """Compute the project's framework on a table.

        Parameters
        ----------
        data : IndicatorTable
            Validated figures.
        level : str, optional
            Territorial level to compute; by default all those at which the table feeds a KPI.
        year : int, optional
            Year to compute; by default all of the table.

        Returns
        -------
        KpiResult
            KPI values, each with a reason where it is missing.
        """
        framework, mapping = self.framework(), required(self.file, self.file.kpis, "[kpis]").mapping
        if level is not None:
            data = data.select(level=level)
        elif data.units:
            first = compute_kpis(data, framework, mapping=mapping, units=data.units[0])
            fed = fed_levels(data, first)
            units = [unit for unit in data.units if level_of(unit) in fed]
            if 0 < len(units) < len(data.units):
                data = data.select(units=units)
        return compute_kpis(data, framework, mapping=mapping, years=year)

    def process(self, data: IndicatorTable) -> Path:
        """Write validated figures with their provenance to ``data/processed``.

        Parameters
        ----------
        data : IndicatorTable
            Validated figures.

        Returns
        -------
        pathlib.Path
            The Parquet file.

        Raises
        ------
        ProjectError
            If the table has no figure of the reporting year.
        SourceFileError
            If the file can't be written.
        """
        figures = data.data.loc[data.data["value"].notna(), "year"]
        if not (figures == self.year).any():
            held = ", ".join(map(str, sorted(figures.unique().tolist()))) or "none"
            raise ProjectError(
                f"the data have no figure of the reporting year {self.year} (years: {held}); "
                f"correct 'year' in {PROJECT_FILE} or add the file of that year"
            )
        folder = self.folder / "data" / "processed"
        folder.mkdir(parents=True, exist_ok=True)
        return write_indicators(data, folder / f"{self.file.project.id}.parquet")

    @property
    def reports(self) -> tuple[str, ...]:
        """Names of the reports, in their order."""
        return tuple(part.name for part in self.file.reports)

    def render(
        self,
        report: str,
        *,
        to: Path | None = None,
        params: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        register: bool = True,
    ) -> RenderedReport:
        """Execute a report notebook and publish it.

        Parameters
        ----------
        report : str
            Name of the report, one of `reports`.
        to : pathlib.Path, optional
            Folder for the report; else as the project file says.
        params : mapping of str to str, optional
            Further parameters of the notebook.
        progress : callable, optional
            Called with the number of cells done and of all cells.
        register : bool
            Whether what the report shows of surveys is entered into their registries.

        Returns
        -------
        RenderedReport
            Paths of what was written.

        Raises
        ------
        UnknownCodeError
            If the project has no such report.
        ReportError
            If a cell fails or a reference dangles; nothing is published then.
        DisclosureError
            If it shows what an earlier report hides; nothing is published then.
        """
        part = self._report(report)
        path = self.path(part.notebook)
        folder = to or self.path(part.output)
        year = str(self.file.project.year or "")
        own = {"project": PROJECT_FILE, "year": year, "output": str(folder.resolve())}
        declared = declared_parameters(read_notebook(path))
        return render(
            path,
            to=folder,
            formats=part.formats,
            params={k: v for k, v in own.items() if v and k in declared} | dict(params or {}),
            lang=self.lang,
            folder=self.folder,
            progress=progress,
            registries=registries(self.file.surveys, self.path) if register else (),
        )

    def _report(self, name: str) -> ReportPart:
        if name not in self.reports:
            raise UnknownCodeError(name, self.reports, "the project's reports")
        return self.file.reports[self.reports.index(name)]

    @property
    def surveys(self) -> tuple[str, ...]:
        """Identifiers of the surveys, in their order."""
        return tuple(part.id for part in self.file.surveys)

    def validate_survey(self, id: str) -> SurveyReport:
        """Read a survey, apply its corrections and check it.

        Parameters
        ----------
        id : str
            Identifier in the project file.

        Returns
        -------
        SurveyReport
            Findings without values, item non-response, and the corrected survey as ``data``.

        Raises
        ------
        UnknownCodeError
            If the project has no such survey.
        SourceFileError, CatalogueError, ValidationError
            If export, codebook or corrections can't be read.
        """
        part = self._survey(id)
        return checked(
            self.path(part.file),
            self.path(part.codebook),
            rules=self._optional(part.rules),
            corrections=self._optional(part.corrections),
        )

    def survey(self, id: str) -> Survey:
        """Return a validated survey with its design and weights.

        Parameters
        ----------
        id : str
            Identifier in the project file.

        Returns
        -------
        Survey
            Ready to be estimated from; results are protected with its registry, if it has one.

        Raises
        ------
        UnknownCodeError
            If the project has no such survey.
        ValidationError
            If it has findings of severity error, or its cases contradict the frame.
        SourceFileError, CatalogueError
            As `validate_survey`.
        """
        part, report = self._survey(id), self.validate_survey(id)
        invited = self._optional(part.invited)
        made = designed(report, part, frame=self.path(part.frame), invited=invited)
        return made if part.registry is None else made.with_registry(self.path(part.registry))

    def invited(self, id: str) -> pd.DataFrame:
        """Return who was invited to a survey.

        Parameters
        ----------
        id : str
            Identifier in the project file.

        Returns
        -------
        pandas.DataFrame
            Rows of the frame, with ``disposition`` (empty where nothing is said) where the
            project file names a list of the invited; else the whole frame.

        Raises
        ------
        UnknownCodeError
            If the project has no such survey.
        ValidationError
            If a unit of the list is not in the frame.
        SourceFileError
            If frame or list can't be read.
        """
        part = self._survey(id)
        frame, _ = frame_of(part, self.path(part.frame))
        listed = self._optional(part.invited)
        return frame if listed is None else invited_of(frame, listed)

    def _survey(self, id: str) -> SurveyPart:
        if id not in self.surveys:
            raise UnknownCodeError(id, self.surveys, "the project's surveys")
        return self.file.surveys[self.surveys.index(id)]


def read_project(path: str | Path = PROJECT_FILE) -> Project:
    """Read a project file.

    Parameters
    ----------
    path : str or pathlib.Path
        The file, or the folder that holds ``projekt.toml``.

    Returns
    -------
    Project
        The project.

    Raises
    ------
    ProjectError
        If the file is missing, is no TOML, or has unknown, missing or wrong entries.
    """
    file = Path(path)
    file = (file / PROJECT_FILE if file.is_dir() else file).resolve()
    return Project(file.parent, project_file(file))

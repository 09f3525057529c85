"""`survey_report`: from an export and its codebook to a printed Befragungsbericht in one call."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from begleitforschung.catalogue import resource
from begleitforschung.loaders.surveys import load_codebook
from begleitforschung.reports.execute import Progress
from begleitforschung.reports.publish import RenderedReport, render
from begleitforschung.reports.registering import RegistryPlace

_NAME = "befragungsbericht"


def survey_report(
    export: str | Path,
    codebook: str | Path,
    *,
    to: str | Path,
    by: Sequence[str] = (),
    unit: str = "",
    several: str = "",
    population: int | None = None,
    publisher: str = "eigene Erhebung",
    registry: str | Path | None = None,
    progress: Progress | None = None,
) -> RenderedReport:
    """Make a report of all questions of a survey, protected, with a Tabellenband beside it.

    The report is in German. For one of your own write a notebook (docs/how-to/report.md); this one
    lies in the package as ``resources/reports/befragungsbericht.ipynb``.

    Parameters
    ----------
    export, codebook : str or path
        Export of the survey and its codebook, see `read_survey`.
    to : str or path
        Folder of the report; it is made where it does not exist.
    by : sequence of str
        Items of the head of the tables, one beside the other. Questions with a filter are shown for
        all only.
    unit, several : str
        As for `read_survey`.
    population : int, optional
        Units of a full population, all of which were asked; without it answers are only counted.
    publisher : str
        Who publishes the report.
    registry : str or path, optional
        File with what was ever published of the wave, made where missing: the report is protected
        with it, and entered into it once it is written.
    progress : callable, optional
        Called after each cell with the number of cells done and of all cells.

    Returns
    -------
    RenderedReport
        Paths, fingerprint and numbers.

    Raises
    ------
    DisclosureError, ReportError
        If answers can't be protected, or a cell fails; nothing is published then.
    SourceFileError, CatalogueError, ValidationError
        If export or codebook can't be read.

    Examples
    --------
    With an export of your own::

        bf.survey_report("antworten.csv", "codebuch.yaml", to="bericht", by=["q1"])
    """
    book = load_codebook(Path(codebook))
    target = Path(to).resolve()
    kept = None if registry is None else Path(registry).resolve()
    with tempfile.TemporaryDirectory(prefix="bericht-") as folder:
        notebook = Path(folder) / f"{_NAME}.ipynb"
        with resource("reports", notebook.name).open("rb") as packed, notebook.open("wb") as copy:
            shutil.copyfileobj(packed, copy)
        return render(
            notebook,
            to=target,
            params={
                "export": str(Path(export).resolve()),
                "codebook": str(Path(codebook).resolve()),
                "by": ",".join(by),
                "unit": unit,
                "several": several,
                "population": "" if population is None else str(population),
                "registry": "" if kept is None else str(kept),
                "output": str(target),
            },
            metadata={
                "title": book.title.text.de,
                "subtitle": "Befragungsbericht",
                "date": dt.date.today().isoformat(),
                "publisher": publisher,
            },
            registries=()
            if kept is None
            else (RegistryPlace(name=kept.name, path=kept, codebook=Path(codebook)),),
            progress=progress,
        )

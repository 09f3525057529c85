"""What the readers of other tools' indices share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding
from begleitforschung.frameworks.index_spec import IndexSpec
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, bad_cells
from begleitforschung.loaders.figures import parse_figures
from begleitforschung.loaders.files import RawFile
from begleitforschung.loaders.sidecar import check_sha256, read_sidecar, source_of
from begleitforschung.provenance import Provenance, Source

MISSING = ("", "NA", "NaN", "n/a")


@dataclass(frozen=True, kw_only=True)
class IndexTables:
    """An index as another tool keeps it: its figures and its construction.

    Parameters
    ----------
    data : pandas.DataFrame
        Indicators and denominators, one float column each; one row per unit, or per unit and
        year where there is a column ``Time``.
    groups : pandas.DataFrame
        Groupings of the units, same rows.
    names : pandas.Series
        Names of the units, same rows.
    spec : IndexSpec
        The construction, with the default steps; other tools keep their steps elsewhere.
    provenance : Provenance
        The files.
    """

    data: pd.DataFrame = field(repr=False)
    groups: pd.DataFrame = field(repr=False)
    names: pd.Series = field(repr=False)
    spec: IndexSpec
    provenance: Provenance = field(repr=False)


def numbers(
    cells: Cells, column: str, *, only: np.ndarray | None = None
) -> tuple[np.ndarray, list[Finding]]:
    """Read a column of numbers with a decimal point.

    Parameters
    ----------
    cells : Cells
        The table.
    column : str
        Name of the column.
    only : numpy.ndarray of bool, optional
        Rows in which it matters.

    Returns
    -------
    values : numpy.ndarray of float64
        The numbers; NaN where the cell says that there is none.
    findings : list of Finding
        At most one, of the cells that are neither.
    """
    texts = cells.column(column)
    missing = np.isin(np.asarray(texts, dtype=object).astype(str), MISSING)
    figures = parse_figures(texts, decimal=".")
    bad = ~missing & (figures.bad | np.isnan(figures.value))
    found = bad_cells(
        cells,
        column,
        bad if only is None else bad & only,
        rule="coinr.number",
        text=Text("Keine Zahl.", "Not a number."),
        hint=Text(
            "Zahlen mit Dezimalpunkt; leer oder NA, wo der Wert fehlt.",
            "Numbers with a decimal point; empty or NA where there is none.",
        ),
    )
    return np.where(missing | bad, np.nan, figures.value), found


def file_source(raw: RawFile) -> Source:
    """Return the source of a file: its sidecar's, or its name and checksum.

    Parameters
    ----------
    raw : RawFile
        The file.

    Returns
    -------
    Source
        The source.

    Raises
    ------
    SourceFileError
        If the file is not the one that its sidecar describes.
    """
    described = read_sidecar(raw.path) if raw.path is not None else None
    if described is not None and described.source.sha256:
        beside = f"{raw.name}.meta.yaml"
        check_sha256(described.source.sha256, raw.sha256, file=raw.name, sidecar=beside)
    return source_of(described, file=raw.name, sha256=raw.sha256, title=raw.name)

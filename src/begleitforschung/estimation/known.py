"""What is known of the population for an extrapolation: totals by cell, and the cell of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.surveys import Design, Survey
from begleitforschung.surveys.designs import Population
from begleitforschung.surveys.frames import labels_of
from begleitforschung.surveys.sample_design import JOIN, as_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Known totals by cell.

    Parameters
    ----------
    codes : numpy.ndarray of int, shape (n,)
        Cell of each case.
    labels : tuple of str
        Cells.
    totals : numpy.ndarray, shape (cells,)
        Known totals.
    groups : tuple of str
        Domain of each cell.
    """

    codes: Ints
    labels: tuple[str, ...]
    totals: Floats
    groups: tuple[str, ...]


def known_totals(
    survey: Survey,
    design: Design,
    population: Population | None,
    count: str,
    by: Sequence[str],
) -> Known:
    """Return the known totals of the cells of strata and domains.

    Parameters
    ----------
    survey : Survey
        The survey.
    design : Design
        Its design.
    population : optional
        Totals: a mapping of stratum to total, a table or margins; the frame of the design if left
        out.
    count : str
        Column with the totals.
    by : sequence of str
        Variables of the domains, crossed with the strata.

    Returns
    -------
    Known
        The totals.

    Raises
    ------
    ValidationError
        If no totals are known, one is below 0, or a cell of the cases has none.
    UnknownCodeError
        If a column is unknown.
    """
    names = list(dict.fromkeys((*by, *design.strata)))
    table = _table(design, population, count)
    for name in (*names, count):
        if name not in table.columns:
            raise UnknownCodeError(name, map(str, table.columns), "columns of the population")
    values = pd.to_numeric(table[count], errors="coerce").astype("float64")
    if missing := int(values.isna().sum()):
        raise ValidationError(f"{count!r} is missing for {missing} rows of the population")
    if wrong := int((~np.isfinite(values) | (values < 0)).sum()):
        raise ValidationError(f"{count!r} is below 0 or infinite in {wrong} rows of the population")
    cells = values.groupby(_keys(table, names)).sum()
    variables = pd.DataFrame(
        {name: labels_of(survey, design.variables, name) for name in names},
        index=range(len(survey)),
    )
    mine = _keys(variables, names)
    if lost := sorted(set(mine) - set(cells.index)):
        raise ValidationError(f"no known total of {count!r} for: {', '.join(lost)}")
    groups = _keys(table, list(by)).groupby(_keys(table, names)).first()
    return Known(
        codes=cells.index.get_indexer(pd.Index(mine)).astype(np.int64),
        labels=tuple(cells.index),
        totals=np.asarray(cells, dtype=np.float64),
        groups=tuple(groups.loc[cells.index]),
    )


def _table(design: Design, population: Population | None, count: str) -> pd.DataFrame:
    strata = design.strata
    if isinstance(population, Mapping):
        parts = [as_label(key).split(JOIN) for key in population]
        if not strata or any(len(part) != len(strata) for part in parts):
            raise ValidationError(
                f"a mapping names the strata: {JOIN.join(strata) or 'there are none'}"
            )
        return pd.DataFrame(parts, columns=list(strata)).assign(
            **{count: list(population.values())}
        )
    if isinstance(population, int | float):
        return pd.DataFrame({count: [float(population)]})
    table = design.frame if population is None else getattr(population, "table", population)
    if not isinstance(table, pd.DataFrame):
        raise ValidationError(
            "give the known totals: population= (a number, mapping, table or margins), or a design "
            "with frame="
        )
    return table


def _keys(table: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    if not names:
        return pd.Series("", index=table.index)
    rows = table[list(names)].itertuples(index=False, name=None)
    return pd.Series([JOIN.join(as_label(v) for v in row) for row in rows], index=table.index)

"""Variables that are known without the answers: joined from the frame, counted by stratum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.surveys.sample_design import JOIN, as_label
from begleitforschung.surveys.survey import Survey


def joined(survey: Survey, frame: pd.DataFrame | None) -> pd.DataFrame:
    """Return the variables of the frame for each case.

    Parameters
    ----------
    survey : Survey
        The survey.
    frame : pandas.DataFrame, optional
        One row per unit of the population, with a column ``unit``.

    Returns
    -------
    pandas.DataFrame
        One row per case, the columns of the frame without ``unit``.

    Raises
    ------
    ValidationError
        If a unit stands twice, in frame or survey, or a case has a unit that is not in the frame.
    """
    if frame is None:
        return pd.DataFrame(index=pd.RangeIndex(len(survey)))
    if not isinstance(frame, pd.DataFrame):
        raise ValidationError(f"frame= is a table with a column 'unit', not {type(frame).__name__}")
    if "unit" not in frame.columns:
        raise ValidationError("the frame needs a column 'unit', as in the cases of the survey")
    units = survey.cases["unit"]
    if frame["unit"].duplicated().any() or frame["unit"].isna().any():
        raise ValidationError("a unit is missing or stands twice in the frame")
    if n := int(units.dropna().duplicated().sum()):
        raise ValidationError(f"{n} cases are further answers of a unit; choose with one_per_unit")
    lost = np.flatnonzero(~units.isin(frame["unit"]).to_numpy())
    if lost.size:
        rows = ", ".join(str(survey.cases["row"].iloc[at]) for at in lost[:10])
        without = int(units.isna().sum())
        none = f" ({without} have no unit at all: which column names it, read_survey(unit=…)?)"
        raise ValidationError(
            f"{lost.size} cases have no unit of the frame{none * bool(without)}; rows {rows}. "
            "Do both use the same keys (text with leading zero, same territorial state), and does "
            "the frame hold all who were asked? Enter missing keys as corrections"
        )
    found = frame.set_index("unit").loc[units.to_numpy()]
    return found.reset_index(drop=True)


def labels_of(survey: Survey, variables: pd.DataFrame, name: str) -> pd.Series:
    """Return a variable as labels, complete.

    Parameters
    ----------
    survey : Survey
        The survey.
    variables : pandas.DataFrame
        Variables of the cases from the frame.
    name : str
        Column of these variables, item of the survey, or ``unit``.

    Returns
    -------
    pandas.Series of str
        One label per case.

    Raises
    ------
    UnknownCodeError
        If the variable is unknown.
    ValidationError
        If it has several columns or is missing in a case.
    """
    if name in variables.columns:
        values = variables[name]
    elif name in ("unit", "case"):
        values = survey.cases[name]
    else:
        require_known(survey, variables.columns, name)
        columns = survey.columns_of(name)
        if len(columns) > 1:
            raise ValidationError(f"{name!r} has {len(columns)} columns; name one of them")
        values = survey.responses[columns[0]]
    if values.isna().any():
        n = int(values.isna().sum())
        raise ValidationError(
            f"the variable {name!r} of the design is missing in {n} cases; take it from a frame "
            "or register that knows it for all"
        )
    return pd.Series([as_label(v) for v in values], dtype="str")


def require_known(survey: Survey, variables: Iterable[object], name: str) -> None:
    """Refuse what is neither an item nor a variable of the design.

    Parameters
    ----------
    survey : Survey
        The survey.
    variables : iterable of str
        Variables of the design.
    name : str
        What was asked for.

    Raises
    ------
    UnknownCodeError
        If it is neither; both are listed.
    """
    book, known = survey.codebook, [str(variable) for variable in variables]
    if name in known or any(name == item.id or name in item.columns for item in book.items):
        return
    what = f"variables of the design and items of the codebook {book.id!r}"
    if survey.design is None:
        what = f"items of the codebook {book.id!r} (variables of a register come with a design)"
    raise UnknownCodeError(name, [*known, *(item.id for item in book.items)], what)


def stratum_labels(survey: Survey, variables: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Return the label of each case's stratum.

    Parameters
    ----------
    survey : Survey
        The survey.
    variables : pandas.DataFrame
        Variables of the cases, those of the strata as labels.
    names : sequence of str
        Variables of the strata; without any there is one stratum.

    Returns
    -------
    pandas.Series of str
        Labels joined by " · ".

    Raises
    ------
    KeyError
        If a variable is not there.
    ValidationError
        If a label of several variables holds what joins them.
    """
    if not names:
        return pd.Series([""] * len(survey), dtype="str")
    for name in names if len(names) > 1 else ():
        if variables[name].astype("str").str.contains(JOIN, regex=False).any():
            raise ValidationError(
                f"labels of {name!r} hold '{JOIN}', which joins variables: rename"
            )
    rows = variables[list(names)].itertuples(index=False, name=None)
    return pd.Series([JOIN.join(row) for row in rows], dtype="str")


def counted(
    label: pd.Series,
    names: Sequence[str],
    population: Any,
    frame: pd.DataFrame | None,
    count: str,
    by_stage: Sequence[ArrayLike | None],
    *,
    clusters: bool = False,
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Count population and cases of each stratum.

    Parameters
    ----------
    label : pandas.Series of str
        Stratum of each case.
    names : sequence of str
        Variables of the strata.
    population : object
        As given to `design`.
    frame : pandas.DataFrame, optional
        The population unit by unit; used where no population is given.
    count : str
        Column with numbers of units.
    by_stage : sequence of array_like
        Population of each case at each stage, where variables hold it.
    clusters : bool
        Whether clusters are counted, of which there may be fewer than cases.

    Returns
    -------
    cells : pandas.DataFrame
        As `Design.cells`.
    stratum : numpy.ndarray of int
        Row of `cells` of each case.

    Raises
    ------
    ValidationError
        If a stratum of the cases has no count, a count is none, or there are more cases.
    UnknownCodeError
        If the table of the population lacks a column.
    """
    if by_stage:
        sizes = pd.Series(np.asarray(by_stage[0]), dtype="float64").groupby(label).first()
    elif population is None and frame is None:
        sizes = pd.Series(np.nan, index=pd.Index(sorted(label.unique())))
    else:
        sizes = _sizes(names, population, frame, count)
        if unknown := sorted(set(label) - set(sizes.index)):
            raise ValidationError(f"no count of the population for strata: {', '.join(unknown)}")
    sampled = label.value_counts().reindex(sizes.index, fill_value=0)
    too_many = sizes.index[(sampled > sizes).to_numpy()].tolist()
    if too_many and not clusters:
        raise ValidationError(f"more cases than units in strata: {', '.join(too_many) or 'all'}")
    cells = pd.DataFrame(
        {
            "stratum": pd.Series(sizes.index, dtype="str"),
            "population": sizes.to_numpy(np.float64),
            "sampled": sampled.to_numpy(np.int64),
        }
    )
    stratum = pd.Index(cells["stratum"]).get_indexer(pd.Index(label))
    return cells, stratum.astype(np.int64)


def _sizes(
    names: Sequence[str], population: Any, frame: pd.DataFrame | None, count: str
) -> pd.Series:
    """Return the number of units of each stratum, by label."""
    if isinstance(population, pd.Series):
        pairs = [(_key(at), size) for at, size in population.items()]
        return _numbers(pairs).groupby(level=0).sum()
    if isinstance(population, Mapping):
        return _numbers({as_label(k): v for k, v in population.items()})
    if isinstance(population, int | float):
        if names:
            raise ValidationError("one number is no population of several strata; give one each")
        return _numbers({"": population})
    table = frame if population is None else getattr(population, "table", population)
    if not isinstance(table, pd.DataFrame):
        raise ValidationError(
            "population= is a number, a mapping or Series of class to number, a table with the "
            f"classes and a column {count!r}, bf.margins(…), or items; not "
            f"{type(population).__name__}"
        )
    wanted = [*names] if population is None else [*names, count]
    for name in wanted:
        if name not in table.columns:
            raise UnknownCodeError(name, map(str, table.columns), "columns of the population")
    if unknown := [name for name in names if table[name].isna().any()]:
        raise ValidationError(
            f"frame or population: {', '.join(unknown)} is missing in "
            f"{int(table[unknown].isna().any(axis=1).sum())} rows, so their stratum is unknown"
        )
    keys = [
        JOIN.join(as_label(v) for v in row)
        for row in table[list(names)].itertuples(index=False, name=None)
    ]
    if population is None:
        numbers = pd.Series(1.0, index=pd.Index(keys or [""] * len(table), dtype="str"))
    else:
        numbers = _numbers(zip(keys or [""] * len(table), table[count], strict=True))
    return numbers.groupby(level=0).sum()


def _key(at: object) -> str:
    """Return the label of an index entry; of several levels crossed."""
    return JOIN.join(as_label(v) for v in at) if isinstance(at, tuple) else as_label(at)


def _numbers(counts: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> pd.Series:
    """Return counts by label; what is no number of units is refused."""
    pairs = list(counts.items() if isinstance(counts, Mapping) else counts)
    index = pd.Index([label for label, _ in pairs], dtype="str")
    sizes = pd.to_numeric(pd.Series([value for _, value in pairs], index=index), errors="coerce")
    wrong = dict.fromkeys(sizes.index[~(np.isfinite(sizes) & (sizes >= 0)).to_numpy()])
    if wrong:
        raise ValidationError(
            f"the population is no number of units (0 or more) in: {', '.join(wrong) or 'all'}"
        )
    return sizes.astype("float64")

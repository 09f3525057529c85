"""What weights are to meet: sizes of classes, and numbers known for all cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from begleitforschung.errors import ValidationError
from begleitforschung.provenance import Provenance
from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.surveys import Design, Survey
from begleitforschung.surveys.designs import Population
from begleitforschung.surveys.frames import counted, labels_of, stratum_labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Classes of the cases and their sizes in the population.

    Parameters
    ----------
    names : tuple of str
        Variables.
    labels : tuple of str
        Classes.
    codes : numpy.ndarray of int, shape (n,)
        Class of each case.
    totals : numpy.ndarray, shape (classes,)
        Sizes.
    inputs : tuple of Provenance
        Where the sizes come from.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    codes: Ints
    totals: Floats
    inputs: tuple[Provenance, ...] = ()


def plan_of(survey: Survey) -> Design:
    """Return the design of a survey.

    Parameters
    ----------
    survey : Survey
        The survey.

    Returns
    -------
    Design
        Its design.

    Raises
    ------
    ValidationError
        If it has none.
    """
    if survey.design is None:
        raise ValidationError("weights need a design: survey.with_design(bf.design(survey, …))")
    return survey.design


def classes_of(
    survey: Survey, by: str | Sequence[str], population: Population | None, count: str
) -> Classes:
    """Return the classes of the cases and their sizes in the population.

    Parameters
    ----------
    survey : Survey
        A survey with a design.
    by : str or sequence of str
        Variables, crossed.
    population : optional
        Sizes; counted in the frame where left out.
    count : str
        Column of a table with the sizes.

    Returns
    -------
    Classes
        The classes.

    Raises
    ------
    ValidationError
        If no sizes are known, or a class of the cases has none.
    UnknownCodeError
        If a variable or column is unknown.
    """
    design = plan_of(survey)
    names = (by,) if isinstance(by, str) else tuple(by)
    if population is None and design.frame is None:
        raise ValidationError("give the sizes of the classes, or a design with frame=")
    variables = design.variables.copy()
    for name in names:
        variables[name] = labels_of(survey, variables, name)
    label = stratum_labels(survey, variables, names)
    cells, codes = counted(label, names, population, design.frame, count, ())
    found = getattr(population, "provenance", None)
    return Classes(
        names=names,
        labels=tuple(cells["stratum"]),
        codes=codes,
        totals=cells["population"].to_numpy(np.float64),
        inputs=(found,) if isinstance(found, Provenance) else (),
    )


def numbers_of(survey: Survey, name: str) -> Floats:
    """Return a number that is known for all cases.

    Parameters
    ----------
    survey : Survey
        A survey with a design.
    name : str
        Item or variable of the frame.

    Returns
    -------
    numpy.ndarray, shape (n,)
        The numbers.

    Raises
    ------
    ValidationError
        If a case lacks it.
    UnknownCodeError
        If the variable is unknown.
    """
    variables = plan_of(survey).variables
    try:
        known = name in variables.columns
        values = np.asarray(variables[name], np.float64) if known else survey.scores(name)[:, 0]
    except (TypeError, ValueError) as error:
        raise ValidationError(
            f"{name!r} has no numbers; of classes give the sizes, by label"
        ) from error
    if missing := int(np.isnan(values).sum()):
        raise ValidationError(
            f"{name!r} is missing in {missing} cases, so it can't be calibrated on"
        )
    return values


def asked_of(survey: Survey, invited: pd.DataFrame | None) -> pd.DataFrame:
    """Return all who were asked, and check that those who answered are among them.

    Parameters
    ----------
    survey : Survey
        A survey with a design; its cases are those who answered.
    invited : pandas.DataFrame, optional
        All who were asked, one row per unit with a column ``unit``; of a full population or
        invitation the frame of the design.

    Returns
    -------
    pandas.DataFrame
        One row per unit.

    Raises
    ------
    ValidationError
        If they are not known, a unit is missing or stands twice, or a case is not among them.
    """
    design = plan_of(survey)
    asked = invited
    if asked is None and design.kind != "sample":
        asked = design.frame
    if asked is None:
        raise ValidationError(
            "this needs all who were asked: invited=… (of a sample those drawn), or a full "
            "population with frame="
        )
    found = asked.get("unit", pd.Series([None]))
    if found.isna().any() or found.duplicated().any():
        raise ValidationError("invited= needs a column 'unit' in which each unit stands once")
    if lost := int((~survey.cases["unit"].isin(found)).sum()):
        raise ValidationError(f"{lost} cases are not among those invited")
    return asked.reset_index(drop=True)

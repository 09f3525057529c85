"""Questions whose answers split groups: their answers case by case, and all that could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.disclosure.choosing import is_secret
from begleitforschung.estimation.domains import grouped
from begleitforschung.results.published import Variable
from begleitforschung.surveys import Survey, parse_filter
from begleitforschung.surveys.sample_design import JOIN

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Axis:
    """A question that splits groups, with the answers.

    Parameters
    ----------
    variable : Variable
        What everybody may know.
    labels : tuple of str
        Its answers in the order of their codes.
    codes : numpy.ndarray of int, shape (n,)
        Answer of each case; the number of answers where there is none.
    dtype : pandas.CategoricalDtype, optional
        Type of its column.
    """

    variable: Variable
    labels: tuple[str, ...]
    codes: Ints = field(repr=False)
    dtype: pd.CategoricalDtype[Any] | None = field(default=None, repr=False)


def axes_of(survey: Survey, names: Sequence[str], filters: Sequence[str] = ()) -> tuple[Axis, ...]:
    """Return the questions that variables and filters are made of, each once.

    Parameters
    ----------
    survey : Survey
        The survey.
    names : sequence of str
        Items with one answer, or variables of the design.
    filters : sequence of str
        Filters; one that compares numbers is a question of its own, with the answers yes and no.

    Returns
    -------
    tuple of Axis
        By name.
    """
    found = {name: _axis(survey, name) for name in names}
    for text in filters:
        columns = parse_filter(text).columns
        if all(survey.codebook.item(column).coded for column in columns):
            found |= {column: _column(survey, column) for column in columns}
        else:
            found[f"[{text}]"] = _of_filter(survey, text, columns)
    return tuple(found[name] for name in sorted(found))


def passing(
    axes: Sequence[Axis], filters: Sequence[str] = (), answers: Mapping[str, str] | None = None
) -> Bools:
    """Say which answers to all questions together pass filters.

    Parameters
    ----------
    axes : sequence of Axis
        As `axes_of` returns them for these filters.
    filters : sequence of str
        Filters that all must pass.
    answers : mapping of str to str, optional
        One answer for some of the questions.

    Returns
    -------
    numpy.ndarray of bool, shape (answers + 1, …)
        One entry for each answer to each question, the last of which is none.
    """
    shape = tuple(len(axis.labels) + 1 for axis in axes)
    every = dict(zip([axis.variable.name for axis in axes], np.indices(shape), strict=True))
    found = np.ones(shape, np.bool_)
    by_name = {axis.variable.name: axis for axis in axes}
    for name, label in (answers or {}).items():
        labels = by_name[name].labels
        found &= every[name] == (labels.index(label) if label in labels else -1)
    for text in filters:
        if f"[{text}]" in every:
            found &= every[f"[{text}]"] == 0
            continue
        columns = {
            name: _as_column(by_name[name], every[name].ravel())
            for name in parse_filter(text).columns
        }
        passed = parse_filter(text).mask(columns.__getitem__, found.size)
        found &= passed.reshape(shape)
    return found


def parts_by_state(axes: Sequence[Axis], names: Sequence[str], states: Sequence[str]) -> Ints:
    """Return the part that all answers together belong to.

    Parameters
    ----------
    axes : sequence of Axis
        Questions.
    names : sequence of str
        Those that make the parts.
    states : sequence of str
        Answers to these questions, joined.

    Returns
    -------
    numpy.ndarray of int, shape (answers + 1, …)
        Number of the state; the number of states where it is none.
    """
    shape = tuple(len(axis.labels) + 1 for axis in axes)
    found = np.full(shape, len(states), np.int64)
    for number, state in enumerate(states):
        answers = dict(zip(names, state.split(JOIN), strict=True)) if names else {}
        found[passing(axes, answers=answers)] = number
    return found


def secret_variable(survey: Survey, name: str) -> bool:
    """Say whether a variable is an answer; register and identifying items are known to all.

    Parameters
    ----------
    survey : Survey
        The survey.
    name : str
        Item, column, or variable of the frame.

    Returns
    -------
    bool
        Whether single values are secret.
    """
    if survey.design is not None and name in survey.design.variables.columns:
        declared = {item.id for item in survey.codebook.items}
        return name in declared and is_secret(survey.codebook.item(name))
    return is_secret(survey.codebook.item(name))


def _axis(survey: Survey, name: str) -> Axis:
    design = survey.design
    of_frame = design is not None and name in design.variables.columns
    if not of_frame and name in survey.responses.columns:
        return _column(survey, name)
    made = grouped(survey, [name], None)
    none = len(made.keys)
    codes = np.where(made.codes < 0, none, made.codes)
    variable = Variable(name=name, answers=none, answered=codes < none)
    return Axis(variable=variable, labels=made.keys, codes=codes)


def _column(survey: Survey, name: str) -> Axis:
    values = survey.responses[name].array
    if not isinstance(values, pd.Categorical):
        raise TypeError(f"{name} has no codes")
    codes = values.codes.astype(np.int64)
    labels = tuple(str(label) for label in values.categories)
    codes = np.where(codes < 0, len(labels), codes)
    item = survey.codebook.item(name)
    variable = Variable(
        name=name,
        answers=len(labels),
        answered=codes < len(labels),
        known=None if is_secret(item) else codes,
        ranking=item.id if item.kind == "ranking" else "",
    )
    return Axis(variable=variable, labels=labels, codes=codes, dtype=values.dtype)


def _of_filter(survey: Survey, text: str, columns: Sequence[str]) -> Axis:
    passed = parse_filter(text).mask(lambda name: survey.responses[name], len(survey))
    answered = np.logical_and.reduce([survey.answered(column) for column in columns])
    codes = np.where(answered | passed, np.where(passed, 0, 1), 2).astype(np.int64)
    variable = Variable(name=f"[{text}]", answers=2, answered=codes < 2)
    return Axis(variable=variable, labels=("yes", "no"), codes=codes)


def _as_column(axis: Axis, codes: Ints) -> pd.Series:
    """Return answers as the column of a survey holds them."""
    at = np.where(codes == len(axis.labels), -1, codes)
    return pd.Series(pd.Categorical.from_codes(at, dtype=axis.dtype))

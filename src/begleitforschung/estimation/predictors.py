"""Variables of a regression: numbers as they are, categories as columns of 0 and 1."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.estimation.blocks import blocks_of
from begleitforschung.estimation.domains import answers_among, grouped
from begleitforschung.language import Text
from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.surveys import Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """One variable.

    Parameters
    ----------
    name : str
        Column of the answers, or variable of the frame.
    numbers : numpy.ndarray, shape (n,), optional
        Values of a number, NaN where missing.
    codes : numpy.ndarray of int, shape (n,), optional
        Category of each case, -1 where missing.
    keys : tuple of str
        Categories; none of a number.
    labels : tuple of Text
        Their wording.
    silent : numpy.ndarray of bool, shape (n,)
        Who was asked and did not answer.
    """

    name: str
    numbers: Floats | None = None
    codes: Ints | None = None
    keys: tuple[str, ...] = ()
    labels: tuple[Text, ...] = ()
    silent: Mask

    @property
    def known(self) -> Mask:
        """Cases whose value is known."""
        if self.numbers is not None:
            return ~np.isnan(self.numbers)
        return np.asarray(self.codes) >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One coefficient, or the category that others are compared with.

    Parameters
    ----------
    predictor : str
        Variable.
    category : str
        Key; empty of a number.
    label : Text
        Wording of the category.
    column : int
        Column of the matrix; -1 for the reference.
    n : int
        Cases of the category; of a number all.
    """

    predictor: str
    category: str
    label: Text
    column: int
    n: int


def predictors_of(
    survey: Survey,
    names: Sequence[str],
    as_numbers: Collection[str],
    as_categories: Collection[str],
) -> list[Predictor]:
    """Return the variables of a regression.

    Parameters
    ----------
    survey : Survey
        The survey.
    names : sequence of str
        Items, columns or variables of the frame; an item with several columns stands for all.
    as_numbers : collection of str
        Scales that count with their scores.
    as_categories : collection of str
        Numbers of the frame that are names of categories.

    Returns
    -------
    list of Predictor
        One per column.

    Raises
    ------
    UnknownCodeError
        If a variable is unknown.
    ValidationError
        If a variable is named twice, or holds texts or dates.
    """
    for name in (*as_numbers, *as_categories):
        if name not in names:
            raise UnknownCodeError(name, names, "predictors")
    found: list[Predictor] = []
    for name in names:
        if not answers_among(survey, [name]):
            found.append(_of_frame(survey, name, category=name in as_categories))
            continue
        if name in as_categories:
            raise ValidationError(f"as_categories= is for variables of the frame, not {name!r}")
        found += [
            _of_item(survey, c, as_number=name in as_numbers) for c in survey.columns_of(name)
        ]
    columns = [part.name for part in found]
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise ValidationError(f"predictors that are named twice: {', '.join(twice)}")
    return found


def _of_frame(survey: Survey, name: str, *, category: bool) -> Predictor:
    design = survey.design
    if design is None or name not in design.variables.columns:
        known = [] if design is None else [str(c) for c in design.variables.columns]
        items = [item.id for item in survey.codebook.items]
        raise UnknownCodeError(name, [*items, *known], "items and variables of the frame")
    values = design.variable(name)
    silent = np.zeros(len(survey), dtype=np.bool_)
    if pd.api.types.is_numeric_dtype(values.dtype) and not category:
        numbers = values.to_numpy(np.float64, na_value=np.nan)
        return Predictor(name=name, numbers=numbers, silent=silent)
    part = grouped(survey, name, None)
    return Predictor(name=name, codes=part.codes, keys=part.keys, labels=part.labels, silent=silent)


def _of_item(survey: Survey, column: str, *, as_number: bool) -> Predictor:
    item = survey.codebook.item(column)
    if item.cell_kind in ("text", "date"):
        raise ValidationError(f"answers of kind {item.cell_kind} can't be predictors: {column!r}")
    if as_number and item.cell_kind != "scale":
        raise ValidationError(f"as_numbers= is for scales; {column!r} is {item.cell_kind!r}")
    number = as_number or item.cell_kind in ("number", "multiple")
    (block,) = blocks_of(survey, column, "mean" if number else "share")
    silent = block.asked & ~block.answered
    if number:
        return Predictor(name=column, numbers=block.values[:, 0], silent=silent)
    missing = np.isnan(block.values).any(axis=1)
    codes = np.where(missing, -1, np.argmax(np.nan_to_num(block.values), axis=1))
    return Predictor(
        name=column, codes=codes, keys=block.categories, labels=block.labels, silent=silent
    )


def matrix_of(
    predictors: Sequence[Predictor], used: Mask, reference: Mapping[str, str]
) -> tuple[Floats, list[Term]]:
    """Return the columns of the regressors, a first one of 1 for the intercept, and their names.

    Parameters
    ----------
    predictors : sequence of Predictor
        The variables.
    used : numpy.ndarray of bool, shape (n,)
        Cases of the regression.
    reference : mapping of str to str
        Category that the others of a variable are compared with; the first one by default.

    Returns
    -------
    x : numpy.ndarray, shape (n, p)
        Regressors; NaN where missing.
    terms : list of Term
        Their names, references among them, categories without a case left out.

    Raises
    ------
    UnknownCodeError
        If a reference is no category with cases.
    ValidationError
        If all cases have the same value of a variable.
    """
    for name in reference:
        if name not in [part.name for part in predictors if part.keys]:
            known = [part.name for part in predictors if part.keys]
            raise UnknownCodeError(name, known, "predictors with categories")
    columns = [np.ones(used.size)]
    terms: list[Term] = []
    for part in predictors:
        if part.numbers is not None:
            if np.unique(part.numbers[used]).size < 2:
                raise ValidationError(f"all cases used have the same {part.name!r}")
            terms.append(_term(part.name, "", Text(""), len(columns), int(used.sum())))
            columns.append(part.numbers)
            continue
        codes = np.asarray(part.codes)
        counts = np.bincount(codes[used], minlength=len(part.keys))
        present = [part.keys[at] for at in np.flatnonzero(counts)]
        if len(present) < 2:
            raise ValidationError(f"all cases used have the same {part.name!r}")
        base = reference.get(part.name, present[0])
        if base not in present:
            raise UnknownCodeError(base, present, f"categories of {part.name!r} with cases")
        for at, key in enumerate(part.keys):
            if counts[at]:
                column = -1 if key == base else len(columns)
                terms.append(_term(part.name, key, part.labels[at], column, int(counts[at])))
                if key != base:
                    columns.append(np.where(codes < 0, np.nan, codes == at))
    return np.column_stack(columns), terms


def _term(predictor: str, category: str, label: Text, column: int, n: int) -> Term:
    return Term(predictor=predictor, category=category, label=label, column=column, n=n)

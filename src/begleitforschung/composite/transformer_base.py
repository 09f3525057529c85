"""What the transformers share: a reference is fitted, other rows are measured by it.

The figures given to `fit` are those of a base year; `transform` runs the same step functions as
`begleitforschung.compose` on them and the new rows, with the base year as reference, and returns
the new rows. So both agree to the last digit. The figures of `fit` stay in the estimator as
``reference_``: who stores it stores them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from begleitforschung.composite.chain import run_steps
from begleitforschung.composite.state import Floats, Rows, State
from begleitforschung.composite.transformer_specs import BASE, NEW
from begleitforschung.frameworks.index_spec import IndexSpec


class ReferenceTransformer(TransformerMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """Base of the transformers: `fit` keeps the reference, `transform` measures rows by it."""

    _least_rows = 1
    _n_steps: int | None = 1

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803, ARG002
        """Take the reference values from these rows.

        Parameters
        ----------
        X : array_like or pandas.DataFrame, shape (n, p)
            Figures of the base year, NaN where missing.
        y : object
            Not used.

        Returns
        -------
        self
            The fitted transformer.

        Raises
        ------
        ValueError
            If `X` is no table of numbers.
        CompositeError
            If the step has no meaning on the figures.
        """
        self.reference_ = self._read(X, reset=True)
        self._learn(self._run(self.reference_.only(np.zeros(len(self.reference_.x), np.bool_))))
        return self

    def transform(self, X: Any) -> Floats:  # noqa: N803
        """Apply the step to these rows, measured by the reference.

        Parameters
        ----------
        X : array_like or pandas.DataFrame, shape (n, p)
            Figures of any year, NaN where missing.

        Returns
        -------
        numpy.ndarray, shape (n, q)
            Values after the step; a DataFrame after ``set_output(transform="pandas")``.

        Raises
        ------
        ValueError
            If `X` is no table of numbers with the columns of `fit`.
        CompositeError
            If the step has no meaning on the figures.
        """
        check_is_fitted(self, "reference_")
        new = self._read(X, reset=False)
        return self._values(self._run(new), new)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _read(self, given: Any, *, reset: bool) -> State:
        values = validate_data(
            self,
            given,
            reset=reset,
            dtype=np.float64,
            ensure_all_finite="allow-nan",
            ensure_min_samples=self._least_rows if reset else 1,
        )
        return rows_of(np.asarray(values), self._names())

    def _names(self) -> list[str]:
        """Return the names of the columns, as `fit` saw them."""
        given = getattr(self, "feature_names_in_", None)
        return [f"x{n}" for n in range(self.n_features_in_)] if given is None else list(given)

    def _run(self, new: State) -> State:
        """Return the state after the steps: rows of the reference, then the new ones."""
        joined = stacked(self.reference_, new)
        return run_steps(joined, self._specification(), 0, self._n_steps)[-1]

    def _learn(self, state: State) -> None:
        """Keep what a user may want to know of the state after the reference alone."""

    def _values(self, state: State, _new: State) -> Floats:
        return np.ascontiguousarray(state.x[state.rows.year == NEW])

    @abstractmethod
    def _specification(self) -> IndexSpec: ...


class ColumnwiseTransformer(OneToOneFeatureMixin, ReferenceTransformer):  # type: ignore[misc]
    """Base of the transformers that return one column for each that they get."""

    def marks(self, X: Any) -> NDArray[np.uint8]:  # noqa: N803
        """Return which values `transform` changes.

        Parameters
        ----------
        X : array_like or pandas.DataFrame, shape (n, p)
            Figures.

        Returns
        -------
        numpy.ndarray of uint8, shape (n, p)
            Bits of `begleitforschung.results.composite_marks`: imputed 1, winsorised from above 2,
            from below 4, transformed 8; 0 where nothing was done.

        Raises
        ------
        ValueError
            If `X` is no table of numbers with the columns of `fit`.
        """
        check_is_fitted(self, "reference_")
        state = self._run(self._read(X, reset=False))
        marks: NDArray[np.uint8] = state.marks[state.rows.year == NEW]
        return marks


def rows_of(values: Floats, names: Sequence[str], **fields: Any) -> State:
    """Return rows as a state, each one a unit of its own.

    Parameters
    ----------
    values : numpy.ndarray, shape (n, p)
        Values.
    names : sequence of str
        Columns.
    **fields
        Further fields of the state; ``units`` are names of the rows.

    Returns
    -------
    State
        Rows of the year `NEW`.
    """
    units = fields.pop("units", [f"row {n + 1}" for n in range(len(values))])
    n = len(values)
    return State(
        rows=Rows(units=tuple(units), unit=np.arange(n), year=np.full(n, NEW, np.int64)),
        indicators=tuple(names),
        x=values,
        marks=np.zeros(values.shape, np.uint8),
        **fields,
    )


def stacked(base: State, new: State) -> State:
    """Return rows of the reference and new rows as one state of two years.

    Parameters
    ----------
    base, new : State
        Rows, each a unit of its own.

    Returns
    -------
    State
        Years `BASE` and `NEW`.
    """
    first, second = base.rows, new.rows
    years = np.repeat(np.array([BASE, NEW], np.int64), [len(first), len(second)])
    return base.to(
        rows=Rows(
            units=first.units + second.units,
            unit=np.concatenate([first.unit, second.unit + len(first.units)]),
            year=years,
        ),
        x=np.concatenate([base.x, new.x]),
        marks=np.concatenate([base.marks, new.marks]),
        denominators={
            name: np.concatenate([values, new.denominators[name]])
            for name, values in base.denominators.items()
        },
        groups={
            name: np.concatenate([labels, new.groups[name]]) for name, labels in base.groups.items()
        },
    )


def check_names(transformer: ReferenceTransformer, given: Any) -> None:
    """Refuse names of columns that are not those of `fit`.

    Parameters
    ----------
    transformer : ReferenceTransformer
        A fitted transformer.
    given : array_like of str, optional
        Names.

    Raises
    ------
    ValueError
        If they are others.
    """
    check_is_fitted(transformer, "reference_")
    if given is None:
        return
    names, known = list(given), getattr(transformer, "feature_names_in_", None)
    if len(names) != transformer.n_features_in_:
        raise ValueError(
            "input_features should have length equal to number of features "
            f"({transformer.n_features_in_}), got {len(names)}"
        )
    if known is not None and names != list(known):
        raise ValueError("input_features is not equal to feature_names_in_")

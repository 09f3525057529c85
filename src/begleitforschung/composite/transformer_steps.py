"""Steps of an index as transformers for scikit-learn, one class for each kind of step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.composite.state import Floats, State
from begleitforschung.composite.transformer_base import (
    ColumnwiseTransformer,
    ReferenceTransformer,
    check_names,
)
from begleitforschung.composite.transformer_specs import NEW, alone, flat_spec
from begleitforschung.errors import CompositeError
from begleitforschung.frameworks.index_method import Method, Step
from begleitforschung.frameworks.index_spec import IndexSpec

Directions = Sequence[str] | Mapping[str, str] | None
_LAST = Step("aggregate", Method("arithmetic"))


class IndexImputer(ColumnwiseTransformer):
    """Fill in missing values by those of the rows given to `fit`.

    Parameters
    ----------
    method : Method or str
        Method of the step ``impute``: ``mean``, ``median``, ``row_mean``, ``row_median``,
        ``knn``, ``iterative`` or a function. Methods by group or by year need `CompositeIndex`
        or `begleitforschung.compose`, which know groups and years.
    directions : sequence or mapping of str, optional
        ``"higher"`` or ``"lower"`` for each column, which the methods by row need.

    Attributes
    ----------
    reference_ : State
        Figures of the base year.

    Examples
    --------
    >>> IndexImputer("median").fit([[1.0], [2.0], [9.0]]).transform([[float("nan")]]).tolist()
    [[2.0]]
    """

    def __init__(self, method: Method | str = "mean", *, directions: Directions = None) -> None:
        self.method = method
        self.directions = directions

    def _specification(self) -> IndexSpec:
        method = alone("impute", self.method)
        if method.name.startswith("group_"):
            raise CompositeError(f"'{method.name}' needs groups; use CompositeIndex or compose(…)")
        steps = (Step("impute", method), _LAST)
        return flat_spec(self._names(), steps, directions=self.directions)


class OutlierTreater(ColumnwiseTransformer):
    """Treat outliers as the rows given to `fit` decide.

    Parameters
    ----------
    method : Method or str
        Method of the step ``treat``: ``winsorise`` (where a column is skewed and peaked, else it
        stays as it is), ``log``, ``log_ct``, ``boxcox`` …

    Attributes
    ----------
    reference_ : State
        Figures of the base year.
    plan_ : tuple of ColumnPlan
        What is done to each column, and why.

    Examples
    --------
    >>> treater = OutlierTreater().fit([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [99.0]])
    >>> treater.transform([[50.0], [5.5]]).ravel().tolist()
    [6.0, 5.5]
    """

    _least_rows = 2

    def __init__(self, method: Method | str = "winsorise") -> None:
        self.method = method

    def _specification(self) -> IndexSpec:
        steps = (Step("treat", alone("treat", self.method)), _LAST)
        return flat_spec(self._names(), steps)

    def _learn(self, state: State) -> None:
        self.plan_ = state.records["treat"][0].plan


class Normaliser(ColumnwiseTransformer):
    """Bring columns to comparable scales on which more is better, by the rows given to `fit`.

    Parameters
    ----------
    method : Method or str
        Method of the step ``normalise``: ``minmax``, ``zscore``, ``percentile_rank``, ``rank`` …
    directions : sequence or mapping of str, optional
        ``"higher"`` or ``"lower"`` for each column; ``"higher"`` by default.

    Attributes
    ----------
    reference_ : State
        Figures of the base year.

    Examples
    --------
    >>> scale = Normaliser("minmax", directions=["lower"]).fit([[1.0], [3.0]])
    >>> scale.transform([[1.0], [2.0], [5.0]]).ravel().tolist()
    [100.0, 50.0, -100.0]
    """

    _least_rows = 2

    def __init__(self, method: Method | str = "minmax", *, directions: Directions = None) -> None:
        self.method = method
        self.directions = directions

    def _specification(self) -> IndexSpec:
        method = alone("normalise", self.method)
        if method.name in ("dist2ref", "dist2targ"):
            raise CompositeError(
                f"'{method.name}' needs what a specification says about units or targets; use "
                "CompositeIndex(spec)"
            )
        steps = (Step("normalise", method), _LAST)
        return flat_spec(self._names(), steps, directions=self.directions)


class Aggregator(ReferenceTransformer):
    """Make one score of all columns.

    Parameters
    ----------
    method : Method or str
        Method of the step ``aggregate``: ``arithmetic``, ``geometric``, ``ampi``, ``topsis`` …
        Those that compare rows with each other (``copeland``, ``borda``, ``bod``) are refused.
    weights : sequence or mapping of float, optional
        Weight of each column; equal by default.
    weighting : Method or str
        Method of the step ``weight``: ``given``, or weights found in the rows given to `fit`
        (``pca``, ``entropy``, ``critic`` …).
    coverage : float, optional
        Share of columns that must have a value; below it there is no score.

    Attributes
    ----------
    reference_ : State
        Figures of the base year.
    weights_ : numpy.ndarray, shape (p,)
        Weights that are used.

    Examples
    --------
    >>> mean = Aggregator(weights=[1, 3]).fit([[0.0, 0.0], [1.0, 1.0]])
    >>> mean.transform([[10.0, 50.0], [10.0, float("nan")]]).ravel().tolist()
    [40.0, 10.0]
    """

    _n_steps = 2

    def __init__(
        self,
        method: Method | str = "arithmetic",
        *,
        weights: Sequence[float] | Mapping[str, float] | None = None,
        weighting: Method | str = "given",
        coverage: float | None = None,
    ) -> None:
        self.method = method
        self.weights = weights
        self.weighting = weighting
        self.coverage = coverage

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the name of the one column.

        Parameters
        ----------
        input_features : array_like of str, optional
            Names of the columns, which must be those of `fit`.

        Returns
        -------
        numpy.ndarray of object, shape (1,)
            ``"score"``.

        Raises
        ------
        ValueError
            If the columns are others.
        """
        check_names(self, input_features)
        return np.array(["score"], dtype=object)

    def _specification(self) -> IndexSpec:
        steps = (
            Step("weight", Method.of(self.weighting)),
            Step("aggregate", alone("aggregate", self.method)),
        )
        return flat_spec(self._names(), steps, weights=self.weights, coverage=self.coverage)

    def _learn(self, state: State) -> None:
        self.weights_ = np.asarray(state.weights)[0, :-1]

    def _values(self, state: State, _new: State) -> Floats:
        return np.ascontiguousarray(np.asarray(state.scores)[state.rows.year == NEW, -1:])

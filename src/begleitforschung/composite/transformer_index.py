"""A whole index as one transformer for scikit-learn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import check_array, validate_data

from begleitforschung.composite.state import Floats, State
from begleitforschung.composite.transformer_base import (
    ReferenceTransformer,
    check_names,
    rows_of,
)
from begleitforschung.composite.transformer_specs import BASE, NEW, alone, flat_spec
from begleitforschung.errors import CompositeError, UnknownCodeError
from begleitforschung.frameworks.index_catalogue import Kind
from begleitforschung.frameworks.index_entries import elements_of
from begleitforschung.frameworks.index_method import DEFAULT_STEPS, Step
from begleitforschung.frameworks.index_spec import IndexSpec

Level = Literal["index", "nodes", "all"]
_ALONE: tuple[Kind, ...] = ("impute", "aggregate")


class CompositeIndex(ReferenceTransformer):
    """Scores of an index, all reference values taken from the rows given to `fit`.

    ``CompositeIndex(spec).fit(base).transform(other)`` gives the scores that
    ``compose(…, spec.replace(years=<base year>))`` gives for the other year.

    Parameters
    ----------
    spec : IndexSpec, optional
        The specification; without one, all columns count the same, min-max from 0 to 100, then
        the arithmetic mean. Its ``years`` are replaced by the rows of `fit`.
    level : {"nodes", "index", "all"}
        Columns of the result: all nodes from the root down, the index alone, or the normalised
        indicators as well.

    Attributes
    ----------
    reference_ : State
        Indicators and denominators of the base year.
    weights_ : dict of str to float
        Weights among the parts of each node, by element.

    Notes
    -----
    A DataFrame is read by the names of its columns: indicators, denominators, and columns of texts
    as groupings. Of an array, the columns are the indicators in the order of the specification,
    then the denominators. Rows that a step ``screen`` drops have no scores.
    """

    _least_rows = 2
    _n_steps = None

    def __init__(self, spec: IndexSpec | None = None, *, level: Level = "nodes") -> None:
        self.spec = spec
        self.level = level

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns of the result.

        Parameters
        ----------
        input_features : array_like of str, optional
            Names of the columns, which must be those of `fit`.

        Returns
        -------
        numpy.ndarray of object
            Identifiers of nodes, and of indicators at the level ``"all"``.

        Raises
        ------
        ValueError
            If the columns are others.
        """
        check_names(self, input_features)
        tree = self._specification().tree
        return np.array([tree.ids[place] for place in self._places()], dtype=object)

    def _specification(self) -> IndexSpec:
        """Return the specification with the rows of `fit` as base year."""
        if self.level not in get_args(Level):
            raise UnknownCodeError(self.level, get_args(Level), "levels of the index")
        if self.spec is None:
            return flat_spec(self._names(), DEFAULT_STEPS)
        for item in elements_of(self.spec.indicators, self.spec.nodes):
            for kind in _ALONE:
                if (own := item.method(kind)) is not None:
                    alone(kind, own)
        return self.spec.replace(years=BASE, steps=tuple(map(_step, self.spec.steps)))

    def _read(self, given: Any, *, reset: bool) -> State:
        if self.spec is None:
            return super()._read(given, reset=reset)
        names = [item.id for item in self.spec.indicators]
        below = dict.fromkeys(i.denominator for i in self.spec.indicators if i.denominator)
        wanted = [*names, *(name for name in below if name not in names)]
        fields: dict[str, Any] = {}
        if isinstance(given, pd.DataFrame):
            values, fields = self._of_frame(given, wanted, reset=reset)
        else:
            values = super()._read(given, reset=reset).x
            if values.shape[1] != len(wanted):
                raise ValueError(
                    f"X has {values.shape[1]} columns; the specification has {len(wanted)} "
                    "indicators and denominators"
                )
        columns = dict(zip(wanted, values.T, strict=True))
        divisors = {name: columns[name] for name in below}
        return rows_of(values[:, : len(names)], names, denominators=divisors, **fields)

    def _of_frame(
        self, frame: pd.DataFrame, wanted: list[str], *, reset: bool
    ) -> tuple[Floats, dict[str, Any]]:
        """Return the figures by name, and the columns of texts as groupings."""
        validate_data(self, frame, reset=reset, skip_check_array=True)
        for name in wanted:
            if name not in frame:
                raise UnknownCodeError(name, map(str, frame.columns), "columns of X")
        values = check_array(
            frame[wanted],
            dtype=np.float64,
            ensure_all_finite="allow-nan",
            ensure_min_samples=self._least_rows if reset else 1,
            estimator=self,
        )
        texts = [
            c for c in frame if c not in wanted and not pd.api.types.is_numeric_dtype(frame[c])
        ]
        groups = {
            str(name): np.array([None if pd.isna(v) else v for v in frame[name]], dtype=object)
            for name in texts
        }
        return values, {"groups": groups, "units": [str(label) for label in frame.index]}

    def _learn(self, state: State) -> None:
        weights = np.asarray(state.weights)[0]
        self.weights_ = dict(zip(state.elements, weights.tolist(), strict=True))

    def _places(self) -> list[int]:
        """Return the positions of the columns of the result among the elements."""
        tree = self._specification().tree
        if self.level == "index":
            return [tree.root]
        return tree.downward + list(range(tree.n_indicators)) * (self.level == "all")

    def _values(self, state: State, new: State) -> Floats:
        kept = state.rows.year == NEW
        places = self._places()
        found = np.full((len(new.x), len(places)), np.nan)
        first = len(state.rows.units) - len(new.rows.units)
        found[state.rows.unit[kept] - first] = np.asarray(state.scores)[kept][:, places]
        return found


def _step(step: Step) -> Step:
    """Return a step that takes its reference from the base year, if it can."""
    method = step.chosen
    if step.kind in _ALONE:
        alone(step.kind, method)
    if step.kind == "screen":
        values: dict[str, Any] = method.resolved("screen")
        if values["include"] or values["exclude"]:
            raise CompositeError(
                "rows have no names here; leave include= and exclude= of the step 'screen' out"
            )
    return replace(step, method=method, years=None)

"""Functions of the user: called column by column, and held to what they promise."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from begleitforschung.composite.state import Floats, Ints, Span, State
from begleitforschung.errors import CompositeError


def own_columns(
    part: Floats,
    spans: list[Span],
    values: Mapping[str, Any],
    stage: str,
    state: State,
    columns: Ints,
    *,
    keep: bool = False,
) -> Floats:
    """Apply a function of the user to each column and span of years.

    Parameters
    ----------
    part : numpy.ndarray, shape (rows, columns)
        Values.
    spans : list of (slice, slice)
        Rows, and rows of their reference.
    values : mapping
        Parameters, ``function`` among them. The function gets the values of one indicator as an
        array, its parameters, and ``reference=`` if it has a parameter of that name.
    stage : str
        Name of the stage.
    state : State
        State before the step.
    columns : numpy.ndarray of int64
        Positions of the columns, for messages.
    keep : bool
        Whether values that are there must stay as they are.

    Returns
    -------
    numpy.ndarray, shape (rows, columns)
        New values.

    Raises
    ------
    CompositeError
        If the function returns another shape, or changes what must stay.
    """
    parameters = dict(values)
    function: Callable[..., Any] = parameters.pop("function")
    wants = "reference" in inspect.signature(function).parameters
    found = np.empty_like(part)
    for number, column in enumerate(columns):
        for rows, base in spans:
            if wants:
                parameters["reference"] = part[base, number]
            new = np.asarray(function(part[rows, number].copy(), **parameters), np.float64)
            name = f"{_name(function)} of step '{stage}', indicator '{state.indicators[column]}'"
            if new.shape != part[rows, number].shape:
                raise CompositeError(
                    f"{name}: {part[rows, number].shape[0]} values in, {new.shape} out; a function "
                    "of a step returns one value for each"
                )
            there = ~np.isnan(part[rows, number])
            if keep and not np.array_equal(new[there], part[rows, number][there]):
                raise CompositeError(f"{name}: an imputation must leave the values that are there")
            found[rows, number] = new
    return found


def _name(function: Callable[..., Any]) -> str:
    return f"function '{getattr(function, '__name__', type(function).__name__)}'"

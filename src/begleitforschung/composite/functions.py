"""Functions of the user: called column by column, and held to what they promise."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from begleitforschung.composite.state import Floats, Ints, Span, State
from begleitforschung.errors import BegleitforschungError, CompositeError


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
        If the function fails, returns another shape or no numbers, or changes what must stay.
    """
    parameters = dict(values)
    function: Callable[..., Any] = parameters.pop("function")
    wants = "reference" in inspect.signature(function).parameters
    found = np.empty_like(part)
    for number, column in enumerate(columns):
        for rows, base in spans:
            if wants:
                parameters["reference"] = part[base, number]
            where = f"step '{stage}', indicator '{state.indicators[column]}'"
            given = part[rows, number].copy()
            new = _numbers(call_own(function, where, given, **parameters), function, where)
            name = f"{_name(function)} of {where}"
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


def call_own(function: Callable[..., Any], where: str, /, *given: Any, **parameters: Any) -> Any:
    """Call a function of the user; what it raises is told with the place where it was called.

    Parameters
    ----------
    function : callable
        The function.
    where : str
        Step, and indicator or node, for messages.
    *given, **parameters : object
        What it gets.

    Returns
    -------
    object
        What it returns.

    Raises
    ------
    CompositeError
        If it fails; its own exception is the cause.
    """
    try:
        return function(*given, **parameters)
    except BegleitforschungError:
        raise
    except Exception as error:
        raise CompositeError(
            f"{where}: {_name(function)} failed with {type(error).__name__}: {error}. It is your "
            "own function: call it with some of the values alone to see why"
        ) from error


def _numbers(found: Any, function: Callable[..., Any], where: str) -> Floats:
    try:
        return np.asarray(found, np.float64)
    except (TypeError, ValueError) as error:
        raise CompositeError(
            f"{where}: {_name(function)} returns {type(found).__name__}; a function of a step "
            "returns one number for each value, NaN where there is none"
        ) from error


def _name(function: Callable[..., Any]) -> str:
    return f"function '{getattr(function, '__name__', type(function).__name__)}'"

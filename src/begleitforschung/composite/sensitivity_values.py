"""Errors of the figures: each run draws every figure anew."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from begleitforschung.composite.sensitivity_choices import ValueErrors
from begleitforschung.composite.state import Floats, State
from begleitforschung.composite.wide import wide_frame
from begleitforschung.errors import CompositeError, UnknownCodeError


def standard_errors(errors: ValueErrors, state: State) -> Floats:
    """Return the standard error of each figure.

    Parameters
    ----------
    errors : ValueErrors
        As given.
    state : State
        State before the first step.

    Returns
    -------
    numpy.ndarray, shape (rows, indicators)
        Standard errors; 0 where none is known.

    Raises
    ------
    UnknownCodeError
        If a column is no indicator.
    CompositeError
        If an error is negative, or no figure has one.
    """
    table = errors.standard_errors
    found = np.zeros(state.x.shape)
    if table is not None:
        _fill(found, table, state)
    elif isinstance(errors.relative, Mapping):
        shares = [errors.relative.get(name, 0.0) for name in state.indicators]
        found += np.abs(state.x) * np.array(shares)
    else:
        found += np.abs(state.x) * float(errors.relative or 0.0)
    found[np.isnan(found)] = 0.0
    if (found < 0).any():
        raise CompositeError("a standard error is negative")
    if not found.any():
        raise CompositeError("no figure has a standard error above 0")
    return found


def _fill(found: Floats, table: pd.DataFrame, state: State) -> None:
    named = [str(name) for name in table.columns if name not in ("unit", "year", "ags", "jahr")]
    for name in named:
        if name not in state.indicators:
            raise UnknownCodeError(name, state.indicators, "indicators with standard errors")
    single = int(state.rows.year[0]) if len(np.unique(state.rows.year)) == 1 else None
    wide = wide_frame(table, tuple(named), single, dated=False)
    for name in named:
        found[:, state.indicators.index(name)] = wide.align(name, state.rows)


def draw_values(state: State, spread: Floats, errors: ValueErrors, seed: int, u: float) -> State:
    """Return the figures of one run.

    Parameters
    ----------
    state : State
        State before the first step.
    spread : numpy.ndarray, shape (rows, indicators)
        Standard errors.
    errors : ValueErrors
        Bounds.
    seed : int
        Seed of the analysis.
    u : float
        Coordinate of the run: runs with the same one have the same figures.

    Returns
    -------
    State
        With figures drawn from normal distributions.
    """
    generator = np.random.default_rng([seed, int(u * 2**53)])
    drawn = state.x + spread * generator.standard_normal(state.x.shape)
    touched = spread > 0
    inside = np.clip(drawn, errors.lower, errors.upper)
    return state.to(x=np.where(touched, inside, state.x))

"""The step ``custom``: any function from a table to a table of the same form."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.composite.functions import call_own
from begleitforschung.composite.state import State
from begleitforschung.errors import CompositeError
from begleitforschung.frameworks.index_method import Step
from begleitforschung.frameworks.index_spec import IndexSpec


def own_step(state: State, stage: str, step: Step, _spec: IndexSpec) -> State:
    """Apply a function of the user to the whole table.

    Parameters
    ----------
    state : State
        Values before.
    stage : str
        Name of the stage.
    step : Step
        Its function gets a DataFrame with the index ``unit, year`` and one column per indicator,
        and returns one with the same columns and the same rows, or some of them.
    _spec : IndexSpec
        Not used.

    Returns
    -------
    State
        Values after; rows that the function left out are dropped.

    Raises
    ------
    CompositeError
        If it fails, or what it returns has other columns or rows, or is no table of numbers.
    """
    values = step.chosen.resolved("custom")
    function = values.pop("function")
    rows = state.rows
    index = pd.MultiIndex.from_arrays(
        [np.array(rows.units, dtype=object)[rows.unit], rows.year], names=["unit", "year"]
    )
    given = pd.DataFrame(state.x.copy(), index=index, columns=list(state.indicators))
    found = call_own(function, f"step '{stage}'", given, **values)
    if not isinstance(found, pd.DataFrame) or set(found.columns) != set(state.indicators):
        raise CompositeError(
            f"step '{stage}': its function returns a DataFrame with the same columns as it gets"
        )
    if not found.index.isin(index).all() or found.index.has_duplicates:
        raise CompositeError(f"step '{stage}': its function returned rows that it did not get")
    kept = index.isin(found.index)
    try:
        numbers = found.reindex(index[kept])[list(state.indicators)].to_numpy(np.float64)
    except (TypeError, ValueError) as error:
        raise CompositeError(f"step '{stage}': its function returned what is no number") from error
    return state.only(kept, record=(stage, None)).to(x=numbers)

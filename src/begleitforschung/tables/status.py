"""The statuses of a figure, read from the code list ``status``."""

from __future__ import annotations

from functools import cache
from typing import Literal

import pandas as pd

from begleitforschung.catalogue import Entry, Label, Reference, read_entry, resource


class Status(Entry):
    """One status.

    Parameters
    ----------
    code : str
        Code used in the column ``status``.
    sign : str
        Sign of official tables; empty where there is none.
    value : {"required", "absent", "zero"}
        Whether a number stands beside it.
    label : Label
        What it means.
    """

    code: str
    sign: str = ""
    value: Literal["required", "absent", "zero"]
    label: Label


class _StatusList(Entry):
    id: str
    reference: Reference
    statuses: tuple[Status, ...]


@cache
def statuses() -> dict[str, Status]:
    """Return all statuses by code, in the order of the code list.

    Returns
    -------
    dict
        Code to `Status`.
    """
    listed = read_entry(resource("codes", "status.yaml"), _StatusList)
    return {item.code: item for item in listed.statuses}


@cache
def status_dtype() -> pd.CategoricalDtype:
    """Return the dtype of the column ``status``.

    Returns
    -------
    pandas.CategoricalDtype
        All statuses, in the order of the code list.
    """
    return pd.CategoricalDtype(list(statuses()))


def codes_with(value: Literal["required", "absent", "zero"]) -> list[int]:
    """Return the category codes of the statuses with one rule for the number.

    Parameters
    ----------
    value : {"required", "absent", "zero"}
        The rule.

    Returns
    -------
    list of int
        Positions within `status_dtype`.
    """
    return [i for i, item in enumerate(statuses().values()) if item.value == value]

"""Treatments of runs that differ in the limit of winsorisation, found in one walk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

from begleitforschung.composite.state import Floats
from begleitforschung.stats.indices.treat import Plan, plan_treatment, plan_treatments
from begleitforschung.stats.indices.treatments import Treatment

_KEPT = 4


class SharedPlans:
    """Plans treatments as `plan_treatment` does, those of all limits at once.

    Parameters
    ----------
    limits : sequence of int or None
        Limits of winsorisation that runs have.
    """

    def __init__(self, limits: Sequence[int | None]) -> None:
        self._limits = tuple(dict.fromkeys(limits))
        self._lock = Lock()
        self._held: OrderedDict[Any, tuple[Floats, dict[int | None, Plan]]] = OrderedDict()

    def __call__(self, reference: Floats, treatments: Sequence[Treatment | None]) -> Plan:
        """Return the plan of one limit.

        Parameters
        ----------
        reference : numpy.ndarray, shape (n, p)
            Values that decide.
        treatments : sequence of Treatment or None
            One for each column.

        Returns
        -------
        tuple of ColumnPlan
            One for each column.
        """
        common = treatments[0] if len(set(treatments)) == 1 else None
        if common is None or common.first != "winsorise" or common.winmax not in self._limits:
            return plan_treatment(reference, treatments)
        # The array is held, so that no other one can stand at its place in memory.
        place = (reference.ctypes.data, reference.shape, reference.strides)
        key = (place, replace(common, winmax=0))
        with self._lock:
            if key not in self._held:
                plans = plan_treatments(reference, self._limits, common)
                named = dict(zip(self._limits, plans, strict=True))
                self._held[key] = (reference, named)
                while len(self._held) > _KEPT:
                    self._held.popitem(last=False)
            return self._held[key][1][common.winmax]

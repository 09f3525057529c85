"""Sparse equations between cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from begleitforschung.disclosure.structure import Ints


class Equations:
    """Gathers sparse equations."""

    def __init__(self) -> None:
        self._rows: list[Ints] = []
        self._columns: list[Ints] = []
        self._entries: list[np.ndarray] = []
        self._count = 0

    def add(self, cell: int, columns: Ints, entries: Any) -> None:
        """Add one equation: ``entries @ cells[columns] == cells[cell]``.

        Parameters
        ----------
        cell : int
            Cell that is a sum.
        columns : numpy.ndarray of int
            Cells that it adds up.
        entries : numpy.ndarray or float
            What each counts.
        """
        where = np.concatenate([[cell], columns])
        self._rows.append(np.full(len(where), self._count))
        self._columns.append(where)
        self._entries.append(np.concatenate([[-1.0], np.broadcast_to(entries, columns.shape)]))
        self._count += 1

    def matrix(self, cells: int) -> Any:
        """Return all equations.

        Parameters
        ----------
        cells : int
            Number of cells.

        Returns
        -------
        scipy.sparse.csr_array, shape (equations, cells)
            ``matrix @ cells == 0``.
        """
        from scipy import sparse

        if not self._count:
            return sparse.csr_array((0, cells))
        where = (np.concatenate(self._rows), np.concatenate(self._columns))
        made = sparse.csr_array((np.concatenate(self._entries), where), shape=(self._count, cells))
        made.eliminate_zeros()
        return made

"""How far a command has come."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click


class Progress:
    """A progress bar on standard error, silent where nobody looks.

    Parameters
    ----------
    quiet : bool
        Whether nothing is shown.
    label : str
        What stands before the bar.
    """

    def __init__(self, *, quiet: bool, label: str) -> None:
        self._quiet, self._label = quiet, label
        self._bar: Any = None

    def __enter__(self) -> Callable[[int, int], None]:
        return self._step

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def _step(self, done: int, total: int) -> None:
        if self._quiet:
            return
        if self._bar is None:
            self._bar = click.progressbar(
                length=total, file=sys.stderr, width=30, label=self._label
            )
        self._bar.update(done - self._bar.pos)

"""How far a command has come, and what it entered where."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from begleitforschung.reports.registering import Registered


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


def print_registered(entries: Iterable[Registered]) -> None:
    """Say on standard error what was entered into registries, and what to look at.

    Parameters
    ----------
    entries : iterable of Registered
        Entries of a report.
    """
    for entry in entries:
        click.echo(entry.line(), err=True)
        for item in entry.findings:
            click.echo(f"{item.severity:<7} {item.line('en')}", err=True)
            if item.hint:
                click.echo(f"        {item.hint.get('en')}", err=True)

"""The commands ``begleitforschung fetch …``; `begleitforschung.cli` adds them to the others."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from begleitforschung.loaders.fetching import Fetched

_SHARED = (
    click.option(
        "--to",
        type=click.Path(path_type=Path),
        required=True,
        help="Existing folder for the file and its sidecar.",
    ),
    click.option("--gebietsstand", default="unknown", help="Territorial state, if you know it."),
    click.option("--replace", is_flag=True, help="Replace a file that has another content."),
    click.option("--refresh", is_flag=True, help="Ask the publisher even if the cache has it."),
    click.option("--endpoint", help="Another address of the interface."),
    click.option("--quiet", is_flag=True, help="No progress bar."),
)


def _shared(function: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_SHARED):
        function = option(function)
    return function


@click.group()
def fetch() -> None:
    """Get tables from their publishers, each with its sidecar.

    Accounts are read from environment variables or the configuration file only; see
    docs/how-to/fetch.md.
    """


@fetch.command("genesis")
@click.argument("table")
@click.option("--database", help="genesis, regionalstatistik, zensus or landesdatenbank_nrw.")
@click.option("--start", type=int, help="First year.")
@click.option("--end", type=int, help="Last year.")
@click.option("--region-variable", default="", help="Regional variable, e.g. KREISE.")
@click.option("--region", "regions", multiple=True, help="Key of a unit; may be repeated.")
@_shared
def genesis(table: str, regions: tuple[str, ...], quiet: bool, **options: Any) -> None:
    """Fetch TABLE of GENESIS-Online, Regionaldatenbank, Zensus or Landesdatenbank NRW."""
    from begleitforschung.loaders.fetching import fetch_genesis

    with _Bytes(quiet=quiet) as progress:
        tell = None if quiet else partial(click.echo, err=True)
        done = fetch_genesis(table, region_keys=regions, progress=progress, tell=tell, **options)
    _say(done)


@fetch.command("inkar")
@click.argument("group")
@click.option("--level", default="KRE", show_default=True, help="BLD, ROR, KRE, GVB or GEM.")
@click.option("--year", "years", type=int, multiple=True, help="Year; may be repeated.")
@_shared
def inkar(group: str, quiet: bool, **options: Any) -> None:
    """Fetch the indicator with the number GROUP in INKAR's interface (unverified)."""
    from begleitforschung.loaders.fetching import fetch_inkar

    with _Bytes(quiet=quiet) as progress:
        done = fetch_inkar(group, progress=progress, **options)
    _say(done)


@fetch.command("wegweiser")
@click.option("--indicator", "indicators", multiple=True, required=True, help="As in its address.")
@click.option("--region", "regions", multiple=True, required=True, help="As in its address.")
@click.option("--years", required=True, help="2020 or 2015-2022.")
@_shared
def wegweiser(
    indicators: tuple[str, ...], regions: tuple[str, ...], quiet: bool, **options: Any
) -> None:
    """Fetch an export of Wegweiser Kommune (unverified)."""
    from begleitforschung.loaders.fetching import fetch_wegweiser

    with _Bytes(quiet=quiet) as progress:
        done = fetch_wegweiser(indicators, regions, progress=progress, **options)
    _say(done)


def _say(done: Fetched) -> None:
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    click.echo(str(done.path))


class _Bytes:
    """A progress bar of bytes on standard error, only where somebody looks."""

    def __init__(self, *, quiet: bool) -> None:
        self._silent = quiet or not sys.stderr.isatty()
        self._bar: Any = None

    def __enter__(self) -> Callable[[int, int], None]:
        return self._step

    def __exit__(self, *_: object) -> None:
        self._end()

    def _step(self, done: int, total: int) -> None:
        if self._silent or not total:
            return
        if self._bar is not None and (self._bar.length != total or done < self._bar.pos):
            self._end()
        if self._bar is None:
            self._bar = click.progressbar(length=total, file=sys.stderr, width=30, label="Bytes")
        self._bar.update(done - self._bar.pos)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None

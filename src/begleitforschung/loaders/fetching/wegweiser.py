"""Exports of Wegweiser Kommune (Bertelsmann Stiftung), kept as they are."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from begleitforschung.errors import FetchError
from begleitforschung.loaders.fetching.answers import refuse_no_data
from begleitforschung.loaders.fetching.asking import Progress, Request
from begleitforschung.loaders.fetching.cache import Session
from begleitforschung.loaders.fetching.client import Answer
from begleitforschung.loaders.fetching.delivery import NOT_STATED, Fetched, Target
from begleitforschung.loaders.fetching.endpoints import base_url, endpoints
from begleitforschung.loaders.sidecar import Sidecar

_NAME, _YEARS = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"), re.compile(r"\d{4}(-\d{4})?")
_LONGEST = 60
_NOTES = (
    "unverified: no export of Wegweiser Kommune was at hand when this was written",
    NOT_STATED,
)


def fetch_wegweiser(
    indicators: Sequence[str],
    regions: Sequence[str],
    to: str | os.PathLike[str],
    *,
    years: str,
    gebietsstand: str = "unknown",
    endpoint: str | None = None,
    replace: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
    session: Session | None = None,
) -> Fetched:
    """Fetch an export of Wegweiser Kommune as CSV and write it with its sidecar.

    Unverified: written from the interface's own description, without an export at hand.

    Parameters
    ----------
    indicators, regions : sequence of str
        Names as in the address of a page of Wegweiser Kommune, e.g. ``"geburten"``, ``"koeln"``.
    to : str or path
        Existing folder that the file is written to.
    years : str
        A year, or first and last (``"2015-2022"``).
    gebietsstand : str
        Territorial state for the sidecar, if you know it.
    endpoint : str, optional
        Another address of the interface.
    replace : bool
        Whether a file with other content may be replaced.
    refresh : bool
        Ask the publisher even if the cache holds the export.
    progress : callable, optional
        Called with bytes done and bytes in all (0 where unknown).
    session : Session, optional
        Cache, limits and clock of your own.

    Returns
    -------
    Fetched
        Path of the file, its sidecar and checksum.

    Raises
    ------
    FetchError
        If a name is none, or the publisher does not deliver.
    SourceFileError
        If the folder can't be written to.
    """
    place = endpoints().wegweiser
    target = Target(folder=Path(to), replace=replace, gebietsstand=gebietsstand)
    names = [*indicators, *regions]
    wrong = [name for name in names if not _NAME.fullmatch(name)]
    if wrong or not indicators or not regions or not _YEARS.fullmatch(years):
        raise FetchError(
            "name at least one indicator and one region as in the address of their pages (small "
            f"letters, digits and hyphens), and years as 2020 or 2015-2022; not: {wrong or years}"
        )
    run = session or Session.open(progress=progress, refresh=refresh)
    base = base_url("wegweiser", place.url, endpoint)
    wanted = "+".join([*names, years, "tabelle.csv"])
    request = Request(url=f"{base}{place.export}{wanted}?charset=UTF-8")
    with run.alone(request):
        kept = run.get(request, lambda answer: _check(answer, request.host))
    source = place.source(
        title=f"Wegweiser Kommune: {', '.join(indicators)}; {', '.join(regions)}; {years}",
        url=kept.url,
        retrieved=kept.retrieved,
    )
    name = f"wegweiser_{'_'.join(indicators)}_{years}"
    if len(name) > _LONGEST or len(regions) > 1:
        name = f"{name[:_LONGEST]}_{request.key[:8]}"
    else:
        name = f"{name}_{regions[0]}"
    content = kept.path.read_bytes()
    notes = (*kept.notes, *_NOTES)
    return target.deliver(f"{name}.csv", content, Sidecar(source=source), notes)


def _check(answer: Answer, host: str) -> None:
    refuse_no_data(host, answer)
    text = answer.path.read_bytes().decode("utf-8-sig", errors="replace")
    if not re.search(r'^"?Indikatoren"?;', text, re.MULTILINE):
        raise FetchError(f"{host} sent no table of indicators; check the names that you ask for")

"""Tables of the GENESIS family: one request, or a job where the table is large."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from begleitforschung.errors import FetchError
from begleitforschung.loaders.fetching.answers import (
    head_of,
    read_json,
    refuse_page,
    refuse_status,
    unpacked,
)
from begleitforschung.loaders.fetching.asking import Progress, Request, Tell
from begleitforschung.loaders.fetching.cache import Kept, Session
from begleitforschung.loaders.fetching.client import Answer, discard
from begleitforschung.loaders.fetching.delivery import Fetched, Target
from begleitforschung.loaders.fetching.endpoints import Database, base_url, database_of, endpoints
from begleitforschung.loaders.fetching.settings import Credentials, credentials
from begleitforschung.loaders.sidecar import Sidecar

_JOB = re.compile(r"[0-9A-Za-z_-]+_\d+$")
_JOB_DAYS = 3
_HEADERS = (b"statistics_code;", b"Statistik_Code;")


def fetch_genesis(
    table: str,
    to: str | os.PathLike[str],
    *,
    database: str | None = None,
    start: int | None = None,
    end: int | None = None,
    region_variable: str = "",
    region_keys: Sequence[str] = (),
    gebietsstand: str = "unknown",
    endpoint: str | None = None,
    replace: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
    tell: Tell | None = None,
    session: Session | None = None,
) -> Fetched:
    """Fetch a table as flat file (ffcsv) and write it with its sidecar.

    Parameters
    ----------
    table : str
        Code of the table, e.g. ``"12411-01-01-4"``.
    to : str or path
        Existing folder that the file is written to.
    database : {"genesis", "regionalstatistik", "zensus", "landesdatenbank_nrw"}, optional
        Where the table stands; else its code tells it.
    start, end : int, optional
        First and last year; all that the database offers by default.
    region_variable : str
        Regional variable that `region_keys` select from, e.g. ``"KREISE"``.
    region_keys : sequence of str
        Keys of units; ``*`` stands for any signs.
    gebietsstand : str
        Territorial state for the sidecar, if you know it; the database does not say it.
    endpoint : str, optional
        Another address of the web service.
    replace : bool
        Whether a file with other content may be replaced.
    refresh : bool
        Ask the database even if the cache holds the table.
    progress : callable, optional
        Called with bytes done and bytes in all (0 where unknown).
    tell : callable, optional
        Called with a text where something takes long.
    session : Session, optional
        Cache, limits and clock of your own.

    Returns
    -------
    Fetched
        Path of the file ``<table>.csv``, its sidecar and checksum.

    Raises
    ------
    FetchError
        If credentials are missing or refused, the table is not there, or the database does not
        deliver.
    UnknownCodeError
        If the database is unknown.
    SourceFileError
        If the folder can't be written to.

    Examples
    --------
    With a file of your own::

        fetch_genesis("12411-01-01-4", "data/raw/genesis")
    """
    target = Target(folder=Path(to), replace=replace, gebietsstand=gebietsstand)
    place = database_of(table, database)
    run = _Run(
        database=place,
        url=base_url(place.id, place.url, endpoint),
        credentials=credentials(place),
        session=session or Session.open(progress=progress, tell=tell, refresh=refresh),
    )
    selection = {
        "startyear": str(start or ""),
        "endyear": str(end or ""),
        "regionalvariable": region_variable,
        "regionalkey": ",".join(region_keys),
    }
    if not all(value.isascii() and value.isprintable() for value in selection.values()):
        raise FetchError("regional variables and keys are letters, digits, commas and *")
    request = run.request("data/tablefile", run.parameters(table, **selection))
    with run.session.alone(request):
        kept = run.table(request)
        facts, notes = run.described(table, request, fresh=kept.fresh)
    content = unpacked(kept.path, request.host, size=run.session.limits.size)
    source = place.source(**facts, url=kept.url, retrieved=kept.retrieved)
    return target.deliver(f"{table}.csv", content, Sidecar(source=source), (*kept.notes, *notes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """The conversation with one database."""

    database: Database
    url: str
    credentials: Credentials
    session: Session

    def parameters(self, table: str, **more: str) -> dict[str, str]:
        """Return the parameters of a table, in an order that does not change."""
        given = {"name": table, "area": self.database.area, "compress": "false"}
        given |= {"transpose": "false", "quality": "on", "format": "ffcsv", "language": "de"}
        return given | more | {"job": "false"}

    def request(self, method: str, parameters: dict[str, str]) -> Request:
        form = tuple(parameters.items())
        return Request(url=self.url + method, form=form, credentials=self.credentials)

    def table(self, request: Request) -> Kept:
        """Return the table from the cache, at once, or by a job."""
        found = None if self.session.refresh else self.session.kept(request)
        if found:
            return found
        job = self._noted_job(request)
        if job is None:
            answer = self.session.ask(request)
            status = self._status(answer)
            if status is None or status["Code"] not in endpoints().statuses.too_large:
                return self.session.keep(request, answer, self._check)
            discard(answer.path)
            job = self._started_job(request)
        self.session.tell(f"{self.database.title} makes the large table in the background: {job}")
        self._wait(job)
        result = self.request("data/resultfile", dict(request.form) | {"name": job})
        kept = self.session.keep(request, self.session.ask(result), self._check)
        self.session.note(request, "job").unlink(missing_ok=True)
        return kept

    def described(
        self, table: str, request: Request, *, fresh: bool
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return title and edition as the database states them."""
        note = self.session.note(request, "table")
        if not fresh and (noted := _noted(note)):
            return noted, ()
        asked = {"name": table, "area": self.database.area, "language": "de"}
        try:
            found = self._said("metadata/table", asked)["Object"]
            title = " ".join(found["Content"].split())
            facts = {"title": f"{title} ({table})", "edition": f"Stand {found['Updated'][:10]}"}
        except (FetchError, KeyError, TypeError, AttributeError):
            plain = {"title": f"{self.database.title}, Tabelle {table}"}
            return plain, ("title and edition could not be fetched; enter them in the sidecar",)
        self.session.write(note, facts)
        return facts, ()

    def _noted_job(self, request: Request) -> str | None:
        """Return a job that an earlier run has started."""
        try:
            noted = json.loads(self.session.note(request, "job").read_text(encoding="utf-8"))
            job, age = str(noted["job"]), date.today() - date.fromisoformat(noted["since"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return job if age <= timedelta(_JOB_DAYS) and _JOB.fullmatch(job) else None

    def _started_job(self, request: Request) -> str:
        said = self._said("data/tablefile", dict(request.form) | {"job": "true"})
        found = _JOB.search(str(said["Status"].get("Content", "")).strip())
        if said["Status"]["Code"] not in endpoints().statuses.job_started or not found:
            raise FetchError(f"{self.database.title} has not started a job for the large table")
        content = {"job": found[0], "since": date.today().isoformat()}
        self.session.write(self.session.note(request, "job"), content)
        return found[0]

    def _wait(self, job: str) -> None:
        """Ask for the job's result with growing pauses, a limited number of times."""
        limits, clock = self.session.limits, self.session.clock
        asked = {"selection": job, "area": "user", "pagelength": "1", "language": "de"}
        deadline, pause = clock.now() + limits.job_seconds, 5 * limits.pause
        for _ in range(limits.polls):
            if self._said("catalogue/results", asked).get("List"):
                return
            if clock.now() + pause > deadline:
                break
            clock.sleep(pause)
            pause = min(pause * 1.5, limits.longest_pause)
        raise FetchError(
            f"{self.database.title} still works at the job {job}. Run the same command later: it "
            "goes on waiting for this job."
        )

    def _said(self, method: str, parameters: dict[str, str]) -> dict[str, Any]:
        """Return an answer in JSON whose status is no error; 104 here means: nothing yet."""
        request = self.request(method, parameters)
        status, body = self.session.text(request)
        said = read_json(request.host, body)
        told = _told(said)
        if told is None:
            refuse_status(request.host, status)
            raise FetchError(f"{request.host} sent an answer that is not understood")
        codes = endpoints().statuses
        waiting = codes.not_found if method == "catalogue/results" else ()
        if told["Code"] not in (*codes.done, *codes.job_started, *waiting):
            raise self._refusal(told)
        return {**said, "Status": told}

    def _status(self, answer: Answer) -> dict[str, Any] | None:
        """Return the message that an answer is, if it is one."""
        if not head_of(answer.path).startswith(b"{"):
            return None
        try:
            return _told(read_json(self.database.title, answer.path.read_bytes()))
        except FetchError:
            return None

    def _check(self, answer: Answer) -> None:
        """Refuse what is not a table."""
        host, head = self.database.title, head_of(answer.path)
        refuse_page(host, head)
        if told := self._status(answer):
            raise self._refusal(told)
        refuse_status(host, answer.status)
        content = unpacked(answer.path, host, size=self.session.limits.size)
        if not content.removeprefix(b"\xef\xbb\xbf").startswith(_HEADERS):
            raise FetchError(f"{host} sent something that is no flat file; try again later")

    def _refusal(self, told: dict[str, Any]) -> FetchError:
        codes, code = endpoints().statuses, told["Code"]
        words = str(told.get("Content") or "")
        for secret in filter(None, (self.credentials.user, self.credentials.password)):
            words = words.replace(secret, "***")
        words = " ".join(words.split())[:300]
        if code in codes.refused:
            return FetchError(
                f"{self.database.title} refuses the credentials (code {code}): {words}\nCheck them "
                f"and whether the account is active: {self.database.account}"
            )
        tip = ": check the code of the table" if code in codes.not_found else ""
        return FetchError(f"{self.database.title} says (code {code}): {words}{tip}")


def _noted(note: Path) -> dict[str, str]:
    """Return title and edition as noted; nothing if there is no such note or it is damaged."""
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
        return {name: str(found[name]) for name in ("title", "edition")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _told(said: dict[str, Any]) -> dict[str, Any] | None:
    """Return the status in an answer, which stands in ``Status`` or is the whole answer."""
    told = said.get("Status", said)
    if not isinstance(told, dict) or not re.fullmatch(r"-?[0-9]{1,9}", str(told.get("Code"))):
        return None
    return told | {"Code": int(told["Code"])}

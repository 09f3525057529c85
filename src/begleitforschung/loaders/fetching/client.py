"""Downloads over HTTP: tried again with pauses, within limits, resumed where the server offers it.

The answer grows in a file ``….part``. Beside it ``….part.json`` holds what tells whether the next
attempt may go on: the server's mark of this very content (ETag or date) and its length.
"""

from __future__ import annotations

import errno
import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from begleitforschung.errors import FetchError
from begleitforschung.loaders.fetching.asking import (
    Clock,
    Limits,
    Progress,
    Request,
    pause_after,
    retry_after,
)
from begleitforschung.loaders.fetching.endpoints import LOOPBACK

_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_CHUNK = 2**16
_DISK = (errno.ENOSPC, errno.EFBIG, errno.EROFS, errno.EACCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer of a server.

    Parameters
    ----------
    path : pathlib.Path
        File with its body.
    status : int
        HTTP status.
    """

    path: Path
    status: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a part belongs to."""

    key: str
    mark: str
    total: int


class _AgainError(Exception):
    """An attempt that failed; the next may not."""

    def __init__(self, problem: str, asked: float | None = None) -> None:
        super().__init__(problem)
        self.problem, self.asked = problem, asked


class _SameServer(urllib.request.HTTPRedirectHandler):
    """Follows redirections of plain GET requests within a server, so that nothing leaks."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any,
        newurl: str,
    ) -> urllib.request.Request | None:  # fmt: skip
        here, there = urlsplit(req.full_url), urlsplit(newurl)
        same = (here.scheme, here.netloc) == (there.scheme, there.netloc)
        if not same or req.get_method() != "GET":
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(
    request: Request,
    part: Path,
    *,
    limits: Limits,
    clock: Clock,
    progress: Progress | None = None,
) -> Answer:
    """Write the answer to a request into a file.

    Parameters
    ----------
    request : Request
        What is asked.
    part : pathlib.Path
        File that the answer grows in; what an earlier run left there is gone on with if the
        server offers that and says that its content is still the same.
    limits : Limits
        How often, how long, how much.
    clock : Clock
        Time and chance.
    progress : callable, optional
        Called with bytes done and bytes in all (0 where the server does not say).

    Returns
    -------
    Answer
        Complete, with any status that another attempt would not change.

    Raises
    ------
    FetchError
        If the limits are reached, the server can't be reached or redirects elsewhere.
    """
    run = _Run(request, part, limits, clock, clock.now() + limits.seconds, progress)
    try:
        return _repeated(run)
    except FetchError:
        if _begun(part, request.key) is None:  # nothing to go on with, and it may be a message
            discard(part)
        raise


@dataclass(frozen=True, slots=True)
class _Run:
    """One download with all its attempts."""

    request: Request
    part: Path
    limits: Limits
    clock: Clock
    deadline: float
    progress: Progress | None

    def attempt(self) -> Answer:
        """Ask once, for all or for the rest."""
        begun = _begun(self.part, self.request.key)
        asked = urllib.request.Request(
            self.request.url, data=self.request.body, headers=self.request.headers()
        )
        if begun:
            asked.add_header("Range", f"bytes={self.part.stat().st_size}-")
            asked.add_header("If-Range", begun.mark)
        seconds = min(self.limits.silence, self.deadline - self.clock.now())
        try:
            with _open(self.request.host, asked, seconds) as response:
                status = self.checked_status(response)
                done, total = self.prepared(response, begun)
                self.receive(response, done, total)
        except (http.client.HTTPException, OSError) as error:
            problem = _said(error, self.request.host)
        else:
            return Answer(path=self.part, status=200 if status == 206 else status)
        raise problem  # outside of the handler, so that no traceback shows the connection's error

    def checked_status(self, response: Any) -> int:
        """Return the status of an answer that another attempt would not change."""
        status = int(response.status)
        if status in _AGAIN:
            asked = retry_after(response.headers.get("Retry-After"))
            raise _AgainError(f"the server answers with status {status}", asked)
        if status // 100 == 3:
            raise FetchError(f"{self.request.host} sends to another address; has it moved?")
        if status == 416:
            discard(self.part)
            raise _AgainError("the server does not know how to go on")
        return status

    def prepared(self, response: Any, begun: _Mark | None) -> tuple[int, int]:
        """Return bytes that are there and bytes in all; start anew unless it is the rest."""
        headers: Message = response.headers
        length = headers.get("Content-Length") or ""
        done, total = 0, int(length) if length.isascii() and length.isdigit() else 0
        if response.status == 206:
            found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", headers.get("Content-Range") or "")
            size = self.part.stat().st_size if begun else -1
            if not begun or not found or (int(found[1]), int(found[2])) != (size, begun.total):
                discard(self.part)
                raise _AgainError("the server went on at the wrong place")
            done, total = size, begun.total
        if total > self.limits.size:
            raise self.too_large()
        if not done:
            discard(self.part)
            mark = _mark_of(headers) if response.status == 200 else ""
            note = json.dumps(asdict(_Mark(self.request.key, mark, total)))
            mark_path(self.part).write_text(note, encoding="utf-8", newline="\n")
        return done, total

    def receive(self, response: Any, done: int, total: int) -> None:
        """Write what comes, as it comes."""
        with self.part.open("ab" if done else "wb") as stream:
            while chunk := response.read1(_CHUNK):
                stream.write(chunk)
                stream.flush()
                done += len(chunk)
                if done > self.limits.size:
                    raise self.too_large()
                if self.clock.now() > self.deadline:
                    raise _AgainError("the answer takes too long")
                if self.progress:
                    self.progress(done, total)
        if total and done != total:
            raise _AgainError(f"the answer broke off after {done} of {total} bytes")

    def too_large(self) -> FetchError:
        """Return the error that an answer is too large."""
        size = f"{self.limits.size:,} bytes"
        return FetchError(f"the answer is larger than {size}; select fewer units or years")


def _repeated(run: _Run) -> Answer:
    """Try until there is an answer or a limit is reached."""
    limits, clock = run.limits, run.clock
    problem, made = "", 0
    for attempt in range(1, limits.attempts + 1):
        try:
            return run.attempt()
        except _AgainError as failure:
            problem, made = failure.problem, attempt
            pause = pause_after(attempt, failure.asked, limits=limits, chance=clock.chance())
        if clock.now() + pause >= run.deadline:
            problem += f"; the next attempt would have to wait {pause:.0f} s"
            break
        if attempt < limits.attempts:
            clock.sleep(pause)
    raise FetchError(
        f"{run.request.host}: {problem} (attempt {made} of {limits.attempts}). Try again later; "
        "what has come so far is kept and gone on with where the server offers that."
    )


def _open(host: str, asked: urllib.request.Request, seconds: float) -> Any:
    """Open a connection; every status is an answer here."""
    handlers: list[urllib.request.BaseHandler] = [_SameServer()]
    if host in LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        return urllib.request.build_opener(*handlers).open(asked, timeout=max(seconds, 0.01))
    except urllib.error.HTTPError as answer:
        return answer


def _said(error: Exception, host: str) -> Exception:
    """Say an error of the connection in words that hold nothing of the request."""
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return FetchError(
            f"{host}: the certificate can't be verified. Update the system's certificates, or "
            "name a file with the missing one in the environment variable SSL_CERT_FILE."
        )
    if isinstance(reason, TimeoutError):
        return _AgainError("the server was silent for too long")
    if isinstance(reason, http.client.IncompleteRead):
        return _AgainError("the answer broke off")
    if isinstance(reason, OSError) and (reason.filename or reason.errno in _DISK):
        return FetchError(f"{reason.filename or 'the answer'} can't be written: {reason.strerror}")
    return _AgainError(f"no connection ({type(reason).__name__})")


def _begun(part: Path, key: str) -> _Mark | None:
    """Return what an earlier attempt left, if one may go on with it."""
    try:
        note = json.loads(mark_path(part).read_text(encoding="utf-8"))
        found = _Mark(str(note["key"]), str(note["mark"]), int(note["total"]))
        size = part.stat().st_size
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if found.key == key and found.mark and 0 < size < found.total else None


def _mark_of(headers: Message) -> str:
    """Return the server's mark of this very content, if it offers to go on later."""
    # A message in JSON may repeat the credentials, so none is left lying for later.
    if headers.get("Accept-Ranges", "").lower() != "bytes" or "json" in headers.get_content_type():
        return ""
    tag = headers.get("ETag") or ""
    return tag if tag.startswith('"') else "" if tag else headers.get("Last-Modified") or ""


def mark_path(part: Path) -> Path:
    """Return where the mark of a part stands.

    Parameters
    ----------
    part : pathlib.Path
        The part.

    Returns
    -------
    pathlib.Path
        ``<part>.json``.
    """
    return part.with_name(part.name + ".json")


def discard(part: Path) -> None:
    """Remove a part and its mark.

    Parameters
    ----------
    part : pathlib.Path
        The part; need not exist.
    """
    part.unlink(missing_ok=True)
    mark_path(part).unlink(missing_ok=True)

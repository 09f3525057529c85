"""Answers kept in a folder of the user, each with its checksum; nothing in it names credentials."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import IO

from begleitforschung.errors import FetchError
from begleitforschung.loaders.fetching.asking import Clock, Limits, Progress, Request, Tell
from begleitforschung.loaders.fetching.client import Answer, discard, download
from begleitforschung.loaders.fetching.settings import cache_folder
from begleitforschung.provenance import file_sha256

Check = Callable[[Answer], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer in the cache.

    Parameters
    ----------
    path : pathlib.Path
        Its body.
    sha256 : str
        Checksum of the body.
    url : str
        Address and parameters.
    retrieved : str
        Day of retrieval, ISO 8601.
    fresh : bool
        Whether the publisher was asked just now.
    """

    path: Path
    sha256: str
    url: str
    retrieved: str
    fresh: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know: that the answer is an earlier one."""
        if self.fresh:
            return ()
        return (f"taken from the cache of {self.retrieved}; --refresh asks the publisher anew",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the fetching of one file shares: cache, limits and clock.

    Parameters
    ----------
    folder : pathlib.Path
        The cache.
    limits : Limits
        How often, how long, how much.
    clock : Clock
        Time and chance.
    progress : callable, optional
        Called with bytes done and bytes in all.
    tell : callable
        Called with a text where something takes long.
    refresh : bool
        Ask the publisher even if the cache holds an answer.
    """

    folder: Path
    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=Clock)
    progress: Progress | None = None
    tell: Tell = field(default=lambda _: None)
    refresh: bool = False

    @classmethod
    def open(cls, *, progress: Progress | None, refresh: bool, tell: Tell | None = None) -> Session:
        """Return a session in the user's cache, which is made if need be.

        Parameters
        ----------
        progress : callable or None
            Called with bytes done and bytes in all.
        refresh : bool
            Ask the publisher even if the cache holds an answer.
        tell : callable, optional
            Called with a text where something takes long.

        Returns
        -------
        Session
            With the usual limits.

        Raises
        ------
        FetchError
            If the folder can't be made.
        """
        folder = cache_folder()
        with _written(folder):
            folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder=folder, progress=progress, refresh=refresh)
        return replace(made, tell=tell) if tell else made

    def kept(self, request: Request) -> Kept | None:
        """Return the answer to a request from the cache.

        Parameters
        ----------
        request : Request
            The request.

        Returns
        -------
        Kept or None
            None if there is none, or it no longer fits its checksum.
        """
        try:
            note = json.loads(self._file(request, ".json").read_text(encoding="utf-8"))
            found = Kept(path=self._file(request, ".body"), **note)
            return found if file_sha256(found.path) == found.sha256 else None
        except (OSError, ValueError, TypeError):
            return None

    def get(self, request: Request, check: Check) -> Kept:
        """Return the answer to a request, from the cache or the publisher.

        Parameters
        ----------
        request : Request
            The request.
        check : callable
            Raises an error if an answer is not what was asked for; such are not kept.

        Returns
        -------
        Kept
            A complete and checked answer.

        Raises
        ------
        FetchError
            If it can't be fetched, or is not what was asked for.
        """
        found = None if self.refresh else self.kept(request)
        return found or self.keep(request, self.ask(request), check)

    def ask(self, request: Request) -> Answer:
        """Return the publisher's answer, whatever it is; see `download`.

        Parameters
        ----------
        request : Request
            The request.

        Returns
        -------
        Answer
            In a file that `keep` or `drop` takes away.
        """
        part = self._file(request, ".part")
        return download(request, part, limits=self.limits, clock=self.clock, progress=self.progress)

    def keep(self, request: Request, answer: Answer, check: Check) -> Kept:
        """Put a checked answer into the cache.

        Parameters
        ----------
        request : Request
            The request that it is kept for.
        answer : Answer
            The answer.
        check : callable
            Raises an error if it is not what was asked for.

        Returns
        -------
        Kept
            The answer.
        """
        try:
            check(answer)
        except FetchError:
            discard(answer.path)
            raise
        body, note = self._file(request, ".body"), self._file(request, ".json")
        found = Kept(
            path=body,
            sha256=file_sha256(answer.path),
            url=request.shown,
            retrieved=date.today().isoformat(),
            fresh=True,
        )
        with _written(self.folder):
            note.unlink(missing_ok=True)
            answer.path.replace(body)
            self.write(note, {key: getattr(found, key) for key in ("sha256", "url", "retrieved")})
        discard(answer.path)
        return found

    def text(self, request: Request) -> tuple[int, bytes]:
        """Return a short answer that is not kept.

        Parameters
        ----------
        request : Request
            The request.

        Returns
        -------
        status : int
            HTTP status.
        body : bytes
            The answer.
        """
        answer = self.ask(request)
        body = answer.path.read_bytes()
        discard(answer.path)
        return answer.status, body

    def note(self, request: Request, what: str) -> Path:
        """Return where something about a request is noted.

        Parameters
        ----------
        request : Request
            The request.
        what : str
            What is noted, e.g. ``"job"``.

        Returns
        -------
        pathlib.Path
            The file; need not exist.
        """
        return self._file(request, f".{what}.json")

    def write(self, path: Path, content: dict[str, str]) -> None:
        """Write a note so that it is there completely or not at all.

        Parameters
        ----------
        path : pathlib.Path
            The file.
        content : dict
            What it says.
        """
        aside = path.with_name(path.name + ".new")
        with _written(self.folder):
            aside.write_text(json.dumps(content, indent=1), encoding="utf-8", newline="\n")
            aside.replace(path)

    @contextmanager
    def alone(self, request: Request) -> Iterator[None]:
        """Keep other processes from fetching the same.

        Parameters
        ----------
        request : Request
            The request.

        Yields
        ------
        None
            While no other process may; a killed process holds nothing.

        Raises
        ------
        FetchError
            If another process is at it.
        """
        with _written(self.folder):
            stream = self._file(request, ".lock").open("ab")
        with stream:
            if not _locked(stream):
                raise FetchError("another process is fetching the same; wait for it to end")
            yield

    def _file(self, request: Request, suffix: str) -> Path:
        return self.folder / (request.key[:32] + suffix)


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    """Say in the user's words that the cache can't be written."""
    try:
        yield
    except OSError as error:
        raise FetchError(
            f"the cache {folder} can't be written: {error.strerror}; name another folder in "
            "BEGLEITFORSCHUNG_CACHE"
        ) from None


def _locked(stream: IO[bytes]) -> bool:
    """Lock a file until it is closed or the process ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

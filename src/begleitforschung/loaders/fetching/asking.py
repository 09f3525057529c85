"""What is asked of a server, how often and how long, and how to wait."""

from __future__ import annotations

import email.utils
import hashlib
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

from begleitforschung._version import __version__
from begleitforschung.loaders.fetching.settings import Credentials

Progress = Callable[[int, int], None]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; its credentials stand in no text and no fingerprint.

    Parameters
    ----------
    url : str
        Address, without credentials.
    form : tuple of (str, str)
        Parameters sent as a form (POST).
    json : str
        Parameters sent as JSON (POST).
    credentials : Credentials, optional
        Sent as headers.
    """

    url: str
    form: tuple[tuple[str, str], ...] = ()
    json: str = ""
    credentials: Credentials | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """Fingerprint of address and parameters, 64 hexadecimal digits."""
        text = json.dumps([self.url, self.form, self.json], ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    @property
    def shown(self) -> str:
        """The address with the parameters of the form, for a sidecar."""
        given = [(name, value) for name, value in self.form if value]
        return self.url + ("?" + urlencode(given) if given else "")

    @property
    def host(self) -> str:
        """Name of the server."""
        return urlsplit(self.url).hostname or ""

    @property
    def body(self) -> bytes | None:
        """What is sent; None for GET."""
        if self.json:
            return self.json.encode("utf-8")
        return urlencode(self.form).encode("ascii") if self.form else None

    def headers(self) -> dict[str, str]:
        """Return all headers, those with credentials too.

        Returns
        -------
        dict
            Name to value.
        """
        headers = {"User-Agent": f"begleitforschung/{__version__}", "Accept-Encoding": "identity"}
        if self.json:
            headers["Content-Type"] = "application/json; charset=utf-8"
        elif self.form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return headers | (self.credentials.headers() if self.credentials else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a server may ask of the user's patience and disk.

    Parameters
    ----------
    attempts : int
        Times that a request is made.
    silence : float
        Seconds that the server may be silent.
    seconds : float
        Seconds for a download with all attempts and pauses.
    size : int
        Bytes of an answer.
    pause, longest_pause : float
        Seconds to wait after the first failure (doubled each time), and at most.
    polls : int
        Times that a job is asked for.
    job_seconds : float
        Seconds to wait for a job.
    """

    attempts: int = 5
    silence: float = 120
    seconds: float = 3600
    size: int = 2**30
    pause: float = 1
    longest_pause: float = 60
    polls: int = 400
    job_seconds: float = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time and chance, exchangeable in tests.

    Parameters
    ----------
    now : callable
        Seconds of a clock that never goes back.
    sleep : callable
        Waits for seconds.
    chance : callable
        Number from 0 to 1.
    """

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


def pause_after(attempt: int, asked: float | None, *, limits: Limits, chance: float) -> float:
    """Return how long to wait before the next attempt.

    The pause doubles with each attempt, up to a limit, and half of it is left to chance, so that
    many clients do not come back at once. What the server asks for is the least that is waited.

    Parameters
    ----------
    attempt : int
        Number of the attempt that failed, from 1.
    asked : float or None
        Seconds that the server asks for.
    limits : Limits
        First and longest pause.
    chance : float
        From 0 to 1.

    Returns
    -------
    float
        Seconds.
    """
    whole: float = min(limits.pause * 2 ** (attempt - 1), limits.longest_pause)
    return max(whole * (0.5 + 0.5 * chance), asked or 0.0)


def retry_after(text: str | None) -> float | None:
    """Read the header ``Retry-After``: seconds, or a date.

    Parameters
    ----------
    text : str or None
        The header.

    Returns
    -------
    float or None
        Seconds from now, not negative; None where nothing usable is said.

    Examples
    --------
    >>> retry_after("120")
    120.0
    >>> retry_after("soon") is None
    True
    """
    if text is None:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)

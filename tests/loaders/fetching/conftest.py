"""A server on this computer that answers as a test tells it, and settings that lead to it."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs

import pytest

from begleitforschung.loaders.fetching.asking import Clock, Limits
from begleitforschung.loaders.fetching.cache import Session

SECRETS = ("benutzerin-4711", "Geheim!wort-0815")
FLAT = (
    "\ufeffstatistics_code;statistics_label;time_code;time_label;time;"
    "1_variable_code;1_variable_label;1_variable_attribute_code;1_variable_attribute_label;"
    "value;value_unit;value_variable_code;value_variable_label;value_q\r\n"
    "12411;Fortschreibung;STAG;Stichtag;2024-12-31;KREISE;Kreise;08221;Heidelberg;"
    "155756;Anzahl;BEVSTD;Bevölkerungsstand;\r\n"
    "12411;Fortschreibung;STAG;Stichtag;2024-12-31;KREISE;Kreise;08222;Mannheim;"
    "318035;Anzahl;BEVSTD;Bevölkerungsstand;e\r\n"
)


@dataclass
class Reply:
    """What the server answers to one request.

    ``length`` is said in the header even if the body is shorter, none if it is -1; ``drip`` is the
    pause between pieces of the body; ``silent`` the pause before the answer; ``ranges`` offers to
    go on later.
    """

    body: bytes = b""
    status: int = 200
    kind: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    drip: float = 0
    pieces: int = 1
    silent: float = 0
    ranges: bool = False


@dataclass
class Seen:
    """A request as it reached the server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


class Server(ThreadingHTTPServer):
    """Answers in the order given; the last answer for a path is repeated."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, list[Reply]] = {}
        self.seen: list[Seen] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/rest/2020/"

    def on(self, path: str, *replies: Reply) -> None:
        self.replies[path] = list(replies)

    def paths(self) -> list[str]:
        return [item.path for item in self.seen]

    def handle_error(self, request, client_address) -> None:
        """Clients of these tests hang up on purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.removeprefix("/rest/2020/")
        self.server.seen.append(Seen(self.command, path, dict(self.headers), sent))
        waiting = self.server.replies.get(path, [Reply(status=404)])
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        time.sleep(reply.silent)
        body, status, extra = reply.body, reply.status, dict(reply.headers)
        if reply.ranges:
            extra |= {"Accept-Ranges": "bytes", "ETag": '"edition-1"'}
            wanted = self.headers.get("Range", "")
            if wanted and self.headers.get("If-Range") == '"edition-1"':
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                extra["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                body, status = body[start:], 206
        self.send_response(status)
        self.send_header("Content-Type", reply.kind)
        if reply.length != -1:
            self.send_header("Content-Length", str(reply.length or len(body)))
        for name, value in extra.items():
            self.send_header(name, value)
        self.end_headers()
        step = max(-(-len(body) // reply.pieces), 1)
        for at in range(0, len(body), step):
            self.wfile.write(body[at : at + step])
            self.wfile.flush()
            time.sleep(reply.drip)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server():
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join(5)


class FakeClock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.time, self.pauses = 0.0, []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self.sleep, chance=lambda: 1.0)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The user's cache, credentials and configuration, away from the real ones."""
    folder = tmp_path / "Zwischenspeicher ä"
    folder.mkdir()
    monkeypatch.setenv("BEGLEITFORSCHUNG_CACHE", str(folder))
    monkeypatch.setenv("BEGLEITFORSCHUNG_CONFIG", str(tmp_path / "none.toml"))
    for name in ("GENESIS", "REGIONALSTATISTIK", "LANDESDATENBANK_NRW", "ZENSUS"):
        monkeypatch.delenv(f"BEGLEITFORSCHUNG_{name}_TOKEN", raising=False)
        monkeypatch.setenv(f"BEGLEITFORSCHUNG_{name}_USER", SECRETS[0])
        monkeypatch.setenv(f"BEGLEITFORSCHUNG_{name}_PASSWORD", SECRETS[1])
    return folder


@pytest.fixture
def session(cache, clock):
    """Build a session that waits in no real time."""

    def build(**limits) -> Session:
        given = {"silence": 5.0} | limits
        return Session(folder=cache, limits=Limits(**given), clock=clock.clock())

    return build


@pytest.fixture
def to(tmp_path):
    folder = tmp_path / "raw daten"
    folder.mkdir()
    return folder


def zipped(text: str = FLAT, name: str = "12411-01-01-4_de_flat.csv") -> bytes:
    """The text as the publisher delivers it: a ZIP with one CSV."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        made = zipfile.ZipInfo(name, (2026, 3, 10, 12, 0, 0))
        archive.writestr(made, text.encode("utf-8"), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def table(text: str = FLAT, **more) -> Reply:
    return Reply(zipped(text), kind="application/zip", **more)


def told(code: int, content: str, *, status: int = 200, flat: bool = False, **more) -> Reply:
    """A message of the GENESIS web service, which repeats what it was sent."""
    message = {"Code": code, "Content": content, "Type": "Information"}
    parameter = {"username": SECRETS[0], "password": SECRETS[1]}
    body = message if flat else {"Status": message, "Parameter": parameter, **more}
    return Reply(json.dumps(body).encode(), status=status, kind="application/json")


METADATA = told(
    0,
    "erfolgreich",
    Object={"Content": "Bevölkerung nach Geschlecht\n(Kreise)", "Updated": "12.03.2025 13:38:55h"},
)
PAGE = Reply(b"\n<!DOCTYPE html><html><body>Wartung</body></html>", kind="text/html")


@pytest.fixture
def say() -> SimpleNamespace:
    """What servers say, to be used in tests without importing from here."""
    return SimpleNamespace(
        flat=FLAT, zipped=zipped, table=table, told=told, metadata=METADATA, page=PAGE, Reply=Reply
    )


@pytest.fixture
def secrets() -> tuple[str, str]:
    return SECRETS

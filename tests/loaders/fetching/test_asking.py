"""How long is waited, what is remembered of a request, and what is never shown of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.errors import FetchError
from begleitforschung.loaders.fetching.asking import (
    Clock,
    Limits,
    Request,
    pause_after,
    retry_after,
)
from begleitforschung.loaders.fetching.client import download
from begleitforschung.loaders.fetching.settings import Credentials

LIMITS = Limits()


@given(st.integers(1, 60), st.floats(0, 1))
def test_pauses_grow_within_bounds(attempt, chance):
    pause = pause_after(attempt, None, limits=LIMITS, chance=chance)
    assert 0.5 * LIMITS.pause <= pause <= LIMITS.longest_pause
    assert pause <= pause_after(attempt + 1, None, limits=LIMITS, chance=chance)


@given(st.integers(1, 60), st.floats(0, 1), st.floats(0, 1e6))
def test_never_less_than_the_server_asks_for(attempt, chance, asked):
    assert pause_after(attempt, asked, limits=LIMITS, chance=chance) >= asked


def test_the_server_may_name_a_moment():
    moment = datetime.now(UTC) + timedelta(seconds=90)
    assert 80 < retry_after(format_datetime(moment, usegmt=True)) <= 90
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("Wed, 21 Oct 2015 07:28:00") == 0


@given(st.text(max_size=30))
def test_nonsense_in_the_header_is_no_pause(text):
    assert (retry_after(text) or 0) >= 0


@pytest.fixture
def request_with_secrets(secrets):
    form = (("name", "12411-0001"), ("startyear", ""))
    return Request(url="http://127.0.0.1/x", form=form, credentials=Credentials(*secrets))


def test_credentials_stand_in_no_text_of_a_request(request_with_secrets, secrets):
    request = request_with_secrets
    shown = f"{request!r} {request} {request.credentials!r} {request.shown} {request.body}"
    assert not any(secret in shown for secret in secrets)


def test_the_key_knows_the_question_and_not_who_asks(request_with_secrets):
    request = request_with_secrets
    alike = Request(url=request.url, form=request.form)
    assert request.key == alike.key
    assert request.key != Request(url=request.url, form=(("name", "12411-0002"),)).key
    assert request.key != Request(url=request.url + "y", form=request.form).key
    assert request.shown == "http://127.0.0.1/x?name=12411-0001"


def ask(server, part, clock, **limits):
    request = Request(url=server.url + "file")
    given_limits = Limits(**{"silence": 5.0, **limits})
    return download(request, part, limits=given_limits, clock=clock.clock())


def test_a_wrong_range_is_not_glued_on(server, say, tmp_path, clock):
    whole, part = b"0123456789" * 20, tmp_path / "x.part"
    cut = say.Reply(whole[:50], length=200, ranges=True)
    wrong = say.Reply(whole[40:190], status=206, headers={"Content-Range": "bytes 40-189/200"})
    server.on("file", cut, wrong, say.Reply(whole))
    assert ask(server, part, clock).path.read_bytes() == whole
    assert len(server.seen) == 3


def test_a_part_that_the_server_cannot_continue_is_given_up(server, say, tmp_path, clock):
    whole, part = b"0123456789" * 20, tmp_path / "x.part"
    cut = say.Reply(whole[:50], length=200, ranges=True)
    server.on("file", cut, say.Reply(status=416), say.Reply(whole))
    assert ask(server, part, clock).path.read_bytes() == whole
    assert [item.headers.get("Range") for item in server.seen] == [None, "bytes=50-", None]


def test_the_part_of_another_request_is_not_taken(server, say, tmp_path, clock):
    whole, part = b"0123456789" * 20, tmp_path / "x.part"
    server.on("file", say.Reply(whole[:50], length=200, ranges=True))
    with pytest.raises(FetchError):
        ask(server, part, clock, attempts=1)
    server.on("other", say.Reply(whole[::-1], ranges=True))
    other = Request(url=server.url + "other")
    answer = download(other, part, limits=Limits(), clock=clock.clock())
    assert answer.path.read_bytes() == whole[::-1]
    assert server.seen[-1].headers.get("Range") is None


def test_a_dripping_server_reaches_the_limit_of_time(server, say, tmp_path):
    server.on("file", say.Reply(b"x" * 100, drip=0.1, pieces=100))
    with pytest.raises(FetchError, match="takes too long"):
        download(
            Request(url=server.url + "file"),
            tmp_path / "x.part",
            limits=Limits(seconds=0.5),
            clock=Clock(),
        )


def test_progress_counts_what_is_there(server, say, tmp_path, clock):
    whole, part, steps = b"0123456789" * 20, tmp_path / "x.part", []
    cut = say.Reply(whole[:50], length=200, ranges=True)
    server.on("file", cut, say.Reply(whole, ranges=True))
    download(
        Request(url=server.url + "file"),
        part,
        limits=Limits(),
        clock=clock.clock(),
        progress=lambda done, total: steps.append((done, total)),
    )
    assert steps[0] == (50, 200)
    assert steps[-1] == (200, 200)
    assert steps == sorted(steps)


def test_a_redirection_within_the_server_is_followed_for_plain_requests(
    server, say, tmp_path, clock
):
    server.on("file", say.Reply(status=302, headers={"Location": "/rest/2020/new"}))
    server.on("new", say.Reply(b"here"))
    assert ask(server, tmp_path / "x.part", clock).path.read_bytes() == b"here"


def test_a_folder_that_cannot_be_written_is_said(server, say, tmp_path, clock):
    server.on("file", say.Reply(b"here"))
    with pytest.raises(FetchError, match="can't be written"):
        ask(server, tmp_path / "missing" / "x.part", clock)

"""The progress bar of ``begleitforschung fetch``; its commands are driven in loaders/fetching."""

from __future__ import annotations

import io

import pytest

from begleitforschung.cli_fetch import _Bytes


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("quiet", "stream"), [(True, Terminal()), (False, io.StringIO())])
def test_nothing_is_drawn_where_nobody_looks(quiet, stream, monkeypatch):
    monkeypatch.setattr("sys.stderr", stream)
    with _Bytes(quiet=quiet) as progress:
        progress(10, 100)
    assert stream.getvalue() == ""


def test_the_bar_fills_and_begins_anew_for_the_next_answer(monkeypatch):
    monkeypatch.setattr("sys.stderr", stream := Terminal())
    with _Bytes(quiet=False) as progress:
        progress(50, 100)
        progress(100, 100)
        progress(10, 0)
        progress(20, 40)
    drawn = stream.getvalue()
    assert "100%" in drawn
    assert "50%" in drawn
    assert drawn.count("\n") == 2

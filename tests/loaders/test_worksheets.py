"""Workbooks that the reader stumbles over are told as damaged files."""

from __future__ import annotations

import pytest
from python_calamine import CalamineWorkbook

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.worksheets import workbook


class PanicException(BaseException):
    """What the reader raises on some damaged XLS files; it is no Exception."""


def stumble(error: BaseException):
    def from_filelike(*_):
        raise error

    return from_filelike


def test_a_panic_of_the_reader_is_an_error_of_ours(monkeypatch) -> None:
    monkeypatch.setattr(CalamineWorkbook, "from_filelike", stumble(PanicException("range")))
    with (
        pytest.raises(SourceFileError, match=r"kreise\.xls is a damaged workbook"),
        workbook(b"", "kreise.xls"),
    ):
        pass


def test_an_interruption_by_the_user_is_none(monkeypatch) -> None:
    monkeypatch.setattr(CalamineWorkbook, "from_filelike", stumble(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt), workbook(b"", "kreise.xls"):
        pass

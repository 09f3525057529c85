"""The invented case study as files."""

from __future__ import annotations

import pytest

import begleitforschung as bf

from .study import FRAME, HEAD, ROWS, as_csv


@pytest.fixture
def frame(tmp_path):
    path = tmp_path / "codes.yaml"
    path.write_text(FRAME, encoding="utf-8")
    return bf.read_coding_frame(path)


@pytest.fixture
def read(frame, tmp_path):
    """Write rows to a file and read them as passages."""

    def reading(rows=ROWS, head=HEAD, groups="staffel"):
        path = tmp_path / "stellen.csv"
        path.write_text(as_csv(rows, head), encoding="utf-8")
        return bf.read_passages(path, frame, groups=groups)

    return reading

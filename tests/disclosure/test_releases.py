"""Released answers: read strictly, and shown only where an answer is."""

from __future__ import annotations

import datetime as dt

import pytest

from begleitforschung.disclosure.releases import read_releases
from begleitforschung.errors import CatalogueError, ValidationError

from .answers import UNITS, codebook, survey_of

TODAY = dt.date(2025, 7, 1)
HEAD = "survey: probe\nwave: '2025'\nreleases:\n"


def written(tmp_path, *entries, head=HEAD):
    path = tmp_path / "release.yaml"
    path.write_text(head + "".join(f"  - {{{entry}}}\n" for entry in entries), encoding="utf-8")
    return path


def read(tmp_path, *entries, head=HEAD):
    return read_releases(written(tmp_path, *entries, head=head), codebook(), today=TODAY)


def test_released_answers_are_marked_column_by_column(tmp_path):
    found = read(
        tmp_path,
        f"unit: '{UNITS[0]}', item: q4, who: Digitalbüro, date: 2025-06-01",
        f"unit: '{UNITS[1]}', item: q1, who: Digitalbüro, date: 2025-06-01, note: Schreiben",
        f"unit: '{UNITS[2]}', item: q1, who: Digitalbüro, date: 2025-06-01",
    )
    survey = survey_of({"q1": ["1", "2", None], "q4_a": ["1", "0", "0"], "q4_b": ["0", "0", "1"]})
    mask = found.mask(survey)
    assert mask.to_numpy().tolist() == [
        [False, True, True],
        [True, False, False],
        [False, False, False],  # released, but there is no answer
    ]
    (remark,) = found.unused(survey)
    assert (remark.column, remark.key, remark.severity) == ("q1", UNITS[2], "warning")


def test_all_problems_are_told_at_once_with_their_lines(tmp_path):
    with pytest.raises(CatalogueError) as caught:
        read(
            tmp_path,
            "unit: '5315000', item: q1, who: A, date: 2025-06-01",
            f"unit: '{UNITS[0]}', item: q9, who: A, date: 2025-06-01",
            f"unit: '{UNITS[0]}', item: frei, who: A, date: 2025-06-01",
            f"unit: '{UNITS[0]}', item: q1, who: A, date: 2025-07-02",
            f"unit: '{UNITS[0]}', item: q4, who: A, date: 2025-06-01",
            f"unit: '{UNITS[0]}', item: q4_a, who: B, date: 2025-06-02",
        )
    told = [(f.row, f.column, f.text.en.split(" ")[0]) for f in caught.value.findings]
    assert [(row, column) for row, column, _ in told] == [
        (4, "unit"),
        (5, "item"),
        (6, "item"),
        (7, "date"),
        (9, "item"),
    ]
    assert "released more than once" in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        "unit: '05315000', item: q1, who: A, date: 2025-06-01, wann: heute",
        "unit: '05315000', item: q1, date: 2025-06-01",
        "unit: '05315000', item: q1, who: '', date: 2025-06-01",
        "unit: '05315000', item: q1, who: A, date: 1.6.2025",
    ],
)
def test_unknown_missing_and_malformed_keys_are_refused(tmp_path, entry):
    with pytest.raises(CatalogueError):
        read(tmp_path, entry)


def test_a_release_of_another_wave_is_none_of_this_one(tmp_path):
    with pytest.raises(ValidationError, match="2024"):
        read(
            tmp_path,
            "unit: '05315000', item: q1, who: A, date: 2025-06-01",
            head=HEAD.replace("2025", "2024"),
        )


def test_provenance_names_the_file_and_no_answer(tmp_path):
    found = read(tmp_path, f"unit: '{UNITS[0]}', item: q1, who: A, date: 2025-06-01")
    told = dict(found.provenance.parameters)
    assert (told["file"], told["releases"], len(told["sha256"])) == ("release.yaml", 1, 64)

"""Workbooks, SPSS and Stata files without what is personal: answers and labels stay."""

from __future__ import annotations

import datetime as dt
import json
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.surveys import list_personal, purge_personal, read_survey
from begleitforschung.surveys import Codebook

SECRETS = ("erika@example.org", "Erika Muster", "Sport im Park", "Freitext")
HEADINGS = ["id", "email", "q1", "q2_a", "q2_oth", "q3", "q4"]
ROWS = [
    [1, SECRETS[0], 1, 1, SECRETS[2], 12.5, dt.datetime(2026, 5, 4)],
    [2, None, 2, 0, None, None, dt.datetime(2026, 5, 5)],
    [3, "max@example.org", 9, 1, None, 3.0, None],
]


@pytest.fixture
def codebook():
    return Codebook.model_validate(
        {
            "id": "probe",
            "title": {"de": "Probe"},
            "items": [
                {
                    "id": "q1",
                    "kind": "single",
                    "text": {"de": "Strategie?"},
                    "codes": [
                        {"code": "1", "label": {"de": "Ja"}},
                        {"code": "2", "label": {"de": "Nein"}},
                        {"code": "9", "label": {"de": "Weiß nicht"}, "missing": "dont_know"},
                    ],
                },
                {
                    "id": "q2",
                    "kind": "multiple",
                    "text": {"de": "Was?"},
                    "codes": [
                        {"code": "a", "label": {"de": "Verkehr"}},
                        {"code": "-oth-", "label": {"de": "Sonstiges"}},
                    ],
                },
                {"id": "q3", "kind": "number", "text": {"de": "Wie viel?"}},
                {"id": "q4", "kind": "date", "text": {"de": "Wann?"}},
            ],
        }
    )


@pytest.fixture
def workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [HEADINGS, *ROWS]:
        sheet.append(row)
    sheet["A1"].comment = Comment(SECRETS[3], SECRETS[1])
    sheet["C2"].hyperlink = f"mailto:{SECRETS[0]}"
    sheet["F2"].number_format = "0.000"
    sheet["L9"] = SECRETS[3]
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["F"].width = 33
    book.properties.creator = SECRETS[1]
    book.properties.description = SECRETS[3]
    path = tmp_path / "antworten.xlsx"
    book.save(path)
    return path


def purged(path, codebook):
    """Purge a file and return the survey before and after."""
    before = read_survey(path, codebook=codebook)
    done = purge_personal(path, codebook=codebook)
    after = read_survey(path, codebook=codebook)
    assert after.responses.equals(before.responses)
    assert after.status.equals(before.status)
    assert after.provenance.fingerprint == before.provenance.fingerprint
    assert len(list_personal(path, codebook=codebook)) == 0
    record = json.loads(done.record.read_text(encoding="utf-8"))
    assert record["content_sha256"] == before.provenance.sources()[0].sha256
    assert sorted(record["deleted"]) == ["email", "q2_oth"]
    assert [p.name for p in path.parent.glob("*.neu*")] == []
    return after


def test_nothing_personal_is_left_in_a_workbook(workbook, codebook):
    after = purged(workbook, codebook)
    assert after.responses["q2_oth"].iloc[0] == "1"  # the mention is kept
    with zipfile.ZipFile(workbook) as archive:
        parts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
    assert not [name for name, text in parts.items() if any(word in text for word in SECRETS)]
    assert not [name for name in parts if "comment" in name or "drawing" in name]
    sheet = openpyxl.load_workbook(workbook).active
    assert [cell.value for cell in sheet[1]] == [name for name in HEADINGS if name != "email"]
    assert sheet["E2"].number_format == "0.000"
    assert sheet["F2"].value == ROWS[0][6]
    assert sheet.column_dimensions["E"].width == 33
    assert sheet.freeze_panes == "B2"


def test_a_workbook_with_other_sheets_is_left_alone(workbook, codebook):
    book = openpyxl.load_workbook(workbook)
    book.create_sheet("Notizen")["A1"] = SECRETS[1]
    book.save(workbook)
    before = workbook.read_bytes()
    with pytest.raises(SourceFileError, match="has 2 sheets"):
        purge_personal(workbook, codebook=codebook)
    assert workbook.read_bytes() == before
    assert [path.name for path in workbook.parent.iterdir()] == [workbook.name]


def test_what_cannot_be_written_is_told_without_values(workbook, codebook, monkeypatch):
    def failing(*_args, **_options):
        raise ValueError(SECRETS[1])

    before = workbook.read_bytes()
    monkeypatch.setattr(openpyxl.Workbook, "save", failing)
    with pytest.raises(SourceFileError, match="can't be written") as caught:
        purge_personal(workbook, codebook=codebook)
    assert SECRETS[1] not in str(caught.value)
    assert workbook.read_bytes() == before


def statistics(path, *, stata, **options):
    """Write the rows as an SPSS or Stata file."""
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = pd.DataFrame(ROWS, columns=HEADINGS).astype({"q3": float})
    frame["q4"] = pd.to_datetime(frame["q4"])
    frame["email"] = frame["email"].fillna("")
    frame["q2_oth"] = frame["q2_oth"].fillna("")
    shared = {
        "file_label": "Probe",
        "column_labels": {"q1": "Strategie?", "email": SECRETS[3]},
        "variable_value_labels": {"q1": {1: "Ja", 2: "Nein", 9: "Weiß nicht"}},
    }
    write = pyreadstat.write_dta if stata else pyreadstat.write_sav
    write(frame, path, **shared, **options)
    return path


@pytest.mark.parametrize("options", [{}, {"row_compress": True}, {"compress": True}])
def test_nothing_personal_is_left_in_an_spss_file(options, codebook, tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    path = statistics(
        tmp_path / "antworten.sav",
        stata=False,
        note=SECRETS[1],
        missing_ranges={"q1": [9], "q3": [{"lo": -99, "hi": 0}, 999]},
        variable_measure={"q1": "nominal"},
        variable_format={"q3": "F10.3"},
        **options,
    )
    _, before = pyreadstat.read_sav(path, user_missing=True)
    purged(path, codebook)
    frame, meta = pyreadstat.read_sav(path, user_missing=True)
    assert list(frame.columns) == [name for name in HEADINGS if name != "email"]
    for name in ("variable_value_labels", "missing_ranges", "file_label", "file_format"):
        assert getattr(meta, name) == getattr(before, name), name
    for name in ("variable_measure", "original_variable_types", "column_names_to_labels"):
        given, got = getattr(before, name), getattr(meta, name)
        for key in frame.columns.drop("q2_oth"):  # whose text, and so its width, is gone
            assert got[key] == given[key], (name, key)
    assert not any(word.encode() in path.read_bytes() for word in SECRETS)
    assert not any(word in frame.to_csv() + str(meta.notes) for word in SECRETS)


def test_nothing_personal_is_left_in_a_stata_file(codebook, tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    path = statistics(tmp_path / "antworten.dta", stata=True, version=14)
    purged(path, codebook)
    frame, meta = pyreadstat.read_dta(path, user_missing=True)
    assert list(frame.columns) == [name for name in HEADINGS if name != "email"]
    assert set(meta.variable_value_labels) == {"q1"}
    assert meta.column_names_to_labels["q1"] == "Strategie?"
    content = path.read_bytes()
    assert content.startswith(b"<stata_dta><header><release>118")
    assert not any(word.encode() in content for word in SECRETS)


@pytest.mark.parametrize("name", ["efc.sav", "efc.dta"])
def test_a_real_file_keeps_its_answers(name, shared, tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    path = tmp_path / name
    path.write_bytes((shared / "data" / "survey" / "efc" / name).read_bytes())
    read = pyreadstat.read_sav if name.endswith("sav") else pyreadstat.read_dta
    frame, before = read(path, user_missing=True)
    book = read_survey(path).codebook
    items = [
        item if item.id != "e17age" else item.model_copy(update={"confidentiality": "personal"})
        for item in book.items
    ]
    done = purge_personal(path, codebook=Codebook(id="efc", title=book.title, items=tuple(items)))
    assert done.columns == ("e17age",)
    left, meta = read(path, user_missing=True)
    np.testing.assert_array_equal(left, frame.drop(columns="e17age"))
    given = before.variable_value_labels
    assert meta.variable_value_labels == {key: given[key] for key in given if key != "e17age"}


def test_response_sets_of_spss_are_not_lost(shared, tmp_path):
    pytest.importorskip("pyreadstat")
    path = tmp_path / "sets.sav"
    source = shared / "data" / "survey" / "sav" / "pyreadstat_simple_alltypes.sav"
    path.write_bytes(source.read_bytes())
    with pytest.raises(SourceFileError, match="multiple-response sets"):
        purge_personal(path)
    assert path.read_bytes() == source.read_bytes()

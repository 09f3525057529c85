"""Personal columns are listed without values and deleted; what is left proves the results."""

from __future__ import annotations

import json
import shutil

import pytest

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.surveys import list_personal, purge_personal, read_survey
from begleitforschung.provenance import file_sha256

FILES = ("limesurvey_codes.csv", "limesurvey_answers_de.csv", "limesurvey_answers_en.csv")


@pytest.mark.parametrize("name", [*FILES, "limesurvey_vv.txt", "limesurvey.lsa"])
def test_personal_columns_are_listed_without_values(name, exports, questionnaire):
    found = list_personal(exports / name, codebook=questionnaire, unit="ort")
    assert len(found) == 6  # five of their own, and the text of "other" in a multiple choice
    assert found["cases"].eq(40).all()
    assert "name@example.org" not in found.to_csv()
    with_unit = list_personal(exports / name, codebook=questionnaire)
    assert len(with_unit) == 7


@pytest.mark.parametrize("name", [*FILES, "limesurvey_vv.txt"])
def test_results_stay_verifiable_after_personal_data_are_deleted(
    name, exports, questionnaire, tmp_path
):
    path = tmp_path / name
    shutil.copy(exports / name, path)
    before = read_survey(path, codebook=questionnaire, unit="ort")
    done = purge_personal(path, codebook=questionnaire, unit="ort")
    after = read_survey(path, codebook=questionnaire, unit="ort")
    text = path.read_text(encoding="utf-8")
    assert not any(
        word in text for word in ("name@example.org", "192.0.2.1", "frei erfunden", "Sport")
    )
    assert after.provenance.fingerprint == before.provenance.fingerprint
    assert after.responses.equals(before.responses)
    assert after.cases.equals(before.cases)
    assert after.personal == ()
    record = json.loads(done.record.read_text(encoding="utf-8"))
    assert record["deleted"][:-1] == list(before.personal)
    assert record["content_sha256"] == before.provenance.sources()[0].sha256
    with pytest.raises(SourceFileError, match="nothing was deleted"):
        purge_personal(path, codebook=questionnaire, unit="ort")


def test_a_changed_answer_changes_the_provenance(exports, questionnaire, tmp_path):
    path = tmp_path / "antworten.csv"
    text = (exports / FILES[0]).read_text(encoding="utf-8")
    prints = []
    for content in (text, text.replace('"A3"', '"A2"', 1), text.replace("t00001", "t99999")):
        path.write_text(content, encoding="utf-8")
        prints.append(read_survey(path, codebook=questionnaire).provenance.fingerprint)
    assert prints[0] != prints[1]
    assert prints[0] == prints[2]


def test_the_sidecar_keeps_describing_the_file(exports, questionnaire, tmp_path):
    path = tmp_path / "antworten.csv"
    shutil.copy(exports / FILES[0], path)
    sidecar = tmp_path / "antworten.csv.meta.yaml"
    sidecar.write_text(
        "source:\n  publisher: Difu\n  title: Befragung\n"
        f"  sha256: {file_sha256(path)}\nconfidentiality: confidential\n",
        encoding="utf-8",
    )
    before = read_survey(path, codebook=questionnaire)
    purge_personal(path, codebook=questionnaire)
    assert file_sha256(path) in sidecar.read_text(encoding="utf-8")
    after = read_survey(path, codebook=questionnaire)
    assert after.provenance.fingerprint != ""
    assert after.provenance.sources()[0].publisher == "Difu"
    assert before.confidentiality == after.confidentiality == "confidential"
    path.write_text("id,q1\n1,A1\n", encoding="utf-8")
    with pytest.raises(SourceFileError, match="SHA-256"):
        read_survey(path, codebook=questionnaire)


def test_what_is_no_text_is_left_alone(exports, questionnaire, tmp_path):
    path = tmp_path / "befragung.lsa"
    shutil.copy(exports / "limesurvey.lsa", path)
    with pytest.raises(SourceFileError):
        purge_personal(path, codebook=questionnaire)
    assert path.read_bytes() == (exports / "limesurvey.lsa").read_bytes()

"""Damaged exports end in an error of the package, or are read; never in a traceback."""

from __future__ import annotations

import random

import pytest

from begleitforschung.errors import BegleitforschungError, SourceFileError
from begleitforschung.loaders.surveys import load_codebook, read_survey

PIECES = [b'"', b"\n", b"\t", b";", b"<", b"\xff", b"[", b"]", b"{", b"9" * 20, b'"""', b"X"]


def mutated(data: bytes, draw: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at, chance = draw.randrange(len(out)), draw.random()
        if chance < 0.3:
            out[at] = draw.randrange(256)
        elif chance < 0.6:
            del out[at : at + draw.randint(1, 60)]
        elif chance < 0.8:
            out[at:at] = draw.choice(PIECES)
        else:
            del out[max(at, 5) :]
    return bytes(out)


@pytest.mark.parametrize("seed", range(40))
def test_damage_is_told_in_words(seed, exports, questionnaire, tmp_path):
    draw = random.Random(seed)
    files = sorted(path for path in exports.iterdir() if path.suffix != ".dat")
    victim = draw.choice(files)
    for name in ("survey_R_data_file.csv", "survey_SPSS_data_file.dat"):
        (tmp_path / name).write_bytes((exports / name).read_bytes())
    path = tmp_path / victim.name
    path.write_bytes(mutated(victim.read_bytes(), draw))
    for read in (load_codebook, lambda p: read_survey(p, codebook=questionnaire, unit="ort")):
        told = ""
        try:
            read(path)
        except BegleitforschungError as error:
            told = str(error)
        assert "name@example.org" not in told


def test_data_without_headings_are_refused_before_an_answer_is_taken_for_one(exports):
    with pytest.raises(SourceFileError, match=r"\.sps"):
        read_survey(exports / "survey_SPSS_data_file.dat")


def test_xml_with_entities_is_refused(tmp_path):
    path = tmp_path / "boese.lss"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "b">]>'
        "<document><LimeSurveyDocType>Survey</LimeSurveyDocType></document>",
        encoding="utf-8",
    )
    with pytest.raises(SourceFileError, match="entities"):
        load_codebook(path)


def test_answers_in_the_first_row_are_never_shown_as_headings(exports, questionnaire, tmp_path):
    path = tmp_path / "ohne_kopf.csv"
    text = (exports / "limesurvey_codes.csv").read_text(encoding="utf-8-sig")
    path.write_text(text.partition("\n")[2], encoding="utf-8")
    for read in (load_codebook, lambda p: read_survey(p, codebook=questionnaire)):
        with pytest.raises(SourceFileError, match="first row") as caught:
            read(path)
        assert "example.org" not in str(caught.value)
    path.write_text("Ulm;4711\nKassel;4712\n", encoding="utf-8")
    with pytest.raises(SourceFileError, match="no column of the codebook") as caught:
        read_survey(path, codebook=questionnaire)
    assert "4711" not in str(caught.value)

"""Texts in two languages: German by default, and nothing is ever shown empty."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from begleitforschung.language import Text


@pytest.mark.parametrize(
    ("text", "lang", "shown"),
    [
        (Text("Kreis", "county"), "de", "Kreis"),
        (Text("Kreis", "county"), "en", "county"),
        (Text("Kreis"), "en", "Kreis"),
        (Text("Kreis", ""), "de", "Kreis"),
    ],
)
def test_english_falls_back_to_german(text, lang, shown):
    assert text.get(lang) == shown


def test_german_is_what_is_shown_unasked():
    text = Text("Kreis", "county")
    assert text.get() == "Kreis"
    assert f"{text}" == "Kreis"


def test_texts_are_values():
    assert Text("Kreis", "county") == Text("Kreis", "county") != Text("Kreis")
    assert len({Text("Kreis"), Text("Kreis")}) == 1
    with pytest.raises(FrozenInstanceError):
        Text("Kreis").de = "Land"

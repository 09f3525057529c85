"""The public names of the room: all there, documented, imported when first used."""

from __future__ import annotations

import pytest

from begleitforschung import composite


def test_every_name_can_be_imported_and_is_documented() -> None:
    assert sorted(composite.__all__) == list(composite.__all__)
    for name in composite.__all__:
        assert getattr(composite, name).__doc__, name
        assert getattr(composite, name).__name__ == name


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="relyability"):
        _ = composite.relyability


def test_names_are_offered_for_completion() -> None:
    assert set(composite.__all__) <= set(dir(composite))

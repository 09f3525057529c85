"""Pseudonyms: a keyed hash whose key lies nowhere near the project."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

import pytest

from begleitforschung.disclosure.pseudonyms import KEY_VARIABLE, new_key, pseudonyms
from begleitforschung.errors import DisclosureError, SourceFileError, ValidationError

KEY = bytes(range(32)).hex()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project beside the folder that is only mine."""
    folder = tmp_path / "projekt"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "projekt.toml").write_text("", encoding="utf-8")
    (tmp_path / "privat").mkdir()
    monkeypatch.chdir(folder / "notebooks")
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return folder


def test_a_pseudonym_is_the_truncated_hmac(project, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, KEY + "\n")
    found = pseudonyms(["05315000", "09761000"], purpose="probe 2025")
    told = b"10:probe 2025:05315000"
    digest = hmac.new(bytes.fromhex(KEY), told, hashlib.sha256).digest()
    assert found["05315000"] == base64.b32encode(digest)[:16].decode().lower()
    assert list(found) == ["05315000", "09761000"]
    assert pseudonyms(["05315000"], purpose="probe 2024") != {"05315000": found["05315000"]}


def test_a_new_key_is_random_private_and_never_replaced(project, tmp_path):
    first, second = (new_key(tmp_path / "privat" / name) for name in ("a", "b"))
    assert pseudonyms(["05315000"], key=first) != pseudonyms(["05315000"], key=second)
    assert pseudonyms(["05315000"], key=first) == pseudonyms(["05315000"], key=str(first))
    with pytest.raises(SourceFileError, match="never replaced"):
        new_key(first)
    if os.name == "posix":
        assert first.stat().st_mode & 0o077 == 0
        first.chmod(0o644)
        with pytest.raises(DisclosureError, match="chmod 600"):
            pseudonyms(["05315000"], key=first)


def test_the_key_never_lies_in_the_project_nor_in_git(project, tmp_path, monkeypatch):
    inside = project / "data" / "schluessel"
    with pytest.raises(DisclosureError, match="project folder"):
        new_key(inside)
    with pytest.raises(DisclosureError, match="project folder"):
        pseudonyms(["05315000"], key=inside)
    (tmp_path / "anderes" / ".git").mkdir(parents=True)
    with pytest.raises(DisclosureError, match="git work tree"):
        new_key(tmp_path / "anderes" / "schluessel")
    (tmp_path / "ohne").mkdir()
    monkeypatch.chdir(tmp_path / "ohne")
    with pytest.raises(DisclosureError, match="working folder"):
        new_key("schluessel")
    (tmp_path / "nachbar").mkdir()
    (tmp_path / "nachbar" / "projekt.toml").write_text("", encoding="utf-8")
    with pytest.raises(DisclosureError, match="project folder"):
        new_key(tmp_path / "nachbar" / "schluessel")


def test_somebody_who_works_in_the_home_folder_keeps_keys_below_it(project, tmp_path, monkeypatch):
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    assert new_key("privat/schluessel").is_file()


def test_a_link_does_not_lead_out_of_the_project(project, tmp_path):
    made = new_key(tmp_path / "privat" / "a")
    moved = project / "schluessel"
    made.rename(moved)
    try:
        made.symlink_to(moved)
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(DisclosureError, match="project folder"):
        pseudonyms(["05315000"], key=made)


@pytest.mark.parametrize(
    "key", ["", "abc", KEY[:62], "g" * 64, "00" * 32, "Geheimnis der Begleitforschung " * 4]
)
def test_keys_that_can_be_guessed_are_refused_without_being_said(project, monkeypatch, key):
    monkeypatch.setenv(KEY_VARIABLE, key)
    with pytest.raises(DisclosureError) as caught:
        pseudonyms(["05315000"])
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("units", [["5315000"], [None], ["05315000", "Köln"]])
def test_only_official_keys_get_one(project, monkeypatch, units):
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    with pytest.raises(ValidationError):
        pseudonyms(units)

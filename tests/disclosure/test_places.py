"""Keys and single answers never lie where they are shared: case by case, and what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from begleitforschung.disclosure.places import require_outside
from begleitforschung.errors import DisclosureError


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working folder beside the place that is asked for."""
    folder = tmp_path / "arbeit"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_place_outside_is_returned_whole(here, tmp_path):
    place = require_outside(Path("../privat/schluessel"), "a secret key")
    assert place == (tmp_path / "privat" / "schluessel").resolve()
    assert place.is_absolute()


@pytest.mark.parametrize("inner", ["", "a", "a/b/c"])
def test_however_deep_in_a_project_is_in_the_project(here, tmp_path, inner):
    project = tmp_path / "projekt"
    project.mkdir()
    (project / "projekt.toml").touch()
    with pytest.raises(DisclosureError) as caught:
        require_outside(project / inner, "a profile")
    told = str(caught.value)
    assert told.startswith(f"a profile must not lie in the project folder {project.resolve()}")
    assert "Choose a folder outside of projects and git" in told


@pytest.mark.parametrize("work_tree", [True, False])
def test_git_work_trees_are_known_by_folder_or_by_file(here, tmp_path, work_tree):
    kept = tmp_path / "repo"
    kept.mkdir()
    if work_tree:
        (kept / ".git").write_text("gitdir: /anderswo\n", encoding="utf-8")
    else:
        (kept / ".git").mkdir()
    with pytest.raises(DisclosureError, match="in the git work tree"):
        require_outside(kept / "neu" / "datei", "the secret key")


@pytest.mark.parametrize("name", [".", "datei", "a/../datei", "../arbeit/datei"])
def test_the_working_folder_is_shared_too(here, name):
    with pytest.raises(DisclosureError, match=r"the secret key must not lie in the working folder"):
        require_outside(Path(name), "the secret key")


def test_a_folder_called_projekt_toml_makes_no_project(here, tmp_path):
    (tmp_path / "x" / "projekt.toml").mkdir(parents=True)
    assert require_outside(tmp_path / "x" / "datei", "a key").name == "datei"


def test_the_home_folder_as_working_folder_forbids_nothing_below_it(tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "privat").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(home)
    assert require_outside(Path("~/privat/k"), "a key") == (home / "privat" / "k").resolve()
    (home / ".git").mkdir()
    with pytest.raises(DisclosureError, match="git work tree"):
        require_outside(Path("~/privat/k"), "a key")

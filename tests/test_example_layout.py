"""The example is laid out whole, from the wheel or the checkout, and without anything secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from begleitforschung import example
from begleitforschung.errors import ProjectError
from begleitforschung.example import copy_example

FILES = {
    "projekt.toml": "laid out",
    "notebooks/bericht.ipynb": "laid out",
    "notebooks/.ipynb_checkpoints/bericht.ipynb": "left out",
    "data/raw/inkar/kreise.csv": "laid out",
    "data/raw/inkar/kreise.csv.meta.yaml": "laid out",
    "data/raw/.versteckt": "left out",
    "data/raw/befragung/antworten.csv": "left out",
    "data/raw/befragung_2025.csv": "left out",
    "data/raw/interviews/gespraech.txt": "left out",
    "data/processed/README.md": "laid out",
    "data/processed/p.parquet": "left out",
    "data/processed/p.meta.json": "left out",
    "reports/bericht.html": "left out",
    "README.md": "left out",
}


def lay_out(root: Path) -> None:
    for name in FILES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package without an example: neither in itself nor around it."""
    folder = tmp_path / "installed" / "src" / "begleitforschung"
    folder.mkdir(parents=True)
    monkeypatch.setattr(example, "files", lambda name: folder.parent / name)
    return folder


@pytest.mark.parametrize("place", ["wheel", "checkout"])
def test_all_that_belongs_to_the_example_is_laid_out_and_nothing_else(package, tmp_path, place):
    lay_out(package / "_example" if place == "wheel" else package.parents[1])
    target = copy_example(tmp_path / "neu" / "projekt")
    found = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()}
    assert found == {name for name, fate in FILES.items() if fate == "laid out"}
    assert (target / "projekt.toml").read_text(encoding="utf-8") == "projekt.toml"


def test_the_wheels_own_copy_goes_before_what_lies_around_it(package, tmp_path):
    lay_out(package / "_example")
    lay_out(package.parents[1])
    (package / "_example" / "projekt.toml").write_text("aus dem Wheel", encoding="utf-8")
    text = (copy_example(tmp_path / "p") / "projekt.toml").read_text(encoding="utf-8")
    assert text == "aus dem Wheel"


def test_an_installation_without_the_example_says_so_and_makes_nothing(package, tmp_path):
    (package / "_example").mkdir()
    with pytest.raises(ProjectError, match="does not hold the example project; reinstall"):
        copy_example(tmp_path / "p")
    assert not (tmp_path / "p").exists()


def test_an_empty_folder_is_used_and_anything_else_is_left_alone(package, tmp_path):
    lay_out(package / "_example")
    empty = tmp_path / "leer"
    empty.mkdir()
    assert copy_example(str(empty)) == empty
    file = tmp_path / "notiz.txt"
    file.write_text("meins", encoding="utf-8")
    for taken in (file, empty):
        with pytest.raises(ProjectError, match=f"{taken.name} is not empty; name a new folder"):
            copy_example(taken)
    assert file.read_text(encoding="utf-8") == "meins"

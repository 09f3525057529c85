"""A report replaces the one before it as a whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from begleitforschung.errors import ReportError
from begleitforschung.reports import publish

NEW = {"html": (".html", b"new"), "pdf": (".pdf", b"new"), "json": (".json", b"new")}


@pytest.mark.parametrize("locked", ["r.html", "r.pdf", "r.json"])
@pytest.mark.parametrize("source", ["", "new"])
def test_a_file_that_is_open_elsewhere_leaves_the_old_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: str, source: str
) -> None:
    old = {"r.html": b"old", "r.pdf": b"old"}
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    original = Path.replace

    def replace(self: Path, target: Path) -> Path:
        # On Windows either step fails: moving the open file away, or putting the new one there.
        moved_away = not source and self == tmp_path / locked
        if moved_away or (source and self.parent.name == source and target.name == locked):
            raise PermissionError(13, "Permission denied", str(self), None, str(target))
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    if not source and locked not in old:
        publish._publish(NEW, tmp_path, "r")
        return
    with pytest.raises(ReportError, match=rf"{locked} can't be written.*Close it where it is open"):
        publish._publish(NEW, tmp_path, "r")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old


def test_the_whole_report_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "r.html").write_bytes(b"old")
    paths = publish._publish(NEW, tmp_path, "r")
    assert {path.read_bytes() for path in paths.values()} == {b"new"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.json", "r.pdf"]


def test_a_folder_that_is_a_file_is_told_at_once_and_no_folder_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ReportError, match="name another folder"):
            publish._check_writable(folder)
    publish._check_writable(tmp_path / "new" / "deep")
    assert not (tmp_path / "new").exists()

"""The house rules that a machine can hold."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import begleitforschung as bf

# What a tracked file must not hold: where packages come from, and where this checkout lies.
INDEX_ADDRESS = re.compile(r"--(extra-)?index-url|--find-links|https?://\S+\.(whl|tar\.gz)\b")


def tracked_files(repo: Path) -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=repo, check=True, capture_output=True
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: which files are tracked is unknown")
    return [repo / name for name in listed.split("\0") if name and (repo / name).is_file()]


def text_of(path: Path) -> str:
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


def test_import_contracts_hold(repo, monkeypatch, capsys):
    monkeypatch.chdir(repo)
    status = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_no_module_has_more_than_400_lines(repo):
    modules = (repo / "src").rglob("*.py")
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {path.name: lines for path, lines in lengths.items() if lines > 400} == {}


def test_packages_come_from_no_named_address(repo):
    own = Path(__file__).resolve()
    texts = {path: text_of(path) for path in tracked_files(repo) if path != own}
    assert [path.name for path, text in texts.items() if INDEX_ADDRESS.search(text)] == []


def test_no_file_names_a_folder_of_this_machine(repo):
    of_the_project = {path.name for path in repo.iterdir()} | {""}
    folders = {repo, repo.parent, Path.home()}
    known = [re.escape(f"{path}/") for path in folders if path.name not in of_the_project]
    absolute = re.compile(
        rf"(?<![\w.])({'|'.join([*known, '/home/[a-z]+/', '/Users/[A-Za-z]+/'])})"
    )
    own = Path(__file__).resolve()
    texts = {path: text_of(path) for path in tracked_files(repo) if path != own}
    assert [path.name for path, text in texts.items() if absolute.search(text)] == []


def test_locks_hold_names_versions_and_hashes_only(repo):
    line = re.compile(r"#.*|[\w.-]+==\S+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    for path in (repo / "requirements").glob("*.txt"):
        strange = [row for row in text_of(path).splitlines() if not line.fullmatch(row)]
        assert strange == [], path.name


def test_narrow_locks_are_parts_of_the_wide_ones(repo):
    run, test, dev = (
        set(re.findall(r"^[\w.-]+==\S+", text_of(repo / "requirements" / name), re.MULTILINE))
        for name in ("run.txt", "test.txt", "dev.txt")
    )
    assert run < test < dev


def test_public_names_are_declared_alike_for_people_and_machines():
    source = ast.parse(inspect.getsource(bf))
    typed = next(node for node in source.body if isinstance(node, ast.If))
    typed_names = {alias.asname for node in typed.body for alias in node.names}
    assert typed_names == set(bf._PUBLIC)
    assert {*bf._PUBLIC, "__version__"} == set(bf.__all__)
    assert len(bf.__all__) == len(set(bf.__all__))


@pytest.mark.parametrize("name", sorted(set(bf.__all__) - {"__version__"}))
def test_every_public_name_loads_and_is_documented(name):
    value = getattr(bf, name)
    assert inspect.getdoc(value)
    assert name in dir(bf)


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'indikators'"):
        _ = bf.indikators


def test_importing_the_package_loads_no_heavy_library():
    script = (
        "import sys, begleitforschung as bf; dir(bf);"
        "print(*sorted({'pandas', 'numpy', 'matplotlib', 'pandera', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == ""


def test_version_is_the_installed_one():
    assert bf.__version__ == version("begleitforschung")

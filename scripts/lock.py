"""Write the locked requirements: names, versions and hashes of what pyproject.toml asks for.

Run it by ``make lock``. The widest file is resolved afresh, the narrower ones are parts of it.
Which index serves the packages is the business of each machine and stands nowhere.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# File -> extras and dependency groups it holds besides the core dependencies.
LOCKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "dev": (("report", "survey", "disclosure"), ("platforms", "build", "test", "lint", "lock")),
    "test": (("report", "survey", "disclosure"), ("platforms", "build", "test")),
    "run": (("report",), ("platforms", "build")),
}
HEADER = "# Made by `make lock` from pyproject.toml: names, versions and hashes. Do not edit.\n"
WIDEST = "dev"
BLOCK = re.compile(r"^(?P<pin>[\w.-]+==\S+) \\\n(?:    --hash=\S+(?: \\)?\n)+", re.MULTILINE)


def group_members(groups: dict[str, list[str | dict[str, str]]], name: str) -> list[str]:
    """Resolve a dependency group with the groups it includes (PEP 735)."""
    members: list[str] = []
    for item in groups[name]:
        if isinstance(item, str):
            members.append(item)
        else:
            members += group_members(groups, item["include-group"])
    return members


def wanted(project: dict[str, dict[str, object]], name: str) -> list[str]:
    """Return the requirements of one lock file as pyproject.toml states them."""
    extras, groups = LOCKS[name]
    core: list[str] = list(project["project"]["dependencies"])  # type: ignore[call-overload]
    optional: dict[str, list[str]] = project["project"]["optional-dependencies"]  # type: ignore[assignment]
    for extra in extras:
        core += optional[extra]
    for group in groups:
        core += group_members(project["dependency-groups"], group)  # type: ignore[arg-type]
    return core


def without_local_sources() -> dict[str, str]:
    """Return the environment without this machine's extra package folders."""
    local = ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX")
    kept = {key: value for key, value in os.environ.items() if key not in local}
    return kept | {"PIP_CONFIG_FILE": os.devnull}


def resolve(requirements: list[str], constraints: str, folder: Path, *options: str) -> str:
    """Resolve requirements under constraints into pinned lines."""
    source, bounds, target = (folder / name for name in ("want.in", "bounds.txt", "lock.txt"))
    source.write_text("\n".join(requirements) + "\n", encoding="utf-8")
    bounds.write_text(constraints, encoding="utf-8")
    command = [sys.executable, "-m", "piptools", "compile", "--quiet", "--no-config", *options]
    command += ["--strip-extras", "--allow-unsafe", "--no-annotate", "--no-header"]
    command += ["--no-emit-options", "--no-emit-index-url"]
    command += ["--no-emit-trusted-host", "--no-emit-find-links"]
    command += ["--constraint", str(bounds), "--output-file", str(target), str(source)]
    subprocess.run(command, check=True, env=without_local_sources(), cwd=folder)
    text = target.read_text(encoding="utf-8")
    target.unlink()
    return text


def main() -> None:
    """Write requirements/dev.txt, test.txt and run.txt."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hashed = resolve(wanted(project, WIDEST), "", folder, "--generate-hashes")
        blocks = {match["pin"]: match[0] for match in BLOCK.finditer(hashed)}
        pins = "\n".join(blocks) + "\n"
        for lock in LOCKS:
            chosen = resolve(wanted(project, lock), pins, folder).split()
            text = HEADER + "".join(blocks[pin] for pin in sorted(chosen) if pin in blocks)
            path = ROOT / "requirements" / f"{lock}.txt"
            path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

"""Check an installed wheel: every resource and the example project are there and can be read.

Its argument is a file that lists what the checkout tracks, one path a line.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path, PurePosixPath

import begleitforschung
from begleitforschung.catalogue import read_yaml, resource

RESOURCES = PurePosixPath("src/begleitforschung/resources")


def load(path: PurePosixPath) -> None:
    """Read one tracked file out of the installed package."""
    if path.is_relative_to(RESOURCES):
        found = resource(*path.relative_to(RESOURCES).parts)
    else:
        found = files(begleitforschung).joinpath("_example", *path.parts)
    if path.suffix == ".yaml":
        read_yaml(found)
    elif path.suffix in {".csv", ".toml", ".json", ".ipynb", ".typ", ".html", ".css", ".md"}:
        found.read_text(encoding="utf-8")
    elif not found.read_bytes():
        raise ValueError(f"{path} is empty in the installed wheel")


def main(listing: str) -> None:
    """Load all tracked files and every public name."""
    if "site-packages" not in str(begleitforschung.__file__):
        raise SystemExit(f"not an installed package: {begleitforschung.__file__}")
    paths = [PurePosixPath(line) for line in Path(listing).read_text(encoding="utf-8").splitlines()]
    for path in paths:
        load(path)
    for name in begleitforschung.__all__:
        getattr(begleitforschung, name)
    print(f"{len(paths)} packaged files and {len(begleitforschung.__all__)} public names load")


if __name__ == "__main__":
    main(sys.argv[1])

"""Where layouts lie: in the package, beside a file, or where the caller says."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from begleitforschung.catalogue import read_entry, resource
from begleitforschung.errors import CatalogueError, UnknownCodeError
from begleitforschung.loaders.layout import Layout
from begleitforschung.loaders.sidecar import publishers

DECLARED = "declared"
SUFFIX = ".layout.yaml"


@cache
def packaged() -> dict[str, Layout]:
    """Return the layouts that come with the package.

    Returns
    -------
    dict
        Identifier to layout.
    """
    folder = resource("sources", "layouts")
    files = sorted(item.name for item in folder.iterdir() if item.name.endswith(".yaml"))
    found = [read_entry(resource("sources", "layouts", name), Layout) for name in files]
    return {item.id: item for item in found}


def layout_for(path: Path, asked: str | os.PathLike[str] | None) -> Layout | None:
    """Return the layout that was asked for, or that stands beside a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    asked : str or path, optional
        Identifier of a packaged layout, or a YAML file.

    Returns
    -------
    Layout or None
        None if nothing says how the file is read.

    Raises
    ------
    UnknownCodeError
        If there is no such packaged layout.
    CatalogueError
        If the layout is malformed.
    SourceFileError
        If the YAML file is missing.
    """
    name = os.fspath(asked) if asked is not None else ""
    if asked is not None and not name.endswith((".yaml", ".yml")):
        if name not in packaged():
            raise UnknownCodeError(name, packaged(), "packaged layouts")
        return packaged()[name]
    file = Path(name) if asked is not None else path.with_name(path.name + SUFFIX)
    if asked is None and not file.is_file():
        return None
    found = read_entry(file, Layout)
    if found.publisher and found.publisher not in publishers():
        raise CatalogueError(
            f"{file.name}: {found.publisher!r} is none of the known publishers "
            f"({', '.join(publishers())}). Leave it out and describe the source in the sidecar."
        )
    return found

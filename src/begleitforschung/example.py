"""The shipped example project, laid out for those who installed the wheel."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from begleitforschung.errors import ProjectError

_PARTS = ("projekt.toml", "data", "notebooks")
# Hidden folders, what a run makes, and what must never leave a checkout.
_LEFT_OUT = {
    "data": (".*", "*.parquet", "*.meta.json", "befragung*", "interviews"),
    "notebooks": (".*",),
}


def copy_example(folder: str | Path) -> Path:
    """Lay out the example project.

    Parameters
    ----------
    folder : str or pathlib.Path
        A new or empty folder.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ProjectError
        If the folder holds something already, or the package was installed without the example.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ProjectError(f"{target} is not empty; name a new folder for the example project")
    with as_file(files("begleitforschung")) as package:
        source = _source(package)
        target.mkdir(parents=True, exist_ok=True)
        for name in _PARTS:
            part = source / name
            if part.is_dir():
                left_out = shutil.ignore_patterns(*_LEFT_OUT[name])
                shutil.copytree(part, target / name, ignore=left_out)
            else:
                shutil.copyfile(part, target / name)
    return target


def _source(package: Path) -> Path:
    """Find the copy in the wheel, or the checkout that an editable install points to."""
    for root in (package / "_example", package.parents[1]):
        if all((root / name).exists() for name in _PARTS):
            return root
    raise ProjectError("this installation does not hold the example project; reinstall the package")

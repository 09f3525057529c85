"""Where keys and single answers must not lie: in a project, or where git keeps files."""

from __future__ import annotations

from pathlib import Path

from begleitforschung.errors import DisclosureError

_PROJECT_FILE = "projekt.toml"


def require_outside(path: Path, what: str) -> Path:
    """Refuse a place from which files are published, shared or kept with the project.

    Parameters
    ----------
    path : pathlib.Path
        File or folder; need not exist.
    what : str
        What shall lie there, for the message.

    Returns
    -------
    pathlib.Path
        The absolute path, links resolved.

    Raises
    ------
    DisclosureError
        If the place is a folder with a ``projekt.toml``, a git work tree or the working folder
        (unless that is the home folder), or lies in one of them.
    """
    place = path.expanduser().resolve()
    above = (place, *place.parents)
    here, home = Path.cwd().resolve(), Path.home().resolve()
    if here in above and here not in (home, *home.parents):
        raise _refusal(what, place, f"the working folder {here}")
    for folder in above:
        if (folder / _PROJECT_FILE).is_file():
            raise _refusal(what, place, f"the project folder {folder}")
        if (folder / ".git").exists():
            raise _refusal(what, place, f"the git work tree {folder}")
    return place


def _refusal(what: str, place: Path, where: str) -> DisclosureError:
    return DisclosureError(
        f"{what} must not lie in {where}, as that is shared and published: {place}. Choose a "
        "folder outside of projects and git, which only you can read."
    )

"""Credentials and folders of the user: from the environment or a configuration file only."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from begleitforschung.errors import FetchError
from begleitforschung.loaders.fetching.endpoints import Database

_KINDS = ("token", "user", "password")


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password as a web service wants them; never shown.

    Parameters
    ----------
    user : str
        Name of the user, or a token.
    password : str
        The password; empty with a token.
    """

    user: str = field(repr=False)
    password: str = field(default="", repr=False)

    def headers(self) -> dict[str, str]:
        """Return the headers of a request.

        Returns
        -------
        dict
            ``username`` and ``password``.
        """
        return {"username": self.user, "password": self.password}


def credentials(database: Database) -> Credentials:
    """Return the credentials for a database.

    ``BEGLEITFORSCHUNG_<DATABASE>_TOKEN``, or ``_USER`` and ``_PASSWORD``, go before the section
    ``[<database>]`` with ``token``, or ``user`` and ``password``, of the configuration file.

    Parameters
    ----------
    database : Database
        The database.

    Returns
    -------
    Credentials
        User and password; a token stands as user.

    Raises
    ------
    FetchError
        If there are none, or they can't be sent; never says them.
    """
    prefix = f"BEGLEITFORSCHUNG_{database.id.upper()}_"
    given = {kind: os.environ.get(prefix + kind.upper(), "").strip() for kind in _KINDS}
    if not any(given.values()):
        given = _configured(database.id)
    if not all(_sendable(value) for value in given.values()):
        raise FetchError(
            f"the credentials for {database.title} hold line breaks or characters that can't be "
            "sent; enter them again"
        )
    if given["token"] and database.token:
        return Credentials(given["token"])
    if given["user"] and given["password"]:
        return Credentials(given["user"], given["password"])
    wanted = f"{prefix}USER and {prefix}PASSWORD"
    wanted = f"{prefix}TOKEN (or {wanted})" if database.token else wanted
    raise FetchError(
        f"{database.title} asks for an account (free of charge: {database.account}). Set the "
        f"environment variables {wanted}, or write them into [{database.id}] of {config_file()}; "
        "see docs/how-to/fetch.md"
    )


def _configured(section: str) -> dict[str, str]:
    file, readable = config_file(), True
    content: Mapping[str, Any] = {}
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        pass
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        readable = False
    if not readable:  # outside of the handler: the original error may hold what stands in the file
        raise FetchError(f"{file} can't be read: expected is a TOML file in UTF-8")
    found = content.get(section, {})
    if not isinstance(found, dict) or not all(
        key in _KINDS and isinstance(value, str) for key, value in found.items()
    ):
        raise FetchError(f"{file}, [{section}]: only {', '.join(_KINDS)} are known, as texts")
    return {kind: found.get(kind, "").strip() for kind in _KINDS}


def _sendable(value: str) -> bool:
    """Say whether a header can hold it (Latin-1, no control characters)."""
    return value.isprintable() and all(ord(sign) < 256 for sign in value)


def config_file() -> Path:
    """Return where the configuration file stands.

    Returns
    -------
    pathlib.Path
        ``BEGLEITFORSCHUNG_CONFIG``, or ``config.toml`` in the user's folder of configurations.
    """
    given = os.environ.get("BEGLEITFORSCHUNG_CONFIG")
    return Path(given) if given else _folder("config") / "config.toml"


def cache_folder() -> Path:
    """Return where fetched answers are kept.

    Returns
    -------
    pathlib.Path
        ``BEGLEITFORSCHUNG_CACHE``, or the folder that the system has for such files.
    """
    given = os.environ.get("BEGLEITFORSCHUNG_CACHE")
    return Path(given) if given else _folder("cache")


def _folder(kind: str) -> Path:
    home = Path.home()
    if sys.platform == "win32":
        variable = {"config": "APPDATA", "cache": "LOCALAPPDATA"}[kind]
        base = Path(os.environ.get(variable) or home / "AppData" / "Local")
        return base / "begleitforschung" / {"config": "", "cache": "Cache"}[kind]
    if sys.platform == "darwin":
        base = home / "Library" / {"config": "Application Support", "cache": "Caches"}[kind]
        return base / "begleitforschung"
    variable, usual = {
        "config": ("XDG_CONFIG_HOME", ".config"),
        "cache": ("XDG_CACHE_HOME", ".cache"),
    }[kind]
    return Path(os.environ.get(variable) or home / usual) / "begleitforschung"

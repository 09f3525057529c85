"""Packages that only reports need are imported when they are needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from begleitforschung.errors import MissingDependencyError


def load(module: str) -> Any:
    """Import a package of the extra ``report``.

    Parameters
    ----------
    module : str
        Name of the module.

    Returns
    -------
    module
        The module.

    Raises
    ------
    MissingDependencyError
        If it is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"reports need the package {error.name!r}, which is not installed; "
            'install it with: python -m pip install "begleitforschung[report]"'
        ) from None

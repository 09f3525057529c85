"""Accompanying research on the Modellprojekte Smart Cities, from official files to reports.

Every public name is imported when it is first used, so that ``import begleitforschung`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from begleitforschung._version import __version__

# Public name -> module that defines it; an equal name means the submodule itself.
_PUBLIC: dict[str, str] = {}

__all__ = ["__version__", *sorted(_PUBLIC)]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_PUBLIC[name]}")
    value = module if _PUBLIC[name].rpartition(".")[2] == name else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Territorial units: keys, names, classifications and the register of the programme.

Names are imported when they are first used, so that keys can be checked without pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from begleitforschung.regions.classification import classify, east_west
    from begleitforschung.regions.codes import CodeList, code_list, code_lists
    from begleitforschung.regions.directory import (
        GEBIETSSTAND,
        gazetteer,
        gazetteer_source,
        gemeinden_of,
        name_of,
    )
    from begleitforschung.regions.grammar import LEVELS, Level, is_key
    from begleitforschung.regions.keys import (
        ancestors,
        ars_to_ags,
        bundesland_of,
        check_keys,
        is_county_free,
        kreis_of,
        level_of,
        map_units,
        parent,
    )
    from begleitforschung.regions.resolution import resolve
    from begleitforschung.regions.territory import Crosswalk, Crosswalks
    from begleitforschung.regions.territory_chain import crosswalk

_HOME = {
    "classification": ("classify", "east_west"),
    "codes": ("CodeList", "code_list", "code_lists"),
    "directory": ("GEBIETSSTAND", "gazetteer", "gazetteer_source", "gemeinden_of", "name_of"),
    "grammar": ("LEVELS", "Level", "is_key"),
    "keys": (
        "ancestors",
        "ars_to_ags",
        "bundesland_of",
        "check_keys",
        "is_county_free",
        "kreis_of",
        "level_of",
        "map_units",
        "parent",
    ),
    "resolution": ("resolve",),
    "territory": ("Crosswalk", "Crosswalks"),
    "territory_chain": ("crosswalk",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "GEBIETSSTAND",
    "LEVELS",
    "CodeList",
    "Crosswalk",
    "Crosswalks",
    "Level",
    "ancestors",
    "ars_to_ags",
    "bundesland_of",
    "check_keys",
    "classify",
    "code_list",
    "code_lists",
    "crosswalk",
    "east_west",
    "gazetteer",
    "gazetteer_source",
    "gemeinden_of",
    "is_county_free",
    "is_key",
    "kreis_of",
    "level_of",
    "map_units",
    "name_of",
    "parent",
    "resolve",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)

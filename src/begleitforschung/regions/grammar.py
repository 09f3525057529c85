"""What a well-formed key is, and what is wrong with a malformed one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, get_args

from begleitforschung.language import Text

Level = Literal[
    "germany",
    "land",
    "regierungsbezirk",
    "kreis",
    "gemeinde",
    "verband",
    "gemeinde_ars",
    "project",
]
LEVELS: tuple[Level, ...] = get_args(Level)
GERMANY = "DG"

_LAND = r"(?:0[1-9]|1[0-6])"
_DIGITS = rf"{_LAND}(?:[0-9]|[0-9]{{3}}|[0-9]{{6,7}}|[0-9]{{10}})?"
_PATTERN = rf"(?:{GERMANY}|{_DIGITS}|S[1-9]-[0-9]{{2}})"
_KEY = re.compile(_PATTERN)
LEVEL_OF_LENGTH: dict[int, Level] = {
    2: "land",
    3: "regierungsbezirk",
    5: "kreis",
    8: "gemeinde",
    9: "verband",
    12: "gemeinde_ars",
}
# Lengths that a key has after its leading zero was lost, and the length it should have.
_LENGTH_WITHOUT_ZERO = {1: 2, 4: 5, 7: 8, 11: 12}


def is_key(unit: object) -> bool:
    """Say whether something is a well-formed unit.

    Parameters
    ----------
    unit : object
        Anything; only text can be a unit.

    Returns
    -------
    bool
        True for ``DG``, keys of 2, 3, 5, 8, 9 or 12 digits of an existing Land, and project
        codes.

    Examples
    --------
    >>> is_key("05315000"), is_key("5315000"), is_key("S1-01"), is_key("17")
    (True, False, True, False)
    """
    return isinstance(unit, str) and rank_of(unit) >= 0


@lru_cache(maxsize=1 << 16)  # the keys of all municipalities come back in every table
def rank_of(unit: str) -> int:
    """Return the position of a unit's level, from Germany downwards.

    Parameters
    ----------
    unit : str
        Key, ``DG`` or project code.

    Returns
    -------
    int
        Position in `LEVELS`; -1 for what is no key.

    Examples
    --------
    >>> rank_of("DG"), rank_of("05315"), rank_of("5315")
    (0, 3, -1)
    """
    if not _KEY.fullmatch(unit):
        return -1
    if unit == GERMANY:
        return LEVELS.index("germany")
    return LEVELS.index("project" if unit.startswith("S") else LEVEL_OF_LENGTH[len(unit)])


def diagnose(key: object) -> tuple[str, Text, Text]:
    """Say what is wrong with a malformed key.

    Parameters
    ----------
    key : object
        Something that is no key.

    Returns
    -------
    rule : str
        ``leading_zero``, ``number``, ``spaces``, ``unknown_land`` or ``key``.
    text : Text
        What is wrong.
    hint : Text
        What to do.

    Examples
    --------
    >>> diagnose("5315")[1].en
    'leading zero lost (4 instead of 5 digits)'
    """
    as_text = Text(
        "Schlüssel als Text einlesen; als Zahl verlieren sie die führende Null.",
        "Read keys as text; as numbers they lose their leading zero.",
    )
    if not isinstance(key, str):
        return "number", Text("Schlüssel ist kein Text", "the key is not text"), as_text
    bare = "".join(key.split())
    if bare != key and is_key(bare):
        words = Text("Leerzeichen im Schlüssel", "the key holds spaces")
        return "spaces", words, Text("Leerzeichen entfernen.", "Remove the spaces.")
    if is_key("0" + bare) and len(bare) in _LENGTH_WITHOUT_ZERO:
        digits = _LENGTH_WITHOUT_ZERO[len(bare)]
        words = Text(
            f"führende Null verloren ({len(bare)} statt {digits} Stellen)",
            f"leading zero lost ({len(bare)} instead of {digits} digits)",
        )
        return "leading_zero", words, as_text
    if re.fullmatch(r"[0-9]+", key) and len(key) in LEVEL_OF_LENGTH:
        words = Text(
            f"unbekanntes Bundesland {key[:2]} (bekannt: 01 bis 16)",
            f"unknown Land {key[:2]} (known: 01 to 16)",
        )
        hint = Text(
            "Summen der Herausgeber wie 17 und 18 sind keine Gebiete; solche Zeilen weglassen.",
            "Publishers' own sums such as 17 and 18 are no regions; leave such rows out.",
        )
        return "unknown_land", words, hint
    words = Text("kein Schlüssel eines Gebiets", "no key of a unit")
    hint = Text(
        "Erwartet: DG, 2, 3, 5, 8, 9 oder 12 Ziffern oder ein Projekt wie S1-01.",
        "Expected: DG, 2, 3, 5, 8, 9 or 12 digits, or a project such as S1-01.",
    )
    return "key", words, hint

"""Grammar of the keys of territorial units: level, parents and repair hints.

A unit is ``DG`` (Germany), an official key as text or a project code such as ``S1-01``. The
level follows from the length of the key:

======  ==================  ======================================================
digits  level               built from
======  ==================  ======================================================
2       ``land``            Land
3       ``regierungsbezirk``  Land, Regierungsbezirk (``0`` where there is none)
5       ``kreis``           Land, Regierungsbezirk, Kreis
8       ``gemeinde``        the county and the municipality (AGS)
9       ``verband``         the county and the Gemeindeverband (first nine digits of the ARS)
12      ``gemeinde_ars``    the Gemeindeverband and the municipality (ARS)
======  ==================  ======================================================

The grammar does not say whether a unit exists at some date; the gazetteer does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, cast, get_args

from begleitforschung.errors import Finding, ValidationError, rows_concerned
from begleitforschung.language import Text

if TYPE_CHECKING:
    import pandas as pd

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

_PROJECT = re.compile(r"S[1-9]-[0-9]{2}")
_LAND = r"(?:0[1-9]|1[0-6])"
_KEY = re.compile(rf"{_LAND}(?:[0-9]|[0-9]{{3}}|[0-9]{{6,7}}|[0-9]{{10}})?")
_LEVEL_OF_LENGTH: dict[int, Level] = {
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
    if not isinstance(unit, str):
        return False
    return unit == GERMANY or bool(_KEY.fullmatch(unit)) or bool(_PROJECT.fullmatch(unit))


def level_of(unit: str) -> Level:
    """Return the level of a unit.

    Parameters
    ----------
    unit : str
        Key, ``DG`` or project code.

    Returns
    -------
    Level
        ``germany``, ``land``, ``regierungsbezirk``, ``kreis``, ``gemeinde``, ``verband``,
        ``gemeinde_ars`` or ``project``.

    Raises
    ------
    ValidationError
        If `unit` is no well-formed key; says what is wrong with it.

    Examples
    --------
    >>> level_of("010595974")
    'verband'
    """
    if not is_key(unit):
        raise ValidationError(f"{unit!r} is no key of a unit", findings=check_keys([unit]))
    if unit == GERMANY:
        return "germany"
    return "project" if unit.startswith("S") else _LEVEL_OF_LENGTH[len(unit)]


def parent(unit: str) -> str | None:
    """Return the unit directly above another one.

    Parameters
    ----------
    unit : str
        Key, ``DG`` or project code.

    Returns
    -------
    str or None
        A municipality given by AGS stands below its county, one given by ARS below its
        Gemeindeverband; a county below its Regierungsbezirk, or below its Land where the third
        digit is ``0``. ``None`` for Germany and for projects (their members are data, see
        `begleitforschung.regions.programme`).

    Raises
    ------
    ValidationError
        If `unit` is no well-formed key.

    Examples
    --------
    >>> parent("05315000"), parent("05315"), parent("01059"), parent("010595974006")
    ('05315', '053', '01', '010595974')
    """
    level = level_of(unit)
    if level in ("germany", "project"):
        return None
    if level == "land":
        return GERMANY
    if level == "kreis":
        return unit[:2] if unit[2] == "0" else unit[:3]
    return unit[: {"regierungsbezirk": 2, "gemeinde": 5, "verband": 5, "gemeinde_ars": 9}[level]]


def ancestors(unit: str) -> tuple[str, ...]:
    """Return all units above another one, nearest first.

    Parameters
    ----------
    unit : str
        Key, ``DG`` or project code.

    Returns
    -------
    tuple of str
        Up to and including ``DG``; empty for Germany and for projects.

    Raises
    ------
    ValidationError
        If `unit` is no well-formed key.

    Examples
    --------
    >>> ancestors("05315000")
    ('05315', '053', '05', 'DG')
    """
    above = parent(unit)
    return () if above is None else (above, *ancestors(above))


def bundesland_of(unit: str) -> str | None:
    """Return the key of the Bundesland that a unit lies in.

    Parameters
    ----------
    unit : str
        Key, ``DG`` or project code.

    Returns
    -------
    str or None
        Two digits; ``None`` for Germany and for projects, which may span several Länder.

    Raises
    ------
    ValidationError
        If `unit` is no well-formed key.
    """
    return None if level_of(unit) in ("germany", "project") else unit[:2]


def kreis_of(unit: str) -> str | None:
    """Return the key of the county or county-free city that a unit is or lies in.

    Parameters
    ----------
    unit : str
        Key, ``DG`` or project code.

    Returns
    -------
    str or None
        Five digits; ``None`` above the county level and for projects.

    Raises
    ------
    ValidationError
        If `unit` is no well-formed key.
    """
    within = level_of(unit) in ("kreis", "gemeinde", "verband", "gemeinde_ars")
    return unit[:5] if within else None


def ars_to_ags(ars: str) -> str:
    """Return the municipality key (AGS, 8 digits) of a regional key (ARS, 12 digits).

    Parameters
    ----------
    ars : str
        Twelve digits.

    Returns
    -------
    str
        The first five and the last three digits.

    Raises
    ------
    ValidationError
        If `ars` is not the ARS of a municipality.

    Examples
    --------
    >>> ars_to_ags("010595974083")
    '01059083'
    """
    if level_of(ars) != "gemeinde_ars":
        raise ValidationError(f"{ars!r} is not an ARS of 12 digits")
    return ars[:5] + ars[9:]


def is_county_free(unit: str) -> bool:
    """Say whether a municipality is a county-free city, that is, its own county.

    Parameters
    ----------
    unit : str
        Key, ``DG`` or project code.

    Returns
    -------
    bool
        True for an AGS or ARS whose municipality part is ``000`` (all 106 county-free cities of
        2024 and no other municipality have it); False for every other unit.

    Raises
    ------
    ValidationError
        If `unit` is no well-formed key.
    """
    return level_of(unit) in ("gemeinde", "gemeinde_ars") and unit.endswith("000")


def map_units(units: pd.Series, function: Callable[[str], object]) -> pd.Series:
    """Apply a function of one key to a column of keys, once for each different key.

    Parameters
    ----------
    units : pandas.Series
        Keys as text or as a categorical; missing stays missing.
    function : callable
        Function of one key, e.g. `level_of` or `bundesland_of`.

    Returns
    -------
    pandas.Series
        A categorical with the same index; ``None`` of `function` becomes missing. Categories
        are sorted.

    Raises
    ------
    ValidationError
        If a key is malformed; all malformed keys are listed with their rows.

    Examples
    --------
    >>> import pandas as pd
    >>> map_units(pd.Series(["05315000", "DG"]), bundesland_of).tolist()
    ['05', nan]
    """
    import numpy as np
    import pandas as pd

    findings = check_keys(units)
    if findings:
        raise ValidationError("These are no keys of units:", findings=findings)
    column = units.astype("category").cat.remove_unused_categories()
    found = [function(key) for key in column.cat.categories]
    categories = sorted({value for value in found if value is not None}, key=str)
    # The code of missing keys is -1, which picks the last entry: missing.
    results = np.array([*found, None], dtype=object)[column.cat.codes.to_numpy()]
    values = pd.Categorical(results, categories=categories)
    return pd.Series(values, index=units.index, name=units.name)


def check_keys(
    values: pd.Series | Iterable[object], *, file: str | None = None, column: str = "unit"
) -> tuple[Finding, ...]:
    """Check keys and say what is wrong with each malformed one.

    Parameters
    ----------
    values : pandas.Series or iterable
        Keys; missing values are passed over. A categorical column is checked on its categories.
    file : str, optional
        Name of the file, for the findings.
    column : str
        Name of the column, for the findings.

    Returns
    -------
    tuple of Finding
        One finding of severity ``error`` per different malformed value, in order of first
        appearance, with its rows (the first value stands in row 2, below the header). Rules:
        ``regions.leading_zero``, ``regions.number``, ``regions.spaces``,
        ``regions.unknown_land``, ``regions.key``. Empty if all keys are well-formed.

    Examples
    --------
    >>> check_keys(["9761000"])[0].rule
    'regions.leading_zero'
    """
    import pandas as pd

    series = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    bad = [key for key in series.dropna().unique() if not is_key(key)]
    findings = []
    for key in bad:
        rows = [int(at) + 2 for at in (series == key).to_numpy().nonzero()[0]]
        findings.append(_finding(key, rows, file, column))
    return tuple(sorted(findings, key=lambda item: cast(int, item.row)))


def _finding(key: object, rows: list[int], file: str | None, column: str) -> Finding:
    rule, text, hint = _diagnosis(key)
    return Finding(
        rule=f"regions.{rule}",
        severity="error",
        text=text,
        hint=hint,
        file=file,
        row=rows[0],
        column=column,
        value=str(key),
        n=len(rows),
        rows=rows_concerned(rows),
    )


def _diagnosis(key: object) -> tuple[str, Text, Text]:
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
    if bare.isdigit() and is_key("0" + bare) and len(bare) in _LENGTH_WITHOUT_ZERO:
        digits = _LENGTH_WITHOUT_ZERO[len(bare)]
        words = Text(
            f"führende Null verloren ({len(bare)} statt {digits} Stellen)",
            f"leading zero lost ({len(bare)} instead of {digits} digits)",
        )
        return "leading_zero", words, as_text
    if key.isdigit() and len(key) in _LEVEL_OF_LENGTH:
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

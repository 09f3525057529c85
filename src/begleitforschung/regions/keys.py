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

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, cast

from begleitforschung.errors import Finding, ValidationError, rows_concerned
from begleitforschung.regions.grammar import GERMANY, LEVELS, Level, diagnose, is_key, rank_of

if TYPE_CHECKING:
    import pandas as pd


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
    return LEVELS[rank_of(unit)]


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


def map_units(units: pd.Series, function: Callable[[str], str | None]) -> pd.Series:
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
    categories = sorted({value for value in found if value is not None})
    position: dict[str | None, int] = {value: at for at, value in enumerate(categories)}
    # The code of a missing key is -1, which picks the last entry: missing as well.
    codes = np.array([*(position.get(value, -1) for value in found), -1], dtype=np.int64)
    values = pd.Categorical.from_codes(
        codes[column.cat.codes.to_numpy()], categories=pd.Index(categories)
    )
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

    given = values if isinstance(values, pd.Series) else list(values)
    if isinstance(given, pd.Series) and given.dtype == "category":
        different = given.cat.categories.tolist()
    else:
        different = list(dict.fromkeys(given))
    bad = [key for key in different if not is_key(key) and not pd.isna(key)]
    if not bad:
        return ()
    series = given if isinstance(given, pd.Series) else pd.Series(given, dtype=object)
    findings = []
    for key in bad:
        rows = [int(at) + 2 for at in (series == key).to_numpy().nonzero()[0]]
        if rows:  # a category need not be used
            findings.append(_finding(key, rows, file, column))
    return tuple(sorted(findings, key=lambda item: cast(int, item.row)))


def _finding(key: object, rows: list[int], file: str | None, column: str) -> Finding:
    rule, text, hint = diagnose(key)
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

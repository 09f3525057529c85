"""How estimates are written: counts for small bases, no digit that the base does not carry."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from begleitforschung.display.numbers import MISSING, format_number, is_missing
from begleitforschung.display.secrecy import SECRET
from begleitforschung.language import Lang, Text
from begleitforschung.regions import is_key
from begleitforschung.regions.keys import level_of

if TYPE_CHECKING:
    from begleitforschung.results.estimate import Estimate

SHARES = ("share", "top2", "bottom2")
PERCENT_FIRST = 30
_DECIMALS_FROM = 1000
_WIDTH_IN_ERRORS = 4.0  # of an interval of 95 %, about
_PEOPLE = dict.fromkeys(("einwohner", "population"), Text("Einwohner", "inhabitant"))
_OF: dict[Lang, str] = {"de": "von", "en": "of"}
_TO: dict[Lang, tuple[str, str]] = {"de": ("bis", "der"), "en": ("to", "of the")}


def share_text(row: Mapping[str, Any], min_n: int, lang: Lang) -> str:
    """Write a share: below `min_n` cases "4 von 9", below 30 "4 von 19 (21 %)", else "21 %".

    Where one of count and share is kept secret, the other is written alone.

    Parameters
    ----------
    row : mapping
        Row of `Estimate.table`.
    min_n : int
        Bases with fewer cases are shown as counts.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        The share; a dash without a base, a point where it is kept secret.
    """
    if is_secret(row, min_n):
        return SECRET
    n = int(row["n"])
    share, count = not is_missing(row["estimate"]), not is_missing(row["count"])
    if n == 0 or not (share or count):
        return MISSING
    counts = f"{row['count']} {_OF[lang]} {n}"
    if n < min_n or not share:
        return counts
    percent = format_number(100 * row["estimate"], share_decimals(n), lang, unit="%")
    return f"{counts} ({percent})" if n < PERCENT_FIRST and count else percent


def is_secret(row: Mapping[str, Any], min_n: int) -> bool:
    """Say whether the estimate of a row is kept secret.

    Parameters
    ----------
    row : mapping
        Row of `Estimate.table`.
    min_n : int
        Bases with fewer cases are shown as counts.

    Returns
    -------
    bool
        Whether the row is suppressed, or would be shown as a count that is withheld.
    """
    if row.get("suppressed"):  # its base may be secret too
        return True
    small = row["statistic"] in SHARES and 0 < row["n"] < min_n
    return bool(small and is_missing(row["count"]))


def share_decimals(n: int) -> int:
    """Return the decimals that a percentage of n cases carries.

    Parameters
    ----------
    n : int
        Cases.

    Returns
    -------
    int
        0 below 1,000 cases, where one case is more than a tenth of a point; else 1.
    """
    return 0 if n < _DECIMALS_FROM else 1


def total_places(size: float) -> int:
    """Return to which place numbers of units are rounded where more would tell single cases.

    Parameters
    ----------
    size : float
        Units of the group.

    Returns
    -------
    int
        Decimals, below 0 for tens, hundreds, …: the step is at least a hundredth of the group.
    """
    return -max(0, math.ceil(math.log10(size / 100.0))) if size > 0 else 0


def number_text(row: Mapping[str, Any], key: str, lang: Lang) -> str:
    """Write a number with two digits of its standard error, at most two decimals.

    Below 30 cases the standard error itself is known to one digit only; numbers of units have no
    decimals. Totals of amounts are rounded to tens, hundreds, … where their error is as large.

    Parameters
    ----------
    row : mapping
        Row of `Estimate.table`.
    key : str
        Column of the number.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        The number; a dash without a base.
    """
    if is_missing(row[key]) or not row["n"]:
        return MISSING
    return format_number(row[key], number_decimals(row), lang)


def number_decimals(row: Mapping[str, Any]) -> int:
    """Return the decimals that a number carries: one or two digits of its standard error.

    Parameters
    ----------
    row : mapping
        Row of `Estimate.table`.

    Returns
    -------
    int
        0 to 2; without a standard error as if it were the estimate by the root of n. Of totals
        of amounts below 0 for tens, hundreds, …; without an error, by the width of the interval.
    """
    total = row.get("statistic") == "total"
    if total and row.get("category"):
        return 0
    se = _error(row) if total else row["se"]
    if total and se > 0:
        return min(2, _digits(row) - 1 - math.floor(math.log10(se)))
    unsure = abs(row["estimate"]) / math.sqrt(row["n"]) if is_missing(se) or se <= 0 else se
    return min(2, max(0, _digits(row) - 1 - math.floor(math.log10(unsure)))) if unsure > 0 else 0


def _digits(row: Mapping[str, Any]) -> int:
    return 1 if row["n"] < PERCENT_FIRST else 2


def _error(row: Mapping[str, Any]) -> float:
    """Return the standard error, from the interval where the error is kept secret."""
    if not is_missing(row["se"]):
        return float(row["se"])
    low, high = (row.get(name, math.nan) for name in ("low", "high"))
    return math.nan if is_missing(low) or is_missing(high) else (high - low) / _WIDTH_IN_ERRORS


def interval_text(row: Mapping[str, Any], min_n: int, lang: Lang) -> str:
    """Write an interval, of shares in percent.

    Parameters
    ----------
    row : mapping
        Row of `Estimate.table`.
    min_n : int
        Bases with fewer cases have none in percent.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        ``42–74 %``; empty where there is none, or where all answered.
    """
    if is_missing(row["low"]) or is_missing(row["high"]) or row["method"] == "complete":
        return ""
    if row["statistic"] not in SHARES:
        low, high = (number_text(row, key, lang) for key in ("low", "high"))
        return f"{low} {_TO[lang][0]} {high}"
    if row["n"] < min_n:
        return ""
    places = share_decimals(int(row["n"]))
    low = format_number(100 * row["low"], places, lang)
    return f"{low}–{format_number(100 * row['high'], places, lang, unit='%')}"


def counts_text(row: Mapping[str, Any], lang: Lang) -> str:
    """Write exact bounds in units of the population: "31 bis 44 der 73".

    Parameters
    ----------
    row : mapping
        Row of `Estimate.table`.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        The bounds; empty where they are not exact.
    """
    if is_missing(row["count_low"]):
        return ""
    low, high, size = (int(row[key]) for key in ("count_low", "count_high", "N"))
    to, of = _TO[lang]
    total = format_number(size, 0, lang)
    return f"{low} {of} {total}" if low == high else f"{low} {to} {high} {of} {total}"


def level_text(result: Estimate, lang: Lang) -> str:
    """Write the level of confidence in percent, without empty decimals.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        E.g. ``95`` or ``99,5``.
    """
    percent = round(100 * result.level, 6)
    return format_number(percent, None if percent % 1 else 0, lang)


def unit_text(result: Estimate, column: str, lang: Lang) -> str:
    """Return the unit of the figures of a column, of ratios with what they are divided by.

    Parameters
    ----------
    result : Estimate
        The estimates.
    column : str
        Column of the answers.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        E.g. ``EUR je Einwohner``; empty where there is none.
    """
    unit, per = result.units.get(column, ""), result.specification.get("denominator")
    if not per:
        return unit
    items = result.survey.codebook.columns()
    measured = items[per].unit if per in items else ""
    noun = _PEOPLE.get(str(per).lower(), Text(measured or str(per), measured or str(per)))
    return f"{unit} {'per' if lang == 'en' else 'je'} {noun.get(lang)}".strip()


def units_text(result: Estimate, lang: Lang) -> str:
    """Return the unit of all figures.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        The unit; empty where they have none, or different ones.
    """
    units = {unit_text(result, column, lang) for column in result.units}
    return units.pop() if len(units) == 1 else ""


def unit_noun(result: Estimate) -> Text:
    """Return what shares are shares of.

    Parameters
    ----------
    result : Estimate
        The estimates.

    Returns
    -------
    Text
        Kommunen or Projekte where an office answers, else Befragte; or what units are weighted by.
    """
    if result.specification.get("base") == "answers":
        return Text("Antworten", "answers")
    noun = _noun(result)
    weight = result.specification.get("weight_by")
    if not weight:
        return noun
    known = {
        "einwohner": Text("Einwohner", "residents"),
        "population": Text("Einwohner", "residents"),
    }
    label = known.get(str(weight).lower(), Text(str(weight), str(weight)))
    return Text(f"{label.de} (der {noun.de})", f"{label.en} (of the {noun.en})")


def _noun(result: Estimate) -> Text:
    """Return who answers; offices of the programme's projects are told by their codes."""
    if result.survey.codebook.instrument.respondent != "office":
        return Text("Befragten", "respondents")
    frame = None if result.design is None else result.design.frame
    units = result.survey.cases["unit"].dropna() if frame is None else frame["unit"]
    if len(units) and all(is_key(unit) and level_of(unit) == "project" for unit in units):
        return Text("Projekte", "projects")
    return Text("Kommunen", "municipalities")

"""Numbers and dates as they are printed: rounded half up, with the separators of the language.

Python and Babel round half to even; German statistical offices print half up (away from zero),
so values are rounded here, on the shortest decimal form of the number, before they are written.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from typing import Any

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_skeleton
from babel.numbers import get_decimal_symbol, get_group_symbol

from begleitforschung.errors import ReportError
from begleitforschung.language import Lang

MISSING = "–"
MINUS = "\u2212"
NO_BREAK_SPACE = "\u00a0"
_CONTEXT = Context(prec=400)
_LOCALES: dict[Lang, str] = {"de": "de", "en": "en_GB"}
_BEFORE_THE_NUMBER = {"en": ("€", "$", "£")}
_WITHOUT_SPACE = {"en": ("%",)}
_WORDS: dict[Lang, str] = {
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "en": "zero one two three four five six seven eight nine ten eleven twelve",
}


def format_number(
    value: Any, decimals: int | None, lang: Lang = "de", *, unit: str = "", sign: bool = False
) -> str:
    r"""Return a number as it is printed.

    Parameters
    ----------
    value : int, float, Decimal or None
        The number; scalars of numpy too. ``None`` and NaN are printed as an en dash.
    decimals : int or None
        Decimal places, rounded half up; ``None`` prints the digits that the number has.
    lang : {"de", "en"}
        Language of the separators.
    unit : str
        Unit of measure, set off by a no-break space (``"2,4 %"``).
    sign : bool
        Whether positive numbers carry a plus sign, for differences.

    Returns
    -------
    str
        The printed number, with U+2212 as minus sign; what is rounded to zero has no sign.

    Examples
    --------
    >>> format_number(3014.895, 2, unit="€")
    '3.014,90\xa0€'
    >>> format_number(-0.25, 1), format_number(float("nan"), 1)
    ('−0,3', '–')
    """
    if is_missing(value):
        return MISSING
    number = round_half_up(value, decimals) if decimals is not None else _exact(value)
    digits = f"{number.copy_abs():,f}" if number.is_finite() else "∞"
    body = digits.translate(_separators(lang))
    lead = MINUS if number < 0 else "+" if sign and number > 0 else ""
    if unit in _BEFORE_THE_NUMBER.get(lang, ()):
        return f"{lead}{unit}{body}"
    space = "" if not unit or unit in _WITHOUT_SPACE.get(lang, ()) else NO_BREAK_SPACE
    return f"{lead}{body}{space}{unit}"


def format_share(value: Any, decimals: int = 1, lang: Lang = "de", *, sign: bool = False) -> str:
    r"""Return a share between 0 and 1 as a percentage.

    Parameters
    ----------
    value : float
        The share; ``None`` and NaN are printed as an en dash.
    decimals : int
        Decimal places of the percentage.
    lang : {"de", "en"}
        Language.
    sign : bool
        Whether positive numbers carry a plus sign.

    Returns
    -------
    str
        The percentage.

    Examples
    --------
    >>> format_share(0.0245)
    '2,5\xa0%'
    """
    percent = None if is_missing(value) else _exact(value) * 100
    return format_number(percent, decimals, lang, unit="%", sign=sign)


def format_p(value: Any, lang: Lang = "de") -> str:
    """Return a p value with three decimals, small ones as a bound, since none is zero.

    Parameters
    ----------
    value : float
        The p value; ``None`` and NaN are printed as an en dash.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        The p value.

    Examples
    --------
    >>> format_p(0.0436), format_p(0.0002)
    ('0,044', '< 0,001')
    """
    if not is_missing(value) and value < 0.001:
        return f"< {format_number(0.001, 3, lang)}"
    return format_number(value, 3, lang)


def format_date(value: dt.date | str, lang: Lang = "de") -> str:
    r"""Return a date in words.

    Parameters
    ----------
    value : datetime.date or str
        The date; as text in ISO 8601, down to the day, the month or the year.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        The date in words, as exact as it was given.

    Raises
    ------
    ReportError
        If the text is not an ISO date.

    Examples
    --------
    >>> format_date("2026-11-21"), format_date("2026-11"), format_date("2026")
    ('21.\xa0November 2026', 'November 2026', '2026')
    """
    text = value.isoformat()[:10] if isinstance(value, dt.date) else value.strip()
    parts = text.split("-")
    try:
        day = dt.date(*[int(part) for part in [*parts, *["1"] * (3 - len(parts))]])
    except (ValueError, TypeError):
        raise ReportError(f"{text!r} is not a date; write it as 2026-11-21") from None
    if len(parts) == 1:
        return str(day.year)
    if len(parts) == 2:
        return format_skeleton("yMMMM", day, locale=_LOCALES[lang])
    return babel_date(day, "long", locale=_LOCALES[lang]).replace(". ", f".{NO_BREAK_SPACE}", 1)


def count_words(count: int, lang: Lang = "de") -> str:
    """Return a count as it stands in running text: up to twelve in words, then in digits.

    Parameters
    ----------
    count : int
        The count.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        The word or the digits.

    Examples
    --------
    >>> count_words(3), count_words(1250)
    ('drei', '1.250')
    """
    words = _WORDS[lang].split()
    return words[count] if 0 <= count < len(words) else format_number(count, 0, lang)


def round_half_up(value: Any, decimals: int) -> Decimal:
    """Round half away from zero on the shortest decimal form of the number.

    Parameters
    ----------
    value : int, float or Decimal
        A number; infinite ones are returned as they are.
    decimals : int
        Decimal places to keep.

    Returns
    -------
    decimal.Decimal
        The rounded number, never a negative zero.

    Examples
    --------
    >>> round_half_up(2.675, 2), round_half_up(-0.04, 1)
    (Decimal('2.68'), Decimal('0.0'))
    """
    number = _exact(value)
    if not number.is_finite():
        return number
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _CONTEXT)
    return rounded if rounded else rounded.copy_abs()


def is_missing(value: Any) -> bool:
    """Return whether a value is ``None``, NaN or the missing value of pandas.

    Parameters
    ----------
    value : object
        Any scalar.

    Returns
    -------
    bool
        Whether there is no value.
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return not isinstance(value, str | int) and hasattr(value, "__float__") and math.isnan(value)


def _exact(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


@cache
def _separators(lang: Lang) -> dict[int, str]:
    locale = Locale.parse(_LOCALES[lang])
    return str.maketrans({",": get_group_symbol(locale), ".": get_decimal_symbol(locale)})

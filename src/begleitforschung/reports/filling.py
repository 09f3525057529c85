"""Values filled into running text: ``{name}``, ``{name:1}``, ``{name:1 %}``, ``{name:+1 %}``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from numbers import Number
from typing import Any

from begleitforschung.display.numbers import format_date, format_number, is_missing
from begleitforschung.errors import ReportError, UnknownCodeError
from begleitforschung.language import Lang

_FIELD = re.compile(r"\{\{|\}\}|\{-\}|\{(?P<name>\w+)(?::(?P<spec>[^{}]*))?\}|[{}]")
# Braces written twice, and the sign of a heading without number.
_LITERAL = {"{{": "{", "}}": "}", "{-}": "{-}"}
_SPEC = re.compile(r"(?P<sign>\+?)(?P<decimals>\d)(?: (?P<unit>.+))?")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~@&$=:])")


def fill_markdown(text: str, values: Mapping[str, Any], lang: Lang = "de") -> str:
    r"""Fill values into Markdown, formatted and unable to change its structure.

    Parameters
    ----------
    text : str
        Markdown; ``{share:1 %}`` prints a number with one decimal and its unit, ``{diff:+1}``
        with its sign, ``{count}`` a whole number, a date or a text; ``{{`` is a brace.
    values : mapping
        Values by name.
    lang : {"de", "en"}
        Language of numbers and dates.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    UnknownCodeError
        If the text names a value that is not given.
    ReportError
        If a value is given that the text does not use, a number with fractions has no decimals
        in the text, or a brace stands alone.

    Examples
    --------
    >>> fill_markdown("{n} Kreise, {mean:1} Punkte", {"n": 1042, "mean": 2.45})
    '1\\.042 Kreise, 2,5 Punkte'
    """
    used: set[str] = set()

    def shown(name: str, spec: str) -> str:
        used.add(name)
        return _MARKDOWN.sub(r"\\\1", format_value(name, values[name], spec, lang))

    filled = _substituted(text, values, shown)
    if unused := sorted(set(values) - used):
        raise ReportError(f"the text uses no {', '.join(f'{{{name}}}' for name in unused)}")
    return filled


def fill_names(text: str, values: Mapping[str, str]) -> str:
    """Fill texts into a plain text.

    Parameters
    ----------
    text : str
        Text with ``{name}``.
    values : mapping of str to str
        Texts by name; they need not all be used.

    Returns
    -------
    str
        The text.

    Raises
    ------
    UnknownCodeError
        If the text names a value that is not given.
    ReportError
        If a brace stands alone.
    """
    return _substituted(text, values, lambda name, _spec: str(values[name]))


def format_value(name: str, value: Any, spec: str, lang: Lang) -> str:
    """Return a value as it is printed in running text.

    Parameters
    ----------
    name : str
        Its name, for messages.
    value : object
        Number, date or text.
    spec : str
        Sign, decimals and unit (``"+1 %"``); empty for whole numbers, dates and texts.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        The printed value.

    Raises
    ------
    ReportError
        If the format does not fit the value.
    """
    if isinstance(value, Number) or is_missing(value):
        return _format_number(name, value, spec, lang)
    if spec:
        raise ReportError(f"{{{name}:{spec}}}: {name} is no number and takes no format")
    return format_date(value, lang) if isinstance(value, dt.date) else str(value)


def _format_number(name: str, value: Any, spec: str, lang: Lang) -> str:
    whole = is_missing(value) or float(value).is_integer()
    found = _SPEC.fullmatch(spec or ("0" if whole else ""))
    if found is None:
        raise ReportError(
            f"{{{name}{':' + spec if spec else ''}}}: say how many decimals, "
            f"e.g. {{{name}:1}} or {{{name}:1 %}}"
        )
    unit, sign = found["unit"] or "", bool(found["sign"])
    return format_number(value, int(found["decimals"]), lang, unit=unit, sign=sign)


def _substituted(text: str, values: Mapping[str, Any], shown: Callable[[str, str], str]) -> str:
    def one(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            if match[0] in _LITERAL:
                return _LITERAL[match[0]]
            raise ReportError(f"a single {match[0]!r} in {text[:60]!r}; write it twice")
        if name not in values:
            raise UnknownCodeError(name, values, "values given for the text")
        return shown(name, match["spec"] or "")

    return _FIELD.sub(one, text)

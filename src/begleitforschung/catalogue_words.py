"""What is wrong with a value of a catalogue, in words of its reader instead of pydantic's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def words_of(item: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is wrong with a value.

    Parameters
    ----------
    item : mapping
        One error of pydantic.

    Returns
    -------
    (str, str)
        German and English.
    """
    message = item["msg"].removeprefix("Value error, ")
    allowed = item.get("ctx", {}).get("expected", "").replace(" or ", ", ")
    fewest = item.get("ctx", {}).get("min_length")
    date = ("kein Datum JJJJ-MM-TT", "not a date such as 2025-04-01")
    known = {
        "date_from_datetime_parsing": date,
        "date_parsing": date,
        "too_short": (
            f"zu kurze Liste; mindestens {fewest} erwartet",
            f"list too short; at least {fewest} expected",
        ),
        "string_too_short": ("darf nicht leer sein", "must not be empty"),
        "extra_forbidden": ("unbekannter Schlüssel", "unknown key"),
        "missing": ("Pflichtangabe fehlt", "required key is missing"),
        "literal_error": (f"unbekannter Wert; erlaubt: {allowed}", f"not one of: {allowed}"),
        "int_parsing": ("keine ganze Zahl", "not a whole number"),
        "float_parsing": ("keine Zahl (mit Dezimalpunkt)", "not a number (with decimal point)"),
        "tuple_type": ("keine Liste", "not a list"),
        "string_type": ("kein Text", "not a text"),
        "bool_parsing": ("weder 'true' noch 'false'", "neither 'true' nor 'false'"),
    }
    if message.startswith("Invalid isoformat"):
        return date
    return known.get(item["type"], (f"Wert passt nicht: {message}", f"does not fit: {message}"))

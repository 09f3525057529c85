"""Names and places in quotes: replaced by placeholders, and none left over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from begleitforschung.loaders.surveys.words import words

# Shorter names are looked for as they are written: "au" begins "auch" too.
_LONG = 4
_BRACKETED = re.compile(r"[^\[\]]*\[[^\[\]]+\][^\[\]]*")


def plain_text(text: str) -> str:
    """Return a text with single spaces and composed letters.

    Parameters
    ----------
    text : str
        A text; ``u`` with a separate diaeresis looks like ``ü`` but is another text.

    Returns
    -------
    str
        The same words.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def placeholders_of(cell: str) -> dict[str, str] | None:
    """Read what stands for which name.

    Parameters
    ----------
    cell : str
        E.g. ``Erika Muster=[Person 1]; Musterstadt=[Stadt]``; ``Essen=Essen`` says that the word
        is no name here.

    Returns
    -------
    dict or None
        Name to placeholder; ``None`` if the cell can't be read, a placeholder has no brackets or
        holds a name.
    """
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, plain_text(cell).split(";"))):
        name, sign, placeholder = (side.strip() for side in part.partition("="))
        kept = name == placeholder
        if not (sign and name and placeholder) or not (kept or _BRACKETED.fullmatch(placeholder)):
            return None
        if found.setdefault(name, placeholder) != placeholder:
            return None
    hidden = [name for name, placeholder in found.items() if name != placeholder]
    if any(_left(placeholder, hidden) for name, placeholder in found.items() if name in hidden):
        return None
    return found


def anonymised(text: str, names: Mapping[str, str], others: Iterable[str] = ()) -> tuple[str, bool]:
    """Replace names by placeholders.

    Whole words are replaced, also with a genitive s, as they are written.

    Parameters
    ----------
    text : str
        A passage.
    names : mapping of str to str
        Name to placeholder.
    others : iterable of str
        What must not be left either, such as the names of cases.

    Returns
    -------
    text : str
        The passage with placeholders.
    clean : bool
        Whether no name is left: none within a longer word or written in other letters, no e-mail
        or IP address.
    """
    given = plain_text(text)
    longest = sorted(names, key=lambda name: (-len(name), name))
    pattern = re.compile(
        rf"(?<!\w)({'|'.join(map(re.escape, longest))})(?=(?:['’]?s)?(?!\w))" if names else r"(?!)"
    )
    hidden = [name for name, placeholder in names.items() if name != placeholder]
    forbidden = [*hidden, *(name for name in map(plain_text, others) if len(name) >= _LONG)]
    rest = pattern.sub("\n", given)
    shown = pattern.sub(lambda found: names[found[1]], given)
    return shown, not _left(rest, forbidden) and not words().holds_person([shown])


def _left(text: str, names: Iterable[str]) -> bool:
    """Say whether a name begins a word, or stands within one as it is written."""
    folded = text.casefold()
    return any(
        re.search(rf"(?<!\w){re.escape(name.casefold())}", folded) is not None or name in text
        if len(name) >= _LONG
        else re.search(rf"(?<!\w){re.escape(name)}", text) is not None
        for name in names
    )

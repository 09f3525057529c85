"""Names of German units as people write them: taken apart and brought into one spelling.

``"Frankfurt/M."``, ``"Frankfurt a. M."`` and ``"Frankfurt am Main, Stadt"`` have the same head
``frankfurt`` and additions ``m`` or ``main``, which abbreviate each other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from begleitforschung.catalogue import Entry, read_entry, resource
from begleitforschung.regions.grammar import Level

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
# Where the additions to a name begin: a bracket, a slash, or the dot of an abbreviation.
_ADDITION = re.compile(r"[(/]")


class LevelWords(Entry):
    """Words that say what kind of unit a name means.

    Parameters
    ----------
    level : str
        Level that the words stand for.
    kinds : tuple of str
        Textkennzeichen of the Gemeindeverzeichnis that they stand for; empty for all.
    words : tuple of str
        The words in plain spelling (see `plain`).
    """

    level: Level
    kinds: tuple[str, ...]
    words: tuple[str, ...]


class NameWords(Entry):
    """Words around proper names, as in ``resources/codes/gazetteer/words.yaml``.

    Parameters
    ----------
    connectives : tuple of str
        Prepositions and articles between a name and its addition, with their abbreviations.
    levels : tuple of LevelWords
        Words for kinds of units.
    """

    connectives: tuple[str, ...]
    levels: tuple[LevelWords, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name taken apart.

    Parameters
    ----------
    head : str
        The proper name in plain spelling, without additions.
    additions : tuple of str
        Words that tell units of the same name apart (``main``, ``saale``), possibly abbreviated.
    level : Level or None
        Level that a word of the name speaks of.
    kinds : tuple of str
        Textkennzeichen that this word stands for; empty for all.
    """

    head: str
    additions: tuple[str, ...] = ()
    level: Level | None = None
    kinds: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Head and additions as one text, for comparison."""
        return " ".join((self.head, *self.additions))


@lru_cache(maxsize=1)
def name_words() -> NameWords:
    """Return the words around proper names.

    Returns
    -------
    NameWords
        Read once from the package's resources.

    Raises
    ------
    CatalogueError
        If the resource is malformed.
    """
    return read_entry(resource("codes", "gazetteer", "words.yaml"), NameWords)


def plain(text: str) -> str:
    """Return a text in one spelling: lower case, no umlauts, no accents, no punctuation.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Words of a-z and 0-9 with single spaces; ``St.`` is written out as ``sankt``.

    Examples
    --------
    >>> plain("St. Augustin"), plain("Cottbus/Chóśebuz")
    ('sankt augustin', 'cottbus chosebuz')
    """
    lower = unicodedata.normalize("NFC", text).lower().translate(_UMLAUTS)
    bare = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    words = re.findall(r"[a-z0-9]+", bare)
    return " ".join("sankt" if word == "st" else word for word in words)


def core(text: str) -> str:
    """Return the name without titles and level words, in plain spelling.

    Parameters
    ----------
    text : str
        Official or other name.

    Returns
    -------
    str
        Head and additions.

    Examples
    --------
    >>> core("Schwandorf, GKSt"), core("Herzberg (Elster), Stadt"), core("Herzberg/Elster")
    ('schwandorf', 'herzberg elster', 'herzberg elster')
    """
    return parse(text).text


def parse(text: str, *, strip_level: bool = False) -> Name:
    """Take a name apart.

    Parameters
    ----------
    text : str
        Official or other name; what follows a comma counts as a title.
    strip_level : bool
        Whether a leading level word is taken off (``Kreis Höxter``). In a title or in brackets
        (``Höxter, Kreis``; ``Hof (Stadt)``) it always is.

    Returns
    -------
    Name
        Head, additions and the level that a word speaks of.

    Examples
    --------
    >>> parse("Frankfurt a.M.").additions, parse("Höxter, Kreis").level
    (('m',), 'kreis')
    """
    body, _, title = text.partition(",")
    found = _level_of_words(plain(title))
    head, additions = _split(body)
    kept = _without_connectives(additions)
    if kept and (meant := _level_of_words(" ".join(kept))):
        found, kept = meant, []
    if strip_level:
        for word, meant in _leading_words():
            if head.startswith(word + " "):
                found, head = meant, head.removeprefix(word + " ")
                break
    level, kinds = (found.level, found.kinds) if found else (None, ())
    return Name(head=head, additions=tuple(kept), level=level, kinds=kinds)


def abbreviates(short: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Say whether additions of a name can be an abbreviation of others, or the reverse.

    Parameters
    ----------
    short : tuple of str
        Additions as written.
    full : tuple of str
        Additions of an official name.

    Returns
    -------
    bool
        True if there are as many, and of each pair one begins the other or leaves out letters
        after the same first one.

    Examples
    --------
    >>> abbreviates(("m",), ("main",)), abbreviates(("oldb",), ("oldenburg",))
    (True, True)
    >>> abbreviates(("oder",), ("main",))
    False
    """
    if len(short) != len(full):
        return False
    return all(_short_for(a, b) or _short_for(b, a) for a, b in zip(short, full, strict=True))


def _short_for(short: str, full: str) -> bool:
    letters = iter(full)
    return short[0] == full[0] and all(letter in letters for letter in short)


def _split(body: str) -> tuple[str, list[str]]:
    """Return the head in plain spelling and the words of the additions."""
    mark = _ADDITION.search(body)
    front, back = (body[: mark.start()], body[mark.start() :]) if mark else (body, "")
    words, connectives = _words_with_dots(front), name_words().connectives
    for at in range(1, len(words)):
        word, dotted = words[at]
        # A dotted word opens an addition, except "St." within the name itself.
        if word in connectives or (dotted and word != "sankt"):
            rest = [w for w, _ in words[at:]] + plain(back).split()
            return " ".join(w for w, _ in words[:at]), rest
    return " ".join(w for w, _ in words), plain(back).split()


def _words_with_dots(text: str) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []
    for piece in re.findall(r"[^\s.\-]+\.?", text):
        dotted = piece.endswith(".")
        found += [(word, dotted) for word in plain(piece).split()]
    return found


def _without_connectives(words: list[str]) -> list[str]:
    # The last word stays even if it looks like a preposition: "Frankfurt/O." means the Oder.
    connectives = name_words().connectives
    return [w for w in words[:-1] if w not in connectives] + words[-1:]


@lru_cache(maxsize=1)
def _leading_words() -> tuple[tuple[str, LevelWords], ...]:
    """Level words, the longest first, so that "kreisfreie stadt" goes before "stadt"."""
    pairs = [(word, entry) for entry in name_words().levels for word in entry.words]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def _level_of_words(words: str) -> LevelWords | None:
    return next((entry for word, entry in _leading_words() if word == words), None)

"""Whether a question of two waves is the same: wording, answers, scores, direction, filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.language import Text
from begleitforschung.surveys.codebook import Codebook, Item

# What makes figures incomparable whatever reason is given.
_NEVER = ("missing", "kind", "unit", "direction")
_ASPECTS: dict[str, Text] = {
    "missing": Text("nicht in beiden Wellen gefragt", "not asked in both waves"),
    "kind": Text("Art der Frage", "kind of question"),
    "text": Text("Wortlaut", "wording"),
    "codes": Text("Antworten", "answers"),
    "labels": Text("Wortlaut der Antworten", "wording of the answers"),
    "scores": Text("Werte der Antworten", "scores of the answers"),
    "missings": Text("erklärte Fehlwerte", "declared missings"),
    "rows": Text("Zeilen der Batterie", "rows of the battery"),
    "direction": Text("Richtung der Skala", "direction of the scale"),
    "filter": Text("Filter", "filter"),
    "unit": Text("Einheit", "unit"),
}
_HINT = Text(
    "Wenn der Vergleich trotzdem gilt: confirmed={Frage: Begründung}.",
    "If the comparison holds nevertheless: confirmed={question: reason}.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which a question differs between two waves.

    Parameters
    ----------
    name : str
        Item or column as it was asked for.
    item : str
        The question.
    aspect : str
        What differs, one of the keys of `_ASPECTS`.
    before, after : str
        How it was, and how it is.
    """

    name: str
    item: str
    aspect: str
    before: str
    after: str

    @property
    def is_final(self) -> bool:
        """Whether no reason makes figures comparable."""
        return self.aspect in _NEVER

    @property
    def text(self) -> Text:
        """The difference in words."""
        name = _ASPECTS[self.aspect]
        if self.aspect == "missing":
            return name
        change = f"„{self.before}“ → „{self.after}“", f"“{self.before}” → “{self.after}”"
        return Text(f"{name.de}: {change[0]}", f"{name.get('en')}: {change[1]}")


def differences(before: Codebook, after: Codebook, name: str) -> list[Difference]:
    """Return in what a question differs between two waves.

    Parameters
    ----------
    before, after : Codebook
        The codebooks.
    name : str
        Item or column.

    Returns
    -------
    list of Difference
        None if the question is the same; spaces do not count.

    Raises
    ------
    UnknownCodeError
        If neither wave asked the question.
    """
    items = [_item(book, name) for book in (before, after)]
    old, new = items
    if old is None and new is None:
        after.item(name)
    if old is None or new is None:
        return [Difference(name=name, item=name, aspect="missing", before="", after="")]
    return [
        Difference(name=name, item=new.id, aspect=aspect, before=was, after=now)
        for aspect, read in _READ.items()
        for was, now in [(read(old), read(new))]
        if was != now
    ]


def require_comparable(
    books: Sequence[Codebook], names: Sequence[str], confirmed: Mapping[str, str] | None
) -> list[Difference]:
    """Refuse questions that changed between waves, unless somebody says why they are comparable.

    Parameters
    ----------
    books : sequence of Codebook
        Codebooks of the waves in their order.
    names : sequence of str
        Questions and variables that are compared.
    confirmed : mapping of str to str, optional
        Reason by question.

    Returns
    -------
    list of Difference
        Differences that were confirmed.

    Raises
    ------
    UnknownCodeError
        If a question that is confirmed is not compared, or no wave asked one.
    ValidationError
        If a question differs and is not confirmed, or in a way that no reason can mend.
    """
    reasons = {str(key): str(text).strip() for key, text in (confirmed or {}).items()}
    for key, text in reasons.items():
        if key not in names:
            raise UnknownCodeError(key, names, "questions that are compared")
        if not text:
            raise ValidationError(f"confirmed= needs a reason why {key!r} is comparable")
    found = [
        part
        for name in dict.fromkeys(names)
        for old, new in pairwise(books)
        for part in differences(old, new, name)
    ]
    open_ones = [part for part in found if part.is_final or part.name not in reasons]
    if open_ones:
        raise ValidationError(
            "questions that changed between the waves are not compared:",
            findings=list(_findings(open_ones)),
        )
    return found


def _findings(parts: Sequence[Difference]) -> Iterator[Finding]:
    for part in parts:
        yield Finding(
            rule="waves.changed",
            severity="error",
            text=part.text,
            column=part.item,
            hint=None if part.is_final else _HINT,
        )


def _item(book: Codebook, name: str) -> Item | None:
    try:
        return book.item(name)
    except UnknownCodeError:
        return None


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _codes(item: Item) -> str:
    return ", ".join(code.code for code in item.answers)


def _labels(item: Item) -> str:
    return "; ".join(f"{c.code} {_plain(c.label.text.de)}" for c in item.answers)


def _scores(item: Item) -> str:
    return ", ".join(f"{c.code}={c.score:g}" for c in item.answers if item.cell_kind == "scale")


def _missings(item: Item) -> str:
    return ", ".join(f"{code.code} {code.missing}" for code in item.codes if code.missing)


def _kind(item: Item) -> str:
    kinds = [item.kind, *([item.cells] if item.kind == "array" else [])]
    return " ".join([*kinds, *(["untouched=none"] if item.untouched == "none" else [])])


_READ: dict[str, Callable[[Item], str]] = {
    "kind": _kind,
    "text": lambda item: _plain(item.text.text.de),
    "codes": _codes,
    "labels": _labels,
    "scores": _scores,
    "missings": _missings,
    "rows": lambda item: "; ".join(f"{r.id} {_plain(r.text.text.de)}" for r in item.rows),
    "direction": lambda item: item.direction or "",
    "filter": lambda item: _plain(item.filter or item.relevance),
    "unit": lambda item: item.unit,
}

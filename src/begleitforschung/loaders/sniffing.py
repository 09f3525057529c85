"""Which format a file has, told by its content."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.files import Elsewhere, known_formats
from begleitforschung.loaders.reader import DELIMITERS, Head, Recognised
from begleitforschung.loaders.registry import READERS

_SHOWN = 12
_TOP = 10


def recognise(
    head: Head, *, forced: Collection[str] | None = None, secret: bool = False
) -> Recognised:
    """Say which format a file has.

    Parameters
    ----------
    head : Head
        The file and its beginning.
    forced : collection of str, optional
        Identifiers of the only formats to accept.
    secret : bool
        Whether the file is confidential, so that its first row is not shown.

    Returns
    -------
    Recognised
        The format and the header.

    Raises
    ------
    SourceFileError
        If no format fits; says what was seen, which formats are known and what to do.
    """
    for reader in READERS:
        if forced is None or reader.id in forced:
            found = reader.recognise(head)
            if found is not None:
                return found
    other = _elsewhere(head)
    if other is not None:
        raise SourceFileError(
            f"{head.raw.name} holds no indicators: it is {other.label}. Read it with {other.verb}."
        )
    raise _unknown(head, forced, secret)


def _elsewhere(head: Head) -> Elsewhere | None:
    """Return what a file is that has a reader of its own."""
    rows = [*head.headers.values()]
    for sheet in head.sheets.values():
        rows += [tuple(map(str, row)) for row in sheet.to_python(skip_empty_area=False, nrows=_TOP)]
    cells = [{re.sub(r"\s+", " ", cell).strip() for cell in row} for row in rows]
    for item in known_formats().elsewhere:
        patterns = [re.compile(text) for text in item.cells]
        for row in cells:
            if all(any(map(pattern.fullmatch, row)) for pattern in patterns):
                return item
    return None


def _unknown(head: Head, forced: Collection[str] | None, secret: bool) -> SourceFileError:
    if head.raw.kind == "text":
        sign, header = max(head.headers.items(), key=lambda item: len(item[1]))
        words = f"columns separated by {DELIMITERS[sign]}: {_listed(header, secret)}"
        return _not_known(head, words, forced, header)
    seen = {name: header for name, header in head.headers.items() if header}
    words = "; ".join(
        f"{'sheet ' + repr(name) if name else 'columns'}: {_listed(header, secret)}"
        for name, header in seen.items()
    )
    return _not_known(head, words or "empty sheets", forced, next(iter(seen.values()), ()))


def _listed(header: Sequence[str], secret: bool) -> str:
    if secret:
        return f"{len(header)} columns (not shown, the file is confidential)"
    shown = [name[:40] or "(empty)" for name in header[:_SHOWN]]
    return ", ".join(shown) + (", …" if len(header) > _SHOWN else "")


def _not_known(
    head: Head, seen: str, forced: Collection[str] | None, header: Sequence[str]
) -> SourceFileError:
    tidy = known_formats().format("tidy").columns
    missing = [name for name in tidy if name not in header]
    near = {name: get_close_matches(name, header, n=1, cutoff=0.7) for name in missing}
    tip = ""
    if 0 < len(missing) < len(tidy):
        tip = f" For a tidy table it lacks: {', '.join(missing)}."
        tip += "".join(
            f" Is {found[0]!r} meant as {name!r}?" for name, found in near.items() if found
        )
    asked = "has no known format"
    if forced is not None:
        asked = f"is not in the format {' or '.join(map(repr, forced))} that was asked for"
    return SourceFileError(
        f"{head.raw.name} {asked}. Seen in row 1: {seen}.{tip} Known formats:\n"
        f"{known_formats().listed()}\nExport the table in one of these, or put a DataFrame into "
        "begleitforschung.indicators(…)."
    )

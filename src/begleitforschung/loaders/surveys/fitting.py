"""Is this the codebook of this export? Columns that were named must be there, and most others."""

from __future__ import annotations

from difflib import get_close_matches

from begleitforschung.errors import SourceFileError
from begleitforschung.loaders.surveys.export import Export
from begleitforschung.loaders.surveys.matching import Matched, short_heading
from begleitforschung.surveys import Codebook

_LEAST = 0.5  # share of the columns that fit, of codebook or file
_LISTED, _MANY = 5, 30


def require_fit(
    export: Export, book: Codebook, matched: Matched, *, unit: str | None, land: str | None
) -> None:
    """Refuse an export that lacks what was named for it, or that is not the codebook's.

    An export of some questions only fits, as its columns are in the codebook; so does a codebook
    of some of the questions. Where most columns of both are unknown to the other, those that are
    called alike are so by chance.

    Parameters
    ----------
    export : Export
        The export.
    book : Codebook
        The codebook.
    matched : Matched
        Which column is which.
    unit, land : str, optional
        Columns that the caller named.

    Raises
    ------
    SourceFileError
        If codebook and export have less than half of their columns in common, or a column that
        was named is not there.
    """
    if not matched.answers:
        raise SourceFileError(
            f"{export.file} has no column of the codebook {book.id!r} that may be read: does its "
            f"first row hold the headings, and is this its codebook? {_looked_for(export, matched)}"
        )
    found, absent, strange = len(matched.answers), len(matched.absent), len(matched.unknown)
    if found < _LEAST * (found + absent) and found < _LEAST * (found + strange):
        raise SourceFileError(
            f"{export.file} hardly fits the codebook {book.id!r}: {found} of the codebook's "
            f"{found + absent} columns are in the file, and {strange} columns of the file are not "
            f"in the codebook. {_looked_for(export, matched)} Give the codebook of this export "
            "('begleitforschung codebook FILE' writes a first version); where only the headings "
            "differ, write them as 'column' of the items."
        )
    for argument, name, at in (("unit", unit, matched.unit), ("land", land, matched.land)):
        if name and at is None:
            raise SourceFileError(_lacking(export, argument, name))


def _lacking(export: Export, argument: str, name: str) -> str:
    """Say which column was named and is not there; headings may be listed, as the file has them."""
    headings = [short_heading(export, at) for at in range(len(export.columns))]
    known = [heading for heading in headings if heading]
    near = get_close_matches(name, known, n=3, cutoff=0.6)
    tail = f"Did you mean {' or '.join(map(repr, near))}?" if near else ""
    tail = tail or f"Its columns are: {', '.join(known[:_MANY])}{' …' * (len(known) > _MANY)}."
    what = "municipality" if argument == "unit" else "Bundesland"
    return (
        f"{export.file} has no column {name!r}, which {argument}= names as that of the {what}. "
        f"{tail} Without {argument}= the codebook says which it is (instrument: {argument})."
    )


def _looked_for(export: Export, matched: Matched) -> str:
    """Name some columns that were looked for and the headings that are nearly called so.

    Other headings are left out: where the file has none, its first row holds answers.
    """
    there = [short_heading(export, at) for at in matched.unknown]
    looked = []
    for name in matched.absent[:_LISTED]:
        near = get_close_matches(name, there, n=1, cutoff=0.6)
        looked.append(f"{name!r}{f' (nearly: {near[0]!r})' if near else ''}")
    more = " …" if len(matched.absent) > _LISTED else ""
    return f"Looked for: {', '.join(looked)}{more}." if looked else "All its items are personal."

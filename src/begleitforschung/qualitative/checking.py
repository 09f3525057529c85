"""Coded passages against the coding frame: all problems by row and column, never with texts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

import pandas as pd

from begleitforschung.errors import Finding, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells
from begleitforschung.qualitative.anonymising import anonymised, placeholders_of
from begleitforschung.qualitative.frame import CodingFrame

REQUIRED = ("case", "codes")
OPTIONAL = (
    *("passage", "coder", "text", "source", "page"),
    *("released_by", "released_on", "placeholders", "attribution"),
)
_SPLIT = re.compile(r"\s*;\s*")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def checked(
    cells: Cells, frame: CodingFrame, groups: Sequence[str]
) -> tuple[pd.DataFrame, list[Finding]]:
    """Check the rows of a file of passages.

    Parameters
    ----------
    cells : Cells
        The file.
    frame : CodingFrame
        The codes.
    groups : sequence of str
        Columns that group cases.

    Returns
    -------
    rows : pandas.DataFrame
        As in `Passages.rows`.
    problems : list of Finding
        What is wrong; empty if nothing is.
    """
    wanted = dict.fromkeys((*REQUIRED, *OPTIONAL, *groups))
    given = pd.DataFrame(
        {name: cells.frame[name].astype("str") if name in cells.frame else "" for name in wanted},
        index=pd.RangeIndex(len(cells.frame)),
        dtype="str",
    ).assign(row=cells.rows.astype("int64"))
    note = _noting(cells.file)
    codes = [[code for code in _SPLIT.split(cell) if code] for cell in given["codes"]]
    problems = _code_problems(given, codes, frame, note)
    problems += _identity_problems(given, note)
    problems += _release_problems(given, note)
    for name in groups:
        filled, found = _group(given, name, note)
        given[name] = filled
        problems += found
    shown, found = _quotes(given, note)
    rows = given[["row", "case", "passage", "coder"]].assign(
        codes=pd.Series([";".join(dict.fromkeys(found)) for found in codes], dtype="str"),
        text=shown["text"],
        released_on=given["released_on"],
        attribution=shown["attribution"],
    )
    return rows.join(given[list(dict.fromkeys(groups))]), [*problems, *found]


Note = Callable[..., list[Finding]]


def _noting(file: str) -> Note:
    def note(
        rule: str, column: str, rows: Iterable[int], text: Text, hint: Text | None = None
    ) -> list[Finding]:
        at = list(rows)
        if not at:
            return []
        kept = rows_concerned(at)
        return [
            Finding(
                rule=f"passages.{rule}",
                severity="error",
                text=text,
                hint=hint,
                file=file,
                row=kept[0],
                column=column,
                n=len(at),
                rows=kept,
            )
        ]

    return note


def _code_problems(
    given: pd.DataFrame, codes: Sequence[Sequence[str]], frame: CodingFrame, note: Note
) -> list[Finding]:
    """Name unknown codes by the nearest known one: what stands there may be a text."""
    known = frame.lineages
    unknown: dict[tuple[str, ...], list[int]] = {}
    for row, listed in zip(given["row"], codes, strict=True):
        for code in listed:
            if code not in known:
                near = tuple(get_close_matches(code, known, n=3, cutoff=0.6))
                unknown.setdefault(near, []).append(int(row))
    problems = []
    for near, rows in unknown.items():
        names = ", ".join(near)
        problems += note(
            "code",
            "codes",
            rows,
            Text(
                "Code, den das Codesystem nicht kennt" + (f"; gemeint: {names}?" if near else ""),
                "code that the coding frame does not know" + (f"; meant: {names}?" if near else ""),
            ),
            Text("Mehrere Codes trennt ein Semikolon.", "Codes are separated by semicolons."),
        )
    return problems


def _identity_problems(given: pd.DataFrame, note: Note) -> list[Finding]:
    passage, rows = given["passage"], given["row"]
    named = passage != ""
    twice = named & given.duplicated(["passage", "coder"], keep=False)
    spread = named & (given.groupby("passage")["case"].transform("nunique") > 1)
    coders = given["coder"].where(given["coder"] != "").groupby(given["case"]).transform("nunique")
    unnamed = ~named & (coders > 1) & (given["codes"] != "")
    return [
        *note("case", "case", rows[given["case"] == ""], Text("Fall fehlt", "no case")),
        *note(
            "twice",
            "passage",
            rows[twice],
            Text(
                "Stelle steht zweimal von derselben Person codiert da",
                "passage stands twice as coded by one person",
            ),
            Text("Alle Codes einer Stelle in eine Zeile.", "All codes of a passage in one row."),
        ),
        *note(
            "spread",
            "passage",
            rows[spread],
            Text("dieselbe Stelle in mehreren Fällen", "one passage in several cases"),
        ),
        *note(
            "unnamed",
            "passage",
            rows[unnamed],
            Text(
                "Stelle ohne Kennung, obwohl mehrere Personen den Fall codiert haben",
                "passage without identifier though several persons coded the case",
            ),
            Text(
                "Jeder Stelle eine Kennung geben, allen Codierungen derselben Stelle die gleiche.",
                "Give each passage an identifier, the same to all codings of it.",
            ),
        ),
    ]


def _release_problems(given: pd.DataFrame, note: Note) -> list[Finding]:
    by, on, rows = given["released_by"] != "", given["released_on"] != "", given["row"]
    no_date = on & ~given["released_on"].map(_is_date).astype(bool)
    told = Text(
        "Eine Freigabe nennt, wer wann freigegeben hat.", "A release says who released it and when."
    )
    half = Text("Freigabe unvollständig", "release is incomplete")
    return [
        *note("release", "released_by", rows[on & ~by], half, told),
        *note("release", "released_on", rows[by & ~on], half, told),
        *note(
            "date",
            "released_on",
            rows[no_date],
            Text("kein Datum JJJJ-MM-TT", "no date YYYY-MM-DD"),
        ),
        *note(
            "empty",
            "text",
            rows[(by | on) & (given["text"] == "")],
            Text("freigegeben, aber ohne Text", "released but without a text"),
        ),
    ]


def _is_date(text: str) -> bool:
    try:
        return bool(_ISO.fullmatch(text)) and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _group(given: pd.DataFrame, name: str, note: Note) -> tuple[pd.Series, list[Finding]]:
    """Return the group of each row; one row of a case is enough to tell it."""
    told = given[name].where(given[name] != "").groupby(given["case"])
    several = told.transform("nunique") != 1
    text = Text(
        "Fall ohne Gruppe oder mit mehreren Gruppen", "case without a group, or with several"
    )
    return told.transform("first").fillna(""), note("group", name, given["row"][several], text)


def _quotes(given: pd.DataFrame, note: Note) -> tuple[pd.DataFrame, list[Finding]]:
    """Return texts and attributions of released passages with placeholders."""
    cases, rows = given["case"].tolist(), given["row"].tolist()
    read = [placeholders_of(cell) for cell in given["placeholders"].tolist()]
    unread = [row for row, names in zip(rows, read, strict=True) if names is None]
    by_case: dict[str, dict[str, str]] = {}
    for case, names in zip(cases, read, strict=True):
        by_case[case] = (names or {}) | by_case.get(case, {})
    everywhere = {name: sign for names in by_case.values() for name, sign in names.items()}
    others = [case for case in by_case if re.search(r"[^\W\d_]", case)]
    released = ((given["released_by"] != "") & (given["released_on"] != "")).tolist()
    shown, named = {}, {}
    for column in ("text", "attribution"):
        cells, named[column] = [""] * len(rows), list[int]()
        for at, text in enumerate(given[column].tolist()):
            if released[at] and text:
                names = everywhere | by_case[cases[at]] | (read[at] or {})
                cells[at], clean = anonymised(text, names, others)
                named[column] += [] if clean else [rows[at]]
        shown[column] = pd.Series(cells, dtype="str")
    problems = note("placeholders", "placeholders", unread, _UNREAD, _HOW)
    for column, left in named.items():
        problems += note("name", column, left, _NAMED, _HOW)
    return pd.DataFrame(shown), problems


_UNREAD = Text("Platzhalter nicht lesbar", "placeholders can't be read")
_NAMED = Text(
    "freigegeben, aber ein Name oder eine Adresse bliebe stehen (auch als Teil eines Worts oder "
    "anders geschrieben)",
    "released, but a name or an address would be left (be it within a word or in other letters)",
)
_HOW = Text(
    "Name=[Platzhalter], mehrere durch Semikolon getrennt; jede Form, in der ein Name vorkommt. "
    "Wort=Wort sagt, dass ein Wort hier kein Name ist.",
    "Name=[placeholder], several separated by semicolons; each form in which a name stands there. "
    "Word=Word says that a word is no name here.",
)

"""INKAR long CSV of the BBSR (editions 2021 and 2025): one row per figure.

Unverified: built from a description of the files, none was at hand. The 2025 edition has the
column ``Kuerzel``, the 2021 edition has not. The indicator is the M_ID (column ``ID``); it means
something within its edition only. A file of hundreds of megabytes is read by
`begleitforschung.loaders.convert`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.catalogue import Entry, Label, Reference, read_entry, resource
from begleitforschung.errors import Finding, Severity, UnknownCodeError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.cells import Cells, bad_cells
from begleitforschung.loaders.delimited import read_text
from begleitforschung.loaders.figures import as_status, parse_figures
from begleitforschung.loaders.loaded import Loaded, number_problems
from begleitforschung.loaders.reader import Head, Options, Reader, Recognised, by_columns
from begleitforschung.regions.grammar import GERMANY
from begleitforschung.tables import Indicator

COLUMNS = ("Bereich", "ID", "Indikator", "Raumbezug", "Kennziffer", "Name", "Zeitbezug", "Wert")
M_ID = re.compile(r"\w[\w.-]*")
_KEY = ["unit", "year", "indicator"]


class _Raumbezug(Entry):
    name: str
    digits: int


class _Raumbezuege(Entry):
    id: str
    reference: Reference
    levels: tuple[_Raumbezug, ...]


@cache
def official_levels() -> dict[str, int]:
    """Return the Raumbezüge whose keys are official ones.

    Returns
    -------
    dict
        Name to number of digits; 0 for Germany.
    """
    listed = read_entry(resource("sources", "inkar_raumbezug.yaml"), _Raumbezuege).levels
    return {item.name: item.digits for item in listed}


def official_key(raumbezug: str, kennziffer: str) -> str | None:
    """Return the official key of a unit.

    Parameters
    ----------
    raumbezug, kennziffer : str
        As in the file.

    Returns
    -------
    str or None
        The key, a leading zero restored; empty if it is malformed; None if keys of the Raumbezug
        are no official ones.

    Examples
    --------
    >>> official_key("Kreise", "8421"), official_key("Bund", "0"), official_key("NUTS2", "101")
    ('08421', 'DG', None)
    """
    digits = official_levels().get(raumbezug)
    if digits is None:
        return None
    if digits == 0:
        return GERMANY
    text = kennziffer.zfill(digits) if len(kennziffer) == digits - 1 else kennziffer
    return text if re.fullmatch(rf"\d{{{digits}}}", text) else ""


def edition_of(header: Sequence[str]) -> str:
    """Return the edition that the columns of a file tell.

    Parameters
    ----------
    header : sequence of str
        Its columns.

    Returns
    -------
    str
        ``INKAR 2025`` or ``INKAR 2021``.
    """
    return "INKAR 2025" if "Kuerzel" in header else "INKAR 2021"


def read_inkar_long(head: Head, found: Recognised, options: Options) -> Loaded:
    """Read a long CSV that fits into memory.

    Parameters
    ----------
    head : Head
        The file.
    found : Recognised
        Its columns.
    options : Options
        ``bereich``: the only Bereich to read.

    Returns
    -------
    Loaded
        Rows, meanings and findings.

    Raises
    ------
    SourceFileError
        If rows are damaged.
    UnknownCodeError
        If no row is of that Bereich.
    """
    cells = read_text(head.raw, ";", header=found.header)
    cells, remarks = _known_rows(cells)
    unit, problems, restored = _units(cells)
    problems += _no_m_id(cells)
    figures = parse_figures(cells.column("Wert"), decimal=",")
    problems += number_problems(cells, "Wert", figures.bad)
    tidy = pd.DataFrame({"unit": unit, "year": _years(cells), "indicator": cells.column("ID")})
    tidy["value"], tidy["status"] = figures.value, as_status(figures.status)
    tidy["bereich"], tidy["row"] = cells.column("Bereich"), cells.rows
    tidy["file"] = pd.Categorical([cells.file]).repeat(len(tidy))
    places = figures.decimals
    tidy, conflicts, merged = one_bereich(tidy, options.bereich, file=cells.file)
    return Loaded(
        tidy=tidy.drop(columns="bereich"),
        indicators=_meanings(cells, places),
        title="INKAR",
        edition=edition_of(found.header),
        findings=(*remarks, *restored, *merged),
        problems=(*problems, *conflicts),
    )


def one_bereich(
    tidy: pd.DataFrame, bereich: str | None, *, file: str
) -> tuple[pd.DataFrame, list[Finding], list[Finding]]:
    """Let each figure stand once, though several Bereiche repeat it.

    Parameters
    ----------
    tidy : pandas.DataFrame
        Columns ``unit, year, indicator, value, status, bereich, row``.
    bereich : str or None
        The only Bereich to keep.
    file : str
        Name of the file.

    Returns
    -------
    tidy : pandas.DataFrame
        The rows; of equal figures the first.
    problems : list of Finding
        Figures that differ between Bereiche; at most one.
    findings : list of Finding
        How many equal ones were merged; at most one.

    Raises
    ------
    UnknownCodeError
        If no row is of `bereich`.
    """
    if bereich is not None:
        known = sorted({str(name) for name in tidy["bereich"].unique()})
        if bereich not in known:
            raise UnknownCodeError(bereich, known, "Bereiche in the file")
        return tidy[tidy["bereich"] == bereich].reset_index(drop=True), [], []
    figure = _numbered(tidy[_KEY])
    twice = pd.Series(figure).duplicated(keep=False).to_numpy()
    if not twice.any():
        return tidy, [], []
    part = tidy.loc[twice, ["bereich", "value", "status"]]
    number, row = figure[twice], tidy.loc[twice, "row"].to_numpy()
    across = _several(number, _numbered(part[["bereich"]]))
    differs = _several(number, _numbered(part[["value", "status"]]))
    repeated = pd.Series(number).duplicated().to_numpy()
    kept = np.ones(len(tidy), bool)
    kept[np.flatnonzero(twice)[across & ~differs & repeated]] = False
    merged, conflict = row[across & ~differs & repeated], row[across & differs]
    problems = [about(file, "inkar.bereich_differs", "error", conflict, *_DIFFERS)]
    findings = [about(file, "inkar.bereich_merged", "info", merged, *_MERGED)]
    return (
        tidy[kept].reset_index(drop=True),
        problems if conflict.size else [],
        findings if merged.size else [],
    )


def _numbered(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Give each different row a number."""
    found = np.zeros(len(rows), np.int64)
    for name in rows.columns:
        column = rows[name]
        given = column.cat.codes if isinstance(column.dtype, pd.CategoricalDtype) else column
        codes, distinct = pd.factorize(given.to_numpy())
        found = pd.factorize(found * (len(distinct) + 1) + codes + 1)[0].astype(np.int64)
    return found


def _several(number: NDArray[np.int64], what: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the rows of figures that go with several different things."""
    pairs = pd.DataFrame({"number": number, "what": what}).drop_duplicates()
    several = np.zeros(int(number.max()) + 1, bool)
    several[pairs.loc[pairs["number"].duplicated(), "number"].to_numpy()] = True
    return np.asarray(several[number], bool)


def _known_rows(cells: Cells) -> tuple[Cells, list[Finding]]:
    """Leave out rows of other Raumbezüge and of times that are no years; say how many."""
    where, time = cells.column("Raumbezug"), cells.column("Zeitbezug")
    names, times = map(str, where.categories), map(str, time.categories)
    official = np.array([name in official_levels() for name in names], bool)
    yearly = np.array([bool(re.fullmatch(r"(19|20)\d{2}", text)) for text in times], bool)
    findings = []
    for column, given, known, words in (
        ("Raumbezug", where, official, _REGIONS),
        ("Zeitbezug", time, yearly, _TIMES),
    ):
        left_out = ~known[given.codes]
        if left_out.any():
            found = about(
                cells.file, f"inkar.{column.lower()}", "warning", cells.rows[left_out], *words
            )
            others = sorted({str(text) for text in given[left_out].unique()})
            shown = "; ".join(others[:10]) + ("; …" if len(others) > 10 else "")
            findings.append(replace(found, column=column, value=shown))
    kept = official[where.codes] & yearly[time.codes]
    return (cells if kept.all() else cells.where(kept)), findings


def _units(cells: Cells) -> tuple[pd.Categorical, list[Finding], list[Finding]]:
    where, key = cells.column("Raumbezug"), cells.column("Kennziffer")
    pairs = where.codes.astype(np.int64) * len(key.categories) + key.codes
    codes, distinct = pd.factorize(pairs)
    names, texts = where.categories.tolist(), key.categories.tolist()
    n = max(len(texts), 1)
    found = [official_key(str(names[at // n]), str(texts[at % n])) or "" for at in distinct]
    given = [str(texts[at % n]) for at in distinct]
    merged, keys = pd.factorize(np.array(found, object))
    unit = pd.Categorical.from_codes(merged[codes], categories=pd.Index(keys, dtype="str"))
    bad = np.array([not key for key in found], bool)[codes]
    zero = np.array([a != b and a != GERMANY for a, b in zip(found, given, strict=True)])[codes]
    problems = bad_cells(
        cells, "Kennziffer", bad, rule="inkar.key", text=MALFORMED_KEY[0], hint=MALFORMED_KEY[1]
    )
    rows = cells.rows[zero & ~bad]
    restored = [about(cells.file, "inkar.leading_zero", "info", rows, *_ZERO)] if rows.size else []
    return unit, problems, restored


def _no_m_id(cells: Cells) -> list[Finding]:
    number = cells.column("ID")
    bad = np.array([not M_ID.fullmatch(str(text)) for text in number.categories], bool)
    return bad_cells(
        cells, "ID", bad[number.codes], rule="inkar.m_id", text=NO_M_ID[0], hint=NO_M_ID[1]
    )


def _years(cells: Cells) -> NDArray[np.int16]:
    time = cells.column("Zeitbezug")
    years = [int(t) if re.fullmatch(r"\d{4}", t) else 0 for t in map(str, time.categories)]
    return np.asarray(np.array(years, np.int16)[time.codes], np.int16)


def _meanings(cells: Cells, places: NDArray[np.int8]) -> tuple[Indicator, ...]:
    """Describe the indicators; cells that are no M_ID are reported elsewhere."""
    number, title = cells.column("ID"), cells.column("Indikator")
    rows = pd.DataFrame({"id": number, "title": title, "places": places})
    first = rows.drop_duplicates("id")
    most = rows.groupby("id", observed=True)["places"].max().to_dict()
    return tuple(
        Indicator(id=str(name), title=Label(de=str(text)), decimals=int(most[name]))
        for name, text in zip(first["id"], first["title"], strict=True)
        if name
    )


def about(
    file: str, rule: str, severity: Severity, rows: NDArray[np.int32], text: Text, hint: Text
) -> Finding:
    """Return a finding about rows of a file.

    Parameters
    ----------
    file, rule : str
        Name of the file; identifier of the rule.
    severity : Severity
        How serious it is.
    rows : numpy.ndarray of int32
        Rows concerned.
    text, hint : Text
        What is remarked and what to do.

    Returns
    -------
    Finding
        The finding.
    """
    return Finding(
        rule=rule,
        severity=severity,
        text=text,
        hint=hint,
        file=file,
        row=int(rows[0]) if rows.size else None,
        n=max(int(rows.size), 1),
        rows=rows_concerned(rows),
    )


_DIFFERS = (
    Text(
        "derselbe Indikator hat in mehreren Bereichen verschiedene Werte",
        "one indicator has different values in several Bereiche",
    ),
    Text(
        "Einen Bereich wählen: bereich='LRB' (oder SDG, ZOM, EU).",
        "Choose one: bereich='LRB' (or SDG, ZOM, EU).",
    ),
)
_MERGED = (
    Text(
        "gleiche Werte in mehreren Bereichen stehen nur einmal in der Tabelle",
        "equal values of several Bereiche stand in the table once",
    ),
    Text("Nichts zu tun.", "Nothing to do."),
)
_REGIONS = (
    Text(
        "Raumbezüge ohne amtliche Schlüssel wurden weggelassen",
        "levels without official keys were left out",
    ),
    Text("Nichts zu tun, wenn sie nicht gebraucht werden.", "Nothing to do, unless you need them."),
)
_TIMES = (
    Text(
        "Zeitbezüge, die kein Jahr sind, wurden weggelassen", "times that are no year were left out"
    ),
    Text("Prüfen, ob sie gebraucht werden.", "Check whether you need them."),
)
NO_M_ID = (
    Text("keine M_ID von INKAR", "no M_ID of INKAR"),
    Text("Datei erneut von INKAR holen.", "Fetch the file again from INKAR."),
)
MALFORMED_KEY = (
    Text("Kennziffer passt nicht zum Raumbezug", "the key does not fit its Raumbezug"),
    Text("Datei erneut von INKAR holen.", "Fetch the file again from INKAR."),
)
_ZERO = (
    Text("führende Null der Kennziffer ergänzt", "leading zero of the key restored"),
    Text(
        "Nichts zu tun; der Raumbezug nennt die Länge.", "Do nothing; Raumbezug tells the length."
    ),
)

READER = Reader(
    id="inkar_long",
    source="inkar",
    publisher="inkar",
    recognise=by_columns("inkar_long"),
    read=read_inkar_long,
)

"""Which corrections find their old value, where, and how that is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding
from begleitforschung.language import Text
from begleitforschung.tables import IndicatorTable, statuses
from begleitforschung.validation.corrections import Correction, Corrections, parse_value

APPLIED, REFUSED = "correction.applied", "correction.refused"
_CHECK = Text(
    "Korrektur mit der Datei vergleichen: Ist sie überholt oder ein Tippfehler darin?",
    "Compare the correction with the file: is it out of date, or is there a typing error?",
)
_NO_CELL = Text("die Zelle gibt es nicht", "there is no such cell")
_SEVERAL = Text("mehrere Zellen haben diesen Schlüssel", "several cells have this key")
_ALREADY = Text("der neue Wert steht schon da", "the new value stands there already")
_OTHER = Text("es steht ein anderer Wert da", "another value stands there")
_NO_INDICATOR = Text("den Indikator gibt es nicht", "there is no such indicator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one correction.

    Parameters
    ----------
    correction : Correction
        The correction.
    row : int
        Its row in the file of corrections.
    position : int, optional
        Position of the cell in the table; ``None`` for meanings and for cells not found.
    refusal : Text, optional
        Why it was refused; ``None`` where it was applied.
    found : str, optional
        What stood there, where that is why it was refused.
    hidden : bool
        Whether values must not be shown.
    hidden_key : bool
        Whether the key must not be shown.
    """

    correction: Correction
    row: int
    position: int | None = None
    refusal: Text | None = None
    found: str | None = None
    hidden: bool = False
    hidden_key: bool = False


def examine(
    table: IndicatorTable, corrections: Corrections, confidential: Collection[str] = ()
) -> tuple[Outcome, ...]:
    """Say for each correction whether it can be applied, and where.

    Parameters
    ----------
    table : IndicatorTable
        The figures.
    corrections : Corrections
        The corrections.
    confidential : collection of str
        Indicators and columns whose values must not be shown.

    Returns
    -------
    tuple of Outcome
        One for each correction, in their order.
    """
    cells = _positions(table, corrections.entries)
    hidden_key = bool({"unit", "year", "indicator"} & set(confidential))
    outcomes = []
    for entry, row in zip(corrections.entries, corrections.rows, strict=True):
        hidden = entry.indicator in confidential or entry.field in confidential
        start = Outcome(correction=entry, row=row, hidden=hidden, hidden_key=hidden_key)
        if entry.field == "unit_of_measure":
            outcomes.append(_examine_meaning(start, table))
        else:
            outcomes.append(_examine_cell(start, table, cells))
    return tuple(outcomes)


def _positions(
    table: IndicatorTable, entries: Iterable[Correction]
) -> dict[tuple[str, int, str], list[int]]:
    """Return the positions of the rows of all keys that the corrections name."""
    wanted = {(e.unit, e.year, e.indicator) for e in entries}
    data = table.data
    near = np.flatnonzero(
        data["unit"].isin({unit for unit, _, _ in wanted if unit})
        & data["indicator"].isin({name for *_, name in wanted})
    )
    found: dict[tuple[str, int, str], list[int]] = {}
    part = data.iloc[near]
    keys = zip(part["unit"], part["year"], part["indicator"], strict=True)
    for position, (unit, year, name) in zip(near.tolist(), keys, strict=True):
        found.setdefault((str(unit), int(year), str(name)), []).append(position)
    return found


def _examine_meaning(outcome: Outcome, table: IndicatorTable) -> Outcome:
    entry = outcome.correction
    if entry.indicator not in table.indicators:
        return replace(outcome, refusal=_NO_INDICATOR)
    return _compare(outcome, table.indicators[entry.indicator].unit_of_measure, entry.old)


def _examine_cell(
    outcome: Outcome, table: IndicatorTable, cells: dict[tuple[str, int, str], list[int]]
) -> Outcome:
    entry = outcome.correction
    if entry.indicator not in table.indicators:
        return replace(outcome, refusal=_NO_INDICATOR)
    at = cells.get((entry.unit or "", entry.year or 0, entry.indicator), [])
    if len(at) != 1:
        return replace(outcome, refusal=_SEVERAL if at else _NO_CELL)
    outcome = replace(outcome, position=at[0])
    status = str(table.data["status"].iloc[at[0]])
    if entry.field == "status":
        return _compare(outcome, status, entry.old)
    number = statuses()[status].value == "required"
    standing = float(table.data["value"].iloc[at[0]]) if number else status
    return _compare(outcome, printed(standing), printed(parse_value(entry.old)))


def printed(value: float | str) -> str:
    """Return a value with all the digits that count when values are compared.

    Parameters
    ----------
    value : float or str
        A number, or a status in its place.

    Returns
    -------
    str
        The number with 15 significant digits, without trailing zeros; a status as it is.
    """
    return value if isinstance(value, str) else format(value, ".15g")


def _compare(outcome: Outcome, standing: str, old: str) -> Outcome:
    if standing == old:
        return outcome
    entry = outcome.correction
    new = printed(parse_value(entry.new)) if entry.field == "value" else entry.new
    return replace(outcome, refusal=_ALREADY if standing == new else _OTHER, found=standing)


def finding_of(outcome: Outcome, table: IndicatorTable, corrections: Corrections) -> Finding:
    """Return what became of a correction as a finding.

    Parameters
    ----------
    outcome : Outcome
        What became of it.
    table : IndicatorTable
        The figures before the corrections.
    corrections : Corrections
        The file of corrections.

    Returns
    -------
    Finding
        At the corrected cell, or, where refused, at the row of the correction.
    """
    entry = outcome.correction
    who = f"{entry.author}, {entry.date.isoformat()}"
    if outcome.refusal:
        expected = "" if outcome.hidden else f" (erwartet: {entry.old!r})"
        wanted = "" if outcome.hidden else f" (expected: {entry.old!r})"
        text = Text(
            f"Korrektur nicht angewendet: {outcome.refusal.de}{expected}",
            f"correction not applied: {outcome.refusal.en}{wanted}",
        )
        place: dict[str, Any] = {"file": corrections.file, "row": outcome.row}
        value = outcome.found
    else:
        why = "" if outcome.hidden else f": {entry.reason}"
        text = Text(f"korrigiert{why} ({who})", f"corrected{why} ({who})")
        place = _place(table, outcome.position)
        value = f"{entry.old} → {entry.new}"
    return Finding(
        rule=REFUSED if outcome.refusal else APPLIED,
        severity="error" if outcome.refusal else "info",
        text=text,
        hint=_CHECK if outcome.refusal else None,
        column=entry.field,
        key=None if outcome.hidden_key else entry.key,
        value=None if outcome.hidden else value,
        **place,
    )


def _place(table: IndicatorTable, position: int | None) -> dict[str, Any]:
    if position is None:
        return {}
    row = table.data.iloc[position]
    file = None if pd.isna(row["file"]) else str(row["file"])
    return {"file": file, "row": int(row["row"]) or None}

"""Applying corrections: only where the old value is found, each one listed, none in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from begleitforschung.errors import CorrectionError, Finding
from begleitforschung.tables import Indicator, IndicatorTable, statuses
from begleitforschung.tables.status import status_dtype
from begleitforschung.validation.corrections import Corrections, parse_value, read_corrections
from begleitforschung.validation.examine import APPLIED, Outcome, examine, finding_of

OnRefusal = Literal["raise", "report"]


def apply_corrections(
    table: IndicatorTable,
    corrections: Corrections | Path | str,
    *,
    on_refusal: OnRefusal = "raise",
    confidential: Collection[str] = (),
) -> tuple[IndicatorTable, tuple[Finding, ...]]:
    """Apply corrections where the old values are found.

    Numbers are equal if they agree in 15 significant digits, all that a file can hold: ``30.350``
    is ``30.35``, but ``30.4`` is not. Corrected cells keep their status; only where a number
    replaces a sign or a sign a number does the status follow.

    Parameters
    ----------
    table : IndicatorTable
        The figures.
    corrections : Corrections or path
        What `read_corrections` returned, or its file.
    on_refusal : {"raise", "report"}
        Whether refused corrections raise (then none is applied) or are returned as findings.
    confidential : collection of str
        Indicators and columns whose values appear in no message.

    Returns
    -------
    table : IndicatorTable
        A new table whose findings and provenance name the corrections; the same table if none
        was applied.
    findings : tuple of Finding
        One for each correction, with old and new value: ``correction.applied`` (info) or
        ``correction.refused`` (error).

    Raises
    ------
    CorrectionError
        If corrections are refused and `on_refusal` is ``"raise"``; lists all of them.
    CatalogueError, SourceFileError
        If the file can't be read.
    """
    read = corrections if isinstance(corrections, Corrections) else read_corrections(corrections)
    outcomes = examine(table, read, confidential)
    refused = [finding_of(item, table, read) for item in outcomes if item.refusal]
    if refused and on_refusal == "raise":
        raise CorrectionError(
            f"{read.file}: {len(refused)} of {len(outcomes)} corrections can't be applied; "
            "none was:",
            findings=refused,
        )
    findings = tuple(finding_of(item, table, read) for item in outcomes)
    return corrected(table, outcomes, read, findings), findings


def corrected(
    table: IndicatorTable,
    outcomes: Collection[Outcome],
    corrections: Corrections,
    findings: tuple[Finding, ...],
) -> IndicatorTable:
    """Return the table with all corrections that were not refused.

    Parameters
    ----------
    table : IndicatorTable
        The figures.
    outcomes : collection of Outcome
        What `examine` returned.
    corrections : Corrections
        The file of corrections.
    findings : tuple of Finding
        Findings of all outcomes, which the new table carries.

    Returns
    -------
    IndicatorTable
        A new table with a node of provenance; the same table if nothing changed.
    """
    applied = [item for item in outcomes if not item.refusal]
    if not applied:
        return table
    node = table.provenance.then(
        "apply_corrections",
        file=corrections.file,
        sha256=corrections.sha256,
        applied=len(applied),
        refused=len(outcomes) - len(applied),
    )
    return replace(
        table,
        data=_corrected_data(table.data, applied),
        indicators=_corrected_meanings(table, applied),
        provenance=node,
        findings=(*table.findings, *(item for item in findings if item.rule == APPLIED)),
    )


def _corrected_data(data: pd.DataFrame, applied: Iterable[Outcome]) -> pd.DataFrame:
    value = data["value"].to_numpy(np.float64).copy()
    status = np.array(data["status"].cat.codes)
    codes = list(statuses())
    for item in applied:
        at, entry = item.position, item.correction
        if at is None:
            continue
        if entry.field == "status":
            status[at] = codes.index(entry.new)
            continue
        new = parse_value(entry.new)
        if isinstance(new, str):
            value[at] = 0.0 if statuses()[new].value == "zero" else np.nan
            status[at] = codes.index(new)
        else:
            value[at] = new
            if statuses()[codes[status[at]]].value != "required":
                status[at] = codes.index("normal")
    kept = pd.Categorical.from_codes(status, dtype=status_dtype())
    return data.assign(value=value, status=kept)


def _corrected_meanings(table: IndicatorTable, applied: Iterable[Outcome]) -> dict[str, Indicator]:
    meanings = dict(table.indicators)
    for item in applied:
        entry = item.correction
        if entry.field == "unit_of_measure":
            update = {"unit_of_measure": entry.new}
            meanings[entry.indicator] = meanings[entry.indicator].model_copy(update=update)
    return meanings

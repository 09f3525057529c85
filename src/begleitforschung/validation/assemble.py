"""From places and findings to the rows of a validation report, confidential values masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from begleitforschung.errors import SEVERITIES, Finding, rows_concerned
from begleitforschung.language import Text
from begleitforschung.results.validation import COLUMNS, CORRECTED
from begleitforschung.validation.corrections import Corrections
from begleitforschung.validation.examine import Outcome
from begleitforschung.validation.rules import Rule

_KEYS = ("unit", "year", "indicator")
_DTYPES = {"year": "Int64", "row": "Int64", "n": "int64"}


def place_rows(rule: Rule, places: pd.DataFrame, confidential: frozenset[str]) -> pd.DataFrame:
    """Return the places of a broken rule as rows of a report.

    Parameters
    ----------
    rule : Rule
        The rule.
    places : pandas.DataFrame
        What its check returned.
    confidential : frozenset of str
        Indicators and columns whose values must not be shown.

    Returns
    -------
    pandas.DataFrame
        Columns as in `ValidationReport.table`, ordered by indicator, unit, year and row.
    """
    rows = places.sort_values(["indicator", "unit", "year", "file", "row"], ignore_index=True)
    hidden = (
        rows["indicator"].isin(confidential)
        | rows["column"].isin(confidential)
        | bool(confidential & set(rule.named))
    )
    rows.loc[hidden, ["value", "expected"]] = None
    for name in _KEYS:
        if name in confidential:
            rows[name] = pd.NA if name == "year" else None
    rows["key"] = _key(rows)
    words = {
        "text_de": rule.text.text.get("de"),
        "text_en": rule.text.text.get("en"),
        "hint_de": rule.hint.text.get("de"),
        "hint_en": rule.hint.text.get("en"),
    }
    return _typed(rows.assign(severity=rule.severity, rule=rule.id, **words))


def finding_rows(
    findings: Iterable[Finding], confidential: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """Return findings as rows of a report.

    Parameters
    ----------
    findings : iterable of Finding
        Remarks of a loader, refused corrections and the like.
    confidential : frozenset of str
        Indicators and columns whose values must not be shown.

    Returns
    -------
    pandas.DataFrame
        Columns as in `ValidationReport.table`.
    """
    rows = []
    for item in (masked(finding, confidential) for finding in findings):
        unit, year, indicator = _parts(item.key)
        rows.append(
            {
                "severity": item.severity,
                "rule": item.rule,
                "file": item.file,
                "row": item.row,
                "unit": unit,
                "year": year,
                "indicator": indicator,
                "key": item.key,
                "column": item.column,
                "value": item.value,
                "expected": None,
                "n": item.n,
                "text_de": item.text.get("de"),
                "text_en": item.text.get("en"),
                "hint_de": item.hint.get("de") if item.hint else None,
                "hint_en": item.hint.get("en") if item.hint else None,
            }
        )
    return _typed(pd.DataFrame(rows, columns=list(COLUMNS)))


def masked(finding: Finding, confidential: frozenset[str]) -> Finding:
    """Return a finding without value unless it is surely about nothing confidential.

    Parameters
    ----------
    finding : Finding
        A finding.
    confidential : frozenset of str
        Indicators and columns.

    Returns
    -------
    Finding
        The finding, its value and, where keys are confidential, its key taken away.
    """
    indicator = _parts(finding.key)[2]
    about = {indicator, *(finding.column or "value").split(", ")}
    if confidential and (indicator is None or about & confidential):
        finding = replace(finding, value=None)
    return replace(finding, key=None) if confidential & set(_KEYS) else finding


def summed(rows: pd.DataFrame) -> list[Finding]:
    """Return one finding for each rule and indicator.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of a report.

    Returns
    -------
    list of Finding
        In the order of the rows; the place is that of the first row.
    """
    found = []
    groups = rows.groupby(["rule", "indicator", "text_de"], sort=False, dropna=False)
    for _, group in groups:
        first = group.iloc[0]
        hint = first["hint_de"]
        numbers = group["row"].dropna()
        found.append(
            Finding(
                rule=str(first["rule"]),
                severity=first["severity"],
                text=Text(first["text_de"], first["text_en"]),
                hint=None if hint is None else Text(hint, first["hint_en"]),
                file=first["file"],
                row=None if pd.isna(first["row"]) else int(first["row"]),
                column=first["column"],
                key=first["key"],
                value=first["value"],
                n=int(group["n"].sum()),
                rows=rows_concerned(numbers.to_numpy(np.int64)),
            )
        )
    return found


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by severity, else in their order.

    Parameters
    ----------
    findings : iterable of Finding
        Findings.

    Returns
    -------
    tuple of Finding
        Errors, warnings, remarks.
    """
    return tuple(sorted(findings, key=lambda item: SEVERITIES.index(item.severity)))


def in_order(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return rows of reports as one table, by severity, else in their order.

    Parameters
    ----------
    frames : sequence of pandas.DataFrame
        Rows.

    Returns
    -------
    pandas.DataFrame
        All rows; severity is an ordered categorical.
    """
    rows = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    order = pd.CategoricalDtype(list(SEVERITIES), ordered=True)
    rows["severity"] = rows["severity"].astype(order)
    return rows.sort_values("severity", kind="stable", ignore_index=True)


def correction_rows(outcomes: Iterable[Outcome], corrections: Corrections | None) -> pd.DataFrame:
    """Return the list of corrections of a report.

    Parameters
    ----------
    outcomes : iterable of Outcome
        What became of them.
    corrections : Corrections, optional
        Their file.

    Returns
    -------
    pandas.DataFrame
        Columns as in `ValidationReport.corrected`; old, new and reason (which may quote them)
        are missing where values must not be shown.
    """
    rows = []
    for item in outcomes:
        entry = item.correction
        shown = {"old": entry.old, "new": entry.new, "reason": entry.reason}
        rows.append(
            {
                **{name: None if item.hidden_key else getattr(entry, name) for name in _KEYS},
                **{name: getattr(entry, name) for name in ("field", "author")},
                **(dict.fromkeys(shown) if item.hidden else shown),
                "date": entry.date.isoformat(),
                "applied": item.refusal is None,
                "refusal_de": item.refusal.de if item.refusal else None,
                "refusal_en": item.refusal.en if item.refusal else None,
                "file": corrections.file if corrections else None,
                "row": item.row,
            }
        )
    frame = pd.DataFrame(rows, columns=list(CORRECTED)).astype(object)
    return frame.astype({"year": "Int64", "row": "Int64", "applied": bool})


def _key(rows: pd.DataFrame) -> list[str | None]:
    parts = zip(rows["unit"], rows["year"], rows["indicator"], strict=True)
    keys = [" / ".join(str(part) for part in key if not pd.isna(part)) for key in parts]
    return [key or None for key in keys]


def _parts(key: str | None) -> tuple[str | None, int | None, str | None]:
    """Return unit, year and indicator of a key that has all three."""
    parts = (key or "").split(" / ", 2)
    if len(parts) != 3 or not parts[1].isdecimal():
        return None, None, None
    return parts[0], int(parts[1]), parts[2]


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.reindex(columns=list(COLUMNS))
    others = {name: object for name in COLUMNS if name not in _DTYPES}
    rows = rows.astype({**others, **_DTYPES})
    texts = list(others)
    rows[texts] = rows[texts].where(rows[texts].notna(), None)
    return rows

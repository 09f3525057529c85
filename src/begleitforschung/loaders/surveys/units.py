"""Which municipality answered: by its key, or by its name as people write it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, rows_concerned
from begleitforschung.language import Text
from begleitforschung.loaders.surveys.export import Export
from begleitforschung.loaders.surveys.matching import Matched
from begleitforschung.loaders.surveys.words import clean
from begleitforschung.regions import is_key, resolve

Mask = NDArray[np.bool_]


def units_of(export: Export, matched: Matched) -> tuple[pd.Series, list[Finding]]:
    """Return the key of the municipality of each case.

    Parameters
    ----------
    export : Export
        The export.
    matched : Matched
        Which column holds the municipality, and which its Bundesland.

    Returns
    -------
    unit : pandas.Series of str
        Official keys or project codes; missing where none was found.
    findings : list of Finding
        Keys that lost their zero, names that are ambiguous, unknown or only similar. Rows, no
        names.
    """
    if matched.unit is None:
        return pd.Series([None] * len(export.rows), dtype="str"), []
    texts = export.cells[matched.unit].map(clean, na_action="ignore")
    unit = texts.where(texts.map(is_key, na_action="ignore").fillna(False).astype(bool))
    shortened = texts.map(_without_zero, na_action="ignore").fillna(False).to_numpy(bool)
    unit = unit.mask(shortened, "0" + texts)
    names = (unit.isna() & texts.notna()).to_numpy(bool)
    marks = {"unit_zero": shortened}
    if names.any():
        found = resolve(texts[names].tolist(), state=_lands(export, matched, names))
        unit[names] = found["key"].to_numpy(object)
        status = np.full(len(unit), "", dtype=object)
        status[names] = found["status"].to_numpy(object)
        marks |= {f"unit_{key}": status == key for key in ("fuzzy", "ambiguous", "none")}
    column = export.columns[matched.unit].name or export.columns[matched.unit].heading
    findings = [_remark(rule, export, column, mask) for rule, mask in marks.items() if mask.any()]
    return unit.astype("str"), findings


def _without_zero(text: str) -> bool:
    return re.fullmatch(r"\d{7}|\d{4}|\d{11}", text) is not None and is_key("0" + text)


def _lands(export: Export, matched: Matched, names: Mask) -> list[str | None] | None:
    if matched.land is None:
        return None
    cells = export.cells[matched.land][names]
    return [clean(text) if isinstance(text, str) else None for text in cells]


_TEXTS = {
    "unit_zero": Text(
        "Schlüssel ohne führende Null; ergänzt", "key without its leading zero; it was added"
    ),
    "unit_fuzzy": Text(
        "Name der Kommune nur ähnlich; Schlüssel prüfen", "name is only similar; check the key"
    ),
    "unit_ambiguous": Text(
        "Name der Kommune mehrdeutig; kein Schlüssel", "name of the unit is ambiguous; no key"
    ),
    "unit_none": Text("Kommune unbekannt; kein Schlüssel", "unit is unknown; no key"),
}


def _remark(rule: str, export: Export, column: str, mask: Mask) -> Finding:
    rows = export.rows[mask]
    return Finding(
        rule=f"survey.{rule}",
        severity="info" if rule == "unit_zero" else "warning",
        text=_TEXTS[rule],
        hint=Text(
            "Schlüssel als Korrektur eintragen oder das Land angeben (instrument: land).",
            "Enter the key as a correction or give the Land (instrument: land).",
        )
        if rule != "unit_zero"
        else None,
        file=export.file,
        row=int(rows.min()),
        column=column,
        n=len(rows),
        rows=rows_concerned(rows),
    )

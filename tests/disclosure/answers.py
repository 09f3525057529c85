"""A small survey of offices, made by hand: 20 municipalities in three groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from begleitforschung.language import Text
from begleitforschung.provenance import Provenance, Source
from begleitforschung.results.protection import Protection
from begleitforschung.surveys import Codebook, Survey, dtype_of
from begleitforschung.surveys.survey import CASES

UNITS = [f"0531{i}000" for i in range(2, 6)] + [f"0976{i}000" for i in range(1, 5)]
UNITS += [f"0811{i}000" for i in range(1, 9)] + [f"0671{i}000" for i in range(1, 5)]
TEXT = {"de": "Wird nur zusammengefasst veröffentlicht."}


def codebook(**changes) -> Codebook:
    yes_no = [{"code": "1", "label": {"de": "Ja"}}, {"code": "2", "label": {"de": "Nein"}}]
    said = {"confidentiality": "confidential"}
    items = [
        {"id": "q1", "kind": "single", "text": {"de": "Strategie?"}, "codes": yes_no, **said},
        {"id": "q2", "kind": "single", "text": {"de": "Konflikte?"}, "codes": yes_no, **said},
        {"id": "q3", "kind": "number", "text": {"de": "Ausgaben"}, "unit": "EUR", **said},
        {
            "id": "q4",
            "kind": "multiple",
            "text": {"de": "Felder"},
            "untouched": "none",
            "codes": [{"code": "a", "label": {"de": "Mobilität"}},
                      {"code": "b", "label": {"de": "Energie"}}],
            **said,
        },
        {
            "id": "art",
            "kind": "single",
            "text": {"de": "Art"},
            "role": "identifying",
            "confidentiality": "public",
            "codes": [{"code": c, "label": {"de": f"Art {c}"}} for c in "ABC"],
        },
        {"id": "frei", "kind": "text", "text": {"de": "Anmerkung"}},
    ]  # fmt: skip
    promise = {"text": TEXT, "date": "2025-01-15", "legal_basis": "Art. 6 Abs. 1 lit. e DSGVO"}
    instrument = {"wave": "2025", "respondent": "office", "promise": promise}
    content = {"id": "probe", "title": {"de": "Probe"}, "items": items, "instrument": instrument}
    return Codebook.model_validate(content | changes)


def survey_of(columns, *, book=None, units=UNITS, sha256="ab" * 32) -> Survey:
    """A survey of the answers given by column; None is no answer."""
    book = book or codebook()
    known = book.columns()
    frame = {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    responses = pd.DataFrame({n: v.astype(dtype_of(known[n])) for n, v in frame.items()})
    n = len(responses)
    cases = {
        "case": [f"c{at}" for at in range(n)],
        "file": "export.csv",
        "row": np.arange(n) + 2,
        "unit": list(units)[:n],
        "complete": True,
        "last_page": pd.array([1] * n, dtype="Int64"),
        "started": pd.NaT,
        "submitted": pd.NaT,
        "seconds": np.nan,
        "language": "de",
    }
    source = Source(publisher="eigene Erhebung", title="Probe", sha256=sha256)
    return Survey(
        responses=responses,
        status=pd.DataFrame(np.where(responses.notna(), 0, 3), columns=responses.columns).astype(
            "int8"
        ),
        cases=pd.DataFrame(cases).astype(CASES),
        codebook=book,
        history=Provenance.of("read_survey", source, codebook=book.id),
    )


def protected(result, hide=lambda row: False):
    """The estimate as if it had been protected, rows hidden as told; nothing is checked."""
    table = result.table.copy()
    rows = table.apply(hide, axis=1)
    table.loc[rows, "suppressed"] = "hidden"
    for name in ("estimate", "se", "low", "high", "df", "deff", "count", "worst_low"):
        table.loc[rows, name] = None
    told = Protection(
        policy="grouped",
        version="1",
        title=Text("zusammengefasst"),
        rule=Text("Regel"),
        cells=len(table),
        hidden=int(rows.sum()),
    )
    return replace(result, table=table, protected=True, protection=told)

"""Surveys of municipalities drawn at random, and their registers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.provenance import Provenance, Source
from begleitforschung.surveys import Codebook, Survey, dtype_of
from begleitforschung.surveys.survey import CASES

SUMMARY = "Ihre Angaben werden nur zusammengefasst veröffentlicht."
REGISTER = ("staffel", "land")


def codebook(answers, *, promise=SUMMARY, respondent="office", graded=True, **items):
    """q1, q2 with some answers; q3 a number; staffel and land known of everybody."""
    said = {"confidentiality": "confidential"} if graded else {}
    codes = [{"code": str(c), "label": {"de": f"Antwort {c}"}} for c in range(answers)]
    listed = [
        {"id": name, "kind": "scale", "direction": "ascending", "text": {"de": name},
         "codes": codes, **said, **items.get(name, {})}
        for name in ("q1", "q2")
    ]  # fmt: skip
    amount = {"id": "q3", "kind": "number", "text": {"de": "q3"}, **said, **items.get("q3", {})}
    listed.append(amount)
    for name in REGISTER:
        groups = [{"code": str(c), "label": {"de": f"{name} {c}"}} for c in range(20)]
        listed.append(
            {"id": name, "kind": "single", "text": {"de": name}, "codes": groups,
             "role": "identifying", "confidentiality": "public"}
        )  # fmt: skip
    told = {"text": {"de": promise}, "date": "2025-01-15", "legal_basis": "Art. 6 DSGVO"}
    instrument = {"wave": "2025", "respondent": respondent, "promise": told if promise else None}
    content = {"id": "probe", "title": {"de": "Probe"}, "items": listed, "instrument": instrument}
    return Codebook.model_validate(content)


def survey_of(book, columns):
    """A survey of the answers given by column; None and NaN are no answer."""
    known = book.columns()
    frame = {}
    for name, values in columns.items():
        coded = known[name].coded
        cells = [None if pd.isna(v) else str(v) if coded else float(v) for v in values]
        frame[name] = pd.Series(cells, dtype=object).astype(dtype_of(known[name]))
    responses = pd.DataFrame(frame)
    n = len(responses)
    cases = {
        "case": [f"c{at}" for at in range(n)],
        "file": "export.csv",
        "row": np.arange(n) + 2,
        "unit": [f"{at:08d}" for at in range(n)],
        "complete": True,
        "last_page": pd.array([1] * n, dtype="Int64"),
        "started": pd.NaT,
        "submitted": pd.NaT,
        "seconds": np.nan,
        "language": "de",
    }
    status = np.where(responses.notna(), 0, 3)
    return Survey(
        responses=responses,
        status=pd.DataFrame(status, columns=responses.columns).astype("int8"),
        cases=pd.DataFrame(cases).astype(CASES),
        codebook=book,
        history=Provenance.of("read_survey", Source(publisher="eigene Erhebung", title="Probe")),
    )


def random_survey(seed, n, *, answers=3, staffeln=3, laender=4, silent=0.0, **about):
    """Answers at random, uneven groups."""
    draw = np.random.default_rng(seed)
    made = {
        "q1": draw.integers(0, answers, n).astype(float),
        "q2": draw.choice(answers, n, p=_uneven(answers)).astype(float),
        "q3": draw.lognormal(3, 1, n),
    }
    for name in made:
        made[name][draw.random(n) < silent] = np.nan
    columns = {k: [None if np.isnan(v) else int(v) for v in made[k]] for k in ("q1", "q2")}
    columns["q3"] = made["q3"]
    columns["staffel"] = draw.choice(staffeln, n, p=_uneven(staffeln))
    columns["land"] = draw.choice(laender, n, p=_uneven(laender))
    return survey_of(codebook(answers, **about), columns)


def _uneven(k):
    weights = 0.6 ** np.arange(k)
    return weights / weights.sum()

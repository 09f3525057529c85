"""Surveys made of the reference inputs of R survey, and their designs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from begleitforschung.provenance import Provenance
from begleitforschung.surveys import Code, Codebook, Item, Survey, design, dtype_of
from begleitforschung.surveys.survey import CASES

FOLDER = Path(__file__).resolve().parents[3] / "shared/reference/survey"


@cache
def data(name):
    if not FOLDER.is_dir():
        pytest.skip("the folder '../shared' with the reference values is not there")
    return pd.read_csv(FOLDER / f"inputs/{name}.csv", keep_default_na=False, na_values=["", "NA"])


@cache
def results():
    frame = pd.read_csv(FOLDER / "ref/results.csv", dtype={"key": "str"}, keep_default_na=False)
    frame["value"] = pd.to_numeric(frame["value"], errors="coerce")
    return frame.set_index(["case", "design", "key", "quantity"])["value"]


def reference(case, name, key, quantity):
    return float(results()[case, name, key, quantity])


def item(name, values, kind, **more):
    if kind in ("single", "scale"):
        found = sorted(pd.Series(values).dropna().unique())
        more["codes"] = tuple(
            Code(code=_code(v), label={"de": f"Antwort {_code(v)}"}) for v in found
        )
        if kind == "scale":
            more.setdefault("direction", "ascending")
    more.setdefault("confidentiality", "public")
    return Item(id=name, kind=kind, text={"de": f"Frage {name}?"}, **more)


def _code(value):
    return str(int(value)) if isinstance(value, float) else str(value)


def survey_of(frame, items, *, units=None, office=True, status=None):
    """A survey of the columns of a frame; a missing value is 'no answer'."""
    codebook = Codebook(
        id="test",
        title={"de": "Probe", "en": "Test"},
        instrument={"respondent": "office" if office else "person"},
        items=tuple(items),
    )
    columns = {}
    for name, asked in codebook.columns().items():
        values = frame[name]
        if asked.coded:
            values = values.map(lambda v: None if pd.isna(v) else _code(v)).astype("object")
        columns[name] = values.astype(dtype_of(asked))
    responses = pd.DataFrame(columns).reset_index(drop=True)
    made = pd.DataFrame(np.where(responses.notna(), 0, 3), columns=responses.columns)
    if status is not None:
        made = status
    n = len(frame)
    cases = pd.DataFrame(
        {
            "case": [str(at) for at in range(n)],
            "file": "x.csv",
            "row": np.arange(n) + 2,
            "unit": [None] * n if units is None else list(units),
            "complete": True,
            "last_page": pd.array([1] * n, dtype="Int64"),
            "started": pd.NaT,
            "submitted": pd.NaT,
            "seconds": np.nan,
            "language": "de",
        }
    ).astype(CASES)
    return Survey(
        responses=responses,
        status=made.astype("int8"),
        cases=cases,
        codebook=codebook,
        history=Provenance.of("read_survey"),
    )


@cache
def apistrat():
    frame = data("apistrat")
    items = [item(v, frame[v], "number") for v in ("api00", "api99", "enroll", "ell", "meals")]
    items += [item("stype", frame["stype"], "single"), item("sch_wide", ["Yes", "No"], "single")]
    items += [item(v, frame[v], "number") for v in ("pw", "fpc")]
    survey = survey_of(frame.rename(columns={"sch.wide": "sch_wide"}), items)
    return survey.with_design(design(survey, strata="stype", population="fpc", weights="pw"))


@cache
def kommunen(single="certainty"):
    frame = data("kommunen_sample")
    items = [item(v, frame[v], "number") for v in ("invest", "einwohner", "rueckstand")]
    items += [item(v, frame[v], "single") for v in ("strategie", "gk", "land", "stratum")]
    items += [item("lik2", frame["lik2"], "scale")]
    options = tuple(Code(code=str(i), label={"de": f"Feld {i}"}) for i in range(1, 7))
    items += [
        Item(
            id="mr",
            kind="multiple",
            text={"de": "Felder"},
            codes=options,
            confidentiality="public",
            untouched="none",
        )
    ]
    items += [item("Nh", frame["Nh"], "number")]
    frame = frame.rename(columns={f"mr{i}": f"mr_{i}" for i in range(1, 7)})
    survey = survey_of(frame, items)
    return survey.with_design(design(survey, strata="stratum", population="Nh", single=single))


@cache
def projects():
    """The 73 projects; those who answered, and the frame."""
    frame = data("mpsc73")
    answered = frame[frame["resp"] == 1]
    items = [item("lik1", frame["lik1"], "scale"), item("lik2", frame["lik2"], "scale")]
    options = tuple(Code(code=str(i), label={"de": f"Feld {i}"}) for i in range(1, 5))
    items += [
        Item(
            id="mr",
            kind="multiple",
            text={"de": "Felder"},
            codes=options,
            confidentiality="public",
            untouched="none",
        )
    ]
    renamed = answered.rename(columns={f"mr{i}": f"mr_{i}" for i in range(1, 5)})
    survey = survey_of(renamed, items, units=renamed["id"])
    return survey, frame.rename(columns={"id": "unit"})[["unit", "staffel", "typ"]]

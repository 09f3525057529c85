"""Two waves of surveys: made up ones with R's changes, and a full population asked twice."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from begleitforschung.surveys import design

from .inputs import item, survey_of

FOLDER = Path(__file__).parent / "reference"


@cache
def made_up():
    return pd.read_csv(FOLDER / "waves.csv")


@cache
def changes():
    return pd.read_csv(FOLDER / "changes.csv").set_index(["case", "quantity"])["value"]


def items(**more):
    wave = pd.DataFrame({"q": [0, 1], "g": ["x", "z"], "y": [0.0, 1.0], "N": [1.0, 2.0]})
    kinds = {"q": "single", "g": "single", "y": "number", "N": "number"}
    return [item(n, wave[n], kind, **more.get(n, {})) for n, kind in kinds.items()]


def wave_of(rows, at, *, inference="descriptive", **more):
    """A sample of the units of `rows`, with the answers of wave `at` (1 or 2)."""
    frame = made_up()[rows].reset_index(drop=True)
    frame = frame.assign(y=frame[f"y{at}"], q=frame[f"q{at}"])
    asked = [*items(**more), item("stratum", frame["stratum"], "single")]
    survey = survey_of(frame, asked, units=frame["unit"])
    return survey.with_design(design(survey, strata="stratum", population="N", inference=inference))


@cache
def waves(which, inference="descriptive"):
    in1, in2 = (made_up()[name] == 1 for name in ("in1", "in2"))
    masks = {"full": (in1, in1), "apart": (in1 & ~in2, in2 & ~in1), "partial": (in1, in2)}
    return tuple(
        wave_of(rows, at, inference=inference) for at, rows in enumerate(masks[which], start=1)
    )


@cache
def projects_twice(answered=(60, 65), strata=False):
    """A full population of 73 of whom some answered each time; an answer of yes spreads."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"unit": [f"p{i:02}" for i in range(73)], "s": ["a"] * 40 + ["b"] * 33})
    yes = draw.permutation(73)
    made = []
    for at, n in enumerate(answered):
        who = np.sort(draw.permutation(73)[:n])
        q = np.where(np.isin(who, yes[: 20 + 15 * at]), "j", "n")
        y = (who % 7) + at * 1.0
        rows = pd.DataFrame({"q": q, "y": y})
        asked = [
            item("q", pd.Series(["j", "n"]), "single"),
            item("y", rows["y"], "number"),
        ]
        survey = survey_of(rows, asked, units=frame["unit"].iloc[who])
        more = {"strata": "s"} if strata else {}
        made.append(survey.with_design(design(survey, kind="population", frame=frame, **more)))
    return tuple(made)

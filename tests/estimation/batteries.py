"""A made-up battery: two scales, one item worded against the others, missing answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from begleitforschung.surveys import Code, Item, design

from .inputs import item, survey_of

N = 150
ROWS = ("a", "b", "c", "d")


def answers(seed=4):
    random = np.random.default_rng(seed)
    trust, use = random.standard_normal((2, N))
    frame = pd.DataFrame({f"t_{row}": scored(trust, random) for row in ROWS})
    frame["t_d"] = 6 - frame["t_d"]
    for row in ("u1", "u2", "u3"):
        frame[row] = scored(use, random)
    frame.loc[:9, "t_a"] = np.nan
    frame["gk"] = np.where(np.arange(N) % 3 == 0, "gross", "klein")
    frame["w"] = np.where(frame["gk"] == "gross", 1.0, 4.0)
    return frame


def scored(of, random):
    return np.clip(np.round(3 + of + 0.8 * random.standard_normal(N)), 1, 5)


def survey(frame=None, *, confidentiality="public", direction="ascending", units=None):
    frame = answers() if frame is None else frame
    codes = tuple(Code(code=str(n), label={"de": f"Stufe {n}"}) for n in range(1, 6))
    rows = tuple({"id": row, "text": {"de": f"Zeile {row}", "en": f"Row {row}"}} for row in ROWS)
    battery = Item(
        id="t",
        kind="array",
        cells="scale",
        direction=direction,
        text={"de": "Vertrauen"},
        rows=rows,
        codes=codes,
        confidentiality=confidentiality,
    )
    items = [battery]
    items += [item(name, frame[name], "scale") for name in ("u1", "u2", "u3")]
    items += [item("gk", frame["gk"], "single"), item("w", frame["w"], "number")]
    return survey_of(frame, items, units=units, office=units is not None)


def weighted(**options):
    made = survey(**options)
    return made.with_design(design(made, weights="w"))

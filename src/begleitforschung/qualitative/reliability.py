"""`coder_agreement`: how far persons agree who coded the same passages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, ValidationError, rows_concerned
from begleitforschung.language import Text
from begleitforschung.qualitative.counting import code_sets
from begleitforschung.qualitative.frame import FrameCode
from begleitforschung.qualitative.passages import Passages
from begleitforschung.results.coder_agreement import CoderAgreement
from begleitforschung.stats.agreement import LEVELS, Level, agreement


def coder_agreement(
    passages: Passages,
    *,
    scale: str | None = None,
    level: Level = "nominal",
    confidence: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
    allow_unprotected: bool = False,
) -> CoderAgreement:
    """Return inter-coder reliability by Krippendorff's alpha, with percent agreement.

    Passages count that at least two persons coded; a person who read a passage and gave it no code
    has judged it. Missing judgements are allowed (Krippendorff 2011, Computing Krippendorff's
    Alpha-Reliability).

    Parameters
    ----------
    passages : Passages
        Coded passages with ``passage`` and ``coder``.
    scale : str, optional
        Code whose codes directly below it exclude one another; the judgement is which of them a
        passage got. Without it each code found in these passages is judged by itself: given (or
        one below it) or not.
    level : {"nominal", "ordinal", "interval", "ratio"}
        How much two codes of a scale differ. Ordinal is the order of the frame; interval and ratio
        take the ``value`` of the codes. A passage with none of them is a category of its own if
        nominal, and no judgement else.
    confidence : float
        Level of confidence of the bootstrap interval, for which passages are drawn.
    draws : int
        Bootstrap samples.
    seed : int
        Seed of the random numbers.
    allow_unprotected : bool
        Whether the result may be shown at the own desk although it is confidential.

    Returns
    -------
    CoderAgreement
        One row per code, or one for the scale.

    Raises
    ------
    UnknownCodeError
        If the coding frame has no such code.
    ValidationError
        If no passage was coded by two persons, a passage got several codes of the scale, values
        are missing, or an option is out of range.

    Examples
    --------
    With passages of your own::

        bf.coder_agreement(passages, allow_unprotected=True).display()
    """
    _check_options(scale, level, confidence, draws)
    rows = _coded_twice(passages)
    sets = code_sets(passages, rows)
    if scale is None:
        found = [code for code in passages.frame.lineages if any(code in given for given in sets)]
        judged = {code: np.array([code in given for given in sets], float) for code in found}
    else:
        judged = {scale: _positions(passages, rows, sets, scale, level)}
    table = pd.DataFrame(
        [
            _row(code, rows, values, level, confidence=confidence, draws=draws, seed=seed)
            for code, values in judged.items()
        ]
    )
    specification = {
        "scale": scale,
        "level": level,
        "confidence": confidence,
        "draws": draws,
        "seed": seed,
    }
    return CoderAgreement(
        table=table,
        specification=specification,
        provenance=passages.provenance.then("coder_agreement", **specification),
        labels=passages.frame.labels,
        coders=rows["coder"].nunique(),
        cases=rows["case"].nunique(),
        allow_unprotected=allow_unprotected,
    )


def _check_options(scale: str | None, level: Level, confidence: float, draws: int) -> None:
    if level not in LEVELS:
        raise ValidationError(f"level={level!r} is unknown; it is one of {', '.join(LEVELS)}")
    if scale is None and level != "nominal":
        raise ValidationError(f"level={level!r} needs scale=…, the code above those of the scale")
    if not 0 < confidence < 1 or draws < 1:
        raise ValidationError("confidence is between 0 and 1, draws at least 1")


def _coded_twice(passages: Passages) -> pd.DataFrame:
    rows = passages.rows
    known = rows[(rows["passage"] != "") & (rows["coder"] != "")]
    twice = known[known.groupby("passage")["coder"].transform("nunique") > 1]
    if twice.empty:
        raise ValidationError(
            f"{passages.file}: no passage was coded by two persons; agreement needs rows with the "
            "same 'passage' and different 'coder'"
        )
    if not twice["codes"].astype(bool).any():
        raise ValidationError(f"{passages.file}: no passage coded by two persons got a code")
    return twice


def _positions(
    passages: Passages,
    rows: pd.DataFrame,
    sets: list[frozenset[str]],
    scale: str,
    level: Level,
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the judgement of each row on a scale as a number; NaN where there is none."""
    steps = passages.frame.code(scale).codes
    values = _values(scale, steps, level)
    given = [[at for at, step in enumerate(steps) if step.id in found] for found in sets]
    several = [int(row) for row, at in zip(rows["row"], given, strict=True) if len(at) > 1]
    if several:
        raise ValidationError(
            f"{passages.file}: codes below {scale!r} exclude one another as a scale",
            findings=[
                Finding(
                    rule="passages.several_of_a_scale",
                    severity="error",
                    text=Text("mehrere Codes der Skala", "several codes of the scale"),
                    file=passages.file,
                    row=several[0],
                    column="codes",
                    n=len(several),
                    rows=rows_concerned(several),
                )
            ],
        )
    none = -1.0 if level == "nominal" else np.nan
    return np.array([values[at[0]] if at else none for at in given], np.float64)


def _values(scale: str, steps: tuple[FrameCode, ...], level: Level) -> list[float]:
    if len(steps) < 2:
        raise ValidationError(f"{scale!r} is no scale: it has fewer than two codes below it")
    if level in ("nominal", "ordinal"):
        return [float(at) for at in range(len(steps))]
    values = [np.nan if step.value is None else step.value for step in steps]
    lacking = [step.id for step, value in zip(steps, values, strict=True) if np.isnan(value)]
    if lacking:
        raise ValidationError(f"level={level!r} needs 'value' of: {', '.join(lacking)}")
    if level == "ratio" and min(values) < 0:
        raise ValidationError("level='ratio' needs values that are not negative")
    return values


def _row(
    code: str,
    rows: pd.DataFrame,
    values: np.ndarray[Any, np.dtype[np.float64]],
    level: Level,
    **options: Any,
) -> dict[str, object]:
    matrix = rows.assign(value=values).pivot(index="passage", columns="coder", values="value")
    found = agreement(matrix.to_numpy(np.float64), level, **options)
    return {
        "code": code,
        "units": found.units,
        "pairable": found.pairable,
        "alpha": found.alpha,
        "low": found.low,
        "high": found.high,
        "percent": found.percent,
    }

"""Response rates by the AAPOR definitions, and respondents against the frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from begleitforschung.errors import UnknownCodeError, ValidationError
from begleitforschung.estimation.domains import TOTAL
from begleitforschung.estimation.targets import plan_of
from begleitforschung.language import Text
from begleitforschung.results.fieldwork import FrameBalance, ResponseRates
from begleitforschung.surveys import Survey
from begleitforschung.surveys.sample_design import as_label

DISPOSITIONS = ("complete", "partial", "refused", "no_contact", "other", "unknown", "ineligible")


def response_rates(
    survey: Survey,
    by: str | None = None,
    *,
    dispositions: Mapping[str, str] | None = None,
    eligible: float = 1.0,
) -> ResponseRates:
    r"""Return response rates of an invited frame.

    With I complete and P partial interviews, R refusals, NC without contact, O others and U of
    unknown eligibility: RR1 = I / (I + P + R + NC + O + U), RR2 = (I + P) / the same, RR5 =
    I / (I + P + R + NC + O), COOP1 = I / (I + P + R + O), REF1 = R / (I + … + U), CON1 =
    (I + P + R + O) / (I + … + U) (AAPOR 2023, Standard Definitions, 10th edition). RR3 and RR4
    are RR1 and RR2 with U times the share e of eligible ones.

    Parameters
    ----------
    survey : Survey
        A survey whose design has a frame of all who were invited.
    by : str, optional
        Column of the frame.
    dispositions : mapping of str to str, optional
        What became of units without an answer, by unit: ``refused``, ``no_contact``, ``other``,
        ``unknown`` or ``ineligible``. All others are ``no_contact``: a register knows that they
        are eligible.
    eligible : float
        Share e of eligible ones among the unknown, for RR3 and RR4.

    Returns
    -------
    ResponseRates
        Numbers and rates, for all and for each group. They hold no answers: internal.

    Raises
    ------
    ValidationError
        If the design has no frame.
    UnknownCodeError
        If a disposition, unit or column is unknown.
    """
    frame = _frame(survey)
    state = _dispositions(survey, frame, dispositions or {})
    groups = pd.Series("", index=frame.index)
    labels = {"": TOTAL}
    if by is not None:
        if by not in frame.columns:
            raise UnknownCodeError(by, map(str, frame.columns), "columns of the frame")
        groups = pd.Series([as_label(v) for v in frame[by]], index=frame.index)
        labels |= {key: Text(key, key) for key in sorted(groups.unique())}
    rows = [{"group": "", **_rates(state, eligible)}]
    if by is not None:
        rows += [{"group": key, **_rates(state[groups == key], eligible)} for key in labels if key]
    return ResponseRates(
        table=pd.DataFrame(rows),
        specification={"by": by, "eligible": eligible},
        provenance=survey.traced([]).then("response_rates", by=by, eligible=eligible),
        confidentiality="internal",
        labels=labels,
    )


def respondents_against_frame(
    survey: Survey, variables: Sequence[str] | None = None
) -> FrameBalance:
    """Compare respondents with the frame, before and after weighting.

    Parameters
    ----------
    survey : Survey
        A survey whose design has a frame.
    variables : sequence of str, optional
        Columns of the frame; all if left out. Numbers are compared by their mean, others by the
        share of each class.

    Returns
    -------
    FrameBalance
        Differences in standard deviations of the frame. They hold no answers: internal.

    Raises
    ------
    ValidationError
        If the design has no frame.
    UnknownCodeError
        If a variable is unknown.
    """
    frame, plan = _frame(survey), plan_of(survey)
    rows = []
    for name in variables if variables is not None else [c for c in frame.columns if c != "unit"]:
        if name not in frame.columns:
            raise UnknownCodeError(name, map(str, frame.columns), "columns of the frame")
        theirs, ours = frame[name], plan.variables[name]
        if pd.api.types.is_float_dtype(frame[name].dtype):
            rows.append(_compared(name, "", "mean", theirs, ours, plan.sample.weights))
            continue
        known = pd.Series([as_label(v) for v in theirs])
        mine = pd.Series([as_label(v) for v in ours])
        for label in sorted(known.unique()):
            pair = (known == label).astype(float), (mine == label).astype(float)
            rows.append(_compared(name, label, "share", *pair, plan.sample.weights))
    names = list(dict.fromkeys(row["variable"] for row in rows))
    return FrameBalance(
        table=pd.DataFrame(rows),
        specification={"variables": names},
        provenance=survey.traced([]).then("respondents_against_frame", variables=names),
        confidentiality="internal",
    )


def _frame(survey: Survey) -> pd.DataFrame:
    frame = plan_of(survey).frame
    if frame is None:
        raise ValidationError("this needs all who were invited: bf.design(survey, frame=…)")
    return frame


def _dispositions(survey: Survey, frame: pd.DataFrame, given: Mapping[str, str]) -> pd.Series:
    """Return what became of each unit of the frame."""
    for unit, state in given.items():
        if state not in DISPOSITIONS:
            raise UnknownCodeError(state, DISPOSITIONS, "dispositions")
        if unit not in set(frame["unit"]):
            raise ValidationError("a unit of dispositions= is not in the frame")
    answered = dict(zip(survey.cases["unit"], survey.cases["complete"], strict=True))
    states = [
        ("complete" if answered[unit] else "partial")
        if unit in answered
        else given.get(unit, "no_contact")
        for unit in frame["unit"]
    ]
    return pd.Series(states, index=frame.index)


def _rates(state: pd.Series, eligible: float) -> dict[str, float]:
    n = {name: int((state == name).sum()) for name in DISPOSITIONS}
    whole, part = n["complete"], n["complete"] + n["partial"]
    contacted = part + n["refused"] + n["other"]
    known = contacted + n["no_contact"]
    every, likely = known + n["unknown"], known + eligible * n["unknown"]
    parts = {
        "rr1": (whole, every),
        "rr2": (part, every),
        "rr3": (whole, likely),
        "rr4": (part, likely),
        "rr5": (whole, known),
        "rr6": (part, known),
        "coop1": (whole, contacted),
        "ref1": (n["refused"], every),
        "con1": (contacted, every),
    }
    rates = {name: top / base if base else np.nan for name, (top, base) in parts.items()}
    return {"invited": float(len(state)), **n, **rates}


def _compared(
    name: str,
    category: str,
    kind: str,
    frame: pd.Series,
    respondents: pd.Series,
    weights: np.ndarray,
) -> dict[str, object]:
    """Compare a mean, or the share of a class."""
    theirs = frame.dropna().to_numpy(np.float64)
    mine = respondents.to_numpy(np.float64)
    there = ~np.isnan(mine)
    centre, spread = theirs.mean(), theirs.std()
    plain = mine[there].mean()
    weighted = np.average(mine[there], weights=weights[there])
    scale = spread if spread > 0 else np.nan
    return {
        "variable": name,
        "category": category,
        "kind": kind,
        "frame": centre,
        "respondents": plain,
        "weighted": weighted,
        "difference": (plain - centre) / scale,
        "weighted_difference": (weighted - centre) / scale,
        "n": int(there.sum()),
        "N": int(theirs.size),
    }

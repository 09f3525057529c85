"""Response rates by the AAPOR definitions, respondents against the frame, delegation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.estimation.domains import TOTAL, Domains, answers_among, everybody, grouped
from begleitforschung.estimation.targets import asked_of, plan_of
from begleitforschung.language import Text
from begleitforschung.results.fieldwork import Delegation, FrameBalance, ResponseRates
from begleitforschung.surveys import Survey
from begleitforschung.surveys.sample_design import JOIN, as_label

_FRAME_ASSUMED = Finding(
    rule="fieldwork.frame",
    severity="warning",
    text=Text(
        "als eingeladen gelten alle Einheiten des Rahmens, auch die nicht gezogenen",
        "all units of the frame count as invited, those not drawn too",
    ),
    hint=Text("Bei einer Stichprobe invited=… angeben.", "Of a sample give invited=…."),
)
DISPOSITIONS = ("complete", "partial", "refused", "no_contact", "other", "unknown", "ineligible")


def response_rates(
    survey: Survey,
    by: str | Sequence[str] | None = None,
    *,
    invited: pd.DataFrame | None = None,
    dispositions: Mapping[str, str] | str | None = None,
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
        A survey with a design.
    by : str or sequence of str, optional
        Columns of those invited, strata among them; several are crossed.
    invited : pandas.DataFrame, optional
        All who were invited, one row per unit with a column ``unit``: of a sample those drawn. The
        frame of the design if left out.
    dispositions : mapping of str to str, or str, optional
        What became of units without an answer, by unit, or the column of ``invited`` that says it:
        ``refused``, ``no_contact``, ``other``, ``unknown`` or ``ineligible``. All others are
        ``no_contact``: a register knows that they are eligible.
    eligible : float
        Share e of eligible ones among the unknown, for RR3 and RR4.

    Returns
    -------
    ResponseRates
        Numbers and rates, for all and for each group. They hold no answers: internal.

    Raises
    ------
    ValidationError
        If it is not known who was invited, or the share of eligible ones is no share.
    UnknownCodeError
        If a disposition, unit or column is unknown.
    """
    if not 0 <= eligible <= 1:
        raise ValidationError(f"eligible= is a share between 0 and 1, not {eligible}")
    assumed = invited is None and plan_of(survey).kind == "sample"
    frame = _frame(survey) if assumed else asked_of(survey, invited)
    names = [] if by is None else [by] if isinstance(by, str) else list(by)
    given = _column(frame, dispositions) if isinstance(dispositions, str) else (dispositions or {})
    state = _dispositions(survey, frame, given)
    labels = {"": TOTAL}
    rows = [{"group": "", **_rates(state, eligible)}]
    if names:
        groups = _groups(frame, names)
        labels |= {key: Text(key, key) for key in _in_order(frame, names, groups)}
        rows += [{"group": key, **_rates(state[groups == key], eligible)} for key in labels if key]
    return ResponseRates(
        table=pd.DataFrame(rows),
        specification={"by": names, "eligible": eligible},
        provenance=survey.traced([]).then("response_rates", by=names, eligible=eligible),
        confidentiality="internal",
        findings=(_FRAME_ASSUMED,) if assumed else (),
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
        for label in _in_order(frame, [name], known):
            pair = (known == label).astype(float), (mine == label).astype(float)
            rows.append(_compared(name, label, "share", *pair, plan.sample.weights))
    names = list(dict.fromkeys(row["variable"] for row in rows))
    return FrameBalance(
        table=pd.DataFrame(rows),
        specification={"variables": names},
        provenance=survey.traced([]).then("respondents_against_frame", variables=names),
        confidentiality="internal",
    )


def delegation(
    survey: Survey,
    question: str,
    in_person: Sequence[str],
    by: str | Sequence[str] | None = None,
) -> Delegation:
    """Say how often the person who was asked answered, and how often somebody else did.

    Parameters
    ----------
    survey : Survey
        The survey.
    question : str
        Item that says who filled the questionnaire in: one answer.
    in_person : sequence of str
        Its codes that stand for the person who was asked.
    by : str or sequence of str, optional
        Items or variables of the frame; several are crossed.

    Returns
    -------
    Delegation
        Numbers of answers, unweighted: about the fieldwork, not about the population. As
        confidential as the items used.

    Raises
    ------
    UnknownCodeError
        If the item, a code or a variable is unknown.
    ValidationError
        If the item has not one answer of several.
    """
    column, *others = survey.columns_of(question)
    item = survey.codebook.item(column)
    if others or not item.coded or item.kind == "multiple":
        raise ValidationError(f"{question!r} must have one answer out of several codes")
    codes = [code.code for code in item.answers]
    for code in in_person:
        if code not in codes:
            raise UnknownCodeError(code, codes, f"codes of {question!r}")
    answers = survey.responses[column].astype("object").to_numpy()
    parts = [everybody(survey, None)] + ([] if by is None else [grouped(survey, by, None)])
    rows = [row for part in parts for row in _delegated(answers, list(in_person), part)]
    used = answers_among(survey, [question, *parts[-1].names])
    specification = {"question": question, "in_person": list(in_person), "by": parts[-1].by}
    return Delegation(
        table=pd.DataFrame(rows),
        specification=specification,
        provenance=survey.traced(used).then("delegation", **specification),
        labels={key: text for p in parts for key, text in zip(p.keys, p.labels, strict=True)},
    )


def _delegated(answers: np.ndarray, in_person: list[str], part: Domains) -> list[dict[str, object]]:
    there = ~pd.isna(answers)
    himself = np.isin(answers.astype("str"), in_person) & there
    found = []
    for at, key in enumerate(part.keys):
        inside = part.codes == at
        n, own = int((inside & there).sum()), int((inside & himself).sum())
        row = {"group": key, "answered": n, "in_person": own, "delegated": n - own}
        found.append(
            row | {"unknown": int((inside & ~there).sum()), "share": own / n if n else np.nan}
        )
    return found


def _groups(frame: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    for name in names:
        if name not in frame.columns:
            raise UnknownCodeError(name, map(str, frame.columns), "columns of the frame")
    rows = frame[list(names)].itertuples(index=False, name=None)
    return pd.Series([JOIN.join(as_label(v) for v in row) for row in rows], index=frame.index)


def _in_order(frame: pd.DataFrame, names: Sequence[str], groups: pd.Series) -> list[str]:
    """Return the groups in the order of their variable, where it has one."""
    dtype = frame[names[0]].dtype
    if len(names) > 1 or not isinstance(dtype, pd.CategoricalDtype):
        return sorted(groups.unique())
    there = set(groups)
    return [label for label in map(as_label, dtype.categories) if label in there]


def _column(frame: pd.DataFrame, name: str) -> dict[str, str]:
    """Return what a column of the frame says of units, where it says something."""
    groups = _groups(frame, [name])
    return {unit: state for unit, state in zip(frame["unit"], groups, strict=True) if state}


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
    return {"invited": float(len(state)), "reached": contacted, **n, **rates}


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
    centre = _mean(theirs, np.ones(theirs.size))
    spread = theirs.std() if theirs.size else 0.0
    plain = _mean(mine[there], np.ones(int(there.sum())))
    weighted = _mean(mine[there], weights[there])
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


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted mean, NaN where nothing is known or weighs anything."""
    return float(np.average(values, weights=weights)) if weights.sum() > 0 else np.nan

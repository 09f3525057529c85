"""A Gemeindeverband that answers for its members: it takes their place in the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.regions.grammar import is_key
from begleitforschung.regions.keys import level_of
from begleitforschung.surveys.survey import Survey

MEMBERS = "members"
OPERATION = "answers_for_members"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TakenOver:
    """A frame in which associations stand for their members.

    Parameters
    ----------
    frame : pandas.DataFrame, optional
        The frame.
    inputs : tuple of Provenance
        By what rule.
    findings : tuple of Finding
        Which answers count for how many members.
    """

    frame: pd.DataFrame | None = field(repr=False)
    inputs: tuple[Provenance, ...] = ()
    findings: tuple[Finding, ...] = ()


def taken_over(
    survey: Survey, frame: pd.DataFrame | None, column: str | None, additive: Sequence[str]
) -> TakenOver:
    """Let each Gemeindeverband that answered take the place of its members in the frame.

    Members that answered themselves count for themselves and not for their Verband.

    Parameters
    ----------
    survey : Survey
        The survey.
    frame : pandas.DataFrame, optional
        Municipalities, one row per unit.
    column : str, optional
        Column with the nine-digit key of the Verband of each municipality; ``unit`` where units are
        ARS of 12 digits. Nothing is changed without it.
    additive : sequence of str
        Columns of the frame that are summed over the members, the residents first.

    Returns
    -------
    TakenOver
        The frame with a column ``members`` (municipalities behind each unit). Other columns keep
        what all members have in common, or else what most of their residents live in; numbers that
        are not additive are then missing.

    Raises
    ------
    ValidationError
        If a Verband has no member in the frame, or all of them answered themselves.
    UnknownCodeError
        If a column is unknown.
    """
    if column is None:
        return TakenOver(frame=frame)
    if frame is None:
        raise ValidationError("answers_for= needs frame=, the register of municipalities")
    for name in (column, *additive):
        if name not in frame.columns:
            raise UnknownCodeError(name, map(str, frame.columns), "columns of the frame")
    units = survey.cases["unit"]
    bodies = _bodies(units, frame)
    belongs = frame[column].str[:9] if column == "unit" else frame[column]
    silent = ~frame["unit"].isin(units)
    groups = {body: frame.index[(belongs == body) & silent] for body in bodies}
    _require_members(survey, groups)
    gone = [at for rows in groups.values() for at in rows]
    kept = frame.drop(index=gone).assign(**{MEMBERS: 1.0})
    joined = [_joined(frame.loc[rows], body, additive) for body, rows in groups.items()]
    whole = pd.concat([kept, pd.DataFrame(joined)], ignore_index=True) if joined else kept
    for named, dtype in frame.dtypes.items():
        if isinstance(dtype, pd.CategoricalDtype):
            whole[str(named)] = whole[str(named)].astype(dtype)
    themselves = int((belongs.isin(bodies) & ~silent).sum())
    node = Provenance.of(
        OPERATION,
        column=column,
        additive=list(additive),
        bodies=len(bodies),
        members=len(gone),
        themselves=themselves,
    )
    rows = tuple(int(row) for row in survey.cases.loc[units.isin(bodies), "row"])
    return TakenOver(
        frame=whole, inputs=(node,), findings=(_remark(len(bodies), len(gone), themselves, rows),)
    )


def _bodies(units: pd.Series, frame: pd.DataFrame) -> list[str]:
    """Return the associations that answered and are no unit of the frame themselves."""
    other = units[units.notna() & ~units.isin(frame["unit"])].drop_duplicates()
    return [unit for unit in other if is_key(unit) and level_of(unit) == "verband"]


def _require_members(survey: Survey, groups: dict[str, pd.Index]) -> None:
    empty = [body for body, rows in groups.items() if rows.empty]
    if empty:
        rows = survey.cases.loc[survey.cases["unit"].isin(empty), "row"]
        raise ValidationError(
            f"rows {', '.join(map(str, rows))}: a Verband answered for members, but none of the "
            "frame is left for it: all answered themselves, or the frame knows none; leave these "
            "cases out (Survey.keep)"
        )


def _joined(members: pd.DataFrame, body: str, additive: Sequence[str]) -> dict[str, object]:
    """Return one row for an association instead of those of its members."""
    people = members[additive[0]] if additive else pd.Series(1.0, index=members.index)
    row: dict[str, object] = {}
    for name in map(str, members.columns):
        values = members[name]
        if name in additive:
            row[name] = float(values.sum(skipna=False))
        elif values.nunique(dropna=False) == 1:
            row[name] = values.iloc[0]
        elif pd.api.types.is_float_dtype(values.dtype):
            row[name] = np.nan
        else:
            sums = people.groupby(values, observed=True).sum()
            row[name] = sums.index[int(np.argmax(sums.to_numpy()))]
    return row | {"unit": body, MEMBERS: float(len(members))}


def _remark(bodies: int, members: int, themselves: int, rows: tuple[int, ...]) -> Finding:
    text = Text(
        f"{bodies} Gemeindeverbände antworten für {members} Mitglieder, deren Einwohner und Zahl "
        f"sie aus dem Register übernehmen; {themselves} Mitglieder haben selbst geantwortet und "
        "zählen nur für sich",
        f"{bodies} associations answer for {members} members, whose residents and number they "
        f"take over from the register; {themselves} members answered themselves and count for "
        "themselves only",
    )
    return Finding(rule="design.members", severity="info", text=text, n=bodies, rows=rows[:100])

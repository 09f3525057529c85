"""Comparisons of groups protected: which figures of a group tell too much of its units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from begleitforschung.disclosure.policies import Policy, at_least, load_policy
from begleitforschung.disclosure.telling import telling_count
from begleitforschung.errors import DisclosureError, Finding
from begleitforschung.results.comparison import Comparison
from begleitforschung.results.comparison_display import marked_notes
from begleitforschung.results.protection import Protection
from begleitforschung.stats.suppression import contributions, p_percent, quantile_units

_ALL = ("mean", "weighted_mean", "q1", "median", "q3", "sd", "min", "max")
_AGAINST = ("difference", "standardised_difference")
_REFERENCE = ("reference_mean", "reference_sd")
_QUANTILES = {"min": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "max": 1.0}
_SECRET = ("confidential", "personal")


def protect_comparison(result: Comparison, policy: Policy | None = None) -> Comparison:
    """Hide figures of groups that are small, alike or ruled by one unit; take values of units out.

    A group of fewer units than ``min_base``, one whose members all, or all but one, have the same
    value, and one whose mean fails the p % rule lose all figures. Minimum, quartiles, median and
    maximum need ``min_base`` units in their shorter tail. The reference is hidden where a group is,
    as the two would tell it. Groups must not overlap.

    Parameters
    ----------
    result : Comparison
        Not yet protected.
    policy : Policy, optional
        The one asked for; it demands what ``strict`` does at least, which is the default.

    Returns
    -------
    Comparison
        ``table`` has the further columns ``hidden`` (names of the figures of the row that are
        hidden) and ``suppressed``; members have no values. Public ones are returned as they are.

    Raises
    ------
    DisclosureError
        If groups overlap, values are below zero, or the policy demands too little.
    """
    if result.protected or result.confidentiality not in _SECRET:
        return result
    if result.confidentiality == "personal":
        raise DisclosureError("what is personal is never shown")
    strict = load_policy("strict")
    reason = "nothing is declared about figures of units"
    rule = strict if policy is None else at_least(policy, strict, reason)
    grouped = result.members[result.members["group"].notna() & result.members["value"].notna()]
    if grouped.duplicated(["unit", "indicator", "year"]).any():
        raise DisclosureError("groups that share units can't be protected; compare them apart")
    table = result.table.copy()
    names = pd.Series("", index=table.index, dtype="str")
    why = pd.Series("", index=table.index, dtype="str")
    for (indicator, year), part in table.groupby(["indicator", "year"], sort=False):
        members = result.members
        members = members[(members["indicator"] == indicator) & (members["year"] == year)]
        _of_part(result, part, members[members["value"].notna()], rule, names, why)
    for name in (*_ALL, *_AGAINST, *_REFERENCE):
        table.loc[[name in gone.split() for gone in names], name] = np.nan
    return _passed(result, table.assign(hidden=names, suppressed=why), rule)


def _of_part(
    result: Comparison,
    part: pd.DataFrame,
    members: pd.DataFrame,
    policy: Policy,
    names: pd.Series,
    why: pd.Series,
) -> None:
    """Write down what is hidden of one indicator in one year."""
    gone = {
        at
        for at, group in part["group"].items()
        if _unsafe(members[members["group"] == group], policy)
    }
    rest = members[members["group"].isna()]
    open_reference = not gone and _reference_safe(result, part, rest, policy)
    for at, n, heavy in part[["n", "n_weighted"]].itertuples(name=None):
        hidden = list(_ALL) if at in gone else _tails(int(n), policy)
        if at in gone or not open_reference:
            hidden += _AGAINST
        if not open_reference:
            hidden += _REFERENCE
        if 0 < int(heavy) < policy.min_base and "weighted_mean" not in hidden:
            hidden.append("weighted_mean")
        names.at[at] = " ".join(hidden)
        why.at[at] = "hidden" if at in gone or hidden else ""


def _unsafe(members: pd.DataFrame, policy: Policy) -> bool:
    """Say whether no figure of a group may be shown."""
    if not len(members):
        return False
    values = members["value"].to_numpy(np.float64)
    if len(values) < policy.min_base:
        return True
    if policy.telling == "all":
        alike = int(np.unique(values, return_counts=True)[1].max())
        if alike >= telling_count(len(values), policy.spare):
            return True
    if policy.p_percent is None:
        return False
    if (values < 0).any():
        return True  # the largest contribution says nothing where others are below zero
    heavy = np.nan_to_num(members["weight"].to_numpy(np.float64)) * values
    return any(
        bool(p_percent(contributions(np.zeros(len(v)), v), 1, policy.p_percent).unsafe[0])
        for v in (values, heavy)
    )


def _reference_safe(
    result: Comparison, part: pd.DataFrame, rest: pd.DataFrame, policy: Policy
) -> bool:
    """Say whether the reference tells nothing of units that stand in no group."""
    sizes = part["reference_n"].to_numpy(np.int64)
    if (sizes < policy.min_base).any() or result.reference_kind == "unit":
        return False
    if result.reference_kind == "group":
        return True
    beside = part.loc[~part["apart"], "n"].sum()
    own = part["n"].where(~part["apart"], 0) if result.reference_kind == "rest" else 0 * part["n"]
    left = sizes + own.to_numpy(np.int64) - int(beside)
    if (left == 0).all():
        return True
    return bool((left == len(rest)).all()) and not _unsafe(rest, policy)


def _tails(n: int, policy: Policy) -> list[str]:
    """Name the quantiles that too few units stand behind."""
    units = quantile_units(np.full(len(_QUANTILES), n), list(_QUANTILES.values()))
    few = zip(_QUANTILES, units, strict=True)
    return [name for name, behind in few if 0 < behind < policy.min_base]


def _passed(result: Comparison, table: pd.DataFrame, policy: Policy) -> Comparison:
    why = table["suppressed"]
    protection = Protection(
        policy=policy.id,
        version=policy.version,
        title=policy.title.text,
        rule=policy.rule.text,
        cells=len(table),
        hidden=int((why != "").sum()),
        min_base=policy.min_base,
    )
    told = [
        Finding(rule="compare.marked", severity="info", text=text) for text in marked_notes(result)
    ]
    node = result.provenance.then("protect", policy=policy.id, version=policy.version)
    return replace(
        result,
        table=table,
        members=result.members.assign(value=np.nan),
        inputs=result.inputs.iloc[:0],
        protected=True,
        protection=protection,
        provenance=node,
        findings=(*result.findings, *told),
    )

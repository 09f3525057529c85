"""Which KPIs may be scored, and who answers for those whose polarity is not official."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pydantic

from begleitforschung.catalogue import Entry, Label, read_entry, resource
from begleitforschung.errors import FrameworkError, UnknownCodeError
from begleitforschung.frameworks.checks import WITH_VALUE
from begleitforschung.frameworks.entries import Kpi
from begleitforschung.frameworks.framework import Framework
from begleitforschung.language import Lang

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "kpi",
    "code",
    "name",
    "polarity",
    "polarity_source",
    "scored",
    "decision",
    "text",
    "accepted_by",
    "acceptance_reason",
)


class Acceptance(Entry):
    """Who accepts a polarity that is not official, and why; printed in the method section.

    Parameters
    ----------
    name : str
        Who answers for it.
    reason : str
        Why.
    """

    name: str = pydantic.Field(min_length=1)
    reason: str = pydantic.Field(min_length=1)


class _Decision(Entry):
    code: str
    label: Label


class _Decisions(Entry):
    decisions: tuple[_Decision, ...]


def polarity_decisions(
    framework: Framework,
    accept_polarity: Mapping[str, Acceptance] | None = None,
    *,
    lang: Lang = "de",
) -> pd.DataFrame:
    """Decide for each KPI whether it may be scored.

    Official polarities are scored. Derived ones and our own need an acceptance. KPIs without
    polarity, absolute counts, KPIs of several parts and those whose target value has no
    source are never scored, accepted or not.

    Parameters
    ----------
    framework : Framework
        The framework.
    accept_polarity : mapping of str to Acceptance, optional
        Id or code of a KPI to who accepts its polarity and why.
    lang : {"de", "en"}
        Language of names and texts.

    Returns
    -------
    pandas.DataFrame
        One row per KPI: ``kpi, code, name, polarity, polarity_source, scored, decision, text,
        accepted_by, acceptance_reason``.

    Raises
    ------
    UnknownCodeError
        If a KPI that is accepted does not exist.
    FrameworkError
        If an acceptance can have no effect: the KPI is never scored, or is so anyway.

    Examples
    --------
    >>> from begleitforschung.frameworks import load_framework
    >>> accepted = {"16018": Acceptance(name="A. Muster", reason="Ziel der Wirtschaftsförderung")}
    >>> table = polarity_decisions(load_framework("sdg_kommunen"), accepted).set_index("code")
    >>> table.loc[["16011", "16018", "16029"], "decision"].to_list()
    ['official', 'accepted', 'no_polarity']
    """
    import pandas as pd

    given = dict(accept_polarity or {})
    unknown = [key for key in given if key not in framework]
    if unknown:
        raise UnknownCodeError(unknown[0], [kpi.id for kpi in framework], "the framework's KPIs")
    accepted = {framework[key].id: value for key, value in given.items()}
    texts = _texts()
    rows, idle = [], []
    for kpi in framework:
        acceptance = accepted.get(kpi.id)
        decision = _decide(framework, kpi, acceptance)
        if acceptance and decision != "accepted":
            idle.append(f"{kpi.id} ({texts[decision].en})")
        row = (kpi.id, kpi.code, kpi.name(lang), kpi.polarity, kpi.polarity_source)
        scored = decision in ("official", "accepted")
        who = (acceptance.name, acceptance.reason) if acceptance else (None, None)
        rows.append((*row, scored, decision, texts[decision].text.get(lang), *who))
    if idle:
        raise FrameworkError(f"accept_polarity can have no effect on: {', '.join(idle)}")
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _decide(framework: Framework, kpi: Kpi, acceptance: Acceptance | None) -> str:
    """Return the code of the decision; what can't be accepted comes first."""
    if kpi.polarity == "none":
        return "no_polarity"
    if kpi.formula_type == "count":
        return "absolute_count"
    if kpi.disaggregation:
        return "several_parts"
    aims = [item for item in framework.targets_of(kpi.id) if item.target_type in WITH_VALUE]
    if kpi.polarity == "target" and not any(t.source_status == "official" for t in aims):
        return "target_not_sourced"
    if kpi.polarity_source == "official":
        return "official"
    return "accepted" if acceptance else "not_official"


def _texts() -> dict[str, Label]:
    file = resource("frameworks", "_decisions.yaml")
    return {item.code: item.label for item in read_entry(file, _Decisions).decisions}

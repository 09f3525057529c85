"""The specification of an index from a KPI framework and its polarities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from begleitforschung.errors import Finding, SpecificationError
from begleitforschung.frameworks.entries import Dimension, Kpi
from begleitforschung.frameworks.framework import Framework
from begleitforschung.frameworks.index_entries import IndicatorSpec, NodeSpec, Purpose
from begleitforschung.frameworks.index_method import DEFAULT_STEPS, Method, Step, Years
from begleitforschung.frameworks.polarity import Acceptance, polarity_decisions
from begleitforschung.language import Text

_AIMED = Text(
    "nicht bewertet: ein bestimmter Wert ist am besten, es gibt keine Richtung",
    "not scored: a certain value is best, there is no direction",
)
_TREAT_NONE = Step("treat", Method("none"))


def fields_of_framework(
    framework: Framework,
    *,
    kpis: Iterable[str] | None = None,
    accept_polarity: Mapping[str, Acceptance] | None = None,
    id: str = "",
    title: Text | str = "",
    steps: Sequence[Step] | None = None,
    years: Years = "each",
    purpose: Purpose | None = None,
) -> dict[str, Any]:
    """Return what the specification of an index takes over from a KPI framework.

    Only KPIs whose polarity is official are scored, and those whose polarity somebody accepts.
    KPIs for which a certain value is best (polarity ``target``) have no direction and are left
    out. Each one left out becomes a finding.

    Parameters
    ----------
    framework : Framework
        The framework.
    kpis : iterable of str, optional
        Ids or codes of the KPIs to score; all by default.
    accept_polarity : mapping of str to Acceptance, optional
        Who answers for polarities that are not official.
    id : str
        Identifier of the index and of its root; the framework's by default.
    title : str or Text
        Title; the framework's by default.
    steps : sequence of Step, optional
        Steps; by default min-max from 0 to 100, then the weighted arithmetic mean. KPIs with a
        normalisation of their own in the framework keep it.
    years : "each", "pooled" or int
        Years of the reference values.
    purpose : Purpose, optional
        What the index is for.

    Returns
    -------
    dict
        Fields of `begleitforschung.frameworks.IndexSpec`.

    Raises
    ------
    SpecificationError
        If no KPI may be scored.
    UnknownCodeError
        If a KPI named does not exist.
    FrameworkError
        If an acceptance of a polarity can have no effect.
    """
    asked = [framework[key].id for key in kpis] if kpis is not None else [k.id for k in framework]
    decisions = polarity_decisions(framework, accept_polarity).set_index("kpi").loc[asked]
    english = polarity_decisions(framework, accept_polarity, lang="en").set_index("kpi")["text"]
    accepted = {framework[key].id: value for key, value in (accept_polarity or {}).items()}
    chosen: list[Kpi] = []
    findings: list[Finding] = []
    for name, decision in decisions.iterrows():
        kpi = framework[str(name)]
        if decision["scored"] and kpi.polarity in ("higher", "lower"):
            chosen.append(kpi)
        else:
            reason = Text(str(decision["text"]), str(english[kpi.id]))
            findings.append(_left_out(kpi, _AIMED if decision["scored"] else reason))
    if not chosen:
        raise SpecificationError(
            f"no KPI of the framework '{framework.id}' may be scored; "
            "accept_polarity= says who answers for a polarity that is not official",
            findings=findings,
        )
    root = id or framework.id
    used = _used(framework, chosen)
    indicators = tuple(_indicator(framework, kpi, accepted.get(kpi.id)) for kpi in chosen)
    own_log = any(item.treat for item in indicators)
    settled = tuple(steps) if steps is not None else DEFAULT_STEPS
    if own_log and all(step.kind != "treat" for step in settled):
        place = next(i for i, step in enumerate(settled) if step.kind == "normalise")
        settled = (*settled[:place], _TREAT_NONE, *settled[place:])
    name = title or framework.title
    return {
        "id": root,
        "title": name,
        "indicators": indicators,
        "nodes": (NodeSpec(id=root, title=name), *_nodes(used, root)),
        "steps": settled,
        "years": years,
        "purpose": purpose,
        "findings": tuple(findings),
    }


def _indicator(framework: Framework, kpi: Kpi, acceptance: Acceptance | None) -> IndicatorSpec:
    note = Text("")
    if acceptance:
        note = Text(
            f"Polarität angenommen von {acceptance.name}: {acceptance.reason}",
            f"polarity accepted by {acceptance.name}: {acceptance.reason}",
        )
    posts = (kpi.goalpost_min, kpi.goalpost_max)
    own: dict[str, Any] = {}
    if kpi.normalisation == "goalpost":
        own["normalise"] = Method("goalposts")
    elif kpi.normalisation == "target":
        own["normalise"] = Method("dist2targ")
    elif kpi.normalisation == "log":
        own["treat"] = Method("log", always=True)
    return IndicatorSpec(
        id=kpi.id,
        parent=_node(kpi.dimension),
        direction="higher" if kpi.polarity == "higher" else "lower",
        weight=1.0 if kpi.weight is None else kpi.weight,
        title=Text(kpi.name("de"), kpi.name("en")),
        unit=kpi.unit,
        goalposts=posts if None not in posts else None,  # type: ignore[arg-type]
        target=_target(framework, kpi),
        note=note,
        **own,
    )


def _target(framework: Framework, kpi: Kpi) -> float | None:
    """Return the official target value, where there is exactly one for all units."""
    values = {
        item.value
        for item in framework.targets_of(kpi.id)
        if item.source_status == "official" and item.scope in ("framework", "national")
        if item.target_type in ("value", "constant")
    }
    return values.pop() if len(values) == 1 else None


def _used(framework: Framework, kpis: Iterable[Kpi]) -> list[Dimension]:
    names = {item.dimension for kpi in kpis for item in framework.path(kpi.id)}
    return [item for item in framework.dimensions if item.dimension in names]


def _nodes(used: Iterable[Dimension], root: str) -> tuple[NodeSpec, ...]:
    return tuple(
        NodeSpec(
            id=_node(item.dimension),
            parent=_node(item.parent) if item.parent else root,
            weight=1.0 if item.weight is None else item.weight,
            title=Text(item.name_de or item.name_en, item.name_en),
        )
        for item in used
    )


def _node(dimension: str) -> str:
    """Return the identifier of a dimension's node, which no KPI and no framework has."""
    return f"dim:{dimension}"


def _left_out(kpi: Kpi, reason: Text) -> Finding:
    return Finding(
        rule="index.not_scored",
        severity="info",
        text=reason,
        key=kpi.id,
        column="polarity",
        value=kpi.polarity,
    )

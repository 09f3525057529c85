"""`weight_report`: what was done to the weights, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from begleitforschung.estimation.targets import plan_of
from begleitforschung.results.population import population_texts
from begleitforschung.results.weights import WeightReport
from begleitforschung.stats.sampling import WeightDiagnostics
from begleitforschung.surveys import Survey


def weight_report(survey: Survey) -> WeightReport:
    """Describe the weights before and after each step.

    Parameters
    ----------
    survey : Survey
        A survey with a design.

    Returns
    -------
    WeightReport
        Extremes, design effect by weighting, effective n and how well targets are met. It holds no
        answers: internal.

    Raises
    ------
    ValidationError
        If the survey has no design.

    Examples
    --------
    With a survey of your own::

        bf.weight_report(bf.rake(survey, ["bundesland"], bf.margins(register)))
    """
    design = plan_of(survey)
    first = design.weighting[0].before if design.weighting else design.diagnostics()
    rows = [_row("", {}, first)]
    for step in design.weighting:
        more = {"error": step.error, "iterations": step.iterations}
        rows.append(_row(step.verb, dict(step.parameters), step.after) | more)
    return WeightReport(
        table=pd.DataFrame(rows),
        specification={"steps": [step.verb for step in design.weighting]},
        provenance=survey.traced([]).then("weight_report"),
        confidentiality="internal",
        findings=tuple(f for f in survey.findings if f.rule.startswith("weighting.")),
        population=population_texts(design),
    )


def _row(step: str, parameters: Mapping[str, Any], found: WeightDiagnostics) -> dict[str, Any]:
    by = ", ".join(parameters.get("by", ()))
    return {"step": step, "by": by, **asdict(found), "error": 0.0, "iterations": 0}

"""`design`: from the names of variables and counts of the population to a `Design`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.stats import sampling
from begleitforschung.stats.sampling.design import SINGLE_PSU_RULES, SinglePSU
from begleitforschung.surveys.collapsing import Neighbours, with_neighbours
from begleitforschung.surveys.frames import counted, joined, labels_of, stratum_labels
from begleitforschung.surveys.members import TakenOver, taken_over
from begleitforschung.surveys.sample_design import INFERENCES, KINDS, Design, DesignKind, Inference
from begleitforschung.surveys.survey import Survey


class Counts(Protocol):
    """Counts of a population by class, as `begleitforschung.margins` returns them."""

    @property
    def table(self) -> pd.DataFrame:
        """One row per class."""

    @property
    def provenance(self) -> Provenance:
        """Where they come from."""


_ASKED = {"population": "asked", "invitation": "invited"}
_TOO_LITTLE = {
    True: "clusters need weights=, or population= with their number (items, one per stage)",
    False: 'kind="sample" needs to know what the cases stand for: population= (a number, or one '
    "for each stratum with strata=), frame= with one row for each unit of the population, weights= "
    "(numbers or a column), or replicates=. If nothing of this is known, leave the design out: "
    "answers are then counted, without intervals",
}
SingleRule = SinglePSU | Literal["collapse"]
Population = (
    int | float | str | Sequence[str] | Mapping[str, float] | pd.Series | pd.DataFrame | Counts
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stages:
    """What `sampling_design` is given beside weights and strata."""

    units: Sequence[ArrayLike]
    population: list[ArrayLike | None]


def design(
    survey: Survey,
    *,
    kind: DesignKind = "sample",
    inference: Inference = "descriptive",
    strata: str | Sequence[str] = (),
    population: Population | None = None,
    frame: pd.DataFrame | None = None,
    weights: str | ArrayLike | None = None,
    psu: str | Sequence[str] = (),
    replicates: sampling.Replicates | None = None,
    single: SingleRule = "fail",
    neighbours: Neighbours | None = None,
    answers_for: str | None = None,
    additive: Sequence[str] = ("einwohner",),
    source: Provenance | None = None,
    count: str = "municipalities",
) -> Design:
    """Say how the cases of a survey came about.

    Parameters
    ----------
    survey : Survey
        The survey; one case per unit.
    kind : {"sample", "population", "invitation"}
        See `Design`.
    inference : {"descriptive", "analytic"}
        See `Design`.
    strata : str or sequence of str
        Items of the survey or columns of the frame that make the strata.
    population : optional
        Units in the population: one number; a mapping of stratum to number (labels of several
        variables joined by " · "); a table with the columns of `strata` and `count`; the result of
        `begleitforschung.margins`; or items with the number of each case, one per stage. With
        `psu` the first number is that of clusters.
    frame : pandas.DataFrame, optional
        The population, one row per unit with a column ``unit`` as in `Survey.cases`. Its columns
        may be strata, and estimates may be grouped by them. Of clusters it knows no number.
    weights : str or array_like, optional
        Item or column of the frame with the weights, or the weights themselves; by default
        population by cases in each stratum.
    psu : str or sequence of str
        Items with the sampling unit at each stage, where cases were drawn in clusters.
    replicates : Replicates, optional
        Replicate weights that take the place of strata and units in the variance.
    single : {"fail", "remove", "certainty", "adjust", "average", "collapse"}
        What a stratum with one case of several does, see `stats.sampling`; with ``collapse`` it is
        joined with its neighbour for the variance, which makes that rather too large than too
        small.
    neighbours : str or mapping of str to sequence of str, optional
        For ``collapse`` the variable of the strata along which neighbours lie, e.g.
        ``"groessenklasse"``, or this variable with its labels in order.
    answers_for : str, optional
        Column of the frame with the nine-digit key of each municipality's Gemeindeverband
        (``unit`` where units are ARS): a Verband that answered takes the place of those members
        that did not answer themselves, see `surveys.members`. ``weight_by="members"`` in
        `begleitforschung.estimate` then counts municipalities.
    additive : sequence of str
        Columns of the frame that are summed over these members.
    source : Provenance, optional
        Where the frame comes from, e.g. that of the table which `begleitforschung.municipal_frame`
        made it of: it then stands among the sources of every result.
    count : str
        Column of the table of the population with the number of units.

    Returns
    -------
    Design
        The design; give it to `Survey.with_design`.

    Raises
    ------
    ValidationError
        If cases, frame and counts contradict each other, or too little is known.
    UnknownCodeError
        If a variable is unknown.

    Examples
    --------
    With a survey of your own::

        bf.design(survey, kind="population", frame=projects, strata="staffel")
        bf.design(survey, strata=["bundesland", "groessenklasse"], population=bf.margins(register))
    """
    _known(kind=kind, inference=inference, single=single)
    names = (strata,) if isinstance(strata, str) else tuple(strata)
    clusters = (psu,) if isinstance(psu, str) else tuple(psu)
    register = taken_over(survey, frame, answers_for, additive)
    frame = register.frame
    variables = _variables(survey, frame, names)
    label = stratum_labels(survey, variables, names)
    by_stage = _by_stage(survey, variables, population)
    if clusters and not by_stage:
        by_stage = _clusters(label, names, population, count)
    # counts of clusters are none of the units
    told = ([], None) if clusters else (by_stage, population)
    cells, stratum = counted(label, names, told[1], frame, count, told[0])
    if not clusters and not by_stage and cells["population"].notna().any():
        by_stage = [cells["population"].to_numpy()[stratum]]
    given = _numbers(survey, variables, weights) if isinstance(weights, str) else weights
    _fits(survey, given, replicates)
    _enough(kind, clusters, (given, replicates), counted=bool(by_stage))
    stages = _Stages(units=_units(survey, variables, clusters), population=by_stage)
    made = Design(
        sample=replicates or _sample(survey, given, label, stages, single, inference),
        kind=kind,
        inference=inference,
        strata=names,
        cells=cells,
        stratum=stratum,
        variables=variables,
        frame=frame,
        inputs=(*_inputs(population, source), *register.inputs),
    )
    made = replace(made, findings=_remarks(made, population, register))
    return with_neighbours(made, survey, neighbours) if single == "collapse" else made


def _variables(survey: Survey, frame: pd.DataFrame | None, names: Sequence[str]) -> pd.DataFrame:
    """Return what is known of each case, the variables of the strata as labels."""
    variables = joined(survey, frame)
    for name in names:
        variables[name] = labels_of(survey, variables, name)
    return variables


def _known(*, kind: str, inference: str, single: str) -> None:
    given = {"kind": (kind, KINDS), "inference": (inference, INFERENCES)}
    for name, (value, known) in (
        given | {"single": (single, (*SINGLE_PSU_RULES, "collapse"))}
    ).items():
        if value not in known:
            raise UnknownCodeError(value, known, f"values of {name}=")


def _enough(
    kind: DesignKind, clusters: Sequence[str], given: tuple[object, object], *, counted: bool
) -> None:
    """Refuse a full population without its size or with weights of somebody else; too little."""
    if kind != "sample" and (given[0] is not None or clusters):
        raise ValidationError(
            f"kind={kind!r} takes no weights= and no psu=: its weights follow from who answered of "
            "population= or frame= (with strata=). For further weighting use bf.rake, "
            'bf.poststratify or bf.calibrate; weights of a sample go with kind="sample"'
        )
    if kind != "sample" and not counted:
        raise ValidationError(
            f"kind={kind!r} needs to know how many were {_ASKED[kind]}: population=1200, one "
            "number for each stratum (population={'klein': 800, 'groß': 400} with strata=), or "
            "frame= with one row for each of them. If the number is unknown, leave the design out: "
            "answers are then counted, without intervals"
        )
    if all(one is None for one in given) and not counted:
        raise ValidationError(_TOO_LITTLE[bool(clusters)])


def _fits(
    survey: Survey, weights: ArrayLike | None, replicates: sampling.Replicates | None
) -> None:
    """Refuse replicates of other cases, and weights that leave nobody."""
    if len(survey) == 0:
        raise ValidationError("the survey has no cases")
    if replicates is not None and replicates.n != len(survey):
        raise ValidationError(
            f"the replicates describe {replicates.n} cases, the survey has {len(survey)}"
        )
    if weights is None:
        return
    try:
        values = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValidationError("weights= holds something else than numbers") from error
    if values.shape != (len(survey),):
        raise ValidationError(f"weights= needs one number for each of {len(survey)} cases")
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if wrong.size:
        rows = ", ".join(str(survey.cases["row"].iloc[at]) for at in wrong[:10])
        raise ValidationError(f"{wrong.size} weights are missing or below 0; rows {rows}")
    if not values.any():
        raise ValidationError("no weight is above 0")


def _units(survey: Survey, variables: pd.DataFrame, psu: Sequence[str]) -> list[ArrayLike]:
    """Return the sampling unit of each case at each stage."""
    return [labels_of(survey, variables, name).to_numpy() for name in psu]


def _clusters(
    label: pd.Series, names: Sequence[str], population: Population | None, count: str
) -> list[ArrayLike | None]:
    """Return the number of clusters of each case's stratum, where it is given."""
    if population is None:
        return []
    known, row = counted(label, names, population, None, count, (), clusters=True)
    return [known["population"].to_numpy()[row]]


def _by_stage(
    survey: Survey, variables: pd.DataFrame, population: object
) -> list[ArrayLike | None]:
    """Return the population of each case at each stage, where variables hold it."""
    names = [population] if isinstance(population, str) else population
    if not isinstance(names, list | tuple) or not all(isinstance(p, str) for p in names):
        return []
    return [_numbers(survey, variables, name) for name in names]


def _inputs(population: object, source: Provenance | None) -> tuple[Provenance, ...]:
    found = (getattr(population, "provenance", None), source)
    return tuple(node for node in found if isinstance(node, Provenance))


def _numbers(survey: Survey, variables: pd.DataFrame, name: str) -> np.ndarray:
    """Return a variable with numbers, complete."""
    if name in variables.columns:
        values = pd.to_numeric(variables[name], errors="coerce").to_numpy(np.float64)
    else:
        values = survey.scores(name)[:, 0]
    if missing := int(np.isnan(values).sum()):
        raise ValidationError(f"the variable {name!r} of the design is missing in {missing} cases")
    return values


def _sample(
    survey: Survey,
    weights: ArrayLike | None,
    label: pd.Series,
    stages: _Stages,
    single: SingleRule,
    inference: Inference,
) -> sampling.Design:
    """Describe the sample as arrays; what contradicts itself is said in words of the survey."""
    rule: SinglePSU = "fail" if single == "collapse" else single
    try:
        drawn = sampling.sampling_design(
            weights,
            units=stages.units,
            strata=[label.to_numpy()],
            population=stages.population,
            single=rule,
            n=len(survey),
        )
        if inference == "descriptive":
            return drawn
        return sampling.sampling_design(
            drawn.weights, units=stages.units, strata=[label.to_numpy()], single=rule
        )
    except ValueError as error:
        raise ValidationError(f"the design contradicts itself: {error}") from error


def _remarks(made: Design, population: object, register: TakenOver) -> tuple[Finding, ...]:
    """Say which strata of the population have no case, and which have one of several."""
    empty = made.cells[(made.cells["sampled"] == 0) & (made.cells["population"] > 0)]
    lone = made.cells[(made.cells["sampled"] == 1) & ~(made.cells["population"] == 1)]
    found = []
    if len(empty):
        text = Text(
            f"Schichten ohne Antwort ({', '.join(empty['stratum'])}): ihre Einheiten sind in "
            "Hochrechnungen nicht enthalten",
            f"strata without an answer ({', '.join(empty['stratum'])}): estimates leave them out",
        )
        hint = Text("Schichten zusammenfassen.", "Join strata.")
        found.append(
            Finding(
                rule="design.empty_stratum",
                severity="warning",
                text=text,
                n=int(empty["population"].sum()),
                hint=hint,
            )
        )
    if len(lone) and len(made.strata):
        text = Text(
            f"Schichten mit nur einer Antwort: {', '.join(lone['stratum'])}",
            f"strata with one answer only: {', '.join(lone['stratum'])}",
        )
        hint = Text(
            'Mit single=… behandeln, z. B. "collapse", oder zusammenfassen.',
            'Choose single=…, e.g. "collapse", or join them.',
        )
        found.append(
            Finding(rule="design.single", severity="warning", text=text, n=len(lone), hint=hint)
        )
    return (*found, *register.findings, *getattr(population, "findings", ()))

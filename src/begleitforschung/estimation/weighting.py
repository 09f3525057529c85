"""Weights that meet what is known of the population; each step stands in design and provenance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.errors import Finding, ValidationError
from begleitforschung.estimation.targets import Classes, classes_of, numbers_of, plan_of
from begleitforschung.language import Text
from begleitforschung.provenance import Provenance
from begleitforschung.stats import sampling
from begleitforschung.stats.sampling.calibration import Bounds, Distance
from begleitforschung.stats.sampling.estimates import AnyDesign
from begleitforschung.surveys import Survey, WeightingStep
from begleitforschung.surveys.designs import Population

_SMALL = 5
Made = tuple[AnyDesign, sampling.Calibrated | None]


def poststratify(
    survey: Survey,
    by: str | Sequence[str],
    population: Population | None = None,
    *,
    count: str = "municipalities",
) -> Survey:
    """Scale the weights of each class to its known size.

    Parameters
    ----------
    survey : Survey
        A survey with a design.
    by : str or sequence of str
        Variables whose classes are crossed: items, or variables of the frame.
    population : optional
        Known sizes, as for `begleitforschung.design`; counted in the frame where left out.
    count : str
        Column of a table of the population with the sizes.

    Returns
    -------
    Survey
        With new weights; variances are those of post-stratification.

    Raises
    ------
    ValidationError
        If a class has a size and no case, or the other way round.
    """
    classes = classes_of(survey, by, population, count)
    _require_cases("poststratify", [classes])
    return weighted(
        survey,
        "poststratify",
        lambda sample: sampling.poststratify(sample, classes.codes, classes.totals),
        {"by": list(classes.names)},
        [classes],
    )


def rake(
    survey: Survey,
    margins: Mapping[str, Population] | Sequence[str],
    population: Population | None = None,
    *,
    count: str = "municipalities",
) -> Survey:
    """Scale the weights to several margins in turn until all are met.

    Parameters
    ----------
    survey : Survey
        A survey with a design.
    margins : mapping or sequence of str
        Sizes of the classes by variable, each a mapping or Series; or variables, with one table of
        the `population` (such as `begleitforschung.margins` returns, or the frame where it is left
        out).
    population : optional
        Table of the population with a column for each variable.
    count : str
        Column of a table of the population with the sizes.

    Returns
    -------
    Survey
        With raked weights; the margins are met to 1e-10.

    Raises
    ------
    ValidationError
        If the margins contradict each other or a class has no case.

    Examples
    --------
    With a survey of your own::

        bf.rake(survey, ["bundesland", "groessenklasse"], bf.margins(register))
    """
    if isinstance(margins, str):
        margins = [margins]
    if not isinstance(margins, Mapping) and not _are_names(margins):
        raise ValidationError(
            "margins= names the variables: bf.rake(survey, ['bundesland', 'groessenklasse'], "
            "bf.margins(…)) with one table for all, or {'bundesland': {'01': 120.0, …}, …} with "
            f"the sizes of the classes of each variable; not {type(margins).__name__}"
        )
    if isinstance(margins, Mapping):
        classes = [classes_of(survey, name, sizes, count) for name, sizes in margins.items()]
    else:
        classes = [classes_of(survey, name, population, count) for name in margins]
    _require_cases("rake", classes)
    return weighted(
        survey,
        "rake",
        lambda sample: sampling.rake(
            sample, [c.codes for c in classes], [c.totals for c in classes]
        ),
        {"by": [name for c in classes for name in c.names]},
        classes,
    )


def _are_names(margins: object) -> bool:
    if not isinstance(margins, Sequence):
        return False
    return bool(margins) and all(isinstance(name, str) for name in margins)


def calibrate(
    survey: Survey,
    totals: Mapping[str, float | Mapping[str, float]],
    *,
    size: float | None = None,
    distance: Distance = "linear",
    bounds: Bounds | None = None,
) -> Survey:
    """Calibrate the weights to totals of numbers and sizes of classes (GREG, raking, logit).

    Parameters
    ----------
    survey : Survey
        A survey with a design.
    totals : mapping
        By variable: the total of a number, or the sizes of classes.
    size : float, optional
        Size of the population, where no variable has classes.
    distance : {"linear", "raking", "logit"}
        How distance from the weights before is measured.
    bounds : (float, float), optional
        Smallest and largest ratio of new to old weight.

    Returns
    -------
    Survey
        With calibrated weights; variances are those of the regression estimator.

    Raises
    ------
    ValidationError
        If the totals can't be met.
    """
    columns: list[np.ndarray] = [] if size is None else [np.ones(len(survey))]
    wanted: list[float] = [] if size is None else [float(size)]
    classes = []
    for name, given in totals.items():
        if isinstance(given, Mapping):
            found = classes_of(survey, name, given, "")
            classes.append(found)
            columns += list((found.codes[:, None] == np.arange(found.totals.size)).T.astype(float))
            wanted += found.totals.tolist()
        else:
            columns.append(numbers_of(survey, name))
            wanted.append(_total(name, given))
    _require_cases("calibrate", classes)
    if not columns:
        raise ValidationError("calibrate: totals= and size= name nothing that is known")
    return weighted(
        survey,
        "calibrate",
        lambda sample: sampling.calibrate(
            sample, np.column_stack(columns), wanted, distance=distance, bounds=bounds
        ),
        {"by": list(totals), "distance": distance, "bounds": bounds},
        classes,
    )


def _total(name: str, given: object) -> float:
    if isinstance(given, int | float | np.number):
        return float(given)
    raise ValidationError(f"calibrate: the total of {name!r} is a number, or sizes of its classes")


def _require_cases(verb: str, classes: Sequence[Classes]) -> None:
    """Refuse classes of the population that nobody of the cases is in."""
    empty = []
    for part in classes:
        cases = np.bincount(part.codes, minlength=part.totals.size)
        labels = [part.labels[at] for at in np.flatnonzero((cases == 0) & (part.totals > 0))]
        empty += [f"{', '.join(part.names)}: {', '.join(labels)}"] if labels else []
    if empty:
        raise ValidationError(
            f"{verb}: classes of the population without a case ({'; '.join(empty)}); join them "
            "with a neighbour"
        )


def trim_weights(
    survey: Survey,
    *,
    lower: float = 0.0,
    upper: float = float("inf"),
    times_median: float | None = None,
) -> Survey:
    """Cut extreme weights off and spread what is cut over the others.

    Parameters
    ----------
    survey : Survey
        A survey with a design.
    lower, upper : float
        Bounds.
    times_median : float, optional
        Upper bound as a multiple of the median weight, instead of `upper`.

    Returns
    -------
    Survey
        With trimmed weights of the same sum; totals of earlier steps are no longer met exactly.

    Raises
    ------
    ValidationError
        If no weights between the bounds have the same sum.
    """
    design = plan_of(survey)
    top = upper if times_median is None else times_median * float(np.median(design.sample.weights))
    return weighted(
        survey,
        "trim",
        lambda sample: (sampling.trim(sample, lower=lower, upper=top), None),
        {"lower": lower, "upper": top},
        [],
    )


def weighted(
    survey: Survey,
    verb: str,
    change: Callable[[AnyDesign], Made],
    parameters: dict[str, Any],
    classes: Sequence[Classes],
) -> Survey:
    """Change the weights, and record before, after and how well totals are met.

    Parameters
    ----------
    survey : Survey
        A survey with a design.
    verb : str
        What is done.
    change : callable
        Returns the changed sample, and how well totals are met.
    parameters : dict
        With what, JSON-like.
    classes : sequence of Classes
        Classes that the weights rest on.

    Returns
    -------
    Survey
        With new weights.

    Raises
    ------
    ValidationError
        If the weights can't be changed so, or would be negative.
    """
    design = plan_of(survey)
    try:
        sample, made = change(design.sample)
    except ValueError as error:
        raise ValidationError(f"{verb}: {error}") from error
    step = WeightingStep(
        verb=verb,
        parameters=tuple(parameters.items()),
        before=design.diagnostics(),
        after=sampling.weight_diagnostics(_positive(sample.weights, verb)),
        error=0.0 if made is None else made.error,
        iterations=1 if made is None else made.iterations,
    )
    inputs: list[Provenance] = [node for c in classes for node in c.inputs]
    changed = replace(
        design,
        sample=sample,
        weighting=(*design.weighting, step),
        inputs=(*design.inputs, *inputs),
    )
    node = survey.history.then(
        verb, *inputs, **parameters, error=step.error, effective_n=step.after.effective_n
    )
    findings = tuple(dict.fromkeys((*survey.findings, *_small_classes(classes))))
    return replace(survey, design=changed, history=node, findings=findings)


def _positive(weights: np.ndarray, verb: str) -> ArrayLike:
    if (weights < 0).any():
        raise ValidationError(
            f"{verb}: {int((weights < 0).sum())} weights would be negative; use bounds= or "
            'distance="raking"'
        )
    return weights


def _small_classes(classes: Sequence[Classes]) -> list[Finding]:
    found = []
    for part in classes:
        sizes = np.bincount(part.codes, minlength=part.totals.size)
        for label, n in zip(part.labels, sizes, strict=True):
            if 0 < n < _SMALL:
                text = Text(
                    f"Klasse {label} ({', '.join(part.names)}) mit nur {n} Antworten",
                    f"class {label} ({', '.join(part.names)}) has {n} answers only",
                )
                hint = Text("Mit einer Nachbarklasse zusammenfassen.", "Join it with a neighbour.")
                found.append(
                    Finding(
                        rule="weighting.small", severity="warning", text=text, hint=hint, n=int(n)
                    )
                )
    return found

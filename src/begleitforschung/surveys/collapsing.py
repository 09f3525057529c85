"""Strata with one answer of several joined with a neighbour, for the variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.language import Text
from begleitforschung.stats import sampling
from begleitforschung.surveys.sample_design import JOIN, Design, as_label
from begleitforschung.surveys.survey import Survey

Neighbours = str | Mapping[str, Sequence[str]]


def with_neighbours(made: Design, survey: Survey, neighbours: Neighbours | None) -> Design:
    """Join strata with one answer of several with their nearest neighbour, for the variance.

    Parameters
    ----------
    made : Design
        A design of strata.
    survey : Survey
        Its survey.
    neighbours : str or mapping of str to sequence of str
        Variable of the strata along which neighbours lie, say the size class, or the variable with
        its labels in their order. All other variables, say the Land, must be the same; where
        nothing else of the Land was drawn, the nearest class of another one is taken.

    Returns
    -------
    Design
        With joined strata in the variance; weights and `Design.cells` stay, and a finding says
        what was joined.

    Raises
    ------
    ValidationError
        If no variable is given, its order is unknown, or there is no neighbour at all.
    UnknownCodeError
        If the variable makes no strata.
    """
    if neighbours is None or not isinstance(made.sample, sampling.Design):
        raise ValidationError(
            'single="collapse" needs neighbours=, the variable of the strata along which '
            "neighbours lie, and no replicate weights"
        )
    name = neighbours if isinstance(neighbours, str) else next(iter(neighbours))
    if name not in made.strata:
        raise UnknownCodeError(name, made.strata, "variables of the strata")
    given = None if isinstance(neighbours, str) else list(map(as_label, neighbours[name]))
    labels = made.strata_labels()
    order = given or _order(made, survey, name, labels[name])
    if lost := sorted(set(labels[name]) - set(order)):
        raise ValidationError(f"the order of {name!r} lacks {', '.join(lost)}")
    others = [other for other in made.strata if other != name]
    group = labels[others].agg(JOIN.join, axis=1) if others else pd.Series("", index=labels.index)
    places = pd.DataFrame({"group": group, "rank": labels[name].map(order.index)})
    sample, joined = collapsed(made.sample, made.stratum, replace(made, neighbours=places))
    return replace(
        made,
        sample=sample,
        neighbours=places,
        findings=(*_others(made.findings), *_remarks(made, joined)),
    )


def collapsed(
    sample: sampling.Design, stratum: NDArray[np.int64], design: Design
) -> tuple[sampling.Design, NDArray[np.int64]]:
    """Join single strata of some cases by the places that a design knows.

    Parameters
    ----------
    sample : stats.sampling.Design
        Cases with the strata of the design.
    stratum : numpy.ndarray of int, shape (n,)
        Row of `Design.cells` of each case.
    design : Design
        The design, with `Design.neighbours`.

    Returns
    -------
    sample : stats.sampling.Design
        With joined strata.
    joined : numpy.ndarray of int, shape (n,)
        Joined stratum of each case.

    Raises
    ------
    ValidationError
        If there is no neighbour at all.
    """
    places = cast("pd.DataFrame", design.neighbours)
    stage = sample.stages[0]
    by_case = stage.stratum[stage.unit]
    first = np.unique(by_case, return_index=True)[1]
    rows = places.iloc[stratum[first]]
    group, rank = rows["group"].to_numpy(), rows["rank"].to_numpy()
    try:
        made, codes = sampling.collapse(sample, group=group.astype("str"), rank=rank, beyond=True)
    except ValueError as error:
        raise ValidationError(
            "there is one stratum only that is not taken whole, so it can't be joined with another"
        ) from error
    return made, codes[by_case]


def _order(made: Design, survey: Survey, name: str, labels: pd.Series) -> list[str]:
    """Return the labels of a variable in their order, where something knows it."""
    if name in survey.codebook.columns():
        return [code.code for code in survey.codebook.item(name).answers]
    frame = made.frame
    dtype = None if frame is None or name not in frame else frame[name].dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return [as_label(value) for value in dtype.categories]
    numbers = pd.to_numeric(labels, errors="coerce")
    if numbers.notna().all():
        return labels.iloc[np.argsort(numbers, kind="stable")].drop_duplicates().tolist()
    raise ValidationError(
        f"the order of {name!r} is unknown: give it, neighbours={{{name!r}: [smallest, …]}}"
    )


def _others(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(found for found in findings if found.rule != "design.single")


def _remarks(made: Design, joined: NDArray[np.int64]) -> tuple[Finding, ...]:
    """Name the strata that were joined."""
    pairs = pd.DataFrame({"joined": joined, "cell": made.stratum}).drop_duplicates()
    names = made.cells["stratum"]
    found = [" + ".join(sorted(names.iloc[cells])) for _, cells in pairs.groupby("joined")["cell"]]
    several = [text for text in found if " + " in text]
    if not several:
        return ()
    text = Text(
        "Schichten mit nur einer Antwort, für die Varianz mit der Nachbarklasse zusammengefasst: "
        f"{'; '.join(several)}",
        f"strata with one answer only, joined with their neighbour for the variance: "
        f"{'; '.join(several)}",
    )
    return (Finding(rule="design.collapsed", severity="info", text=text, n=len(several)),)

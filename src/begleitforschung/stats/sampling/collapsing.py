"""Strata with a single sampled unit joined with a neighbour, so that they show a variance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from begleitforschung.stats.groups import Floats, Ints
from begleitforschung.stats.sampling.design import Design, Mask, labels_to_codes


def collapse(
    design: Design,
    *,
    group: ArrayLike | None = None,
    rank: ArrayLike | None = None,
    beyond: bool = False,
) -> tuple[Design, Ints]:
    """Join each stratum with a single sampled unit with its nearest neighbour.

    The weights stay; the variance takes the joined strata for one, which makes it too large rather
    than too small (Wolter 2007, Introduction to Variance Estimation, section 2.5). Strata that are
    taken whole are neither single nor neighbours.

    Parameters
    ----------
    design : Design
        How the rows were drawn; the first stage is changed.
    group : array_like, shape (H,), optional
        Group of each stratum within which a neighbour is looked for, say the Land.
    rank : array_like, shape (H,), optional
        Place of each stratum in an order, say its size class; the code if left out. Of two
        neighbours at the same distance the lower one is taken.
    beyond : bool
        Whether a stratum without a neighbour in its group takes one of another group.

    Returns
    -------
    design : Design
        The design with joined strata.
    joined : numpy.ndarray of int, shape (H,)
        New code of each stratum.

    Raises
    ------
    ValueError
        If a single stratum has no neighbour, or lengths differ.

    Examples
    --------
    >>> from begleitforschung.stats.sampling import sampling_design
    >>> design = sampling_design([1] * 5, strata=[["a", "a", "b", "c", "c"]])
    >>> collapse(design)[1].tolist()
    [0, 0, 1]
    """
    stage = design.stages[0]
    count = stage.sampled.size
    groups = labels_to_codes(np.zeros(count) if group is None else group)
    place = np.arange(count) if rank is None else np.asarray(rank, dtype=np.float64)
    if groups.shape != (count,) or place.shape != (count,):
        raise ValueError(f"group and rank need one entry for each of the {count} strata")
    whole = stage.sampled >= stage.population
    joined, lonely = _join(stage.single, whole, groups, place.astype(np.float64), beyond=beyond)
    if lonely:
        raise ValueError(f"strata {lonely} have a single unit and no neighbour")
    codes = np.unique(joined, return_inverse=True)[1].reshape(-1).astype(np.int64)
    changed = replace(
        stage,
        stratum=codes[stage.stratum],
        sampled=np.bincount(codes, stage.sampled).astype(np.float64),
        population=np.bincount(codes, stage.population).astype(np.float64),
        parent=np.zeros(int(codes.max()) + 1, dtype=np.int64),
    )
    return replace(design, stages=(changed, *design.stages[1:])), codes


def _join(
    single: Mask, whole: Mask, groups: Ints, place: Floats, *, beyond: bool
) -> tuple[Ints, list[int]]:
    """Give each stratum the number of the one it is joined with; list those that find none."""
    joined = np.arange(single.size)
    lonely: list[int] = []
    for stratum in np.flatnonzero(single):
        if (joined == joined[stratum]).sum() > 1:
            continue  # a neighbour has already joined it
        others = ~whole
        others[stratum] = False
        near = others & (groups == groups[stratum])
        if beyond and not near.any():
            near = others
        candidates = np.flatnonzero(near)
        if candidates.size == 0:
            lonely.append(int(stratum))
            continue
        distance = np.abs(place[candidates] - place[stratum])
        best = candidates[np.lexsort((place[candidates], distance))[0]]
        joined[joined == joined[stratum]] = joined[best]
    return joined, lonely

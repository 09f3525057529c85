"""Changes between two waves: hidden row by row where the levels of either wave are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from begleitforschung.disclosure.among import USED, Cases, estimate_among, labels_of
from begleitforschung.disclosure.digits import changes_as_printed
from begleitforschung.disclosure.masking import forget_masked
from begleitforschung.disclosure.splitting import secret_variable
from begleitforschung.disclosure.structure import Bools, Ints
from begleitforschung.errors import DisclosureError
from begleitforschung.estimation.blocks import blocks_of
from begleitforschung.estimation.domains import chosen, grouped
from begleitforschung.estimation.estimate import estimate, filtered
from begleitforschung.estimation.linking import linked
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.protection import Protection
from begleitforschung.results.wave_change import WaveChange
from begleitforschung.surveys import Survey
from begleitforschung.surveys.sample_design import JOIN

_MOVES = ("risen", "fallen", "count_low", "count_high")
_OF_MOVES = (*_MOVES, "low", "high", "p", "p_adjusted")  # which follow from them
_LEVELS = ("before", "after", "change", "count_before", "count_after")


def change_sums(result: WaveChange) -> tuple[Estimate, ...]:
    """Return the levels of both waves.

    Parameters
    ----------
    result : WaveChange
        Not yet protected.

    Returns
    -------
    tuple of Estimate
        Of each column and breakdown, the earlier and the later wave; of pairs among the units that
        answered both times.

    Raises
    ------
    DisclosureError
        If it compares versions of one wave, or answers decide which cases belong to its groups.
    """
    if result.one_wave:
        raise DisclosureError(
            "this WaveChange compares two versions of one wave; their codebooks must name "
            "different waves"
        )
    if len(result.surveys) < 2:
        raise DisclosureError("this WaveChange holds no answers; make it again with bf.change")
    after, said = result.surveys[1], result.specification
    if any(secret_variable(after, name) for name in (*said["by"], *filtered(said["where"]))):
        raise DisclosureError(
            "this WaveChange has groups that answers decide, which can't be protected in two "
            "waves; leave by= and where= out, or take variables of the register"
        )
    made = _of_pairs(result) if said["panel"] else _of_waves(result)
    return tuple(made)


def _tables(result: WaveChange) -> list[tuple[str, tuple[str, ...]]]:
    """Return columns and breakdowns, all cases together and the groups, in order."""
    pairs = result.table[["column", "by"]].drop_duplicates().itertuples(index=False, name=None)
    groups = tuple(result.specification["by"])
    return [(column, groups if by else ()) for column, by in pairs]


def _of_waves(result: WaveChange) -> Iterator[Estimate]:
    said = result.specification
    for column, names in _tables(result):
        for survey in result.surveys:
            by, where = list(names) or None, said["where"]
            yield estimate(survey, column, by, said["statistic"], where=where, total=not names)


def _of_pairs(result: WaveChange) -> Iterator[Estimate]:
    """Tell the levels of the units that answered both times, in the groups of the later wave."""
    before, after = result.surveys
    said = result.specification
    links = linked(before, after)
    inside = chosen(after, said["where"])
    for column, names in _tables(result):
        both = (
            _known(before, column, said["statistic"])[links.first]
            & _known(after, column, said["statistic"])[links.second]
        )
        if inside is not None:
            both &= inside[links.second]
        labels = labels_of(grouped(after, names, None)) if names else None
        for survey, rows in ((before, links.first), (after, links.second)):
            of = None if labels is None else _placed(labels[links.second], rows, len(survey))
            cases = Cases(survey=survey, column=column, used=_placed(both, rows, len(survey)))
            by = JOIN.join(names)
            yield estimate_among(cases, said["statistic"], by, of, crossed=len(names) > 1)


def _known(survey: Survey, column: str, statistic: Any) -> Bools:
    (block,) = blocks_of(survey, column, statistic)
    return np.asarray(~np.isnan(block.values).any(axis=1))


def _placed(values: np.ndarray, rows: Ints, n: int) -> np.ndarray:
    """Put values at the rows of cases; others have none."""
    found = np.zeros(n, values.dtype)
    found[rows] = values
    return found


def masked_change(result: WaveChange, safe: Sequence[Estimate]) -> WaveChange:
    """Hide the rows of a change where a level is hidden in either wave.

    How many rose and fell crosses the answers of a unit in both waves. Where one of these counts is
    small, they are left out for all rows of the question, and intervals and p as well, which follow
    from them.

    Parameters
    ----------
    result : WaveChange
        Not yet protected.
    safe : sequence of Estimate
        What `change_sums` returned, protected.

    Returns
    -------
    WaveChange
        Without answers.

    Raises
    ------
    DisclosureError
        If a base is hidden.
    """
    told = [one.protection for one in safe if one.protection is not None]
    if not told:
        return result
    gone = _hidden(result, safe)
    table = result.table.copy()
    keys = table[["column", "by", "domain", "category"]].itertuples(index=False, name=None)
    hidden = np.array([key in gone for key in keys], np.bool_)
    shares = table["count_before"].notna().to_numpy(bool)
    least = max(one.min_count_crossed for one in told)
    for column in dict.fromkeys(table["column"]):
        own = table["column"].eq(column)
        moves = table.loc[own, ["risen", "fallen"]].to_numpy(np.float64, na_value=0.0)
        if ((moves > 0) & (moves < least)).any():
            table.loc[own, list(_OF_MOVES)] = np.nan
            table.loc[own, "method"] = "secret"
    table.loc[shares, "se"] = np.nan
    table = changes_as_printed(table, result.min_n)
    table.loc[hidden, [*_LEVELS, *_OF_MOVES, "se", "df"]] = np.nan
    table.loc[hidden, "method"] = ""
    forget_masked(table)
    table = table.assign(suppressed=np.where(hidden, "hidden", "")).astype({"suppressed": "str"})
    node = result.provenance.then("protect", policy=told[0].policy, version=told[0].version)
    return replace(
        result,
        table=table,
        surveys=(),
        protected=True,
        protection=_strictest(told).of(table["suppressed"]),
        provenance=node,
    )


def _strictest(told: Sequence[Protection]) -> Protection:
    return max(told, key=lambda one: (one.min_count, one.min_base))


def _hidden(result: WaveChange, safe: Sequence[Estimate]) -> set[tuple[str, str, str, str]]:
    """Return column, breakdown, group and answer of the hidden rows, as the change names them."""
    tables = iter(safe)
    found: set[tuple[str, str, str, str]] = set()
    for column, names in _tables(result):
        for made in islice(tables, 2):
            if made.table["n"].isna().any():
                raise DisclosureError(
                    "bases of this WaveChange tell how single respondents answered; leave the "
                    "question out"
                )
            rows = made.table.loc[made.table["suppressed"] != "", ["domain", "category"]]
            for domain, category in rows.itertuples(index=False, name=None):
                group = domain.removeprefix(f"{USED}{JOIN}") if names else ""
                found.add((column, JOIN.join(names), group, category))
    return found

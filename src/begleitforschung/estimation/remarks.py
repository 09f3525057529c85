"""What estimates leave out: strata without an answer, cases of no group or without a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from begleitforschung.errors import Finding
from begleitforschung.estimation.blocks import Block
from begleitforschung.estimation.domains import Domains
from begleitforschung.language import Text
from begleitforschung.stats.groups import Floats
from begleitforschung.surveys import Design


def remarks_of(
    blocks: Sequence[Block], domains: Sequence[Domains], design: Design, per: Floats | None
) -> tuple[Finding, ...]:
    """Return what readers of an estimate have to know.

    Parameters
    ----------
    blocks : sequence of Block
        Values of the questions.
    domains : sequence of Domains
        Breakdowns.
    design : Design
        How the cases came about.
    per : numpy.ndarray, shape (n,), optional
        Denominator, or what each case counts with.

    Returns
    -------
    tuple of Finding
        Strata in which nobody answered, cases of no group, cases without the number.

    Raises
    ------
    ValueError
        If the lengths differ.
    """
    found = [_silent(block, design) for block in blocks] if design.kind != "sample" else []
    found += [_ungrouped(part) for part in domains]
    if per is not None:
        found.append(_unweighted(blocks, per))
    return tuple(dict.fromkeys(finding for finding in found if finding is not None))


def _silent(block: Block, design: Design) -> Finding | None:
    """Strata of a full population in which some were asked and nobody answered."""
    strata = len(design.cells)
    asked = np.bincount(design.stratum[block.asked], minlength=strata)
    answered = np.bincount(design.stratum[block.answered], minlength=strata)
    silent = (asked > 0) & (answered == 0)
    if not silent.any() or silent.all():
        return None
    names = ", ".join(design.cells["stratum"][silent])
    units = int(design.cells["population"][silent].sum())
    return Finding(
        rule="estimate.silent_stratum",
        severity="warning",
        column=block.column,
        text=Text(
            f"{block.column}: keine Antwort in {names} ({units} Einheiten); Summen und Anteile "
            "enthalten sie nicht.",
            f"{block.column}: no answer in {names} ({units} units); totals and shares leave them "
            "out.",
        ),
        hint=Text("Schichten zusammenfassen.", "Join strata."),
        n=units,
    )


def _ungrouped(domains: Domains) -> Finding | None:
    if not domains.ungrouped:
        return None
    n = domains.ungrouped
    return Finding(
        rule="estimate.ungrouped",
        severity="warning",
        text=Text(
            f"{n} {'Fall' if n == 1 else 'Fälle'} ohne Angabe zu {domains.by} "
            f"{'steht' if n == 1 else 'stehen'} in keiner Gruppe.",
            f"{n} {'case' if n == 1 else 'cases'} without {domains.by} "
            f"{'stands' if n == 1 else 'stand'} in no group.",
        ),
        n=n,
    )


def _unweighted(blocks: Sequence[Block], per: Floats) -> Finding | None:
    lost = max((int((block.answered & np.isnan(per)).sum()) for block in blocks), default=0)
    if not lost:
        return None
    return Finding(
        rule="estimate.number_missing",
        severity="warning",
        text=Text(
            f"Bis zu {lost} Antworten fehlen, weil die Bezugszahl der Einheit fehlt.",
            f"Up to {lost} answers are left out because the number of the unit is missing.",
        ),
        n=lost,
    )

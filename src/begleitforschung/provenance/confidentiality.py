"""How confidential figures are: what the sidecars of their raw files say, kept in provenance."""

from __future__ import annotations

from typing import Any, Literal

from begleitforschung.provenance.trace import Provenance, thaw

Confidentiality = Literal["public", "internal", "confidential", "personal"]
GRADES: tuple[Confidentiality, ...] = ("public", "internal", "confidential", "personal")


def grade_of(provenance: Provenance, at_least: Confidentiality = "public") -> Confidentiality:
    """Return the highest grade of confidentiality among all inputs.

    Parameters
    ----------
    provenance : Provenance
        Where figures come from.
    at_least : {"public", "internal", "confidential", "personal"}
        Grade below which the result does not fall.

    Returns
    -------
    {"public", "internal", "confidential", "personal"}
        The grade; ``"confidential"`` at least where a column of a raw file is.
    """
    stated: list[Confidentiality | None] = [step["confidentiality"] for step in _stated(provenance)]
    if hidden_columns(provenance):
        stated.append("confidential")
    return max((at_least, *(grade for grade in stated if grade)), key=GRADES.index)


def hidden_columns(provenance: Provenance) -> frozenset[str]:
    """Return the columns of raw files whose values must not be shown.

    Parameters
    ----------
    provenance : Provenance
        Where figures come from.

    Returns
    -------
    frozenset of str
        Names as in the sidecars.
    """
    return frozenset(name for step in _stated(provenance) for name in step["confidential"] or ())


def _stated(provenance: Provenance) -> list[dict[str, Any]]:
    steps = [dict(step.parameters) for step in provenance.steps()]
    keys = ("confidentiality", "confidential")
    return [
        {key: thaw(step.get(key)) for key in keys}
        for step in steps
        if step.keys() & set(keys) and "rules" not in step
    ]

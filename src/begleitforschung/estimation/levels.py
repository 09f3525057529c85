"""Which units make one population: counties and their municipalities never do together."""

from __future__ import annotations

from collections.abc import Iterable

from begleitforschung.errors import ValidationError
from begleitforschung.regions.grammar import is_key
from begleitforschung.regions.keys import level_of

_MUNICIPAL = {"gemeinde", "gemeinde_ars"}


def require_one_population(units: Iterable[object], *, members: bool, where: str) -> None:
    """Refuse units whose inhabitants would be counted twice.

    Parameters
    ----------
    units : iterable
        Keys; what is no key, such as the code of a case, is passed over.
    members : bool
        Whether associations stand for their members, by `surveys.members`.
    where : str
        What the units are, for the message.

    Raises
    ------
    ValidationError
        If counties and municipalities, or associations without a rule and municipalities, stand
        together.
    """
    levels = {str(level_of(unit)) for unit in units if isinstance(unit, str) and is_key(unit)}
    levels.discard("project")
    kinds = {"gemeinde" if level in _MUNICIPAL else level for level in levels}
    if members:
        kinds.discard("verband")
    if len(kinds) > 1:
        raise ValidationError(
            f"{where} hold units of several levels ({', '.join(sorted(kinds))}): the inhabitants "
            "of a municipality are those of its county too, so that a joint total would count them "
            "twice. Extrapolate each level by itself (Survey.keep before the design; a county-free "
            "city is written with the eight digits of the municipality); for a Verband that "
            "answers for its members see bf.design(…, answers_for=…)"
        )

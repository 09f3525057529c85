"""Which cases of two waves are the same unit, and who of them answered both times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from begleitforschung.errors import ValidationError
from begleitforschung.language import Text
from begleitforschung.stats import sampling
from begleitforschung.stats.groups import Ints
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.surveys import Design, Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Cases of two waves that are the same unit.

    Parameters
    ----------
    first, second : numpy.ndarray of int, shape (m,)
        Rows in the earlier and the later wave.
    alike : numpy.ndarray of bool, shape (m,)
        Whether the unit lies in the same stratum both times.
    unknown : int
        Cases of both waves whose unit is not known.
    """

    first: Ints
    second: Ints
    alike: Mask
    unknown: int

    def within(self, kept: Mask, other: Mask) -> sampling.Shared:
        """Return the links between the cases that are kept, counted among those.

        Parameters
        ----------
        kept, other : numpy.ndarray of bool
            Cases that are kept of the earlier and the later wave.

        Returns
        -------
        Shared
            What the variance of a change needs.

        Raises
        ------
        IndexError
            If the masks do not fit the waves.
        """
        both = kept[self.first] & other[self.second]
        places = np.cumsum(kept) - 1, np.cumsum(other) - 1
        return sampling.Shared(
            first=places[0][self.first[both]],
            second=places[1][self.second[both]],
            alike=self.alike[both],
        )


def linked(before: Survey, after: Survey) -> Links:
    """Find the units that are cases of both waves, by ``unit``.

    Parameters
    ----------
    before, after : Survey
        Waves with a design.

    Returns
    -------
    Links
        Their rows.

    Raises
    ------
    ValidationError
        If a unit has several cases in a wave.
    """
    places: list[dict[str, int]] = []
    unknown = 0
    for survey in (before, after):
        units = survey.cases["unit"]
        if n := int(units.dropna().duplicated().sum()):
            raise ValidationError(
                f"{n} cases are further answers of a unit; choose with one_per_unit"
            )
        places.append({unit: at for at, unit in enumerate(units) if isinstance(unit, str)})
        unknown += int(units.isna().sum())
    both = [unit for unit in places[0] if unit in places[1]]
    first = np.array([places[0][unit] for unit in both], dtype=np.int64)
    second = np.array([places[1][unit] for unit in both], dtype=np.int64)
    strata = _strata(before)[first], _strata(after)[second]
    return Links(first=first, second=second, alike=strata[0] == strata[1], unknown=unknown)


def same_designs(before: Survey, after: Survey) -> tuple[Design, Design]:
    """Return the designs of two waves, which must be of one kind.

    Parameters
    ----------
    before, after : Survey
        The waves.

    Returns
    -------
    before, after : Design
        Their designs.

    Raises
    ------
    ValidationError
        If one has no design, or kind or inference differ.
    """
    one, two = before.design, after.design
    if one is None or two is None:
        raise ValidationError(
            "a change needs the design of both waves: survey.with_design(bf.design(survey, …))"
        )
    for name in ("kind", "inference"):
        was, now = getattr(one, name), getattr(two, name)
        if was != now:
            raise ValidationError(
                f"{name} is {was!r} in one wave and {now!r} in the other; what changed would be "
                "another thing than the answers"
            )
    return one, two


def wave_names(surveys: Sequence[Survey], given: Sequence[str] | None) -> tuple[str, ...]:
    """Return what waves are called.

    Parameters
    ----------
    surveys : sequence of Survey
        The waves in their order.
    given : sequence of str, optional
        Names.

    Returns
    -------
    tuple of str
        The names given, else `wave` of the codebooks, else numbers from 1.

    Raises
    ------
    ValidationError
        If there are not as many different names as waves.
    """
    found = tuple(str(name) for name in given or ())
    if given is None:
        found = tuple(s.codebook.instrument.wave for s in surveys)
        if "" in found or len(set(found)) < len(found):
            found = tuple(str(at) for at in range(1, len(surveys) + 1))
    if len(set(found)) != len(surveys):
        raise ValidationError(f"waves= needs {len(surveys)} different names")
    return found


def wave_texts(names: Sequence[str]) -> tuple[Text, ...]:
    """Return names of waves as texts: "2025", but "Welle 1" for what is no year.

    Parameters
    ----------
    names : sequence of str
        Names.

    Returns
    -------
    tuple of Text
        In German and English.
    """
    short = [name.isdigit() and len(name) < 4 for name in names]
    return tuple(
        Text(f"Welle {name}", f"Wave {name}") if number else Text(name, name)
        for name, number in zip(names, short, strict=True)
    )


def _strata(survey: Survey) -> np.ndarray:
    """Return the stratum of each case as variables and labels."""
    design = survey.design
    if design is None:
        return np.full(len(survey), "", dtype=object)
    head = "|".join(design.strata)
    labels = design.cells["stratum"].to_numpy(dtype=object)[design.stratum]
    return np.array([f"{head}={label}" for label in labels], dtype=object)

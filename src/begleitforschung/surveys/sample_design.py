"""How the cases of a survey came about: sample, full population or invitation, and its strata."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import Finding, UnknownCodeError
from begleitforschung.provenance import Provenance
from begleitforschung.stats import sampling
from begleitforschung.stats.sampling.estimates import AnyDesign

DesignKind = Literal["sample", "population", "invitation"]
Inference = Literal["descriptive", "analytic"]
KINDS: tuple[DesignKind, ...] = get_args(DesignKind)
INFERENCES: tuple[Inference, ...] = get_args(Inference)
JOIN = " · "


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightingStep:
    """One change of the weights.

    Parameters
    ----------
    verb : str
        What was done, e.g. ``rake``.
    parameters : tuple of (str, object)
        With what, JSON-like.
    before, after : WeightDiagnostics
        The weights before and after.
    error : float
        Largest relative distance of a total from its target.
    iterations : int
        Steps taken.
    """

    verb: str
    parameters: tuple[tuple[str, object], ...]
    before: sampling.WeightDiagnostics
    after: sampling.WeightDiagnostics
    error: float = 0.0
    iterations: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """How the cases of a survey came about, and their weights.

    Parameters
    ----------
    sample : stats.sampling.Design or stats.sampling.Replicates
        Weights, strata and units as arrays, in the order of the cases.
    kind : {"sample", "population", "invitation"}
        A random sample; a full population of which some did not answer; or an invitation of all,
        who chose themselves whether to take part. The last one is no sample: its intervals hold
        if non-response is random within the strata.
    inference : {"descriptive", "analytic"}
        Whether figures describe this finite population, or a process behind it (superpopulation:
        without finite population correction; tests and regressions exist only here).
    strata : tuple of str
        Variables that make the strata.
    cells : pandas.DataFrame
        One row per stratum: ``stratum`` (labels of the variables joined by " · "),
        ``population`` (NaN if unknown) and ``sampled``.
    stratum : numpy.ndarray of int, shape (n,)
        Row of `cells` of each case.
    variables : pandas.DataFrame
        Variables of each case that are known without the answers: of strata and frame.
    frame : pandas.DataFrame, optional
        The population, one row per unit, where it is known unit by unit.
    weighting : tuple of WeightingStep
        How the weights were changed, see `begleitforschung.rake`.
    neighbours : pandas.DataFrame, optional
        ``group`` and ``rank`` of each of `cells`, where strata with one case of several are joined
        with the nearest one of their group for the variance.
    inputs : tuple of Provenance
        Where counts of the population come from.
    findings : tuple of Finding
        What was remarked, such as strata without an answer.
    """

    sample: AnyDesign = field(repr=False)
    kind: DesignKind
    inference: Inference = "descriptive"
    strata: tuple[str, ...] = ()
    cells: pd.DataFrame = field(repr=False)
    stratum: NDArray[np.int64] = field(repr=False)
    variables: pd.DataFrame = field(repr=False)
    frame: pd.DataFrame | None = field(default=None, repr=False)
    weighting: tuple[WeightingStep, ...] = ()
    neighbours: pd.DataFrame | None = field(default=None, repr=False)
    inputs: tuple[Provenance, ...] = field(default=(), repr=False)
    findings: tuple[Finding, ...] = field(default=(), repr=False)

    @property
    def n(self) -> int:
        """Number of cases."""
        return self.sample.n

    @property
    def population(self) -> float:
        """Units of the population; NaN if unknown."""
        return float(self.cells["population"].sum(skipna=False))

    @property
    def single(self) -> str:
        """What a stratum with one case of several does in the variance; empty for replicates."""
        return self.sample.single if isinstance(self.sample, sampling.Design) else ""

    @property
    def complete(self) -> bool:
        """Whether all units of the population answered."""
        return bool((self.cells["sampled"] == self.cells["population"]).all())

    @property
    def finite(self) -> bool:
        """Whether the size of every stratum is known and counts (not in analytic inference)."""
        known = bool(self.cells["population"].notna().all())
        return known and self.inference == "descriptive"

    @property
    def as_drawn(self) -> bool:
        """Whether the weights are those of the strata, population by cases, and no others."""
        expected = (self.cells["population"] / self.cells["sampled"]).to_numpy()[self.stratum]
        return not self.weighting and bool(np.allclose(self.sample.weights, expected, rtol=1e-6))

    @property
    def stands_for_silent(self) -> bool:
        """Whether those who answered a question stand for those who left it out.

        So it is in a full population (or invitation) with its own weights: who did not answer is
        part of the non-response of the stratum.
        """
        drawn = self.kind != "sample" and isinstance(self.sample, sampling.Design)
        return drawn and self.as_drawn

    def strata_labels(self) -> pd.DataFrame:
        """Return the labels of the strata.

        Returns
        -------
        pandas.DataFrame of str
            One row for each of `cells`, one column for each of `strata`.
        """
        if not self.strata:
            return pd.DataFrame(index=self.cells.index)
        if len(self.strata) == 1:
            return self.cells[["stratum"]].set_axis(list(self.strata), axis=1)
        parts = self.cells["stratum"].str.split(JOIN, expand=True)
        return parts.set_axis(list(self.strata), axis=1)

    def variable(self, name: str) -> pd.Series:
        """Return a variable of the cases that is known without the answers.

        Parameters
        ----------
        name : str
            A variable of strata or frame.

        Returns
        -------
        pandas.Series
            One value per case.

        Raises
        ------
        UnknownCodeError
            If there is none of this name.
        """
        if name not in self.variables.columns:
            raise UnknownCodeError(
                name, map(str, self.variables.columns), "variables of the design"
            )
        return self.variables[name]

    def diagnostics(self) -> sampling.WeightDiagnostics:
        """Describe the weights: spread, design effect by weighting, effective n, extreme ones.

        Returns
        -------
        WeightDiagnostics
            Of the weights as they are.

        Raises
        ------
        ValueError
            If no weight is above 0.
        """
        return sampling.weight_diagnostics(self.sample.weights)

    def described(self) -> dict[str, object]:
        """Return what the provenance says about the design.

        Returns
        -------
        dict
            JSON-like, without values of single cases.
        """
        known = self.population
        return {
            "kind": self.kind,
            "inference": self.inference,
            "strata": list(self.strata),
            "population": None if np.isnan(known) else known,
            "single": "collapse" if self.neighbours is not None else self.single,
            "weighting": [{"verb": s.verb, **dict(s.parameters)} for s in self.weighting],
        }


def as_label(value: object) -> str:
    """Return the value of a variable as a label: whole numbers without decimals.

    Parameters
    ----------
    value : object
        A value.

    Returns
    -------
    str
        Its label; empty if it is missing.

    Examples
    --------
    >>> as_label(3.0), as_label("Stadt")
    ('3', 'Stadt')
    """
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)

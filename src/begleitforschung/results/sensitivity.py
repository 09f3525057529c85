"""How sure ranks are, and which choices they hang on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import CompositeError, UnknownCodeError
from begleitforschung.language import Lang, Text
from begleitforschung.results.base import Result
from begleitforschung.stats.indices.enumeration import exact_indices
from begleitforschung.stats.indices.runs import workers
from begleitforschung.stats.indices.smaa import dominance, rank_acceptability
from begleitforschung.stats.indices.sobol import VarianceShares, sobol_indices

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.display.tables import TableModel

Floats = NDArray[np.float64]
MOST_PAIRS = 3000


@dataclass(frozen=True, kw_only=True, eq=False)
class SensitivityResult(Result):
    """Ranks and scores under many variants of an index, and what the differences come from.

    ``table`` has one row per unit: ``unit, year``; ``score, rank`` of the specification itself;
    ``n`` (runs in which it has a rank); ``mean, median, low, high`` of its ranks (`interval`, type
    7 of Hyndman & Fan 1996); ``top_k`` for each k asked for (share of the runs with a rank up to
    k). All are taken over the first 2n runs of a sample, which are independent of each other, or
    over all combinations.

    Parameters
    ----------
    choices : tuple of str
        What varied.
    method : {"exact", "sampled"}
        Whether all combinations were run, so that there is no sampling error.
    n : int
        Base points of the sample, which has n (choices + 2) runs; runs if exact.
    levels : tuple of int
        Numbers of alternatives of the choices; 0 for continuous ones.
    odds : numpy.ndarray, shape (runs,), optional
        Probabilities of the combinations, where they are not alike.
    ranks : numpy.ndarray of int, shape (runs, units)
        Ranks in each run, units as in the table; 0 without rank.
    shift : numpy.ndarray, shape (runs,)
        Mean absolute difference from the ranks of the specification; NaN if the run failed.
    scores : numpy.ndarray, shape (runs, units), optional
        Scores in each run, where they were kept.
    runs : pandas.DataFrame
        One row per run: what each choice was, and ``shift``.
    failures : pandas.DataFrame
        What runs failed of: ``reason, n, run`` (the first of them).
    indices : pandas.DataFrame
        For each choice its share in the variance of the shift: ``choice``; ``first`` (goes away
        on average once the choice is fixed), ``total`` (stays if only this choice is open), each
        with ``_low`` and ``_high`` from the bootstrap; these are missing where indices are exact.
    names : mapping of str to str
        Names of units.
    labels : mapping of str to Text
        Names of the choices.
    top : tuple of int
        Ranks k of the columns ``top_k``.
    interval : float
        Probability that ``low`` and ``high`` enclose.
    n_bootstrap : int
        Bootstrap samples.
    seed : int
        Seed.
    """

    choices: tuple[str, ...]
    method: Literal["exact", "sampled"]
    n: int
    levels: tuple[int, ...]
    odds: Floats | None = field(default=None, repr=False)
    ranks: NDArray[np.signedinteger[Any]] = field(repr=False)
    shift: Floats = field(repr=False)
    scores: Floats | None = field(default=None, repr=False)
    runs: pd.DataFrame = field(repr=False)
    failures: pd.DataFrame = field(repr=False)
    indices: pd.DataFrame = field(repr=False)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    labels: Mapping[str, Text] = field(default_factory=dict, repr=False)
    top: tuple[int, ...] = (10,)
    interval: float = 0.9
    n_bootstrap: int = 200
    seed: int = 0

    @property
    def units(self) -> tuple[str, ...]:
        """Units in the order of the table and of the columns of `ranks` and `scores`."""
        return tuple(map(str, self.table["unit"]))

    @property
    def sample(self) -> slice:
        """Runs that the statistics of ranks are taken over."""
        return slice(None) if self.method == "exact" else slice(2 * self.n)

    def name(self, unit: str) -> str:
        """Return the name of a unit.

        Parameters
        ----------
        unit : str
            Its key.

        Returns
        -------
        str
            The name, or the key where none is known.
        """
        return self.names.get(unit, unit)

    def label(self, choice: str, lang: Lang = "de") -> str:
        """Return the name of a choice.

        Parameters
        ----------
        choice : str
            Its key.
        lang : {"de", "en"}
            Language.

        Returns
        -------
        str
            The name, or the key where none is known.
        """
        return self.labels.get(choice, Text(choice)).get(lang)

    def unit_indices(
        self,
        of: Literal["rank", "score"] = "rank",
        units: Sequence[str] | None = None,
        *,
        intervals: bool = True,
    ) -> pd.DataFrame:
        """Return which choices the rank or the score of each unit hangs on.

        Parameters
        ----------
        of : {"rank", "score"}
            Whose variance is shared out. Scores of variants on different scales (0 to 100, around
            10) vary mostly by scale; ranks don't.
        units : sequence of str, optional
            Units; all by default.
        intervals : bool
            Whether to add bootstrap intervals, which takes most of the time.

        Returns
        -------
        pandas.DataFrame
            ``unit, choice, first, total`` and, where they are estimated, ``first_low, first_high,
            total_low, total_high``. Missing for a unit whose rank never changes.

        Raises
        ------
        UnknownCodeError
            If there is no such unit.
        CompositeError
            If scores were not kept, or `of` is something else.
        """
        if of not in ("rank", "score"):
            raise CompositeError(f"indices are those of 'rank' or 'score', not of {of!r}")
        columns = self._columns(units)
        values: NDArray[Any] = self.ranks
        if of == "score":
            if self.scores is None:
                raise CompositeError("scores were not kept; ask for them with keep_scores=True")
            values = self.scores
        chosen = values if units is None else values[:, columns]
        shares = variance_shares(
            chosen,
            levels=self.levels if self.method == "exact" else None,
            choices=len(self.choices),
            odds=self.odds,
            n_bootstrap=self.n_bootstrap if intervals else 0,
            interval=self.interval,
            seed=self.seed,
        )
        return indices_frame(self.choices, shares, [self.units[column] for column in columns])

    def rank_probabilities(self, units: Sequence[str] | None = None) -> pd.DataFrame:
        """Return how often each unit has each rank (rank acceptability, SMAA).

        Parameters
        ----------
        units : sequence of str, optional
            Units; all by default.

        Returns
        -------
        pandas.DataFrame
            Index: units; columns: ranks; rows sum to 1.

        Raises
        ------
        UnknownCodeError
            If there is no such unit.
        CompositeError
            If there are too many units for a table of units and ranks.
        """
        self._few(len(self.units), "rank_probabilities")
        columns = self._columns(units)
        found = rank_acceptability(self.ranks[self.sample], weights=self.odds)
        index = pd.Index([self.units[column] for column in columns], name="unit")
        ranks = pd.RangeIndex(1, len(self.units) + 1, name="rank")
        return pd.DataFrame(found[columns], index=index, columns=ranks)

    def dominance(self, units: Sequence[str] | None = None) -> pd.DataFrame:
        """Return how often each unit is ranked before each other one (SMAA).

        Parameters
        ----------
        units : sequence of str, optional
            Units that are compared with each other; all by default.

        Returns
        -------
        pandas.DataFrame
            Index and columns: units. Share of the runs in which the unit of the row is ranked
            before that of the column; ties count for neither.

        Raises
        ------
        UnknownCodeError
            If there is no such unit.
        CompositeError
            If there are too many pairs; name the units then.
        """
        columns = self._columns(units)
        self._few(len(columns), "dominance")
        ranks = np.ascontiguousarray(self.ranks[self.sample][:, columns])
        with workers(ranks.size * len(columns)) as executor:
            found = dominance(ranks, weights=self.odds, executor=executor)
        index = pd.Index([self.units[column] for column in columns], name="unit")
        return pd.DataFrame(found, index=index, columns=index.rename("before"))

    def indices_display(self, lang: Lang = "de", *, allow_unprotected: bool = False) -> TableModel:
        """Return the indices of the mean rank shift as a printable table.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.
        allow_unprotected : bool
            Whether it may be shown at the own desk although not protected.

        Returns
        -------
        TableModel
            One row per choice.

        Raises
        ------
        DisclosureError
            If the result must not be shown.
        """
        from begleitforschung.results.sensitivity_display import indices_table

        return self.marked(indices_table(self, lang), lang, allow_unprotected=allow_unprotected)

    def _few(self, units: int, what: str) -> None:
        if units > MOST_PAIRS:
            raise CompositeError(
                f"{what} of {units} units would be a table of {units * units} numbers; "
                f"name at most {MOST_PAIRS} units, e.g. those that may be at the top"
            )

    def _columns(self, units: Sequence[str] | None) -> NDArray[np.int64]:
        place = {unit: number for number, unit in enumerate(self.units)}
        for unit in units or ():
            if unit not in place:
                raise UnknownCodeError(unit, place, "units of the sensitivity analysis")
        asked = self.units if units is None else units
        return np.array([place[unit] for unit in asked], np.int64)

    def _display(self, lang: Lang) -> TableModel:
        from begleitforschung.results.sensitivity_display import ranks_table

        return ranks_table(self, lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        from begleitforschung.results.sensitivity_display import figure

        return figure(self, lang, **options)

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        from begleitforschung.results.sensitivity_display import alternative

        return alternative(self, lang, **options)


def variance_shares(
    values: NDArray[Any],
    *,
    levels: Sequence[int] | None,
    choices: int,
    odds: Floats | None,
    n_bootstrap: int,
    interval: float,
    seed: int,
) -> VarianceShares:
    """Return the indices of one or many outputs, exactly where all combinations were run.

    Parameters
    ----------
    values : numpy.ndarray, shape (runs,) or (runs, outputs)
        Outputs.
    levels : sequence of int, optional
        Numbers of alternatives, if all combinations were run.
    choices : int
        Number of choices.
    odds : numpy.ndarray, shape (runs,), optional
        Probabilities of the combinations.
    n_bootstrap : int
        Bootstrap samples.
    interval : float
        Probability that the intervals cover.
    seed : int
        Seed of the bootstrap.

    Returns
    -------
    VarianceShares
        Indices.
    """
    if levels is not None:
        return exact_indices(values, levels, weights=odds)
    return sobol_indices(values, choices, n_bootstrap=n_bootstrap, level=interval, seed=seed)


def indices_frame(
    choices: Sequence[str], shares: VarianceShares, units: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return indices as a tidy table.

    Parameters
    ----------
    choices : sequence of str
        Inputs.
    shares : VarianceShares
        Indices, one column per unit.
    units : sequence of str, optional
        Units; without them the indices are those of one output.

    Returns
    -------
    pandas.DataFrame
        One row per unit and choice.
    """
    outputs = shares.first.shape[1]
    columns: dict[str, Any] = {}
    if units is not None:
        columns["unit"] = np.repeat(np.array(units, dtype=object), len(choices))
    columns["choice"] = np.tile(np.array(choices, dtype=object), outputs)
    for name in ("first", "total"):
        columns[name] = getattr(shares, name).T.ravel()
        limits = getattr(shares, f"{name}_interval")
        for number, end in enumerate(("low", "high")):
            values = np.full(shares.first.shape, np.nan) if limits is None else limits[number]
            columns[f"{name}_{end}"] = values.T.ravel()
    return pd.DataFrame(columns).astype({"choice": "str"})

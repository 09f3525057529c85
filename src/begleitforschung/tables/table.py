"""`IndicatorTable`: figures of territorial units in one long table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from begleitforschung.errors import Finding, TerritoryError, UnknownCodeError
from begleitforschung.provenance import Confidentiality, Provenance, Source, grade_of
from begleitforschung.regions.keys import level_of
from begleitforschung.tables.aggregate import aggregate_table
from begleitforschung.tables.editions import mixed_editions
from begleitforschung.tables.frames import stack, widen
from begleitforschung.tables.harmonise import harmonise_table
from begleitforschung.tables.indicator import Indicator
from begleitforschung.tables.schema import check_table
from begleitforschung.tables.states import UNKNOWN_STATE

if TYPE_CHECKING:
    from begleitforschung.regions.territory import Crosswalks
    from begleitforschung.tables.conversion import By, Through
    from begleitforschung.tables.membership import Target

__all__ = ["UNKNOWN_STATE", "IndicatorTable"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IndicatorTable:
    """Figures of territorial units, long, validated at birth.

    Build one with `begleitforschung.indicators` or `begleitforschung.read_indicators`.

    Parameters
    ----------
    data : pandas.DataFrame
        Columns ``unit`` (category of keys as text), ``year`` (int16), ``indicator`` (category),
        ``value`` (float64, NaN where the status allows no number), ``status`` (category),
        ``file`` and ``row`` (where the figure stands in its raw file; row 0: not read from a
        file), optionally ``date``.
    indicators : mapping of str to Indicator
        Meaning of each indicator used.
    gebietsstand : str
        Territorial state as ISO date; ``"jeweils"`` where each year stands on its own borders of
        31 December; or ``"unknown"``.
    provenance : Provenance
        Where the figures come from.
    findings : tuple of Finding
        What the loader or an operation remarked.

    Raises
    ------
    ValidationError
        If the rows break the schema; all problems at once.
    """

    data: pd.DataFrame = field(repr=False)
    indicators: Mapping[str, Indicator] = field(repr=False)
    gebietsstand: str = UNKNOWN_STATE
    provenance: Provenance
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        check_table(self.data, self.indicators)
        object.__setattr__(self, "indicators", MappingProxyType(dict(self.indicators)))

    def __len__(self) -> int:
        """Return the number of figures."""
        return len(self.data)

    @property
    def confidentiality(self) -> Confidentiality:
        """Who may see the figures, by the sidecars of their raw files."""
        return grade_of(self.provenance)

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a DataFrame of your own.

        Returns
        -------
        pandas.DataFrame
            A copy (on write); changing it does not change the table.
        """
        return self.data.copy(deep=False)

    @property
    def units(self) -> tuple[str, ...]:
        """Keys of all units, in order of the keys."""
        return _used(self.data["unit"])

    @property
    def years(self) -> tuple[int, ...]:
        """All years, ascending."""
        return tuple(sorted(int(year) for year in self.data["year"].unique()))

    @property
    def levels(self) -> tuple[str, ...]:
        """Territorial levels of the units, e.g. ``("kreis",)``."""
        return tuple(dict.fromkeys(str(level_of(unit)) for unit in self.units))

    def sources(self) -> tuple[Source, ...]:
        """Return the sources of the figures.

        Returns
        -------
        tuple of Source
            Without those of files whose figures were selected away.
        """
        every = self.provenance.sources()
        files = {source.file for source in every} & set(self.data["file"].cat.categories)
        return tuple(source for source in every if source.file in files) or every

    def indicator(self, name: str) -> Indicator:
        """Return the meaning of one indicator.

        Parameters
        ----------
        name : str
            Its identifier.

        Returns
        -------
        Indicator
            Title, unit of measure, direction and aggregation.

        Raises
        ------
        UnknownCodeError
            If the table does not hold it.
        """
        if name not in self.indicators:
            raise UnknownCodeError(name, self.indicators, "indicators of the table")
        return self.indicators[name]

    def select(
        self,
        *,
        units: str | Iterable[str] | None = None,
        years: int | Iterable[int] | None = None,
        indicators: str | Iterable[str] | None = None,
        level: str | None = None,
    ) -> IndicatorTable:
        """Return the part of the table that is asked for.

        Parameters
        ----------
        units : str or iterable of str, optional
            Keys of units.
        years : int or iterable of int, optional
            Years; years that the table does not hold are left out, unless none is left.
        indicators : str or iterable of str, optional
            Identifiers of indicators.
        level : str, optional
            Territorial level, e.g. ``"kreis"``.

        Returns
        -------
        IndicatorTable
            A new table.

        Raises
        ------
        UnknownCodeError
            If a unit, an indicator, a level or all years are not in the table.
        """
        data = self.data
        chosen = _known(indicators, self.indicators, "indicators of the table")
        keys = _known(units, self.units, "units of the table")
        wanted = None if years is None else _numbers(years)
        if keys is not None:
            data = data[data["unit"].isin(keys)]
        if chosen is not None:
            data = data[data["indicator"].isin(chosen)]
        if wanted is not None:
            if not set(wanted) & set(self.years):
                raise UnknownCodeError(wanted[0] if wanted else "", map(str, self.years), "years")
            data = data[data["year"].isin(wanted)]
        if level is not None:
            if level not in self.levels:
                raise UnknownCodeError(level, self.levels, "levels of the table")
            data = data[data["unit"].isin([u for u in self.units if level_of(u) == level])]
        node = self.provenance.then(
            "select", units=keys, years=wanted, indicators=chosen, level=level
        )
        return self._with(data, node)

    def wide(self) -> pd.DataFrame:
        """Return values with one row per unit and year and one column per indicator.

        Returns
        -------
        pandas.DataFrame
            Index ``unit, year``; columns are indicators; NaN where there is no number.

        Raises
        ------
        ValidationError
            If figures of several dates stand in one year.
        """
        return widen(self.data)

    def aggregate(self, to: Target, *, coverage: float = 1.0) -> IndicatorTable:
        """Return the figures of larger units, each indicator by its own rule.

        Sums are Σ x; means are Σ w·x / Σ w with the weight that the indicator names.

        Parameters
        ----------
        to : {"project", "kreis", "land", "germany"} or mapping or DataFrame
            Target level, or membership: unit to group, or columns ``group, unit``.
        coverage : float
            Share of a group's members that must have a value, by count for sums, by weight
            for means; below it the result is missing. Below 1, results without all members
            get the status ``"partial"``.

        Returns
        -------
        IndicatorTable
            One row per group, year and indicator.

        Raises
        ------
        AggregationError
            If an indicator has no rule, its weights are not in the table, or units of
            several levels would be counted twice.
        """
        return aggregate_table(self, to, coverage=coverage)

    def harmonise(
        self,
        to: str,
        crosswalk: Crosswalks | None = None,
        *,
        by: By | None = None,
        through: Through | None = None,
    ) -> IndicatorTable:
        r"""Return a series of changing territories on one territorial state.

        Counts are :math:`\sum_o x_o s_{on}` with the shares of the Umsteigeschlüssel; means and
        ratios pass through their parts, :math:`\sum_o a_o s_{on} / \sum_o b_o s_{on}`. Computed
        values get the status ``"rebased"``; what only changes its key is taken over as it is.

        Parameters
        ----------
        to : str
            Target state, ISO date, e.g. ``"2020-12-31"``.
        crosswalk : Crosswalks, optional
            What `begleitforschung.read_crosswalk` read; not needed if the table stands on `to`.
        by : {"population", "area", "employment"} or mapping, optional
            Share for counts, for all or per indicator; else the one that the indicator names,
            else population.
        through : mapping, optional
            Ratio to numerator, denominator and factor: ``{"rate": ("cases", "population", 100)}``.

        Returns
        -------
        IndicatorTable
            Figures of the units of the target state. Findings name units that can't be mapped,
            with the sum of their values, and all else that changed.

        Raises
        ------
        TerritoryError
            If the state is unknown, the publisher has rebased the series already, no crosswalk
            leads to the target, or an indicator can't be converted.
        UnknownCodeError
            If `by` or `through` name indicators that the table does not hold.
        """
        return harmonise_table(self, to, crosswalk, by=by, through=through)

    def join(self, *others: IndicatorTable) -> IndicatorTable:
        """Return this table and others as one.

        Parameters
        ----------
        *others : IndicatorTable
            Tables on the same territorial state.

        Returns
        -------
        IndicatorTable
            All figures.

        Raises
        ------
        TerritoryError
            If a territorial state is unknown or differs, or a series would mix editions.
        ValidationError
            If a figure stands in two tables.
        """
        tables = (self, *others)
        states = sorted({table.gebietsstand for table in tables})
        if len(states) > 1 or UNKNOWN_STATE in states:
            raise TerritoryError(
                f"tables stand on the territorial states {', '.join(states)}; joining needs one "
                "known state. State it on reading (gebietsstand=…) or harmonise first."
            )
        if mixed := mixed_editions(tables):
            raise TerritoryError("tables can't be joined:", findings=mixed)
        meanings: dict[str, Indicator] = {}
        for table in tables:
            meanings |= table.indicators
        return IndicatorTable(
            data=stack([table.data for table in tables]),
            indicators=meanings,
            gebietsstand=self.gebietsstand,
            provenance=self.provenance.then("join", *(table.provenance for table in others)),
            findings=tuple(dict.fromkeys(item for table in tables for item in table.findings)),
        )

    def describe(self, *indicators: Indicator) -> IndicatorTable:
        """Return the table with the meaning of some indicators replaced.

        Parameters
        ----------
        *indicators : Indicator
            New meanings, for indicators that the table holds.

        Returns
        -------
        IndicatorTable
            A new table with the same figures.

        Raises
        ------
        UnknownCodeError
            If the table does not hold one of them.
        """
        for item in indicators:
            self.indicator(item.id)
        new = {item.id: item for item in indicators}
        node = self.provenance.then(
            "describe", indicators={name: item.model_dump() for name, item in new.items()}
        )
        return replace(self, indicators={**self.indicators, **new}, provenance=node)

    def _repr_html_(self) -> str:
        shown = self.confidentiality in ("public", "internal")
        head = (
            self.data.head(10).to_html(index=False) if shown else f"<p>{self.confidentiality}</p>"
        )
        sources = escape("; ".join(item.citation() for item in self.sources()))
        years = "–".join(dict.fromkeys(map(str, (*self.years[:1], *self.years[-1:]))))
        return (
            f"<p>{len(self.data):,} figures, {len(self.units):,} units, "
            f"{len(self.indicators)} indicators, {years or 'no year'}, "
            f"Gebietsstand {self.gebietsstand}</p>{head}<p>Quelle: {sources}</p>"
        )

    def _with(self, data: pd.DataFrame, provenance: Provenance) -> IndicatorTable:
        data = data.reset_index(drop=True)
        for name in ("unit", "indicator", "file"):
            data[name] = data[name].cat.remove_unused_categories()
        used = set(data["indicator"].cat.categories)
        return replace(
            self,
            data=data,
            indicators={k: v for k, v in self.indicators.items() if k in used},
            provenance=provenance,
        )


def _used(column: pd.Series) -> tuple[str, ...]:
    return tuple(str(item) for item in sorted(column.cat.remove_unused_categories().cat.categories))


def _numbers(years: int | Iterable[int]) -> list[int]:
    """Return years as a list, whether Python or NumPy counts them."""
    return [int(year) for year in years] if isinstance(years, Iterable) else [int(years)]


def _known(asked: str | Iterable[str] | None, known: Iterable[str], what: str) -> list[str] | None:
    if asked is None:
        return None
    names = [asked] if isinstance(asked, str) else list(asked)
    have = set(known)
    for name in names:
        if name not in have:
            raise UnknownCodeError(name, sorted(have), what)
    return names

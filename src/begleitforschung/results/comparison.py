"""`Comparison`: groups of units, described and measured against a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from begleitforschung.errors import ComparisonError, UnknownCodeError
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import Source
from begleitforschung.results.base import Result
from begleitforschung.tables import Indicator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.display.tables import TableModel

_TRACE = ["group", "of", "unit", "year", "indicator", "value", "status", "file", "row"]
_TRACE += ["role", "source_indicator", "source_value", "factor"]
_LISTED = ["group", "unit", "year", "indicator", "value", "status", "level", "basis"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison(Result):
    """Groups of units, described and measured against a reference.

    ``table`` has one row per indicator, year and group: ``indicator, year, level, group``; ``n``
    and ``missing`` (units with and without a value); ``mean``; ``weighted_mean`` and
    ``n_weighted`` (units with a value and a positive weight); ``q1, median, q3`` (type 7 of
    Hyndman & Fan 1996); ``sd`` (n - 1); ``min, max`` (from 3 units up); ``partial`` and
    ``surrounding`` (units whose value lacks members, or is that of the surrounding counties);
    ``reference_n, reference_mean, reference_sd``; ``difference`` = mean - reference_mean;
    ``standardised_difference`` = difference / reference_sd (Glass 1976); ``apart`` (described, on
    no side of the comparison); ``small`` (fewer than 3 values: spread is not printed).

    Parameters
    ----------
    members : pandas.DataFrame
        One row per unit, indicator and year: ``group, unit, year, indicator, value, status,
        level`` (of the figure), ``basis`` (``own``, ``surrounding``, ``none``), ``weight,
        exposure, min_exposure, apart, file, row, share`` (of the county's population that lives
        in its funded municipalities, where known).
    inputs : pandas.DataFrame
        The figures behind each unit, see `trace`.
    indicators : mapping of str to Indicator
        Meanings.
    title : Text
        What units are grouped by.
    labels : mapping of str to Text
        Groups in order.
    reference : Text
        What the reference is called.
    reference_kind : {"all", "rest", "group", "unit"}
        What kind of reference it is.
    quoted : tuple of Source
        Sources of the figures compared, of their weights and of the groups.
    own : tuple of int, optional
        For how many of the projects figures of this level are their own, and of how many.
    """

    members: pd.DataFrame = field(repr=False)
    inputs: pd.DataFrame = field(repr=False)
    indicators: Mapping[str, Indicator] = field(repr=False)
    title: Text
    labels: Mapping[str, Text]
    reference: Text
    reference_kind: str
    quoted: tuple[Source, ...] = ()
    own: tuple[int, int] | None = None

    @property
    def level(self) -> str:
        """Territorial level of the figures."""
        return str(self.specification["level"])

    @property
    def hides_units(self) -> bool:
        """Whether it is protected: the values of single units are no longer in it."""
        return "hidden" in self.table.columns

    def part(self, indicator: str, year: int) -> pd.DataFrame:
        """Return the rows of one indicator and year.

        Parameters
        ----------
        indicator : str
            Indicator.
        year : int
            Year.

        Returns
        -------
        pandas.DataFrame
            One row for each group.
        """
        rows = self.table
        return rows[(rows["indicator"] == indicator) & (rows["year"] == year)]

    def _remedy(self) -> str:
        return "Use bf.protect(comparison)"

    def sources(self) -> tuple[Source, ...]:
        """Return the sources of the figures compared, of their weights and of the groups.

        Returns
        -------
        tuple of Source
            What stands below the table; further ones are in the provenance.
        """
        return self.quoted or self.provenance.sources()

    def trace(self) -> pd.DataFrame:
        """Return the figures behind each group, with the file and row where they stand.

        Returns
        -------
        pandas.DataFrame
            Columns ``group``; ``of`` (unit compared, for example a project); ``unit, year,
            indicator, value, status`` of the figure used; ``file, row``; ``role`` (``value``, or
            ``weight`` of a weighted mean); ``source_indicator, source_value`` as they stand in
            that row of the file, and ``factor`` (value = factor times source value).
        """
        keys = ["unit", "year", "indicator"]
        groups = self.members[["group", *keys]].rename(columns={"unit": "of"})
        groups = groups.astype({"indicator": "str"})
        given = self.specification.get("weight")
        weight = {name: given or item.weight for name, item in self.indicators.items()}
        beside = groups.assign(indicator=groups["indicator"].map(weight).astype("str"))
        beside = beside.dropna(subset=["indicator"]).drop_duplicates()
        asked = pd.concat([groups.assign(role="value"), beside.assign(role="weight")])
        texts = dict.fromkeys(("of", "unit", "indicator", "status"), "str")
        cells = self.inputs.astype(texts)
        if "factor" not in cells:
            cells = cells.assign(
                source_indicator=cells["indicator"], source_value=cells["value"], factor=1.0
            )
        return asked.merge(cells, on=["of", "year", "indicator"])[_TRACE]

    def ranks(
        self,
        indicator: str | None = None,
        year: int | None = None,
        *,
        direction: Literal["higher", "lower"] | None = None,
    ) -> pd.DataFrame:
        """Return the units of each group with their ranks, where a rank means something.

        Rank 1 is the best by the indicator's direction; equal values share the smaller rank.
        Units below the stated exposure, of unknown exposure, shown apart or without a value have
        no rank. The order is that of groups and keys: this is no league table.

        Parameters
        ----------
        indicator : str, optional
            Indicator, needed where there are several.
        year : int, optional
            Year; the last one by default.
        direction : {"higher", "lower"}, optional
            Which direction is better, where the indicator does not say so.

        Returns
        -------
        pandas.DataFrame
            ``group, unit, year, indicator, value, status, level, basis, exposure, rank`` (Int64)
            and ``flag``: empty, ``missing``, ``apart``, ``no_group``, ``below_exposure`` or
            ``exposure_unknown``.

        Raises
        ------
        ComparisonError
            If the direction is not known.
        UnknownCodeError
            If there is no such indicator or year, or several and none is named.
        """
        name, when = self.one(indicator, year)
        way = direction or self.indicators[name].direction
        if way not in ("higher", "lower"):
            raise ComparisonError(
                f"indicator {name!r} does not say which direction is better ({way}); "
                "say so: direction='higher' or 'lower'"
            )
        rows = self.members
        rows = rows[(rows["indicator"] == name) & (rows["year"] == when)]
        flag = _rank_flags(rows)
        rank = rows["value"].where(flag == "").rank(method="min", ascending=way == "lower")
        found = rows[[*_LISTED, "exposure"]].assign(rank=rank.astype("Int64"), flag=flag)
        order = {group: number for number, group in enumerate(self.labels)}
        return found.sort_values(
            ["group", "unit"], key=lambda c: c.map(order) if c.name == "group" else c
        ).reset_index(drop=True)

    def one(self, indicator: str | None, year: int | None) -> tuple[str, int]:
        """Return one indicator and one year, those asked for or the only ones.

        Parameters
        ----------
        indicator : str, optional
            Identifier; the only one by default.
        year : int, optional
            Year; the last one by default.

        Returns
        -------
        indicator : str
            Identifier.
        year : int
            Year.

        Raises
        ------
        UnknownCodeError
            If there is no such indicator or year, or several indicators and none is named.
        """
        names = list(self.indicators)
        name = names[0] if indicator is None and len(names) == 1 else indicator
        if name not in names:
            raise UnknownCodeError(name, names, "indicators of the comparison; name one")
        years = sorted(self.table.loc[self.table["indicator"] == name, "year"].unique())
        when = years[-1] if year is None else year
        if when not in years:
            raise UnknownCodeError(when, map(str, years), f"years of {name!r}")
        return str(name), int(when)

    def _display(self, lang: Lang) -> TableModel:
        from begleitforschung.results.comparison_display import table_model

        return table_model(self, lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        from begleitforschung.results.comparison_display import strip
        from begleitforschung.results.comparison_protected import means

        return (means if self.hides_units else strip)(
            self, lang, *self.one(options.get("indicator"), options.get("year"))
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        from begleitforschung.results.comparison_display import alternative
        from begleitforschung.results.comparison_protected import spoken

        name = options.get("indicator") or next(iter(self.indicators))
        return (spoken if self.hides_units else alternative)(
            self, lang, *self.one(name, options.get("year"))
        )


def _rank_flags(rows: pd.DataFrame) -> pd.Series:
    """Say why a unit has no rank; the first reason counts."""
    stated = rows["min_exposure"].notna()
    reasons = {
        "missing": rows["value"].isna(),
        "no_group": rows["group"].isna(),
        "apart": rows["apart"],
        "exposure_unknown": stated & rows["exposure"].isna(),
        "below_exposure": stated & (rows["exposure"] < rows["min_exposure"]),
    }
    flag = np.select([mask.to_numpy(bool) for mask in reasons.values()], list(reasons), default="")
    return pd.Series(flag, index=rows.index, dtype="str")

"""KPI values of units and years, each with its origin, or with the reason why it is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.catalogue import Entry, Label, read_entry, resource
from begleitforschung.errors import ReportError, UnknownCodeError
from begleitforschung.frameworks import Framework
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import Source, quoted
from begleitforschung.results.base import Result
from begleitforschung.tables import IndicatorTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.display.tables import TableModel

ORIGINS = ("published", "proxy", "formula")
Recipe = tuple[tuple[str, int], ...]


class Reason(Entry):
    """Why a KPI has no value.

    Parameters
    ----------
    code : str
        Code in the column ``reason``.
    statuses : tuple of str
        Statuses of an input cell that lead to it.
    label : Label
        The reason in words.
    """

    code: str
    statuses: tuple[str, ...] = ()
    label: Label


class _Reasons(Entry):
    inherited: tuple[str, ...]
    reasons: tuple[Reason, ...]


@cache
def _catalogue() -> _Reasons:
    return read_entry(resource("kpis", "reasons.yaml"), _Reasons)


def reasons() -> dict[str, Reason]:
    """Return all reasons for missing KPI values by code.

    Returns
    -------
    dict
        Code to `Reason`, in the order of the catalogue.
    """
    return {item.code: item for item in _catalogue().reasons}


def inherited_statuses() -> tuple[str, ...]:
    """Return the statuses that a computed value takes over from its inputs.

    Returns
    -------
    tuple of str
        The gravest first.
    """
    return _catalogue().inherited


@dataclass(frozen=True, kw_only=True, eq=False)
class KpiResult(Result):
    """KPI values of units and years.

    ``table`` has one row per KPI, unit and year: ``unit, year, kpi, value, status, reason,
    origin, level, file, row``. ``reason`` stands where the value is missing (`reasons`);
    ``origin`` is ``"published"``, ``"proxy"`` (something related, taken on request) or
    ``"formula"``; file and row say where a published value stands in its raw file.

    Parameters
    ----------
    framework : Framework
        The framework.
    inputs : IndicatorTable
        The figures that the values were made from.
    coverage : pandas.DataFrame
        One row per KPI: whether it is fed, from what, how many values, else why not.
    polarity : pandas.DataFrame
        Which KPIs may be scored and who answers for it; see `polarity_decisions`.
    recipes : mapping of str to tuple of (str, int)
        For each KPI that is fed, the indicators it is made from and the years these lie back.
    differences : pandas.DataFrame, optional
        Where published value and formula both exist: both, difference, relative difference.
    """

    framework: Framework
    inputs: IndicatorTable = field(repr=False)
    coverage: pd.DataFrame = field(repr=False)
    polarity: pd.DataFrame = field(repr=False)
    recipes: Mapping[str, Recipe] = field(repr=False)
    differences: pd.DataFrame | None = field(default=None, repr=False)

    @property
    def gebietsstand(self) -> str:
        """Territorial state of the figures."""
        return self.inputs.gebietsstand

    @property
    def fed(self) -> tuple[str, ...]:
        """Codes of the KPIs that have at least one value."""
        return tuple(self.coverage.loc[self.coverage["fed"], "code"])

    def select(
        self,
        kpis: str | Iterable[str] | None = None,
        *,
        units: str | Iterable[str] | None = None,
        years: int | Iterable[int] | None = None,
    ) -> pd.DataFrame:
        """Return the rows of some KPIs, units and years.

        Parameters
        ----------
        kpis : str or iterable of str, optional
            Ids or codes.
        units : str or iterable of str, optional
            Keys of units.
        years : int or iterable of int, optional
            Years.

        Returns
        -------
        pandas.DataFrame
            Rows of the table.

        Raises
        ------
        UnknownCodeError
            If the framework has no such KPI, or the result no such unit or year.
        """
        keep = pd.Series(True, index=self.table.index)
        asked: dict[str, Any] = {"kpi": kpis, "unit": units, "year": years}
        for column, given in asked.items():
            if given is None:
                continue
            one = isinstance(given, str) or not isinstance(given, Iterable)
            items = [given] if one else list(given)
            if column == "kpi":
                items = [self.framework[str(item)].id for item in items]
            known = self.table[column].unique()
            for item in items:
                if item not in known:
                    raise UnknownCodeError(item, map(str, known), f"column '{column}'")
            keep &= self.table[column].isin(items)
        return self.table[keep].reset_index(drop=True)

    def reason(self, code: str) -> Text:
        """Return a reason in words.

        Parameters
        ----------
        code : str
            Code of the column ``reason``.

        Returns
        -------
        Text
            German and English.

        Raises
        ------
        UnknownCodeError
            If there is no such reason.
        """
        if code not in reasons():
            raise UnknownCodeError(code, reasons(), "reasons for missing values")
        return reasons()[code].label.text

    def trace(
        self, unit: str | None = None, year: int | None = None, kpi: str | None = None
    ) -> pd.DataFrame:
        """Return the input cells behind values, with the file and row where they stand.

        Parameters
        ----------
        unit : str, optional
            Key of one unit.
        year : int, optional
            One year.
        kpi : str, optional
            Id or code of one KPI.

        Returns
        -------
        pandas.DataFrame
            One row per value and input cell: ``unit, year, kpi, indicator, input_year, value,
            status, file, row``.

        Raises
        ------
        UnknownCodeError
            If the result holds no such unit, year or KPI.
        """
        cells = self.select(kpi, units=unit, years=year)[["unit", "year", "kpi"]]
        data = self.inputs.data
        parts = []
        for name, recipe in self.recipes.items():
            wanted = cells[cells["kpi"] == name].astype({"unit": str, "kpi": str})
            for indicator, lag in recipe if len(wanted) else ():
                given = data.loc[data["indicator"] == indicator].astype(
                    {"unit": str, "indicator": str, "file": object}
                )
                given = given.rename(columns={"year": "input_year"})
                keyed = wanted.assign(input_year=wanted["year"] - lag)
                parts.append(keyed.merge(given, on=["unit", "input_year"]))
        columns = ["unit", "year", "kpi", "indicator", "input_year", "value", "status"]
        columns += ["file", "row"]
        if not parts:
            return pd.DataFrame(columns=columns)
        found = pd.concat(parts, ignore_index=True)
        order = ["kpi", "unit", "year"]
        return found[columns].sort_values(order, kind="stable").reset_index(drop=True)

    def sources(self) -> tuple[Source, ...]:
        """Return the sources of the figures that the KPIs were made from.

        Returns
        -------
        tuple of Source
            Those of the figures taken; the framework's own source is in the provenance.
        """
        taken = [name for recipe in self.recipes.values() for name, *_ in recipe]
        files = self.inputs.data.loc[self.inputs.data["indicator"].isin(taken), "file"].unique()
        every = self.inputs.sources()
        return tuple(source for source in every if source.file in set(files)) or every

    def _display(self, lang: Lang) -> TableModel:
        from begleitforschung.display.tables import TableModel

        words = {
            "de": ("Code", "KPI", "Einheit", "Werte", "fehlend", "Herkunft", "Jahre"),
            "en": ("Code", "KPI", "unit", "values", "missing", "origin", "years"),
        }[lang]
        origins = {
            "de": {"published": "veröffentlicht", "proxy": "Ersatzwert", "formula": "Formel"},
            "en": {name: name for name in ORIGINS},
        }[lang]
        shown = self.coverage[self.coverage["fed"]]
        rows = []
        for item in shown.itertuples():
            kpi = self.framework[str(item.kpi)]
            first, last = str(item.first_year), str(item.last_year)
            span = first if first == last else f"{first}–{last}"
            origin = origins[str(item.origin)]
            rows.append((kpi.code, kpi.name(lang), kpi.unit, item.n, item.missing, origin, span))
        frame = pd.DataFrame(rows, columns=list(words))
        of = {"de": "von", "en": "of"}[lang]
        note = f"{self.framework.title.get(lang)}: {len(shown)} {of} {len(self.framework)} KPI"
        sources = "; ".join(quoted(self.sources(), lang, computed=True))
        return TableModel.from_frame(frame, notes=[note], source=sources, lang=lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        from begleitforschung.display.figures import line

        kpi = self._pictured(options.get("kpi"))
        rows = self._of_main_level(kpi)
        groups = rows.groupby("year")["value"]
        spread = pd.DataFrame({share: groups.quantile(share) for share in (0.25, 0.5, 0.75)})
        names = {"de": ("25 %", "Median", "75 %"), "en": ("25 %", "median", "75 %")}[lang]
        series = {name: spread[q].to_numpy() for name, q in zip(names, spread, strict=True)}
        meaning = self.framework[kpi]
        return line(
            [int(year) for year in spread.index],
            series,
            axis=meaning.name(lang),
            unit=meaning.unit,
            decimals=1 if meaning.decimals is None else meaning.decimals,
            highlight=[names[1]],
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:
        kpi = self.framework[self._pictured(options.get("kpi"))]
        rows = self._of_main_level(kpi.id)
        span = f"{rows['year'].min()}–{rows['year'].max()}"
        units = rows["unit"].nunique()
        if lang == "en":
            return f"Line chart: median and quartiles of {kpi.name(lang)}, {units} units, {span}."
        return (
            f"Liniendiagramm: Median und Quartile von {kpi.name(lang)}, {units} Einheiten, {span}."
        )

    def _pictured(self, asked: str | None) -> str:
        if asked is not None:
            return self.framework[asked].id
        return self.framework[self.fed[0]].id if self.fed else self.framework.kpis[0].id

    def _of_main_level(self, kpi: str) -> pd.DataFrame:
        """Return the values of one KPI at the level with most of them."""
        rows = self.table[(self.table["kpi"] == kpi) & self.table["value"].notna()]
        if rows.empty:
            raise ReportError(f"{kpi!r} has no value to draw; its rows say why (select, reason)")
        main: pd.DataFrame = rows[rows["level"] == rows["level"].mode().iloc[0]]
        return main

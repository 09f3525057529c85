"""Rates of small units: their funnel, and steadied rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.display.funnel import funnel_plot
from begleitforschung.display.numbers import format_number
from begleitforschung.display.profiles import slopes
from begleitforschung.display.tables import TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.base import Result
from begleitforschung.stats.small_numbers import funnel_limits
from begleitforschung.tables import IndicatorTable
from begleitforschung.tables.construct import assemble
from begleitforschung.tables.frames import coerce
from begleitforschung.tables.indicator import Indicator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POSITIONS: dict[str, Text] = {
    "far_above": Text("weit darüber", "far above"),
    "above": Text("darüber", "above"),
    "within": Text("durch Zufall erklärbar", "within chance"),
    "below": Text("darunter", "below"),
    "far_below": Text("weit darunter", "far below"),
    "unknown": Text("unbekannt", "unknown"),
}
_SHOWN = 15
_POINTS = 120


@dataclass(frozen=True, kw_only=True, eq=False)
class RateFunnel(Result):
    """Rates with the limits of chance.

    ``table`` has one row per unit: ``unit, rate, exposure``; inner limits ``low, high`` and outer
    ones ``outer_low, outer_high``; ``position``: ``far_above, above, within, below, far_below`` or
    ``unknown``.

    Parameters
    ----------
    target : float
        The common rate.
    names : mapping of str to str
        Names of units.
    """

    target: float
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def outside(self) -> pd.DataFrame:
        """Return the units beyond the outer limits, the furthest first.

        Returns
        -------
        pandas.DataFrame
            Rows of the table, by distance from the common rate over that of the outer limit.
        """
        rows = self.table[self.table["position"].isin(["far_above", "far_below"])]
        limit = np.where(rows["rate"] > self.target, rows["outer_high"], rows["outer_low"])
        away = np.abs(rows["rate"] - self.target) / np.abs(limit - self.target)
        order = np.argsort(-away.to_numpy(np.float64), kind="stable")
        return rows.iloc[order].reset_index(drop=True)

    def _display(self, lang: Lang) -> TableModel:
        counts = self.table["position"].value_counts()
        rows = [(words.get(lang), int(counts.get(name, 0))) for name, words in POSITIONS.items()]
        heads = {"de": ("Lage", "Einheiten"), "en": ("Position", "units")}[lang]
        chosen = self.specification
        inner, outer = (format_number(100 * chosen[name], 1, lang) for name in ("level", "outer"))
        by_chance = format_number((1 - chosen["level"]) * len(self.table), 0, lang)
        note = Text(
            f"{chosen['rate']} gegen {chosen['exposure']}, {chosen['year']}; gemeinsamer Wert "
            f"{format_number(self.target, 3, 'de')}; Grenzen {inner} % und {outer} %. Auch ohne "
            f"Unterschiede lägen etwa {by_chance} Einheiten außerhalb der inneren Grenzen.",
            f"{chosen['rate']} against {chosen['exposure']}, {chosen['year']}; common rate "
            f"{format_number(self.target, 3, 'en')}; limits {inner} % and {outer} %. Without any "
            f"difference about {by_chance} units would lie outside the inner limits.",
        )
        frame = pd.DataFrame(rows, columns=list(heads))
        source = "; ".join(quoted(self.sources(), lang, computed=True))
        return TableModel.from_frame(frame, notes=[note.get(lang)], source=source, lang=lang)

    def _figure(self, lang: Lang, **_options: Any) -> Figure:
        chosen, rows = self.specification, self.table
        known = rows.loc[rows["position"] != "unknown", "exposure"]
        at = np.geomspace(known.min(), known.max(), _POINTS)
        limits = {}
        for level in (chosen["level"], chosen["outer"]):
            low, high = funnel_limits(
                at, self.target / chosen["per"], level=level, model=chosen["model"]
            )
            name = f"{format_number(100 * level, 1, lang)} %"
            limits[name] = (at, chosen["per"] * low, chosen["per"] * high)
        far = rows["position"].isin(["far_above", "far_below"]).to_numpy()
        return funnel_plot(
            rows["exposure"].to_numpy(),
            rows["rate"].to_numpy(),
            limits,
            target=self.target,
            target_label=Text("gemeinsamer Wert", "common rate").get(lang),
            axis=chosen["rate"],
            size_axis=chosen["exposure"],
            outside=list(far),
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        far, total = len(self.outside()), len(self.table)
        rate, size = self.specification["rate"], self.specification["exposure"]
        return Text(
            f"Trichterdiagramm: {rate} gegen {size}, {total} Einheiten; {far} liegen weiter vom "
            "gemeinsamen Wert entfernt, als der Zufall erklärt.",
            f"Funnel plot: {rate} against {size}, {total} units; {far} lie further from the common "
            "rate than chance explains.",
        ).get(lang)


@dataclass(frozen=True, kw_only=True, eq=False)
class StableRates(Result):
    """Rates over several years, or drawn towards the common rate.

    ``table`` has one row per unit and year: ``unit, year, rate`` (as published), ``exposure,
    steady``, and ``exposure_pooled`` (of all years that count) or ``own_weight`` (share of the
    unit's own rate).

    Parameters
    ----------
    names : mapping of str to str
        Names of units.
    """

    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """Identifier of the steadied indicator: the rate's with the method."""
        return f"{self.specification['rate']}_{self.specification['method']}"

    def to_table(self, gebietsstand: str = "unknown") -> IndicatorTable:
        """Return the steadied rates as figures, marked as estimated.

        Parameters
        ----------
        gebietsstand : str
            Territorial state as ISO date.

        Returns
        -------
        IndicatorTable
            One indicator, `id`.
        """
        rows = self.table[self.table["steady"].notna()]
        tidy = rows[["unit", "year"]].assign(
            indicator=self.id, value=rows["steady"], status="estimated"
        )
        note = self.findings[0].text.de if self.findings else ""
        meaning = Indicator(id=self.id, title=self.id, note=note)
        return assemble(
            coerce(tidy),
            indicators=[meaning],
            gebietsstand=gebietsstand,
            provenance=self.provenance,
            findings=self.findings,
        )

    def _moved(self) -> pd.DataFrame:
        """Return the units of the last year that change most."""
        rows = self.table[self.table["year"] == self.table["year"].max()]
        rows = rows.dropna(subset=["rate", "steady"])
        order = (rows["steady"] - rows["rate"]).abs().sort_values(ascending=False, kind="stable")
        found: pd.DataFrame = rows.loc[order.index].head(_SHOWN)
        return found

    def _display(self, lang: Lang) -> TableModel:
        rows = self._moved()
        frame = rows[["unit", "exposure", "rate", "steady"]].assign(
            unit=[self._label(unit) for unit in rows["unit"]]
        )
        heads = {
            "unit": Text("Einheit", "Unit"),
            "exposure": Text("Bezugsgröße", "exposure"),
            "rate": Text("veröffentlicht", "published"),
            "steady": Text("stabilisiert", "steadied"),
        }
        year = int(self.table["year"].max())
        note = Text(
            f"{self.specification['rate']}, {year}: die {len(rows)} Einheiten, die sich am meisten "
            f"ändern; {self.findings[0].text.de}.",
            f"{self.specification['rate']}, {year}: the {len(rows)} units that change most; "
            f"{self.findings[0].text.get('en')}.",
        )
        return TableModel.from_frame(
            frame,
            labels={name: text.get(lang) for name, text in heads.items()},
            decimals={"exposure": 0, "rate": 3, "steady": 3},
            notes=[note.get(lang)],
            source="; ".join(quoted(self.sources(), lang, computed=True)),
            lang=lang,
        )

    def _figure(self, lang: Lang, **_options: Any) -> Figure:
        rows = self._moved()
        titles = Text("veröffentlicht", "published"), Text("stabilisiert", "steadied")
        return slopes(
            [self._label(unit) for unit in rows["unit"]],
            rows["rate"].to_numpy(),
            rows["steady"].to_numpy(),
            titles=(titles[0].get(lang), titles[1].get(lang)),
            decimals=2,
            reverse=False,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        rows = self._moved()
        before, after = (float(np.ptp(rows[name])) for name in ("rate", "steady"))
        spans = [format_number(value, 3, lang) for value in (before, after)]
        return Text(
            f"Liniendiagramm: {self.specification['rate']} von {len(rows)} Einheiten vor und nach "
            f"der Stabilisierung; die Spannweite geht von {spans[0]} auf {spans[1]}.",
            f"Slope chart: {self.specification['rate']} of {len(rows)} units before and after "
            f"steadying; the range goes from {spans[0]} to {spans[1]}.",
        ).get(lang)

    def _label(self, unit: str) -> str:
        name = self.names.get(unit, "")
        return f"{name} ({unit})" if name else unit

"""`Extrapolation`: totals of the population from amounts per inhabitant (Hochrechnung)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.figures import dot_interval
from begleitforschung.display.numbers import MISSING, format_number, format_share, is_missing
from begleitforschung.display.secrecy import SECRET_TEXT
from begleitforschung.display.tables import Cell, Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.base import Result
from begleitforschung.results.estimate import Estimate
from begleitforschung.results.estimate_secrecy import base_cell, known_bases

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PEOPLE = ("einwohner", "population")
_HEADS: dict[str, Text] = {
    "group": Text("Gruppe", "Group"),
    "estimate": Text("Hochrechnung", "Estimated total"),
    "interval": Text("Intervall", "Interval"),
    "per_head": Text("je Einwohner", "per inhabitant"),
    "n": Text("n", "n"),
    "coverage": Text("Einwohner der Antwortenden", "Residents of those who answered"),
}
_HOW: dict[str, Text] = {
    "separate": Text(
        "Hochrechnung: bekannte {per} jeder Schicht mal Summe der Angaben durch {per} der "
        "Antwortenden der Schicht (getrennter Verhältnisschätzer).",
        "Estimated totals: known {per} of each stratum times total of the answers by {per} of "
        "those who answered in it (separate ratio estimator).",
    ),
    "combined": Text(
        "Hochrechnung: bekannte {per} mal gewichtete Summe der Angaben durch gewichtete {per} der "
        "Antwortenden (kombinierter Verhältnisschätzer).",
        "Estimated totals: known {per} times weighted total of the answers by weighted {per} of "
        "those who answered (combined ratio estimator).",
    ),
}
_UNRELIABLE = "/"


@dataclass(frozen=True, kw_only=True, eq=False)
class Extrapolation(Result):
    """Totals of the population, related to its inhabitants.

    ``table`` has one row per column of the answers and domain: ``question, column, by, domain``;
    ``estimate``, ``se``, ``low``, ``high`` (t with ``df``); ``n`` (cases used); ``known``
    (inhabitants of the domain), ``covered`` (those of strata with an answer, which alone are in the
    estimate), ``answered`` (those of the cases used, unweighted), ``coverage`` (answered by known),
    ``per_head`` and ``per_head_se`` (estimate by covered); ``empty`` and ``tiny`` (strata without
    and with few answers).

    Parameters
    ----------
    influence : pandas.DataFrame
        Cases that change the total of all most: ``column``, ``file``, ``row``, ``unit`` (where the
        result is not confidential), ``stratum``, ``change`` (total less that without the case),
        ``share`` (of the total) and ``without`` (total without the case). It tells what single
        cases answered: as confidential as the answers.
    outliers : pandas.DataFrame
        Cases that stand out, without their answers: ``column``, ``file``, ``row``, ``reason``
        (``influence`` or ``per_head``).
    domains : mapping of (str, str) to Text
        Wording of the domains by variable and key.
    questions, units : mapping of str to Text, and to str
        Wording and unit of measure by column.
    sums : Estimate, optional
        Weighted totals of the same answers by the same groups, by which it is protected; taken out
        then.
    """

    influence: pd.DataFrame = field(repr=False)
    outliers: pd.DataFrame = field(repr=False)
    domains: Mapping[tuple[str, str], Text] = field(repr=False)
    questions: Mapping[str, Text] = field(repr=False)
    units: Mapping[str, str] = field(repr=False)
    sums: Estimate | None = field(default=None, repr=False)

    @property
    def min_n(self) -> int:
        """Totals of fewer cases are not shown."""
        return int(self.specification["min_n"])

    @property
    def per(self) -> Text:
        """What totals are related to."""
        return per_noun(str(self.specification["per"]))

    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.table.to_dict("records")  # type: ignore[assignment]
        return rows

    def _label(self, row: Mapping[str, Any], lang: Lang) -> str:
        group = self.domains[row["by"], row["domain"]].get(lang)
        if len(self.questions) == 1:
            return group
        return f"{self.questions[row['column']].get(lang)}: {group}"

    def _display(self, lang: Lang) -> TableModel:
        units = set(self.units.values())
        unit = units.pop() if len(units) == 1 else ""
        labels = {key: text.get(lang) for key, text in _HEADS.items()}
        percent = round(100 * float(self.specification["level"]), 6)
        level = format_number(percent, None if percent % 1 else 0, lang)
        labels["interval"] = f"{level}-%-Intervall" if lang == "de" else f"{level} % interval"
        if self.specification["per"] not in PEOPLE:
            labels["per_head"] = f"{'per' if lang == 'en' else 'je'} {self.per.get(lang)}"
        columns = [
            Column(
                key=key,
                label=label,
                unit=unit if key in ("estimate", "interval", "per_head") else "",
                align="left" if key == "group" else "right",
            )
            for key, label in labels.items()
        ]
        return TableModel(
            columns=columns,
            rows=[self._cells(row, lang) for row in self._rows()],
            notes=self._notes(lang),
            source="; ".join(quoted(self.sources(), lang, computed=True)),
            lang=lang,
        )

    def _cells(self, row: Mapping[str, Any], lang: Lang) -> tuple[Any, ...]:
        coverage = format_share(row["coverage"], 0, lang)
        if row.get("suppressed"):
            point, n = Cell(value=None, secret=True), base_cell(row)
            of = point if isinstance(n, Cell) else coverage
            return (self._label(row, lang), point, point, point, n, of)
        n = int(row["n"])
        if n < self.min_n:
            shown = _UNRELIABLE if n else MISSING
            return (self._label(row, lang), shown, "", "", n, coverage)
        low, high = (_rounded(row[key], row["se"], lang) for key in ("low", "high"))
        interval = f"{low} {'to' if lang == 'en' else 'bis'} {high}" if low != MISSING else ""
        return (
            self._label(row, lang),
            _rounded(row["estimate"], row["se"], lang),
            interval,
            _rounded(row["per_head"], row["per_head_se"], lang),
            n,
            coverage,
        )

    def _notes(self, lang: Lang) -> list[str]:
        found = [_HOW[self.specification["how"]].get(lang).replace("{per}", self.per.get(lang))]
        found.append(
            "Gerundet auf zwei Stellen des Standardfehlers."
            if lang == "de"
            else "Rounded to two digits of the standard error."
        )
        if (self.table["n"] < self.min_n).any():
            few = f"weniger als {self.min_n} Antworten, nicht sicher genug"
            words = {"de": few, "en": f"fewer than {self.min_n} answers, not reliable enough"}
            found.append(f"{_UNRELIABLE}: {words[lang]}.")
        if self.protection is not None and (told := self.protection.note(lang)):
            found.append(told)
        found += [f"{f.text.get(lang)}." for f in self.findings if f.rule.startswith("extrapolat")]
        return found

    def _figure(self, lang: Lang, **options: Any) -> Figure:  # noqa: ARG002
        table, units = self.table, set(self.units.values())
        return dot_interval(
            [self._label(row, lang) for row in self._rows()],
            table["per_head"].to_numpy(),
            (table["low"] / table["covered"]).to_numpy(),
            (table["high"] / table["covered"]).to_numpy(),
            axis=_HEADS["per_head"].get(lang),
            n=known_bases(table["n"]),
            min_n=self.min_n,
            secret=[bool(row.get("suppressed")) for row in self._rows()],
            unit=units.pop() if len(units) == 1 else "",
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        parts = [
            f"{self._label(row, lang)} {SECRET_TEXT.get(lang)}"
            if row.get("suppressed")
            else " ".join(map(str, self._cells(row, lang)[:2]))
            for row in self._rows()
        ]
        return f"{_HEADS['estimate'].get(lang)}: {'; '.join(parts)}."


def per_noun(name: str) -> Text:
    """Return what totals are related to, in words.

    Parameters
    ----------
    name : str
        Variable.

    Returns
    -------
    Text
        German and English; the name itself where it is no number of residents.

    Examples
    --------
    >>> per_noun("population").en, per_noun("flaeche").en
    ('residents', 'flaeche')
    """
    return Text("Einwohner", "residents") if name in PEOPLE else Text(name, name)


def _rounded(value: float, se: float, lang: Lang) -> str:
    """Write a number with two digits of its standard error."""
    if is_missing(value):
        return MISSING
    place = 0 if is_missing(se) or se <= 0 else 1 - math.floor(math.log10(se))
    return format_number(round(value, place), max(0, place), lang)

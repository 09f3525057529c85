"""`CoarserTables`: broader classes or rounding instead of hidden cells, and what each loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.figures import bars
from begleitforschung.display.numbers import format_number, is_missing
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.survey_base import AnswersResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WAYS: dict[str, Text] = {
    "suppress": Text("Felder sperren", "hide cells"),
    "merge": Text("Klassen zusammenlegen", "merge classes"),
    "round_3": Text("auf 3er runden", "round to base 3"),
    "round_5": Text("auf 5er runden", "round to base 5"),
}
_HEADS: dict[str, Text] = {
    "table": Text("Tabelle", "Table"),
    "way": Text("Weg", "Way"),
    "what": Text("was", "what"),
    "lost": Text("Klassen weniger", "classes fewer"),
    "cells": Text("Felder", "cells"),
    "hidden": Text("davon gesperrt", "of them hidden"),
    "mean": Text("Abstand im Mittel", "mean distance"),
    "furthest": Text("größter Abstand", "largest distance"),
}
_TOTAL_ONLY = Text("nur die Summe", "the total only")
_IMPOSSIBLE = Text("nicht möglich", "not possible")
_NOTES: dict[str, Text] = {
    "nothing": Text("In keiner Tabelle muss etwas gesperrt werden.", "Nothing has to be hidden."),
    "more": Text(
        "Bei einem der Vorschläge ist nicht bewiesen, dass es nicht mit weniger Klassen geht.",
        "One of the proposals is not proven to merge the fewest classes.",
    ),
    "round": Text(
        "Abstand: zwischen gerundeten und wahren Anzahlen, über alle Felder mit Randsummen.",
        "Distance: between rounded and true counts, over all cells with margins.",
    ),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class CoarserTables(AnswersResult):
    """Broader classes or rounding instead of hidden cells, and what each loses.

    ``table`` has one row per table and way: ``table`` (number), ``way`` (``suppress``, ``merge``,
    ``round_3``, ``round_5``), ``possible``, ``lost`` (classes fewer), ``cells`` (margins included),
    ``hidden`` (cells that must be hidden), ``mean`` and ``furthest`` (distance by rounding) and
    ``fewest`` (whether no way merges fewer classes). There is no count of answers in it.

    Parameters
    ----------
    titles : tuple of Text
        Tables.
    merged : mapping of (int, str) to mapping of str to str
        By table and dimension the class that each class goes to; dimensions that stay are left
        out, in one that is given up all classes go to ``""``.
    words : mapping of (int, str) to Text
        The same in words.
    """

    titles: tuple[Text, ...]
    merged: Mapping[tuple[int, str], Mapping[str, str]] = field(repr=False)
    words: Mapping[tuple[int, str], Text] = field(repr=False)

    def _display(self, lang: Lang) -> TableModel:
        columns = [Column(key=key, label=text.get(lang)) for key, text in _HEADS.items()]
        places = {"lost": 0, "cells": 0, "hidden": 0, "mean": 1, "furthest": 0}
        columns = [
            Column(key=c.key, label=c.label, decimals=places.get(c.key), align=None)
            for c in columns
        ]
        rows: list[tuple[object, ...]] = []
        for row in self.table.to_dict("records"):
            number = int(row["table"])
            head = self.titles[number].get(lang) if row["way"] == "suppress" else ""
            figures = [None if is_missing(row[key]) else row[key] for key in places]
            rows.append((head, WAYS[row["way"]].get(lang), self._what(row, lang), *figures))
        return self._printed(columns, rows, self._notes(lang), lang)

    def _what(self, row: Mapping[Any, Any], lang: Lang) -> str:
        if not row["possible"]:
            return _IMPOSSIBLE.get(lang)
        if row["way"] != "merge":
            return ""
        number = int(row["table"])
        said = [text.get(lang) for (of, _), text in self.words.items() if of == number]
        return "; ".join(said) or ("–" if not row["lost"] else _TOTAL_ONLY.get(lang))

    def _notes(self, lang: Lang) -> list[str]:
        table, found = self.table, []
        if not table.loc[table["way"] == "suppress", "hidden"].fillna(1).any():
            found.append(_NOTES["nothing"].get(lang))
        merges = table[(table["way"] == "merge") & table["possible"]]
        if not merges["fewest"].all():
            found.append(_NOTES["more"].get(lang))
        if table["mean"].notna().any():
            found.append(_NOTES["round"].get(lang))
        return found

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        rows = self._cells()
        return bars(
            [self.titles[number].get(lang) for number in rows["table"]],
            rows["hidden"].to_numpy(float),
            axis=_HEADS["hidden"].get(lang),
            decimals=0,
            lang=lang,
            **options,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        head = _HEADS["hidden"].get(lang)
        parts = [
            f"{self.titles[int(row['table'])].get(lang)}: {format_number(row['hidden'], 0, lang)}"
            for row in self._cells().to_dict("records")
            if not is_missing(row["hidden"])
        ]
        return f"{head}: {'; '.join(parts)}."

    def _cells(self) -> pd.DataFrame:
        return self.table[self.table["way"] == "suppress"]

"""`AuditResult`: what a reader can work out of published estimates about what is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from begleitforschung.display.figures import bars
from begleitforschung.display.numbers import format_number
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.errors import DisclosureError
from begleitforschung.language import Lang, Text
from begleitforschung.results.base import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ("result", "column", "category", "by", "domain", "verdict", "width", "group")
_NAMED = 5
VERDICTS: dict[str, Text] = {
    "safe": Text("geschützt", "safe"),
    "exact": Text("genau zu ermitteln", "can be worked out"),
    "group": Text("Gruppe zu klein", "group too small"),
}
_HEADS: dict[str, Text] = {
    "verdict": Text("Ergebnis", "Verdict"),
    "cells": Text("gesperrte Felder", "hidden cells"),
    "width": Text("kleinste Spanne", "narrowest interval"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditResult(Result):
    """What a reader can work out of published estimates about what is hidden.

    ``table`` has one row per hidden cell: ``result`` (number of the estimate), ``column,
    category, by, domain``; ``verdict`` (``safe``, ``exact`` if its count can be worked out,
    ``group`` if the answers of fewer units than allowed can be); ``width`` of the interval in
    which its count (or sum) must lie; ``group``, the fewest units around whom a figure can be
    worked out. It holds positions and widths only, and what it holds follows from what is public.
    """

    @property
    def ok(self) -> bool:
        """Whether nothing hidden can be worked out."""
        return bool((self.table["verdict"] == "safe").all())

    def require_safe(self) -> None:
        """Refuse what discloses something.

        Raises
        ------
        DisclosureError
            If a hidden cell can be worked out; names cells by their position.
        """
        if self.ok:
            return
        open_cells = self.table[self.table["verdict"] != "safe"]
        places = open_cells[["column", "category", "by", "domain"]].astype(str).head(_NAMED)
        named = [
            " ".join(filter(None, (column, category))) + f" ({f'{by} {domain}'.strip() or 'total'})"
            for column, category, by, domain in places.itertuples(index=False, name=None)
        ]
        more = f" and {len(open_cells) - _NAMED} more" if len(open_cells) > _NAMED else ""
        raise DisclosureError(
            f"what is published tells {len(open_cells)} hidden cell(s): {'; '.join(named)}{more}"
        )

    def _display(self, lang: Lang) -> TableModel:
        counts = self.table["verdict"].value_counts()
        narrow = self.table.groupby("verdict")["width"].min()
        rows = [
            (VERDICTS[name].get(lang), int(counts[name]), float(narrow[name]))
            for name in VERDICTS
            if name in counts
        ]
        columns = [
            Column(key="verdict", label=_HEADS["verdict"].get(lang)),
            Column(key="cells", label=_HEADS["cells"].get(lang), decimals=0),
            Column(key="width", label=_HEADS["width"].get(lang), decimals=1),
        ]
        return TableModel(columns=columns, rows=rows, lang=lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        counts = self.table["verdict"].value_counts()
        names = [name for name in VERDICTS if name in counts]
        return bars(
            [VERDICTS[name].get(lang) for name in names],
            [int(counts[name]) for name in names],
            axis=_HEADS["cells"].get(lang),
            decimals=0,
            lang=lang,
            **options,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        counts = self.table["verdict"].value_counts()
        return ", ".join(
            f"{VERDICTS[name].get(lang)}: {format_number(int(counts[name]), 0, lang)}"
            for name in VERDICTS
            if name in counts
        )

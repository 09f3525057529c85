"""Units in groups by rank: the display of rankings of many units, in place of a league table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.display.numbers import format_number
from begleitforschung.display.stacked import intervals
from begleitforschung.display.tables import TableModel
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import Source, quoted
from begleitforschung.results.base import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAMED = 6
_SHOWN = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class RankGroups(Result):
    """Units in groups of about the same size, from the best ranks to the last.

    ``table`` has one row per ranked unit: ``unit, group`` (1 is the best), ``score, rank``; ``low,
    high`` (rank interval) and ``certain`` (whether it lies within the ranks of the group), which
    are missing where no uncertainty is known.

    Parameters
    ----------
    of : Result
        Index or sensitivity analysis that the ranks are from.
    title : Text
        Title of the index.
    n : int
        Number of groups.
    year : int
        Year.
    unranked : int
        Units without a rank: no score, or too small.
    interval : float, optional
        Probability that the rank intervals enclose.
    names : mapping of str to str
        Names of units.
    """

    of: Result = field(repr=False)
    title: Text
    n: int
    year: int
    unranked: int = 0
    interval: float | None = None
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def groups(self) -> pd.DataFrame:
        """Return one row per group.

        Returns
        -------
        pandas.DataFrame
            ``group, units, first, last`` (ranks), ``score_low, score_high``, ``low, high``
            (median ends of the rank intervals), ``certain`` (units whose interval lies within).
        """
        rows = []
        for group, members in self.table.groupby("group", sort=True):
            known = self.interval is not None
            rows.append(
                {
                    "group": group,
                    "units": len(members),
                    "first": int(members["rank"].min()),
                    "last": int(members["rank"].max()),
                    "score_low": members["score"].min(),
                    "score_high": members["score"].max(),
                    "low": members["low"].median() if known else np.nan,
                    "high": members["high"].median() if known else np.nan,
                    "certain": int(members["certain"].sum()) if known else pd.NA,
                }
            )
        return pd.DataFrame(rows)

    def sources(self) -> tuple[Source, ...]:
        """Return the sources of the index.

        Returns
        -------
        tuple of Source
            Those of its figures.
        """
        return self.of.sources()

    def _lacking(self) -> str:
        return self.of._lacking()

    def _display(self, lang: Lang) -> TableModel:
        rows = []
        for item in self.groups().to_dict("records"):
            members = self.table[self.table["group"] == item["group"]]
            scores = [format_number(item[f"score_{end}"], 1, lang) for end in ("low", "high")]
            ranks = f"{item['first']}–{item['last']}"
            row: list[Any] = [item["group"], item["units"], ranks, "–".join(scores)]
            if self.interval is not None:
                row += [f"{item['low']:.0f}–{item['high']:.0f}", item["certain"]]
            rows.append((*row, self._names_of(members, lang)))
        heads = {
            "group": Text("Gruppe", "Group"),
            "units": Text("Einheiten", "units"),
            "ranks": Text("Ränge", "ranks"),
            "scores": Text("Punktwerte", "scores"),
        }
        if self.interval is not None:
            heads["interval"] = Text("mittleres Rangintervall", "median rank interval")
            heads["certain"] = Text("sicher in der Gruppe", "certain of the group")
        heads["members"] = Text("Einheiten, nach Schlüssel", "units, by key")
        return TableModel.from_frame(
            pd.DataFrame(rows, columns=list(heads)),
            labels={name: head.get(lang) for name, head in heads.items()},
            notes=self._notes(lang),
            source="; ".join(quoted(self.sources(), lang, computed=True)),
            lang=lang,
        )

    def _names_of(self, members: pd.DataFrame, lang: Lang) -> str:
        units = sorted(map(str, members["unit"]))
        shown = [self.names.get(unit) or unit for unit in units[:_NAMED]]
        more = len(units) - len(shown)
        rest = {"de": f" und {more} weitere", "en": f" and {more} more"}[lang] if more else ""
        return "; ".join(shown) + rest

    def _notes(self, lang: Lang) -> list[str]:
        total = len(self.table)
        notes = [
            Text(
                f"{self.title.de}, {self.year}: {total} Einheiten in {self.n} Gruppen; innerhalb "
                "einer Gruppe ist die Reihenfolge nicht gemeint. Einzelne Ränge: summary().",
                f"{self.title.get('en')}, {self.year}: {total} units in {self.n} groups; no order "
                "is meant within a group. Single ranks: summary().",
            )
        ]
        if self.interval is not None:
            percent = format_number(100 * self.interval, 0, lang)
            notes.append(
                Text(
                    f"Rangintervall: umfasst {percent} % der Varianten.",
                    f"Rank interval: encloses {percent} % of the variants.",
                )
            )
        if self.unranked:
            notes.append(
                Text(
                    f"{self.unranked} Einheiten ohne Rang: ohne Punktwert, oder unter der "
                    "Mindestgröße.",
                    f"{self.unranked} units without rank: no score, or below the least exposure.",
                )
            )
        return [note.get(lang) for note in notes]

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        if self.interval is None:
            return self._group_scores(lang)
        group = options.get("group", 1)
        rows = self.table[self.table["group"] == group].head(options.get("n", _SHOWN))
        if not len(rows):
            raise ReportError(f"there is no group {group}; groups are 1 to {self.n}")
        percent = format_number(100 * self.interval, 0, lang)
        legend = Text(f"Rang und {percent}-%-Intervall", f"rank and {percent} % interval")
        return intervals(
            [self.names.get(unit) or unit for unit in rows["unit"]],
            rows["rank"].to_numpy(np.float64),
            rows["low"].to_numpy(),
            rows["high"].to_numpy(),
            legend=(legend.get(lang), ""),
            axis=Text("Rang", "Rank").get(lang),
            lang=lang,
        )

    def _group_scores(self, lang: Lang) -> Figure:
        from begleitforschung.display.figures import group_strip

        word = Text("Gruppe", "Group").get(lang)
        parts = self.table.groupby("group", sort=True)["score"]
        return group_strip(
            {f"{word} {group}": scores.to_numpy() for group, scores in parts},
            axis=self.title.get(lang),
            min_n=1,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **_options: Any) -> str:
        found = self.groups()
        ends = [format_number(v, 1, lang) for v in (found["score_low"].iloc[0],
                                                    found["score_high"].iloc[-1])]  # fmt: skip
        return Text(
            f"{self.title.de}, {self.year}: {len(self.table)} Einheiten in {self.n} Gruppen; die "
            f"erste beginnt bei {ends[0]}, die letzte endet bei {ends[1]} Punkten.",
            f"{self.title.get('en')}, {self.year}: {len(self.table)} units in {self.n} groups; the "
            f"first begins at a score of {ends[0]}, the last ends at {ends[1]}.",
        ).get(lang)


def group_of_rank(rank: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return the group of each rank, groups being of about the same size and ties together.

    Parameters
    ----------
    rank : numpy.ndarray of int64, shape (units,)
        Ranks of all ranked units.
    n : int
        Number of groups.

    Returns
    -------
    numpy.ndarray of int64, shape (units,)
        1 is the best.

    Examples
    --------
    >>> group_of_rank(np.array([1, 2, 2, 4, 5, 6]), 3).tolist()
    [1, 1, 1, 2, 3, 3]
    """
    return np.asarray((rank - 1) * n // max(len(rank), 1) + 1, np.int64)


def grouped_ranks(ranked: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return ranked units with their groups.

    Parameters
    ----------
    ranked : pandas.DataFrame
        ``unit, score, rank``, and ``low, high`` where intervals are known.
    n : int
        Number of groups.

    Returns
    -------
    pandas.DataFrame
        ``unit, group, score, rank, low, high, certain``, by rank.
    """
    frame = ranked.sort_values(["rank", "unit"], kind="stable", ignore_index=True)
    rank = frame["rank"].to_numpy(np.int64)
    group = group_of_rank(rank, n)
    known = "low" in frame
    blank = np.full(len(frame), np.nan)
    low, high = (frame[name].to_numpy(np.float64) if known else blank for name in ("low", "high"))
    first = pd.Series(rank).groupby(group).transform("min").to_numpy()
    next_group = {int(g): int(rank[group == g].min()) for g in np.unique(group)}
    ends = [next_group.get(int(g) + 1, len(rank) + 1) - 1 for g in group]
    inside = (low >= first) & (high <= np.array(ends))
    return pd.DataFrame(
        {
            "unit": frame["unit"].astype("str"),
            "group": group,
            "score": frame["score"],
            "rank": rank,
            "low": low,
            "high": high,
            "certain": pd.array(inside if known else [pd.NA] * len(frame), dtype="boolean"),
        }
    )

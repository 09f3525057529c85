"""`WaveChange`: how answers differ between two waves, with both levels, intervals and bases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.figures import ReferenceLine, dot_interval
from begleitforschung.display.numbers import MISSING, format_number, format_p, is_missing
from begleitforschung.display.secrecy import SECRET
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.language import Lang, Text
from begleitforschung.results.estimate_words import SHARES, number_text, share_decimals, share_text
from begleitforschung.results.survey_result import SurveyResult, interval_head, range_text
from begleitforschung.results.total_words import total_note, totals_words
from begleitforschung.surveys import Survey

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WORDS = ("question", "column", "statistic", "category", "by", "domain", "method")
_COUNTS = ("n_before", "n_after", "n_both")
_MOVES = ("count_before", "count_after", "risen", "fallen", "count_low", "count_high")
COLUMNS = (
    *("question", "column", "statistic", "category", "by", "domain"),
    *("before", "after", "change", "se", "low", "high", "method", "df", "p", "p_adjusted"),
    *_COUNTS,
    "N",
    *_MOVES,
)
_STATISTICS: dict[str, Text] = {
    "share": Text("Anteile", "Shares"),
    "top2": Text("Anteile der beiden obersten Antworten", "Shares of the two top answers"),
    "bottom2": Text("Anteile der beiden untersten Antworten", "Shares of the two bottom answers"),
    "mean": Text("Mittelwerte", "Means"),
}
_NOTHING = Text("keine Veränderung", "no change")
POINTS = Text("Prozentpunkte", "percentage points")
_HEADS: dict[str, Text] = {
    "question": Text("Frage", "Question"),
    "domain": Text("Gruppe", "Group"),
    "answer": Text("Antwort", "Answer"),
    "change": Text("Veränderung", "Change"),
    "counts": Text("netto in der Grundgesamtheit", "net, in the population"),
    "p": Text("p korrigiert", "p adjusted"),
    "both": Text("n beide Wellen", "n both waves"),
}
_PANEL = Text(
    "Veränderung bei denen, die in beiden Wellen geantwortet haben; wer nur einmal geantwortet "
    "hat, ist nicht enthalten.",
    "Change among those who answered in both waves; those who answered once are not included.",
)
_CROSS = Text(
    "Differenz der beiden Querschnitte; Einheiten, die beide Male teilnahmen, gehen mit ihrer "
    "Kovarianz in den Fehler ein (Qualité und Tillé 2008).",
    "Difference of the two cross-sections; the covariance of units that took part both times is "
    "counted in the error (Qualité & Tillé 2008).",
)
_FINITE = Text(
    "Vollerhebung: Die Intervalle zeigen nur, was daraus folgt, dass nicht alle beide Male "
    "geantwortet haben; wo alle geantwortet haben, gibt es keine Stichprobenunsicherheit.",
    "Full population: the intervals show only what follows from some not having answered both "
    "times; where all answered, there is no sampling error.",
)
_EXACT = Text(
    "Die Intervalle in Einheiten sind exakt und eher zu weit (Zu- und Abgänge mit je halber "
    "Irrtumswahrscheinlichkeit).",
    "The intervals in units are exact and rather too wide (gains and losses with half the error "
    "probability each).",
)
_NO_INTERVAL = Text(
    "Ohne Intervall, wo sich unter den Antwortenden nichts verändert hat: Das sagt nicht, wie "
    "sicher das für alle gilt.",
    "No interval where nothing changed among those who answered: that does not say how sure this "
    "is for all.",
)
_SECRET = Text(
    "Ohne Intervall, wo wenige ihre Antwort geändert haben: Es würde zeigen, wie viele es sind.",
    "No interval where few changed their answer: it would show how many they are.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class WaveChange(SurveyResult):
    """Changes of answers between two waves.

    ``table`` has one row per answer and group: ``question, column, statistic, category, by,
    domain``; the levels ``before`` and ``after`` and their ``change`` (shares between 0 and 1) with
    ``se, low, high, method`` (``t``; ``hypergeometric``: exact for a full population; ``complete``:
    all answered; ``secret``: kept secret, as few rose or fell; empty where nothing changed among
    those who answered) and ``df``; ``p`` and
    ``p_adjusted`` with analytic inference; the bases ``n_before, n_after, n_both`` (answered both
    times) and ``N`` (units of the later population, where known). Of shares ``count_before`` and
    ``count_after`` (cases with the answer); of pairs ``risen`` and ``fallen`` (cases that gave the
    answer only the second, or only the first time) and ``count_low, count_high`` (exact bounds of
    the net change in units).

    Parameters
    ----------
    waves : (Text, Text)
        Names of the waves.
    questions : mapping of str to Text
        Wording by column.
    categories : mapping of (str, str) to Text
        Answers by column and code.
    domains : mapping of (str, str) to Text
        Groups by variable and key.
    units : mapping of str to str
        Units of measure by column.
    one_wave : bool
        Whether both surveys are versions of the same wave, by their codebooks.
    surveys : tuple of Survey
        The answers of both waves; none in a protected result.
    """

    waves: Sequence[Text]
    questions: Mapping[str, Text] = field(repr=False)
    categories: Mapping[tuple[str, str], Text] = field(repr=False)
    domains: Mapping[tuple[str, str], Text] = field(repr=False)
    units: Mapping[str, str] = field(default_factory=dict, repr=False)
    one_wave: bool = field(default=False, repr=False)
    surveys: tuple[Survey, ...] = field(default=(), repr=False)

    @property
    def min_n(self) -> int:
        """Bases with fewer cases are shown as counts."""
        return int(self.specification["min_n"])

    def _display(self, lang: Lang) -> TableModel:
        rows = self.rows()
        cells: dict[str, list[Any]] = {
            "question": [self.questions[row["column"]].get(lang) for row in rows],
            "domain": [self.domains[row["by"], row["domain"]].get(lang) for row in rows],
            "answer": [self.categories[row["column"], row["category"]].get(lang) for row in rows],
            "before": [self._level(row, "before", lang) for row in rows],
            "after": [self._level(row, "after", lang) for row in rows],
            "change": [self._changed(row, lang) for row in rows],
            "interval": [self._interval(row, lang) for row in rows],
            "counts": [self._net(row, lang) for row in rows],
            "p": [format_p(row["p_adjusted"], lang) for row in rows],
            "n_before": [row["n_before"] for row in rows],
            "n_after": [row["n_after"] for row in rows],
            "both": [row["n_both"] for row in rows],
        }
        kept = {key: column for key, column in cells.items() if self._says(key, column)}
        labels = {key: text.get(lang) for key, text in _HEADS.items()}
        names = [text.get(lang) for text in self.waves]
        labels |= dict(zip(("before", "after"), names, strict=True))
        labels |= {f"n_{key}": f"n {labels[key]}" for key in ("before", "after")}
        labels["interval"] = interval_head(self.specification["level"], lang)
        left = ("question", "domain", "answer")
        return TableModel(
            columns=[
                Column(key=key, label=labels[key], align="left" if key in left else "right")
                for key in kept
            ],
            rows=list(zip(*kept.values(), strict=True)),
            notes=self._notes(lang),
            source=self.source_line(lang),
            lang=lang,
        )

    def _says(self, key: str, column: Sequence[Any]) -> bool:
        """Tell whether a column of the printed table is needed."""
        if key == "domain":
            return len(set(column)) > 1
        if key in ("n_before", "n_after"):
            return not self.specification["panel"]
        return any(str(cell) and cell != MISSING for cell in column)

    def _level(self, row: Mapping[str, Any], wave: str, lang: Lang) -> str:
        """Write the level of a wave like an estimate."""
        level = {"estimate": row[wave], "n": row[f"n_{wave}"], "count": row[f"count_{wave}"]}
        if row["statistic"] in SHARES:
            return share_text({**row, **level}, self.min_n, lang)
        return number_text({**row, **level}, "estimate", lang)

    def _small(self, row: Mapping[str, Any]) -> bool:
        return bool(min(row["n_before"], row["n_after"]) < self.min_n)

    def _changed(self, row: Mapping[str, Any], lang: Lang) -> str:
        if row.get("suppressed"):
            return SECRET
        if is_missing(row["change"]) or (row["statistic"] in SHARES and self._small(row)):
            return MISSING
        return self._number(row, "change", lang)

    def _number(self, row: Mapping[str, Any], key: str, lang: Lang) -> str:
        """Write a change or bound: shares in percentage points, numbers by their error."""
        if row["statistic"] in SHARES:
            places = share_decimals(min(row["n_before"], row["n_after"]))
            return format_number(100 * row[key], places, lang, sign=True)
        base = {"estimate": row["change"], "n": row["n_after"], "se": row["se"], "v": row[key]}
        text = number_text(base, "v", lang)
        return f"+{text}" if row[key] > 0 and text.strip("0,.") else text

    def _interval(self, row: Mapping[str, Any], lang: Lang) -> str:
        hidden = row["statistic"] in SHARES and self._small(row)
        if hidden or is_missing(row["low"]) or row["method"] == "complete":
            return ""
        return range_text(self._number(row, "low", lang), self._number(row, "high", lang), lang)

    def _net(self, row: Mapping[str, Any], lang: Lang) -> str:
        """Write exact bounds of the net change: "+2 bis +9 der 73"."""
        if is_missing(row["count_low"]):
            return ""
        low, high = (format_number(row[f"count_{end}"], 0, lang, sign=True)
                     for end in ("low", "high"))  # fmt: skip
        of = {"de": "der", "en": "of the"}[lang]
        return f"{range_text(low, high, lang)} {of} {format_number(row['N'], 0, lang)}"

    def _notes(self, lang: Lang) -> list[str]:
        methods = set(self.table.loc[self.table["change"].notna(), "method"])
        shares = bool(self.table["statistic"].isin(SHARES).any())
        found = [(_PANEL if self.specification["panel"] else _CROSS).get(lang)]
        if shares:
            words = Text("Veränderungen in Prozentpunkten.", "Changes in percentage points.")
            found.append(words.get(lang))
        kind = "" if self.design is None else self.design.kind
        if kind == "population" and self.design is not None and self.design.finite:
            found.append(_FINITE.get(lang))
        else:
            found += self.design_notes(lang)
        found += [_EXACT.get(lang)] if "hypergeometric" in methods else []
        found += [_SECRET.get(lang)] if "secret" in methods else []
        found += [_NO_INTERVAL.get(lang)] if "" in methods else []
        if shares and any(self._small(row) for row in self.rows()):
            found.append(
                f"Bei weniger als {self.min_n} Antworten stehen Anzahlen statt Prozent."
                if lang == "de"
                else f"With fewer than {self.min_n} answers counts are shown instead of percent."
            )
        found += list(filter(None, [total_note(self.table, self.design, lang)]))
        return [*found, *self.closing_notes(lang, "waves.")]

    def _labels(self, lang: Lang) -> list[str]:
        """Return the label of each row: question, group and answer as far as they differ."""
        rows = self.rows()
        parts = [
            (
                self.questions[row["column"]].get(lang),
                self.domains[row["by"], row["domain"]].get(lang),
                self.categories[row["column"], row["category"]].get(lang),
            )
            for row in rows
        ]
        several = [len({part[at] for part in parts}) > 1 for at in range(3)]
        if not any(several):
            several = [True, False, bool(parts and parts[0][2])]
        return [
            ": ".join(word for word, shown in zip(part, several, strict=True) if shown and word)
            for part in parts
        ]

    def _axis(self, lang: Lang) -> str:
        before, after = (text.get(lang) for text in self.waves)
        statistic = self.specification["statistic"]
        named = statistic == "total"
        words = (
            totals_words(self.design, self.table["category"]) if named else _STATISTICS[statistic]
        )
        name = words.get(lang)
        return f"{_HEADS['change'].get(lang)} {before}–{after} ({name})"

    def _figure(self, lang: Lang, **options: Any) -> Figure:  # noqa: ARG002
        table = self.table
        shares = self.specification["statistic"] in SHARES
        units = set(self.units.values())
        n = table[["n_before", "n_after"]].min(axis=1)
        return dot_interval(
            self._labels(lang),
            *((100 if shares else 1) * table[key].to_numpy() for key in ("change", "low", "high")),
            axis=self._axis(lang),
            n=n.tolist(),
            min_n=self.min_n,
            secret=[bool(row.get("suppressed")) for row in self.rows()],
            unit=POINTS.get(lang) if shares else (units.pop() if len(units) == 1 else ""),
            decimals=share_decimals(int(n.min())) if shares else 1,
            reference=ReferenceLine(value=0.0, label=_NOTHING.get(lang)),
            sign=True,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        parts = []
        for label, row in zip(self._labels(lang), self.rows(), strict=True):
            interval = self._interval(row, lang)
            shown = self._changed(row, lang)
            parts.append(f"{label}: {shown}{f' ({interval})' if interval else ''}")
        return f"{self._axis(lang)}. {'; '.join(parts)}."


def change_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as the tidy table of a `WaveChange`.

    Parameters
    ----------
    rows : sequence of mapping
        One for each answer and group; figures that are left out are missing.

    Returns
    -------
    pandas.DataFrame
        The table, with fixed columns and dtypes.

    Raises
    ------
    KeyError
        If a base is missing.
    """
    table = pd.DataFrame(list(rows), columns=list(COLUMNS))
    words, counts = dict.fromkeys(_WORDS, "str"), dict.fromkeys(_COUNTS, "int64")
    moves = dict.fromkeys(_MOVES, "Int64")
    numbers = {c: "float64" for c in COLUMNS if c not in (*words, *counts, *moves)}
    return table.astype(words | counts | moves | numbers)

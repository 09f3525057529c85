"""`Significance`: tests of answers between groups, corrected for their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from begleitforschung.display.figures import ReferenceLine, dot_interval
from begleitforschung.display.numbers import MISSING, format_number, format_p, is_missing
from begleitforschung.display.secrecy import SECRET
from begleitforschung.display.tables import Column, TableModel
from begleitforschung.errors import ReportError
from begleitforschung.language import Lang, Text
from begleitforschung.results.survey_result import SurveyResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

P_BOUNDS = (0.001, 0.01, 0.05, 0.1)
_DTYPES = (
    dict.fromkeys(("question", "column", "by", "test", "statistic"), "str")
    | dict.fromkeys(("value", "ndf", "ddf", "p", "p_adjusted"), "float64")
    | dict.fromkeys(("n", "n_min", "groups"), "int64")
    | dict.fromkeys(("group", "against"), "str")
    | dict.fromkeys(("estimate", "low", "high"), "float64")
)
_TESTS: dict[str, Text] = {
    "rao_scott": Text("Rao-Scott, 2. Ordnung", "Rao-Scott, second order"),
    "rao_scott_first": Text("Rao-Scott, 1. Ordnung", "Rao-Scott, first order"),
    "saddlepoint": Text("Rao-Scott, Sattelpunkt", "Rao-Scott, saddlepoint"),
    "wald": Text("Wald", "Wald"),
    "wald_adjusted": Text("Wald, korrigiert", "Wald, adjusted"),
    "score": Text("Score", "Score"),
    "mean": Text("Mittelwerte", "Means"),
    "rank": Text("Ränge", "Ranks"),
    "trend": Text("linearer Trend", "Linear trend"),
    "trend_rank": Text("Trend der Ränge", "Trend of ranks"),
}
_WHAT: dict[str, Text] = {
    "rao_scott": Text(
        "Rao-Scott: Pearsons Chi-Quadrat, um den Stichprobenplan korrigiert (Rao und Scott 1984)",
        "Rao-Scott: Pearson's chi-square, corrected for the design (Rao & Scott 1984)",
    ),
    "wald": Text(
        "Wald: Abweichungen der Häufigkeiten von der Unabhängigkeit (Koch u. a. 1975)",
        "Wald: deviations of the frequencies from independence (Koch et al. 1975)",
    ),
    "score": Text(
        "Score: Kovarianzen der Antworten mit den Gruppen (Lipsitz u. a. 2015)",
        "Score: covariances of answers and groups (Lipsitz et al. 2015)",
    ),
    "mean": Text(
        "Mittelwerte: t-Test bei zwei, F-Test bei mehr Gruppen, mit der Varianz des "
        "Stichprobenplans",
        "Means: t test of two, F test of more groups, with the variance of the design",
    ),
    "rank": Text(
        "Ränge: Wilcoxon bei zwei, Kruskal-Wallis bei mehr Gruppen (Lumley und Scott 2013)",
        "Ranks: Wilcoxon for two, Kruskal-Wallis for more groups (Lumley & Scott 2013)",
    ),
    "trend": Text(
        "Trend: Änderung je Stufe der geordneten Gruppen (linearer Kontrast)",
        "Trend: change per step of the ordered groups (linear contrast)",
    ),
}
_ADJUSTED: dict[str, Text] = {
    "holm": Text("p nach Holm korrigiert über {k} Tests", "p corrected by Holm over {k} tests"),
    "bh": Text(
        "p nach Benjamini und Hochberg korrigiert über {k} Tests",
        "p corrected by Benjamini-Hochberg over {k} tests",
    ),
    "none": Text(
        "p nicht korrigiert: von {k} Tests sind auch ohne jeden Unterschied einige auffällig",
        "p not corrected: of {k} tests some are small without any difference",
    ),
}
_SIZE = Text(
    "Ein kleines p sagt, dass ein Unterschied kaum Zufall ist; wie groß er ist, zeigen die "
    "Schätzwerte der Gruppen.",
    "A small p says that a difference is hardly due to chance; how large it is, the estimates of "
    "the groups show.",
)
_BOUNDS = Text(
    "Wo die Prüfgröße geheim gehalten ist, steht nur, unter welcher Schwelle p liegt (0,001; 0,01; "
    "0,05; 0,1), korrigiert dann überall. Ganz geheim gehaltene Tests zählen bei der Korrektur mit "
    "p = 1, also vorsichtig.",
    "Where the statistic is kept secret, only the bound is shown that p lies below (0.001, 0.01, "
    "0.05, 0.1), of adjusted p then throughout. Tests that are kept secret as a whole count as "
    "p = 1 in the correction, which is on the safe side.",
)
_NOTHING = Text("kein Unterschied", "no difference")
_POINTS = Text("Prozentpunkte", "percentage points")
_HEADS: dict[str, Text] = {
    "question": Text("Frage", "Question"),
    "by": Text("Gruppen", "Groups"),
    "test": Text("Test", "Test"),
    "difference": Text("Unterschied", "Difference"),
    "value": Text("Prüfgröße", "Statistic"),
    "p": Text("p", "p"),
    "p_adjusted": Text("p korrigiert", "p adjusted"),
    "n": Text("n", "n"),
    "n_min": Text("n kleinste Gruppe", "n smallest group"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Significance(SurveyResult):
    """Tests whether groups differ in what they answered.

    ``table`` has one row per test: ``question, column, by`` (the variable that makes the groups),
    ``test``; ``statistic`` (``F``, ``t`` or ``X2``) with its ``value``, degrees of freedom ``ndf``
    and ``ddf`` (``inf`` for X2), ``p`` and ``p_adjusted`` (over all tests); ``n`` (cases with
    answer and group), ``n_min`` (cases of the smallest group), ``groups``; of two groups
    ``estimate, low, high`` of the difference ``group`` less ``against``, of trends the change per
    step. A test that can't be made has no figures, and a finding says why. Where the table of a
    test must not be shown, it is ``suppressed``: the bound (0.001, 0.01, 0.05, 0.1 or 1) is left
    that its p, and all adjusted p, lie below, or nothing.

    Parameters
    ----------
    wording : mapping of str to Text
        Wording by column of the answers and by variable.
    groups : mapping of (str, str) to Text
        Groups by variable and key.
    bases : pandas.DataFrame
        Cases ``n`` of each ``group`` by ``question, column, by``.
    shares : frozenset of str
        Columns of 0 and 1, whose differences are percentage points.
    """

    wording: Mapping[str, Text] = field(repr=False)
    groups: Mapping[tuple[str, str], Text] = field(repr=False)
    bases: pd.DataFrame = field(repr=False)
    shares: frozenset[str] = frozenset()

    def _display(self, lang: Lang) -> TableModel:
        rows = self.rows()
        classes = any(self._hidden(row) and not is_missing(row["p"]) for row in rows)
        cells: dict[str, list[Any]] = {
            "question": [self.wording[row["column"]].get(lang) for row in rows],
            "by": [self.wording[row["by"]].get(lang) for row in rows],
            "test": [_TESTS[row["test"]].get(lang) for row in rows],
            "difference": [self._difference(row, lang) for row in rows],
            "value": [SECRET if self._hidden(row) else statistic_text(row, lang) for row in rows],
            "p": [self._p(row, "p", lang, bound=self._hidden(row)) for row in rows],
            "p_adjusted": [self._p(row, "p_adjusted", lang, bound=classes) for row in rows],
            "n": [row["n"] for row in rows],
            "n_min": [row["n_min"] for row in rows],
        }
        if not any(cells["difference"]):
            del cells["difference"]
        if len(rows) == 1 or self.specification["adjust"] == "none":
            del cells["p_adjusted"]
        words = ("question", "by", "test")
        columns = [
            Column(
                key=key,
                label=_HEADS[key].get(lang),
                align="left" if key in words else "right",
            )
            for key in cells
        ]
        return TableModel(
            columns=columns,
            rows=list(zip(*cells.values(), strict=True)),
            notes=self._notes(lang),
            source=self.source_line(lang),
            lang=lang,
        )

    def _difference(self, row: Mapping[str, Any], lang: Lang) -> str:
        """Write difference or trend with its interval; differences of ranks have no unit."""
        if row["test"] not in ("mean", "trend") or is_missing(row["estimate"]):
            return ""
        share = row["column"] in self.shares
        low, high, value = (
            format_number(row[key] * (100 if share else 1), 1 if share else 2, lang, sign=True)
            for key in ("low", "high", "estimate")
        )
        unit = f" {_POINTS.get(lang)}" if share else ""
        return f"{self._contrast(row, lang)}: {value}{unit} [{low}; {high}]"

    def _p(self, row: Mapping[str, Any], name: str, lang: Lang, *, bound: bool) -> str:
        silent = self._hidden(row) and is_missing(row["p"])
        return SECRET if silent else _p_text(row[name], lang, bound=bound)

    @staticmethod
    def _hidden(row: Mapping[str, Any]) -> bool:
        return bool(row.get("suppressed"))

    def _contrast(self, row: Mapping[str, Any], lang: Lang) -> str:
        if not row["group"]:
            return {"de": "je Stufe", "en": "per step"}[lang]
        keys = row["group"], row["against"]
        return " − ".join(self.groups[row["by"], key].get(lang) for key in keys)

    def _notes(self, lang: Lang) -> list[str]:
        found = self.design_notes(lang)
        families = {name: name.removesuffix("_rank").split("_")[0] for name in _TESTS}
        families |= {"rao_scott": "rao_scott", "rao_scott_first": "rao_scott"}
        families |= {"saddlepoint": "rao_scott"}
        used = dict.fromkeys(families[test] for test in self.table["test"])
        found.append(f"{'; '.join(_WHAT[name].get(lang) for name in used)}.")
        made = int(self.table["p"].notna().sum())
        if made > 1:
            text = _ADJUSTED[self.specification["adjust"]].get(lang)
            found.append(f"{text.replace('{k}', str(made))}.")
        if any(self._hidden(row) for row in self.rows()):
            found.append(_BOUNDS.get(lang))
        return [*found, _SIZE.get(lang), *self.closing_notes(lang, "significance.")]

    def _figure(self, lang: Lang, **options: Any) -> Figure:  # noqa: ARG002
        rows = [row for row in self.rows() if self._difference(row, lang)]
        if not rows:
            raise ReportError(
                "tests of frequencies have no figure of their own: draw the estimates of the "
                "groups, bf.estimate(survey, question, by=…).figure()"
            )
        factors = [100.0 if row["column"] in self.shares else 1.0 for row in rows]
        if len(set(factors)) > 1:
            raise ReportError("numbers and shares have no axis in common: test them apart")
        numbers = [[factors[0] * row[key] for row in rows] for key in ("estimate", "low", "high")]
        return dot_interval(
            [
                f"{self.wording[row['column']].get(lang)}: {self._contrast(row, lang)}"
                for row in rows
            ],
            *(np.array(values) for values in numbers),
            axis=_HEADS["difference"].get(lang),
            n=[row["n"] for row in rows],
            min_n=0,
            unit=_POINTS.get(lang) if factors[0] == 100 else "",
            decimals=1 if factors[0] == 100 else 2,
            reference=ReferenceLine(value=0.0, label=_NOTHING.get(lang)),
            sign=True,
            lang=lang,
        )

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        parts = [
            f"{self.wording[row['column']].get(lang)}: {self._difference(row, lang)}"
            for row in self.rows()
            if self._difference(row, lang)
        ]
        return f"{_HEADS['difference'].get(lang)}: {'; '.join(parts)}."


def _p_text(value: float, lang: Lang, *, bound: bool) -> str:
    """Write p, or the bound that it lies below."""
    if not bound or is_missing(value):
        return format_p(value, lang)
    if value < 1:
        return f"< {format_number(value, None, lang)}"
    return f"≥ {format_number(P_BOUNDS[-1], None, lang)}"


def statistic_text(row: Mapping[str, Any], lang: Lang) -> str:
    """Write a test statistic with its degrees of freedom.

    Parameters
    ----------
    row : mapping
        ``statistic`` (F, t or X2), ``value``, ``ndf`` and ``ddf``.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        E.g. ``F(2; 118) = 4,13``; a dash where there is no test.

    Examples
    --------
    >>> statistic_text({"statistic": "F", "value": 4.126, "ndf": 2.0, "ddf": 118.0}, "de")
    'F(2; 118) = 4,13'
    """
    if is_missing(row["value"]):
        return MISSING
    value = format_number(row["value"], 2, lang)
    freedom = {"F": ("ndf", "ddf"), "t": ("ddf",), "X2": ("ndf",)}[row["statistic"]]
    degrees = "; ".join(_degrees(row[key], lang) for key in freedom if not is_missing(row[key]))
    name = {"X2": "χ²"}.get(row["statistic"], row["statistic"])
    return f"{name}({degrees}) = {value}" if degrees else f"{name} = {value}"


def _degrees(value: float, lang: Lang) -> str:
    """Write degrees of freedom; those of the second order are no whole numbers."""
    if np.isinf(value):
        return "∞"
    return format_number(value, 0 if abs(value - round(value)) < 1e-6 else 1, lang)


def significance_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as the tidy table of a `Significance`.

    Parameters
    ----------
    rows : sequence of mapping
        One for each test; figures that are left out are missing.

    Returns
    -------
    pandas.DataFrame
        The table, with fixed columns and dtypes.

    Raises
    ------
    KeyError
        If the counts of cases are missing.
    """
    blank = {"statistic": "", "group": "", "against": ""}
    table = pd.DataFrame([blank | dict(row) for row in rows], columns=list(_DTYPES))
    return table.astype(_DTYPES)

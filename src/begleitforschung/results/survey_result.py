"""What tests, regressions and changes share: rows, sources, notes on design and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from begleitforschung.display.numbers import format_number
from begleitforschung.language import Lang, Text
from begleitforschung.provenance import quoted
from begleitforschung.results.survey_base import AnswersResult
from begleitforschung.results.weights import VERBS
from begleitforschung.surveys import Design

_ANALYTIC = Text(
    "Analytische Auswertung: Die Aussagen betreffen den Prozess hinter den Daten "
    "(Superpopulation), ohne Endlichkeitskorrektur.",
    "Analytic inference: what is said is about the process behind the data (superpopulation), "
    "without finite population correction.",
)
_NO_SAMPLE: dict[str, Text] = {
    "population": Text(
        "Vollerhebung mit Antwortausfall: Vorausgesetzt ist zufälliger Ausfall innerhalb der "
        "Schichten.",
        "Full population with non-response: non-response is taken as random within strata.",
    ),
    "invitation": Text(
        "Alle waren eingeladen und entschieden selbst über ihre Teilnahme; das ist keine "
        "Stichprobe. Vorausgesetzt ist zufälliger Ausfall innerhalb der Klassen.",
        "All were invited and chose themselves whether to take part; this is no sample. "
        "Non-response is taken as random within classes.",
    ),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class SurveyResult(AnswersResult):
    """Base of tests, regressions and changes.

    Parameters
    ----------
    design : Design, optional
        How the cases came about.
    """

    design: Design | None = field(default=None, repr=False)

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of the table, for printing.

        Returns
        -------
        list of dict
            One for each row, by column.
        """
        names = [str(name) for name in self.table.columns]
        values = self.table.itertuples(index=False, name=None)
        return [dict(zip(names, row, strict=True)) for row in values]

    def source_line(self, lang: Lang) -> str:
        """Return the source that stands below the result.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        str
            Citations, joined by semicolons.
        """
        return "; ".join(quoted(self.sources(), lang, computed=True))

    def design_notes(self, lang: Lang) -> list[str]:
        """Say what the figures are about and how cases were weighted.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.

        Returns
        -------
        list of str
            Notes; none without a design.
        """
        design, found = self.design, []
        if design is None:
            return []
        if design.inference == "analytic":
            found.append(_ANALYTIC.get(lang))
        if design.kind in _NO_SAMPLE:
            found.append(_NO_SAMPLE[design.kind].get(lang))
        if design.weighting:
            verbs = ", ".join(VERBS[step.verb].get(lang) for step in design.weighting)
            effective = format_number(design.diagnostics().effective_n, 0, lang)
            words = Text("Gewichtet", "Weighted"), Text("effektive Fallzahl", "effective n")
            found.append(f"{words[0].get(lang)} ({verbs}); {words[1].get(lang)} {effective}.")
        return found

    def closing_notes(self, lang: Lang, rule: str) -> list[str]:
        """Return what was remarked on the way.

        Parameters
        ----------
        lang : {"de", "en"}
            Language.
        rule : str
            Findings whose rule begins with it are printed.

        Returns
        -------
        list of str
            Notes.
        """
        return [f"{f.line(lang)}." for f in self.findings if f.rule.startswith(rule)]


def interval_head(level: float, lang: Lang) -> str:
    """Return the heading of a column of intervals.

    Parameters
    ----------
    level : float
        Level of confidence.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        The heading, with the level in percent.

    Examples
    --------
    >>> interval_head(0.95, "de"), interval_head(0.995, "en")
    ('95-%-Intervall', '99.5 % interval')
    """
    percent = round(100 * level, 6)
    shown = format_number(percent, None if percent % 1 else 0, lang)
    return {"de": f"{shown}-%-Intervall", "en": f"{shown} % interval"}[lang]


def range_text(low: str, high: str, lang: Lang) -> str:
    """Join the written bounds of an interval of numbers.

    Parameters
    ----------
    low, high : str
        Bounds.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        E.g. ``0,2 bis 0,4``.
    """
    return f"{low} {'bis' if lang == 'de' else 'to'} {high}"

"""Notes below estimates: which uncertainty is meant, what shares are shares of, who is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from begleitforschung.display.numbers import format_number
from begleitforschung.language import Lang, Text
from begleitforschung.results.estimate_words import (
    PERCENT_FIRST,
    SHARES,
    level_text,
    unit_noun,
    units_text,
)
from begleitforschung.results.population import population_texts
from begleitforschung.results.total_words import total_note, totals_words
from begleitforschung.results.weights import VERBS
from begleitforschung.stats.sampling import Replicates
from begleitforschung.surveys import Design

if TYPE_CHECKING:
    from begleitforschung.results.estimate import Estimate

_MISSING: dict[str, Text] = {
    "no_answer": Text("ohne Antwort", "no answer"),
    "dont_know": Text("weiß nicht", "don't know"),
    "refused": Text("keine Angabe", "refused"),
    "not_asked": Text("nicht gefragt", "not asked"),
}
_STATISTICS: dict[str, Text] = {
    "share": Text("Anteil", "Share"),
    "top2": Text("mit einer der beiden obersten Antworten", "with one of the two top answers"),
    "bottom2": Text(
        "mit einer der beiden untersten Antworten", "with one of the two bottom answers"
    ),
    "mean": Text("Mittelwert", "Mean"),
    "median": Text("Median", "Median"),
    "quantile": Text("Quantil", "Quantile"),
    "ratio": Text("Verhältnis der Summen", "Ratio of totals"),
    "variance": Text("Varianz", "Variance"),
    "sd": Text("Standardabweichung", "Standard deviation"),
}
_UNCERTAINTY: dict[str, Text] = {
    "": Text(
        "Ausgezählt sind die Antworten, ungewichtet; ohne Stichprobenplan ist keine Aussage über "
        "andere als die Antwortenden möglich.",
        "Answers are counted, unweighted; without a design nothing is said about others than "
        "those who answered.",
    ),
    "sample": Text(
        "Die Intervalle ({level} %) zeigen, was daraus folgt, dass nur eine Stichprobe befragt "
        "wurde; Messfehler und systematischer Ausfall sind nicht enthalten.",
        "The intervals ({level} %) show what follows from asking a sample only; errors of "
        "measurement and systematic non-response are not included.",
    ),
    "population": Text(
        "Vollerhebung mit Antwortausfall: Die Intervalle ({level} %) zeigen, was daraus folgt, "
        "dass nicht alle geantwortet haben, bei zufälligem Ausfall innerhalb der Schichten. Einen "
        "Stichprobenfehler gibt es nicht; Messfehler sind nicht enthalten.",
        "Full population with non-response: the intervals ({level} %) show what follows from some "
        "not having answered, if non-response is random within strata. There is no sampling "
        "error; errors of measurement are not included.",
    ),
    "complete": Text(
        "Alle haben geantwortet: Es gibt keinen Stichprobenfehler, Messfehler bleiben.",
        "All answered: there is no sampling error, errors of measurement remain.",
    ),
    "invitation": Text(
        "Alle waren eingeladen und entschieden selbst über ihre Teilnahme; das ist keine "
        "Stichprobe. Die Intervalle ({level} %) gelten bei zufälligem Ausfall innerhalb der "
        "Klassen; die äußersten Werte gelten, falls alle ohne Antwort die Eigenschaft nicht oder "
        "alle sie haben.",
        "All were invited and chose themselves whether to take part; this is no sample. The "
        "intervals ({level} %) hold if non-response is random within classes; the extremes hold "
        "if none or all of those without an answer have the property.",
    ),
}
_IF_RANDOM = Text(
    "bei zufälligem Ausfall innerhalb der Klassen", "if non-response is random within classes"
)
_LEFT_OUT = (
    "design.empty_stratum",
    "estimate.silent_stratum",
    "estimate.ungrouped",
    "estimate.number_missing",
)
_ANALYTIC = Text(
    "Analytische Auswertung: Die Intervalle beziehen sich auf den Prozess hinter den Daten "
    "(Superpopulation), ohne Endlichkeitskorrektur.",
    "Analytic inference: intervals are about the process behind the data (superpopulation), "
    "without finite population correction.",
)


def statistic_label(result: Estimate, statistic: str, lang: Lang) -> str:
    """Return the name of a statistic, of shares with what they are shares of.

    Parameters
    ----------
    result : Estimate
        The estimates.
    statistic : str
        The statistic.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        E.g. "Anteil der Kommunen".
    """
    if statistic == "total":
        totals = result.table[result.table["statistic"] == "total"]
        return totals_words(result.design, totals["category"]).get(lang)
    name = _STATISTICS[statistic].get(lang)
    if statistic == "quantile":
        percent = round(100 * result.specification["prob"], 6)
        return f"{name} {format_number(percent, None if percent % 1 else 0, lang)} %"
    if statistic not in SHARES:
        return name
    share = _STATISTICS["share"].get(lang)
    base = f"{share} {'of' if lang == 'en' else 'der'} {unit_noun(result).get(lang)}"
    return base if statistic == "share" else f"{base} {name}"


def condition(result: Estimate, lang: Lang) -> str:
    """Return under what condition the intervals of an invitation hold, for their heading.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        In brackets, after a blank; empty for samples and full populations.
    """
    design = result.design
    if design is None or design.kind != "invitation" or bool(result.table["low"].isna().all()):
        return ""
    return f" ({_IF_RANDOM.get(lang)})"


def reading_note(result: Estimate, lang: Lang) -> str:
    """Say what the figures of a table with several groups are.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        Statistic, unit and interval, which no heading of a column names there.
    """
    unit = units_text(result, lang)
    names = dict.fromkeys(result.table["statistic"])
    said = " / ".join(statistic_label(result, name, lang) for name in names)
    said += f" ({unit})" if unit and set(names).isdisjoint(SHARES) else ""
    if result.table["low"].isna().all() or (result.table["method"] == "complete").all():
        return f"{said}."
    level = level_text(result, lang)
    interval = f"{level}-%-Intervall" if lang == "de" else f"{level} % interval"
    place = "Klammern" if lang == "de" else "brackets"
    return f"{said}; in {place}: {interval}{condition(result, lang)}."


def counts_note(result: Estimate, lang: Lang) -> str:
    """Say that counts are those of cases where percentages are weighted.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        One sentence; empty where percentages follow from the counts.
    """
    few = result.table["statistic"].isin(SHARES) & (result.table["n"] < PERCENT_FIRST)
    weights = None if result.design is None else result.design.sample.weights
    weighted = weights is not None and not np.allclose(weights, weights[0])
    by_number = result.specification.get("weight_by")
    if not few.any() or not (weighted or by_number):
        return ""
    if lang == "en":
        return "Counts are those of answers, not weighted; percentages are weighted."
    return "Anzahlen sind die der Antworten, ungewichtet; Prozente sind gewichtet."


def uncertainty(result: Estimate, lang: Lang) -> str:
    """Return the sentence that says which uncertainty is meant.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        One to three sentences.
    """
    design = result.design
    if design is None:
        return _UNCERTAINTY[""].get(lang)
    methods = result.table.loc[result.table["suppressed"] == "", "method"]
    complete = bool(len(methods) and (methods == "complete").all()) or (
        design.kind != "sample" and design.complete and not _silent(result)
    )
    key = "complete" if complete and design.finite else design.kind
    text = _UNCERTAINTY[key].get(lang)
    text = text.replace("{level}", level_text(result, lang))
    return f"{text} {_ANALYTIC.get(lang)}" if design.inference == "analytic" else text


def _silent(result: Estimate) -> bool:
    silent = result.table[["no_answer", "dont_know", "refused"]]
    return bool(silent.isna().any(axis=None) or (silent > 0).any(axis=None))  # NA: kept secret


def missing_note(result: Estimate, lang: Lang) -> str:
    """Say how many cases are missing, by kind.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    str
        Numbers of the first breakdown; a range where questions differ; and of how many questions
        they are kept secret.
    """
    first = result.table[result.table["by"] == result.table["by"].iloc[0]]
    every = first.drop_duplicates(["column", "domain"]).groupby("column")[list(_MISSING)]
    summed = every.agg(lambda cases: cases.sum(skipna=False))
    by_column, parts = summed.dropna(), []
    for name, text in _MISSING.items() if len(by_column) else ():
        low, high = int(by_column[name].min()), int(by_column[name].max())
        if high:
            bounds = (format_number(n, 0, lang) for n in dict.fromkeys((low, high)))
            parts.append(f"{text.get(lang)} {'–'.join(bounds)}")
    found = [f"{'Not included' if lang == 'en' else 'Nicht enthalten'}: {', '.join(parts)}."]
    return " ".join(found * bool(parts) + _secret_missings(summed, lang))


def _secret_missings(by_column: pd.DataFrame, lang: Lang) -> list[str]:
    """Say of how many questions it is kept secret how many cases are missing."""
    secret, all_ = int(by_column.isna().any(axis=1).sum()), len(by_column)
    if not secret:
        return []
    of = {"de": f"bei {secret} von {all_} Fragen ", "en": f" for {secret} of {all_} questions"}
    part = of[lang] if secret < all_ else ""
    if lang == "en":
        return [f"How many answers are missing is kept secret{part}."]
    return [f"Wie viele Antworten fehlen, ist {part}geheim gehalten."]


def _replicated(design: Design, lang: Lang) -> list[str]:
    if not isinstance(design.sample, Replicates):
        return []
    count = format_number(design.sample.factors.shape[1], 0, lang)
    if lang == "en":
        return [f"Variances from {count} replicate weights."]
    return [f"Varianzen aus {count} Replikationsgewichten."]


def notes(result: Estimate, lang: Lang) -> list[str]:
    """Return the notes below estimates.

    Parameters
    ----------
    result : Estimate
        The estimates.
    lang : {"de", "en"}
        Language.

    Returns
    -------
    list of str
        Uncertainty, weights, missings and small bases.
    """
    design = result.design
    found = [uncertainty(result, lang), missing_note(result, lang)]
    found.append(total_note(result.table, design, lang))
    if design is not None:
        found += [text.get(lang) for text in population_texts(design)]
        found += _replicated(design, lang)
    left_out = (f for f in result.findings if f.rule in _LEFT_OUT)
    found += [f"{finding.text.get(lang).rstrip('.')}." for finding in left_out]
    if design is not None and design.weighting:
        verbs = ", ".join(VERBS[step.verb].get(lang) for step in design.weighting)
        effective = format_number(design.diagnostics().effective_n, 0, lang)
        words = ("Gewichtet", "effektive Fallzahl") if lang == "de" else ("Weighted", "effective n")
        found.append(f"{words[0]} ({verbs}); {words[1]} {effective}.")
    small = result.table["statistic"].isin(SHARES) & (result.table["n"] < result.min_n)
    if (small & (result.table["suppressed"] == "")).any():
        found.append(
            f"Bei weniger als {result.min_n} Antworten stehen Anzahlen statt Prozent."
            if lang == "de"
            else f"With fewer than {result.min_n} answers counts are shown instead of percent."
        )
    found.append(counts_note(result, lang))
    return [note for note in found if note]

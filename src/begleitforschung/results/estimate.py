"""`Estimate`: what a survey says about its population, with base, interval and missings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from begleitforschung.display.secrecy import UNPROTECTED
from begleitforschung.errors import UnknownCodeError
from begleitforschung.language import Lang, Text
from begleitforschung.results.estimate_r import RInput, r_script
from begleitforschung.results.published import Breakdown, ColumnRows
from begleitforschung.results.survey_base import AnswersResult
from begleitforschung.surveys import Design, Survey

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from begleitforschung.display.tables import TableModel

COLUMNS = (
    "question",
    "column",
    "statistic",
    "category",
    "by",
    "domain",
    "estimate",
    "se",
    "low",
    "high",
    "method",
    "df",
    "deff",
    "n",
    "N",
    "N_known",
    "count",
    "count_low",
    "count_high",
    "worst_low",
    "worst_high",
    "estimated",
    "not_asked",
    "no_answer",
    "dont_know",
    "refused",
    "suppressed",
)
# What a row tells of the answers: missing where the row is suppressed.
TELLING = (
    "estimate",
    "se",
    "low",
    "high",
    "df",
    "deff",
    "count",
    "count_low",
    "count_high",
    "worst_low",
    "worst_high",
    "estimated",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate(AnswersResult):
    """Estimates of questions, by answer and domain.

    ``table`` has one row per column of the answers, answer and domain: ``question, column,
    statistic, category`` (code; empty for numbers), ``by, domain`` (empty for all); ``estimate``
    (shares between 0 and 1), ``se``, ``low``, ``high`` with ``method`` (``hypergeometric``,
    ``complete`` if all answered, ``wilson_kish``, ``t``, ``woodruff``), ``df``, ``deff`` (against
    simple random sampling without replacement); ``n`` (cases with an answer), ``N`` (units of the
    population that were asked) and ``N_known`` (from the register, else estimated); ``count``
    (cases with the property, unweighted), ``count_low`` and ``count_high`` (exact bounds in units
    of the population); ``worst_low`` and ``worst_high`` (if all who did not answer lacked the
    property, or all had it); and the numbers of cases that ``estimated`` or are missing:
    ``not_asked, no_answer, dont_know, refused``. ``suppressed`` is empty, or ``hidden``
    where nothing of a row but its bases may be shown; ``n`` and ``N`` are missing too where answers
    decide who belongs to the base and their number is secret (``n`` is then Int64, else int64).

    Parameters
    ----------
    questions : mapping of str to Text
        Wording by column.
    categories : mapping of (str, str) to Text
        Answers by column and code.
    domains : mapping of (str, str) to Text
        Domains by variable and key.
    units : mapping of str to str
        Units of measure by column.
    design : Design, optional
        How the cases came about.
    survey : Survey
        The survey.
    r_inputs : tuple of RInput
        What the figures were estimated from, for `to_r`.
    breakdowns : tuple of Breakdown
        Groups of the cases, in the order of the table.
    published : tuple of ColumnRows
        Of a protected estimate, what everybody may know about its rows, for `audit`.
    """

    questions: Mapping[str, Text] = field(repr=False)
    categories: Mapping[tuple[str, str], Text] = field(repr=False)
    domains: Mapping[tuple[str, str], Text] = field(repr=False)
    units: Mapping[str, str] = field(default_factory=dict, repr=False)
    design: Design | None = field(default=None, repr=False)
    survey: Survey = field(repr=False)
    r_inputs: tuple[RInput, ...] = field(default=(), repr=False)
    breakdowns: tuple[Breakdown, ...] = field(default=(), repr=False)
    published: tuple[ColumnRows, ...] = field(default=(), repr=False)

    @property
    def min_n(self) -> int:
        """Bases with fewer cases are shown as counts."""
        return int(self.specification["min_n"])

    @property
    def level(self) -> float:
        """Level of confidence."""
        return float(self.specification["level"])

    def to_r(self, *, allow_unprotected: bool = False) -> str:
        """Return an R script that gives the same figures with the package survey.

        Parameters
        ----------
        allow_unprotected : bool
            Whether it may be written at the own desk although confidential.

        Returns
        -------
        str
            The script, data included (one row per case with weights, strata, units, calibration
            variables and the values used): as confidential as the answers. It needs the package
            survey from 4.1 on and says of each row whether R finds the same.

        Raises
        ------
        DisclosureError
            If the answers are confidential, be the estimate protected or not, and this is not
            allowed.
        """
        # The script holds the answers themselves: that cells are suppressed does not help.
        bare = replace(self, protected=False)
        if bare.require_showable(allow_unprotected=allow_unprotected):
            return f"# {UNPROTECTED.en} / {UNPROTECTED.de}\n{r_script(self)}"
        return r_script(self)

    def covariance(self, *, allow_unprotected: bool = False) -> pd.DataFrame:
        """Return the covariance of all estimates, for contrasts of one's own.

        Parameters
        ----------
        allow_unprotected : bool
            Whether it may be shown at the own desk although confidential.

        Returns
        -------
        pandas.DataFrame
            Square, rows and columns by ``column, category, by, domain`` in the order of the table;
            its diagonal is the squared ``se``. Missing between questions that were left unanswered
            by different cases of a full population, whose variances rest on different cases.

        Raises
        ------
        DisclosureError
            If the answers are confidential, be the estimate protected or not, and this is not
            allowed.
        ValidationError
            If there is no design, or a quantile among the estimates.
        """
        from begleitforschung.results.estimate_covariance import covariance_table

        # Covariances could undo what is suppressed.
        replace(self, protected=False).require_showable(allow_unprotected=allow_unprotected)
        return covariance_table(self)

    def part(self, question: str) -> Estimate:
        """Return the estimates of one question, for a table or figure of its own.

        Parameters
        ----------
        question : str
            Item or column.

        Returns
        -------
        Estimate
            The same figures.

        Raises
        ------
        UnknownCodeError
            If the question is not among the estimates.
        """
        rows = (self.table["question"] == question) | (self.table["column"] == question)
        if not rows.any():
            raise UnknownCodeError(question, self.table["question"].unique(), "questions estimated")
        table = self.table[rows].reset_index(drop=True)
        places = {int(at): new for new, at in enumerate(self.table.index[rows])}
        columns = set(table["column"])
        return replace(
            self,
            table=table,
            specification={**self.specification, "question": [question]},
            provenance=self.provenance.then("part", question=question),
            protection=None if self.protection is None else self.protection.of(table["suppressed"]),
            questions={k: v for k, v in self.questions.items() if k in columns},
            categories={k: v for k, v in self.categories.items() if k[0] in columns},
            units={k: v for k, v in self.units.items() if k in columns},
            published=tuple(p.moved(places) for p in self.published if p.column in columns),
        )

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

    def _places(self) -> str:
        from begleitforschung.results.estimate_secrecy import places

        return places(self)

    def _remedy(self) -> str:
        return "Protect it with all that is published beside it, bf.protect(…)"

    def _hides(self) -> bool:
        from begleitforschung.results.estimate_secrecy import hides

        return self.protection is not None and hides(self)

    def _display(self, lang: Lang) -> TableModel:
        from begleitforschung.results.estimate_display import table_model

        return table_model(self, lang)

    def _figure(self, lang: Lang, **options: Any) -> Figure:
        from begleitforschung.results.estimate_figures import draw

        return draw(self, lang, **options)

    def _alt_text(self, lang: Lang, **options: Any) -> str:  # noqa: ARG002
        from begleitforschung.results.estimate_figures import alt_text

        return alt_text(self, lang)


def estimate_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as the tidy table of an `Estimate`.

    Parameters
    ----------
    rows : sequence of mapping
        One for each row, keys as in `COLUMNS`; ``suppressed`` is empty where it is left out.

    Returns
    -------
    pandas.DataFrame
        The table, with fixed columns and dtypes.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    table = pd.DataFrame([{"suppressed": "", **row} for row in rows], columns=list(COLUMNS))
    counts = ("count", "estimated", "not_asked", "no_answer", "dont_know", "refused")
    words = ("question", "column", "statistic", "category", "by", "domain", "method", "suppressed")
    numbers = [c for c in COLUMNS if c not in ("n", *counts, *words, "N_known")]
    dtypes = {"n": "int64"} | dict.fromkeys(counts, "Int64") | dict.fromkeys(words, "str")
    return table.astype(dtypes | dict.fromkeys(numbers, "float64") | {"N_known": "bool"})

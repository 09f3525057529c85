"""`significance`: whether groups differ in what they answered, corrected for many tests at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import pandas as pd
from numpy.typing import ArrayLike

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.estimation.analytic import analytic_design
from begleitforschung.estimation.arguments import names_of, require_level
from begleitforschung.estimation.blocks import blocks_of
from begleitforschung.estimation.domains import Domains, answers_among, chosen, grouped
from begleitforschung.estimation.estimate import filter_text, filtered
from begleitforschung.estimation.group_tests import METHODS, OF_CODES, GroupTest, Method, compared
from begleitforschung.language import Text
from begleitforschung.results.significance import Significance, significance_table
from begleitforschung.results.variable_words import variable_words
from begleitforschung.stats.correlation_tests import adjust as adjusted
from begleitforschung.surveys import Design, Item, Survey

Adjust = Literal["holm", "bh", "none"]
ADJUSTMENTS: tuple[Adjust, ...] = get_args(Adjust)
_SMALL = 5
_REMARKS = {
    "constant": Text(
        "kein Test, weil nur eine Gruppe oder nur eine Antwort vorkommt",
        "no test, as there is one group or one answer only",
    ),
    "singular": Text(
        "kein Test, weil für so viele Felder zu wenige Fälle vorliegen",
        "no test, as there are too few cases for so many cells",
    ),
}


def significance(
    survey: Survey,
    question: str | Sequence[str],
    by: str | Sequence[str],
    method: Method | None = None,
    *,
    adjust: Adjust = "holm",
    order: Mapping[str, Sequence[str]] | None = None,
    where: str | ArrayLike | None = None,
    level: float = 0.95,
    allow_unprotected: bool = False,
) -> Significance:
    """Test whether groups differ in what they answered.

    Tests exist only with ``inference="analytic"``: in a finite population groups always differ a
    little, and where all answered a difference is a fact.

    Parameters
    ----------
    survey : Survey
        A survey whose design has analytic inference.
    question : str or sequence of str
        Items or columns; each column (each option of a multiple choice) is tested on its own.
    by : str or sequence of str
        Items with one answer, or variables of the frame; each is tested on its own.
    method : str, optional
        Of the answers' frequencies: ``rao_scott`` (F, second order; default of coded questions),
        ``rao_scott_first`` (χ², first order), ``saddlepoint``, ``wald``, ``wald_adjusted``,
        ``score``. Of numbers and scores of scales: ``mean`` (default of numbers; t for two groups,
        F for more), ``rank`` (Wilcoxon for two, Kruskal & Wallis for more). Over ordered groups:
        ``trend`` (linear contrast; of an option of a multiple choice the trend of its share) and
        ``trend_rank``.
    adjust : {"holm", "bh", "none"}
        Correction over all tests of the call: Holm (probability of one false finding or more),
        Benjamini-Hochberg (share of false findings), or none.
    order : mapping of str to sequence of str, optional
        For trends: the groups of a variable from low to high, which count 1, 2, 3 …; others are
        left out. Scales and ordered categories of the frame know their order.
    where : str or array_like of bool, optional
        Cases that count, see `begleitforschung.estimate`.
    level : float
        Level of the interval of differences and trends.
    allow_unprotected : bool
        Whether a confidential result may be shown although no cells are suppressed.

    Returns
    -------
    Significance
        One row per test.

    Raises
    ------
    UnknownCodeError
        If a question, variable, method or correction is unknown.
    ValidationError
        If inference is descriptive, or method, question and groups do not fit.

    Examples
    --------
    With a survey of your own::

        bf.significance(survey, ["q1", "q2"], by="groessenklasse").display()
    """
    require_level(level)
    plan = analytic_design(survey, "tests")
    _known(method, adjust)
    questions, names = names_of(question, "question"), names_of(by, "by")
    inside = chosen(survey, where)
    domains = [grouped(survey, name, inside) for name in names]
    ordered = domains if method in ("trend", "trend_rank") else []
    places = {part.by: _places(survey, part, order or {}) for part in ordered}
    rows, made = _tests(survey, plan, questions, domains, method, places, level)
    table = significance_table(rows)
    corrected = table["p"] if adjust == "none" else adjusted(table["p"], method=adjust)
    specification = {
        "question": list(questions),
        "by": list(names),
        "method": method,
        "adjust": adjust,
        "order": {key: list(keys) for key, keys in (order or {}).items()},
        "where": filter_text(where),
        "level": level,
    }
    node = survey.traced(answers_among(survey, [*questions, *names, *filtered(where)]))
    columns = dict.fromkeys(table["column"])
    return Significance(
        table=table.assign(p_adjusted=corrected),
        specification=specification,
        provenance=node.then("significance", **specification, allow_unprotected=allow_unprotected),
        findings=(*survey.findings, *_findings(rows, made)),
        wording={name: variable_label(survey, name) for name in (*columns, *names)},
        groups=group_labels(domains),
        bases=_bases(rows, made),
        shares=frozenset(c for c in columns if survey.codebook.item(c).kind == "multiple"),
        design=plan,
        survey=survey,
        allow_unprotected=allow_unprotected,
    )


def group_labels(domains: Sequence[Domains]) -> dict[tuple[str, str], Text]:
    """Return the wording of groups by variable and key.

    Parameters
    ----------
    domains : sequence of Domains
        Breakdowns.

    Returns
    -------
    dict
        ``(variable, key)`` to wording.
    """
    return {
        (part.by, key): label
        for part in domains
        for key, label in zip(part.keys, part.labels, strict=True)
    }


def variable_label(survey: Survey, name: str) -> Text:
    """Return the wording of a variable: of an item its question, of the frame its name.

    Parameters
    ----------
    survey : Survey
        The survey.
    name : str
        The variable.

    Returns
    -------
    Text
        German and English.
    """
    return survey.codebook.label(name) if answers_among(survey, [name]) else variable_words(name)


def _known(method: str | None, adjust: str) -> None:
    if method is not None and method not in METHODS:
        raise UnknownCodeError(method, METHODS, "methods of a test")
    if adjust not in ADJUSTMENTS:
        raise UnknownCodeError(adjust, ADJUSTMENTS, "corrections for several tests")


def _tests(
    survey: Survey,
    plan: Design,
    questions: Sequence[str],
    domains: Sequence[Domains],
    method: Method | None,
    places: Mapping[str, Mapping[str, int]],
    level: float,
) -> tuple[list[dict[str, Any]], list[GroupTest]]:
    """Return the row of the table of each test, and what it found."""
    rows: list[dict[str, Any]] = []
    made: list[GroupTest] = []
    for name in questions:
        item = survey.codebook.item(name)
        test = method or _default(item)
        if item.id in [part.by for part in domains]:
            raise ValidationError(f"{item.id!r} is question and group, which tells nothing")
        for block in blocks_of(survey, name, _statistic(item, test)):
            for part in domains:
                at = places.get(part.by)
                found = compared(block, part, test, plan, places=at, level=level)
                head = {"question": item.id, "column": block.column, "by": part.by, "test": test}
                rows.append(head | found.row)
                made.append(found)
    return rows, made


def _default(item: Item) -> Method:
    if item.cell_kind in ("text", "date"):
        raise ValidationError(f"answers of kind {item.cell_kind} can't be tested: {item.id!r}")
    return "mean" if item.cell_kind == "number" else "rao_scott"


def _statistic(item: Item, test: str) -> Literal["share", "mean"]:
    """Return whether a test is about codes or about numbers, if it fits the question."""
    if test in OF_CODES:
        return "share"
    if item.cell_kind not in ("number", "scale", "multiple"):
        raise ValidationError(
            f"{test!r} needs numbers or a scale; the answers of {item.id!r} (kind "
            f"{item.cell_kind!r}) have no order: take 'rao_scott'"
        )
    return "mean"


def _places(survey: Survey, part: Domains, order: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the place of each group from low to high."""
    given = order.get(part.by)
    if given is not None:
        for key in given:
            if key not in part.keys:
                raise UnknownCodeError(key, part.keys, f"groups of {part.by!r}")
        return {key: at + 1 for at, key in enumerate(given)}
    design = survey.design
    if design is not None and part.by in design.variables.columns:
        dtype = design.variables[part.by].dtype
        known = isinstance(dtype, pd.CategoricalDtype) and bool(dtype.ordered)
    else:
        known = survey.codebook.item(part.by).cell_kind == "scale"
    if not known:
        raise ValidationError(
            f"a trend needs ordered groups, and nothing says how those of {part.by!r} are "
            f"ordered: give order={{{part.by!r}: […]}} from low to high"
        )
    return {key: at + 1 for at, key in enumerate(part.keys)}


def _bases(rows: Sequence[dict[str, Any]], made: Sequence[GroupTest]) -> pd.DataFrame:
    """Return the cases of each group behind each test."""
    heads = ("question", "column", "by")
    found = [
        (*(row[name] for name in heads), *base)
        for row, test in zip(rows, made, strict=True)
        for base in test.bases
    ]
    return pd.DataFrame(found, columns=[*heads, "group", "n"])


def _findings(rows: Sequence[dict[str, Any]], made: Sequence[GroupTest]) -> list[Finding]:
    """Say which tests could not be made, and which rest on small groups."""
    found = []
    for row, test in zip(rows, made, strict=True):
        place = f"{row['column']} × {row['by']}"
        if test.remark:
            text = _REMARKS[test.remark]
            found.append(
                Finding(rule="significance.none", severity="warning", text=text, key=place)
            )
        elif row["n_min"] < _SMALL:
            text = Text(
                f"eine Gruppe hat weniger als {_SMALL} Antworten, das p ist nur eine Näherung",
                f"a group has fewer than {_SMALL} answers, p is an approximation only",
            )
            found.append(
                Finding(rule="significance.small", severity="warning", text=text, key=place)
            )
    return found

"""`regress`: linear and logistic regression of answers, with the variance of the design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from begleitforschung.errors import Finding, UnknownCodeError, ValidationError
from begleitforschung.estimation.analytic import analytic_design, in_words
from begleitforschung.estimation.arguments import require_level
from begleitforschung.estimation.blocks import Block, blocks_of
from begleitforschung.estimation.domains import answers_among, chosen
from begleitforschung.estimation.estimate import filter_text, filtered
from begleitforschung.estimation.figures import item_sample
from begleitforschung.estimation.predictors import Predictor, Term, matrix_of, predictors_of
from begleitforschung.estimation.significance import variable_label
from begleitforschung.language import Text
from begleitforschung.results.regression import Regression, regression_table
from begleitforschung.stats import sampling
from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.design import Mask
from begleitforschung.stats.sampling.estimates import Estimates
from begleitforschung.stats.sampling.regression import Family
from begleitforschung.surveys import STATUSES, Design, Survey

_FEW = 10  # cases per coefficient (Peduzzi et al. 1996, J. Clinical Epidemiology 49, 1373-1379)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """Values of the outcome, its column and its wording."""

    column: str
    values: Floats
    silent: Mask
    label: Text


def regress(
    survey: Survey,
    outcome: str,
    predictors: str | Sequence[str],
    family: Family = "linear",
    *,
    event: str | Sequence[str] | None = None,
    reference: Mapping[str, str] | None = None,
    as_numbers: Sequence[str] = (),
    as_categories: Sequence[str] = (),
    where: str | ArrayLike | None = None,
    level: float = 0.95,
    allow_unprotected: bool = False,
) -> Regression:
    """Regress an answer on others, with the variance of the design.

    Regressions exist only with ``inference="analytic"``. A case that lacks any of the variables is
    left out; the result says how many, and why.

    Parameters
    ----------
    survey : Survey
        A survey whose design has analytic inference.
    outcome : str
        Column with numbers, a scale (its scores), or an option of a multiple choice (0 and 1).
    predictors : str or sequence of str
        Items, columns, or variables of the frame. Numbers and options count as they are, coded
        questions and texts as categories against a reference.
    family : {"linear", "logistic"}
        Regression of the mean, or of the odds of an outcome of 0 and 1.
    event : str or sequence of str, optional
        For ``logistic``: codes of the outcome that count as 1.
    reference : mapping of str to str, optional
        Category that the others of a predictor are compared with; the first one by default.
    as_numbers : sequence of str
        Scales among the predictors that count with their scores.
    as_categories : sequence of str
        Variables of the frame whose numbers are names, such as a key.
    where : str or array_like of bool, optional
        Cases that count, see `begleitforschung.estimate`.
    level : float
        Level of confidence.
    allow_unprotected : bool
        Whether a confidential result may be shown although no cells are suppressed.

    Returns
    -------
    Regression
        One row per coefficient.

    Raises
    ------
    UnknownCodeError
        If a variable, category or family is unknown.
    ValidationError
        If inference is descriptive, variables depend on each other, or outcome and family do not
        fit.

    Examples
    --------
    With a survey of your own::

        bf.regress(survey, "q1", ["groessenklasse", "q4"], "logistic", event="A1").display()
    """
    require_level(level)
    plan = analytic_design(survey, "regressions")
    names = (predictors,) if isinstance(predictors, str) else tuple(predictors)
    codes = (event,) if isinstance(event, str) else tuple(event or ())
    y = _outcome(survey, outcome, family, codes)
    parts = predictors_of(survey, names, as_numbers, as_categories)
    asked = _asked(survey, where)
    used = _used(y, parts, asked, family)
    x, terms = matrix_of(parts, used, reference or {})
    found = _fitted(plan, y, parts, x, used, family)
    specification: dict[str, Any] = {
        **{"outcome": outcome, "event": list(codes), "predictors": list(names), "family": family},
        "reference": dict(reference or {}),
        "as_numbers": list(as_numbers),
        "as_categories": list(as_categories),
        "where": filter_text(where),
        "level": level,
    }
    node = survey.traced(answers_among(survey, [outcome, *names, *filtered(where)]))
    return Regression(
        table=regression_table(_rows(found, terms, used, family, level)),
        specification=specification,
        provenance=node.then("regress", **specification, allow_unprotected=allow_unprotected),
        findings=(*survey.findings, *_findings(y, used, terms, family)),
        outcome=y.label,
        wording={part.name: variable_label(survey, part.name) for part in parts},
        categories={(term.predictor, term.category): term.label for term in terms},
        tests=_joint(found, terms),
        cases=int(asked.sum()),
        dropped=_dropped(survey, asked, [y.column, *(part.name for part in parts)]),
        design=plan,
        survey=survey,
        allow_unprotected=allow_unprotected,
    )


def _asked(survey: Survey, where: str | ArrayLike | None) -> Mask:
    inside = chosen(survey, where)
    return np.ones(len(survey), dtype=np.bool_) if inside is None else inside


def _used(y: _Outcome, parts: Sequence[Predictor], asked: Mask, family: Family) -> Mask:
    """Return the cases that have all variables."""
    if y.column in [part.name for part in parts]:
        raise ValidationError(f"{y.column!r} is outcome and predictor")
    used = np.logical_and.reduce([asked, ~np.isnan(y.values), *(part.known for part in parts)])
    if not used.any():
        raise ValidationError("no case has answers to all variables of the regression")
    if np.unique(y.values[used]).size < 2:
        raise ValidationError(f"all cases used have the same outcome {y.column!r} ({family})")
    return np.asarray(used)


def _fitted(
    plan: Design,
    y: _Outcome,
    parts: Sequence[Predictor],
    x: Floats,
    used: Mask,
    family: Family,
) -> Estimates:
    """Estimate the coefficients in the sample that answered."""
    silent = np.logical_or.reduce([y.silent, *(part.silent for part in parts)])
    sample, kept = item_sample(plan, silent)
    with in_words(plan, kept, y.column):
        found = sampling.regression(
            y.values[kept], x[kept], sample, family=family, where=used[kept]
        )
    if not found.df[0] > 0:
        raise ValidationError(
            f"{len(found.values)} coefficients leave no degree of freedom; take fewer predictors"
        )
    return found


def _outcome(survey: Survey, name: str, family: Family, event: Sequence[str]) -> _Outcome:
    """Return the outcome as numbers, of a logistic regression as 0 and 1."""
    if family not in get_args(Family):
        raise UnknownCodeError(family, get_args(Family), "families of a regression")
    columns = survey.columns_of(name)
    if len(columns) > 1:
        raise ValidationError(f"an outcome is one column; {name!r} has {', '.join(columns)}")
    item, label = survey.codebook.item(columns[0]), survey.codebook.label(columns[0])
    if event:
        if family != "logistic" or not item.coded or item.kind == "multiple":
            raise ValidationError("event= goes with logistic regressions of coded questions")
        (block,) = blocks_of(survey, columns[0], "share")
        for code in event:
            if code not in block.categories:
                raise UnknownCodeError(code, block.categories, f"answers to {name!r}")
        at = [block.categories.index(code) for code in event]
        named = [block.labels[k] for k in at]
        words = Text(*(f"{label.get(lang)} – {', '.join(t.get(lang) for t in named)}"
                       for lang in ("de", "en")))  # fmt: skip
        return _with(block, block.values[:, at].sum(axis=1), words)
    if item.cell_kind not in ("number", "scale", "multiple"):
        raise ValidationError(
            f"{name!r} (kind {item.cell_kind!r}) has no numbers: take family='logistic' and say "
            "which answers count with event="
        )
    (block,) = blocks_of(survey, columns[0], "mean")
    values = block.values[:, 0]
    if family == "logistic" and not np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
        raise ValidationError(
            f"a logistic regression needs an outcome of 0 and 1; say which answers to {name!r} "
            "count with event="
        )
    return _with(block, values, label)


def _with(block: Block, values: Floats, label: Text) -> _Outcome:
    silent = block.asked & ~block.answered
    return _Outcome(column=block.column, values=values, silent=silent, label=label)


def _rows(
    found: Estimates, terms: Sequence[Term], used: Mask, family: Family, level: float
) -> list[dict[str, Any]]:
    """Return one row per coefficient, the references of categories in their place."""
    low, high = found.interval(level)
    rows = []
    for term in (None, *terms):
        column = 0 if term is None else term.column
        row: dict[str, Any] = {
            "predictor": "" if term is None else term.predictor,
            "category": "" if term is None else term.category,
            "role": "intercept" if term is None else "category" if term.category else "number",
            "n": int(used.sum()) if term is None else term.n,
        }
        if column < 0:
            rows.append(row | {"role": "reference"})
            continue
        value, se, df = (float(a[column]) for a in (found.values, found.se, found.df))
        test = sampling.testing.t_test("t", value, se, df)
        row |= {"estimate": value, "se": se, "df": df, "t": test.statistic, "p": test.p}
        row |= {"low": float(low[column]), "high": float(high[column])}
        if family == "logistic":
            with np.errstate(over="ignore"):
                odds = np.exp([value, low[column], high[column]])
            row |= dict(zip(("odds", "odds_low", "odds_high"), odds.tolist(), strict=True))
        rows.append(row)
    return rows


def _joint(found: Estimates, terms: Sequence[Term]) -> pd.DataFrame:
    """Test all categories of a predictor at once (Wald)."""
    rows = []
    for name in dict.fromkeys(term.predictor for term in terms):
        at = [term.column for term in terms if term.predictor == name and term.column > 0]
        if len(at) > 1:
            try:
                test = sampling.joint_test(found, at)
            except ValueError:  # fewer units than categories
                continue
            rows.append((name, test.statistic, test.df, test.ddf, test.p))
    return pd.DataFrame(rows, columns=["predictor", "value", "ndf", "ddf", "p"])


def _dropped(survey: Survey, asked: Mask, columns: Sequence[str]) -> pd.DataFrame:
    """Count why cases lack a variable; one case may lack several."""
    rows = []
    for name in columns:
        if name in survey.status.columns:
            status = survey.status[name].to_numpy(np.int8)[asked]
            counts = np.bincount(status, minlength=len(STATUSES))
            rows.append((name, *(int(n) for n in counts[2:])))
    return pd.DataFrame(rows, columns=["variable", *STATUSES[2:]])


def _findings(y: _Outcome, used: Mask, terms: Sequence[Term], family: Family) -> list[Finding]:
    """Remark too few cases for so many coefficients."""
    cases = int(used.sum())
    if family == "logistic":
        events = int(y.values[used].sum())
        cases = min(events, cases - events)
    count = sum(term.column > 0 for term in terms)
    if cases >= _FEW * count:
        return []
    text = Text(
        f"weniger als {_FEW} Fälle je Koeffizient (bei logistischer Regression: Fälle der "
        "selteneren Antwort); die Koeffizienten sind unsicher und eher zu groß",
        f"fewer than {_FEW} cases per coefficient (logistic: cases of the rarer outcome); "
        "coefficients are unsure and rather too large",
    )
    return [Finding(rule="regression.few", severity="warning", text=text)]

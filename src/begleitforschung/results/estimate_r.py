"""The R script that gives the same estimates, so that a statistician can sign them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from begleitforschung.results.estimate_r_design import Columns, csv_text, design_lines, number
from begleitforschung.stats.sampling.estimates import AnyDesign
from begleitforschung.surveys import WeightingStep

if TYPE_CHECKING:
    from begleitforschung.results.estimate import Estimate

_HEAD = """# The same estimates with the package survey for R (Lumley 2004), ours beside them.
library(survey)
agree <- c()
check <- function(label, r, df, ours) {{
  theirs <- as.numeric(c(coef(r)[1], SE(r)[1], NA, NA))
  if (!is.na(ours[3])) theirs[3:4] <- as.numeric(confint(r, level = {level}, df = df))[1:2]
  if (inherits(r, "svrepvar")) {{  # confint knows no variances of replicates
    theirs[3:4] <- theirs[1] + c(-1, 1) * qt((1 + {level}) / 2, df) * theirs[2]
  }}
  near <- abs(theirs - ours) <= {tolerance} * abs(ours) + 1e-12 * abs(ours[1])
  same <- all((near & !is.na(near)) | is.na(ours))
  agree <<- c(agree, same)
  shown <- c("estimate", "se", "low", "high")[!is.na(ours)]
  figures <- sprintf("%s %.15g = %.15g", shown, theirs[!is.na(ours)], ours[!is.na(ours)])
  cat(if (same) "same" else "DIFFERENT", label, paste(figures, collapse = "; "), "\\n", sep = " | ")
}}"""
_ROOT = """root <- function(variance) {  # standard deviation by the delta method
  structure(c(sd = sqrt(as.numeric(coef(variance))[1])), class = "svystat", statistic = "sd",
            var = matrix(as.numeric(SE(variance))[1]^2 / (4 * as.numeric(coef(variance))[1])))
}"""
_TAIL = r"""cat(sprintf("%d of %d rows agree\n", sum(agree), length(agree)))"""
_SYMMETRIC = ("t", "mean", "woodruff")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RInput:
    """What one column of the answers was estimated from, case by case.

    Parameters
    ----------
    column : str
        Column of the answers.
    categories : tuple of str
        What each column of `values` is about.
    values : numpy.ndarray, shape (n, k)
        Values; NaN where missing.
    per : numpy.ndarray, shape (n,), optional
        Denominator of ratios.
    sample : stats.sampling.Design or stats.sampling.Replicates
        The sample that answered.
    steps : tuple of WeightingStep
        How its weights were changed.
    groups : tuple of (str, tuple of str, numpy.ndarray of int)
        Name, keys and codes of each breakdown; -1 is no group.
    """

    column: str
    categories: tuple[str, ...]
    values: NDArray[np.float64]
    per: NDArray[np.float64] | None
    sample: AnyDesign
    steps: tuple[WeightingStep, ...]
    groups: tuple[tuple[str, tuple[str, ...], NDArray[np.int64]], ...]


def r_script(result: Estimate) -> str:
    """Return an R script that gives the figures of an estimate, beside ours.

    Parameters
    ----------
    result : Estimate
        The estimates.

    Returns
    -------
    str
        The script, data included; it needs the package survey, and says of each row whether R finds
        the same.

    Raises
    ------
    TypeError
        If R has no word for a calibration.
    """
    used = set(result.table["column"])
    together: dict[int, list[RInput]] = {}
    for given in result.r_inputs:
        if given.column in used:
            together.setdefault(id(given.sample), []).append(given)
    # R stops calibrating earlier than we do
    tolerance = "1e-7" if any(given.steps for given in result.r_inputs) else "1e-9"
    lines = [_HEAD.format(level=number(result.level), tolerance=tolerance)]
    if (result.table["statistic"] == "sd").any():
        lines.append(_ROOT)
    for at, inputs in enumerate(together.values(), 1):
        lines += _data(inputs, at)
        for position, given in enumerate(inputs, 1):
            lines += _calls(result, given, at, position)
    return "\n".join([*lines, _TAIL]) + "\n"


def _data(inputs: Sequence[RInput], at: int) -> list[str]:
    """Write the data of the columns that one sample answered, and its design."""
    first = inputs[0]
    columns, calls = design_lines(first.sample, first.steps, f"d{at}", f"s{at}")
    written: Columns = dict(columns)
    for k, (_, _, codes) in enumerate(first.groups, 1):
        written[f"g{k}"] = [str(code) for code in codes]
    for position, given in enumerate(inputs, 1):
        for k, values in enumerate(given.values.T, 1):
            written[f"y{position}_{k}"] = [number(value) for value in values]
        if given.per is not None:
            written[f"per{position}"] = [number(value) for value in given.per]
    named = ", ".join(given.column for given in inputs)
    whole = f"whole{at} <- svydesign(ids = ~1, fpc = rep(nrow(d{at}), nrow(d{at})), data = d{at})"
    data = f'd{at} <- read.csv(text = "{csv_text(written)}")'
    return [f"\n# {named}", data, *calls, f"{whole}  # for groups of which all answered"]


def _calls(result: Estimate, given: RInput, at: int, position: int) -> list[str]:
    """Write one call for each row of the table."""
    names = [name for name, _, _ in given.groups]
    found = []
    for row in result.rows():
        if row["column"] != given.column or not row["n"]:
            continue
        group = names.index(row["by"])
        code = given.groups[group][1].index(row["domain"])
        y = f"y{position}_{given.categories.index(row['category']) + 1}"
        answered = f"!is.na({y})"
        per = None if given.per is None else f"per{position}"
        answered += f" & !is.na({per})" if per else ""
        design = f"whole{at}" if row["method"] == "complete" else f"s{at}"
        found.append(f"part <- subset({design}, g{group + 1} == {code} & {answered})")
        label = " ".join(filter(None, (row["column"], row["category"], row["by"], row["domain"])))
        shown = label.replace("\\", "").replace('"', "'")
        call = _call(row, y, per, result)
        ours = ", ".join(number(value) for value in _compared(row))
        found.append(f'check("{shown}", {call}, degf(part), c({ours}))')
    return found


def _compared(row: Mapping[str, Any]) -> list[float]:
    """Return what R is asked for: no interval where R offers none of that kind."""
    known = row["method"] in _SYMMETRIC
    interval = [row["low"], row["high"]] if known else [np.nan, np.nan]
    return [row["estimate"], row["se"], *interval]


def _call(row: Mapping[str, Any], y: str, per: str | None, result: Estimate) -> str:
    statistic, alpha = row["statistic"], f"{1 - result.level:.12g}"
    if per is not None:
        return f"svyratio(~{y}, ~{per}, part, na.rm = TRUE)"
    if statistic in ("median", "quantile"):
        prob = result.specification.get("prob", 0.5) if statistic == "quantile" else 0.5
        return (
            f'svyquantile(~{y}, part, {prob}, alpha = {alpha}, qrule = "math", '
            'interval.type = "mean", ci = TRUE, na.rm = TRUE)'
        )
    if statistic in ("variance", "sd"):
        spread = f"svyvar(~{y}, part, na.rm = TRUE)"
        return spread if statistic == "variance" else f"root({spread})"
    return f"{'svytotal' if statistic == 'total' else 'svymean'}(~{y}, part, na.rm = TRUE)"

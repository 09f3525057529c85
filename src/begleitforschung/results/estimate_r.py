"""The R script that gives the same estimates, so that a statistician can sign them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from begleitforschung.errors import ValidationError

if TYPE_CHECKING:
    from begleitforschung.results.estimate import Estimate

_CHECK = """check <- function(label, r, estimate, se) {
  cat(sprintf("%-60s R %.10g (%.10g)  begleitforschung %.10g (%.10g)\\n",
              label, as.numeric(coef(r))[1], as.numeric(SE(r))[1], estimate, se))
}"""


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
    weights : numpy.ndarray, shape (n,)
        Weights.
    stratum : numpy.ndarray of int, shape (n,)
        Stratum.
    population : numpy.ndarray, shape (n,)
        Units in the stratum; ``inf`` without finite population correction.
    single : str
        Rule for strata with one case.
    groups : tuple of (str, tuple of str, numpy.ndarray of int)
        Name, keys and codes of each breakdown; -1 is no group.
    writable : bool
        Whether R can be told the design in one line (no clusters, replicates or calibration).
    """

    column: str
    categories: tuple[str, ...]
    values: NDArray[np.float64]
    per: NDArray[np.float64] | None
    weights: NDArray[np.float64]
    stratum: NDArray[np.int64]
    population: NDArray[np.float64]
    single: str
    groups: tuple[tuple[str, tuple[str, ...], NDArray[np.int64]], ...]
    writable: bool


def r_script(result: Estimate) -> str:
    """Return an R script that gives the figures of an estimate, beside ours.

    Parameters
    ----------
    result : Estimate
        The estimates.

    Returns
    -------
    str
        The script, data included; it needs the package survey.

    Raises
    ------
    ValidationError
        If the design has clusters, replicates or calibrated weights.
    """
    if not all(given.writable for given in result.r_inputs):
        raise ValidationError(
            "to_r writes designs of strata with weights; this one has clusters, replicate weights "
            "or calibrated weights"
        )
    lines = [
        "# The same estimates with the package survey for R (Lumley 2004), ours beside them.",
        "library(survey)",
        _CHECK,
    ]
    used = set(result.table["column"])
    for number, given in enumerate(g for g in result.r_inputs if g.column in used):
        lines += _data(given, number + 1)
        lines += _calls(result, given, number + 1)
    return "\n".join(lines) + "\n"


def _data(given: RInput, number: int) -> list[str]:
    """Write the data and the design of one column."""
    fpc = bool(np.isfinite(given.population).all())
    several = np.unique(given.stratum).size > 1
    columns: dict[str, Sequence[str]] = {"w": [_number(w) for w in given.weights]}
    columns["stratum"] = [str(code) for code in given.stratum]
    columns["N"] = [_number(size) for size in given.population]
    for at, (_, _, codes) in enumerate(given.groups):
        columns[f"g{at + 1}"] = [str(code) for code in codes]
    weighted = given.per
    for k in range(len(given.categories)):
        columns[f"y{k + 1}"] = [_number(value) for value in given.values[:, k]]
    if weighted is not None:
        columns["per"] = [_number(value) for value in weighted]
    rows = [",".join(row) for row in zip(*columns.values(), strict=True)]
    text = "\n".join([",".join(columns), *rows])
    strata, size = ", strata = ~stratum" if several else "", ", fpc = ~N" if fpc else ""
    return [
        f"\n# {given.column}",
        f'options(survey.lonely.psu = "{given.single}")',
        f'd{number} <- read.csv(text = "{text}")',
        f"s{number} <- svydesign(ids = ~1{strata}{size}, weights = ~w, data = d{number})",
    ]


def _calls(result: Estimate, given: RInput, number: int) -> list[str]:
    """Write one call for each row of the table."""
    names = [name for name, _, _ in given.groups]
    found = []
    for row in result.rows():
        if row["column"] != given.column or not row["n"]:
            continue
        at = names.index(row["by"])
        code = given.groups[at][1].index(row["domain"])
        part = f"subset(s{number}, g{at + 1} == {code})"
        y = f"y{given.categories.index(row['category']) + 1}"
        label = " ".join(filter(None, (row["column"], row["category"], row["by"], row["domain"])))
        call = _call(row["statistic"], y, part, result.specification, ratio=given.per is not None)
        shown = label.replace("\\", "").replace('"', "'")
        found.append(f'check("{shown}", {call}, {_number(row["estimate"])}, {_number(row["se"])})')
    return found


def _call(statistic: str, y: str, part: str, options: object, *, ratio: bool) -> str:
    if ratio:
        return f"svyratio(~{y}, ~per, {part}, na.rm = TRUE)"
    if statistic in ("median", "quantile"):
        prob = options.get("prob", 0.5) if isinstance(options, dict) else 0.5
        extra = f'{prob}, qrule = "math", interval.type = "mean", ci = TRUE, na.rm = TRUE'
        return f"svyquantile(~{y}, {part}, {extra})"
    function = "svytotal" if statistic == "total" else "svymean"
    return f"{function}(~{y}, {part}, na.rm = TRUE)"


def _number(value: float) -> str:
    """Write a number so that R reads the same one."""
    return repr(float(value)) if np.isfinite(value) else ("NA" if np.isnan(value) else "Inf")

"""How a design is told to the package survey for R: data, `svydesign`, and each calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from begleitforschung.stats.groups import Floats
from begleitforschung.stats.sampling.design import Design, Residuals
from begleitforschung.stats.sampling.estimates import AnyDesign
from begleitforschung.stats.sampling.replicates import Replicates
from begleitforschung.stats.sampling.residuals import (
    CellResiduals,
    MarginResiduals,
    RegressionResiduals,
)
from begleitforschung.surveys import WeightingStep

Columns = dict[str, Sequence[str]]
_CALIBRATING = ("poststratify", "rake", "calibrate")


def number(value: float) -> str:
    """Write a number so that R reads the same one.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        Its digits, ``NA`` or ``Inf``.
    """
    return repr(float(value)) if np.isfinite(value) else ("NA" if np.isnan(value) else "Inf")


def design_lines(
    sample: AnyDesign, steps: Sequence[WeightingStep], frame: str, name: str
) -> tuple[Columns, list[str]]:
    """Return the columns that a design needs and the R calls that make it.

    Parameters
    ----------
    sample : stats.sampling.Design or stats.sampling.Replicates
        Weights, strata, units and what they were calibrated on.
    steps : sequence of WeightingStep
        How the weights were changed.
    frame, name : str
        Names in R of the data and of the design.

    Returns
    -------
    columns : dict of str to sequence of str
        Columns of the data, written.
    lines : list of str
        The calls.

    Raises
    ------
    TypeError
        If R has no word for a calibration.
    """
    if isinstance(sample, Replicates):
        return _replicated(sample, frame, name)
    columns, lines = _drawn(sample, frame, name)
    made = [step for step in steps if step.verb in _CALIBRATING]
    weights = _before(sample)
    for at, residuals in enumerate(sample.residuals, 1):
        before, after = _weights(residuals)
        if not np.array_equal(weights, before):
            lines += _given(columns, before, f"w{at}", frame, name)
        call, more = _calibrated(residuals, dict(made[at - 1].parameters), str(at), name)
        columns |= more
        lines += call
        weights = after
    if not np.array_equal(weights, sample.weights):
        lines += _given(columns, sample.weights, "wlast", frame, name)
    return columns, lines


def _before(sample: Design) -> Floats:
    return _weights(sample.residuals[0])[0] if sample.residuals else sample.weights


def _weights(residuals: Residuals) -> tuple[Floats, Floats]:
    """Return the weights before and after a calibration."""
    if isinstance(residuals, CellResiduals | MarginResiduals | RegressionResiduals):
        return residuals.before, residuals.after
    raise TypeError(f"R is not told about {type(residuals).__name__}")


def _drawn(sample: Design, frame: str, name: str) -> tuple[Columns, list[str]]:
    """Write strata, units and population counts of each stage."""
    columns: Columns = {"w": [number(w) for w in _before(sample)]}
    first = sample.stages[0]
    columns["stratum"] = [str(code) for code in first.stratum[first.unit]]
    units, sizes = [], []
    for at, stage in enumerate(sample.stages, 1):
        if not stage.rows_are_units or len(sample.stages) > 1:
            columns[f"u{at}"] = [str(code) for code in stage.unit]
            units.append(f"u{at}")
        if np.isfinite(stage.population).any():
            by_row = stage.population[stage.stratum[stage.unit]]
            columns[f"N{at}"] = [number(size) for size in by_row]
            sizes.append(f"N{at}")
    parts = [f"ids = ~{' + '.join(units) or '1'}"]
    parts += ["strata = ~stratum"] if first.sampled.size > 1 else []
    parts += [f"fpc = ~{' + '.join(sizes)}"] if sizes else []
    call = f"{name} <- svydesign({', '.join(parts)}, weights = ~w, data = {frame})"
    return columns, [f'options(survey.lonely.psu = "{sample.single}")', call]


def _replicated(sample: Replicates, frame: str, name: str) -> tuple[Columns, list[str]]:
    """Write the replicate weights; each is calibrated already."""
    columns: Columns = {"w": [number(w) for w in sample.weights]}
    count = 0
    for block in sample.blocks():
        for column in block.T:
            count += 1
            columns[f"rep{count}"] = [number(w) for w in column]
    scales = ", ".join(number(scale) for scale in sample.rscales)
    call = (
        f'{name} <- svrepdesign(weights = ~w, repweights = "rep[0-9]+", data = {frame}, '
        f'type = "other", combined.weights = TRUE, scale = {number(sample.scale)}, '
        f"rscales = c({scales}), mse = {'TRUE' if sample.mse else 'FALSE'}, "
        f"degf = {number(sample.df)})"
    )
    return columns, [call]


def _given(columns: Columns, weights: Floats, column: str, frame: str, name: str) -> list[str]:
    """Write weights that no calibration made (trimmed, or divided by response rates)."""
    columns[column] = [number(w) for w in weights]
    return [f"{name}$prob <- 1 / {frame}${column}  # weights as trimmed or adjusted"]


def _calibrated(
    residuals: Residuals, options: Mapping[str, object], at: str, name: str
) -> tuple[list[str], Columns]:
    """Write one calibration, its classes or numbers and its totals."""
    if isinstance(residuals, CellResiduals):
        cell = f"cell{at}"
        totals = _sizes(cell, residuals.codes, residuals.after)
        call = f"{name} <- postStratify({name}, ~{cell}, {totals})"
        return [call], {cell: [str(code) for code in residuals.codes]}
    if isinstance(residuals, MarginResiduals):
        names = [f"margin{at}_{k + 1}" for k in range(len(residuals.margins))]
        pairs = list(zip(names, residuals.margins, strict=True))
        formulas = ", ".join(f"~{margin}" for margin in names)
        totals = ", ".join(_sizes(margin, codes, residuals.after) for margin, codes in pairs)
        call = (
            f"{name} <- rake({name}, list({formulas}), list({totals}), "
            "control = list(maxit = 2000, epsilon = 1e-12, verbose = FALSE))"
        )
        return [call], {margin: [str(code) for code in codes] for margin, codes in pairs}
    if isinstance(residuals, RegressionResiduals):
        return _regression(residuals, options, at, name)
    raise TypeError(f"R is not told about {type(residuals).__name__}")


def _sizes(column: str, codes: np.ndarray, after: Floats) -> str:
    """Write the known sizes of classes, which the weights meet."""
    sizes = np.bincount(codes, after)
    used = np.unique(codes)
    levels, counts = ", ".join(map(str, used)), ", ".join(_total(sizes[code]) for code in used)
    return f"data.frame({column} = c({levels}), Freq = c({counts}))"


def _total(value: float) -> str:
    """Write a known total, which the weights meet to 10 digits."""
    return f"{value:.10g}"


def _regression(
    residuals: RegressionResiduals, options: Mapping[str, object], at: str, name: str
) -> tuple[list[str], Columns]:
    names = [f"x{at}_{k + 1}" for k in range(residuals.x.shape[1])]
    totals = residuals.after @ residuals.x
    wanted = ", ".join(f"{x} = {_total(t)}" for x, t in zip(names, totals, strict=True))
    bounds = options["bounds"]
    limits = ""
    if isinstance(bounds, tuple | list):
        limits = f", bounds = c({', '.join(number(bound) for bound in bounds)})"
    call = (
        f"{name} <- calibrate({name}, ~{' + '.join(names)} - 1, c({wanted}), "
        f'calfun = "{options["distance"]}"{limits}, maxit = 200, epsilon = 1e-11)'
    )
    columns = {x: [number(v) for v in residuals.x[:, k]] for k, x in enumerate(names)}
    return [call], dict(columns)


def csv_text(columns: Columns) -> str:
    """Return columns as CSV.

    Parameters
    ----------
    columns : dict of str to sequence of str
        Columns, written.

    Returns
    -------
    str
        Head and one line for each row.
    """
    rows = [",".join(row) for row in zip(*columns.values(), strict=True)]
    return "\n".join([",".join(columns), *rows])

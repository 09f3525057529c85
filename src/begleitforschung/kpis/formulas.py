"""Evaluating a parsed formula over aligned arrays of units and years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from begleitforschung.errors import FormulaError
from begleitforschung.frameworks.expressions import (
    Binary,
    Expression,
    Lag,
    Name,
    Negative,
    Number,
    Sum,
)

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """Values of an expression, NaN where there is none, and where it divided by zero.

    Parameters
    ----------
    values : numpy.ndarray, shape (units, years)
        The values.
    zero : numpy.ndarray of bool, shape (units, years)
        Where a denominator within the expression was zero.
    """

    values: Values
    zero: Mask


def lagged(
    array: NDArray[np.generic], years: NDArray[np.int64], by: int, missing: float
) -> NDArray[np.generic]:
    """Return the values of `by` years earlier, by calendar year and not by position.

    Parameters
    ----------
    array : numpy.ndarray, shape (units, years)
        Values.
    years : numpy.ndarray of int, shape (years,)
        Ascending years; gaps are allowed.
    by : int
        How many years.
    missing : float
        What stands where the earlier year is not there.

    Returns
    -------
    numpy.ndarray, shape (units, years)
        The values of the years t - by.
    """
    place = np.searchsorted(years, years - by)
    found = years[np.minimum(place, len(years) - 1)] == years - by
    moved = array[:, np.minimum(place, len(years) - 1)].copy()
    moved[:, ~found] = missing
    return moved


def evaluate(
    expression: Expression, variables: Mapping[str, Values], years: NDArray[np.int64]
) -> Evaluated:
    """Evaluate an expression for all units and years at once.

    Missing inputs make the result missing; so does a division by zero, which is remembered.

    Parameters
    ----------
    expression : Expression
        What `begleitforschung.frameworks.parse` returned.
    variables : mapping of str to numpy.ndarray, shape (units, years)
        Values of each variable, NaN where missing.
    years : numpy.ndarray of int, shape (years,)
        The years of the columns, ascending.

    Returns
    -------
    Evaluated
        Values and where a denominator was zero.

    Raises
    ------
    FormulaError
        If a variable has no values.
    """
    shape = next(iter(variables.values())).shape if variables else (1, len(years))
    never = np.zeros(shape, dtype=np.bool_)

    def visit(node: Expression) -> Evaluated:
        match node:
            case Number(value):
                return Evaluated(np.full(shape, value), never)
            case Name(id):
                if id not in variables:
                    raise FormulaError(f"the variable {id!r} has no values")
                return Evaluated(variables[id], never)
            case Negative(operand):
                inner = visit(operand)
                return Evaluated(-inner.values, inner.zero)
            case Lag(operand, by):
                inner = visit(operand)
                values = np.asarray(lagged(inner.values, years, by, np.nan), np.float64)
                return Evaluated(values, np.asarray(lagged(inner.zero, years, by, False), np.bool_))
            case Sum(operands):
                parts = [visit(item) for item in operands]
                total = parts[0].values
                for part in parts[1:]:
                    total = total + part.values
                return Evaluated(total, np.any([part.zero for part in parts], axis=0))
            case Binary(operator, left, right):
                return _binary(operator, visit(left), visit(right))

    with np.errstate(all="ignore"):
        return visit(expression)


def _binary(operator: str, left: Evaluated, right: Evaluated) -> Evaluated:
    zero = left.zero | right.zero
    if operator == "+":
        return Evaluated(left.values + right.values, zero)
    if operator == "-":
        return Evaluated(left.values - right.values, zero)
    if operator == "*":
        return Evaluated(left.values * right.values, zero)
    nothing = right.values == 0
    return Evaluated(np.where(nothing, np.nan, left.values / right.values), zero | nothing)

"""Evaluation of formulas over arrays: equal to Python, cell by cell."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.errors import FormulaError
from begleitforschung.frameworks import Expression, parse
from begleitforschung.frameworks.expressions import Binary, Lag, Name, Negative, Number, Sum
from begleitforschung.kpis.formulas import evaluate, lagged
from begleitforschung.kpis.units import conversion

YEARS = np.array([2015, 2016, 2018, 2019])
leaves = st.one_of(
    st.sampled_from("abc").map(Name),
    st.integers(0, 9).map(lambda n: Number(float(n))),
)
expressions = st.recursive(
    leaves,
    lambda x: st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), x, x),
        st.builds(Negative, x),
        st.builds(Lag, x, st.integers(1, 4)),
        st.builds(Sum, st.lists(x, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=10,
)
cells = st.one_of(st.integers(-3, 3).map(float), st.just(math.nan))
arrays = st.lists(cells, min_size=8, max_size=8).map(lambda x: np.array(x).reshape(2, 4))


def _one(tree: Expression, figures: dict[str, np.ndarray], unit: int, year: int) -> float:
    """Evaluate one cell in plain Python; NaN for what is missing or divided by zero."""
    if year not in YEARS:
        return math.nan
    match tree:
        case Number(value):
            return value
        case Name(id):
            return float(figures[id][unit, list(YEARS).index(year)])
        case Negative(operand):
            return -_one(operand, figures, unit, year)
        case Lag(operand, by):
            return _one(operand, figures, unit, year - by)
        case Sum(operands):
            total = _one(operands[0], figures, unit, year)
            for item in operands[1:]:
                total += _one(item, figures, unit, year)
            return total
        case Binary(operator, left, right):
            first = _one(left, figures, unit, year)
            second = _one(right, figures, unit, year)
            if operator == "/":
                return first / second if second != 0 else math.nan
            return {"+": first + second, "-": first - second, "*": first * second}[operator]


@given(expressions, arrays, arrays, arrays)
def test_arrays_give_what_python_gives_cell_by_cell(
    tree: Expression, a: np.ndarray, b: np.ndarray, c: np.ndarray
) -> None:
    figures = {"a": a, "b": b, "c": c}
    found = evaluate(tree, figures, YEARS).values
    wanted = [[_one(tree, figures, unit, int(y)) for y in YEARS] for unit in range(2)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@given(arrays, arrays)
def test_missing_is_never_turned_into_a_number(a: np.ndarray, b: np.ndarray) -> None:
    result = evaluate(parse("sum(a, b) * 0"), {"a": a, "b": b}, YEARS).values
    np.testing.assert_array_equal(np.isnan(result), np.isnan(a) | np.isnan(b))


def test_a_zero_below_is_remembered_wherever_it_stands() -> None:
    figures = {"a": np.array([[1.0, 0.0, np.nan, 2.0]]), "b": np.ones((1, 4))}
    found = evaluate(parse("b / a + lag(b / a, 1)"), figures, YEARS)
    assert found.zero.tolist() == [[False, True, False, False]]
    assert np.isnan(found.values[0, 1])


def test_lag_counts_calendar_years_not_columns() -> None:
    figures = np.array([[1.0, 2.0, 3.0, 4.0]])
    np.testing.assert_array_equal(lagged(figures, YEARS, 1, np.nan), [[np.nan, 1, np.nan, 3]])
    np.testing.assert_array_equal(lagged(figures, YEARS, 3, np.nan), [[np.nan, np.nan, 1, 2]])


def test_a_variable_without_values_is_refused() -> None:
    with pytest.raises(FormulaError, match="'b' has no values"):
        evaluate(parse("a + b"), {"a": np.ones((1, 4))}, YEARS)


@pytest.mark.parametrize(
    ("given", "wanted", "factor"),
    [
        ("1.000 € je Einwohner", "€ je Einwohner", 1000),
        ("Tsd. Euro je Einwohner", "€ je Einwohner", 1000),
        ("1,000 € per inhabitant", "€ je Einwohner", 1000),
        ("je 100.000", "je 1.000", 0.01),
        ("per 1k", "je 1.000", 1),
        ("in %", "%", 1),
        ("euros/m2", "€/m²", 1),
        ("Taler", "Taler", 1),
        ("ha", "m²", 10_000),
        ("Taler", "€", None),
        ("€", "€ je Einwohner", None),
        ("m²", "m² je Einwohner", None),
        ("%", "", None),
    ],
)
def test_units_of_measure_are_converted_or_refused(
    given: str, wanted: str, factor: float | None
) -> None:
    assert conversion(given, wanted) == factor

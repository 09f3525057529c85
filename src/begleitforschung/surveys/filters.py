"""Filters of a questionnaire: ``q1 == 2 and (q3_1 == 1 or budget > 1000)``.

Names are columns of the answers; compared are codes, numbers and texts. A comparison with a
missing answer is false, as in the survey software. ``answered(q1)`` asks for an answer.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from begleitforschung.errors import FormulaError

Mask = NDArray[np.bool_]
Lookup = Callable[[str], pd.Series]

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_GRAMMAR = "comparisons (==, !=, <, <=, >, >=, in) with and, or, not, answered(…), parentheses"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column beside the values that it is compared with.

    Parameters
    ----------
    column : str
        Name of the column.
    values : tuple of str
        Values as written.
    """

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter.

    Parameters
    ----------
    text : str
        As written.
    tree : ast.expr
        Its expression, checked.
    """

    text: str
    tree: ast.expr

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it names, each once."""
        return tuple(dict.fromkeys(item.column for item in self.comparisons))

    @property
    def compared(self) -> tuple[str, ...]:
        """Columns of which it asks what was answered, and not only whether."""
        return tuple(dict.fromkeys(item.column for item in self.comparisons if item.values))

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """All comparisons; ``answered(q1)`` is one without values."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Compare):
                found.append(Comparison(_name(node.left), _values(node.comparators[0])))
            elif isinstance(node, ast.Call):
                found.append(Comparison(_name(node.args[0]), ()))
        return tuple(found)

    def mask(self, lookup: Lookup, n: int) -> Mask:
        """Say whom the filter lets through.

        Parameters
        ----------
        lookup : callable
            From the name of a column to its values, missing where there is no answer.
        n : int
            Number of cases.

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
            True for those who were to be asked.
        """
        return _evaluate(self.tree, lookup, n)


def parse_filter(text: str, known: Collection[str] | None = None) -> Filter:
    """Parse a filter.

    Parameters
    ----------
    text : str
        The filter.
    known : collection of str, optional
        Columns that may be named.

    Returns
    -------
    Filter
        The parsed filter.

    Raises
    ------
    FormulaError
        If it breaks the grammar or names an unknown column.

    Examples
    --------
    >>> parse_filter("q1 == 2 and answered(q2)").columns
    ('q1', 'q2')
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise FormulaError(f"filter {text!r} can't be read; it is made of {_GRAMMAR}") from None
    wrong = _first_wrong(tree)
    if wrong is not None:
        raise FormulaError(f"filter {text!r}: {wrong}; it is made of {_GRAMMAR}")
    found = Filter(text, tree)
    if known is not None:
        strange = [name for name in found.columns if name not in known]
        if strange:
            raise FormulaError(f"filter {text!r}: no column {', '.join(map(repr, strange))}")
    return found


def _first_wrong(node: ast.expr) -> str | None:
    if isinstance(node, ast.BoolOp):
        return next((wrong for part in node.values if (wrong := _first_wrong(part))), None)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _first_wrong(node.operand)
    if isinstance(node, ast.Call):
        is_answered = isinstance(node.func, ast.Name) and node.func.id == "answered"
        alone = len(node.args) == 1 and isinstance(node.args[0], ast.Name) and not node.keywords
        return None if is_answered and alone else "the only function is answered(column)"
    if isinstance(node, ast.Compare):
        return _wrong_comparison(node)
    return f"{ast.unparse(node)!r} is no comparison"


def _wrong_comparison(node: ast.Compare) -> str | None:
    if len(node.ops) != 1 or not isinstance(node.left, ast.Name):
        return "a comparison is 'column == value'"
    right = node.comparators[0]
    if isinstance(node.ops[0], ast.In | ast.NotIn):
        listed = isinstance(right, ast.List | ast.Tuple | ast.Set)
        fine = listed and all(_constant(item) is not None for item in right.elts)  # type: ignore[attr-defined]
        return None if fine else "'in' needs a list of values"
    if type(node.ops[0]) not in _COMPARISONS:
        return "this comparison is unknown"
    return None if _constant(right) is not None else "compare with a number or a 'text'"


def _constant(node: ast.expr) -> str | float | None:
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    if not isinstance(inner, ast.Constant) or isinstance(inner.value, bool):
        return None
    value = inner.value
    if isinstance(value, int | float):
        return -value if negative else value
    return value if isinstance(value, str) and not negative else None


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _values(node: ast.expr) -> tuple[str, ...]:
    many = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
    return tuple(str(_constant(item)) for item in many)


def _evaluate(node: ast.expr, lookup: Lookup, n: int) -> Mask:
    if isinstance(node, ast.BoolOp):
        parts = [_evaluate(part, lookup, n) for part in node.values]
        joined = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return np.asarray(joined.reduce(parts), dtype=bool)
    if isinstance(node, ast.UnaryOp):
        return ~_evaluate(node.operand, lookup, n)
    if isinstance(node, ast.Call):
        return lookup(_name(node.args[0])).notna().to_numpy(bool)
    if isinstance(node, ast.Compare):
        return _compare(lookup(_name(node.left)), node.ops[0], node.comparators[0])
    raise FormulaError(f"{ast.unparse(node)!r} is no comparison")


def _compare(values: pd.Series, sign: ast.cmpop, right: ast.expr) -> Mask:
    present = values.notna().to_numpy(bool)
    many = isinstance(sign, ast.In | ast.NotIn)
    wanted = [_constant(item) for item in right.elts] if many else [_constant(right)]  # type: ignore[attr-defined]
    ordering = isinstance(sign, ast.Lt | ast.LtE | ast.Gt | ast.GtE)
    if ordering or pd.api.types.is_numeric_dtype(values.dtype):
        numbers = pd.to_numeric(values.astype("object"), errors="coerce").to_numpy(float)
        expected = [_as_number(item) for item in wanted]
        if not many:
            hit = _COMPARISONS[type(sign)](numbers, expected[0])
            return np.asarray(hit & present & ~np.isnan(numbers), dtype=bool)
        found = np.isin(numbers, expected)
    else:
        texts = values.astype("str").to_numpy(object)
        found = np.isin(texts, [str(item) for item in wanted])
    negated = isinstance(sign, ast.NotEq | ast.NotIn)
    return np.asarray((~found if negated else found) & present, dtype=bool)


def _as_number(value: str | float | None) -> float:
    try:
        return float("nan") if value is None else float(value)
    except ValueError:
        return float("nan")

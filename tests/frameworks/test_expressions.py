"""Formulas: the grammar, its refusals, and the way from text to tree and back."""

from __future__ import annotations

import ast
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from begleitforschung.errors import FormulaError
from begleitforschung.frameworks.expressions import (
    MAX_DEPTH,
    MAX_TOKENS,
    Binary,
    Expression,
    Lag,
    Name,
    Negative,
    Number,
    Sum,
    format_expression,
    is_name,
    parse,
    variables,
    walk,
)

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: is_name(name) and not keyword.iskeyword(name)
)
numbers = st.floats(min_value=0, max_value=1e300, allow_nan=False).map(abs).map(Number)
leaves = st.one_of(names.map(Name), numbers)


def _grow(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Negative, inner),
        st.builds(Lag, inner, st.integers(1, 20)),
        st.builds(Sum, st.lists(inner, min_size=1, max_size=4).map(tuple)),
    )


expressions = st.recursive(leaves, _grow, max_leaves=12)


@given(expressions)
def test_what_is_written_parses_into_the_same_tree(tree: Expression) -> None:
    assert parse(format_expression(tree)) == tree


@given(st.recursive(leaves, lambda x: st.builds(Binary, st.sampled_from("+-*/"), x, x)))
def test_precedence_and_order_are_those_of_python(tree: Expression) -> None:
    text = format_expression(tree)
    assert ast.dump(ast.parse(text, mode="eval").body) == ast.dump(_as_python(parse(text)))


def _as_python(tree: Expression) -> ast.expr:
    if isinstance(tree, Number):
        parsed = ast.parse(format_expression(tree), mode="eval").body
        assert isinstance(parsed, ast.Constant)
        return parsed
    if isinstance(tree, Name):
        return ast.Name(tree.id, ast.Load())
    assert isinstance(tree, Binary)
    operator = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div()}[tree.operator]
    return ast.BinOp(_as_python(tree.left), operator, _as_python(tree.right))


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused_by_our_own_error(text: str) -> None:
    try:
        tree = parse(text)
    except FormulaError:
        return
    assert parse(format_expression(tree)) == tree


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "_x",
        "a.b",
        "a.__class__",
        "a[0]",
        "lambda: 1",
        "a if b else c",
        "a, b",
        "a ** b",
        "9**9**9**9",
        "a // b",
        "a % b",
        "a ^ b",
        "a < b",
        "a = 1",
        "a; b",
        "'text'",
        '"text"',
        "f'{a}'",
        "eval(a)",
        "exec(a)",
        "open(a)",
        "max(a, b)",
        "a(b)",
        "lag",
        "lag(a)",
        "lag(a, b)",
        "lag(a, 0)",
        "lag(a, 1.5)",
        "lag(a, -1)",
        "lag(a, 1000)",
        "lag(a, 1, 2)",
        "sum()",
        "sum(a",
        "sum(a,)",
        "",
        "   ",
        "a b",
        "a +",
        "+ a",
        "* a",
        "(a",
        "a)",
        "()",
        "1.",
        ".5",
        "1,5",
        "1_000",
        "0x10",
        "1e999",
        "2a",
        "bevölkerung",
        "а + b",
        "١ + 1",
        "a − b",
        "a\u00a0+ b",
        "a\x00b",
        "a # b",
        "a \\ b",
        "(" * (MAX_DEPTH + 2) + "a" + ")" * (MAX_DEPTH + 2),
        "-" * 500 + "a",
        "lag(" * 100 + "a" + ", 1)" * 100,
        "+".join("a" * MAX_TOKENS),
        "a" * 3000,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


def test_refusals_name_the_position_and_what_is_allowed() -> None:
    with pytest.raises(FormulaError, match=r"position 5: '\^' can't stand here; allowed are"):
        parse("a * ^b")
    with pytest.raises(FormulaError, match=r"position 5: found the end, expected a name"):
        parse("a * ")
    with pytest.raises(FormulaError, match=r"position 1: there is no function 'wurzel'"):
        parse("wurzel(a)")
    with pytest.raises(FormulaError, match=r"position 4: lag\(x, years\) needs .* from 1 to 100"):
        parse("a -lag(a, 0)")


def test_variables_are_named_once_and_know_how_far_they_lie_back() -> None:
    tree = parse("(b - lag(b + lag(c, 2), 1)) / a")
    assert variables(tree) == ("b", "c", "a")
    assert [(name.id, lag) for name, lag in walk(tree)] == [("b", 0), ("b", 1), ("c", 3), ("a", 0)]


def test_functions_are_no_variable_names() -> None:
    assert is_name("einwohner_u15")
    assert not any(map(is_name, ["sum", "lag", "1a", "_a", "a-b", "größe", ""]))

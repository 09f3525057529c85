"""Formulas over declared variables: parsed into a frozen tree, never executed as code.

Grammar (whitespace is free, names and digits are ASCII)::

    expression = term { ("+" | "-") term }
    term       = factor { ("*" | "/") factor }
    factor     = "-" factor | atom
    atom       = number | name | "(" expression ")"
               | "lag" "(" expression "," whole number ")"
               | "sum" "(" expression { "," expression } ")"

``lag(x, n)`` is the value of x in the year t - n; ``sum(a, b, …)`` adds its arguments and is
missing as soon as one of them is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn

from begleitforschung.errors import FormulaError

Operator = Literal["+", "-", "*", "/"]
FUNCTIONS = ("lag", "sum")
MAX_LENGTH = 2000
MAX_TOKENS = 300
MAX_DEPTH = 40
MAX_LAG = 100
_TOKEN = re.compile(
    r"(?:(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![A-Za-z_0-9.])"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>[-+*/(),]))",
    re.ASCII,
)
_SPACE = re.compile(r"\s*", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_PRECEDENCE: dict[str, int] = {"+": 1, "-": 1, "*": 2, "/": 2}


@dataclass(frozen=True, slots=True)
class Number:
    """A non-negative constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A declared variable."""

    id: str


@dataclass(frozen=True, slots=True)
class Negative:
    """The operand with its sign turned."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands joined by one of the four operators."""

    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Lag:
    """The operand some years earlier."""

    operand: Expression
    years: int


@dataclass(frozen=True, slots=True)
class Sum:
    """All operands added up."""

    operands: tuple[Expression, ...]


Expression = Number | Name | Negative | Binary | Lag | Sum


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["number", "name", "sign", "end"]
    text: str
    position: int


def parse(text: str) -> Expression:
    """Parse a formula.

    Parameters
    ----------
    text : str
        The formula.

    Returns
    -------
    Expression
        Its frozen tree.

    Raises
    ------
    FormulaError
        If the formula breaks the grammar; names the position, counted from 1.

    Examples
    --------
    >>> format_expression(parse("(area - lag(area,1)) / land * 100"))
    '(area - lag(area, 1)) / land * 100'
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"the formula has {len(text)} characters; {MAX_LENGTH} are allowed")
    parser = _Parser(text)
    tree = parser.expression(0)
    if parser.token.kind != "end":
        parser.fail("an operator or the end of the formula")
    return tree


def children(expression: Expression) -> tuple[Expression, ...]:
    """Return the direct operands of an expression.

    Parameters
    ----------
    expression : Expression
        Any node of a tree.

    Returns
    -------
    tuple of Expression
        Its operands, left to right; empty for numbers and names.
    """
    match expression:
        case Negative(operand) | Lag(operand, _):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case Sum(operands):
            return operands
        case _:
            return ()


def walk(expression: Expression, lag: int = 0) -> Iterator[tuple[Name, int]]:
    """Yield each variable of an expression with the years it lies back.

    Parameters
    ----------
    expression : Expression
        The tree.
    lag : int
        Years by which the expression itself lies back.

    Yields
    ------
    tuple of (Name, int)
        In order of appearance; a variable may come several times.
    """
    if isinstance(expression, Name):
        yield expression, lag
    if isinstance(expression, Lag):
        lag += expression.years
    for child in children(expression):
        yield from walk(child, lag)


def variables(expression: Expression) -> tuple[str, ...]:
    """Return the names of all variables of an expression, each once.

    Parameters
    ----------
    expression : Expression
        The tree.

    Returns
    -------
    tuple of str
        In order of first appearance.
    """
    return tuple(dict.fromkeys(name.id for name, _ in walk(expression)))


def format_expression(expression: Expression) -> str:
    """Write an expression as a formula that parses into the same tree.

    Parameters
    ----------
    expression : Expression
        The tree.

    Returns
    -------
    str
        The formula with as few parentheses as needed.
    """
    match expression:
        case Number(value):
            return repr(int(value)) if value.is_integer() and value < 1e15 else repr(value)
        case Name(id):
            return id
        case Negative(operand):
            return f"-{_enclosed(operand, isinstance(operand, Binary))}"
        case Lag(operand, years):
            return f"lag({format_expression(operand)}, {years})"
        case Sum(operands):
            return f"sum({', '.join(map(format_expression, operands))})"
        case Binary(operator, left, right):
            rank = _PRECEDENCE[operator]
            before = _enclosed(left, isinstance(left, Binary) and _rank(left) < rank)
            after = _enclosed(right, isinstance(right, Binary) and _rank(right) <= rank)
            return f"{before} {operator} {after}"


def is_name(text: str) -> bool:
    """Tell whether a text may be the name of a variable.

    Parameters
    ----------
    text : str
        A text.

    Returns
    -------
    bool
        True for an ASCII letter followed by letters, digits and ``_``, functions excepted.
    """
    return bool(_NAME.fullmatch(text)) and text not in FUNCTIONS


def _rank(expression: Binary) -> int:
    return _PRECEDENCE[expression.operator]


def _enclosed(expression: Expression, needed: bool) -> str:
    text = format_expression(expression)
    return f"({text})" if needed else text


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.token = _Token("sign", "", 0)
        self.end = 0
        self.count = 0
        self.advance()

    def advance(self) -> _Token:
        """Step to the next token and return the one left behind."""
        behind, text = self.token, self.text
        space = _SPACE.match(text, self.end)
        start = space.end() if space else self.end
        if start == len(text):
            self.token = _Token("end", "", len(text))
            return behind
        found = _TOKEN.match(text, start)
        if found is None:
            raise FormulaError(
                f"formula {text!r}, position {start + 1}: {text[start]!r} can't stand here; "
                "allowed are names, numbers with decimal point, + - * / ( ), lag() and sum()"
            )
        self.count += 1
        if self.count > MAX_TOKENS:
            raise FormulaError(f"the formula has more than {MAX_TOKENS} parts; split it up")
        for kind in ("number", "name", "sign"):
            if found.group(kind) is not None:
                self.token = _Token(kind, found.group(kind), found.start(kind))
        self.end = found.end()
        return behind

    def fail(self, expected: str) -> NoReturn:
        """Raise at the current token."""
        shown = repr(self.token.text) if self.token.kind != "end" else "the end"
        raise FormulaError(
            f"formula {self.text!r}, position {self.token.position + 1}: found {shown}, "
            f"expected {expected}"
        )

    def take(self, sign: str) -> None:
        """Step over a sign that must stand here."""
        if self.token.text != sign:
            self.fail(repr(sign))
        self.advance()

    def expression(self, depth: int) -> Expression:
        """Parse sums and differences."""
        if depth > MAX_DEPTH:
            raise FormulaError(f"the formula is nested deeper than {MAX_DEPTH} levels")
        tree = self.term(depth)
        while self.token.text in ("+", "-"):
            operator: Operator = "+" if self.advance().text == "+" else "-"
            tree = Binary(operator, tree, self.term(depth))
        return tree

    def term(self, depth: int) -> Expression:
        """Parse products and quotients."""
        tree = self.factor(depth)
        while self.token.text in ("*", "/"):
            operator: Operator = "*" if self.advance().text == "*" else "/"
            tree = Binary(operator, tree, self.factor(depth))
        return tree

    def factor(self, depth: int) -> Expression:
        """Parse a number, a name, a call, parentheses or a turned sign."""
        if depth > MAX_DEPTH:
            raise FormulaError(f"the formula is nested deeper than {MAX_DEPTH} levels")
        token = self.token
        if token.text == "-":
            self.advance()
            return Negative(self.factor(depth + 1))
        if token.text == "(":
            self.advance()
            tree = self.expression(depth + 1)
            self.take(")")
            return tree
        if token.kind == "number":
            self.advance()
            return self.number(token)
        if token.kind != "name":
            self.fail("a name, a number or '('")
        self.advance()
        if self.token.text == "(" or token.text in FUNCTIONS:
            return self.call(token, depth)
        return Name(token.text)

    def number(self, token: _Token) -> Number:
        """Return a finite constant."""
        value = float(token.text)
        if not math.isfinite(value):
            raise FormulaError(f"the number {token.text} is too large")
        return Number(value)

    def call(self, name: _Token, depth: int) -> Expression:
        """Parse the arguments of lag() or sum()."""
        if name.text not in FUNCTIONS:
            raise FormulaError(
                f"formula {self.text!r}, position {name.position + 1}: there is no function "
                f"{name.text!r}; there are lag(x, years) and sum(a, b, …)"
            )
        self.take("(")
        operands = [self.expression(depth + 1)]
        while self.token.text == ",":
            self.advance()
            operands.append(self.expression(depth + 1))
        self.take(")")
        if name.text == "sum":
            return Sum(tuple(operands))
        years = operands[1] if len(operands) == 2 else None
        if not isinstance(years, Number) or years.value not in range(1, MAX_LAG + 1):
            raise FormulaError(
                f"formula {self.text!r}, position {name.position + 1}: lag(x, years) needs an "
                f"expression and a whole number of years from 1 to {MAX_LAG}"
            )
        return Lag(operands[0], int(years.value))

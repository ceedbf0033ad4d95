"""A formula that computes, prints itself and names its source.

A formula is an ordinary function of named inputs that works on numbers and arrays alike. The decorator keeps beside it the
text that a reader
sees; a test evaluates that text with :func:`evaluate_text` and holds it against the function.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from gpuplanner.engine.result import Unit

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Symbol:
    """How one input is printed: its symbol, the text key of its meaning, its unit."""

    symbol: str
    name: str
    unit: Unit = Unit.COUNT


@dataclass(frozen=True, slots=True)
class Formula:
    """A function with the text that stands for it. ``symbols`` follow the function's argument names."""

    id: str
    result: str
    text: str
    unit: Unit
    reference: str
    symbols: Mapping[str, Symbol]
    function: Callable[..., Any]


REGISTRY: dict[str, Formula] = {}


def formula(
    formula_id: str, *, result: str, text: str, unit: Unit, reference: str, symbols: Mapping[str, Symbol]
) -> Callable[[F], F]:
    """Register a function as a formula.

    Args:
        formula_id: dotted name, unique.
        result: symbol of the result.
        text: the right-hand side in symbols, in the small language of :func:`evaluate_text`.
        unit: unit of the result.
        reference: paper, datasheet or documentation the formula is from.
        symbols: for each argument of the function, how it is printed.
    """

    def register(function: F) -> F:
        if formula_id in REGISTRY:
            raise ValueError(f"formula {formula_id} is registered twice")
        REGISTRY[formula_id] = Formula(formula_id, result, text, unit, reference, symbols, function)
        return function

    return register


_TRANSLATION = str.maketrans({"·": "*", "×": "*", "÷": "/", "−": "-", "⌈": "ceil(", "⌉": ")", "⌊": "floor(", "⌋": ")", "^": "**"})
_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "max": max, "min": min, "ceil": math.ceil, "floor": math.floor, "ln": math.log, "sqrt": math.sqrt,
    "exp": math.exp,
}  # fmt: skip


def evaluate_text(text: str, values: Mapping[str, float]) -> float:
    """Compute what a formula's printed text says.

    Args:
        text: sums, products, quotients, powers, ``max``, ``min``, ``ln``, ``exp``, ``sqrt``, ⌈ceiling⌉ and ⌊floor⌋ of symbols and
            numbers.
        values: a number for each symbol.

    Raises:
        ValueError: when the text holds anything else.
    """
    return _evaluate(ast.parse(text.translate(_TRANSLATION), mode="eval").body, values)


def _evaluate(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_evaluate(left, values), _evaluate(right, values))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand, values)
        case ast.Call(func=ast.Name(id=name), args=args) if name in _FUNCTIONS:
            return float(_FUNCTIONS[name](*(_evaluate(argument, values) for argument in args)))
        case _:
            raise ValueError(f"not part of a formula: {ast.unparse(node)}")

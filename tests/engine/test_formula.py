"""The text a reader sees and the code that computes are the same formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gpuplanner.engine.apart.formulas
import gpuplanner.engine.explain  # registers every formula
import gpuplanner.engine.planner.rule
import gpuplanner.engine.rules.formulas  # noqa: F401
from gpuplanner import texts
from gpuplanner.engine.formula import REGISTRY, Formula, Symbol, evaluate_text, formula
from gpuplanner.engine.result import Unit

# Arguments that are shares stay below one; everything else is a positive quantity.
SHARES = {"acceptance", "busy", "percentile", "bandwidth_share", "efficiency", "utilization"}


def values_of(opened: Formula, data: st.DataObject) -> dict[str, float]:
    drawn = {}
    for name in opened.symbols:
        if name in SHARES:
            drawn[name] = data.draw(st.floats(0.01, 0.98), label=name)
        elif name == "high":  # of two batches the larger
            drawn[name] = drawn["low"] + data.draw(st.floats(0.5, 1e4), label=name)
        elif name == "exponent":
            drawn[name] = data.draw(st.floats(0.01, 4.0), label=name)
        elif name in {"experts", "tensor_parallel"}:
            drawn[name] = data.draw(st.integers(8, 64), label=name)
        elif name == "top_k":
            drawn[name] = data.draw(st.integers(1, 8), label=name)
        else:
            drawn[name] = data.draw(st.floats(0.5, 1e4), label=name)
    return drawn


@pytest.mark.parametrize("formula_id", sorted(REGISTRY))
@given(data=st.data())
def test_printed_text_computes_what_the_code_computes(formula_id: str, data: st.DataObject) -> None:
    opened = REGISTRY[formula_id]
    values = values_of(opened, data)
    printed = evaluate_text(opened.text, {opened.symbols[name].symbol: value for name, value in values.items()})
    assert printed == pytest.approx(float(opened.function(**values)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("formula_id", sorted(REGISTRY))
def test_every_formula_names_its_source_and_its_terms(formula_id: str) -> None:
    opened = REGISTRY[formula_id]
    assert len(opened.reference) > 15
    assert texts.text_in("en", f"reference.{formula_id}") == opened.reference
    assert texts.text_in("zh", f"reference.{formula_id}")
    for symbol in opened.symbols.values():
        assert symbol.symbol in opened.text
        for language in texts.LANGUAGES:
            assert texts.text_in(language, symbol.name)


@pytest.mark.parametrize("text", ["__import__('os')", "a.b", "[1]", "open(1)", "'x'", "a if b else c"])
def test_anything_but_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not part of a formula"):
        evaluate_text(text, {"a": 1.0, "b": 2.0, "c": 3.0})


def test_a_formula_is_registered_once() -> None:
    known = next(iter(REGISTRY))
    with pytest.raises(ValueError, match="registered twice"):
        formula(known, result="x", text="x", unit=Unit.COUNT, reference="none", symbols={"x": Symbol("x", "term.hidden")})(abs)

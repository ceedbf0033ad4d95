"""The formulas of components: text and code agree, and known cases come out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuplanner import texts
from gpuplanner.engine.formula import REGISTRY, evaluate_text
from gpuplanner.engine.inference import formulas
from gpuplanner.engine.memory import on_demand

IDS = (
    "memory.layer_workspace",
    "memory.speech_cache",
    "memory.map_workspace",
    "memory.decode_workspace",
    "memory.pipeline",
    "memory.prompt_workspace",
    "memory.compute_buffer",
)
MIB = 2**20


@pytest.mark.parametrize("formula_id", IDS)
@given(data=st.data())
def test_printed_text_computes_what_the_code_computes(formula_id: str, data: st.DataObject) -> None:
    opened = REGISTRY[formula_id]
    values = {name: data.draw(st.floats(0.5, 1e4), label=name) for name in opened.symbols}
    printed = evaluate_text(opened.text, {opened.symbols[name].symbol: value for name, value in values.items()})
    assert printed == pytest.approx(float(opened.function(**values)), rel=1e-9)


@pytest.mark.parametrize("formula_id", IDS)
def test_every_term_has_words_in_both_languages(formula_id: str) -> None:
    for symbol in REGISTRY[formula_id].symbols.values():
        assert all(texts.text_in(language, symbol.name) for language in texts.LANGUAGES)


@pytest.mark.parametrize(
    ("vocab", "hidden", "printed_mib"),
    [(50688, 3072, 105.00), (151936, 2048, 300.75)],  # load logs in llamafile #552 (TriLM) and LLamaSharp #1099 (Qwen2.5-3B)
)
def test_compute_buffer_is_what_llama_cpp_prints(vocab: int, hidden: int, printed_mib: float) -> None:
    found = on_demand.compute_buffer_bytes(512, vocab, hidden, 10, 0, 4 * hidden, 512, 16, 0)
    assert found / MIB == pytest.approx(printed_mib, abs=0.01)


def test_scores_that_are_written_out_grow_with_the_context() -> None:
    short, long = (on_demand.compute_buffer_bytes(512, 32000, 8192, 10, 0, 28672, tokens, 64, 4) for tokens in (4096, 8192))
    assert long - short == 512 * 4096 * 64 * 4


def test_prompt_workspace_is_the_widest_layer_or_the_logits() -> None:
    layer = on_demand.prompt_workspace_bytes(1, 6144, 152064, 0, 3584, 4.2, 3, 18944, 0, 0, 0)
    logits = on_demand.prompt_workspace_bytes(1, 14336, 152064, 6, 3584, 4.2, 3, 18944, 0, 0, 0)
    assert layer == pytest.approx(6144 * 2 * (4.2 * 3584 + 3 * 18944))
    assert logits == 14336 * 152064 * 6


def test_a_growing_cache_is_copied() -> None:
    assert on_demand.prompt_workspace_bytes(3, 1, 32000, 6, 4096, 4.2, 3, 11008, 2**30, 1, 2**30) == 3 * 2**30


@given(batch=st.integers(1, 64), tokens=st.integers(1, 4096))
def test_layer_workspace_grows_with_the_batch_in_proportion(batch: int, tokens: int) -> None:
    one = formulas.layer_workspace_bytes(1, 2, tokens, 1, 768, 2, 3072, 2, 12, 0, 0)
    assert formulas.layer_workspace_bytes(batch, 2, tokens, 1, 768, 2, 3072, 2, 12, 0, 0) == pytest.approx(batch * one)

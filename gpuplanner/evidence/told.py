"""What the columns and words of a serving measurement tell of its set-up."""

from __future__ import annotations

import re

from gpuplanner.engine.layout.rows import Overrides
from gpuplanner.evidence.rows import Row


def graphs(row: Row) -> bool:
    """Whether steps are captured; a note's "eager" may be what helped."""
    words = " ".join(row.extra).casefold()
    if "cuda graphs on" in words:
        return True
    eager = re.search(r"\beager\b", row.note) or re.search(r"\benforce[-_]eager\b", words.replace("enforce_eager", ""))
    return row.extra.get("enforce_eager", "0") in {"0", "false"} and not eager


def weight_words(row: Row) -> str:
    """The words on the weights' format; double quantisation sometimes stands among the flags."""
    word = row.weight_precision or row.model
    if any("online" in key and "bf16" in key for key in row.extra):  # they lie on the GPU as they came before
        return "bf16"
    double = any(re.search(r"nf4-dq|double.quant", key) for key in row.extra)
    return f"{word} dq" if double and "nf4" in word and "dq" not in word else word


def kv_of_checkpoint(weights: str | None, engine: str) -> str:
    """What the cache is kept in where nothing is said: TensorRT-LLM's 8 and 4 bit float checkpoints carry an FP8 cache."""
    narrow = weights is not None and weights.startswith(("fp8", "nvfp4", "mxfp"))
    return "fp8" if narrow and engine == "tensorrt-llm" else ""


def proposers(row: Row) -> tuple[bool, float]:
    """Whether heads of the model propose tokens, and the bytes of a draft model that does, as far as a memory row says."""
    words = " ".join(row.extra) if row.table == "memory" else ""
    stated = re.search(r"draft\w* (?:head|model) (\d+(?:\.\d+)?) ?GB", words)
    if stated:
        return False, float(stated[1]) * 1e9
    return bool(re.search(r"\b(mtp|draft|mtp_drafter)\b", words, re.IGNORECASE)), 0.0


def at_a_rate(row: Row) -> bool:
    """Whether requests come at a rate of their own."""
    return row.task == "llm_serving_at_concurrency" and row.request_rate is not None


def beams(row: Row) -> int:
    """Sequences of a request."""
    match = re.search(r"beam width (\d+)", row.note)
    return max(1, int(match[1])) if match and row.table == "speed" else 1


def overrides(row: Row) -> Overrides:
    """What the run fixed."""
    extra = row.extra
    built = re.search(r"max_batch_size (\d+)", ";".join(extra))
    length = _int(extra.get("max_model_len"))
    if built and length and "max_num_tokens" not in extra:  # an engine compiled for whole prompts of a full batch
        return Overrides(max_batched_tokens=int(built[1]) * length, max_seqs=int(built[1]))
    seqs = re.match(r"max-num-seqs?\s*(\d+)", row.batch.casefold())
    return Overrides(
        memory_utilization=share(row),
        max_batched_tokens=_int(extra.get("max_num_batched_tokens")),
        max_seqs=_int(seqs[1]) if seqs else _int(extra.get("max_num_seqs")),
    )


def share(row: Row) -> float | None:
    """Share of the card that the server was given."""
    return number(row.extra.get("gpu_memory_utilization") or row.extra.get("mem_fraction_static"), 1)


def number(text: str | None, scale: float) -> float | None:
    """A number in a cell, scaled; None where there is none."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value * scale if 0 < value < 1e12 else None


def _int(text: str | None) -> int | None:
    value = number(text, 1)
    return int(value) if value is not None and value >= 1 else None

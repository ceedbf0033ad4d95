"""What training frameworks do where a measurement doesn't say: formats, kernels, recompute, what lies beside the tensors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gpuplanner.evidence.rows import Row
from gpuplanner.scenario.document import Kernels, LossKind, Optimizer, Recompute, TrainingPrecision


@dataclass(frozen=True, slots=True)
class Habit:
    """A framework's defaults.

    Attributes:
        full: precision of full training where the source names 16-bit weights.
        adapters: precision of training adapters.
        kernels: how what lies between matrix products runs.
        loss: how the loss is computed.
        recompute: what is computed again where the source doesn't say.
        adapter_bytes: of an adapter's weight.
        gradient_bytes: of a summed gradient; the weight's own format when None.
        buckets: whether gradients are copied to buckets without sharding.
        adapter_dropout: whether adapters drop out by default.
        compiled_loss: whether fused kernels cover the loss.
        shifts: whether older versions copy the logits to shift them.
        foreach: whether AdamW works on all weights at once, unfused.
        own_code: whether models are written anew, with single operations for activation functions.
        loads_whole: whether each GPU loads the whole model before it is shared out, and the peak counts that.
        steps: micro-batches between two updates where nothing is said.
        widens_frozen: whether what isn't quantised of a quantised base is brought to FP32.
        reloads: whether weights are loaded before they are copied to buffers of the framework, and the allocator keeps the room.
        quantises_head: whether a quantised base has a quantised head, and all of it is unpacked to FP16 first (Lightning Fabric).
        keeps_components: whether what made the latents stays on the GPU.
    """

    full: TrainingPrecision = TrainingPrecision.BF16
    adapters: TrainingPrecision = TrainingPrecision.AMP
    kernels: Kernels = Kernels.EAGER
    loss: LossKind = LossKind.FULL
    recompute: Recompute = Recompute.NONE
    adapter_bytes: float = 4.0
    gradient_bytes: float | None = None
    buckets: bool = True
    adapter_dropout: bool = False
    compiled_loss: bool = True
    shifts: bool = False
    foreach: bool = False
    own_code: bool = False
    steps: int = 1
    loads_whole: bool = False
    widens_frozen: bool = False
    quantises_head: bool = False
    keeps_components: bool = False
    reloads: bool = False


_HUGGING_FACE: Final = Habit(shifts=True, foreach=True, widens_frozen=True)
_HABITS: Final[tuple[tuple[str, Habit], ...]] = (
    (
        r"megatron-bridge",
        Habit(
            TrainingPrecision.MIXED, TrainingPrecision.BF16, Kernels.FUSED, gradient_bytes=2.0, buckets=False, adapter_bytes=2.0
        ),
    ),
    (
        r"megatron",
        Habit(
            TrainingPrecision.MIXED,
            TrainingPrecision.BF16,
            Kernels.FUSED,
            gradient_bytes=4.0,
            buckets=False,
            adapter_bytes=2.0,
            reloads=True,
        ),
    ),
    (r"torchtitan", Habit(TrainingPrecision.FP32, TrainingPrecision.BF16, Kernels.COMPILED, recompute=Recompute.SELECTIVE)),
    (r"torchtune", Habit(adapters=TrainingPrecision.BF16, recompute=Recompute.FULL, adapter_bytes=2.0, own_code=True)),
    (
        r"litgpt",
        Habit(
            adapters=TrainingPrecision.BF16,
            loss=LossKind.CHUNKED,
            adapter_bytes=2.0,
            adapter_dropout=True,
            foreach=True,
            own_code=True,
            steps=2,
            loads_whole=True,
            quantises_head=True,
        ),
    ),
    (r"automodel", Habit(adapters=TrainingPrecision.BF16, kernels=Kernels.FUSED, adapter_bytes=2.0, compiled_loss=False)),
    (r"kohya|sd-scripts", Habit(TrainingPrecision.AMP)),
    (r"cogvideox-factory", Habit(TrainingPrecision.AMP, foreach=True)),
    (r"deepspeed", Habit(TrainingPrecision.MIXED)),
    (r"unsloth", Habit(kernels=Kernels.FUSED, loss=LossKind.FUSED, recompute=Recompute.FULL)),
    (r"torchao", Habit(kernels=Kernels.COMPILED)),
    (r"qwen finetune", Habit(adapter_dropout=True, foreach=True, widens_frozen=True)),
    (r"swift|peft", Habit(adapter_dropout=True, shifts=True, foreach=True, widens_frozen=True)),
    (r"fsdp_qlora", Habit(adapters=TrainingPrecision.BF16, adapter_bytes=2.0, recompute=Recompute.FULL, shifts=True)),
)


def habit(framework: str) -> Habit:
    """The defaults of a framework; those of Hugging Face's trainer for the rest."""
    text = framework.casefold()
    return next((found for pattern, found in _HABITS if re.search(pattern, text)), _HUGGING_FACE)


def precision_of(row: Row, found: Habit, *, adapters: bool) -> TrainingPrecision:
    """In which formats a run computes."""
    compute = row.training.get("compute")
    if compute:
        return {"fp32": TrainingPrecision.FP32, "autocast-bf16": TrainingPrecision.AMP}.get(compute, TrainingPrecision.BF16)
    said = _said_precision(row)
    if said is not None:
        return said
    if runs_in_fp16(row):
        return TrainingPrecision.BF16
    if adapters:
        return found.adapters
    if row.extra.get("pure_bf16") == "1" or re.search("bf16 (states|master)", row.training.get("optimizer", "").casefold()):
        return TrainingPrecision.BF16
    sharded = row.training.get("zero_stage", "0") not in {"", "0"}
    swift = "swift" in row.framework.casefold() or "qwen finetune" in row.framework.casefold()
    if swift and (sharded or "deepspeed" in row.framework.casefold()):
        return TrainingPrecision.MIXED
    return found.full


def _said_precision(row: Row) -> TrainingPrecision | None:
    """What the words on a row's weights say about how it computes."""
    words = row.weight_precision.casefold()
    if row.extra.get("amp_fp16") == "0":
        return TrainingPrecision.FP32
    if "fp32" in words and re.search(r"amp|autocast|mixed", f"{words} {row.extra.get('precision', '')}"):
        return TrainingPrecision.AMP
    if "fp32" in words and "compute" in words:
        return TrainingPrecision.AMP  # sharded FP32 weights, gathered in 16 bit
    if words.startswith("fp32"):
        return TrainingPrecision.AMP if row.extra.get("amp_fp16") == "1" else TrainingPrecision.FP32
    return TrainingPrecision.FP8 if "fp8" in words and "storage" not in words else None


def runs_in_fp16(row: Row) -> bool:
    """DeepSpeed's 16-bit mode casts the whole model, so that nothing runs under autocast, the loss neither."""
    return "deepspeed" in row.framework.casefold() and row.method == "qlora"


_OPTIMIZERS: Final[tuple[tuple[str, Optimizer | None], ...]] = (
    (r"^none", None),
    (r"galore", Optimizer.GALORE),
    (r"muon", Optimizer.MUON),
    (r"adafactor", Optimizer.ADAFACTOR),
    (r"8.?bit|fp8|4bit", Optimizer.ADAMW_8BIT),
    (r"lion", Optimizer.LION),
    (r"sgd_momentum|sgd.*momentum", Optimizer.SGD_MOMENTUM),
    (r"sgd", Optimizer.SGD),
    (r"foreach", Optimizer.ADAMW_FOREACH),
    (r"fused", Optimizer.ADAMW),
)


FUSED_SINCE: Final = "2023-03"  # PyTorch 2.0: fused attention, optimizers over all tensors at once


def optimizer_of(row: Row) -> Optimizer | None:
    """The optimizer a row names; AdamW where nothing else is understood."""
    words = row.training.get("optimizer", "").casefold()
    joined = row.task == "train_peak" and habit(row.framework).foreach and row.date >= FUSED_SINCE
    usual = Optimizer.ADAMW_FOREACH if joined else Optimizer.ADAMW
    return next((found for pattern, found in _OPTIMIZERS if re.search(pattern, words)), usual)


def recompute_of(row: Row, found: Habit) -> Recompute:
    """What is computed again; the framework's habit where the source doesn't say."""
    words = row.training.get("recompute", "")
    known = {item.value: item for item in Recompute}
    if found.own_code and row.training.get("zero_stage") == "3":
        return known.get(words, Recompute.FULL)  # shared out by layers, which then are checkpointed too
    return known.get(words, found.recompute)


_FACTORED: Final = re.compile(r"lycoris|\blokr\b|\bloha\b")
_TARGETS: Final = {
    "q": ("q",), "v": ("v",), "k": ("k",), "o": ("o",), "q_proj": ("q",), "k_proj": ("k",), "v_proj": ("v",), "o_proj": ("o",),
    "query": ("q",), "key": ("k",), "value": ("v",), "c_attn": ("qkv", "q", "k", "v"), "qkv_proj": ("qkv",),
    "query_key_value": ("qkv",), "attn.c_proj": ("o",), "w1": ("gate",), "w2": ("up",), "gate_proj": ("gate",),
    "up_proj": ("up",), "down_proj": ("down",),
}  # fmt: skip


def factored(row: Row) -> bool:
    """Whether adapters are products of factors (LyCORIS)."""
    return _FACTORED.search(" ".join(row.extra)) is not None


def targets_of(row: Row) -> tuple[str, ...]:
    """Which matrices have an adapter: queries and values where nothing is said, or it isn't understood."""
    extra = row.extra
    if factored(row):  # such adapters stand beside every matrix
        return ("all",)
    words = (
        row.training.get("lora_targets") or extra.get("lora_targets") or extra.get("targets") or extra.get("target_modules") or ""
    )
    if "all" in words:
        return ("all", "head") if "head" in words or "output" in words else ("all",)
    found = [name for word in re.split(r"[,+ ]+", words) for name in _TARGETS.get(word.strip(), ())]
    return tuple(dict.fromkeys((*found, *(("qkv",) if {"q", "v"} <= set(found) else ())))) or ("q", "v", "qkv")

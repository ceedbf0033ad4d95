"""A training row in the engine's terms."""

from __future__ import annotations

import re
from typing import Any, Final

from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, TowersShape
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.training.latents import latent_setup
from gpuplanner.engine.training.setup import Setup
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.training_samples import batch_of, image_size, patches, picture, tokens_of, whole
from gpuplanner.evidence.training_setups import (
    FUSED_SINCE,
    Habit,
    factored,
    habit,
    optimizer_of,
    precision_of,
    recompute_of,
    runs_in_fp16,
    targets_of,
)
from gpuplanner.scenario.document import Kernels, LossKind, Recompute, TrainingPrecision, TuningMethod

_USUAL_RANK: Final = 8
_LIBRARY_FUSES: Final = "2023-12"  # transformers 4.36 calls PyTorch's fused attention by itself
_OWN_KERNELS: Final = re.compile(r"megatron|titan|unsloth|qwen finetune|xtuner")
_UNSHIFTED: Final = "2024-10"  # since then the common library moves the labels instead of the logits
_METHODS: Final = {"full": TuningMethod.FULL, "qlora": TuningMethod.QLORA, "dora": TuningMethod.DORA, "galore": TuningMethod.FULL}
_WORKED_BEFORE: Final = re.compile(r"simpletuner|cogvid")
_PACKED: Final = re.compile(r"awq|gptq|aqlm|2bit|^int4$")
_QUANTISED: Final = re.compile(r"nf4|int4|int8|fp8 storage|4bit|awq|gptq|aqlm|2bit")


def setup_of(row: Row, model: Model) -> Setup:
    """A row's run in the engine's terms; what it doesn't say is the framework's habit."""
    found = habit(row.framework)
    tensor, pipeline, data, context = _degrees(row)
    micro, count = _micro(row, _sequences(row), pipeline, data, found.steps)
    parts = {
        **_recipe(row, found),
        **_adapters(row, found),
        **_memory_savers(row),
        **_network(row, model, found),
    }
    setup = Setup(
        **parts,
        tokens=tokens_of(row),
        micro_batch=micro,
        micro_batches=count,
        tensor_parallel=tensor,
        pipeline_parallel=pipeline,
        data_parallel=data,
        context_parallel=context,
        expert_parallel=whole(row.extra.get("ep"), 1),
        sequence_parallel=tensor > 1,
        virtual_stages=whole(row.extra.get("vpp"), 1),
        zero=whole(row.training.get("zero_stage"), 0),
    )
    return latent_setup(setup, model, *picture(row))


def _degrees(row: Row) -> tuple[int, int, int, int]:
    """Tensor, pipeline, data and context parallelism."""
    tensor, pipeline = row.tp or 1, row.pp or 1
    context = whole(row.extra.get("cp"), 1)
    return tensor, pipeline, row.dp or max(1, (row.gpus or 1) // (tensor * pipeline * context)), context


def _sequences(row: Row) -> int:
    """Sequences a GPU works on at once: pairs of answers, and pictures beside those of the class, count twice."""
    paired = row.extra.get("task") in {"dpo", "rm"} and row.extra.get("packing") != "true"
    return batch_of(row) * (2 if paired or row.extra.get("prior_preservation", "").startswith("1") else 1)


def _trains_adapters(row: Row) -> bool:
    return row.method not in {"full", "galore", ""} and not row.method.startswith("full")


def _recipe(row: Row, found: Habit) -> dict[str, Any]:
    """Formats, optimizer, gradients and the loss."""
    adapters, extra = _trains_adapters(row), row.extra
    precision = precision_of(row, found, adapters=adapters)
    copies = precision is TrainingPrecision.MIXED and found.gradient_bytes is None
    return {
        "precision": precision,
        "optimizer": optimizer_of(row),
        "kernels": _kernels(row, found.kernels),
        "loss": _loss(row, found.loss),
        "compiled_loss": found.compiled_loss and (row.date[:4] not in {"2023", "2024"} or "titan" not in row.framework),
        "shifted_loss": found.shifts and "2023" <= row.date[:7] < _UNSHIFTED,
        "native_loss": runs_in_fp16(row),
        "reference_model": extra.get("task") in {"dpo", "kto"} and not adapters,
        "gathers_16_bit": "compute" in row.weight_precision and row.training.get("zero_stage") == "3",
        "gradient_bytes": found.gradient_bytes if not adapters else None,
        "step_gradient_bytes": 4.0 if copies else 0.0,
        "bucket_bytes": 2e9 if copies else 0.0,
        "buckets": found.buckets,
        "optimizer_in_backward": extra.get("optimizer_in_bwd") == "1",
    }


def _adapters(row: Row, found: Habit) -> dict[str, Any]:
    """What is trained beside a frozen base, and how that is stored."""
    adapters = _trains_adapters(row)
    quantised = bool(_QUANTISED.search(row.weight_precision.casefold()))
    method = _METHODS.get(row.method, TuningMethod.LORA) if adapters else TuningMethod.FULL
    widens = found.widens_frozen and not _PACKED.search(row.weight_precision.casefold())
    return {
        "method": TuningMethod.QLORA if adapters and quantised else method,
        "adapter_rank": whole(row.training.get("lora_rank"), _USUAL_RANK),
        "adapter_targets": () if row.method == "adapter" and found.own_code else targets_of(row),
        "frozen_bytes": 4.0 if row.weight_precision.startswith("fp32") or (quantised and widens) else 2.0,
        "quantised_bytes": _quantised_bytes(row.weight_precision),
        "adapter_bytes": 4.0 if row.task == "train_peak_traced" else found.adapter_bytes,
        "adapter_dropout": found.adapter_dropout,
        "quantises_head": found.quantises_head,
        "unpacks_through_half": found.quantises_head,
        "rebuilds_weights": factored(row),
        "adapter_joins": "litgpt" in row.framework,
        "scales_products": row.method == "adapter_v2",
        "unties": found.own_code and "litgpt" in row.framework,
        "trains_ends": row.extra.get("train_embedding_and_head") == "1" or "trains embedding and output" in " ".join(row.extra),
    }


def _memory_savers(row: Row) -> dict[str, Any]:
    """What is computed again, and what lies in host memory."""
    extra, found = row.extra, habit(row.framework)
    optimizer, place = row.training.get("optimizer", ""), extra.get("cpu_offload", "")
    again = recompute_of(row, found)
    return {
        "recompute": again,
        "drops_cheap": again is Recompute.SELECTIVE and "titan" in row.framework,
        "recompute_towers": {"1": True, "0": False}.get(extra.get("vit_recompute", "")),
        "recompute_mlp": "mlp" in extra.get("recompute_modules", ""),
        "offload_optimizer": bool(re.search(r"offload", f"{optimizer} {place}".casefold()))
        or "optimizer" in extra.get("offload", "")
        or "optimizer" in place,
        "offload_params": "params" in place or place == "1",
        "offload_gradients": "params" in place
        or "gradient" in f"{extra.get('offload', '')} {optimizer}"
        or ("deepspeed" in row.framework.casefold() and "offload" in optimizer),
        "offload_activations": extra.get("activation_offload") in {"cpu", "1"},
    }


def _network(row: Row, model: Model, found: Habit) -> dict[str, Any]:
    """Attention, towers, pictures and what lies beside the part that is trained."""
    extra = row.extra
    return {
        "flash": _fused_attention(row, found, model),
        "context_tokens": patches(row) if isinstance(model.shape, MultimodalShape) else 0,
        "native_activations": found.own_code,
        "dropout": row.task == "train_peak_traced" or "bert" in row.model.casefold(),
        "trains_towers": extra.get("freeze_vit") == "false",
        "image_size": image_size(row),
        "vocabulary_loss": _guesses_words(row, model),
        "written_scan": row.task == "train_peak_traced",
        "components_beside": _beside(row) and (found.keeps_components or "latents_and_text" not in extra),
    }


def _fused_attention(row: Row, found: Habit, model: Model) -> bool:
    """Whether scores are never written out; the common library's models of language had no fused kernel before late 2023."""
    extra, words = row.extra, " ".join(row.extra)
    named = extra.get("attention", extra.get("attn", row.training.get("attention", "")))
    if named == "eager" or extra.get("flash_attention") == "0" or "flash attention maybe off" in words:
        return False
    early = bool(row.date) and row.date < FUSED_SINCE and isinstance(model.shape, DiffusionShape)
    library = not found.own_code and not _OWN_KERNELS.search(row.framework.casefold()) and model.language is not None
    unfused = row.task == "fits" and library and bool(row.date) and row.date < _LIBRARY_FUSES and "flash" not in words
    return not early and not unfused


def _beside(row: Row) -> bool:
    """Whether text encoders and autoencoder stay on the GPU; some programs work all samples through them before."""
    return row.task == "train_peak" or (row.task == "fits" and not _WORKED_BEFORE.search(row.framework.casefold()))


def _micro(row: Row, batch: int, pipeline: int, data: int, usual: int) -> tuple[int, int]:
    """Sequences worked on at once, and how often before the weights change."""
    steps = whole(row.extra.get("gradient_accumulation", row.extra.get("gradient_accumulation_steps")), usual)
    every = whole(row.extra.get("global_batch", row.extra.get("global_batch_size")), 0)
    if every:
        return batch, max(1, every // (batch * data))
    if pipeline > 1 and "titan" in row.framework:
        return 1, batch  # a pipeline cuts the local batch into single sequences
    if pipeline > 1 and "megatron" not in row.framework.casefold():
        return batch, 1  # layers spread over GPUs that work one after the other
    return batch, steps


def _kernels(row: Row, usual: Kernels) -> Kernels:
    extra = row.extra
    if extra.get("compile") == "1":
        return Kernels.COMPILED
    if extra.get("use_liger_kernel") == "true" and extra.get("liger") != "0":
        return Kernels.FUSED
    return Kernels.EAGER if extra.get("compile") == "0" else usual


def _loss(row: Row, usual: LossKind) -> LossKind:
    extra = row.extra
    if extra.get("cut_cross_entropy") == "1" or extra.get("fused_linear_ce") == "1" or extra.get("liger") == "1":
        return LossKind.FUSED
    if extra.get("use_liger_kernel") == "true" and extra.get("liger") != "0":
        return LossKind.FUSED
    return LossKind.CHUNKED if extra.get("chunked_ce") == "1" else usual


def _quantised_bytes(words: str) -> float:
    """Bytes an element of a quantised base, scales included."""
    text = words.casefold()
    if "fp8" in text:
        return 1.0
    if "int8" in text:
        return 1.02
    if "2bit" in text:
        return 0.3
    if "nf4" in text and "dq" not in text and "bnb" not in text:
        return 0.5625
    return 0.516 if "nf4" in text else 0.53


def _guesses_words(row: Row, model: Model) -> bool:
    """Whether an encoder's head guesses words: told by how many parameters were counted."""
    counted = whole(row.training.get("params"), 0)
    shape = model.shape
    if not counted or not isinstance(shape, TowersShape | BlocksShape | DiffusionShape):
        return row.extra.get("task") != "seq_classification"
    return abs(counted - operator_list(shape).total_params) > 5000

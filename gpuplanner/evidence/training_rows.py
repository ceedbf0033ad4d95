"""Rows that tell how much memory training took: measured, and traced from model classes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_blocks import BlocksShape
from gpuplanner.catalog.schema.shape_towers import DiffusionShape, MultimodalShape, TowersShape
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.architecture.operators import operator_list
from gpuplanner.engine.training.latents import latent_setup
from gpuplanner.engine.training.memory import TrainingMemory, training_memory
from gpuplanner.engine.training.parts import NotTrainableError
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.timeline import MOMENTS
from gpuplanner.evidence.components import Answer
from gpuplanner.evidence.peers import peer
from gpuplanner.evidence.reasons import NotDone, Reason
from gpuplanner.evidence.resolve import GpuResolver, ModelResolver
from gpuplanner.evidence.rows import Row
from gpuplanner.evidence.training_setups import (
    FUSED_SINCE,
    habit,
    optimizer_of,
    precision_of,
    recompute_of,
    runs_in_fp16,
    targets_of,
)
from gpuplanner.scenario.document import Kernels, LossKind, Recompute, TrainingPrecision, TuningMethod

KINDS: Final = frozenset({"train_peak", "train_peak_traced", "train_max_context"})
_USUAL_TOKENS: Final = 512  # of a fine-tuning sample where nothing is said
_MANY: Final = 4  # samples of a batch, of which a mean tells more than the longest
_LONG_SAMPLE: Final = 1024  # of data sets people tune on, few samples are longer
_USUAL_RANK: Final = 8
_UNSHIFTED: Final = "2024-10"  # since then the common library moves the labels instead of the logits
_LONGEST: Final = 2**24
_EXPANDABLE_SINCE: Final = "2025"  # since then scripts let the allocator's segments grow (PyTorch 2.1 and later)
_FILLED: Final = 0.96  # of a card before the allocator gives its cache back
_LONG_OF_MEAN: Final = 1.6  # the longest of the samples that a step meets, over their mean
_USUAL_PICTURE: Final = 512
_USUAL_IMAGE: Final = 224
_USUAL_PIXELS: Final = 448**2
_PATCH: Final = 14
_SEES: Final = re.compile("vision_language|omni|multimodal")
_METHODS: Final = {"full": TuningMethod.FULL, "qlora": TuningMethod.QLORA, "dora": TuningMethod.DORA, "galore": TuningMethod.FULL}
_PACKED: Final = re.compile(r"awq|gptq|aqlm|2bit")
_QUANTISED: Final = re.compile(r"nf4|int4|int8|fp8 storage|4bit|awq|gptq|aqlm|2bit")


class TrainingRuns:
    """Answers training rows with one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._models = ModelResolver(catalog.models)
        self._gpus = GpuResolver(catalog.gpus)

    def __call__(self, row: Row) -> Answer | NotDone | None:
        """A prediction or why there is none; None when the row is of another kind."""
        if row.table != "memory" or row.task not in KINDS:
            return None
        found = self.run(row)
        if isinstance(found, NotDone):
            return found
        model_id, shape, setup = found
        try:
            value = self._longest(row, shape, setup) if row.task == "train_max_context" else self._peak(row, shape, setup)
        except NotTrainableError:
            return NotDone(Reason.SHAPE, row.model)
        if value is None:
            return NotDone(Reason.FIT)
        return Answer(value, model_id, self._gpus(row.gpu) or "")

    def memory(self, row: Row) -> TrainingMemory | None:
        """The tensors of a row's run on the fullest GPU; None where it can't be computed."""
        found = self.run(row)
        if isinstance(found, NotDone):
            return None
        try:
            return training_memory(found[1], found[2])
        except NotTrainableError:
            return None

    def run(self, row: Row) -> tuple[str, Shape, Setup] | NotDone:
        """Model, shape and set-up of a row, or what isn't known of it."""
        model_id = self._named(row)
        model = self._catalog.models[model_id] if model_id is not None else None
        if model_id is None or model is None or model.shape is None:
            model_id = self._peer(row, model)
            model = self._catalog.models[model_id] if model_id is not None else None
        if model_id is None or model is None or model.shape is None:
            return NotDone(Reason.MODEL if model is None else Reason.SHAPE, row.model)
        shape = _of_length(model.shape, row)
        if shape is None:
            return NotDone(Reason.LAYOUT, row.training.get("layers", ""))
        return model_id, shape, setup_of(row, model)

    def _named(self, row: Row) -> str | None:
        return next((found for name in spellings(row.model) if (found := self._models(name)) is not None), None)

    def _peer(self, row: Row, own: Model | None) -> str | None:
        """A language model of about the same size, where internals aren't published."""
        if (
            "height" in row.extra
            or row.task == "train_peak_traced"
            or (own is not None and own.language is None and not _SEES.search(own.kind.value))
        ):
            return None
        size = row.training.get("params_b", "")
        return peer(row.model, own, self._catalog.models) or (
            peer(f"{row.model}-{size}B", own, self._catalog.models) if size else None
        )

    def _peak(self, row: Row, shape: Shape, setup: Setup) -> float:
        scale = row.gpus or 1 if row.scope == "sum_gpus" else 1
        memory = training_memory(shape, setup)
        seen = scale * self._seen(row, memory)
        if habit(row.framework).loads_whole and setup.zero >= 3:
            # the first gathers come while the whole copy still lies there
            whole = training_memory(shape, replace(setup, zero=0)).weights
            seen = max(seen, whole + memory.weights + memory.communication)
        return seen

    def _seen(self, row: Row, memory: TrainingMemory) -> float:
        """What the row's way of measuring counts."""
        way = counted(row)
        if way is Counted.TENSORS:
            return memory.total
        context = self._constant("training.context_bytes") if way is Counted.CARD else 0.0
        if stated := re.search(r"(\d+) mib", row.metric.casefold()):
            context = float(stated[1]) * 2**20
        held = self.reserved(row, memory, context + self.beside(row, memory))
        gpu = self._catalog.gpus.get(self._gpus(row.gpu) or "")
        if gpu is None or way is Counted.CARD:
            return held
        return min(held, max(memory.total, _FILLED * gpu.usable_bytes))  # a cache is emptied before memory runs out

    def beside(self, row: Row, memory: TrainingMemory) -> float:
        """What the allocator keeps from loading the weights, where they are copied to a framework's own buffers."""
        kind = loads(row)
        return self._constant("training.loading", kind) * memory.weights if kind else 0.0

    def reserved(self, row: Row, memory: TrainingMemory, context: float) -> float:
        """What the allocator holds at the worst moment of a row's step."""
        shares = {name: self._constant("training.fragmentation", name) for name in MOMENTS}
        return memory.reserved(shares, context, self._constant("training.varying") if lengths_vary(row) else 0.0)

    def _constant(self, *names: str) -> float:
        return self._catalog.calibration.constant(*names)

    def _longest(self, row: Row, shape: Shape, setup: Setup) -> float | None:
        size = row.extra.get("gpu_mem_gb", "")
        if not size.isdigit():
            return None
        low, high = 0, _LONGEST
        while high - low > 64:
            middle = (low + high) // 2
            memory = training_memory(shape, replace(setup, tokens=middle))
            held = self.reserved(row, memory, self._constant("training.context_bytes"))
            low, high = (middle, high) if held <= float(size) * 2**30 else (low, middle)
        return float(low) if low else None


_SIZES: Final = {"S": "small", "B": "base", "L": "large", "H": "huge", "G": "giant"}


def spellings(name: str) -> Iterator[str]:
    """A name, and what else papers mean by it: "CLIP-L/14" is clip-vit-large-patch14, "BERT-base" the uncased one."""
    yield name
    patched = re.fullmatch(r"(\w*?)-?([SBLHG])/(\d+)", name)
    if patched:
        family = patched[1].casefold()
        yield f"{family}-{patched[2].casefold()}-{patched[3]}"
        yield f"{family}-vit-{_SIZES[patched[2]]}-patch{patched[3]}"
    if vit := re.match(r"vit_(\w)\w*_patch(\d+)(_dinov2)?", name):
        yield f"dinov2-{_SIZES[vit[1].upper()]}" if vit[3] else f"vit-{vit[1]}-{vit[2]}"
        yield f"vit-{vit[1]}-{vit[2]}-518"
    if unet := re.match(r"(?:stable-diffusion-v?|SD|controlnet-sd)(\d[\d.]*|XL)", name):
        yield "sdxl-base-1.0" if unet[1] == "XL" else f"stable-diffusion-{unet[1]}"
        yield "stable-diffusion-1.5" if unet[1].startswith("1") else f"sd{unet[1]}"
    if name.startswith("llama2-1b"):
        yield "tinyllama-1.1b"  # Llama 2's layers at 1.1B
    yield re.sub(r" .*$", "", name)
    yield re.sub(r"-(deduped|hf)$", "", name)
    yield f"{name}-uncased"
    yield f"{name}-patch14-384"
    yield f"{name}-patch16-224"
    yield re.sub(r"-B$", "-base", name)
    yield re.sub(r"_(patch\d+)_\d+$", "", name).replace("vit_", "vit-")


class Counted(StrEnum):
    """What a way of measuring counts."""

    TENSORS = "tensors"
    RESERVED = "reserved"  # what the allocator holds
    CARD = "card"


def loads(row: Row) -> str | None:
    """How a run's framework loads weights that it copies then: "full", "adapters"; None where it fills its own tensors."""
    if not habit(row.framework).reloads or counted(row) is Counted.TENSORS:
        return None
    return "full" if row.method.startswith("full") else "adapters"


def counted(row: Row) -> Counted:
    """What a row's way of measuring counts: tensors alone, what the allocator holds, or all of the card."""
    metric = row.metric.casefold()
    if row.task == "train_peak_traced" or re.search(r"allocated|active|tracemalloc", metric):
        return Counted.TENSORS
    return Counted.RESERVED if re.search(r"reserved|torch", metric) else Counted.CARD


def lengths_vary(row: Row) -> bool:
    """Whether sequences of different lengths follow each other, so that the allocator's blocks seldom fit the next one."""
    extra = row.extra
    fixed = extra.get("packing") in {"1", "true"} or extra.get("packed") == "1" or "fixed" in extra.get("dataset", "")
    return not fixed and row.date < _EXPANDABLE_SINCE and bool(re.search(r"swift|torchtune|factory", row.framework.casefold()))


def setup_of(row: Row, model: Model) -> Setup:
    """A row's run in the engine's terms; what it doesn't say is the framework's habit."""
    found, extra = habit(row.framework), row.extra
    adapters = row.method not in {"full", "galore", ""} and not row.method.startswith("full")
    quantised = bool(_QUANTISED.search(row.weight_precision.casefold()))
    method = _METHODS.get(row.method, TuningMethod.LORA) if adapters else TuningMethod.FULL
    if adapters and quantised:
        method = TuningMethod.QLORA
    tensor, pipeline = row.tp or 1, row.pp or 1
    context = _int(extra.get("cp"), 1)
    data = row.dp or max(1, (row.gpus or 1) // (tensor * pipeline * context))
    paired = extra.get("task") in {"dpo", "rm"} and extra.get("packing") != "true"
    batch = _batch(row) * (2 if paired or extra.get("prior_preservation", "").startswith("1") else 1)
    micro, count = _micro(row, batch, pipeline, data, found.steps)
    precision = precision_of(row, found, adapters=adapters)
    widens = found.widens_frozen and not _PACKED.search(row.weight_precision.casefold())
    setup = Setup(
        precision=precision,
        method=method,
        optimizer=optimizer_of(row),
        tokens=_tokens(row),
        context_tokens=_patches(row) if isinstance(model.shape, MultimodalShape) else 0,
        micro_batch=micro,
        micro_batches=count,
        recompute=recompute_of(row, found),
        flash=extra.get("attention", extra.get("attn", row.training.get("attention", ""))) != "eager"
        and extra.get("flash_attention") != "0"
        and (not row.date or row.date >= FUSED_SINCE or not isinstance(model.shape, DiffusionShape)),
        kernels=_kernels(row, found.kernels),
        loss=_loss(row, found.loss),
        adapter_rank=_int(row.training.get("lora_rank"), _USUAL_RANK),
        adapter_targets=() if row.method == "adapter" and found.own_code else targets_of(row),
        frozen_bytes=4.0 if row.weight_precision.startswith("fp32") or (quantised and widens) else 2.0,
        quantised_bytes=_quantised_bytes(row.weight_precision),
        adapter_bytes=4.0 if row.task == "train_peak_traced" else found.adapter_bytes,
        adapter_dropout=found.adapter_dropout,
        native_activations=found.own_code,
        drops_cheap=recompute_of(row, found) is Recompute.SELECTIVE and "titan" in row.framework,
        compiled_loss=found.compiled_loss and (row.date[:4] not in {"2023", "2024"} or "titan" not in row.framework),
        shifted_loss=found.shifts and "2023" <= row.date[:7] < _UNSHIFTED,
        reference_model=extra.get("task") in {"dpo", "kto"} and not adapters,
        gathers_16_bit="compute" in row.weight_precision and row.training.get("zero_stage") == "3",
        dropout=row.task == "train_peak_traced" or "bert" in row.model.casefold(),
        tensor_parallel=tensor,
        pipeline_parallel=pipeline,
        data_parallel=data,
        context_parallel=context,
        expert_parallel=_int(extra.get("ep"), 1),
        sequence_parallel=tensor > 1,
        zero=_int(row.training.get("zero_stage"), 0),
        offload_optimizer=bool(
            re.search(r"offload", f"{row.training.get('optimizer', '')} {extra.get('cpu_offload', '')}".casefold())
        )
        or "optimizer" in extra.get("offload", "")
        or "optimizer" in extra.get("cpu_offload", ""),
        offload_params="params" in extra.get("cpu_offload", "") or extra.get("cpu_offload") == "1",
        offload_gradients="params" in extra.get("cpu_offload", "")
        or "gradient" in f"{extra.get('offload', '')} {row.training.get('optimizer', '')}"
        or ("deepspeed" in row.framework.casefold() and "offload" in row.training.get("optimizer", "").casefold()),
        native_loss=runs_in_fp16(row),
        unties=found.own_code and "litgpt" in row.framework,
        adapter_joins="litgpt" in row.framework,
        scales_products=row.method == "adapter_v2",
        trains_towers=extra.get("freeze_vit") == "false",
        recompute_towers={"1": True, "0": False}.get(extra.get("vit_recompute", "")),
        recompute_mlp="mlp" in extra.get("recompute_modules", ""),
        offload_activations=extra.get("activation_offload") in {"cpu", "1"},
        optimizer_in_backward=extra.get("optimizer_in_bwd") == "1",
        gradient_bytes=found.gradient_bytes if not adapters else None,
        virtual_stages=_int(extra.get("vpp"), 1),
        buckets=found.buckets,
        trains_ends=extra.get("train_embedding_and_head") == "1",
        step_gradient_bytes=4.0 if precision is TrainingPrecision.MIXED and found.gradient_bytes is None else 0.0,
        bucket_bytes=2e9 if precision is TrainingPrecision.MIXED and found.gradient_bytes is None else 0.0,
        image_size=_image_size(row),
        vocabulary_loss=_guesses_words(row, model),
        written_scan=row.task == "train_peak_traced",
        components_beside=row.task == "train_peak" and (found.keeps_components or "latents_and_text" not in extra),
    )
    return latent_setup(setup, model, *_picture(row))


def _tokens(row: Row) -> float:
    """Tokens of a sequence. Where samples aren't packed, a script's length is only where it cuts."""
    if not row.isl:
        return _USUAL_TOKENS
    if mean := re.search(r"mean (\d+) tokens", row.extra.get("dataset", "")):
        return min(row.isl, _LONG_OF_MEAN * float(mean[1]))
    cuts = (
        ("script" in row.extra or "max_length" in row.extra)
        and row.extra.get("packing") not in {"1", "true"}
        and row.extra.get("padding_free") != "false"
    )
    if cuts and _batch(row) >= _MANY and row.extra.get("padding_free") != "false":
        return min(row.isl, _USUAL_TOKENS)
    return min(row.isl, _LONG_SAMPLE) if cuts else row.isl


def _patches(row: Row) -> float:
    """Patches a tower sees of a sample: pictures as large as allowed, of a clip a pair of frames at a time."""
    pixels = _int(row.extra.get("MAX_PIXELS"), _USUAL_PIXELS)
    frames = _int(row.extra.get("FPS_MAX_FRAMES"), 0)
    return pixels / _PATCH**2 * max(1.0, frames / 2)


def _picture(row: Row) -> tuple[int | None, int | None, int | None]:
    """Width, height and frames of a sample, as far as the row tells; a clip of one frame is a picture."""
    side = _int(row.training.get("image_size"), 0)
    width, height = (_int(row.extra.get(name), side) or _USUAL_PICTURE for name in ("width", "height"))
    return width, height, _int(row.extra.get("frames"), 1)


def _image_size(row: Row) -> int | None:
    """Side of a square as large as the row's image; networks are trained on the usual size where it was only assumed."""
    if traced := _int(row.training.get("image_size"), 0):
        return traced
    if "assumed" in row.extra.get("width", ""):
        return _USUAL_IMAGE
    height, width = _int(row.extra.get("height"), 0), _int(row.extra.get("width"), 0)
    return round((height * width) ** 0.5) or None


def _batch(row: Row) -> int:
    return max(1, int(float(row.batch))) if row.batch.replace(".", "").isdigit() else 1


def _micro(row: Row, batch: int, pipeline: int, data: int, usual: int) -> tuple[int, int]:
    """Sequences worked on at once, and how often before the weights change."""
    steps = _int(row.extra.get("gradient_accumulation", row.extra.get("gradient_accumulation_steps")), usual)
    whole = _int(row.extra.get("global_batch", row.extra.get("global_batch_size")), 0)
    if whole:
        return batch, max(1, whole // (batch * data))
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


def _of_length(shape: Shape, row: Row) -> Shape | None:
    """The shape with as many layers as the row says, where it says fewer."""
    layers = _int(row.training.get("layers"), 0) or _int(row.extra.get("layers"), 0)
    if not layers or not isinstance(shape, DecoderShape) or layers >= shape.layer_count:
        return shape
    kinds, left = [], layers
    for kind in shape.layers:
        count = min(kind.count, left) if kind is not shape.layers[-1] else left
        if count:
            kinds.append(kind.model_copy(update={"count": count}))
        left -= count
    return shape.model_copy(update={"layers": tuple(kinds)})


def _guesses_words(row: Row, model: Model) -> bool:
    """Whether an encoder's head guesses words: told by how many parameters were counted."""
    counted = _int(row.training.get("params"), 0)
    shape = model.shape
    if not counted or not isinstance(shape, TowersShape | BlocksShape | DiffusionShape):
        return row.extra.get("task") != "seq_classification"
    return abs(counted - operator_list(shape).total_params) > 5000


def _int(text: str | None, usual: int) -> int:
    digits = re.match(r"\d+", (text or "").strip())
    return int(digits[0]) if digits else usual

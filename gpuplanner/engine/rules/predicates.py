"""When a guard rail is run into: each tells the numbers of its sentence, or None where all is well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gpuplanner.engine.choice import in_china
from gpuplanner.engine.result import Verdict
from gpuplanner.engine.rules.situation import Situation
from gpuplanner.scenario.document import Availability, CloudTerm, Cooling, TrainingPrecision, WorkloadKind

Found = Mapping[str, object] | None
Values = Mapping[str, float]
OF_ANY_PLAN: Final = frozenset(("heads_divided", "matches", "export", "cloud_only", "context"))  # hold without a layout


def heads_divided(at: Situation, _values: Values) -> Found:
    """A fixed tensor degree that doesn't divide the heads."""
    wanted, ops = at.scenario.deployment.tensor_parallel, at.operators
    if wanted is None or ops is None or not ops.heads or ops.heads % wanted == 0:
        return None
    return {"tensor": wanted, "heads": ops.heads}


def format_native(at: Situation, _values: Values) -> Found:
    """Products that run in another format than the one asked for, as the card lacks it."""
    return None if at.plan.fallback is None else {"instead": at.plan.fallback}


def bf16_native(at: Situation, values: Values) -> Found:
    """BF16 asked of a card that is too old for it."""
    made = at.gpu.compute_capability
    if made is None or made >= values["compute_capability"]:
        return None
    if at.scenario.workload.kind.trains:
        return None if at.scenario.training.precision is TrainingPrecision.FP32 else {}
    return {} if at.scenario.precision.weights == "bf16" else None


def flash_attention(at: Situation, values: Values) -> Found:
    """A card that is too old for the usual attention kernels."""
    old = at.gpu.compute_capability is not None and at.gpu.compute_capability < values["compute_capability"]
    return {} if old and (at.scenario.workload.kind.writes or at.scenario.workload.kind.trains) else None


def fast_link(at: Situation, _values: Values) -> Found:
    """A layer cut over cards that talk over PCIe."""
    degree = at.plan.tensor_parallel
    if degree < 2 or _reached(at, degree):
        return None
    return {"tensor": degree}


def one_socket(at: Situation, _values: Values) -> Found:
    """A layer cut over cards behind two processors, without a fast link."""
    degree, chassis = at.plan.tensor_parallel, at.chassis
    each = chassis.gpus // max(chassis.sockets, 1)
    if degree < 2 or degree <= each or degree > chassis.gpus or _reached(at, degree):
        return None
    return {"tensor": degree, "each": each, "sockets": chassis.sockets}


def bridge(at: Situation, _values: Values) -> Found:
    """A layer cut over more cards than a bridge joins."""
    joins = at.gpu.scale_up_domain
    if at.gpu.interconnect.topology != "bridge" or at.plan.tensor_parallel <= joins:
        return None
    return {"tensor": at.plan.tensor_parallel, "joins": joins}


def one_server(at: Situation, _values: Values) -> Found:
    """A layer cut over several servers."""
    degree = at.plan.tensor_parallel
    if degree <= at.chassis.gpus or _reached(at, degree):
        return None
    return {"tensor": degree, "gpus": at.chassis.gpus}


def _reached(at: Situation, degree: int) -> bool:
    return at.gpu.has_scale_up and degree <= at.gpu.scale_up_domain


def kv_heads(at: Situation, _values: Values) -> Found:
    """More cards than KV heads: some hold the same keys and values."""
    ops, degree = at.operators, at.plan.tensor_parallel
    if ops is None or not at.scenario.workload.kind.writes or at.plan.attention_copies > 1:
        return None
    heads = [state.kv_heads for state in ops.states if state.stores and not state.latent and state.kv_heads]
    if not heads or degree <= min(heads):
        return None
    return {"tensor": degree, "kv_heads": min(heads), "copies": degree / min(heads)}


def training_link(at: Situation, values: Values) -> Found:
    """A large model trained over PCIe."""
    if not at.scenario.workload.kind.trains or at.plan.gpus < 2 or at.params < values["params"]:
        return None
    return None if at.gpu.has_scale_up else {"gpus": at.plan.gpus}


def matches(_at: Situation, _values: Values) -> Found:
    """The card is one the rule is about."""
    return {}


def cloud_only(at: Situation, _values: Values) -> Found:
    """The accelerator isn't sold."""
    return {} if at.gpu.form_factor == "cloud" else None


def export(at: Situation, _values: Values) -> Found:
    """The site is in China, or likely is, and the card isn't freely sold there."""
    sold, china = at.gpu.export.china_new_sale, in_china(at.scenario)
    if sold is None or sold is True or china is False:
        return None
    return {} if china else {"likely": True}


def single_server(at: Situation, _values: Values) -> Found:
    """A service that people wait for, around the clock, on one server."""
    serves = at.scenario.workload.kind in (WorkloadKind.SERVE, WorkloadKind.GENERATE, WorkloadKind.ENCODE)
    alone = at.plan.servers == 1 and at.scenario.deployment.availability is Availability.NONE
    return {} if serves and alone and at.scenario.site.around_the_clock else None


def rack_power(at: Situation, _values: Values) -> Found:
    """A server draws more than a rack gives."""
    limit = at.scenario.site.rack_kw
    if limit is None or at.chassis.load_w is None or at.chassis.load_w <= limit * 1000:
        return None
    return {"load_w": at.chassis.load_w, "limit_w": limit * 1000}


def liquid(at: Situation, _values: Values) -> Found:
    """The servers need water where there is only air."""
    return {} if at.chassis.liquid and at.scenario.site.cooling is Cooling.AIR else None


def context(at: Situation, _values: Values) -> Found:
    """Longer sequences than the model was trained for."""
    limit = at.model.max_context
    if limit is None or not at.scenario.workload.kind.writes:
        return None
    length = at.request.full_tokens
    return {"length": length, "limit": limit} if length > limit else None


def near_overload(at: Situation, values: Values) -> Found:
    """Little is left until requests queue."""
    more = at.figure("headroom")
    if at.plan.verdict is Verdict.OVERLOADED:
        return {"busy_share": 1.0}
    if more is None or more <= -1 or 1 / (1 + more) < values["busy_share"]:
        return None
    return {"busy_share": 1 / (1 + more)}


def memory_tight(at: Situation, values: Values) -> Found:
    """Hardly any memory is left."""
    memory = at.plan.memory
    if memory is None or memory.need_bytes < values["full_share"] * memory.usable_bytes:
        return None
    return {"need_bytes": memory.need_bytes, "usable_bytes": memory.usable_bytes}


def spot_service(at: Situation, _values: Values) -> Found:
    """Instances that may be taken away, for people who wait."""
    waiting = at.scenario.workload.kind is WorkloadKind.SERVE
    return {} if waiting and at.scenario.money.cloud_term is CloudTerm.SPOT else None


def few_bits(at: Situation, values: Values) -> Found:
    """Few bits on a model that has little to spare."""
    item = at.precision
    if item is None or item.bits_per_weight_effective is None or not at.scenario.workload.kind.writes:
        return None
    small = at.params < values["params"] and item.bits_per_weight_effective <= values["bits"]
    return {"bits": item.bits_per_weight_effective, "size_params": at.params} if small else None


def host_layers(at: Situation, values: Values) -> Found:
    """Layers that wait in host memory, under load."""
    layers, ops = at.scenario.serving.gpu_layers, at.operators
    if layers is None or ops is None or layers >= ops.layers or at.plan.batch <= values["requests"]:
        return None
    return {"outside": ops.layers - layers, "layers": ops.layers, "batch": at.plan.batch}


def engine_port(at: Situation, _values: Values) -> Found:
    """The engine runs on this card in a version of its own."""
    port = next((code for code in at.plan.warnings if code.code == "warning.port"), None)
    return None if port is None else dict(port.params)


def price_unknown(at: Situation, _values: Values) -> Found:
    """Nobody published a price."""
    found = at.plan.figures.get("purchase")
    return {} if found is None or found.value is None else None

"""Rules of thumb about memory, judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gpuplanner.catalog.schema.model import ModelKind
from gpuplanner.engine.load.replica import replica_of
from gpuplanner.engine.request import CannotEstimateError, Request, resolve
from gpuplanner.engine.result import Code, MemoryPart, Status, Unit
from gpuplanner.engine.rules import formulas
from gpuplanner.engine.rules.result import Said
from gpuplanner.engine.rules.situation import Situation, nominal_bits
from gpuplanner.scenario.document import replace as changed

Values = Mapping[str, float]
SIXTEEN_BIT = "bf16"
EIGHT_BIT = "int8-w8a8"
FOUR_BIT = "int4-gptq-g128"
_WORKSPACE = (MemoryPart.ACTIVATIONS, MemoryPart.ENGINE, MemoryPart.COMMUNICATION)


def weights_by_bytes(at: Situation, _values: Values) -> Said | None:
    """Parameters times the format's bytes, against all GPUs of a replica."""
    each = at.nominal_bytes
    if each is None or not at.params:
        return None
    rule = formulas.weights(at.params, each)
    held = at.part(MemoryPart.WEIGHTS) * at.plan.gpus_per_replica
    return Said(rule, rule, held, Unit.BYTES, tuple(_about_weights(at)), {"params": at.params, "bytes_per_param": each})


def _about_weights(at: Situation) -> list[Code]:
    item, codes = at.precision, []
    if item is not None and item.bits_per_weight_effective:
        if item.bits_per_weight_effective > 1.01 * nominal_bits(item):
            codes.append(Code("rule.why.scales", {"bits": item.bits_per_weight_effective}))
        if nominal_bits(item) < 16 and not item.whole_model:
            codes.append(Code("rule.why.kept16"))
    if at.plan.gpus_per_replica > 1:
        codes.append(Code("rule.why.fullest", {"gpus": at.plan.gpus_per_replica}))
    if at.scenario.serving.adapters or at.request_has_draft:
        codes.append(Code("rule.why.beside"))
    return codes or [Code("rule.why.same_sum")]


def memory_times(at: Situation, values: Values) -> Said | None:
    """A factor on the weights, against what a replica holds under this load."""
    each = at.nominal_bytes
    if each is None or not at.params:
        return None
    low, high = values.get("low", values.get("factor", 1.0)), values.get("high", values.get("factor", 1.0))
    inputs = {"params": at.params, "bytes_per_param": each, "factor": low}
    ends = (formulas.memory_times(at.params, each, low), formulas.memory_times(at.params, each, high))
    return Said(*ends, at.replica_bytes, Unit.BYTES, tuple(_about_load(at)), inputs)


def _about_load(at: Situation) -> list[Code]:
    cache = at.part(MemoryPart.KV_CACHE) * at.plan.gpus_per_replica
    if cache and at.scenario.workload.kind.writes:
        tokens = at.request.full_tokens
        return [Code("rule.why.cache", {"batch": at.plan.batch, "tokens": tokens, "cache_bytes": cache})]
    rest = at.part(MemoryPart.ACTIVATIONS) * at.plan.gpus_per_replica
    return [Code("rule.why.passes", {"batch": at.plan.batch, "rest_bytes": rest})]


def kv_by_width(at: Situation, _values: Values) -> Said | None:
    """Keys and values as wide as the hidden state, against what attention keeps."""
    ops, kv = at.operators, at.catalog.precisions.get(at.scenario.precision.kv_cache)
    if ops is None or kv is None or kv.kv_bits is None or not at.answer.kv_bytes_per_token or not ops.states:
        return None
    each = kv.kv_bits / 8
    rule = formulas.kv_width(ops.layers, ops.hidden, each)
    inputs = {"layers": float(ops.layers), "hidden": float(ops.hidden), "bytes_each": each}
    return Said(rule, rule, at.answer.kv_bytes_per_token, Unit.BYTES, (_about_heads(at),), inputs)


def _about_heads(at: Situation) -> Code:
    states = at.operators.states if at.operators else ()
    if any(state.latent for state in states):
        return Code("rule.why.latent")
    first = states[0]
    if sum(state.layers for state in states) < (at.operators.layers if at.operators else 0):
        return Code("rule.why.fewer_layers")
    if any(state.window for state in states):
        return Code("rule.why.window")
    if first.kv_heads < first.heads:
        return Code("rule.why.grouped", {"heads": first.heads, "kv_heads": first.kv_heads})
    return Code("rule.why.same_sum")


def double_load(at: Situation, values: Values) -> Said | None:
    """Twice the load in twice the memory, against the cache alone growing."""
    cache = at.part(MemoryPart.KV_CACHE) * at.plan.gpus_per_replica
    if not cache:
        return None
    rule = formulas.double(values["factor"], at.replica_bytes)
    grown = at.replica_bytes + (values["factor"] - 1) * cache
    why = Code("rule.why.only_cache", {"cache_bytes": cache})
    return Said(rule, rule, grown, Unit.BYTES, (why,), {"factor": values["factor"], "memory": at.replica_bytes})


def workspace(at: Situation, values: Values) -> Said | None:
    """A fixed workspace, against activations, engine and communication."""
    held = at.part(*_WORKSPACE)
    return Said(values["bytes"], values["bytes"], held, Unit.BYTES, (Code("rule.why.workspace"),))


def least_card(at: Situation, values: Values) -> Said | None:
    """The smallest card that carries the load alone."""
    if not values["from_params"] <= at.params <= values["to_params"]:
        return None
    able = [
        at.catalog.gpus[plan.gpu_id]
        for plan in at.answer.plans
        if plan.status is not Status.IMPOSSIBLE and plan.gpus_per_replica == 1
    ]
    least = min(able, key=lambda gpu: (gpu.memory_gb, gpu.id), default=None)
    why = (Code("rule.why.least_card", {"gpu": least.name}),) if least else (Code("rule.why.no_single_card"),)
    return Said(values["bytes"], values["bytes"], least.memory_gb * 1e9 if least else None, Unit.BYTES, why)


def per_inference(at: Situation, values: Values) -> Said | None:
    """So much for each item at once, against one context and small activations."""
    if at.model.kind is not ModelKind.ENCODER:
        return None
    rule = formulas.per_item(at.plan.batch, values["bytes"])
    why = Code("rule.why.context_once", {"weight_bytes": at.part(MemoryPart.WEIGHTS), "engine_bytes": at.part(MemoryPart.ENGINE)})
    return Said(rule, rule, at.replica_bytes, Unit.BYTES, (why,), {"items": float(at.plan.batch), "each": values["bytes"]})


def bert_card(at: Situation, values: Values) -> Said | None:
    """Two sizes of encoder and their cards, against what serving takes."""
    if at.model.kind is not ModelKind.ENCODER or at.params > values["large_params"]:
        return None
    size = "base" if at.params < values["base_params"] else "large"
    why = Code("rule.why.tuning_figure")
    return Said(values[f"{size}_low_bytes"], values[f"{size}_high_bytes"], at.replica_bytes, Unit.BYTES, (why,))


def own_weights(request: Request) -> float:
    """All weights of a request's model in its format. [B]"""
    held, size = request.share(1), request.weight_bytes
    quantised = held.layer_quantised + held.edge_quantised
    return quantised * size.quantised + (held.layer_kept + held.edge_kept) * size.kept


def eight_bit(at: Situation, values: Values) -> Said | None:
    """What 8 bit saves of the weights."""
    return _saved(at, values, EIGHT_BIT)


def four_bit(at: Situation, values: Values) -> Said | None:
    """What 4 bit saves of the weights."""
    return _saved(at, values, FOUR_BIT)


def _saved(at: Situation, values: Values, precision: str) -> Said | None:
    whole, less = _in_format(at, SIXTEEN_BIT), _in_format(at, precision)
    if whole is None or less is None:
        return None
    now, then = own_weights(whole), own_weights(less)
    why = Code("rule.why.saves_weights_only", {"before_bytes": now, "after_bytes": then})
    return Said(values["share"], values["share"], 1 - then / now, Unit.SHARE, (why,))


def four_bit_slower(at: Situation, values: Values) -> Said | None:
    """What 4 bit does to the time of a token of a request alone; a negative share is faster."""
    whole, less = _alone(at, SIXTEEN_BIT), _alone(at, FOUR_BIT)
    if whole is None or less is None:
        return None
    why = Code("rule.why.bound_by_bandwidth", {"before_s": whole, "after_s": less})
    return Said(values["share"], values["share"], less / whole - 1, Unit.SHARE, (why,))


def _in_format(at: Situation, precision: str) -> Request | None:
    try:
        return resolve(changed(at.scenario, "precision.weights", precision), at.catalog)
    except CannotEstimateError:
        return None


def _alone(at: Situation, precision: str) -> float | None:
    """Time per token of one request on the plan's layout. [s]"""
    request = _in_format(at, precision)
    if request is None:
        return None
    scenario = changed(at.scenario, "precision.weights", precision)
    plan = replace(at.plan, attention_copies=1)
    try:
        return float(replica_of(scenario, at.catalog, plan, request).serving(1.0).tpot_mean[0, 0])
    except CannotEstimateError:
        return None


def params_by_width(at: Situation, _values: Values) -> Said | None:
    """Twelve times layers times the square of the width, against the sum over all operators."""
    ops = at.operators
    if ops is None or not ops.states or not ops.layers:
        return None
    rule = formulas.transformer_params(float(ops.layers), float(ops.hidden))
    ends = float(ops.vocab) * ops.hidden
    why = [Code("rule.why.embedding", {"embedding_params": ends})] if ends else []
    if at.answer.params_active and at.answer.params_active < 0.9 * at.params:
        why.append(Code("rule.why.experts"))
    elif abs(ops.widest_mlp / ops.hidden - 4) > 0.01 or any(state.kv_heads < state.heads for state in ops.states):
        why.append(Code("rule.why.other_widths", {"mlp": ops.widest_mlp, "hidden": ops.hidden}))
    return Said(rule, rule, at.params, Unit.COUNT, tuple(why), {"layers": float(ops.layers), "hidden": float(ops.hidden)})

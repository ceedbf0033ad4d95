"""Rules of thumb about training: memory, time, checkpoints."""

from __future__ import annotations

from collections.abc import Mapping

from gpuplanner.engine.result import Code, MemoryPart, Plan, Status, Unit
from gpuplanner.engine.rules import formulas
from gpuplanner.engine.rules.result import Said
from gpuplanner.engine.rules.situation import Situation
from gpuplanner.scenario.document import Recompute, Sharding, TrainingBudget, TrainingPrecision, TuningMethod, WorkloadKind

Values = Mapping[str, float]
STATES = (MemoryPart.WEIGHTS, MemoryPart.GRADIENTS, MemoryPart.OPTIMIZER)


def three_tensors(at: Situation, values: Values) -> Said | None:
    """The articles' sum, against all GPUs of the run where nothing is held twice."""
    step, ops = at.plan.training, at.operators
    if step is None or ops is None or at.plan.memory is None or at.plan.gpus != 1:
        return None
    inputs = {
        "params": at.params,
        "bytes_per_param": values["bytes"],
        "copies": values["tensors"],
        "batch": float(step.micro_batch),
        "tokens": _tokens(at),
        "hidden": float(ops.hidden),
        "each": values["bytes_per_element"],
    }
    rule = formulas.training_memory(**inputs)
    states, kept = at.part(*STATES), at.part(MemoryPart.ACTIVATIONS)
    why = (Code("rule.why.four_tensors", {"states_bytes": states}), Code("rule.why.all_layers", {"kept_bytes": kept}))
    return Said(rule, rule, at.plan.memory.need_bytes, Unit.BYTES, _tuned(at) or why, inputs)


def states_16(at: Situation, values: Values) -> Said | None:
    """Sixteen bytes a parameter, against weights, gradients and optimizer on one GPU."""
    if at.plan.training is None or at.plan.gpus != 1:
        return None
    rule = formulas.states(at.params, values["bytes_per_param"])
    asked = at.scenario.training
    names = {
        "precision": f"choice.training.precision.{asked.precision.value}",
        "optimizer": f"choice.training.optimizer.{asked.optimizer.value}",
    }
    why = Code("rule.why.recipe", names)
    held = at.part(*STATES)
    inputs = {"params": at.params, "bytes_per_param": values["bytes_per_param"]}
    return Said(rule, rule, held, Unit.BYTES, _tuned(at) or (why,), inputs)


def activations_10(at: Situation, values: Values) -> Said | None:
    """Ten bytes an element of one hidden state, against what all layers keep."""
    step, ops = at.plan.training, at.operators
    if step is None or ops is None:
        return None
    inputs = {
        "batch": float(step.micro_batch),
        "tokens": _tokens(at),
        "hidden": float(ops.hidden),
        "each": values["bytes_per_element"],
    }
    why = Code("rule.why.per_layer", {"layers": ops.layers, "recompute": f"choice.training.recompute.{step.recompute}"})
    rule = formulas.activations(**inputs)
    return Said(rule, rule, at.part(MemoryPart.ACTIVATIONS), Unit.BYTES, (why,), inputs)


def zero(at: Situation, values: Values) -> Said | None:
    """All divided by the number of GPUs, against what a GPU holds."""
    step = at.plan.training
    if step is None or at.plan.gpus == 1 or at.plan.memory is None or step.sharding == Sharding.NONE.value:
        return None
    inputs = {"params": at.params, "bytes_per_param": values["bytes_per_param"], "gpus": float(at.plan.gpus)}
    rule = formulas.zero(**inputs)
    rest = at.plan.memory.need_bytes - at.part(*STATES)
    why = Code("rule.why.shared_out", {"sharding": f"choice.training.sharding.{step.sharding}", "rest_bytes": rest})
    return Said(rule, rule, at.plan.memory.need_bytes, Unit.BYTES, (*_tuned(at), why), inputs)


def recompute_saves(at: Situation, values: Values) -> Said | None:
    """What full recomputation leaves of the activations, by a second estimate of the same layout."""
    kept, again = _recomputed(at)
    if kept is None or again is None:
        return None
    before, after = _activations(kept), _activations(again)
    why = Code("rule.why.layer_inputs", {"before_bytes": before, "after_bytes": after})
    return Said(values["low"], values["high"], 1 - after / before, Unit.SHARE, (why,))


def recompute_costs(at: Situation, values: Values) -> Said | None:
    """What full recomputation costs in time, by a second estimate of the same layout."""
    kept, again = _recomputed(at)
    before = _value(kept, "step_time") if kept else None
    after = _value(again, "step_time") if again else None
    if not before or not after:
        return None
    why = Code("rule.why.forward_twice", {"before_s": before, "after_s": after})
    return Said(values["share"], values["share"], after / before - 1, Unit.SHARE, (why,))


def mixed_saves(at: Situation, values: Values) -> Said | None:
    """What mixed precision saves against FP32, by two estimates of the same layout."""
    whole = _runs(at.with_changes(*at.same_layout(), ("training.precision", TrainingPrecision.FP32)))
    mixed = _runs(at.with_changes(*at.same_layout(), ("training.precision", TrainingPrecision.MIXED)))
    if whole is None or mixed is None or whole.memory is None or mixed.memory is None:
        return None
    before, after = whole.memory.need_bytes, mixed.memory.need_bytes
    why = Code("rule.why.states_stay", {"before_bytes": before, "after_bytes": after})
    return Said(values["share"], values["share"], 1 - after / before, Unit.SHARE, (why,))


def six_pt(at: Situation, values: Values) -> Said | None:
    """Six operations a parameter and token, against the run with its failures and checkpoints."""
    asked, time = at.scenario.training, at.figure("training_time")
    peak = at.gpu.dense_tflops.rate("fp32" if asked.precision is TrainingPrecision.FP32 else "bf16")
    if time is None or peak is None or at.operators is None or not at.operators.vocab:
        return None
    tokens = asked.budget_tokens
    if asked.budget is TrainingBudget.SAMPLES:
        tokens = asked.budget_samples * asked.epochs * asked.sequence_tokens
    inputs = {
        "params": at.answer.params_active or at.params,
        "tokens": tokens,
        "gpus": float(at.plan.gpus),
        "peak": peak * 1e12,
        "used": values["mfu"],
    }
    rule = formulas.six_pt(**inputs)
    reached = at.figure("mfu")
    why = [Code("rule.why.mfu", {"mfu_share": reached})] if reached else []
    return Said(rule, rule, time, Unit.SECONDS, (*why, *_tuned(at)), inputs)


def files(at: Situation, values: Values) -> Said | None:
    """So many copies of the FP32 file, against checkpoints that can be resumed, as many as are kept."""
    each = at.figure("checkpoint")
    if not each:
        return None
    kept = at.scenario.site.checkpoints_kept if values["copies"] > 1 else 1
    inputs = {"params": at.params, "bytes_per_param": values["bytes_per_param"], "copies": values["copies"]}
    rule = formulas.files(**inputs)
    per_param = each / at.params
    why = Code("rule.why.resumable", {"each": per_param, "kept": kept})
    return Said(rule, rule, each * kept, Unit.BYTES, (*_tuned(at), why), inputs)


def eight_cards(at: Situation, values: Values) -> Said | None:
    """Eight cards or more from a size on, against the plan."""
    if at.params < values["from_params"]:
        return None
    return Said(values["gpus"], max(values["gpus"], at.plan.gpus), float(at.plan.gpus), Unit.COUNT, _size_codes(at))


def cards_by_size(at: Situation, values: Values) -> Said | None:
    """A table of cards by size, against the plan."""
    if at.params > values["large_params"]:
        return None
    low, high = 8.0, max(8.0, float(at.plan.gpus))
    if at.params < values["small_params"]:
        low = high = 1.0
    elif at.params < values["middle_params"]:
        low, high = 2.0, 4.0
    return Said(low, high, float(at.plan.gpus), Unit.COUNT, _size_codes(at))


def _size_codes(at: Situation) -> tuple[Code, ...]:
    memory = at.plan.memory
    need = memory.need_bytes if memory else 0.0
    return (*_tuned(at), Code("rule.why.by_need", {"need_bytes": need, "gpus": at.plan.gpus}))


def _tuned(at: Situation) -> tuple[Code, ...]:
    """A word where only adapters are trained."""
    kind, method = at.scenario.workload.kind, at.scenario.training.method
    if kind is WorkloadKind.TUNE and method is not TuningMethod.FULL:
        return (Code("rule.why.adapters_only", {"method": f"choice.training.method.{method.value}"}),)
    return ()


def _tokens(at: Situation) -> float:
    """Positions a sequence has in the network."""
    figure = at.figure("sequence_tokens")
    return figure or float(at.scenario.training.sequence_tokens)


def _recomputed(at: Situation) -> tuple[Plan | None, Plan | None]:
    held = at.same_layout()
    kept = at.with_changes(*held, ("training.recompute", Recompute.NONE))
    again = at.with_changes(*held, ("training.recompute", Recompute.FULL))
    return _runs(kept), _runs(again)


def _runs(plan: Plan | None) -> Plan | None:
    return plan if plan is not None and plan.status is not Status.IMPOSSIBLE else None


def _activations(plan: Plan) -> float:
    memory = plan.memory
    if memory is None:
        return 0.0
    return max(moment.parts.get(MemoryPart.ACTIVATIONS, 0.0) for moment in memory.moments or (memory,))


def _value(plan: Plan, key: str) -> float | None:
    found = plan.figures.get(key)
    return found.value if found is not None else None

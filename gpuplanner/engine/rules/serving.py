"""Rules of thumb about serving: how many GPUs, how busy, how fast."""

from __future__ import annotations

from collections.abc import Mapping

from gpuplanner.engine.planner.rule import old_rule
from gpuplanner.engine.result import Code, Status, Unit
from gpuplanner.engine.rules import formulas
from gpuplanner.engine.rules.result import Said
from gpuplanner.engine.rules.situation import Situation
from gpuplanner.scenario.document import LoadKind

Values = Mapping[str, float]


def by_concurrency(at: Situation, _values: Values) -> Said | None:
    """The old rule, as the planner puts it."""
    rule = old_rule(at.scenario, at.catalog, at.plan)
    if rule is None:
        return None
    inputs = {
        "concurrency": rule.concurrency,
        "time": rule.time_s,
        "latency": rule.latency_s,
        "width": float(at.plan.gpus_per_replica),
    }
    return Said(rule.gpus, rule.gpus, rule.planned_gpus, Unit.COUNT, rule.codes, inputs)


def offered_load(at: Situation, _values: Values) -> Said | None:
    """Rate times the time of a request alone, against the requests that are really at work."""
    rate, mean = at.figure("request_rate"), at.figure("e2e_mean")
    if not rate or not mean:
        return None
    if at.plan.passes is not None:
        alone = _pass_alone(at)
        held = at.plan.passes.utilization * at.plan.replicas
        why = Code("rule.why.busy_passes", {"batch": at.plan.batch})
    else:
        alone = float(at.replica.serving(1.0).e2e_mean[0, 0])
        held = rate * mean
        why = Code("rule.why.slower_together", {"alone_s": alone, "together_s": mean})
    if not alone:
        return None
    rule = formulas.offered_load(rate, alone)
    return Said(rule, rule, held, Unit.REQUESTS, (why,), {"rate": rate, "time": alone})


def _pass_alone(at: Situation) -> float:
    """Time of a request alone, where passes hold one item; 0 where that is not known. [s]"""
    return (at.figure("pass_time") or 0.0) if at.plan.batch <= 1 else 0.0


def keep_a_buffer(at: Situation, values: Values) -> Said | None:
    """A cap on the use, against how much of what it carries the plan is loaded with."""
    more = at.figure("headroom")
    if more is None:
        return None
    why = Code("rule.why.headroom", {"more_share": more}) if more >= 0 else Code("rule.why.overloaded")
    return Said(0.0, values["share"], 1 / (1 + more) if more > -1 else None, Unit.SHARE, (why,))


def cards_by_rate(at: Situation, _values: Values) -> Said | None:
    """Wanted rate over the highest rate of a replica, against the plan."""
    rate, more = at.figure("request_rate"), at.figure("headroom")
    if not rate or more is None or more <= -1:
        return None
    each = rate * (1 + more) / at.plan.replicas
    width = float(at.plan.gpus_per_replica)
    rule = float(formulas.cards_by_rate(rate, each, width))
    why = []
    if at.plan.gpus > rule:
        why.append(Code("rule.why.latency_ends_it"))
    if at.plan.spare_replicas:
        why.append(Code("rule.spare", {"gpus": at.plan.spare_replicas * at.plan.gpus_per_replica}))
    inputs = {"rate": rate, "each": each, "width": width}
    return Said(rule, rule, float(at.plan.gpus), Unit.COUNT, tuple(why or [Code("rule.agrees")]), inputs)


def low_latency(at: Situation, values: Values) -> Said | None:
    """A limit for "low latency", against the first token, or the result of a pass."""
    key = "ttft" if at.scenario.workload.kind.writes else "e2e"
    value = at.figure(key)
    if value is None:
        return None
    if key == "e2e":
        return Said(0.0, values["s"], value, Unit.SECONDS, (Code("rule.why.one_pass"),))
    whole = at.figure("e2e") or 0.0
    why = Code("rule.why.two_latencies", {"tokens": at.scenario.workload.output_tokens, "whole_s": whole})
    return Said(0.0, values["s"], value, Unit.SECONDS, (why,))


def batch_of(at: Situation, values: Values) -> Said | None:
    """A fixed batch, against the requests in flight on a replica."""
    why = Code("rule.why.continuous", {"delay_s": 0.001})
    return Said(values["requests"], values["requests"], float(at.plan.batch), Unit.REQUESTS, (why,))


def tensor_degree(at: Situation, values: Values) -> Said | None:
    """A fixed degree, against the plan's."""
    why = Code("rule.why.layout", {"tensor": at.plan.tensor_parallel, "pipeline": at.plan.pipeline_parallel})
    return Said(values["gpus"], values["gpus"], float(at.plan.tensor_parallel), Unit.COUNT, (why,))


def t4_for_a100(at: Situation, _values: Values) -> Said | None:
    """As many T4 as A100, against both plans."""
    small, large = at.answer.plan("nvidia-t4"), at.answer.plan("nvidia-a100-sxm4-80gb")
    if large is None or small is None or large.status is Status.IMPOSSIBLE:
        return None
    cards = at.catalog.gpus["nvidia-t4"], at.catalog.gpus["nvidia-a100-sxm4-80gb"]
    ratio = (cards[1].bandwidth_gb_s or 0.0) / (cards[0].bandwidth_gb_s or 1.0)
    why: tuple[Code, ...] = (Code("rule.why.bandwidth_ratio", {"ratio": ratio}),)
    if small.status is Status.IMPOSSIBLE:
        return Said(large.gpus, large.gpus, None, Unit.COUNT, (*small.reasons[:1], *why))
    return Said(large.gpus, large.gpus, float(small.gpus), Unit.COUNT, (*small.reasons[:1], *why))


def rate_by_day(at: Situation, values: Values) -> Said | None:
    """A day's requests spread evenly, against the busiest hour."""
    workload, rate = at.scenario.workload, at.figure("request_rate")
    if workload.load_kind is not LoadKind.PER_DAY or not rate:
        return None
    rule = formulas.day_rate(workload.load, values["day_s"])
    why = Code("rule.why.peak", {"hours": workload.busy_hours, "factor": workload.peak_factor})
    return Said(rule, rule, rate, Unit.REQUESTS_PER_SECOND, (why,), {"requests": workload.load, "day": values["day_s"]})


def fast_link(at: Situation, values: Values) -> Said | None:
    """A bandwidth every multi-GPU plan should have, against the card's own."""
    if at.plan.gpus_per_replica == 1 and at.plan.training is None:
        return None
    if at.plan.gpus == 1:
        return None
    gpu = at.gpu
    path = at.catalog.path_between(gpu, max(2, at.plan.tensor_parallel))
    if path is None:
        return None
    both = 2 * path.gb_s * 1e9
    low = values["gb_s"] * 1e9
    why = Code("rule.why.link", {"link": path.name, "degree": at.plan.tensor_parallel})
    return Said(low, max(low, both), both, Unit.BYTES_PER_SECOND, (why,))


def spare_fifth(at: Situation, values: Values) -> Said | None:
    """A fifth of the GPUs to spare, against what the plan keeps."""
    needed = at.plan.replicas * at.plan.gpus_per_replica
    rule = float(formulas.spare(values["share"], needed))
    kept = float(at.plan.spare_replicas * at.plan.gpus_per_replica)
    why = Code("rule.why.spare_unit", {"gpus": at.plan.gpus_per_replica})
    return Said(rule, rule, kept, Unit.COUNT, (why,), {"factor": values["share"], "gpus": float(needed)})

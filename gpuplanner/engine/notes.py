"""What is worth a sentence beside an answer: prefill apart, conversations that come back, two kinds of GPU."""

from __future__ import annotations

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.result import Code, Mix, MixPart, Plan
from gpuplanner.scenario.document import Scenario, WorkloadKind


def besides(plan: Plan, scenario: Scenario) -> tuple[Code, ...]:
    """How prefill apart and conversations that come back turn out in a plan."""
    said = []
    pools, reuse = plan.pools, plan.reuse
    if pools is not None:
        params = {"prefill": pools.prefill, "decode": pools.decode, "busy_share": pools.busy, "transfer_s": pools.transfer_s}
        if pools.together_gpus is None:
            said.append(Code("note.apart_only", params))
        else:
            said.append(Code("note.apart", {**params, "gpus": pools.together_gpus, "own": plan.gpus}))
    if reuse is not None:
        params = {"kept_share": reuse.kept, "gpu_share": reuse.on_gpu, "n": int(reuse.conversations)}
        host = reuse.kept > reuse.on_gpu
        said.append(Code("note.reuse", {**params, "reload_s": reuse.reload_s}) if host else Code("note.reuse_on_gpu", params))
    serves = scenario.workload.kind is WorkloadKind.SERVE
    if serves and scenario.serving.host_kv_gib and (reuse is None or reuse.kept <= reuse.on_gpu):
        said.append(Code("warning.host_cache_idle"))
    return tuple(said)


def mix_note(mix: Mix, catalog: Catalog, currency: str) -> Code:
    """How two kinds of GPU share the load."""
    alone: dict[str, object] = {"gpu": catalog.gpus[mix.alone.gpu_id].name, "alone": mix.alone.gpus}
    if len(mix.parts) == 1:
        only = mix.parts[0]
        return Code("note.mix_one", {"own": catalog.gpus[only.gpu_id].name, "gpus": only.gpus, **alone})
    first, second = (_part(part, catalog) for part in mix.parts)
    code = Code("note.mix", {"first": first, "second": second, "gpus": mix.gpus, **alone})
    return code if mix.cost is None else Code("note.mix_priced", {"mix": code, "cost_money": mix.cost, "currency": currency})


def mix_covers(mix: Mix, catalog: Catalog) -> tuple[Code, ...]:
    """What is told of both kinds and what of the first alone; nothing where there is only one."""
    return (Code("note.mix_covers", {"gpu": catalog.gpus[mix.alone.gpu_id].name}),) if len(mix.parts) > 1 else ()


def _part(part: MixPart, catalog: Catalog) -> Code:
    number = Code(f"report.replicas.{'one' if part.replicas == 1 else 'many'}", {"n": part.replicas})
    gpu = catalog.gpus[part.gpu_id].name
    return Code("note.mix_part", {"gpu": gpu, "replicas": number, "gpus": part.gpus, "load_share": part.share})

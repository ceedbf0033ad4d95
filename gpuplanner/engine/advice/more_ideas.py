"""Further changes worth a second estimate: another engine, how requests are joined, a smaller model, tokens proposed ahead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.model import Model, ModelKind
from gpuplanner.engine.advice.idea import Idea, Variant
from gpuplanner.engine.advice.result import Change
from gpuplanner.engine.result import Code
from gpuplanner.scenario.document import Scenario, WorkloadKind
from gpuplanner.scenario.serving import Batching, Speculation

ENGINES: Final = ("vllm", "sglang", "tensorrt-llm", "lmdeploy")
LEAST_SIBLING: Final = 0.05  # of the parameters now
MOST_SIBLING: Final = 0.7
MOST_DRAFT: Final = 0.1


def more_ideas(scenario: Scenario, catalog: Catalog) -> Iterator[Idea]:
    """Ideas for models that write."""
    yield from _other_engines(scenario, catalog)
    yield from _joining(scenario)
    yield from _smaller_sibling(scenario, catalog)
    if scenario.workload.kind is WorkloadKind.SERVE:
        yield from _ahead(scenario, catalog)


def _other_engines(scenario: Scenario, catalog: Catalog) -> Iterator[Idea]:
    """The engines that take the same formats; the one that helps most is told."""
    now, asked = scenario.deployment.engine, scenario.precision
    able = [
        engine
        for name in ENGINES
        if name != now and (engine := catalog.engines.get(name)) is not None and engine.profile is not None
    ]
    variants = [
        Variant(
            Code("advice.other_engine", {"engine": engine.name}),
            (("deployment.engine", engine.id),),
            Code("advice.note.other_engine"),
        )
        for engine in able
        if asked.weights in engine.precisions
        and any(asked.kv_cache.removeprefix("kv-") in name for name in engine.kv_cache_dtypes)
    ]
    if variants and now in ENGINES:
        yield Idea(tuple(variants), gentlest=False)


def _joining(scenario: Scenario) -> Iterator[Idea]:
    """What was switched off and is usual."""
    serving = scenario.serving
    for on, path, value, code in (
        (serving.batching is not Batching.CONTINUOUS, "serving.batching", Batching.CONTINUOUS, "advice.continuous_batching"),
        (serving.chunked_prefill is False, "serving.chunked_prefill", None, "advice.chunked_prefill"),
        (serving.cuda_graphs is False, "serving.cuda_graphs", None, "advice.cuda_graphs"),
    ):
        if on:
            change: Change = ((path, value),)
            yield Idea((Variant(Code(code), change),))


def _smaller_sibling(scenario: Scenario, catalog: Catalog) -> Iterator[Idea]:
    """The next smaller language model of the same family, or distilled into it."""
    now = None if scenario.model.custom is not None else catalog.models.get(scenario.model.id)
    if now is None or not now.params_total:
        return
    siblings = [model for model in _relatives(now, catalog) if model.params_total]
    suiting = [
        model
        for model in siblings
        if LEAST_SIBLING <= (model.params_total or 0) / now.params_total <= MOST_SIBLING
        and (model.max_context or 0)
        >= min(now.max_context or 0, scenario.workload.input_tokens + scenario.workload.output_tokens)
    ]
    best = max(suiting, key=lambda model: (model.params_total or 0, model.id), default=None)
    if best is not None:
        code = Code("advice.smaller_model", {"model": best.name})
        yield Idea((Variant(code, (("model.id", best.id),), Code("advice.note.smaller_model")),))


def _ahead(scenario: Scenario, catalog: Catalog) -> Iterator[Idea]:
    """A draft model of the same family with the same vocabulary."""
    now = None if scenario.model.custom is not None else catalog.models.get(scenario.model.id)
    if now is None or not now.params_total or scenario.serving.speculation is not Speculation.NONE:
        return
    drafts = [
        model
        for model in _relatives(now, catalog)
        if model.params_total and model.params_total <= MOST_DRAFT * now.params_total and _vocabulary(model) == _vocabulary(now)
    ]
    least = min(drafts, key=lambda model: (model.params_total or 0, model.id), default=None)
    if least is not None:
        change: Change = (("serving.speculation", Speculation.DRAFT), ("serving.draft_model", least.id))
        note = Code("advice.note.speculation", {"accepted_share": scenario.serving.acceptance})
        yield Idea((Variant(Code("advice.speculation", {"model": least.name}), change, note),))


def _relatives(now: Model, catalog: Catalog) -> list[Model]:
    """Language models of the same family, whatever the version after the point, and what was distilled from this one."""
    stem = _stem(now)
    found = []
    for key in catalog.models:
        if key == now.id or not (key.startswith(f"{now.id}-distill") or key.startswith(stem[:4])):
            continue
        model = catalog.models[key]
        written = model.kind is ModelKind.LLM and model.shape is not None
        if written and (_stem(model) == stem or key.startswith(f"{now.id}-distill")):
            found.append(model)
    return found


def _stem(model: Model) -> str:
    return (model.family or model.id).partition(".")[0]


def _vocabulary(model: Model) -> int | None:
    return model.language.vocab if model.language is not None else None

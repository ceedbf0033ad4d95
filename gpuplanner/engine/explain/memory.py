"""Opening the memory figures."""

from __future__ import annotations

from gpuplanner.engine.architecture.shares import state_bytes_per_gpu
from gpuplanner.engine.architecture.stored import formula_bytes
from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.explain.layout import cut, profile_source
from gpuplanner.engine.memory.beside import NOTHING, beside_bytes
from gpuplanner.engine.memory.formulas import spread_requests
from gpuplanner.engine.result import Code, Explanation, MemoryPart
from gpuplanner.scenario.document import WorkloadKind

PARTS = (
    MemoryPart.WEIGHTS,
    MemoryPart.KV_CACHE,
    MemoryPart.ACTIVATIONS,
    MemoryPart.ENGINE,
    MemoryPart.COMMUNICATION,
)


def total(book: Book) -> Explanation:
    """Memory per GPU, as the sum of its parts."""
    parts = _memory(book)
    given = {str(part): computed(parts[part], opens=str(part)) for part in PARTS}
    return book.opened("memory_per_gpu", "memory.total", given, result=book.plan.figures["memory_per_gpu"])


def weights(book: Book) -> Explanation:
    """Weights on the fullest GPU."""
    rows, precision, size = book.point.rows, book.request.weights, book.request.weight_bytes
    split = Code(
        "source.operators", {"tensor_parallel": book.plan.tensor_parallel, "pipeline_parallel": book.plan.pipeline_parallel}
    )
    by_format, left = Code("source.precision", {"precision": precision.name}), _left(book)
    if size.as_stored:
        by_format = left = Code("source.stored", {"model": book.request.model.name})
    given = {
        "quantised_params": Given(float(rows.quantised_params[0]), split, "deployment.tensor_parallel"),
        "bytes_per_param": Given(size.quantised, by_format, "precision.weights"),
        "kept_params": Given(float(rows.kept_params[0]), split),
        "kept_bytes_per_param": Given(size.kept, left),
        "beside": _beside(book),
    }
    notes = (Code("note.params", {"params": float(book.request.operators.total_params)}), *_in_files(book))
    return book.opened("weights", "memory.weights", given, notes=notes)


def _left(book: Book) -> Code:
    """Where it stands which parts aren't quantised like the rest."""
    model, precision = book.request.model, book.request.weights
    if model.stored_kept is not None and model.stored_as == precision.id:
        return Code("source.kept_listed", {"model": model.name})
    return Code("source.kept_mixed" if precision.kept_bits else "source.kept", {"precision": precision.name})


def _beside(book: Book) -> Given:
    if book.request.beside == NOTHING:
        return Given(0.0, Code("source.nothing_beside"))
    return computed(float(beside_bytes(**{name: given.value for name, given in _beside_given(book).items()})), "beside")


def beside(book: Book) -> Explanation:
    """Adapters, draft model and what images need.

    Raises:
        KeyError: when there is none of them.
    """
    if book.request.beside == NOTHING:
        raise KeyError("beside")
    return book.opened("beside", "memory.beside", _beside_given(book))


def _beside_given(book: Book) -> dict[str, Given]:
    found, serving = book.request.beside, book.scenario.serving
    asked, rank = Code("source.input"), Code("source.adapter_rank", {"rank": serving.adapter_rank})
    draft = book.catalog.models.get(serving.draft_model or "")
    whose = Code("source.draft_model", {"model": draft.name}) if draft else Code("source.draft_heads")
    image = {"width": serving.image_width, "height": serving.image_height, "tokens": found.image_tokens}
    return {
        "adapters": Given(float(found.adapters), asked, "serving.adapters"),
        "whole": Given(found.adapter_whole, rank, "serving.adapter_rank"),
        "cut": Given(found.adapter_cut, rank, "serving.adapter_rank"),
        "tensor_parallel": Given(float(cut(book)), Code("source.layout"), "deployment.tensor_parallel"),
        "stage": Given(float(book.point.rows.stage[0]), Code("source.stage", {"pipeline_parallel": book.plan.pipeline_parallel})),
        "draft_params": Given(found.draft_params, whose, "serving.draft_model"),
        "draft_bytes": Given(found.draft_bytes, Code("source.draft_bytes")),
        "images": Given(found.image_bytes, Code("source.images", image), "serving.images"),
    }


def _in_files(book: Book) -> tuple[Code, ...]:
    """What the model's files hold beside what the formula gives, where both are known."""
    request, stored = book.request, book.request.model.stored
    if stored is None:
        return ()
    both = {
        "file_bytes": float(stored.total_bytes),
        "formula_bytes": formula_bytes(request.operators, request.weights, request.kept),
        "precision": request.weights.name,
    }
    return (Code("note.stored" if request.weight_bytes.as_stored else "note.stored_otherwise", both),)


def kv_cache(book: Book) -> Explanation:
    """KV cache of the requests in flight, on the fullest GPU."""
    request = book.request
    batch = book.scenario.workload.kind is WorkloadKind.BATCH
    load = Code("source.fullest") if batch else Code("source.replicas", {"replicas": book.plan.replicas})
    kv = book.catalog.precisions[book.scenario.precision.kv_cache]
    lengths = Code("source.lengths", {"input_tokens": request.input_tokens, "output_tokens": request.output_tokens})
    given = {
        "requests": _held(book, Given(float(book.plan.batch), load, None if batch else "workload.load")),
        "tokens": Given(float(request.full_tokens), lengths, "workload.output_tokens"),
        "block_tokens": Given(float(request.profile.block_tokens), profile_source(book)),
        "elements": Given(float(book.point.rows.kv_elements[0]), Code("source.kv_elements", _kv_facts(book))),
        "element_bytes": Given(request.kv_bytes, Code("source.precision", {"precision": kv.name}), "precision.kv_cache"),
    }
    states = request.operators.states
    notes = [Code("note.latent")] if any(state.latent for state in states) else []
    if any(state.window is not None for state in states):
        notes.append(Code("note.window"))
    grouped = next((state for state in states if state.kv_elements and not state.latent), None)
    if not any(state.latent for state in states) and grouped and grouped.kv_heads < grouped.heads:
        notes.append(Code("note.grouped", {"kv_heads": grouped.kv_heads, "heads": grouped.heads}))
    fixed = state_bytes_per_gpu(request.operators, cut(book))
    if fixed:
        notes.append(Code("note.fixed_state", {"mib": round(fixed / 2**20, 1)}))
    return book.opened("kv_cache", "memory.kv_cache", given, notes=tuple(notes))


def _held(book: Book, requests: Given) -> Given:
    """Requests in flight; where lengths differ, as many of mean length as take their cache."""
    if not book.request.spread.full_cv:
        return requests
    return computed(float(spread_requests(requests.value, *_spread(book))), "spread_requests")


def _spread(book: Book) -> tuple[float, float]:
    return max(0.0, book.request.z), book.request.spread.full_cv


def held_requests(book: Book) -> Explanation:
    """Requests of mean length that take as much cache as those in flight.

    Raises:
        KeyError: when all lengths are alike.
    """
    z, spread = _spread(book)
    if not spread:
        raise KeyError("spread_requests")
    given = {
        "requests": Given(float(book.plan.batch), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load"),
        "z": Given(z, Code("source.quantile", {"percentile": book.request.percentile}), "targets.percentile"),
        "spread": Given(spread, Code("source.input"), "workload.output_spread"),
    }
    return book.opened("spread_requests", "memory.spread_requests", given)


def limit(book: Book) -> Explanation:
    """What the engine lets itself use."""
    return book.opened("limit", "memory.limit", {"utilization": _utilization(book), "usable": _usable(book)})


def pool(book: Book) -> Explanation:
    """The cache pool that is left under the limit."""
    parts, profile = _memory(book), book.request.profile
    given = {
        "utilization": _utilization(book),
        "usable": _usable(book),
        "weights": computed(parts[MemoryPart.WEIGHTS], "weights"),
    }
    counted = parts[MemoryPart.ENGINE] if profile.graphs_in_budget else float(book.point.rows.context[0])
    given |= {
        "engine": computed(counted, "engine" if profile.graphs_in_budget else "context"),
        "communication": computed(parts[MemoryPart.COMMUNICATION], "communication"),
    }
    if profile.budget == "static_share":
        return book.opened("pool", "memory.pool_static", given)
    given["activations"] = computed(parts[MemoryPart.ACTIVATIONS], "activations")
    notes = (Code("note.fits", {"requests": _fit(book), "tokens": book.plan.memory.kv_tokens_fit if book.plan.memory else 0}),)
    return book.opened("pool", "memory.pool_of_free" if profile.budget == "share_of_free" else "memory.pool", given, notes=notes)


def _memory(book: Book) -> dict[MemoryPart, float]:
    if book.plan.memory is None:
        raise KeyError("memory_per_gpu")
    return dict(book.plan.memory.parts)


def _fit(book: Book) -> int:
    return book.plan.memory.requests_fit if book.plan.memory else 0


def _utilization(book: Book) -> Given:
    asked = book.scenario.deployment.memory_utilization
    value = asked or float(book.point.fleet.utilization[0])
    return Given(value, profile_source(book) if asked is None else Code("source.input"), "deployment.memory_utilization")


def _usable(book: Book) -> Given:
    code = "source.usable_estimated" if book.gpu.usable_is_estimated else "source.usable"
    return Given(float(book.gpu.usable_bytes), Code(code, {"gpu": book.gpu.name, "memory_gb": book.gpu.memory_gb}))


def _kv_facts(book: Book) -> dict[str, object]:
    ops = book.request.operators
    return {
        "layers": ops.layers,
        "tensor_parallel": book.plan.tensor_parallel,
        "elements": float(sum(s.layers * s.kv_elements for s in ops.states if s.stores)),
    }

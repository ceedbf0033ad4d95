"""Opening what a serving engine takes beside weights and cache: workspace, driver context, graphs, buffers."""

from __future__ import annotations

from gpuplanner.engine.explain.book import Book, Given, computed
from gpuplanner.engine.explain.layout import cut, degree, fitted_source, layers, profile_source
from gpuplanner.engine.layout.rows import communication_base, mlp_width
from gpuplanner.engine.layout.workspace import cache_copies, unfilled_cache
from gpuplanner.engine.result import Code, Explanation


def activations(book: Book) -> Explanation:
    """Activation workspace."""
    request = book.request
    if request.profile.workspace == "prompt":
        return book.opened("activations", "memory.prompt_workspace", _prompt_given(book))
    if request.profile.workspace == "graph":
        return book.opened("activations", "memory.compute_buffer", _graph_given(book))
    used = bool(request.experts) and request.weights.id not in request.profile.no_expert_workspace
    workspace = float(expert_workspace(book).result.value or 0.0) if used else 0.0
    given = _activation_given(book, workspace)
    if not used:
        given["experts"] = Given(0.0, Code("source.no_experts"))
    return book.opened("activations", "memory.activations", given)


def _activation_given(book: Book, workspace: float) -> dict[str, Given]:
    request, profile, source = book.request, book.request.profile, profile_source(book)
    fitted = fitted_source(book)
    config = Code("source.config", {"model": request.model.name})
    copies = book.plan.attention_copies
    return {
        "experts": computed(workspace, "expert_workspace"),
        "sequences": Given(min(book.point.max_seqs, book.point.batched_tokens) / copies, source, "deployment.max_seqs"),
        "vocab": Given(float(request.operators.vocab), config),
        "logit_bytes": Given(profile.logit_bytes, fitted),
        "sampler_tensors": Given(profile.sampler_tensors, fitted),
        "batched_tokens": Given(book.point.batched_tokens / copies, source, "deployment.max_batched_tokens"),
        "hidden": Given(float(request.operators.hidden), config),
        "hidden_tensors": Given(profile.hidden_tensors, fitted),
        "mlp_tensors": Given(profile.mlp_tensors, fitted),
        "mlp_width": Given(mlp_width(request) / cut(book), Code("source.per_gpu", {"tensor_parallel": cut(book)})),
    }


def _prompt_given(book: Book) -> dict[str, Given]:
    request, rows, fitted = book.request, book.point.rows, fitted_source(book)
    unfilled = unfilled_cache(request, rows.tensor_parallel, rows.stage)
    return {
        "requests": Given(float(book.plan.batch), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load"),
        "prompt_tokens": Given(float(book.asked.uncached_tokens), Code("source.input"), "workload.input_tokens"),
        "logit_bytes": Given(request.profile.prompt_logit_bytes, fitted),
        **_layer_given(book),
        "unfilled": computed(float(unfilled[0])),
        "copies": Given(cache_copies(request), fitted),
        "cache": computed(float(rows.kv_per_request[0]), "kv_cache"),
    }


def _graph_given(book: Book) -> dict[str, Given]:
    request = book.request
    lengths = Code("source.lengths", {"input_tokens": request.input_tokens, "output_tokens": request.output_tokens})
    return {
        "batched_tokens": Given(book.point.batched_tokens, profile_source(book), "deployment.max_batched_tokens"),
        **_layer_given(book),
        "tokens": Given(float(request.full_tokens), lengths, "workload.output_tokens"),
        "heads": Given(float(request.operators.heads), Code("source.config", {"model": request.model.name})),
        "score_bytes": Given(request.profile.score_bytes, fitted_source(book)),
    }


def _layer_given(book: Book) -> dict[str, Given]:
    request, profile = book.request, book.request.profile
    config = Code("source.config", {"model": request.model.name})
    per_gpu = Code("source.per_gpu", {"tensor_parallel": cut(book)})
    return {
        "vocab": Given(float(request.operators.vocab), config),
        "hidden": Given(float(request.operators.hidden), config),
        "hidden_tensors": Given(profile.hidden_tensors, fitted_source(book)),
        "mlp_tensors": Given(profile.mlp_tensors, fitted_source(book)),
        "mlp_width": Given(mlp_width(request) / cut(book), per_gpu),
    }


def expert_workspace(book: Book) -> Explanation:
    """Workspace of the routed experts.

    Raises:
        KeyError: when the model has none.
    """
    request = book.request
    if not request.experts:
        raise KeyError("expert_workspace")
    config = Code("source.config", {"model": request.model.name})
    given = {
        "batched_tokens": Given(
            book.point.batched_tokens / book.plan.attention_copies, profile_source(book), "deployment.max_batched_tokens"
        ),
        "top_k": Given(float(request.top_k), config),
        "expert_width": Given(float(request.expert_width), config),
        "tensor_parallel": Given(float(cut(book)), Code("source.layout"), "deployment.tensor_parallel"),
        "hidden": Given(float(request.operators.hidden), config),
    }
    return book.opened("expert_workspace", "memory.expert_workspace", given)


def engine(book: Book) -> Explanation:
    """Driver context and CUDA graphs."""
    profile = book.request.profile
    fitted = fitted_source(book)
    config = Code("source.config", {"model": book.request.model.name})
    given = {
        "context": computed(float(book.point.rows.context[0]), "context"),
        "graph": Given(profile.graph_bytes, fitted),
        "tensor_parallel": Given(float(cut(book)), Code("source.layout"), "deployment.tensor_parallel"),
        "graph_per_width": Given(profile.graph_bytes_per_width, fitted),
        "graph_per_layer": Given(profile.graph_bytes_per_layer, fitted),
        "graph_per_hidden": Given(profile.graph_bytes_per_hidden, fitted),
        "hidden": Given(float(book.request.operators.hidden), config),
        "graph_per_expert": Given(profile.graph_bytes_per_expert, fitted),
        "top_k": Given(float(book.request.top_k), config),
        "layers": Given(layers(book), Code("source.stage", {"pipeline_parallel": book.plan.pipeline_parallel})),
    }
    return book.opened("engine", "memory.engine", given)


def context(book: Book) -> Explanation:
    """Driver context and libraries."""
    profile, count = book.request.profile, book.gpu.multiprocessors
    given = {
        "base": Given(profile.context_bytes, fitted_source(book)),
        "each": Given(profile.context_bytes_per_multiprocessor, fitted_source(book)),
        "multiprocessors": Given(
            float(book.point.fleet.multiprocessors[0]),
            Code("source.multiprocessors" if count else "source.multiprocessors_unknown", {"gpu": book.gpu.name}),
        ),
    }
    return book.opened("context", "memory.context", given)


def communication(book: Book) -> Explanation:
    """Communication buffers."""
    profile = book.request.profile
    fitted = fitted_source(book)
    given = {
        "tensor_parallel": degree(book),
        "base": Given(float(communication_base(profile, bool(book.point.fleet.fast_link[0] > 0))), fitted),
        "per_rank": Given(profile.communication_per_rank_bytes, fitted),
    }
    return book.opened("communication", "memory.communication", given)

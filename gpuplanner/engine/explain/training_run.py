"""Opening what a training run amounts to besides memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gpuplanner.engine.explain.book import Given, computed
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.engine.training.facts import Trained, trained

if TYPE_CHECKING:
    from gpuplanner.engine.explain.training import TrainingBook


def gpus(book: TrainingBook) -> Explanation:
    """GPUs of the run."""
    plan, layout = book.plan, book.layout
    found = Code("source.layout")
    given = {
        "tensor": Given(float(plan.tensor_parallel), found, "deployment.tensor_parallel"),
        "pipeline": Given(float(plan.pipeline_parallel), found, "deployment.pipeline_parallel"),
        "data": Given(float(layout.data_parallel), found),
        "context": Given(float(layout.context_parallel), Code("source.input"), "training.context_parallel"),
    }
    return book.opened("gpus", "training.gpus", given, result=plan.figures["gpus"])


def trained_params(book: TrainingBook) -> Explanation:
    """What gets a gradient."""
    run, source = _run(book), Code("source.config", {"model": book.request.model.name})
    edit = "training.adapter_rank" if book.setup.trains_adapters else None
    given = {
        "layers": Given(run.layers, source, edit),
        "embedding": Given(run.embedding, source),
        "head": Given(run.head, source),
    }
    return book.opened("trained_params", "training.trained_params", given, result=book.plan.figures["trained_params"])


def checkpoint(book: TrainingBook) -> Explanation:
    """What a run writes to go on from."""
    run = _run(book)
    named = Code("source.optimizer", {"optimizer": Code(f"choice.training.optimizer.{book.setup.optimizer}")})
    recipe = Code("source.recipe", {"precision": Code(f"choice.training.precision.{book.setup.precision}")})
    given = {
        "params": computed(run.params, opens="trained_params"),
        "weight_bytes": Given(run.weight_bytes / run.params, recipe, "training.precision"),
        "state_bytes": Given(run.state_bytes / run.params, named, "training.optimizer"),
    }
    return book.opened("checkpoint", "training.checkpoint", given, result=book.plan.figures["checkpoint"])


def tokens_per_step(book: TrainingBook) -> Explanation:
    """Tokens between two updates."""
    layout, found = book.layout, Code("source.layout")
    given = {
        "length": Given(_run(book).length, Code("source.input"), "training.sequence_tokens"),
        "micro_batch": Given(float(layout.micro_batch), found, "training.micro_batch"),
        "micro_batches": Given(float(layout.micro_batches), found, "training.global_batch"),
        "data": Given(float(layout.data_parallel), found),
    }
    return book.opened("tokens_per_step", "training.tokens_per_step", given, result=book.plan.figures["tokens_per_step"])


def _run(book: TrainingBook) -> Trained:
    return trained(book.request.shape, book.setup)


OPENERS: Mapping[str, Callable[[TrainingBook], Explanation]] = {
    "gpus": gpus,
    "trained_params": trained_params,
    "checkpoint": checkpoint,
    "tokens_per_step": tokens_per_step,
}

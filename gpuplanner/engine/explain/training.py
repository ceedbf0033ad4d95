"""Opening the figures of a training plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gpuplanner.engine.explain import money, training_run, training_speed
from gpuplanner.engine.explain.book import Given, Opener, computed
from gpuplanner.engine.result import Code, Explanation, MemoryPart, TrainingPlan
from gpuplanner.engine.training.layouts import Layout, Nets, counts, in_flight
from gpuplanner.engine.training.network import network, profile_key
from gpuplanner.engine.training.parts import Network
from gpuplanner.engine.training.planning import PARTS
from gpuplanner.engine.training.request import STAGES, TrainingRequest, training_request
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.timeline import Stage, courses, kept_vector, stages
from gpuplanner.scenario.document import Recompute, Sharding


@dataclass(frozen=True)
class TrainingBook(Opener):
    """What explanations of a training plan are read from: the plan's own layout, evaluated once more."""

    @cached_property
    def layout(self) -> TrainingPlan:
        """How the step is laid out.

        Raises:
            KeyError: the plan doesn't train.
        """
        if self.plan.training is None:
            raise KeyError("training")
        return self.plan.training

    @cached_property
    def request(self) -> TrainingRequest:
        """The scenario in the planner's terms."""
        return training_request(self.scenario, self.catalog)

    @cached_property
    def setup(self) -> Setup:
        """The plan's own setup."""
        return replace(
            self.request.setup,
            tensor_parallel=self.plan.tensor_parallel,
            expert_parallel=self.layout.expert_parallel,
            context_parallel=self.layout.context_parallel,
            virtual_stages=self.layout.virtual_stages,
            recompute=Recompute(self.layout.recompute),
        )

    @cached_property
    def net(self) -> Network:
        """The model's profiles at the plan's tensor degree."""
        return network(self.request.shape, profile_key(self.setup))

    @cached_property
    def arrays(self) -> Layout:
        """The plan's layout as arrays of one."""
        plan, layout = self.plan, self.layout
        values = (layout.micro_batch, plan.pipeline_parallel, layout.data_parallel, layout.micro_batches, self.zero)
        return Layout.of(self.setup, *(np.array([float(value)]) for value in values))

    @property
    def zero(self) -> int:
        """What is shared out, as a ZeRO stage."""
        return STAGES[Sharding(self.layout.sharding)]

    @cached_property
    def stage(self) -> Stage:
        """The fuller end of the pipeline."""
        return max(stages(self.net, self.setup, self.arrays), key=lambda stage: float(stage.peak[0]))

    @cached_property
    def spared(self) -> float:
        """What layers keep that aren't computed again although others are; of the end that keeps more."""
        if Recompute(self.layout.recompute) is not Recompute.FULL or self.layout.recomputed == 1:
            return 0.0
        ends = courses(Nets((self.net,), (1,)), self.setup, self.arrays, (Recompute.NONE, Recompute.FULL))
        none, full = (max(float(stage.held[0]) for stage in stages) for stages in ends)
        return (1.0 - self.layout.recomputed) * max(0.0, none - full) * (self.layout.peak != "optimizer")

    @property
    def is_first(self) -> bool:
        """Whether the fuller end is the first stage."""
        return self.stage.first

    def part(self, name: str) -> float:
        """A part of what changes in a step, at its peak."""
        moment = next(moment for moment in self.stage.moments if moment.name == self.layout.peak)
        return float(getattr(moment, name)[0]) + (self.spared if name == "activations" else 0.0)

    def shards(self, least: int) -> Given:
        """GPUs that share something out from a ZeRO stage on."""
        shared = self.layout.data_parallel * self.layout.context_parallel if self.zero >= least else 1
        return Given(float(shared), Code("source.layout"), "training.sharding")

    @property
    def tokens(self) -> float:
        """Tokens of a micro-batch on this GPU."""
        return float(counts(self.net, self.setup, self.arrays)[0, 0])


def total(book: TrainingBook) -> Explanation:
    """Memory per GPU, as the sum of its parts at the peak."""
    if book.plan.memory is None:
        raise KeyError("memory_per_gpu")
    parts = book.plan.memory.parts
    keys = ("weights", "gradients", "optimizer", "activations", "engine", "communication")
    given = {key: computed(parts[MemoryPart(key)], opens=key) for key in keys}
    note = Code("note.training_peak", {"moment": Code(f"training.moment.{book.layout.peak}")})
    return book.opened("memory_per_gpu", "training.total", given, result=book.plan.figures["memory_per_gpu"], notes=(note,))


def weights(book: TrainingBook) -> Explanation:
    """Weights on the fullest GPU."""
    shards = book.shards(3)
    elements = float(book.stage.states.elements[0])
    size = float(book.stage.weights[0]) * shards.value / elements
    given = {
        "params": Given(elements, _split(book)),
        "weight_bytes": Given(size, _recipe(book), "training.precision"),
        "shards": shards,
    }
    return book.opened("weights", "training.weights", given)


def gradients(book: TrainingBook) -> Explanation:
    """Gradients that are there at the peak."""
    states, shards = book.stage.states, book.shards(2)
    trained = float(states.trainable[0])
    size = float(states.gradients[0]) / trained if trained else 0.0
    there = book.part("gradients") * shards.value / size if size else 0.0
    given = {
        "params": Given(there, Code("source.moment", {"moment": Code(f"training.moment.{book.layout.peak}")})),
        "gradient_bytes": Given(size, _recipe(book), "training.precision"),
        "shards": shards,
    }
    return book.opened("gradients", "training.gradients", given)


def optimizer(book: TrainingBook) -> Explanation:
    """Optimizer states."""
    shards, trained = book.shards(1), float(book.stage.states.trainable[0])
    size = float(book.stage.optimizer[0]) * shards.value / trained if trained else 0.0
    named = Code("source.optimizer", {"optimizer": Code(f"choice.training.optimizer.{book.setup.optimizer}")})
    given = {
        "params": Given(trained, _split(book)),
        "state_bytes": Given(size, named, "training.optimizer"),
        "shards": shards,
    }
    return book.opened("optimizer", "training.optimizer", given)


def activations(book: TrainingBook) -> Explanation:
    """Activations: what the layers keep, what the layer at work needs, and the logits."""
    net, tokens, logits_at_peak = book.net, book.tokens, book.part("logits")
    v = counts(book.net, book.setup, book.arrays)[0]
    layers = float(np.ceil(net.layers / book.plan.pipeline_parallel))
    kept = sum(float(kept_vector(block.profile, book.setup) @ v) * block.count for block in net.blocks) / net.layers / tokens
    flight = float(in_flight(book.arrays, first=book.is_first)[0])
    kept += book.spared / (tokens * layers * flight)
    working = book.part("activations") / tokens - layers * kept * flight
    again = Code(f"choice.training.recompute.{book.layout.recompute}")
    given = {
        "tokens": _tokens(book),
        "layers": Given(layers, Code("source.stage", {"pipeline_parallel": book.plan.pipeline_parallel})),
        "kept": Given(kept, Code("source.saved", {"recompute": again}), "training.recompute"),
        "in_flight": Given(flight, Code("source.layout"), "deployment.pipeline_parallel"),
        "working": Given(working, Code("source.working")),
        "logits": computed(logits_at_peak, opens="logits" if logits_at_peak else None),
    }
    return book.opened("activations", "training.activations", given)


def logits(book: TrainingBook) -> Explanation:
    """Logits and loss at the peak.

    Raises:
        KeyError: when they aren't there then.
    """
    value = book.part("logits")
    if not value:
        raise KeyError("logits")
    size = value / book.tokens / book.net.vocab
    given = {
        "tokens": _tokens(book),
        "vocab": Given(float(book.net.vocab), Code("source.config", {"model": book.request.model.name})),
        "logit_bytes": Given(size, Code("source.loss"), "training.loss"),
    }
    return book.opened("logits", "training.logits", given)


def communication(book: TrainingBook) -> Explanation:
    """Buffers of what GPUs exchange."""
    forward = next(moment for moment in book.stage.moments if moment.name == "forward")
    all_of_it, gathered = book.part("communication"), float(forward.communication[0])
    gathered = min(gathered, all_of_it)
    given = {
        "gathered": Given(gathered, Code("source.layout"), "training.sharding"),
        "reduced": Given(all_of_it - gathered, Code("source.layout"), "training.sharding"),
    }
    return book.opened("communication", "training.communication", given)


def engine(book: TrainingBook) -> Explanation:
    """Context and fragmentation."""
    changing = sum(book.part(name) for name in PARTS if name != "gradients")
    given = {
        "context": book.constant("training.context_bytes"),
        "fragmentation": book.constant("training.fragmentation", book.layout.peak),
        "changing": computed(changing),
    }
    return book.opened("engine", "training.engine", given)


def _split(book: TrainingBook) -> Code:
    degrees = {"tensor_parallel": book.plan.tensor_parallel, "pipeline_parallel": book.plan.pipeline_parallel}
    return Code("source.operators", degrees)


def _recipe(book: TrainingBook) -> Code:
    return Code("source.recipe", {"precision": Code(f"choice.training.precision.{book.setup.precision}")})


def _tokens(book: TrainingBook) -> Given:
    source = Code("source.micro_batch", {"micro_batch": book.layout.micro_batch, "length_tokens": int(book.setup.tokens)})
    return Given(book.tokens, source, "training.sequence_tokens")


OPENERS: Mapping[str, Callable[[TrainingBook], Explanation]] = {
    "memory_per_gpu": total,
    "weights": weights,
    "gradients": gradients,
    "optimizer": optimizer,
    "activations": activations,
    "logits": logits,
    "communication": communication,
    "engine": engine,
    **training_run.OPENERS,
    **training_speed.OPENERS,
    "purchase": money.purchase,
    "bought": money.bought,
    "power": money.power,
}

"""Which fields apply: conditions on the scenario, and on the kind of its model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gpuplanner.scenario.document import LoadKind, Scenario, TrainingBudget, TuningMethod, WorkloadKind
from gpuplanner.scenario.serving import Batching, Speculation

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.model import Model

Condition = Callable[[Scenario], bool]
Fitness = Callable[["Model"], bool]
HOST_LAYERS = frozenset({"llama-cpp", "ollama"})


def always(scenario: Scenario) -> bool:
    """Every scenario."""
    del scenario
    return True


def serves(scenario: Scenario) -> bool:
    """People wait for text."""
    return scenario.workload.kind is WorkloadKind.SERVE


def batch(scenario: Scenario) -> bool:
    """A pile is worked through."""
    return scenario.workload.kind is WorkloadKind.BATCH


def writes(scenario: Scenario) -> bool:
    """A language model writes."""
    return scenario.workload.kind.writes


def passes(scenario: Scenario) -> bool:
    """Requests are passes through a model."""
    return scenario.workload.kind.passes


def generates(scenario: Scenario) -> bool:
    """Images or video are made."""
    return scenario.workload.kind is WorkloadKind.GENERATE


def guided(scenario: Scenario) -> bool:
    """Images or video are made, and guidance isn't switched off."""
    return generates(scenario) and scenario.generation.guidance is not False


def encodes(scenario: Scenario) -> bool:
    """Texts, images or speech are taken in."""
    return scenario.workload.kind is WorkloadKind.ENCODE


def answers(scenario: Scenario) -> bool:
    """A finished model is put to work."""
    return not scenario.workload.kind.trains


def waited_for(scenario: Scenario) -> bool:
    """Requests come in, and someone waits for each."""
    return serves(scenario) or passes(scenario)


def daily(scenario: Scenario) -> bool:
    """The load is that of a day."""
    return waited_for(scenario) and scenario.workload.load_kind is LoadKind.PER_DAY


def of_users(scenario: Scenario) -> bool:
    """The load is a number of users."""
    return waited_for(scenario) and scenario.workload.load_kind is LoadKind.USERS


def indexes(scenario: Scenario) -> bool:
    """A retrieval service keeps an index of vectors."""
    return answers(scenario) and scenario.site.vectors > 0


def trains(scenario: Scenario) -> bool:
    """Weights change."""
    return scenario.workload.kind.trains


def tunes(scenario: Scenario) -> bool:
    """A finished model is adapted."""
    return scenario.workload.kind is WorkloadKind.TUNE


def adapts(scenario: Scenario) -> bool:
    """Adapters are trained, not the model itself."""
    return tunes(scenario) and scenario.training.method is not TuningMethod.FULL


def trains_in_stages(scenario: Scenario) -> bool:
    """Training may go through a pipeline."""
    return trains(scenario) and scenario.deployment.pipeline_parallel != 1


def counts_tokens(scenario: Scenario) -> bool:
    """Training is as long as its tokens."""
    return trains(scenario) and scenario.training.budget is TrainingBudget.TOKENS


def counts_samples(scenario: Scenario) -> bool:
    """Training is as long as its samples."""
    return trains(scenario) and scenario.training.budget is TrainingBudget.SAMPLES


def is_measured(scenario: Scenario) -> bool:
    """A language model writes, and runs of it were imported."""
    return writes(scenario) and bool(scenario.calibration.rows)


def speculates(scenario: Scenario) -> bool:
    """Tokens are proposed ahead."""
    return writes(scenario) and scenario.serving.speculation is not Speculation.NONE


def drafts(scenario: Scenario) -> bool:
    """A small model proposes tokens."""
    return writes(scenario) and scenario.serving.speculation is Speculation.DRAFT


def waits_to_fill(scenario: Scenario) -> bool:
    """A batch waits a while for more requests."""
    return writes(scenario) and scenario.serving.batching is Batching.DYNAMIC


def converses(scenario: Scenario) -> bool:
    """Conversations may find their cache again: every replica reads and writes, and requests join at every step."""
    serving = scenario.serving
    return serves(scenario) and serving.batching is Batching.CONTINUOUS and not serving.disaggregated


def comes_back(scenario: Scenario) -> bool:
    """They do come back, or host memory is kept for them."""
    return converses(scenario) and (scenario.workload.reused_prefix > 0 or scenario.serving.host_kv_gib > 0)


def pauses(scenario: Scenario) -> bool:
    """They do, and how soon isn't told by users who think."""
    back = converses(scenario) and scenario.workload.reused_prefix > 0
    return back and scenario.workload.load_kind is not LoadKind.USERS


def holds_adapters(scenario: Scenario) -> bool:
    """Adapters lie beside the model."""
    return writes(scenario) and scenario.serving.adapters > 0


def sees(scenario: Scenario) -> bool:
    """Requests bring images along."""
    return writes(scenario) and scenario.serving.images > 0


def writes_by_layers(scenario: Scenario) -> bool:
    """The engine can leave layers in host memory."""
    return writes(scenario) and scenario.deployment.engine in HOST_LAYERS


def has_experts(model: Model) -> bool:
    """A mixture of experts, or a model that may be one."""
    from gpuplanner.catalog.schema.shape import Experts  # after the first paint

    language = model.language
    return language is None or any(isinstance(layer.feed_forward, Experts) for layer in language.layers)


def guides(model: Model) -> bool:
    """Asks its denoiser twice a step, as published."""
    from gpuplanner.engine.passes.defaults import published  # with numpy, after the first paint

    return published(model).guidance


def shares_tokens(model: Model) -> bool:
    """Its denoiser is a transformer, whose tokens several GPUs can share out."""
    from gpuplanner.engine.passes.defaults import denoises_tokens  # with numpy, after the first paint

    return denoises_tokens(model)


def makes_video(model: Model) -> bool:
    """Makes clips."""
    return model.kind.value == "video-diffusion"


def takes_texts(model: Model) -> bool:
    """Takes texts in."""
    return model.kind.takes in ("texts", "pairs")


def takes_images(model: Model) -> bool:
    """Takes images in."""
    return model.kind.takes == "images"


def takes_speech(model: Model) -> bool:
    """Takes speech in."""
    return model.kind.takes == "speech"


def looks(model: Model) -> bool:
    """A language model that takes images in."""
    return model.kind.value == "vlm"

"""Training memory of one configuration: parts at the peak, and the course of a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.training.formulas import reserved_bytes
from gpuplanner.engine.training.layouts import Layout
from gpuplanner.engine.training.network import network, profile_key
from gpuplanner.engine.training.setup import Setup
from gpuplanner.engine.training.timeline import Stage, stages


@dataclass(frozen=True, slots=True)
class TrainingMemory:
    """Memory of the fullest GPU, in bytes.

    ``weights`` and ``optimizer`` lie there all the time; the other parts are those of the moment named ``peak``. ``moments`` tell
    the sum of all parts at the end of the forward pass, in the loss, the backward pass and the optimizer step; ``course`` splits
    it into what stays (weights, optimizer, gradients), what comes and goes, and the logits' part of that.
    """

    weights: float
    gradients: float
    optimizer: float
    activations: float
    logits: float
    communication: float
    peak: str
    moments: Mapping[str, float]
    course: Mapping[str, tuple[float, float, float]]

    @property
    def changing(self) -> float:
        """What comes and goes in the course of a step."""
        return self.activations + self.logits + self.communication

    def reserved(self, fragmentation: Mapping[str, float], context: float, varying: float = 0.0) -> float:
        """What a GPU holds at the worst moment.

        Args:
            fragmentation: share of what comes and goes that the allocator can't fill, by moment.
            context: of the driver and libraries, bytes.
            varying: the further share of the logits, where lengths change from step to step.
        """
        return max(
            float(reserved_bytes(stays, changes, fragmentation[name], context)) + varying * logits
            for name, (stays, changes, logits) in self.course.items()
        )

    @property
    def total(self) -> float:
        """All parts."""
        return self.weights + self.gradients + self.optimizer + self.activations + self.logits + self.communication


def training_memory(shape: Shape, setup: Setup) -> TrainingMemory:
    """Peak memory of a training step on the fullest GPU, what an allocator counts: no context, no fragmentation.

    Args:
        shape: the model.
        setup: how it is trained.

    Raises:
        NotTrainableError: for kinds of models that aren't modelled.
    """
    net = network(shape, profile_key(setup))
    one = np.ones(1)
    layout = Layout.of(
        setup,
        one * setup.micro_batch,
        one * min(setup.pipeline_parallel, net.layers),
        one * setup.data_parallel,
        one * setup.micro_batches,
        one * setup.zero,
    )
    fullest = max(stages(net, setup, layout), key=lambda stage: float(stage.peak[0]))
    return _of(fullest)


def _of(stage: Stage) -> TrainingMemory:
    worst = max(stage.moments, key=lambda moment: float(moment.total[0]))
    fixed = float(stage.weights[0] + stage.optimizer[0])
    return TrainingMemory(
        weights=float(stage.weights[0]),
        gradients=float(worst.gradients[0]),
        optimizer=float(stage.optimizer[0]),
        activations=float(worst.activations[0]),
        logits=float(worst.logits[0]),
        communication=float(worst.communication[0]),
        peak=worst.name,
        moments=MappingProxyType({moment.name: fixed + float(moment.total[0]) for moment in stage.moments}),
        course=MappingProxyType(
            {
                moment.name: (
                    fixed + float(moment.gradients[0]),
                    float((moment.total - moment.gradients)[0]),
                    float(moment.logits[0]),
                )
                for moment in stage.moments
            }
        ),
    )

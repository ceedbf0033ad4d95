"""What a training scenario asks of speed: the amount of work, the time it may take, the software it runs in."""

from __future__ import annotations

from dataclasses import dataclass

from gpuplanner.catalog.schema.calibration import Calibration
from gpuplanner.catalog.schema.shape import DecoderShape
from gpuplanner.catalog.schema.shape_towers import MultimodalShape
from gpuplanner.catalog.schema.shapes import Shape
from gpuplanner.engine.training.facts import Trained
from gpuplanner.engine.training.request import TrainingRequest
from gpuplanner.engine.training.speed.step import Job
from gpuplanner.engine.training.speed.work import Sample, Work, work
from gpuplanner.scenario.document import Kernels, Scenario, TrainingBudget, TuningMethod, WorkloadKind

DAY_S = 86_400.0
HOUR_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """The work of a run in samples, and its limits in seconds; ``limit_s`` None where none was set.

    ``horizon_s`` is how long runs of this kind usually take; it decides how many GPUs are fewest where there is no limit.
    """

    work: Work
    job: Job
    software: str
    samples: float
    limit_s: float | None
    horizon_s: float
    interval_s: float
    mtbf_s: float
    restart_s: float
    write_b_s: float

    @property
    def within_s(self) -> float:
        """The time that decides between layouts."""
        return self.horizon_s if self.limit_s is None else self.limit_s


def wanted(scenario: Scenario, request: TrainingRequest, run: Trained, calibration: Calibration) -> Wanted:
    """Bring what the scenario says about speed together.

    Args:
        scenario: what was asked.
        request: the model and its setup.
        run: what is trained.
        calibration: constants.
    """
    asked, constant = scenario.training, calibration.constant
    found = work(request.shape, Sample(run.length))
    kind = scenario.workload.kind.value
    samples = asked.budget_samples * asked.epochs
    if asked.budget is TrainingBudget.TOKENS:
        samples = asked.budget_tokens / run.length
    return Wanted(
        work=found,
        job=job_of(request, run, found),
        software=software_of(scenario, request.shape),
        samples=samples,
        limit_s=None if asked.within_days is None else asked.within_days * DAY_S,
        horizon_s=constant("training.horizon_days", kind) * DAY_S,
        interval_s=asked.checkpoint_minutes * 60.0,
        mtbf_s=(asked.gpu_mtbf_hours or constant("training.gpu_mtbf_hours")) * HOUR_S,
        restart_s=constant("training.restart_s"),
        write_b_s=constant("training.checkpoint_b_s"),
    )


def job_of(request: TrainingRequest, run: Trained, found: Work) -> Job:
    """What of the recipe counts for speed."""
    setup = request.setup
    trained = max(run.params, 1.0)
    return Job(
        trained=min(1.0, run.params / max(found.params, 1.0)),
        weight_bytes=setup.arithmetic.compute,
        gradient_bytes=setup.gradient_bytes or setup.arithmetic.weight,
        state_bytes=run.state_bytes / trained,
        quantised=setup.method is TuningMethod.QLORA,
        flash=setup.flash,
        offloads=setup.offload_optimizer,
        element_bytes=setup.arithmetic.compute,
    )


def software_of(scenario: Scenario, shape: Shape) -> str:
    """The kind of software that runs such kernels.

    Of language models: a trainer's own, a compiler's, or the hand-joined ones of large-scale training; of other models that of
    examples, or of tuned submissions.
    """
    kernels = scenario.training.kernels
    if not isinstance(shape, DecoderShape | MultimodalShape):
        return "examples" if kernels is Kernels.EAGER else "tuned"
    if kernels is Kernels.EAGER:
        return "trainer"
    return "megatron" if kernels is Kernels.FUSED and scenario.workload.kind is WorkloadKind.TRAIN else "fsdp"

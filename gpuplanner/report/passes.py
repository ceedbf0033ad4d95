"""What documents say of images, video and encoding: what a request is, how it is made, what is taken for granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpuplanner.engine.result import Code, Plan
from gpuplanner.report.content import Setting
from gpuplanner.scenario.document import Scenario, WorkloadKind
from gpuplanner.scenario.passes import DecodeKind, PipelineOffload

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.catalog.schema.model import Model


def lengths(scenario: Scenario, catalog: Catalog) -> Code:
    """What a request is: "1 picture of 1024 × 1024 px in 28 steps", "32 texts of 512 tokens"."""
    model = scenario.model.custom or catalog.models.get(scenario.model.id)
    if scenario.workload.kind is WorkloadKind.GENERATE:
        return _picture(scenario, model)
    asked, takes = scenario.encoding, model.kind.takes if model else None
    if takes == "images":
        sized = {"n": asked.items, "side": asked.image_px}
        return Code("report.lengths.images" if asked.image_px else "report.lengths.images_as_made", sized)
    if takes == "speech":
        return Code("report.lengths.speech", {"n": asked.items, "audio_s": asked.audio_s})
    return Code(f"report.lengths.{takes or 'texts'}", {"n": asked.items, "tokens": asked.tokens})


def _picture(scenario: Scenario, model: Model | None) -> Code:
    from gpuplanner.engine.passes.defaults import published  # with numpy, which a window's first paint doesn't wait for

    asked = scenario.generation
    if model is None:
        return Code("report.lengths.pictures_as_published", {"n": asked.images})
    usual = published(model)
    made: dict[str, object] = {
        "n": asked.images,
        "width": str(asked.width or usual.width),  # sizes of pictures have no thousands separator
        "height": str(asked.height or usual.height),
        "steps": asked.steps or usual.steps,
        "frames": asked.frames or usual.frames,
    }
    return Code("report.lengths.clips" if model.kind.value == "video-diffusion" else "report.lengths.pictures", made)


def settings(scenario: Scenario, plan: Plan) -> tuple[Setting, ...]:
    """How pictures are made and how many items run at once, line by line."""
    asked = scenario.generation
    rows = []
    if scenario.workload.kind is WorkloadKind.GENERATE:
        if asked.offload is not PipelineOffload.NONE:
            rows.append(Setting("field.generation.offload", Code(f"choice.generation.offload.{asked.offload}")))
        if asked.decode is not DecodeKind.WHOLE:
            rows.append(Setting("field.generation.decode", Code(f"choice.generation.decode.{asked.decode}")))
        if plan.passes is not None and plan.passes.cfg_parallel > 1:
            rows.append(Setting("field.generation.cfg_parallel", Code("choice.generation.cfg_parallel.true")))
        if plan.passes is not None and plan.passes.sequence_parallel > 1:
            shared = Code("report.passes.spread", {"n": plan.passes.sequence_parallel})
            rows.append(Setting("field.generation.sequence_parallel", shared))
    return (*rows, Setting("report.passes.batch", Code("report.passes.at_once", {"n": plan.batch})))


def assumptions(scenario: Scenario, catalog: Catalog) -> tuple[Code, ...]:
    """What a reader must know of the requests to judge the figures."""
    return (Code("report.assume.passes.request", {"request": lengths(scenario, catalog)}),)

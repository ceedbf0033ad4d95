"""Opening the time of a pass of images, encoders, vision and speech: stages, operators, and what attention reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from gpuplanner.engine.explain.book import Given
from gpuplanner.engine.explain.pass_spread import exchanged
from gpuplanner.engine.passes.speed import longer, operator_times
from gpuplanner.engine.passes.work import CONVOLUTION, SCORES, Floats, Stage
from gpuplanner.engine.result import Code, Explanation

if TYPE_CHECKING:
    from gpuplanner.engine.explain.passes import PassBook

PARTS: Final = ("text_encoders", "denoiser", "autoencoder", "encoder", "network", "decoder")
SUMMANDS: Final = ("one", "two", "three", "four")
SEPARATOR: Final = "@"
_ENTERED: Final = Code("source.input")
_COMPUTED: Final = Code("source.computed")


def pass_time(book: PassBook, batch: float | None = None) -> Explanation:
    """One pass of a batch, stage by stage."""
    size = float(book.plan.batch) if batch is None else batch
    given = {}
    for name in PARTS:
        seconds = sum(book.seconds(i, size) for i, stage in enumerate(book.request.stages) if stage.name == name)
        opens = f"stages{SEPARATOR}{size:g}.{name}" if seconds else None
        given[name] = Given(seconds, _COMPUTED, opens=opens)
    offload = book.planner.offload
    given["offload"] = Given(offload, Code("source.layout") if offload == 1 else _ENTERED, "generation.offload")
    given["exchange"] = exchanged(book, size)
    key = "pass_time" if batch is None else f"pass{SEPARATOR}{size:g}"
    return book.opened(key, "passes.sum", given, result=book.plan.figures["pass_time"] if batch is None else None)


def stages(book: PassBook, batch: float, name: str) -> Explanation:
    """The networks of one kind; a single one is laid open itself."""
    indices = [i for i, stage in enumerate(book.request.stages) if stage.name == name]
    if len(indices) == 1:
        return stage(book, batch, str(indices[0]))
    given = {summand: Given(0.0, _COMPUTED) for summand in SUMMANDS}
    for summand, index in zip(SUMMANDS, indices, strict=False):
        given[summand] = Given(book.seconds(index, batch), _COMPUTED, opens=f"stage{SEPARATOR}{batch:g}.{index}")
    return book.opened(f"stages{SEPARATOR}{batch:g}.{name}", "passes.stages", given)


def stage(book: PassBook, batch: float, place: str) -> Explanation:
    """One network: its repetitions, the GPU's work, the host's."""
    index = int(place)
    ran, runtime = book.request.stages[index], book.request.runtime
    device = float((_operators(book, index, batch) * ran.work.count).sum())
    model = Code("source.config", {"model": book.request.model.name})
    given = {
        "repeats": Given(ran.repeats, _ENTERED if ran.name == "denoiser" else model, _repeats_field(ran)),
        "device": Given(device, _COMPUTED, opens=f"device{SEPARATOR}{batch:g}.{index}"),
        "kernels": Given(ran.work.kernels, model),
        "host": book.constant("passes.host_s", runtime),
        "per_item": book.constant("passes.item_s", runtime),
        "samples": Given(batch, Code("source.layout"), batch_field(book)),
        "call": book.constant("passes.call_s", runtime),
    }
    return book.opened(f"stage{SEPARATOR}{batch:g}.{index}", "passes.stage", given)


def device(book: PassBook, batch: float, place: str) -> Explanation:
    """The GPU's work on one repetition: the heaviest operator, and the rest."""
    index = int(place)
    times, work = _operators(book, index, batch), book.request.stages[index].work
    heaviest = int((times * work.count).argmax())
    rest = float((times * work.count).sum() - times[heaviest] * work.count[heaviest])
    given = {
        "count": Given(float(work.count[heaviest]), Code("source.config", {"model": book.request.model.name})),
        "operator": Given(float(times[heaviest]), _COMPUTED, opens=f"operator{SEPARATOR}{batch:g}.{index}"),
        "rest": Given(rest, _COMPUTED),
    }
    return book.opened(f"device{SEPARATOR}{batch:g}.{index}", "passes.device", given)


def operator(book: PassBook, batch: float, place: str) -> Explanation:
    """The heaviest operator of a stage."""
    index = int(place)
    ran = book.request.stages[index]
    work, at = ran.work, book.devices(ran)
    times = _operators(book, index, batch)
    i = int((times * work.count).argmax())
    form, model = int(work.form[i]), Code("source.config", {"model": book.request.model.name})
    element = float(at.element_bytes[book.spot, 0, 0])
    family, runtime = book.gpu.family, book.request.runtime
    width = at.group_width
    reached = float(at.compute[form, book.spot, 0, 0] / at.peak[form, book.spot] * longer(work, at)[i])
    sheet = Code("source.datasheet", {"gpu": book.gpu.name})
    given = {
        "samples": Given(batch * ran.samples, Code("source.layout"), batch_field(book)),
        "flops": Given(float(work.flops[i]), model),
        "padding": Given(1 + width / float(work.width[i]) if form == CONVOLUTION else 1.0, _COMPUTED),
        "peak": Given(float(at.peak[form, book.spot]), sheet, "deployment.gpu"),
        "efficiency": Given(reached, _COMPUTED, opens=f"attention{SEPARATOR}{batch:g}.{index}")
        if form == SCORES
        else book.constant("passes.compute", family, book.plan.compute_format, value=reached),
        "weights": Given(float(work.weights[i]) * at.weight_bytes, model, "precision.weights"),
        "moved": Given(float(work.moved[i]) * element, model),
        "bandwidth": Given((book.gpu.bandwidth_gb_s or 0.0) * 1e9, sheet, "deployment.gpu"),
        "bandwidth_share": book.constant("passes.bandwidth", family),
        "depth": Given(float(work.depth[i]), model),
        "fill": book.constant("passes.fill_s", value=float(at.fill[book.spot, 0, 0])),
        "extra": book.constant(
            "passes.convolution_extra" if form == CONVOLUTION else "passes.extra", runtime, value=float(at.extra[form])
        ),
        "launch": book.constant("passes.launch_s", family),
    }
    return book.opened(f"operator{SEPARATOR}{batch:g}.{index}", "passes.operator", given)


def attention(book: PassBook, batch: float, place: str) -> Explanation:
    """The share of the peak that a stage's heaviest operator reaches, where that is attention."""
    index = int(place)
    ran = book.request.stages[index]
    at, work = book.devices(ran), ran.work
    i = int((_operators(book, index, batch) * work.count).argmax())
    kernels = float(at.compute[SCORES, book.spot, 0, 0] / at.peak[SCORES, book.spot]) / at.short
    given = {
        "short": book.constant("passes.attention", book.gpu.family),
        "long": book.constant("passes.long_attention"),
        "least": book.constant("passes.long_keys"),
        "keys": Given(max(1.0, float(work.width[i])), Code("source.config", {"model": book.request.model.name})),
        "kernels": book.constant("passes.kernels", book.request.runtime, value=kernels),
    }
    return book.opened(f"attention{SEPARATOR}{batch:g}.{index}", "passes.attention_share", given)


def batch_field(book: PassBook) -> str:
    """The field that says how many run at once."""
    return "generation.batch" if book.request.item in {"image", "clip"} else "encoding.batch"


def _operators(book: PassBook, index: int, batch: float) -> Floats:
    ran = book.request.stages[index]
    times = operator_times(ran, book.devices(ran), np.array([[[batch * ran.samples]]]))
    found: Floats = times[book.spot, 0]
    return found


def _repeats_field(ran: Stage) -> str | None:
    return {"denoiser": "generation.steps", "decoder": "encoding.audio_s"}.get(ran.name)


DEEPER: Final[Mapping[str, Callable[[PassBook, float, str], Explanation]]] = {
    "stages": stages, "stage": stage, "device": device, "operator": operator, "attention": attention,
}  # fmt: skip

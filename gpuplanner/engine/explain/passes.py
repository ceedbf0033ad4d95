"""Opening the figures of images, encoders, vision and speech."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

import numpy as np

from gpuplanner.engine.explain import money
from gpuplanner.engine.explain.book import Given, Opener, computed
from gpuplanner.engine.explain.pass_memory import MEMORY
from gpuplanner.engine.explain.pass_spread import SPREAD, exchanged
from gpuplanner.engine.explain.pass_stages import DEEPER, SEPARATOR, batch_field, pass_time
from gpuplanner.engine.passes.load import MOST_BUSY
from gpuplanner.engine.passes.plans import PassPlanner
from gpuplanner.engine.passes.request import PassRequest, pass_request
from gpuplanner.engine.passes.speed import Devices, stage_times
from gpuplanner.engine.passes.work import Stage
from gpuplanner.engine.result import Code, Explanation, PassPlan
from gpuplanner.engine.site.growth import planned_growth
from gpuplanner.scenario.document import LoadKind

_ENTERED: Final = Code("source.input")
_COMPUTED: Final = Code("source.computed")


@dataclass(frozen=True)
class PassBook(Opener):
    """What explanations of a plan of passes are read from: the plan's own configuration, computed once more."""

    @cached_property
    def planner(self) -> PassPlanner:
        """The planner that made the plan."""
        return PassPlanner(self.scenario, self.catalog, self.request)

    @cached_property
    def request(self) -> PassRequest:
        """What is carried."""
        return pass_request(self.scenario, self.catalog)

    @property
    def layout(self) -> PassPlan:
        """What a pass is made of."""
        assert self.plan.passes is not None
        return self.plan.passes

    @cached_property
    def spot(self) -> int:
        """The GPU's place among those that can compute."""
        return [gpu.id for gpu in self.planner.able.gpus].index(self.plan.gpu_id)

    def figure(self, key: str) -> float:
        """A figure's expected value.

        Raises:
            KeyError: when the plan hasn't got it.
        """
        value = self.plan.figures[key].value
        if value is None:
            raise KeyError(key)
        return value

    def devices(self, stage: Stage) -> Devices:
        """The columns a stage runs with."""
        return self.planner.at if stage.quantised else self.planner.half

    def seconds(self, index: int, batch: float) -> float:
        """A stage at a batch. [s]"""
        stage = self.request.stages[index]
        return float(stage_times(stage, self.devices(stage), np.array([batch]))[self.spot, 0])

    @property
    def closed(self) -> bool:
        """Whether a fixed number of requests is in flight."""
        return self.request.in_flight is not None and self.request.think_s is None

    @property
    def most(self) -> float:
        """Requests in a pass at most."""
        return max(1.0, float(np.floor(self.plan.batch / self.request.items)))


def e2e(book: PassBook, key: str = "e2e") -> Explanation:
    """A request's time at the percentile, or on average."""
    found = book.layout
    service = computed(found.service_s, "service_time")
    result = book.plan.figures[key]
    if book.closed:
        each = max(1.0, (book.request.in_flight or 1.0) / book.plan.replicas)
        given = {
            "service": service,
            "in_flight": Given(each, Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load"),
            "most": Given(book.most, Code("source.layout"), batch_field(book)),
        }
        return book.opened(key, "passes.closed", given, result=result)
    given = {"service": service, "busy": Given(found.busy, _COMPUTED), "queue": computed(found.queue_s, "queue")}
    if key == "e2e_mean":
        return book.opened(key, "passes.request_mean", given, result=result)
    given["percentile"] = Given(book.request.percentile, _ENTERED, "targets.percentile")
    order = ("service", "busy", "percentile", "queue")
    return book.opened(key, "passes.request_percentile", {name: given[name] for name in order}, result=result)


def queue(book: PassBook) -> Explanation:
    """The wait behind requests that don't fit into the next pass."""
    given = {
        "utilization": Given(min(book.layout.utilization, MOST_BUSY), _COMPUTED, "workload.load"),
        "most": Given(book.most, Code("source.layout"), batch_field(book)),
        "full_service": Given(float(full_service(book).result.value or 0.0), _COMPUTED, opens="full_service"),
    }
    return book.opened("queue", "passes.waiting", given)


def service_time(book: PassBook) -> Explanation:
    """A pass under this load, between the batches that were computed."""
    return _service(book, "service_time", book.layout.at_once)


def full_service(book: PassBook) -> Explanation:
    """A pass with as many requests as it takes."""
    return _service(book, "full_service", book.most)


def _service(book: PassBook, key: str, at_once: float) -> Explanation:
    batches = book.planner.batches
    items = min(at_once * book.request.items, float(book.plan.batch))
    spot = int(np.clip(np.searchsorted(batches, items, side="right") - 1, 0, max(0, len(batches) - 2)))
    low, high = float(batches[spot]), float(batches[min(spot + 1, len(batches) - 1)])
    if low == high:
        high = low + 1.0
    given = {
        "low_time": Given(_pass_s(book, low), _COMPUTED, opens=f"pass{SEPARATOR}{low:g}"),
        "high_time": Given(_pass_s(book, high), _COMPUTED, opens=f"pass{SEPARATOR}{high:g}"),
        "items": Given(max(low, items), Code("source.replicas", {"replicas": book.plan.replicas}), "workload.load"),
        "low": Given(low, Code("source.layout")),
        "high": Given(high, Code("source.layout")),
        "waves": Given(max(1.0, book.request.items / book.plan.batch), _ENTERED, _items_field(book)),
    }
    return book.opened(key, "passes.service", given)


def capacity_rate(book: PassBook) -> Explanation:
    """Requests at most."""
    given = {
        "replicas": Given(float(book.plan.replicas), Code("source.layout")),
        "most": Given(book.most, Code("source.layout"), batch_field(book)),
        "full_service": Given(float(full_service(book).result.value or 0.0), _COMPUTED, opens="full_service"),
    }
    return book.opened("capacity_rate", "passes.capacity", given, result=book.plan.figures["capacity_rate"])


def request_rate(book: PassBook) -> Explanation:
    """Requests that are carried."""
    workload, result = book.scenario.workload, book.plan.figures["request_rate"]
    if book.request.rate is None:
        time = book.figure("e2e_mean") if book.closed else _alone(book)
        given = {
            "in_flight": Given(book.request.in_flight or 1.0, _ENTERED, "workload.load"),
            "think": Given(book.request.think_s or 0.0, _ENTERED, "workload.think_time_s"),
            "time": computed(time, "e2e_mean" if book.closed else None),
            "most_busy": Given(1.0, Code("source.closed_loop"))
            if book.closed
            else Given(MOST_BUSY, Code("source.headroom_kept")),
            "capacity": computed(book.figure("capacity_rate"), "capacity_rate"),
        }
        return book.opened("request_rate", "passes.returning", given, result=result)
    daily = workload.load_kind is LoadKind.PER_DAY
    factor = workload.peak_factor / (workload.busy_hours * 3600) if daily else 1.0
    given = {
        "load": Given(workload.load, _ENTERED, "workload.load"),
        "growth": Given(planned_growth(book.scenario) - 1, _ENTERED, "deployment.growth"),
        "factor": Given(factor, _ENTERED, "workload.peak_factor" if daily else None),
    }
    return book.opened("request_rate", "passes.offered", given, result=result)


def item_rate(book: PassBook) -> Explanation:
    """Items that are carried."""
    given = {
        "rate": computed(book.figure("request_rate"), "request_rate"),
        "items": Given(float(book.request.items), _ENTERED, _items_field(book)),
    }
    return book.opened("item_rate", "passes.items", given, result=book.plan.figures["item_rate"])


def step_time(book: PassBook) -> Explanation:
    """One denoising step."""
    steps = book.request.load.steps
    size = float(book.plan.batch)
    swapped = exchanged(book, size)
    computing = book.figure("step_time") * steps - swapped.value
    given = {
        "denoiser": Given(computing, _COMPUTED, opens=f"stages{SEPARATOR}{size:g}.denoiser"),
        "exchange": swapped,
        "steps": Given(steps, _ENTERED, "generation.steps"),
    }
    return book.opened("step_time", "passes.step_time", given, result=book.plan.figures["step_time"])


def real_time_factor(book: PassBook) -> Explanation:
    """Seconds of speech in a second."""
    given = {
        "audio": Given(book.request.load.audio_s, _ENTERED, "encoding.audio_s"),
        "items": Given(float(book.plan.batch), Code("source.layout"), "encoding.batch"),
        "time": computed(book.figure("pass_time"), "pass_time"),
    }
    return book.opened("real_time_factor", "passes.real_time", given, result=book.plan.figures["real_time_factor"])


def streams(book: PassBook) -> Explanation:
    """Live streams."""
    given = {
        "factor": computed(book.figure("real_time_factor"), "real_time_factor"),
        "replicas": Given(float(book.plan.replicas), Code("source.layout")),
    }
    return book.opened("streams", "passes.streams", given, result=book.plan.figures["streams"])


def cost_per_thousand(book: PassBook) -> Explanation:
    """Cost of a thousand items."""
    asked, drawn = book.scenario.money, book.plan.figures["power"].value
    given = {
        "purchase": computed(book.figure("purchase"), "purchase"),
        "years": Given(asked.lifetime_years, _ENTERED, "money.lifetime_years"),
        "utilization": Given(asked.utilization, _ENTERED, "money.utilization"),
        "power": computed(drawn or 0.0, "power" if drawn else None),
        "pue": Given(asked.pue, _ENTERED, "money.pue"),
        "tariff": Given(asked.electricity_per_kwh, _ENTERED, "money.electricity_per_kwh"),
        "rate": computed(book.figure("item_rate"), "item_rate"),
    }
    notes = (Code("note.cards_only"),)
    result = book.plan.figures["cost_per_thousand"]
    return book.opened("cost_per_thousand", "money.cost_per_thousand", given, result=result, notes=notes)


def cost_per_audio_hour(book: PassBook) -> Explanation:
    """Cost of an hour of speech."""
    given = {
        "thousand": computed(book.figure("cost_per_thousand"), "cost_per_thousand"),
        "audio": Given(book.request.load.audio_s, _ENTERED, "encoding.audio_s"),
    }
    result = book.plan.figures["cost_per_audio_hour"]
    return book.opened("cost_per_audio_hour", "money.cost_per_audio_hour", given, result=result)


OPENERS: Mapping[str, Callable[[PassBook], Explanation]] = {
    "e2e": e2e, "e2e_mean": partial(e2e, key="e2e_mean"), "queue": queue, "service_time": service_time,
    "full_service": full_service, "pass_time": pass_time,
    "capacity_rate": capacity_rate, "request_rate": request_rate, "item_rate": item_rate, "step_time": step_time,
    "real_time_factor": real_time_factor, "streams": streams, "purchase": money.purchase, "bought": money.bought,
    "power": money.power,
    "cost_per_thousand": cost_per_thousand, "cost_per_audio_hour": cost_per_audio_hour, **MEMORY,
}  # fmt: skip


def opened(book: PassBook, key: str) -> Explanation:
    """A figure, or what one opens into (``stage@8.1``: the second stage at 8 items).

    Raises:
        KeyError: when there is no such figure.
    """
    name, marked, rest = key.partition(SEPARATOR)
    if not marked:
        return OPENERS[key](book)
    if name == "pass":
        return pass_time(book, float(rest))
    if name in SPREAD:
        return SPREAD[name](book, float(rest))
    batch, _, place = rest.rpartition(".")
    return DEEPER[name](book, float(batch), place)


def _pass_s(book: PassBook, batch: float) -> float:
    return (
        sum(book.seconds(i, batch) for i in range(len(book.request.stages))) * book.planner.offload + exchanged(book, batch).value
    )


def _alone(book: PassBook) -> float:
    items = float(min(book.request.items, book.plan.batch))
    waves = max(1.0, book.request.items / book.plan.batch)
    return float(np.interp(items, book.planner.batches, book.planner.times[book.spot])) * waves


def _items_field(book: PassBook) -> str:
    return "generation.images" if book.request.item in {"image", "clip"} else "encoding.items"

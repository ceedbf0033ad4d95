"""Opening what a training run takes of time, energy and money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gpuplanner.engine.explain.book import Given, computed
from gpuplanner.engine.explain.training_steps import SpeedPoint, at, point
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.scenario.document import TrainingBudget

if TYPE_CHECKING:
    from gpuplanner.engine.explain.training import TrainingBook


def _figure(book: TrainingBook, key: str) -> Given:
    value = book.plan.figures[key].value
    if value is None:
        raise KeyError(key)
    return computed(value, opens=key)


def _opened(book: TrainingBook, key: str, formula: str, given: Mapping[str, Given]) -> Explanation:
    result = book.plan.figures[key]
    if result.value is None:  # the GPU's rate isn't known
        raise KeyError(key)
    return book.opened(key, formula, given, result=result)


def samples(book: TrainingBook) -> Explanation:
    """Samples a second."""
    layout, found = book.layout, Code("source.layout")
    given = {
        "micro_batch": Given(float(layout.micro_batch), found, "training.micro_batch"),
        "micro_batches": Given(float(layout.micro_batches), found, "training.global_batch"),
        "data": Given(float(layout.data_parallel), found),
        "step": _figure(book, "step_time"),
    }
    return _opened(book, "samples_per_second", "training.speed.samples", given)


def tokens(book: TrainingBook) -> Explanation:
    """Tokens a second."""
    length = Given(point(book).wanted.work.tokens, Code("source.input"), "training.sequence_tokens")
    given = {"samples": _figure(book, "samples_per_second"), "length": length}
    return _opened(book, "tokens_per_second", "training.speed.tokens", given)


def tokens_per_day(book: TrainingBook) -> Explanation:
    """Tokens of a day."""
    given = {"tokens": _figure(book, "tokens_per_second"), "goodput": _figure(book, "goodput")}
    return _opened(book, "tokens_per_day", "training.run.tokens_per_day", given)


def utilisation(book: TrainingBook) -> Explanation:
    """Model FLOPs utilisation."""
    found = point(book)
    work = found.wanted.work
    needed = Given(work.model_flops(2 + found.wanted.job.trained), Code("source.config", {"model": book.request.model.name}))
    given = {
        "samples": _figure(book, "samples_per_second"),
        "flops": needed,
        "gpus": Given(float(book.plan.gpus), Code("source.layout"), "training.gpus"),
        "peak": Given(at(found.reach.peak), Code("source.datasheet", {"gpu": book.gpu.name})),
    }
    return _opened(book, "mfu", "training.speed.mfu", given)


def checkpoint_time(book: TrainingBook) -> Explanation:
    """Writing a checkpoint."""
    given = {
        "size": _figure(book, "checkpoint"),
        "servers": Given(float(point(book).servers), Code("source.layout")),
        "rate": book.constant("training.checkpoint_b_s"),
    }
    return _opened(book, "checkpoint_time", "training.run.checkpoint_time", given)


def goodput(book: TrainingBook) -> Explanation:
    """Share of the time in which the run moves on."""
    wanted, asked = point(book).wanted, book.scenario.training
    entered = Given(wanted.mtbf_s, Code("source.input"), "training.gpu_mtbf_hours")
    given = {
        "checkpoint": _figure(book, "checkpoint_time"),
        "interval": Given(wanted.interval_s, Code("source.input"), "training.checkpoint_minutes"),
        "gpus": Given(float(book.plan.gpus), Code("source.layout"), "training.gpus"),
        "mtbf": entered if asked.gpu_mtbf_hours else book.constant("training.gpu_mtbf_hours", value=wanted.mtbf_s),
        "restart": book.constant("training.restart_s"),
    }
    return _opened(book, "goodput", "training.run.goodput", given)


def training_time(book: TrainingBook) -> Explanation:
    """The whole run."""
    by_tokens = book.scenario.training.budget is TrainingBudget.TOKENS
    edit = "training.budget_tokens" if by_tokens else "training.budget_samples"
    given = {
        "samples": Given(point(book).wanted.samples, Code("source.input"), edit),
        "rate": _figure(book, "samples_per_second"),
        "goodput": _figure(book, "goodput"),
    }
    return _opened(book, "training_time", "training.run.time", given)


def gpu_hours(book: TrainingBook) -> Explanation:
    """GPU hours."""
    given = {
        "gpus": Given(float(book.plan.gpus), Code("source.layout"), "training.gpus"),
        "time": _figure(book, "training_time"),
    }
    return _opened(book, "gpu_hours", "training.run.gpu_hours", given)


def energy(book: TrainingBook) -> Explanation:
    """Energy of the run."""
    given = {
        "power": _figure(book, "power"),
        "pue": Given(book.scenario.money.pue, Code("source.input"), "money.pue"),
        "time": _figure(book, "training_time"),
    }
    return _opened(book, "energy_kwh", "training.run.energy", given)


def power_cost(book: TrainingBook) -> Explanation:
    """What the energy costs."""
    given = {"energy": _figure(book, "energy_kwh"), "tariff": _tariff(book)}
    return _opened(book, "power_cost", "training.run.energy_cost", given)


def run_cost(book: TrainingBook) -> Explanation:
    """What the run costs."""
    money = book.scenario.money
    drawn = book.plan.figures["energy_kwh"].value
    given = {
        "purchase": _figure(book, "purchase"),
        "years": Given(money.lifetime_years, Code("source.input"), "money.lifetime_years"),
        "utilization": Given(money.utilization, Code("source.input"), "money.utilization"),
        "time": _figure(book, "training_time"),
        "energy": _figure(book, "energy_kwh") if drawn is not None else computed(0.0),
        "tariff": _tariff(book),
    }
    return _opened(book, "run_cost", "training.run.cost", given)


def _tariff(book: TrainingBook) -> Given:
    return Given(book.scenario.money.electricity_per_kwh, Code("source.input"), "money.electricity_per_kwh")


def step(book: TrainingBook) -> Explanation:
    """A step."""
    found, layout = point(book), book.layout
    given = {
        "micro_batches": Given(float(layout.micro_batches), Code("source.layout"), "training.global_batch"),
        "pipeline": Given(float(book.plan.pipeline_parallel), Code("source.layout"), "deployment.pipeline_parallel"),
        "virtual": Given(float(layout.virtual_stages), Code("source.layout"), "training.virtual_stages"),
        "micro_batch": computed(at(found.times.stage), opens="micro_batch_time" if not found.gathers else None),
        "exchange": computed(at(found.times.exchange)),
        "update": computed(at(found.shared.update)),
    }
    return _opened(book, "step_time", "training.speed.step", given)


def micro_batch(book: TrainingBook) -> Explanation:
    """A micro-batch through a stage."""
    one = point(book).micro
    given = {
        "products": computed(at(one.products), opens="products_time"),
        "attention": computed(at(one.attention)),
        "between": computed(at(one.between)),
        "communication": computed(at(one.communication)),
        "host": Given(at(one.host), Code("source.fitted_host", {"name": f"training.layer_s.{point(book).wanted.software}"})),
    }
    return book.opened("micro_batch_time", "training.speed.micro_batch", given)


def products(book: TrainingBook) -> Explanation:
    """Matrix products of a micro-batch: all kinds together, at the rate they reach on average."""
    found: SpeedPoint = point(book)
    time, rate = at(found.micro.products), at(found.reach.products)
    given = {
        "flops": Given(time * rate, Code("source.config", {"model": book.request.model.name})),
        "rate": Given(rate, Code("source.fitted_share", {"gpu": book.gpu.name})),
        "weight_bytes": computed(0.0),
        "bandwidth": Given(at(found.reach.bandwidth), Code("source.datasheet", {"gpu": book.gpu.name})),
    }
    return book.opened("products_time", "training.speed.products", given)


OPENERS: Mapping[str, Callable[[TrainingBook], Explanation]] = {
    "step_time": step,
    "micro_batch_time": micro_batch,
    "products_time": products,
    "samples_per_second": samples,
    "tokens_per_second": tokens,
    "tokens_per_day": tokens_per_day,
    "mfu": utilisation,
    "checkpoint_time": checkpoint_time,
    "goodput": goodput,
    "training_time": training_time,
    "gpu_hours": gpu_hours,
    "energy_kwh": energy,
    "power_cost": power_cost,
    "run_cost": run_cost,
}

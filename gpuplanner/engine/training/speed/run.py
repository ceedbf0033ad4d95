"""The formulas of a whole run: its time with checkpoints and failures, GPU hours, energy, cost."""

from __future__ import annotations

from typing import Any

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any  # a number, or an array of them


@formula(
    "training.run.checkpoint_time",
    result="C",
    text="K ÷ (N · w)",
    unit=Unit.SECONDS,
    reference="Written by all servers at once, each at its part of the storage's rate; the run stands still meanwhile",
    symbols={
        "size": Symbol("K", "figure.checkpoint", Unit.BYTES),
        "servers": Symbol("N", "term.servers"),
        "rate": Symbol("w", "term.checkpoint_rate", Unit.BYTES_PER_SECOND),
    },
)
def checkpoint_s(size: Values, servers: Values, rate: Values) -> Values:
    """Time to write a checkpoint. [s]"""
    return size / (servers * rate)


@formula(
    "training.run.goodput",
    result="g",
    text="1 ÷ ((1 + C ÷ τ) · (1 + n ÷ M · (τ ÷ 2 + r)))",
    unit=Unit.SHARE,
    reference="Young (1974), Daly (2006): time lost to checkpoints, and after a failure to half an interval and the restart",
    symbols={
        "checkpoint": Symbol("C", "figure.checkpoint_time", Unit.SECONDS),
        "interval": Symbol("τ", "term.checkpoint_interval", Unit.SECONDS),
        "gpus": Symbol("n", "term.gpus"),
        "mtbf": Symbol("M", "term.gpu_mtbf", Unit.SECONDS),
        "restart": Symbol("r", "term.restart", Unit.SECONDS),
    },
)
def goodput(checkpoint: Values, interval: Values, gpus: Values, mtbf: Values, restart: Values) -> Values:
    """Share of the time in which the run moves on. [share]"""
    return 1 / ((1 + checkpoint / interval) * (1 + gpus / mtbf * (interval / 2 + restart)))


@formula(
    "training.run.best_interval",
    result="τ",
    text="sqrt(2 · C · M ÷ n)",
    unit=Unit.SECONDS,
    reference="Young (1974): the interval at which writing costs as much as what failures lose",
    symbols={
        "checkpoint": Symbol("C", "figure.checkpoint_time", Unit.SECONDS),
        "mtbf": Symbol("M", "term.gpu_mtbf", Unit.SECONDS),
        "gpus": Symbol("n", "term.gpus"),
    },
)
def best_interval_s(checkpoint: Values, mtbf: Values, gpus: Values) -> Values:
    """The best time between checkpoints. [s]"""
    return (2 * checkpoint * mtbf / gpus) ** 0.5


@formula(
    "training.run.time",
    result="D",
    text="S ÷ X ÷ g",
    unit=Unit.SECONDS,
    reference="All samples of the run at its rate, over the share of the time in which it moves on",
    symbols={
        "samples": Symbol("S", "term.run_samples"),
        "rate": Symbol("X", "figure.samples_per_second", Unit.REQUESTS_PER_SECOND),
        "goodput": Symbol("g", "figure.goodput", Unit.SHARE),
    },
)
def training_s(samples: Values, rate: Values, goodput: Values) -> Values:
    """Time of the whole run. [s]"""
    return samples / rate / goodput


@formula(
    "training.run.gpu_hours",
    result="H",
    text="n · D ÷ 3600",
    unit=Unit.HOURS,
    reference="GPUs times the time of the run",
    symbols={"gpus": Symbol("n", "term.gpus"), "time": Symbol("D", "figure.training_time", Unit.SECONDS)},
)
def gpu_hours(gpus: Values, time: Values) -> Values:
    """GPU hours of the run. [h]"""
    return gpus * time / 3600


@formula(
    "training.run.energy",
    result="Q",
    text="E ÷ 1000 · PUE · D ÷ 3600",
    unit=Unit.KILOWATT_HOURS,
    reference="Cards at their design power for the time of the run, cooling with them; hosts aren't in it",
    symbols={
        "power": Symbol("E", "figure.power", Unit.WATTS),
        "pue": Symbol("PUE", "term.pue"),
        "time": Symbol("D", "figure.training_time", Unit.SECONDS),
    },
)
def energy_kwh(power: Values, pue: Values, time: Values) -> Values:
    """Energy of the run. [kWh]"""
    return power / 1000 * pue * time / 3600


@formula(
    "training.run.cost",
    result="c",
    text="P ÷ (Y · 8760 · u) · D ÷ 3600 + Q · e",
    unit=Unit.MONEY,
    reference="The cards' price over their life at the given use, for the time of the run, and its energy",
    symbols={
        "purchase": Symbol("P", "figure.purchase", Unit.MONEY),
        "years": Symbol("Y", "term.lifetime_years"),
        "utilization": Symbol("u", "term.use", Unit.SHARE),
        "time": Symbol("D", "figure.training_time", Unit.SECONDS),
        "energy": Symbol("Q", "figure.energy_kwh", Unit.KILOWATT_HOURS),
        "tariff": Symbol("e", "term.electricity", Unit.MONEY),
    },
)
def run_cost(purchase: Values, years: Values, utilization: Values, time: Values, energy: Values, tariff: Values) -> Values:
    """What the run costs, in the scenario's currency."""
    return purchase / (years * 8760 * utilization) * time / 3600 + energy * tariff


@formula(
    "training.run.energy_cost",
    result="c_e",
    text="Q · e",
    unit=Unit.MONEY,
    reference="Energy of the run at the entered tariff",
    symbols={
        "energy": Symbol("Q", "figure.energy_kwh", Unit.KILOWATT_HOURS),
        "tariff": Symbol("e", "term.electricity", Unit.MONEY),
    },
)
def energy_cost(energy: Values, tariff: Values) -> Values:
    """What the energy of the run costs, in the scenario's currency."""
    return energy * tariff


@formula(
    "training.run.tokens_per_day",
    result="T_d",
    text="T · g · 86400",
    unit=Unit.TOKENS,
    reference="Tokens a second, for a day, as far as the run moves on",
    symbols={
        "tokens": Symbol("T", "figure.tokens_per_second", Unit.TOKENS_PER_SECOND),
        "goodput": Symbol("g", "figure.goodput", Unit.SHARE),
    },
)
def tokens_per_day(tokens: Values, goodput: Values) -> Values:
    """Tokens of a day. [tok]"""
    return tokens * goodput * 86400

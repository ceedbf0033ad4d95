"""Formulas of the correction by the user's own measurements."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.result import Unit

Values = Any
_ONE_S = {"modelled": Symbol("t", "term.modelled", Unit.SECONDS), "factor": Symbol("f", "term.own_factor")}
_SHRUNK = (
    "Empirical Bayes shrinkage of a mean log ratio: Efron, Morris, Stein's estimation rule and its competitors, JASA 68 (1973); "
    "bounded, as a run that is further off was another configuration"
)


@formula(
    "own.factor",
    result="f",
    text="min(max(g ^ (n ÷ (n + n_0)), f_min), f_max)",
    unit=Unit.COUNT,
    reference=_SHRUNK,
    symbols={
        "ratio": Symbol("g", "term.own_ratio"),
        "runs": Symbol("n", "term.own_runs"),
        "prior": Symbol("n_0", "term.own_prior"),
        "least": Symbol("f_min", "term.own_least"),
        "most": Symbol("f_max", "term.own_most"),
    },
)
def own_factor(ratio: Values, runs: Values, prior: Values, least: Values, most: Values) -> Values:
    """By what a figure is multiplied, after so many runs whose ratios of measured to estimated have this geometric mean."""
    return np.minimum(np.maximum(ratio ** (runs / (runs + prior)), least), most)


@formula(
    "own.time", result="t'", text="t · f", unit=Unit.SECONDS,
    reference="The estimate times what own measurements of the same GPU, engine and model family are off", symbols=_ONE_S,
)  # fmt: skip
def own_time_s(modelled: Values, factor: Values) -> Values:
    """A time, corrected. [s]"""
    return modelled * factor


@formula(
    "own.rate", result="r'", text="r ÷ f", unit=Unit.TOKENS_PER_SECOND,
    reference="Tokens come at the pace of the steps: what makes a step longer makes them fewer",
    symbols={
        "modelled": Symbol("r", "term.modelled", Unit.TOKENS_PER_SECOND), "factor": Symbol("f", "term.own_factor"),
    },
)  # fmt: skip
def own_rate(modelled: Values, factor: Values) -> Values:
    """Tokens per second, corrected."""
    return modelled / factor


@formula(
    "own.answer_factor", result="f_e", text="(t_1 · f_1 + (t_e − t_1) · f) ÷ t_e", unit=Unit.COUNT,
    reference="An answer is its first token and the others, each corrected by its own measurements",
    symbols={
        "first": Symbol("t_1", "term.modelled_ttft_mean", Unit.SECONDS),
        "first_factor": Symbol("f_1", "term.own_ttft_factor"),
        "whole": Symbol("t_e", "term.modelled_e2e_mean", Unit.SECONDS),
        "factor": Symbol("f", "term.own_factor"),
    },
)  # fmt: skip
def own_answer_factor(first: Values, first_factor: Values, whole: Values, factor: Values) -> Values:
    """By what the time of a whole answer is multiplied."""
    return (first * first_factor + (whole - first) * factor) / whole


@formula(
    "own.engine", result="M_e'", text="max(M_e + (f − 1) · M, 0)", unit=Unit.BYTES,
    reference="Weights and cache are counted exactly; what a measured total is off lies in what engine and driver keep",
    symbols={
        "modelled": Symbol("M_e", "term.modelled", Unit.BYTES),
        "factor": Symbol("f", "term.own_factor"),
        "whole": Symbol("M", "term.modelled_memory", Unit.BYTES),
    },
)  # fmt: skip
def own_engine_bytes(modelled: Values, factor: Values, whole: Values) -> Values:
    """Memory of engine and driver, corrected. [B]"""
    return np.maximum(modelled + (factor - 1) * whole, 0)

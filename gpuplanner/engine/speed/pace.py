"""Steps that do more than one token a request: proposals checked at once; and steps without captured graphs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from gpuplanner.engine.fleet import Fleet
from gpuplanner.engine.formula import Symbol, formula
from gpuplanner.engine.layout.rows import Rows
from gpuplanner.engine.own.apply import own_columns
from gpuplanner.engine.request import Request
from gpuplanner.engine.result import Unit
from gpuplanner.engine.speed.beside import (
    adapter_columns,
    adapters_given,
    adapters_s,
    host_columns,
    host_given,
    host_layers_s,
)
from gpuplanner.engine.speed.reuse import reuse_columns
from gpuplanner.engine.speed.step import StepModel, step_model
from gpuplanner.scenario.serving import Speculation

Values = Any
DRAFT: Final = "draft."  # before the names of a small model's columns
SURE: Final = 0.999999  # an acceptance of one, short of dividing by zero


@formula(
    "speed.tokens_per_step",
    result="E",
    text="(1 − a ^ (k + 1)) ÷ (1 − a)",
    unit=Unit.TOKENS,
    reference=(
        "Leviathan et al., Fast inference by speculative decoding, arXiv 2211.17192, eq. 1: proposals hold one after the "
        "other, and the check adds a token"
    ),
    symbols={
        "acceptance": Symbol("a", "term.acceptance", Unit.SHARE),
        "proposed": Symbol("k", "term.draft_tokens"),
    },
)
def tokens_per_step(acceptance: Values, proposed: Values) -> Values:
    """Tokens a request gains in a step in which so many proposals are checked."""
    return (1 - acceptance ** (proposed + 1)) / (1 - acceptance)


@formula(
    "speed.heads_draft",
    result="t_dr",
    text="k · ((t_dense + t_experts + t_kv + t_comm + t_host) ÷ L + t_head)",
    unit=Unit.SECONDS,
    reference="A head of the model's own is one more layer and the output head, once a proposal (DeepSeek-V3, 2412.19437, 2.2)",
    symbols={
        "proposed": Symbol("k", "term.draft_tokens"),
        "dense": Symbol("t_dense", "step.dense", Unit.SECONDS),
        "experts": Symbol("t_experts", "step.experts", Unit.SECONDS),
        "kv_read": Symbol("t_kv", "step.kv_read", Unit.SECONDS),
        "communication": Symbol("t_comm", "step.communication", Unit.SECONDS),
        "overhead": Symbol("t_host", "step.overhead", Unit.SECONDS),
        "layers": Symbol("L", "term.layers_per_stage"),
        "head": Symbol("t_head", "step.head", Unit.SECONDS),
    },
)
def heads_draft_s(
    proposed: Values, dense: Values, experts: Values, kv_read: Values, communication: Values, overhead: Values, layers: Values,
    head: Values,
) -> Values:  # fmt: skip
    """Time to propose tokens with heads of the model itself. [s]"""
    return proposed * ((dense + experts + kv_read + communication + overhead) / layers + head)


@formula(
    "speed.longer_step",
    result="t",
    text="max(t_v + t_dr + t_a + t_o, t_l) + t_h",
    unit=Unit.SECONDS,
    reference=(
        "Proposals come before their check; the GPU waits for kernels that the host launches one by one; prompts that are not "
        "cut into chunks halt everything else"
    ),
    symbols={
        "checked": Symbol("t_v", "term.checked_step", Unit.SECONDS),
        "drafted": Symbol("t_dr", "term.draft_time", Unit.SECONDS),
        "adapters": Symbol("t_a", "term.adapters_time", Unit.SECONDS),
        "host": Symbol("t_o", "term.host_layers_time", Unit.SECONDS),
        "floor": Symbol("t_l", "term.host_launch_time", Unit.SECONDS),
        "halted": Symbol("t_h", "term.halted_time", Unit.SECONDS),
    },
)
def longer_step_s(checked: Values, drafted: Values, adapters: Values, host: Values, floor: Values, halted: Values) -> Values:
    """A step with all that makes it longer than one pass of the model. [s]"""
    return np.maximum(checked + drafted + adapters + host, floor) + halted


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a step takes, and how many tokens it gives each decoding request."""

    model: StepModel
    kind: Speculation = Speculation.NONE
    proposed: int = 0
    gain: float = 1.0

    def time_s(self, decoding: Any, prefill: Any, prompts: Any) -> Any:
        """Time of a step on one pipeline stage, proposals and their check included. [s]  Arguments as of a plain step."""
        seconds = self.checked_s(decoding, prefill, prompts)
        if self.proposed:
            seconds = seconds + self.draft_s(decoding)
        seconds = seconds + self.adapters_s(decoding, prefill) + self.host_s(decoding, prefill)
        least = self.model.inputs.get("launch_floor")
        return seconds if least is None else np.maximum(seconds, least)

    def checked_s(self, decoding: Any, prefill: Any, prompts: Any) -> Any:
        """Time of the model itself: each request brings its next token and the proposals. [s]"""
        more = decoding * self.proposed
        return self.model.time_s(decoding, prefill + more, prompts + more)

    def adapters_s(self, decoding: Any, prefill: Any) -> Any:
        """Time that adapters add. [s]"""
        if "adapter.count" not in self.model.inputs:
            return 0.0
        return adapters_s(**adapters_given(self.model.inputs, decoding, decoding * (1 + self.proposed) + prefill))

    def host_s(self, decoding: Any, prefill: Any) -> Any:
        """Time of the layers in host memory. [s]"""
        if "host.link" not in self.model.inputs:
            return 0.0
        return host_layers_s(**host_given(self.model.inputs, decoding, decoding * (1 + self.proposed) + prefill))

    def draft_s(self, decoding: Any) -> Any:
        """Time to propose; looking the text itself up takes none of the GPU's. [s]"""
        inputs = self.model.inputs
        if self.kind is Speculation.DRAFT:
            small = StepModel({key.removeprefix(DRAFT): value for key, value in inputs.items() if key.startswith(DRAFT)})
            return self.proposed * small.time_s(decoding, 0.0, 0.0)
        if self.kind is Speculation.HEADS:
            terms = self.model.terms(decoding, 0.0, 0.0)
            names = ("dense", "experts", "kv_read", "communication", "overhead", "head")
            return heads_draft_s(self.proposed, layers=inputs["layers"], **{name: terms[name] for name in names})
        return 0.0


def pace_of(request: Request, model: StepModel) -> Pace:
    """The pace of a request's layouts."""
    asked = request.serving
    known = asked.speculation is not Speculation.DRAFT or f"{DRAFT}layers" in model.inputs
    if asked.speculation is Speculation.NONE or not known:
        return Pace(model)
    gain = tokens_per_step(min(asked.acceptance, SURE), asked.draft_tokens)
    return Pace(model, asked.speculation, asked.draft_tokens, float(gain))


def extended(model: StepModel, request: Request, fleet: Fleet, rows: Rows) -> StepModel:
    """The columns of a layout's steps with those of its small model, adapters, host layers and kernels launched one by one.

    Args:
        model: the plain steps.
        request: what was asked of the engine.
        fleet: all GPUs.
        rows: the layouts.
    """
    more: dict[str, Any] = own_columns(request, fleet, rows)
    if request.draft is not None:
        heads = request.draft.operators.heads
        degrees = np.gcd(rows.tensor_parallel, heads)  # what doesn't divide its heads is not used for it
        alone = replace(
            rows, tensor_parallel=degrees, pipeline_parallel=np.ones_like(degrees), stage=np.ones(len(degrees)),
            attention_copies=np.ones_like(degrees),
        )  # fmt: skip
        more |= {f"{DRAFT}{key}": value for key, value in step_model(request.draft, fleet, alone).inputs.items()}
    if request.launched_layer_s:
        more["launch_floor"] = request.launched_layer_s * model.inputs["layers"] + model.inputs["step_overhead"]
    if request.beside.adapters:
        more |= adapter_columns(request, rows)
    if request.reuse is not None:
        more |= reuse_columns(fleet, rows)
    if request.on_gpu < 1:
        more |= host_columns(request, model.inputs, fleet, rows)
    return StepModel(model.inputs | more) if more else model

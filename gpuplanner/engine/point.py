"""One configuration on one GPU type, with the planner's own formulas: what evidence is scored with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.engine import MemoryProfile, ServingEngine
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.model import Model
from gpuplanner.catalog.schema.precision import Precision
from gpuplanner.engine.fleet import Fleet, build_fleet
from gpuplanner.engine.layout.rows import Overrides, Rows, memory_rows
from gpuplanner.engine.request import CannotEstimateError, Lengths, Request, request_for
from gpuplanner.engine.result import Code
from gpuplanner.engine.speed.pace import extended
from gpuplanner.engine.speed.serving import Serving, serve
from gpuplanner.engine.speed.step import StepModel, step_model


@dataclass(frozen=True, slots=True)
class Setup:
    """A configuration somebody measured, or might. ``profile`` None is the engine's newest."""

    model: Model
    weights: Precision
    kv: Precision
    gpu: Gpu
    engine: ServingEngine
    profile: MemoryProfile | None = None
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    attention_copies: int = 1
    input_tokens: int = 1024
    output_tokens: int = 128
    memory_utilization: float | None = None
    max_batched_tokens: int | None = None
    max_seqs: int | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A configuration ready to be timed. Memory figures in bytes per GPU."""

    request: Request
    fleet: Fleet
    rows: Rows
    model: StepModel
    max_seqs: float
    batched_tokens: float

    @property
    def requests_fit(self) -> float:
        """Requests at full length whose cache fits one replica."""
        return float(self.rows.requests_fit[0])

    @property
    def kv_pool_bytes(self) -> float:
        """Cache pool of one GPU."""
        return float(self.rows.pool[0])

    def serving(self, batch: float) -> Serving:
        """A replica in steady state with so many requests in flight; arrays of shape (1, 1)."""
        pipeline = self.rows.pipeline_parallel[:, None].astype(float)
        return serve(self.request, self.model, np.array([[batch]]), pipeline, np.array([[self.batched_tokens]]))

    def full_batch(self) -> float:
        """Requests in flight when the replica is as full as it goes: limited by the cache and by the engine."""
        length = self.request.full_tokens if self.request.profile.admits == "full_length" else self.request.mean_tokens
        cache = float(self.rows.kv_per_request[0]) * length / self.request.full_tokens
        held = self.kv_pool_bytes / (cache + float(self.rows.activations_each[0]))
        return max(1.0, min(float(np.floor(held)), self.max_seqs))

    def prefill_s(self, tokens: float, batch: float = 1.0) -> float:
        """Time to read ``batch`` prompts of ``tokens`` tokens in one go, up to the first token. [s]"""
        stages = float(self.rows.pipeline_parallel[0])
        return stages * float(np.squeeze(self.model.time_s(0.0, tokens * batch, batch)))

    def decode_s(self, batch: float) -> float:
        """Time of one decode step at the mean context. [s]"""
        stages = float(self.rows.pipeline_parallel[0])
        return stages * float(np.squeeze(self.model.time_s(batch / stages, 0.0, 0.0)))


def point(setup: Setup, catalog: Catalog, request: Request | None = None) -> Point:
    """Prepare a configuration.

    Args:
        setup: the configuration.
        catalog: calibration and links.
        request: lengths and load, where they are known already; those of the setup otherwise.

    Raises:
        CannotEstimateError: when the model, precision, engine or GPU can't be estimated; the code says why.
    """
    profile = setup.profile or setup.engine.profile
    if profile is None:
        raise CannotEstimateError(Code("refusal.unknown_engine", {"id": setup.engine.id}))
    if request is None:
        lengths = Lengths(max(1, setup.input_tokens), max(1, setup.output_tokens))
        request = request_for(setup.model, setup.weights, setup.kv, setup.engine, profile, lengths)
    every = build_fleet((setup.gpu,), catalog, setup.weights, setup.engine, profile)
    refusal = every.refusals[0]
    if refusal is not None:
        raise CannotEstimateError(refusal)
    overrides = Overrides(
        memory_utilization=setup.memory_utilization, max_batched_tokens=setup.max_batched_tokens, max_seqs=setup.max_seqs
    )
    rows = memory_rows(
        request, every, overrides, np.array([0]), np.array([setup.tensor_parallel]), np.array([setup.pipeline_parallel]),
        np.array([setup.attention_copies]),
    )  # fmt: skip
    return Point(
        request=request,
        fleet=every,
        rows=rows,
        model=extended(step_model(request, every, rows), request, every, rows),
        max_seqs=setup.attention_copies * float(setup.max_seqs or every.max_seqs[0]),
        batched_tokens=setup.attention_copies * float(setup.max_batched_tokens or every.batched_tokens[0]),
    )

"""Candidates that come to the same are timed once, to the same figures."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.fleet import fleet
from gpuplanner.engine.layout import candidates as layouts
from gpuplanner.engine.request import resolve
from gpuplanner.engine.search import overrides_of
from gpuplanner.engine.speed.serving import Serving, serve
from gpuplanner.scenario.document import Availability, LoadKind, Scenario, replace


@pytest.mark.parametrize("rate", [0.05, 2.0, 400.0])
def test_figures_are_those_of_every_candidate_timed(rate: float):
    catalog = load_catalog()
    asked = replace(replace(Scenario(), "workload.load_kind", LoadKind.PER_SECOND), "workload.load", rate)
    request = resolve(asked, catalog)
    every = fleet(catalog, request.weights, request.engine)
    found = layouts.candidates(request, every, overrides_of(asked), None, Availability.NONE)
    assert found.admissible.any()
    batch = np.where(found.admissible, found.serving.batch, 1.0)
    pipeline = found.rows.pipeline_parallel[:, None].astype(float)
    expected = serve(request, found.model, batch, pipeline, found.budget)
    for field in fields(Serving):
        got, wanted = (
            np.broadcast_to(getattr(served, field.name), found.replicas.shape)[found.admissible]
            for served in (found.serving, expected)
        )
        assert np.array_equal(got, wanted), field.name


def test_means_need_no_percentile():
    catalog = load_catalog()
    asked = replace(Scenario(), "workload.load", 32.0)
    request = resolve(asked, catalog)
    every = fleet(catalog, request.weights, request.engine)
    found = layouts.candidates(request, every, overrides_of(asked), None, Availability.NONE)
    pipeline = found.rows.pipeline_parallel[:, None].astype(float)
    means = serve(request, found.model, found.serving.batch, pipeline, found.budget, late=False)
    for name in ("tpot_mean", "ttft_mean", "e2e_mean", "throughput", "request_rate"):
        assert np.array_equal(getattr(means, name), getattr(found.serving, name)), name
    assert np.array_equal(means.tpot, found.serving.tpot_mean)

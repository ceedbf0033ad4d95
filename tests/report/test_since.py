"""Figures as saved against today's."""

from __future__ import annotations

from dataclasses import replace as changed
from pathlib import Path

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate
from gpuplanner.report.since import since_saved
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.receipt import Kept, Receipt, as_fields, from_fields, receipt_of


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(user_dir=Path("/nonexistent"))


@pytest.fixture(scope="module")
def answer(catalog: Catalog) -> Estimate:
    return estimate(Scenario(), catalog)


@pytest.fixture(scope="module")
def receipt(catalog: Catalog, answer: Estimate) -> Receipt:
    kept = from_fields(as_fields(receipt_of(answer, "CNY", catalog.digest, catalog.date, "2026-11-21")))
    assert kept is not None
    return kept


def test_the_same_facts_give_the_same(receipt: Receipt, answer: Estimate, catalog: Catalog) -> None:
    since = since_saved(receipt, answer, catalog.digest)
    assert since.same
    assert (since.catalog, since.program, since.changed) == (False, False, ())
    assert {figure.key for figure in since.figures} == set(receipt.figures)


def test_a_figure_that_moved_is_told_with_its_share(receipt: Receipt, answer: Estimate) -> None:
    ttft = receipt.figures["ttft"]
    assert ttft.value is not None
    figures = {**receipt.figures, "ttft": Kept(ttft.value / 1.25, unit="s")}
    since = since_saved(changed(receipt, figures=figures), answer, "another digest")
    assert [figure.key for figure in since.changed] == ["ttft"]
    assert since.changed[0].relative == pytest.approx(0.25, rel=1e-4)
    assert since.catalog
    assert not since.same


def test_rounding_is_no_change(receipt: Receipt, answer: Estimate, catalog: Catalog) -> None:
    ttft = receipt.figures["ttft"]
    assert ttft.value is not None
    figures = {**receipt.figures, "ttft": Kept(ttft.value * 1.004, unit="s")}
    assert since_saved(changed(receipt, figures=figures), answer, catalog.digest).same


def test_another_gpu_and_other_counts_are_told(receipt: Receipt, answer: Estimate, catalog: Catalog) -> None:
    older = changed(
        receipt, gpu_id="old-gpu", status="misses", counts={**receipt.counts, "gpus": receipt.counts["gpus"] + 3}, program="0.0.1"
    )
    since = since_saved(older, answer, catalog.digest)
    assert since.gpu == ("old-gpu", answer.chosen)
    assert since.status is not None
    assert [name for name, *_ in since.counts] == ["gpus"]
    assert since.program


def test_a_price_that_became_known_is_a_change(receipt: Receipt, answer: Estimate, catalog: Catalog) -> None:
    figures = {**receipt.figures, "ttft": Kept(None, unit="s"), "odd": Kept(1.0, unit="furlong")}
    since = since_saved(changed(receipt, figures=figures), answer, catalog.digest)
    assert [figure.key for figure in since.changed] == ["ttft"]
    assert since.changed[0].relative is None

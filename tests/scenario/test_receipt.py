"""The receipt: what the answer was, apart from the inputs, and never a reason not to open a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gpuplanner import __version__
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.scenario.document import Scenario, replace
from gpuplanner.scenario.files import document_bytes, load_scenario, read_document, save_scenario
from gpuplanner.scenario.receipt import Receipt, as_fields, from_fields, receipt_of


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(user_dir=Path("/nonexistent"))


@pytest.fixture(scope="module")
def receipt(catalog: Catalog) -> Receipt:
    return receipt_of(estimate(Scenario(), catalog), "CNY", catalog.digest, catalog.date, "2026-11-21")


def test_holds_the_figures_of_the_answer(receipt: Receipt, catalog: Catalog) -> None:
    plan = estimate(Scenario(), catalog).plan()
    assert plan is not None
    assert plan.memory is not None
    assert (receipt.program, receipt.catalog, receipt.day) == (__version__, catalog.digest, "2026-11-21")
    assert (receipt.gpu_id, receipt.status, receipt.counts["gpus"]) == (plan.gpu_id, plan.status.value, plan.gpus)
    assert set(receipt.figures) == set(plan.figures)
    assert receipt.figures["ttft"].value == plan.figures["ttft"].value
    assert sum(receipt.memory.values()) == pytest.approx(plan.memory.need_bytes)


def test_survives_the_file(receipt: Receipt, tmp_path: Path) -> None:
    path = tmp_path / "a.gpuplan"
    save_scenario(path, Scenario(name="a"), "digest", receipt=receipt)
    kept = load_scenario(path).receipt
    assert kept is not None
    assert kept.figures.keys() == receipt.figures.keys()
    for key, figure in receipt.figures.items():
        assert kept.figures[key].unit == figure.unit
        assert kept.figures[key].value == (None if figure.value is None else pytest.approx(figure.value, rel=1e-5))


def test_stands_beside_the_inputs_and_changes_none(receipt: Receipt) -> None:
    scenario = replace(Scenario(), "workload.load", 7)
    document = json.loads(document_bytes(scenario, "d", receipt))
    assert list(document) == ["format", "version", "program", "catalog", "receipt", "scenario"]
    assert document["scenario"] == json.loads(document_bytes(scenario, "d"))["scenario"]
    assert read_document(document_bytes(scenario, "d", receipt), "a").scenario == scenario


def test_a_refusal_is_kept_too(catalog: Catalog) -> None:
    scenario = replace(Scenario(), "model.id", "nobody/knows")
    made = receipt_of(estimate(scenario, catalog), "USD", "d", "2026-11", "2026-11-21")
    assert made.status == "refused"
    assert made.reason
    assert from_fields(as_fields(made)) == made


@pytest.mark.parametrize(
    "damaged",
    [None, 3, [], "x", {}, {"status": 4}, {"status": ""}],
)
def test_a_damaged_receipt_is_none(damaged: Any) -> None:
    assert from_fields(damaged) is None
    document = {**json.loads(document_bytes(Scenario(name="a"), "d")), "receipt": damaged}
    content = read_document(json.dumps(document).encode(), "a")
    assert (content.receipt, content.scenario.name) == (None, "a")


def test_parts_that_make_no_sense_are_left_out() -> None:
    found = from_fields(
        {
            "status": "meets\u202e" + "x" * 500,
            "gpu": 5,
            "counts": {"gpus": "many", "servers": 2, "replicas": True},
            "figures": {"ttft": [0.2, None, None, "s"], "tpot": [1], "e2e": "soon", "power": [1e99, 0, 0, "W"]},
            "memory": {"weights": float(10**9), "engine": None},
        }
    )
    assert found is not None
    assert len(found.status) <= 120
    assert found.status.isprintable()
    assert (found.gpu_id, dict(found.counts), dict(found.memory)) == ("", {"servers": 2}, {"weights": 1e9})
    assert found.figures["ttft"].value == 0.2
    assert found.figures["power"].value is None
    assert set(found.figures) == {"ttft", "power"}

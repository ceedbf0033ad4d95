"""Scenarios side by side: which inputs differ, by how much figures do, and the same as text."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.report.comparison import Comparison, Side, compare
from gpuplanner.report.comparison_text import as_rows, as_text
from gpuplanner.report.inputs import differing, equal, input_name, input_paths, input_text
from gpuplanner.scenario.document import Scenario, WorkloadKind, replace


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(user_dir=Path("/nonexistent"))


BASE = replace(replace(Scenario(name="base"), "deployment.gpu", "nvidia-h20-96gb"), "money.currency", "CNY")


def side(catalog: Catalog, title: str, **fields: object) -> Side:
    scenario = BASE
    for name, value in fields.items():
        scenario = replace(scenario, name.replace("__", "."), value)
    return Side(title, scenario, estimate(scenario, catalog))


@pytest.fixture(scope="module")
def found(catalog: Catalog) -> Comparison:
    sides = [side(catalog, "base"), side(catalog, "more", workload__load=BASE.workload.load * 4), side(catalog, "same")]
    return compare(sides, catalog)


def test_only_what_differs_is_an_input_row(found: Comparison) -> None:
    assert [row.path for row in found.inputs] == ["workload.load"]
    assert found.inputs[0].apart == (False, True, False)


def test_differences_are_against_the_baseline(found: Comparison) -> None:
    for row in found.figures:
        base, more, same = row.cells
        assert base.change == ""
        assert same.better is None
        if same.value is not None:
            assert same.change == texts.text("compare.same")
        if row.key == "throughput" and base.value and more.value and more.value > base.value * 1.01:
            assert more.better
            share = more.value / base.value - 1
            assert more.change.startswith("+")
            assert f"{share * 100:.3g}"[:2] in more.change
    assert {"gpus", "memory_per_gpu", "ttft", "tpot", "throughput"} <= {row.key for row in found.figures}


def test_slower_is_worse_and_cheaper_is_better(catalog: Catalog) -> None:
    pair = [side(catalog, "long", workload__input_tokens=16_384), side(catalog, "short", workload__input_tokens=1024)]
    rows = {row.key: row.cells for row in compare(pair, catalog).figures}
    assert rows["ttft"][1].better
    back = {row.key: row.cells for row in compare(pair, catalog, baseline=1).figures}
    assert back["ttft"][0].better is False
    assert back["ttft"][0].change.startswith("+")


def test_money_of_two_currencies_is_not_subtracted(catalog: Catalog) -> None:
    pair = [side(catalog, "yuan"), side(catalog, "dollar", money__currency="USD")]
    rows = {row.key: row.cells for row in compare(pair, catalog).figures}
    assert rows["purchase"][1].change == texts.text("compare.currencies")
    assert rows["purchase"][1].better is None


def test_inputs_of_another_kind_of_work_are_left_out() -> None:
    batch = replace(BASE, "workload.kind", WorkloadKind.BATCH)
    assert not any(path.startswith(("training.", "generation.", "encoding.")) for path in input_paths([BASE, batch]))
    trained = replace(BASE, "workload.kind", WorkloadKind.TRAIN)
    assert any(path.startswith("training.") for path in input_paths([trained]))
    assert "targets.ttft_s" not in input_paths([trained])


def test_a_name_a_note_or_a_tag_is_no_difference() -> None:
    other = replace(replace(replace(BASE, "name", "x"), "note", "y"), "library.tags", ("z",))
    assert differing([BASE, other]) == ()
    assert "model.id" in equal([BASE, other])


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_input_can_be_worded(catalog: Catalog, lang: str) -> None:
    texts.set_language(lang)
    for kind in WorkloadKind:
        scenario = replace(BASE, "workload.kind", kind)
        for path in input_paths([scenario]):
            assert input_name(path)
            assert input_text(scenario, path, catalog)


def test_the_text_holds_every_figure(found: Comparison) -> None:
    rows = list(csv.reader(io.StringIO(as_text(found, "csv"))))
    assert rows[0][1:] == ["base (baseline)", "more", "same"]
    by_name = {row[0]: row[1:] for row in rows}
    for figure in found.figures:
        assert by_name[figure.name] == [" ".join(str(cell.shown).split()) for cell in figure.cells]
    assert as_text(found, "tsv").count("\n") == len(as_rows(found))


def test_nothing_is_injected_through_a_name(catalog: Catalog) -> None:
    evil = [side(catalog, '=HYPERLINK("x")'), side(catalog, "a|b\n<script>\t@x")]
    found = compare(evil, catalog)
    head = next(csv.reader(io.StringIO(as_text(found, "csv"))))
    assert head[1].startswith("'=")
    assert as_text(found, "tsv").splitlines()[0].count("\t") == 2
    first = as_text(found, "md").splitlines()[0]
    assert "<script>" not in first
    assert first.replace("\\|", "").count("|") == 4

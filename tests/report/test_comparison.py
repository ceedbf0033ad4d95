"""Scenarios side by side: which inputs differ, by how much figures do, and the same as text."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gpuplanner import texts
from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Quantity, Unit
from gpuplanner.format import format_figure
from gpuplanner.report.comparison import LIFE, Comparison, Side, compare, side_of
from gpuplanner.report.comparison_text import as_rows, as_text
from gpuplanner.report.drawing.compared import compared_drawing, drawn
from gpuplanner.report.drawing.shapes import Box
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


def test_the_cost_over_the_life_is_that_of_the_site(catalog: Catalog, found: Comparison) -> None:
    from gpuplanner.engine.money.life import life_of
    from gpuplanner.engine.site.build import site_of

    sides = [side_of(one.title, one.scenario, one.estimate, catalog) for one in found.sides]
    rows = {row.key: row for row in compare(sides, catalog).figures}
    for place, one in enumerate(sides):
        assert one.plan is not None
        life = life_of(one.scenario, catalog, one.plan, site_of(one.scenario, catalog, one.estimate, one.plan))
        for key in LIFE:
            assert rows[key].cells[place].value == life.figures[key].value
    assert rows["tco"].cells[1].better is False  # four times the load isn't cheaper
    assert not {row.key for row in found.figures} & set(LIFE)  # a side without its life has none


def test_a_difference_in_money_has_its_own_unit(catalog: Catalog) -> None:
    sides = [side_of("a", BASE, estimate(BASE, catalog), catalog)]
    more = replace(BASE, "workload.load", BASE.workload.load * 40)
    sides.append(side_of("b", more, estimate(more, catalog), catalog))
    row = next(row for row in compare(sides, catalog).figures if row.key == "purchase_total")
    difference = (row.cells[1].value or 0) - (row.cells[0].value or 0)
    said = str(format_figure(Quantity("x", difference, Unit.MONEY), currency="CNY"))
    assert said in row.cells[1].change


@pytest.fixture
def six(catalog: Catalog) -> Comparison:
    made = []
    for number in range(6):
        scenario = replace(BASE, "workload.load", 8.0 * (number + 1))
        title = "=cmd|'/c calc'!A0 <b>\u202e{{7*7}}" if number == 5 else f"方案 {number}"
        made.append(side_of(title, scenario, estimate(scenario, catalog), catalog))
    return compare(made, catalog)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_pdf_holds_every_figure_and_every_name(six: Comparison, lang: str, tmp_path: Path) -> None:
    from gpuplanner.report.pdf.comparison import comparison_pdf

    texts.set_language(lang)
    path = tmp_path / "c.pdf"
    path.write_bytes(comparison_pdf(six, "Catalogue 2026-11", "summary"))
    said = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True).stdout.decode()
    found = re.sub(r"[\s\u2009\u00a0]+", "", said)
    wanted = [str(cell.shown) for row in six.figures for cell in row.cells]
    wanted += [cell.change for row in six.figures for cell in row.cells]
    wanted += [cell for row in six.inputs for cell in row.cells]
    wanted += ["方案 0", "Catalogue 2026-11", "summary"]
    assert [one for one in wanted if re.sub(r"[\s\u2009\u00a0]+", "", one) not in found] == []
    assert "\u202e" not in said
    assert b"/JavaScript" not in path.read_bytes()


def test_what_cannot_be_drawn_on_one_scale_is_not(catalog: Catalog) -> None:
    abroad = replace(BASE, "money.currency", "USD")
    sides = [side_of("a", BASE, estimate(BASE, catalog), catalog), side_of("b", abroad, estimate(abroad, catalog), catalog)]
    keys = {one.row.key for one in drawn(compare(sides, catalog))}
    assert keys
    assert not keys & {"purchase", "purchase_total", "tco", "cost_per_million"}


def test_each_side_has_its_bar(six: Comparison) -> None:
    figures = drawn(six)
    drawing = compared_drawing(six, figures, 760)
    bars = [shape for shape in drawing.shapes if isinstance(shape, Box) and shape.fill == "chart_own"]
    known = [(cell.value, one.top) for one in figures for cell in one.row.cells if cell.value is not None]
    assert len(bars) == len(known)
    full = next(shape.width for shape in drawing.shapes if isinstance(shape, Box) and shape.fill == "free")
    for bar, (value, top) in zip(bars, known, strict=True):
        assert bar.width == pytest.approx(max(1.0, full * value / top))
    assert drawing.spoken.count("方案 0") == len(figures)

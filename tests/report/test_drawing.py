"""Racks, network and placement as shapes: to scale, complete, none upon another."""

from __future__ import annotations

from itertools import combinations

import pytest

from gpuplanner.catalog.load import load_catalog
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.site.build import site
from gpuplanner.engine.site.result import Need
from gpuplanner.palette import LIGHT
from gpuplanner.report.drawing.placement import placement_drawing, placement_of
from gpuplanner.report.drawing.rack import racks_drawing
from gpuplanner.report.drawing.shapes import Box, Drawing, Words, side_by_side
from gpuplanner.report.drawing.site_list import site_list_drawing
from gpuplanner.report.drawing.svg import svg
from gpuplanner.report.drawing.topology import topology_drawing
from gpuplanner.scenario.document import Scenario
from gpuplanner.scenario.examples import examples
from gpuplanner.scenario.files import load_scenario

CATALOG = load_catalog()
H100 = "nvidia-h100-sxm5-80gb"
FOUR = site(Scenario(), CATALOG, (Need(H100, 32, degree=8),))
INSURER = load_scenario(next(example.path for example in examples() if example.key == "insurer_estate")).scenario


def boxes(drawing: Drawing) -> list[Box]:
    return [shape for shape in drawing.shapes if isinstance(shape, Box) and shape.said]


def test_a_rack_is_drawn_to_scale() -> None:
    drawing = racks_drawing(FOUR, 600, 700)
    devices = [device for rack in FOUR.racks for device in rack.devices]
    drawn = boxes(drawing)
    assert len(drawn) == len(devices)
    unit = (700 - 36) / 42
    assert [box.height for box in drawn] == pytest.approx([device.units * unit for device in devices])
    for first, second in combinations(drawn, 2):
        apart = first.x + first.width <= second.x or second.x + second.width <= first.x
        assert apart or first.y + first.height <= second.y + 0.01 or second.y + second.height <= first.y + 0.01
    assert all(box.x >= 0 and box.x + box.width <= 600 and box.y + box.height <= drawing.height for box in drawn)


@pytest.mark.parametrize("width", [180.0, 260.0, 600.0])
def test_all_nodes_and_links_are_drawn_at_any_width(width: float) -> None:
    drawing = topology_drawing(FOUR, width)
    drawn = boxes(drawing)
    for first, second in combinations(drawn, 2):
        apart = first.x + first.width <= second.x or second.x + second.width <= first.x
        assert apart or first.y + first.height <= second.y or second.y + second.height <= first.y
    counted = sum(node.count for node in FOUR.nodes if node.tier == 3)
    shown = [box.said.rpartition(" × ") for box in drawn if box.y == max(one.y for one in drawn if "GPU server" in one.said)]
    assert sum(int(count) if name else 1 for name, _, count in shown) == counted


def test_each_gpu_has_its_bar_and_each_workload_its_bracket() -> None:
    estate = estate_of(INSURER, CATALOG)
    drawing = placement_drawing(placement_of(estate, CATALOG), 800)
    bars = [box for box in boxes(drawing) if box.fill == "free"]
    assert len(bars) == len(estate.placement)
    letters = {letter for shape in drawing.shapes if isinstance(shape, Words) and shape.bold for letter in shape.text.split()}
    assert letters >= {row.letter for row in estate.rows}
    for gpu, bar in zip(estate.placement, bars, strict=True):
        held = [box for box in boxes(drawing) if box.fill != "free" and bar.holds(box.x + 0.1, box.y + 0.1)]
        for shift in gpu.shifts:
            need = sum(sum(share.memory.values()) for share in shift)
            assert need <= gpu.usable_bytes
        wide = max((sum(box.width for box in held if box.y == y) for y in {box.y for box in held}), default=0.0)
        assert wide == pytest.approx(bar.width * gpu.need_bytes / gpu.usable_bytes, abs=6)


def test_like_servers_are_drawn_once() -> None:
    many = INSURER.model_copy(update={"workload": INSURER.workload.model_copy(update={"load": 6000.0})})
    estate = estate_of(many, CATALOG)
    drawing = placement_drawing(placement_of(estate, CATALOG), 800)
    assert estate.servers > 20
    assert drawing.height < 10 * 88
    assert any(isinstance(shape, Words) and shape.text.startswith("Servers 2–") for shape in drawing.shapes)


def test_svg_holds_every_word() -> None:
    whole = side_by_side((racks_drawing(FOUR, 600, 700), site_list_drawing(FOUR, Scenario(), 300), topology_drawing(FOUR, 460)))
    written = svg(whole, LIGHT)
    for shape in whole.shapes:
        if isinstance(shape, Words):
            assert f">{shape.text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</text>" in written

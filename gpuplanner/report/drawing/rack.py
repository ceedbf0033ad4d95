"""Racks to scale: which device stands on which units."""

from __future__ import annotations

from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.engine.site.result import Device, Rack, Site
from gpuplanner.format import format_number, format_si
from gpuplanner.report.drawing.shapes import Board, Drawing
from gpuplanner.texts import text

MOST_RACKS: Final = 6
_NUMBERS: Final = 20.0  # width of the unit numbers at the left
_LEAST: Final = 7.5  # a smaller word can't be read
_HEAD: Final = 16.0
_ROOMY: Final = 158.0  # for all words above a rack


def racks_drawing(site: Site, width: float, height: float, cards: str = "") -> Drawing:
    """The racks side by side, as many as there is room for.

    Args:
        site: what stands where.
        width: all of them together. [px]
        height: of the drawing; units are scaled to it. [px]
        cards: what GPU servers hold, in words.
    """
    board = Board()
    wanted = max(1, min(len(site.racks), MOST_RACKS, int(width // 132)))
    each = min(190.0, width / wanted)
    units = max((rack.units for rack in site.racks), default=42)
    per_unit = max(3.0, (height - _HEAD - 20) / units)
    for place, rack in enumerate(site.racks[:wanted]):
        _rack(board, rack, place * each, each - 10, per_unit, place + 1, cards)
    hidden = len(site.racks) - wanted
    if hidden:
        board.words(0, _HEAD + units * per_unit + 12, text("drawing.more_racks", count=hidden), 11, "quiet")
    high = _HEAD + units * per_unit + (20 if hidden else 6)
    return board.drawing(width, high, spoken(site))


def spoken(site: Site) -> str:
    """The racks in words."""
    lines = []
    for number, rack in enumerate(site.racks, 1):
        held = text("list.comma").join(code_text(device.name) for device in rack.devices)
        lines.append(f"{text('drawing.rack', number=number)}: {held}")
    return "\n".join(lines)


def _rack(board: Board, rack: Rack, x: float, width: float, per_unit: float, number: int, cards: str) -> None:
    left, top = x + _NUMBERS, _HEAD
    inner = width - _NUMBERS
    high = rack.units * per_unit
    power = format_si(rack.power_w, "W")
    board.words(left, 7, text("drawing.rack", number=number), 11.5, bold=True, room=inner * 0.4)
    used = text("drawing.rack.used", used=rack.used_units, units=rack.units, power=power)
    if inner < _ROOMY:
        used = f"{rack.used_units}/{rack.units}U"
    board.words(left + inner, 7, used, 10.5, "quiet", anchor="end", room=inner * 0.72)
    board.box(left, top, inner, high, "window", "quiet")
    for unit in range(1, rack.units + 1):
        y = top + high - unit * per_unit
        if unit == 1 or unit % 5 == 0 or (unit == rack.units and unit % 5 > 1):
            board.words(left - 4, y + per_unit / 2, str(unit), min(10.0, max(_LEAST, per_unit)), "quiet", anchor="end")
        if unit < rack.units:
            board.line((left + 5, y), (left + inner - 5, y), colour="line")
    for device in rack.devices:
        _device(board, device, left + 5, top + high - (device.unit - 1 + device.units) * per_unit, inner - 10, per_unit, cards)


def _device(board: Board, device: Device, x: float, y: float, width: float, per_unit: float, cards: str) -> None:
    high = device.units * per_unit
    name, power = code_text(device.name), format_si(device.power_w, "W") if device.power_w else ""
    said = [name, text("drawing.device.units", units=device.units, unit=device.unit), str(power)]
    if device.weight_kg:
        said.append(f"{format_number(device.weight_kg)} kg")
    if device.spare:
        said.append(text("drawing.spare"))
    fill = "accent_ground" if device.gpus else "panel"
    board.box(x, y, width, high, fill, "quiet", said=" · ".join(said), dashed=device.spare)
    size = min(11.0, per_unit * min(device.units, 3) * 0.9)
    if size < _LEAST:
        return
    if high < 34:
        board.words(x + 5, y + high / 2, name, size, bold=bool(device.gpus), room=width - 48)
        board.words(x + width - 5, y + high / 2, str(power), min(size, 10), "quiet", anchor="end", room=46)
        return
    board.words(x + 5, y + 10, name, 11, bold=True, room=width - 10)
    board.words(x + 5, y + 23, f"{power} · {device.units}U", 10, "quiet", room=width - 10)
    if cards and device.gpus and high >= 50:
        board.words(x + 5, y + 36, cards, 10, "quiet", room=width - 10)
    if device.gpus and high >= 66:
        _cards(board, device.gpus, x + 6, y + high - min(24.0, high - 46) - 5, width - 12, min(24.0, high - 46))


def _cards(board: Board, gpus: int, x: float, y: float, width: float, height: float) -> None:
    shown = min(gpus, 16)
    step = width / shown
    for number in range(shown):
        board.box(x + number * step + 1, y, max(2.0, step - 3), height, "panel", "quiet")

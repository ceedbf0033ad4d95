"""Devices into racks: as few racks as units, power and weight allow, heavy ones below, switches on top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gpuplanner.engine.result import Code
from gpuplanner.engine.site.result import Device, Line, Rack, Role

_ON_TOP = (Role.LEAF, Role.SPINE, Role.MANAGEMENT_SWITCH)
_ORDER = {
    Role.GPU_SERVER: 0,
    Role.TRAINING_SERVER: 0,
    Role.STORAGE: 1,
    Role.OBJECT_STORAGE: 1,
    Role.MANAGEMENT: 2,
    Role.LOAD_BALANCER: 3,
    Role.MANAGEMENT_SWITCH: 4,
    Role.LEAF: 5,
    Role.SPINE: 6,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a rack takes: units, watts and kilograms; None is no limit."""

    units: int
    power_w: float | None = None
    weight_kg: float | None = None


@dataclass(slots=True)
class _Open:
    """A rack that is being filled. ``low`` counts units from below, ``high`` from above."""

    low: int = 0
    high: int = 0
    power_w: float = 0.0
    weight_kg: float = 0.0
    below: list[tuple[Line, int]] = field(default_factory=list)
    above: list[tuple[Line, int]] = field(default_factory=list)

    def takes(self, line: Line, limits: Limits) -> bool:
        units = line.rack_units or 0
        if self.low + self.high + units > limits.units:
            return False
        if limits.power_w is not None and self.power_w + (line.power_w or 0.0) > limits.power_w:
            return False
        return limits.weight_kg is None or self.weight_kg + (line.weight_kg or 0.0) <= limits.weight_kg

    def put(self, line: Line, number: int) -> None:
        top = line.role in _ON_TOP
        (self.above if top else self.below).append((line, number))
        if top:
            self.high += line.rack_units or 0
        else:
            self.low += line.rack_units or 0
        self.power_w += line.power_w or 0.0
        self.weight_kg += line.weight_kg or 0.0


def racks_for(lines: Iterable[Line], limits: Limits, gpus: Mapping[str, int]) -> tuple[tuple[Rack, ...], tuple[Code, ...]]:
    """Put every device into a rack.

    Args:
        lines: the bill of materials; lines without height stand nowhere.
        limits: of a rack.
        gpus: cards in a GPU server by the key of its line, for the drawing.

    Returns:
        The racks, and what fits in none: a device above a limit by itself stands alone in a rack, with a warning.
    """
    standing = sorted((line for line in lines if line.rack_units and line.role in _ORDER), key=lambda line: _ORDER[line.role])
    racks: list[_Open] = []
    warnings: list[Code] = []
    numbers: dict[Role, int] = {}
    for line in standing:
        alone = not _Open().takes(line, limits)
        if alone:
            warnings.append(_over(line, limits))
        first = 0  # like devices fill racks in order: the search goes on where the last one went in
        for _ in range(line.count):
            number = numbers[line.role] = numbers.get(line.role, 0) + 1
            place = next((i for i in range(first, len(racks)) if not alone and racks[i].takes(line, limits)), None)
            if place is None:
                racks.append(_Open())
                place = len(racks) - 1
            first = place
            racks[place].put(line, number)
    return tuple(_closed(rack, limits.units, gpus) for rack in racks), tuple(warnings)


def _over(line: Line, limits: Limits) -> Code:
    """Which limit of a rack a device breaks by itself."""
    if (line.rack_units or 0) > limits.units:
        return Code("site.warning.device_too_tall", {"name": line.name, "units": line.rack_units or 0, "limit": limits.units})
    if limits.power_w is not None and (line.power_w or 0.0) > limits.power_w:
        found = {"name": line.name, "power_w": line.power_w or 0.0, "limit_w": limits.power_w}
        return Code("site.warning.device_over_rack", found)
    found = {"name": line.name, "weight": line.weight_kg or 0.0, "limit": limits.weight_kg or 0.0}
    return Code("site.warning.device_too_heavy", found)


def _closed(rack: _Open, units: int, gpus: Mapping[str, int]) -> Rack:
    devices, at = [], 1
    for line, number in rack.below:
        devices.append(_device(line, number, at, gpus))
        at += line.rack_units or 0
    at = units
    for line, number in reversed(rack.above):
        at -= (line.rack_units or 0) - 1
        devices.append(_device(line, number, max(at, 1), gpus))
        at -= 1
    return Rack(units, tuple(devices))


def _device(line: Line, number: int, unit: int, gpus: Mapping[str, int]) -> Device:
    holds = gpus.get(line.key.removesuffix(".spare"), 0)
    name = Code("site.device", {"name": Code(f"site.role.{line.role.value}"), "number": number})
    return Device(line.key, name, unit, line.rack_units or 0, line.power_w or 0.0, line.weight_kg, holds, spare=line.spare)

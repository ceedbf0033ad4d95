"""What lies on each GPU: a bar a card in the colours of memory, under brackets that name the workloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from gpuplanner.engine.estate.result import Estate, PlacedGpu, Row, Share
from gpuplanner.engine.result import MemoryPart
from gpuplanner.format import format_bytes, format_number, format_share, format_si
from gpuplanner.report.drawing.shapes import Board, Drawing
from gpuplanner.report.names import gpu_name
from gpuplanner.texts import text
from gpuplanner.units import GB, GIB

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

_NAMES: Final = 104.0  # width of the servers' names at the left
_BAR: Final = 22.0
_ROW: Final = 88.0
_GAP: Final = 6.0
_MOST: Final = 40  # servers that are drawn
_CROWDED: Final = 0.85


@dataclass(frozen=True, slots=True)
class Ground:
    """What the drawing is made from."""

    estate: Estate
    catalog: Catalog
    byte_unit: str = "GB"

    @property
    def rows(self) -> Mapping[str, Row]:
        """Workloads by letter."""
        return {row.letter: row for row in self.estate.rows}


def placement_drawing(ground: Ground, width: float) -> Drawing:
    """All servers, like ones together.

    Args:
        ground: estate, catalogue and unit of sizes.
        width: of the drawing. [px]
    """
    board = Board()
    rows = list(_servers(ground.estate.placement))
    for place, (numbers, gpus) in enumerate(rows[:_MOST]):
        _server(board, ground, numbers, gpus, place * _ROW, width)
        if place:
            board.line((0, place * _ROW - 8), (width, place * _ROW - 8), colour="line")
    high = min(len(rows), _MOST) * _ROW
    if len(rows) > _MOST:
        board.words(0, high + 8, text("drawing.more_servers", count=len(rows) - _MOST), 11, "quiet")
        high += 20
    return board.drawing(width, max(high, 1.0), spoken(ground))


def spoken(ground: Ground) -> str:
    """What lies where, in words."""
    lines = []
    for numbers, gpus in _servers(ground.estate.placement):
        held = text("list.comma").join(said(ground, gpu) for gpu in gpus)
        lines.append(f"{_title(numbers)}: {held}")
    return "\n".join(lines)


def said(ground: Ground, gpu: PlacedGpu) -> str:
    """A GPU in words."""
    name = text("drawing.gpu", number=gpu.index)
    if gpu.spare:
        return f"{name}: {text('drawing.spare')}"
    if not gpu.shares:
        return f"{name}: {text('drawing.free')}"
    parts = [
        f"{share.letter} {ground.rows[share.letter].name} {_size(ground, sum(share.memory.values()))}, "
        + text("drawing.busy", busy=str(format_share(share.busy)))
        for share in gpu.shares
    ]
    return f"{name}: " + "; ".join(parts)


def _servers(placement: Sequence[PlacedGpu]) -> Iterator[tuple[tuple[int, int], tuple[PlacedGpu, ...]]]:
    """Runs of servers that hold the same: numbers of the first and the last, from 1, and the GPUs of one."""
    alike: list[tuple[tuple[int, int], tuple[PlacedGpu, ...]]] = []
    for server, group in groupby(placement, key=lambda gpu: gpu.server):
        gpus = tuple(group)
        if alike and _pattern(alike[-1][1]) == _pattern(gpus):
            (first, _), held = alike[-1]
            alike[-1] = ((first, server + 1), held)
        else:
            alike.append(((server + 1, server + 1), gpus))
    yield from alike


def _pattern(gpus: tuple[PlacedGpu, ...]) -> tuple[object, ...]:
    return tuple((gpu.gpu_id, gpu.spare, tuple(share.letter for share in gpu.shares)) for gpu in gpus)


def _title(numbers: tuple[int, int]) -> str:
    first, last = numbers
    if first == last:
        return text("drawing.server", number=first)
    return text("drawing.servers", first=first, last=last)


def _server(board: Board, ground: Ground, numbers: tuple[int, int], gpus: Sequence[PlacedGpu], y: float, width: float) -> None:
    board.words(0, y + 8, _title(numbers), 12, bold=True, room=_NAMES - 8)
    board.words(0, y + 25, f"{len(gpus)} × {gpu_name(gpus[0].gpu_id, ground.catalog)}", 11, "quiet", room=_NAMES - 8)
    power = _power(ground, gpus[0].gpu_id)
    if power:
        board.words(0, y + 41, power, 11, "quiet", room=_NAMES - 8)
    step = (width - _NAMES) / max(len(gpus), 1)
    for place, gpu in enumerate(gpus):
        _gpu(board, ground, gpu, _NAMES + place * step, y + 26, step - _GAP)
    at = 0
    for key, group in groupby(gpus, key=_bracket):
        count = len(list(group))
        if key[0]:
            _brace(board, ground, gpus[at : at + count], _NAMES + at * step, y + 4, count * step - _GAP)
        at += count


def _power(ground: Ground, gpu_id: str) -> str:
    line = next((line for line in ground.estate.site.lines if line.key.startswith(f"gpu_server.{gpu_id}")), None)
    return str(format_si(line.power_w, "W")) if line is not None and line.power_w else ""


def _bracket(gpu: PlacedGpu) -> tuple[object, ...]:
    """GPUs with the same key stand under one bracket."""
    return tuple((share.letter, share.replica if len(gpu.shares) == 1 else 0) for share in gpu.shares) or (
        ("spare",) if gpu.spare else ("",)
    )


def _brace(board: Board, ground: Ground, gpus: Sequence[PlacedGpu], x: float, y: float, width: float) -> None:
    board.line((x, y + 4), (x, y), (x + width, y), (x + width, y + 4), colour="quiet")
    gpu = gpus[0]
    if gpu.spare:
        board.words(x, y + 12, text("drawing.spare"), 10.5, "quiet", room=width)
        return
    letters = " ".join(sorted({share.letter for share in gpu.shares}))
    board.words(x, y + 12, letters, 11, bold=True, room=width)
    lead = 8.5 * len(letters) + 4
    board.words(x + lead, y + 12, _labels(ground, gpu), 10.5, "text", room=max(1.0, width - lead))


def _labels(ground: Ground, gpu: PlacedGpu) -> str:
    if len(gpu.shifts) > 1:
        return text("drawing.in_turn")
    if len(gpu.shares) > 1:
        return text("drawing.shared")
    share = gpu.shares[0]
    row = ground.rows[share.letter]
    plan = row.plan
    said = [row.name]
    if plan is not None and plan.replicas > 1 and plan.training is None:
        said[0] += f" {share.replica + 1}"
    if plan is not None and plan.tensor_parallel > 1:
        said.append(f"TP {plan.tensor_parallel}")
    return " · ".join(part for part in said if part)


def _gpu(board: Board, ground: Ground, gpu: PlacedGpu, x: float, y: float, width: float) -> None:
    board.box(x, y, width, _BAR, "free", said=said(ground, gpu))
    shifts = gpu.shifts
    for place, shift in enumerate(shifts):
        _bar(board, ground, gpu, shift, (x, y + place * _BAR / len(shifts), width, _BAR / len(shifts)))
    limit = x + width * gpu.limit_bytes / gpu.usable_bytes
    board.line((limit, y - 2), (limit, y + _BAR + 2), colour="text", dashed=True)
    board.words(x, y + _BAR + 11, text("drawing.gpu", number=gpu.index), 10, "quiet", room=width * 0.58)
    if gpu.shares:
        unit = GIB if ground.byte_unit == "GiB" else GB
        number = format_number(gpu.need_bytes / unit)
        board.words(x + width, y + _BAR + 11, number, 10.5, bold=True, anchor="end", room=width * 0.5)
        _busy(board, gpu, x, y + _BAR + 25, width)


def _busy(board: Board, gpu: PlacedGpu, x: float, y: float, width: float) -> None:
    busy = max(sum(share.busy for share in shift) for shift in gpu.shifts)
    crowded = any(len(shift) > 1 and sum(share.busy for share in shift) > _CROWDED for shift in gpu.shifts)
    colour = "caution" if crowded else "quiet"
    board.words(x, y, text("drawing.busy", busy=str(format_share(busy))), 10, colour, room=width)


def _bar(board: Board, ground: Ground, gpu: PlacedGpu, shift: Sequence[Share], place: tuple[float, float, float, float]) -> None:
    x, y, width, height = place
    at = x
    for share in shift:
        for part in MemoryPart:
            size = share.memory.get(part, 0.0)
            wide = width * size / gpu.usable_bytes
            if wide >= 0.5:
                words = f"{share.letter} · {text(f'results.part.{part.value}')} {_size(ground, size)}"
                board.box(at, y, max(1.0, wide - 0.5), height, part.value, said=f"{said(ground, gpu)}\n{words}")
            at += wide


def _size(ground: Ground, size: float) -> str:
    return str(format_bytes(size, ground.byte_unit))

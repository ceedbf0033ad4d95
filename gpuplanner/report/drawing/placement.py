"""What lies on each GPU: a bar a card in the colours of memory, under brackets that name the workloads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from gpuplanner.engine.estate.result import Estate, PlacedGpu, Row, Share
from gpuplanner.engine.result import MemoryPart
from gpuplanner.format import format_bytes, format_number, format_share, format_si
from gpuplanner.report.content import Occupant, Placement, ServerRun
from gpuplanner.report.drawing.shapes import Board, Drawing
from gpuplanner.report.names import gpu_name
from gpuplanner.report.plain import one_line
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


def placement_of(estate: Estate, catalog: Catalog) -> Placement:
    """What the drawing is made from: like servers together."""
    kinds = dict.fromkeys(gpu.gpu_id for gpu in estate.placement)
    powers = {kind: power for kind in kinds if (power := _power_w(estate, kind))}
    return Placement(
        runs=tuple(_runs(estate.placement)),
        occupants={row.letter: _occupant(row) for row in estate.rows},
        gpu_names={kind: gpu_name(kind, catalog) for kind in kinds},
        power_w=powers,
    )


def _occupant(row: Row) -> Occupant:
    plan = row.plan
    replicas = plan.replicas if plan is not None and plan.training is None else 1
    return Occupant(one_line(row.name), replicas, plan.tensor_parallel if plan is not None else 1)


def _power_w(estate: Estate, gpu_id: str) -> float | None:
    line = next((line for line in estate.site.lines if line.key.startswith(f"gpu_server.{gpu_id}")), None)
    return line.power_w if line is not None else None


def placement_drawing(placement: Placement, width: float, byte_unit: str = "GB") -> Drawing:
    """All servers, like ones together.

    Args:
        placement: what lies where.
        width: of the drawing. [px]
        byte_unit: "GB" or "GiB".
    """
    board, ground = Board(), _Ground(placement, byte_unit)
    rows = placement.runs
    for place, run in enumerate(rows[:_MOST]):
        _server(board, ground, run, place * _ROW, width)
        if place:
            board.line((0, place * _ROW - 8), (width, place * _ROW - 8), colour="line")
    high = min(len(rows), _MOST) * _ROW
    if len(rows) > _MOST:
        board.words(0, high + 8, text("drawing.more_servers", count=len(rows) - _MOST), 11, "quiet")
        high += 20
    return board.drawing(width, max(high, 1.0), spoken(placement, byte_unit))


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is drawn, and the unit of sizes."""

    placement: Placement
    byte_unit: str


def spoken(placement: Placement, byte_unit: str = "GB") -> str:
    """What lies where, in words."""
    lines, ground = [], _Ground(placement, byte_unit)
    for run in placement.runs:
        held = text("list.comma").join(_said(ground, gpu) for gpu in run.gpus)
        lines.append(f"{_title(run)}: {held}")
    return "\n".join(lines)


def _said(ground: _Ground, gpu: PlacedGpu) -> str:
    """A GPU in words."""
    name = text("drawing.gpu", number=gpu.index)
    if gpu.spare:
        return f"{name}: {text('drawing.spare')}"
    if not gpu.shares:
        return f"{name}: {text('drawing.free')}"
    parts = [
        f"{share.letter} {ground.placement.occupants[share.letter].name} {_on(share)}"
        f"{_size(ground, sum(share.memory.values()))}, " + text("drawing.busy", busy=str(format_share(share.busy)))
        for share in gpu.shares
    ]
    return f"{name}: " + "; ".join(parts)


def _runs(placement: Sequence[PlacedGpu]) -> Iterator[ServerRun]:
    """Runs of servers that hold the same."""
    alike: list[ServerRun] = []
    for server, group in groupby(placement, key=lambda gpu: gpu.server):
        gpus = tuple(group)
        if alike and _pattern(alike[-1].gpus) == _pattern(gpus):
            alike[-1] = ServerRun(alike[-1].first, server + 1, gpus)
        else:
            alike.append(ServerRun(server + 1, server + 1, gpus))
    yield from alike


def _pattern(gpus: tuple[PlacedGpu, ...]) -> tuple[object, ...]:
    return tuple((gpu.gpu_id, gpu.spare, tuple((share.letter, share.cut) for share in gpu.shares)) for gpu in gpus)


def _title(run: ServerRun) -> str:
    if run.first == run.last:
        return text("drawing.server", number=run.first)
    return text("drawing.servers", first=run.first, last=run.last)


def _server(board: Board, ground: _Ground, run: ServerRun, y: float, width: float) -> None:
    gpus, placement = run.gpus, ground.placement
    board.words(0, y + 8, _title(run), 12, bold=True, room=_NAMES - 8)
    board.words(0, y + 25, f"{len(gpus)} × {placement.gpu_names[gpus[0].gpu_id]}", 11, "quiet", room=_NAMES - 8)
    power = placement.power_w.get(gpus[0].gpu_id)
    if power:
        board.words(0, y + 41, str(format_si(power, "W")), 11, "quiet", room=_NAMES - 8)
    step = (width - _NAMES) / max(len(gpus), 1)
    for place, gpu in enumerate(gpus):
        _gpu(board, ground, gpu, _NAMES + place * step, y + 26, step - _GAP)
    at = 0
    for key, group in groupby(gpus, key=_bracket):
        count = len(list(group))
        if key[0]:
            _brace(board, ground, gpus[at : at + count], _NAMES + at * step, y + 4, count * step - _GAP)
        at += count


def _bracket(gpu: PlacedGpu) -> tuple[object, ...]:
    """GPUs with the same key stand under one bracket."""
    if gpu.slots:
        return ("cut", *((share.letter, share.cut) for share in gpu.shares))
    return tuple((share.letter, share.replica if len(gpu.shares) == 1 else 0) for share in gpu.shares) or (
        ("spare",) if gpu.spare else ("",)
    )


def _brace(board: Board, ground: _Ground, gpus: Sequence[PlacedGpu], x: float, y: float, width: float) -> None:
    board.line((x, y + 4), (x, y), (x + width, y), (x + width, y + 4), colour="quiet")
    gpu = gpus[0]
    if gpu.spare:
        board.words(x, y + 12, text("drawing.spare"), 10.5, "quiet", room=width)
        return
    letters = " ".join(sorted({share.letter for share in gpu.shares}))
    board.words(x, y + 12, letters, 11, bold=True, room=width)
    lead = 8.5 * len(letters) + 4
    board.words(x + lead, y + 12, _labels(ground, gpu), 10.5, "text", room=max(1.0, width - lead))


def _labels(ground: _Ground, gpu: PlacedGpu) -> str:
    if len(gpu.shifts) > 1:
        return text("drawing.in_turn")
    if gpu.slots:
        return text("drawing.cut")
    if len(gpu.shares) > 1:
        return text("drawing.shared")
    share = gpu.shares[0]
    there = ground.placement.occupants[share.letter]
    said = [f"{there.name} {share.replica + 1}" if there.replicas > 1 else there.name]
    if there.degree > 1:
        said.append(f"TP {there.degree}")
    return " · ".join(part for part in said if part)


def _gpu(board: Board, ground: _Ground, gpu: PlacedGpu, x: float, y: float, width: float) -> None:
    board.box(x, y, width, _BAR, "free", said=_said(ground, gpu))
    if gpu.slots:
        _slices(board, ground, gpu, x, y, width)
    shifts = gpu.shifts if not gpu.slots else ()
    for place, shift in enumerate(shifts):
        _bar(board, ground, gpu, shift, (x, y + place * _BAR / len(shifts), width, _BAR / len(shifts)))
    if not gpu.slots:
        limit = x + width * gpu.limit_bytes / gpu.usable_bytes
        board.line((limit, y - 2), (limit, y + _BAR + 2), colour="text", dashed=True)
    board.words(x, y + _BAR + 11, text("drawing.gpu", number=gpu.index), 10, "quiet", room=width * 0.58)
    if gpu.shares:
        unit = GIB if ground.byte_unit == "GiB" else GB
        number = format_number(gpu.need_bytes / unit)
        board.words(x + width, y + _BAR + 11, number, 10.5, bold=True, anchor="end", room=width * 0.5)
        if not gpu.slots:
            _busy(board, gpu, x, y + _BAR + 25, width)


def _busy(board: Board, gpu: PlacedGpu, x: float, y: float, width: float) -> None:
    busy = max(sum(share.busy for share in shift) for shift in gpu.shifts)
    crowded = any(len(shift) > 1 and sum(share.busy for share in shift) > _CROWDED for shift in gpu.shifts)
    colour = "caution" if crowded else "quiet"
    board.words(x, y, text("drawing.busy", busy=str(format_share(busy))), 10, colour, room=width)


def _slices(board: Board, ground: _Ground, gpu: PlacedGpu, x: float, y: float, width: float) -> None:
    """A GPU that is cut: each slice in its place, its letter above, what lies in it as far as it fills it."""
    slot = width / gpu.slots
    for share in gpu.shares:
        left, wide = x + share.start * slot, share.size * slot
        _bar(board, ground, gpu, (share,), (left, y, width, _BAR))
        board.line((left, y), (left + wide, y), (left + wide, y + _BAR), (left, y + _BAR), (left, y), colour="text")
    board.words(x, y + _BAR + 25, text("drawing.cut.count", count=len(gpu.shares)), 10, "quiet", room=width)


def _bar(board: Board, ground: _Ground, gpu: PlacedGpu, shift: Sequence[Share], place: tuple[float, float, float, float]) -> None:
    x, y, width, height = place
    at = x
    for share in shift:
        for part in MemoryPart:
            size = share.memory.get(part, 0.0)
            wide = width * size / gpu.usable_bytes
            if wide >= 0.5:
                words = f"{share.letter} · {text(f'results.part.{part.value}')} {_size(ground, size)}"
                board.box(at, y, max(1.0, wide - 0.5), height, part.value, said=f"{_said(ground, gpu)}\n{words}")
            at += wide


def _on(share: Share) -> str:
    """The slice it runs on, where it does."""
    return f"{share.cut} " if share.cut else ""


def _size(ground: _Ground, size: float) -> str:
    return str(format_bytes(size, ground.byte_unit))

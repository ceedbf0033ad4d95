"""The network: clients above, switches, servers, and the fabric of the GPUs below; links carry their speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.engine.site.result import Edge, Node, Site
from gpuplanner.format import format_integer, format_number
from gpuplanner.report.drawing.shapes import Board, Drawing
from gpuplanner.texts import text

_BOX: Final = 26.0
_GAP: Final = 8.0
_DASHED: Final = ("management",)


def topology_drawing(site: Site, width: float, height: float = 0.0) -> Drawing:
    """Nodes in rows, links between them.

    Args:
        site: nodes and links.
        width: of the drawing. [px]
        height: rows spread over it where it is more than they need. [px]
    """
    board = Board()
    tiers = sorted({node.tier for node in site.nodes})
    rows = {tier: [node for node in site.nodes if node.tier == tier] for tier in tiers}
    need = len(tiers) * _BOX + max(0, len(tiers) - 1) * 32 + 4
    pitch = _BOX + 32 + max(0.0, min(24.0, (height - need - 22) / max(1, len(tiers) - 1)))
    places = _places(rows, tiers, width, pitch)
    for edge in site.edges:
        if edge.upper in places and edge.lower in places:
            _link(board, edge, places)
    for node in site.nodes:
        _node(board, node, *places[node.key])
    bottom = (len(tiers) - 1) * pitch + _BOX + 16
    if site.nodes and not any(edge.net == "fabric" for edge in site.edges):
        board.words(0, bottom, text("drawing.no_fabric"), 10.5, "quiet", room=width)
    return board.drawing(width, bottom + 8, spoken(site))


def spoken(site: Site) -> str:
    """The links in words."""
    names = {node.key: _name(node) for node in site.nodes}
    return "\n".join(f"{names[edge.upper]} – {names[edge.lower]}: {rate(edge)}" for edge in site.edges)


def rate(edge: Edge) -> str:
    """Number and speed of the links of an edge."""
    if edge.gbps is None:
        return format_integer(edge.count)
    return text("drawing.links", count=format_integer(edge.count), gbps=format_number(edge.gbps))


def _name(node: Node) -> str:
    name = code_text(node.name)
    return f"{name} × {format_integer(node.count)}" if node.count > 1 else name


Place = tuple[float, float, float]


def _places(rows: Mapping[int, Sequence[Node]], tiers: Sequence[int], width: float, pitch: float) -> dict[str, Place]:
    """Left, top and width of each node's box."""
    found = {}
    for row, tier in enumerate(tiers):
        nodes = rows[tier]
        step = width / len(nodes)
        wide = min(step - _GAP, 150.0)
        for place, node in enumerate(nodes):
            found[node.key] = (place * step + (step - wide) / 2, row * pitch, wide)
    return found


def _node(board: Board, node: Node, x: float, y: float, width: float) -> None:
    serves = node.line.startswith("gpu_server")
    fill = "accent_ground" if serves else "panel"
    name = _name(node)
    board.box(x, y, width, _BOX, fill, "quiet", radius=4, said=name)
    board.words(x + width / 2, y + _BOX / 2, name, 11, bold=serves, anchor="middle", room=width - 6)


def _link(board: Board, edge: Edge, places: Mapping[str, Place]) -> None:
    (upper_x, upper_y, upper_wide), (lower_x, lower_y, lower_wide) = places[edge.upper], places[edge.lower]
    start = (upper_x + upper_wide / 2, upper_y + _BOX)
    end = (lower_x + lower_wide / 2, lower_y)
    middle = start[1] + 8
    dashed = edge.net in _DASHED
    wide = 1.0 if dashed else 1.5
    board.line(start, (start[0], middle), (end[0], middle), end, colour="quiet", width=wide, dashed=dashed)
    said = rate(edge)
    board.words(end[0] + 5, end[1] - 9, said, 9.5, "quiet", room=max(40.0, lower_wide / 2 + 2))

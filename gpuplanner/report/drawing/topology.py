"""The network: clients above, switches, servers, and the fabric of the GPUs below; links carry their speed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.engine.site.result import Edge, Node, Site
from gpuplanner.format import format_integer, format_number
from gpuplanner.report.drawing.shapes import Board, Drawing, width_of
from gpuplanner.texts import text

_BOX: Final = 26.0
_GAP: Final = 8.0
_NARROWEST: Final = 96.0  # a box that is narrower has no room for its name
_SMALL: Final = 9.0
_ROOMY: Final = 66.0  # for the speed of a link in full
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
    nodes, edges = _grouped(site, width)
    rows = {tier: [node for node in nodes if node.tier == tier] for tier in tiers}
    need = len(tiers) * _BOX + max(0, len(tiers) - 1) * 32 + 4
    pitch = _BOX + 32 + max(0.0, min(24.0, (height - need - 22) / max(1, len(tiers) - 1)))
    places = _places(rows, tiers, width, pitch)
    for edge in edges:
        if edge.upper in places and edge.lower in places:
            _link(board, edge, places)
    for node in nodes:
        _node(board, node, *places[node.key])
    bottom = (len(tiers) - 1) * pitch + _BOX + 24
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


def _short(edge: Edge) -> str:
    if edge.gbps is None:
        return format_integer(edge.count)
    return f"{format_integer(edge.count)}×{format_number(edge.gbps)}G"


def _grouped(site: Site, width: float) -> tuple[list[Node], list[Edge]]:
    """Nodes and links; servers of a line as one node where they would be too narrow one by one."""
    most = max((sum(node.tier == tier for node in site.nodes) for tier in {node.tier for node in site.nodes}), default=1)
    if width / most >= _NARROWEST:
        return list(site.nodes), list(site.edges)
    into: dict[str, str] = {}
    nodes: dict[tuple[int, str], Node] = {}
    for node in site.nodes:
        kept = nodes.get((node.tier, node.line or node.key))
        nodes[node.tier, node.line or node.key] = node if kept is None else replace(kept, count=kept.count + node.count)
        into[node.key] = node.key if kept is None else kept.key
    edges: dict[tuple[str, str, str], Edge] = {}
    for edge in site.edges:
        upper, lower = into[edge.upper], into[edge.lower]
        other = edges.get((upper, lower, edge.net))
        count = edge.count + (other.count if other else 0)
        edges[upper, lower, edge.net] = replace(edge, upper=upper, lower=lower, count=count)
    return list(nodes.values()), list(edges.values())


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
    lines = _lines(name, width - 6)
    if len(lines) == 1:
        board.words(x + width / 2, y + _BOX / 2, name, 11, bold=serves, anchor="middle", room=width - 6)
        return
    for place, line in enumerate(lines):
        board.words(x + width / 2, y + _BOX * (0.29 + 0.42 * place), line, _SMALL, bold=serves, anchor="middle", room=width - 4)


def _lines(name: str, room: float) -> list[str]:
    """A name in one line where it fits, else in two of about the same length."""
    if width_of(name, 11) <= room:
        return [name]
    breaks = [place for place, letter in enumerate(name) if letter == " "] or list(range(1, len(name)))
    if not breaks:
        return [name]
    at = min(breaks, key=lambda place: abs(width_of(name[:place], 11) - width_of(name[place:], 11)))
    return [name[:at].strip(), name[at:].strip()]


def _link(board: Board, edge: Edge, places: Mapping[str, Place]) -> None:
    (upper_x, upper_y, upper_wide), (lower_x, lower_y, lower_wide) = places[edge.upper], places[edge.lower]
    start = (upper_x + upper_wide / 2, upper_y + _BOX)
    end = (lower_x + lower_wide / 2, lower_y)
    middle = start[1] + 8
    dashed = edge.net in _DASHED
    wide = 1.0 if dashed else 1.5
    board.line(start, (start[0], middle), (end[0], middle), end, colour="quiet", width=wide, dashed=dashed)
    room = lower_wide / 2 + _GAP - 4
    said = rate(edge) if room >= _ROOMY else _short(edge)
    if 1.2 * width_of(said, 9.5) > room:  # there is more room below the box
        board.words(end[0], lower_y + _BOX + 8, said, _SMALL, "quiet", anchor="middle", room=lower_wide + _GAP)
    else:
        board.words(end[0] + 4, end[1] - 9, said, 9.5, "quiet", room=max(20.0, room))

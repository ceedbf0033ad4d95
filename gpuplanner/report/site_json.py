"""Servers, room and estate as JSON objects. Described in docs/estimate-json.md."""

from __future__ import annotations

from typing import Any

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.estate.result import PlacedGpu, Row
from gpuplanner.engine.result import Estimate
from gpuplanner.engine.site.build import site_of
from gpuplanner.engine.site.result import Host, Line, Rack, Site
from gpuplanner.report.as_json import code_json, quantity_json
from gpuplanner.scenario.document import Scenario


def site_json(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    """The bill of materials and the room of the chosen plan; None where nothing runs."""
    found = site_of(scenario, catalog, estimate)
    return _site(found) if found.lines else None


def estate_json(scenario: Scenario, estimate: Estimate, catalog: Catalog) -> dict[str, Any] | None:
    """All workloads of the customer together; None where the scenario has one alone."""
    del estimate
    if not scenario.estate.more:
        return None
    found = estate_of(scenario, catalog)
    return {
        "workloads": [_row(row) for row in found.rows],
        "placement": [_placed(gpu) for gpu in found.placement],
        "servers": found.servers,
        "free_gpus": found.free,
        "figures": {key: quantity_json(quantity) for key, quantity in found.figures.items()},
        "site": _site(found.site),
        "warnings": [code_json(code) for code in found.warnings],
    }


def _site(site: Site) -> dict[str, Any]:
    return {
        "figures": {key: quantity_json(quantity) for key, quantity in site.figures.items()},
        "phases": [code_json(code) for code in site.phases],
        "lines": [_line(line) for line in site.lines],
        "hosts": [_host(host) for host in site.hosts],
        "racks": [_rack(rack) for rack in site.racks],
        "topology": {
            "nodes": [
                {"key": node.key, "name": code_json(node.name), "tier": node.tier, "count": node.count, "line": node.line or None}
                for node in site.nodes
            ],
            "links": [
                {"upper": edge.upper, "lower": edge.lower, "net": edge.net, "count": edge.count, "gbps": edge.gbps}
                for edge in site.edges
            ],
        },
        "warnings": [code_json(code) for code in site.warnings],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "key": line.key,
        "role": line.role.value,
        "group": line.group.value,
        "name": code_json(line.name),
        "item": line.item or None,
        "count": line.count,
        "spare": line.spare,
        "phases": list(line.phases),
        "unit_price": quantity_json(line.unit_price) if line.unit_price else None,
        "price": quantity_json(line.price) if line.price else None,
        "power_w": line.power_w,
        "nameplate_w": line.nameplate_w,
        "rack_units": line.rack_units,
        "weight_kg": line.weight_kg,
        "liquid": line.liquid,
        "why": [code_json(code) for code in line.why],
    }


def _host(host: Host) -> dict[str, Any]:
    return {
        "role": host.role.value,
        "line": host.line,
        "gpu": host.gpu,
        "figures": {key: quantity_json(quantity) for key, quantity in host.figures.items()},
        "terms": {key: [code_json(code) for code in codes] for key, codes in host.terms.items()},
    }


def _rack(rack: Rack) -> dict[str, Any]:
    return {
        "units": rack.units,
        "used_units": rack.used_units,
        "power_w": rack.power_w,
        "devices": [
            {
                "line": device.line,
                "name": code_json(device.name),
                "unit": device.unit,
                "units": device.units,
                "power_w": device.power_w,
                "weight_kg": device.weight_kg,
                "gpus": device.gpus,
                "spare": device.spare,
            }
            for device in rack.devices
        ],
    }


def _row(row: Row) -> dict[str, Any]:
    plan = row.plan
    return {
        "letter": row.letter,
        "name": row.name,
        "own": row.own,
        "hours": [hour for hour, runs in enumerate(row.hours) if runs],
        "gpu": plan.gpu_id if plan else None,
        "status": plan.status.value if plan else "impossible",
        "tensor_parallel": plan.tensor_parallel if plan else None,
        "pipeline_parallel": plan.pipeline_parallel if plan else None,
        "replicas": plan.replicas if plan else None,
        "spare_replicas": plan.spare_replicas if plan else None,
        "gpus_alone": plan.gpus if plan else None,
        "gpus": row.gpus,
        "share": row.share,
        "shared": row.shared,
        "cut": row.cut or None,
        "slowed": row.slowed,
        "cost": quantity_json(row.cost) if row.cost else None,
        "figures": {key: quantity_json(quantity) for key, quantity in plan.figures.items()} if plan else {},
        "reasons": [code_json(code) for code in row.reasons],
    }


def _placed(gpu: PlacedGpu) -> dict[str, Any]:
    return {
        "server": gpu.server + 1,
        "gpu_number": gpu.index,
        "gpu": gpu.gpu_id,
        "spare": gpu.spare,
        "slots": gpu.slots,
        "usable_bytes": gpu.usable_bytes,
        "limit_bytes": gpu.limit_bytes,
        "need_bytes": gpu.need_bytes,
        "workloads": [
            {
                "letter": share.letter,
                "replica": share.replica,
                "busy": share.busy,
                "cut": share.cut or None,
                "start": share.start,
                "size": share.size,
                "parts_bytes": {part.value: size for part, size in share.memory.items()},
            }
            for share in gpu.shares
        ],
    }

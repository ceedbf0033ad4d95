"""What is known: all records of all kinds, with the user's own on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from gpuplanner.catalog.schema.calibration import Calibration
from gpuplanner.catalog.schema.link import Path

if TYPE_CHECKING:  # a kind's schema is imported when the first of its records is asked for
    from gpuplanner.catalog.schema.cloud import CloudInstance
    from gpuplanner.catalog.schema.engine import ServingEngine
    from gpuplanner.catalog.schema.gpu import Gpu
    from gpuplanner.catalog.schema.link import Link
    from gpuplanner.catalog.schema.model import Model
    from gpuplanner.catalog.schema.practice import Guard, PracticeRule
    from gpuplanner.catalog.schema.precision import Precision
    from gpuplanner.catalog.schema.server import Server
    from gpuplanner.catalog.schema.site import Equipment, NetworkCard, PlanningRule, PowerUsage, StorageClass, Switch, Tariff
    from gpuplanner.catalog.schema.slicing import Slicing

NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CatalogWarning:
    """A file or record of the user that was left out, and why: ``code`` is a text key, ``params`` what the text names."""

    code: str
    params: Mapping[str, object] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True)
class Catalog:
    """Every fact the engine may use.

    ``digest`` names the state of all files the facts came from (12 hex digits), ``date`` the release of the built-in
    ones ("2026-11"). ``yours`` holds "gpu:id" for each record the user added or changed; hidden records are left out.
    """

    gpus: Mapping[str, Gpu] = field(default_factory=dict)
    precisions: Mapping[str, Precision] = field(default_factory=dict)
    engines: Mapping[str, ServingEngine] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    models: Mapping[str, Model] = field(default_factory=dict)
    servers: Mapping[str, Server] = field(default_factory=dict)
    clouds: Mapping[str, CloudInstance] = field(default_factory=dict)
    network_cards: Mapping[str, NetworkCard] = field(default_factory=dict)
    switches: Mapping[str, Switch] = field(default_factory=dict)
    equipment: Mapping[str, Equipment] = field(default_factory=dict)
    storage: Mapping[str, StorageClass] = field(default_factory=dict)
    power: Mapping[str, PowerUsage] = field(default_factory=dict)
    rules: Mapping[str, PlanningRule] = field(default_factory=dict)
    electricity: Mapping[str, Tariff] = field(default_factory=dict)
    practice: Mapping[str, PracticeRule] = field(default_factory=dict)
    guards: Mapping[str, Guard] = field(default_factory=dict)
    slicings: Mapping[str, Slicing] = field(default_factory=dict)
    calibration: Calibration = field(default_factory=lambda: Calibration(constants={}, ranges={}))
    digest: str = ""
    date: str = ""
    yours: frozenset[str] = frozenset()
    warnings: tuple[CatalogWarning, ...] = ()

    def path_between(self, gpu: Gpu, gpus: int) -> Path | None:
        """What ``gpus`` cards of one server talk over: the fast link as far as it reaches, else PCIe.

        Returns:
            None when nothing is known about the links of this card.
        """
        wires = gpu.interconnect
        fast = gpu.scale_up_gb_s
        reaches = gpu.has_scale_up and gpus <= gpu.scale_up_domain
        if reaches and fast is not None:
            return Path(wires.name or "", fast, scale_up=True, link=wires.link)
        slot = self.links.get(gpu.pcie_link or "")
        if slot is None or slot.unidirectional_gb_s is None:
            return None
        lanes = wires.pcie_lanes or 16
        return Path(f"PCIe {wires.pcie_gen}.0 x{lanes}", slot.unidirectional_gb_s * lanes / 16, False, slot.id, assumed=reaches)

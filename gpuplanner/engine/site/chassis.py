"""Which server the GPUs stand in: one of the catalogue, or one of no particular make by class."""

from __future__ import annotations

from dataclasses import dataclass

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.catalog.schema.gpu import Gpu
from gpuplanner.catalog.schema.server import Server
from gpuplanner.catalog.schema.site import Equipment
from gpuplanner.engine.result import Code
from gpuplanner.engine.site.formulas import power_load_w, server_nameplate_w

#: Kinds of the catalogue that are whole servers one can buy; baseboards and reference tiers are parts of others.
_MODULES = ("SXM", "OAM", "module")
_WHOLE = ("dgx", "oem-8gpu", "domestic-8gpu", "rack")


@dataclass(frozen=True, slots=True)
class Chassis:
    """A server as planned with. ``nameplate_w`` and ``load_w`` with its cards, None where theirs is unknown.

    ``product`` is set for one of the catalogue.
    """

    gpus: int
    rack_units: int
    weight_kg: float
    nameplate_w: float | None
    load_w: float | None
    sockets: int
    liquid: bool
    generic: Equipment
    product: Server | None = None
    nameplate_published: bool = False

    @property
    def name(self) -> Code:
        """The product's name, or its class in words."""
        if self.product is not None:
            return Code("site.product", {"name": self.product.name})
        return Code(f"equipment.{self.generic.id}")


def chassis_for(catalog: Catalog, gpu: Gpu, asked: str | None, gpus: int, degree: int) -> Chassis:
    """The server for so many GPUs of a kind.

    Args:
        catalog: the servers.
        gpu: the kind of card.
        asked: id of a server that the scenario names, if it holds this card.
        gpus: all of them.
        degree: GPUs that should stand together.
    """
    product = _product(catalog, gpu, asked)
    generic = _generic(catalog, gpu, gpus, degree)
    count = (product.gpu_count if product else None) or generic.gpus or 1
    ratio = catalog.rules["server-max-vs-gpu-tdp"].values["nameplate_per_tdp"]
    share = catalog.rules["average-vs-nameplate"].values["load_per_nameplate"]
    published = product.power_max_kw if product else None
    nameplate = published * 1000 if published else float(server_nameplate_w(count, gpu.tdp_w, ratio)) if gpu.tdp_w else None
    rack = product is not None and product.kind == "rack"
    return Chassis(
        gpus=count,
        rack_units=(product.rack_units if product else None) or (42 if rack else generic.rack_units or 1),
        weight_kg=(product.weight_kg if product else None) or generic.weight_kg or 0.0,
        nameplate_w=nameplate,
        load_w=float(power_load_w(nameplate, share)) if nameplate is not None else None,
        sockets=(product.cpu.sockets if product and product.cpu else None) or generic.sockets or 1,
        liquid=bool(product and product.cooling == "liquid"),
        generic=generic,
        product=product,
        nameplate_published=published is not None,
    )


def _product(catalog: Catalog, gpu: Gpu, asked: str | None) -> Server | None:
    holding = [server for server in catalog.servers.values() if server.gpu_id == gpu.id and server.gpu_count]
    named = next((server for server in holding if server.id == asked), None)
    if named is not None:
        return named
    whole = [server for server in holding if server.kind in _WHOLE and server.kind != "rack"]
    racks = [server for server in holding if server.kind == "rack"]
    ranked = sorted(whole or racks, key=lambda server: (server.power_max_kw is None, server.rack_units is None, server.id))
    return ranked[0] if ranked else None


def _generic(catalog: Catalog, gpu: Gpu, gpus: int, degree: int) -> Equipment:
    """The smallest class that holds what belongs together; modules come by eight on a baseboard, systems on a chip alone."""
    if gpu.form_factor.startswith(_MODULES):
        return catalog.equipment["chassis-8gpu-board"]
    classes = sorted(
        (item for item in catalog.equipment.values() if item.role == "gpu_server" and item.id != "chassis-8gpu-board"),
        key=lambda item: item.gpus or 0,
    )
    wanted = 1 if gpu.form_factor == "SoC" else max(degree, min(gpus, 8))
    return next((item for item in classes if (item.gpus or 0) >= wanted), classes[-1])

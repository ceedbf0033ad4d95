"""Opening the figures of servers and room: power, heat, host parts, storage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final

from gpuplanner.engine.explain.book import Given, Opener, computed
from gpuplanner.engine.result import Code, Estimate, Explanation, Quantity
from gpuplanner.engine.site.build import site_of
from gpuplanner.engine.site.gpu_lines import Pool, pool_of
from gpuplanner.engine.site.hosts import GB, TB
from gpuplanner.engine.site.needs import needs_of
from gpuplanner.engine.site.result import Need, Site
from gpuplanner.engine.site.room_lines import around, index_bytes, kept_here

PREFIX: Final = "site."
_ENTERED: Final = Code("source.input")
_PLANNED: Final = Code("source.planned")


class SiteBook(Opener):
    """What the explanations are read from: the site of a plan, worked out once more."""

    @cached_property
    def answer(self) -> Estimate:
        """The plan alone; a training's hosts ask for the size of its model."""
        if self.plan.training is None:
            return Estimate((self.plan,), self.plan.gpu_id)
        from gpuplanner.engine.estimate import estimate

        return estimate(self.scenario, self.catalog)

    @cached_property
    def need(self) -> Need:
        """GPUs and what they read and write."""
        found = needs_of(self.scenario, self.catalog, self.answer, self.plan)
        if not found:
            raise KeyError("need")
        return found[0]

    @cached_property
    def pool(self) -> Pool:
        """The GPU servers; of two kinds those of the plan's own."""
        return self.pools[0]

    @cached_property
    def pools(self) -> list[Pool]:
        """The GPU servers by kind."""
        needs = needs_of(self.scenario, self.catalog, self.answer, self.plan)
        return [pool_of(self.scenario, self.catalog, need) for need in needs]

    @cached_property
    def site(self) -> Site:
        """The whole."""
        return site_of(self.scenario, self.catalog, self.answer, self.plan)

    @property
    def kept(self) -> float:
        """What the server keeps itself because no storage node does. [B]"""
        return kept_here(self.scenario, around(self.scenario, self.catalog, self.pools), self.pools)

    def figure(self, key: str) -> Quantity:
        """A figure of the room, or of the host."""
        hosts = self.site.hosts[0].figures if self.site.hosts else {}
        found = self.site.figures.get(key) or hosts[key]
        if found.value is None:
            raise KeyError(key)
        return found

    def planned(self, rule: str, name: str, unit: float = 1.0) -> Given:
        """A planning value."""
        return Given(self.catalog.rules[rule].values[name] * unit, _PLANNED)

    def asked(self, name: str, unit: float = 1.0) -> Given:
        """A field of the site's form."""
        return Given(float(getattr(self.scenario.site, name)) * unit, _ENTERED, f"site.{name}")

    @property
    def load(self) -> Given:
        """Power at load, which opens further."""
        return computed(self.figure("power_load").value or 0.0, "site.power_load")


def _power(book: SiteBook) -> Explanation:
    """GPU servers, and all else that draws."""
    chassis, lines = book.pool.chassis, book.site.lines
    if chassis.load_w is None:
        raise KeyError("power_load")
    servers = book.pool.servers + book.pool.spare
    rest = sum((line.power_w or 0.0) * line.count for line in lines if line.key.removesuffix(".spare") != book.pool.key)
    given = {
        "servers": Given(float(servers), Code("source.bill", {"lines": len(lines)})),
        "each": computed(chassis.load_w, "site.server_load"),
        "rest": Given(rest, Code("source.bill", {"lines": len(lines)})),
    }
    return book.opened("site.power_load", "site.power_sum", given, result=book.figure("power_load"))


def _server(book: SiteBook) -> Explanation:
    """One GPU server in service."""
    chassis = book.pool.chassis
    if chassis.nameplate_w is None:
        raise KeyError("server_load")
    product = chassis.product
    published = Given(chassis.nameplate_w, Code("source.datasheet", {"gpu": product.name if product else ""}))
    nameplate = published if chassis.nameplate_published else computed(chassis.nameplate_w, "site.server_nameplate")
    share = book.planned("average-vs-nameplate", "load_per_nameplate")
    return book.opened("site.server_load", "site.power_load", {"nameplate": nameplate, "share": share})


def _nameplate(book: SiteBook) -> Explanation:
    """A GPU server that publishes no power of its own."""
    if book.gpu.tdp_w is None:
        raise KeyError("server_nameplate")
    given = {
        "gpus": Given(float(book.pool.chassis.gpus), Code("source.layout")),
        "tdp": Given(book.gpu.tdp_w, Code("source.datasheet", {"gpu": book.gpu.name})),
        "ratio": book.planned("server-max-vs-gpu-tdp", "nameplate_per_tdp"),
    }
    return book.opened("site.server_nameplate", "site.server_nameplate", given)


def _meter(book: SiteBook) -> Explanation:
    pue = Given(book.scenario.money.pue, _ENTERED, "money.pue")
    return book.opened("site.power_meter", "site.power_meter", {"load": book.load, "pue": pue}, result=book.figure("power_meter"))


def _heat(book: SiteBook) -> Explanation:
    return book.opened("site.heat_btu", "site.heat_btu", {"load": book.load}, result=book.figure("heat_btu"))


def _ups(book: SiteBook) -> Explanation:
    factor = book.planned("room-planning", "power_factor")
    return book.opened("site.ups", "site.ups", {"load": book.load, "factor": factor}, result=book.figure("ups"))


def _batteries(book: SiteBook) -> Explanation:
    given = {"load": book.load, "minutes": book.asked("ups_minutes")}
    return book.opened("site.ups_energy", "site.ups_energy", given, result=book.figure("ups_energy"))


def _cores(book: SiteBook) -> Explanation:
    rule, mix = "host-planning", book.plan.mix
    made = (mix.parts[0].plan if mix is not None else book.plan).figures.get("throughput")
    writes = book.scenario.workload.kind.writes and made is not None and made.value
    tokens = (made.value or 0.0) / max(book.pool.servers, 1) if writes and made is not None else 0.0
    given = {
        "system": book.planned(rule, "cores_system"),
        "gpus": Given(float(book.pool.chassis.gpus), Code("source.layout")),
        "feeding": book.planned(rule, "cores_per_gpu"),
        "loaders": book.planned(rule, "cores_loader_per_gpu", float(book.need.trains)),
        "tokens": computed(tokens, "throughput" if writes and mix is None else None),
        "per_core": book.planned(rule, "tokens_per_core_s"),
    }
    return book.opened("site.cores", "site.cores", given, result=book.figure("cores"))


def _ram(book: SiteBook) -> Explanation:
    rule = "host-planning"
    given = {
        "system": book.planned(rule, "ram_system_gb", GB),
        "files": computed(book.need.weight_bytes),
        "gpus": Given(float(book.pool.chassis.gpus), Code("source.layout")),
        "pinned": book.planned(rule, "ram_pinned_gb_per_gpu", GB),
        "loaders": book.planned(rule, "ram_loader_gb_per_gpu", GB * book.need.trains),
        "offload": computed(book.need.offload_bytes),
    }
    return book.opened("site.ram", "site.ram", given, result=book.figure("ram"))


def _nvme(book: SiteBook) -> Explanation:
    given = {
        "system": book.planned("host-planning", "nvme_system_tb", TB),
        "files": computed(book.need.weight_bytes),
        "versions": book.asked("model_versions"),
        "kept": computed(book.kept),
    }
    return book.opened("site.nvme", "site.nvme", given, result=book.figure("nvme"))


def _storage(book: SiteBook) -> Explanation:
    rule, need, rate = "storage-planning", book.need, sum(pool.need.request_rate for pool in book.pools)
    given = {
        "files": computed(need.weight_bytes),
        "versions": book.asked("model_versions"),
        "datasets": book.asked("dataset_tb", TB),
        "checkpoint": computed(need.checkpoint_bytes, "checkpoint" if need.checkpoint_bytes else None),
        "kept": book.asked("checkpoints_kept"),
        "rate": computed(rate, "request_rate" if book.plan.passes is not None else None),
        "logged": book.planned(rule, "log_bytes_per_request"),
        "days": book.asked("log_days"),
        "vectors": book.asked("vectors"),
        "number": Given(index_bytes(book.scenario, book.catalog)[0], _PLANNED, "site.index"),
        "width": book.asked("vector_width"),
        "links": Given(index_bytes(book.scenario, book.catalog)[2], _PLANNED, "site.index"),
    }
    return book.opened("site.storage", "site.storage", given, result=book.figure("storage"))


def _written(book: SiteBook) -> Explanation:
    """How fast checkpoints have to be written."""
    need = book.need
    if not need.checkpoint_bytes:
        raise KeyError("write_rate")
    minutes = book.scenario.training.checkpoint_minutes
    given = {
        "checkpoint": computed(need.checkpoint_bytes, "checkpoint"),
        "interval": Given(minutes * 60, _ENTERED, "training.checkpoint_minutes"),
        "share": book.planned("storage-planning", "checkpoint_time_share"),
    }
    return book.opened("site.write_rate", "site.checkpoint_rate", given, result=book.figure("write_rate"))


def _stored(book: SiteBook) -> Explanation:
    """Traffic to the common storage."""
    need, written = book.need, book.figure("write_rate").value or 0.0
    given = {
        "written": computed(written, "site.write_rate" if need.checkpoint_bytes else None),
        "servers": Given(float(max(book.pool.servers, 1)), Code("source.bill", {"lines": len(book.site.lines)})),
        "files": computed(need.weight_bytes),
        "seconds": book.planned("traffic-planning", "load_seconds"),
    }
    return book.opened("site.storage_rate", "site.storage_rate", given, result=book.figure("storage_rate"))


def _cards(book: SiteBook) -> Explanation:
    """Cards for clients and storage; there is nothing to open where their number was asked for."""
    if book.scenario.site.client_cards is not None:
        raise KeyError("client_cards")
    card = book.catalog.equipment["network-card-client"]
    given = {
        "client": computed(book.figure("client_rate").value or 0.0),
        "storage": computed(book.figure("storage_rate").value or 0.0, "site.storage_rate"),
        "port": Given((card.gbps or 0.0) * GB, _PLANNED),
        "share": book.planned("traffic-planning", "link_share"),
    }
    return book.opened("site.client_cards", "site.client_cards", given, result=book.figure("client_cards"))


OPENERS: Final[Mapping[str, Callable[[SiteBook], Explanation]]] = {
    "site.power_load": _power, "site.server_load": _server, "site.server_nameplate": _nameplate, "site.power_meter": _meter,
    "site.heat": _heat, "site.heat_btu": _heat, "site.ups": _ups, "site.ups_energy": _batteries,
    "site.cores": _cores, "site.ram": _ram, "site.nvme": _nvme,
    "site.storage": _storage, "site.write_rate": _written, "site.storage_rate": _stored,
    "site.client_cards": _cards,
}  # fmt: skip


def opened(book: SiteBook, key: str) -> Explanation:
    """A figure of the site, laid open.

    Raises:
        KeyError: there is none of that name.
    """
    return OPENERS[key](book)

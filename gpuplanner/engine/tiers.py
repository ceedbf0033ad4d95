"""The tiers that practitioners sell by, each claim held against what the engine finds for the same question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Code, Estimate, Plan, Provenance, Quantity, Unit
from gpuplanner.engine.site.build import site_of
from gpuplanner.engine.site.result import Site
from gpuplanner.scenario.document import Scenario, replace

TIERS: Final = ("tier-entry", "tier-enterprise", "tier-professional")
HALF_PRECISION_BYTES: Final = 2.0
_MOST: Final = 0.9  # of a card's memory that a serving engine lets itself use


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure of a tier: what it says, what the engine finds, whether that bears it out, and why not."""

    key: str
    said: float
    found: Quantity
    holds: bool | None
    why: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier as a reference build: ``as_said`` on the GPUs it names, ``answer`` on as many as it takes."""

    id: str
    scenario: Scenario
    as_said: Estimate
    answer: Estimate
    site: Site
    claims: tuple[Claim, ...]

    @property
    def plan(self) -> Plan | None:
        """What the question takes."""
        return self.answer.plan()


def tier(rule: str, scenario: Scenario, catalog: Catalog) -> Tier:
    """Check a tier.

    Args:
        rule: one of :data:`TIERS`.
        scenario: its question, on its kind of GPU.
        catalog: holds its figures among the rules.
    """
    said = catalog.rules[rule].values
    answer = estimate(scenario, catalog)
    as_said = estimate(replace(scenario, "deployment.max_gpus", int(said["gpus"])), catalog)
    site = site_of(scenario, catalog, answer)
    claims = tuple(_claims(said, scenario, catalog, as_said, answer, site))
    return Tier(rule, scenario, as_said, answer, site, claims)


def _claims(
    said: Mapping[str, float], scenario: Scenario, catalog: Catalog, as_said: Estimate, answer: Estimate, site: Site
) -> Iterator[Claim]:
    plan = answer.plan()
    gpus = float(plan.gpus) if plan is not None and plan.memory is not None else None
    why = Code("tier.gpus", {"gpus": int(said["gpus"]), "needed": int(gpus or 0)})
    yield _claim("gpus", said["gpus"], _count("gpus", gpus), gpus is not None and gpus <= said["gpus"], why)
    yield _latency(said, as_said)
    yield _size(said, scenario, catalog)
    host = site.hosts[0].figures if site.hosts else {}
    for key, figure, unit in (("cores", "cores", 1.0), ("ram", "ram", 1e9), ("nvme", "nvme", 1e12)):
        asked = said[{"cores": "cores", "ram": "ram_gb", "nvme": "nvme_tb"}[key]] * unit
        found = host.get(figure)
        if found is not None and found.value is not None:
            yield _claim(key, asked, found, found.value <= asked, Code(f"tier.{key}"))
    if "cny_per_gpu" in said:
        cards = said["cny_per_gpu"] * said["gpus"]
        why = Code("tier.price", {"cards_money": cards, "low_money": said["cny_low"], "currency": "CNY"})
        yield _claim("price", said["cny_low"], Quantity("price", cards, Unit.MONEY, at_least=True), cards <= said["cny_low"], why)


def _latency(said: Mapping[str, float], as_said: Estimate) -> Claim:
    """The first token on the GPUs it names; a tier doesn't say which time it means."""
    plan = as_said.plan()
    found = plan.figures.get("ttft") if plan is not None and plan.memory is not None else None
    if found is None or found.value is None:
        nothing = Quantity("ttft", None, Unit.SECONDS)
        nearest = next((one.reasons for one in as_said.plans if one.reasons), ())
        return Claim("latency", said["latency_s"], nothing, False, nearest)
    why = Code("tier.latency", {"limit_s": said["latency_s"], "reached_s": found.value})
    return _claim("latency", said["latency_s"], found, found.value <= said["latency_s"], why)


def _size(said: Mapping[str, float], scenario: Scenario, catalog: Catalog) -> Claim:
    """The largest model whose weights alone fit in half precision."""
    gpu = catalog.gpus[scenario.deployment.gpu or ""]
    fits = said["gpus"] * gpu.memory_gb * 1e9 * _MOST / HALF_PRECISION_BYTES
    needs = said["params_max"] * HALF_PRECISION_BYTES
    has = said["gpus"] * gpu.memory_gb * 1e9
    why = Code("tier.size", {"need_bytes": needs, "has_bytes": has, "model_params": said["params_max"]})
    return _claim("size", said["params_max"], _count("size", fits), fits >= said["params_max"], why)


def _claim(key: str, said: float, found: Quantity, holds: bool, why: Code) -> Claim:
    return Claim(key, said, found, holds, () if holds else (why,))


def _count(key: str, value: float | None) -> Quantity:
    return Quantity(key, value, Unit.COUNT, provenance=Provenance.MODELLED)

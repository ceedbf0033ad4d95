"""What drop-down fields offer: fixed choices of the document, and records of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from gpuplanner.format import SYMBOLS
from gpuplanner.scenario.document import Objective, Scenario, WorkloadKind
from gpuplanner.texts import has, text
from gpuplanner.ui.fields.choice import Option
from gpuplanner.ui.fields.entries import Entry

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog
    from gpuplanner.catalog.schema.engine import ServingEngine

Options = Callable[[Scenario, "Catalog | None"], list[Option]]
#: What runs passes; which kernels that means is the engine's affair (gpuplanner.engine.passes).
PASS_ENGINES: Final = {
    WorkloadKind.GENERATE: ("diffusers", "tensorrt"),
    WorkloadKind.ENCODE: ("pytorch", "onnxruntime", "tensorrt"),
}
PERCENTILES = (0.5, 0.9, 0.95, 0.99)
#: Where customers are; ISO 3166.
COUNTRIES: Final = (
    "CN", "HK", "TW", "US", "CA", "GB", "DE", "FR", "NL", "CH", "SE", "FI", "NO", "PL", "ES", "IT", "JP", "KR", "SG", "MY", "ID",
    "TH", "VN", "IN", "AE", "SA", "AU", "BR", "MX", "ZA", "RU",
)  # fmt: skip


def of_enum(path: str, kind: Iterable[StrEnum]) -> Options:
    """The members of an enumeration (or some of them), named by ``choice.<path>.<member>``."""

    def options(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
        del scenario, catalog
        names = [f"{path}.{member.value}" for member in kind]
        return [Option(member, _short(name), text(f"choice.{name}")) for member, name in zip(kind, names, strict=True)]

    return options


def automatic_or(path: str, kind: Iterable[StrEnum]) -> Options:
    """Automatic, then the members of an enumeration."""
    named = of_enum(path, kind)

    def options(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
        return [Option(None, text("form.automatic")), *named(scenario, catalog)]

    return options


def yes_or_no(path: str, empty: str | None = None) -> Options:
    """On and off, named by ``choice.<path>.true`` and ``.false``; ``empty`` is the text of neither, where that may be."""

    def options(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
        del scenario, catalog
        neither = [Option(None, text(empty))] if empty is not None else []
        return [*neither, *(Option(value, text(f"choice.{path}.{str(value).lower()}")) for value in (True, False))]

    return options


def objectives(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
    """What decides between layouts; how fast a training step is isn't known, so it can't decide there."""
    fast = not scenario.workload.kind.trains or scenario.deployment.objective is Objective.FASTEST
    kinds = [kind for kind in Objective if fast or kind is not Objective.FASTEST]
    return of_enum("deployment.objective", kinds)(scenario, catalog)


def currencies(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
    """The currencies of an answer."""
    del scenario, catalog
    return [Option(code, text(f"choice.money.currency.{code.lower()}")) for code in SYMBOLS]


def countries(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
    """Not told, the usual countries, and the scenario's own."""
    del catalog
    own = scenario.site.country
    listed = [*COUNTRIES, own] if own and own not in COUNTRIES else [*COUNTRIES]
    named = [Option(code, text(key) if has(key := f"choice.site.country.{code.lower()}") else code) for code in listed]
    return [Option(None, text("form.country.unknown")), *named]


def percentiles(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
    """The usual percentiles, and the scenario's own."""
    del catalog
    return [Option(share, f"p{share * 100:g}") for share in sorted({*PERCENTILES, scenario.targets.percentile})]


def weights(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
    """Weight formats that the chosen engine can run, and the scenario's own."""
    return _formats(scenario, catalog, "weights", scenario.precision.weights)


def kv_caches(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
    """Formats of the KV cache."""
    return _formats(scenario, catalog, "kv", scenario.precision.kv_cache)


def engines(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
    """What can run this kind of work, and is known well enough to plan with."""
    if catalog is None:
        return [Option(scenario.deployment.engine, scenario.deployment.engine)]
    kind = scenario.workload.kind
    known = [
        engine
        for engine in catalog.engines.values()
        if (engine.id in PASS_ENGINES[kind] if kind in PASS_ENGINES else engine.profile is not None)
    ]
    return [Option(engine.id, _marked(_engine_name(engine), "engine", engine.id, catalog), engine.name) for engine in known]


def _engine_name(engine: ServingEngine) -> str:
    """The form's own short name of an engine where there is one."""
    key = f"form.engine.{engine.id}"
    return text(key) if has(key) else engine.name


def servers(scenario: Scenario, catalog: Catalog | None) -> list[Option]:
    """Automatic, and the servers that hold the GPU asked for, or any; the scenario's own too."""
    found = [Option(None, text("form.automatic"))]
    asked, chosen = scenario.deployment.gpu, scenario.site.server
    if catalog is None:
        return found if chosen is None else [*found, Option(chosen, chosen)]
    whole = [server for server in catalog.servers.values() if server.gpu_count and server.gpu_id in catalog.gpus]
    listed = [server for server in whole if asked in (None, server.gpu_id) or server.id == chosen]
    return found + [Option(server.id, server.name) for server in sorted(listed, key=lambda server: server.name.casefold())]


def gpus(catalog: Catalog | None, empty: str = "form.automatic") -> list[Entry]:
    """Automatic or none, then every GPU, by vendor."""
    automatic = Entry(None, text(empty), text("form.gpu.automatic") if empty == "form.automatic" else "")
    if catalog is None:
        return [automatic]
    listed = sorted(
        catalog.gpus.values(), key=lambda gpu: (gpu.vendor != "NVIDIA", gpu.vendor.casefold(), -(gpu.release_year or 0), gpu.name)
    )
    return [automatic, *(_gpu(gpu.id, catalog) for gpu in listed)]


def gpu_name(gpu_id: str | None, catalog: Catalog | None, empty: str = "form.automatic") -> str:
    """What a GPU is called; None is automatic, or none."""
    if gpu_id is None:
        return text(empty)
    return catalog.gpus[gpu_id].name if catalog and gpu_id in catalog.gpus else gpu_id


def _gpu(gpu_id: str, catalog: Catalog) -> Entry:
    gpu = catalog.gpus[gpu_id]
    mark = text("form.yours") if f"gpu:{gpu_id}" in catalog.yours else ""
    return Entry(gpu_id, gpu.name, f"{gpu.memory_gb:g} GB · {gpu.architecture}", gpu.vendor, f"{gpu_id} {gpu.form_factor}", mark)


def _formats(scenario: Scenario, catalog: Catalog | None, role: str, chosen: str) -> list[Option]:
    if catalog is None:
        return [Option(chosen, chosen)]
    engine = catalog.engines.get(scenario.deployment.engine)
    runs = set(engine.precisions) if engine and role == "weights" else set()
    listed = [item for item in catalog.precisions.values() if item.role == role and (not runs or item.id in {*runs, chosen})]
    shorts = [item.name.removeprefix("KV cache ").partition(" (")[0] for item in listed]  # the row says what is stored
    labels = [short if shorts.count(short) == 1 else item.name for short, item in zip(shorts, listed, strict=True)]
    return [
        Option(item.id, _marked(label, "precision", item.id, catalog), item.name)
        for label, item in zip(labels, listed, strict=True)
    ]


def _marked(name: str, kind: str, record_id: str, catalog: Catalog) -> str:
    return f"{name} · {text('form.yours')}" if f"{kind}:{record_id}" in catalog.yours else name


def _short(name: str) -> str:
    """The form's own short name of a choice where there is one."""
    return text(f"form.choice.{name}") if has(f"form.choice.{name}") else text(f"choice.{name}")

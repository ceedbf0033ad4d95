"""Rules of thumb about what stands around the GPUs: host memory, cores, storage."""

from __future__ import annotations

from collections.abc import Mapping

from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.result import Code, Unit
from gpuplanner.engine.rules import formulas
from gpuplanner.engine.rules.result import Said
from gpuplanner.engine.rules.situation import Situation

Values = Mapping[str, float]


def ram_times(at: Situation, values: Values) -> Said | None:
    """A factor on the memory of a server's cards, against what its host has to hold."""
    needed = _host(at, "ram")
    if needed is None:
        return None
    memory = at.chassis.gpus * at.gpu.memory_gb * 1e9
    low, high = values.get("low", values.get("factor", 1.0)), values.get("high", values.get("factor", 1.0))
    ends = formulas.ram_times(low, memory), formulas.ram_times(high, memory)
    return Said(*ends, needed, Unit.BYTES, _terms(at, "ram"), {"factor": low, "memory": memory})


def ram_per_card(at: Situation, values: Values) -> Said | None:
    """So much host memory a card."""
    needed = _host(at, "ram")
    if needed is None:
        return None
    cards = float(at.chassis.gpus)
    rule = formulas.per_card(cards, values["bytes"])
    return Said(rule, rule, needed, Unit.BYTES, _terms(at, "ram"), {"gpus": cards, "each": values["bytes"]})


def cores_per_card(at: Situation, values: Values) -> Said | None:
    """So many cores a card."""
    needed = _host(at, "cores")
    if needed is None:
        return None
    cards = float(at.chassis.gpus)
    rule = formulas.per_card(cards, values["cores"])
    return Said(rule, rule, needed, Unit.COUNT, _terms(at, "cores"), {"gpus": cards, "each": values["cores"]})


def loader_ram(at: Situation, values: Values) -> Said | None:
    """Buffers of the data loaders in FP32 hidden states, against pinned buffers, loaders and page cache."""
    needed, step = _host(at, "ram"), at.plan.training
    if needed is None or step is None:
        return None
    sample = at.scenario.training.sequence_tokens * values["bytes_per_token"]
    inputs = {
        "batch": float(step.micro_batch),
        "sample": sample,
        "threads": values["threads"],
        "copies": values["copies"],
        "params": at.params,
        "bytes_per_param": values["bytes_per_param"],
    }
    rule = float(formulas.loader_ram(**inputs))
    return Said(rule, rule, needed, Unit.BYTES, (Code("rule.why.token_ids"), *_terms(at, "ram")), inputs)


def storage_range(at: Situation, values: Values) -> Said | None:
    """A usual size, against files, indices and logs."""
    kept = _site(at, "storage")
    if not kept:
        return None
    why = Code("rule.why.storage", {"versions": at.scenario.site.model_versions, "days": at.scenario.site.log_days})
    return Said(values["low_bytes"], values["high_bytes"], kept, Unit.BYTES, (why,))


def storage_models(at: Situation, values: Values) -> Said | None:
    """Many times the model's FP32 file, against what is kept."""
    kept = _site(at, "storage")
    if not kept or not at.params:
        return None
    inputs = {"params": at.params, "bytes_per_param": values["bytes_per_param"], "copies": values["copies"]}
    rule = formulas.files(**inputs)
    why = Code("rule.why.storage", {"versions": at.scenario.site.model_versions, "days": at.scenario.site.log_days})
    return Said(rule, rule, kept, Unit.BYTES, (why,), inputs)


def cold_storage(at: Situation, values: Values) -> Said | None:
    """A price of object storage, against the cheapest of the catalogue."""
    money = at.scenario.money
    found = []
    for item in at.catalog.storage.values():
        rate = exchange_rate(item.price.currency, money.currency, money) if item.price else None
        if item.price and item.kind == "object" and rate and item.price.unit == "GB-month":
            found.append((item.price.amount * rate, item.name))
    in_cny = exchange_rate("CNY", money.currency, money)
    if not found or not in_cny:
        return None
    least, name = min(found)
    return Said(0.0, values["cny"] * in_cny, least, Unit.MONEY, (Code("rule.why.object_class", {"name": name}),))


def _host(at: Situation, key: str) -> float | None:
    host = at.host
    return host.figures[key].value if host is not None else None


def _terms(at: Situation, key: str) -> tuple[Code, ...]:
    host = at.host
    return tuple(host.terms.get(key, ())) if host is not None else ()


def _site(at: Situation, key: str) -> float | None:
    found = at.site.figures.get(key)
    return found.value if found is not None else None

"""The columns of the comparison in their order: where each stands by default, and in which kinds of work."""

from __future__ import annotations

from typing import Final

from gpuplanner.codes import code_text
from gpuplanner.format import format_integer, format_share
from gpuplanner.report.names import shortened
from gpuplanner.report.phrases import gpus_words, writes
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.table.column import PASSING, TRAINING, WRITING, Column, Value, bound, figure, gpu_number, plan_number, word
from gpuplanner.ui.table.row import Context, Row
from gpuplanner.ui.table.values import value_columns


def layout_text(row: Row) -> str:
    """Replicas and how each is cut: "4 × TP8·PP2", as the column is narrow; a dash where there is none."""
    plan = row.plan
    if row.impossible:
        return "—"
    if plan.training is not None:
        from gpuplanner.report.training import degrees  # after the first paint

        cut = [degree.replace(" ", "") if isinstance(degree, str) else code_text(degree) for degree in degrees(plan)]
        return "·".join(cut) or text("results.training.one_gpu")
    tensor, pipeline = plan.tensor_parallel, plan.pipeline_parallel
    cut_into = "·".join(f"{name}{degree}" for name, degree in (("TP", tensor), ("PP", pipeline)) if degree > 1)
    replicas = format_integer(plan.replicas) + (f"+{format_integer(plan.spare_replicas)}" if plan.spare_replicas else "")
    if plan.pools is not None:
        spare = f"+{format_integer(plan.spare_replicas)}" if plan.spare_replicas else ""
        replicas = f"{format_integer(plan.pools.prefill)}P+{format_integer(plan.pools.decode)}D{spare}"
    if not cut_into and not writes(plan):
        each = plan.gpus_per_replica
        return text("results.replicas_of_many" if each > 1 else "results.replicas_of_one", replicas=replicas, gpus=each)
    between = "×" if plan.pools is not None else " × "
    return f"{replicas}{between}{cut_into or 'TP1'}"


def _requests_fit(row: Row) -> int | None:
    return row.plan.memory.requests_fit if row.plan.memory else None


def _kv_tokens_fit(row: Row) -> int | None:
    return row.plan.memory.kv_tokens_fit if row.plan.memory else None


def recompute_text(row: Row) -> str | None:
    """What is computed again, in words; None where the plan doesn't train."""
    step = row.plan.training
    if step is None:
        return None
    if step.recompute == "full" and step.recomputed < 1:
        return text("results.training.recompute.part", percent=round(100 * step.recomputed))
    return text(f"choice.training.recompute.{step.recompute}")


def memory_share(row: Row) -> float | None:
    """Need over what the card has."""
    memory = row.plan.memory
    return memory.need_bytes / memory.usable_bytes if memory is not None and memory.usable_bytes else None


def china_text(row: Row) -> str | None:
    """Whether the card may be sold new in China, in words; None where the sources don't say."""
    sold = row.gpu.export.china_new_sale
    return None if sold is None else text("results.china.yes" if sold else "results.china.no")


def _memory(row: Row, _context: Context) -> Value:
    return None if row.impossible else memory_share(row)


def _memory_text(row: Row, _context: Context) -> str:
    share = memory_share(row)
    return "" if share is None else str(format_share(round(share, 2))).replace("\xa0", "\N{THIN SPACE}")


def _gpus(row: Row, _context: Context) -> Value:
    return None if row.impossible else row.plan.bought


def _gpus_text(row: Row, _context: Context) -> str:
    return "" if row.impossible else gpus_words(row.plan)


def _state_words(row: Row) -> str:
    return text(f"results.status.{row.plan.status.value}")


def _price_date(row: Row, context: Context) -> str | None:
    from gpuplanner.engine.money.prices import card_price  # after the first paint

    price = card_price(row.gpu, context.scenario.money)
    return price.date if price else None


def _rate(row: Row) -> float | None:
    return row.gpu.dense_tflops.bf16 or row.gpu.dense_tflops.fp16


COLUMNS: Final[tuple[Column, ...]] = (
    Column("state", lambda row, _: row.rank, lambda row, _: _state_words(row), width=28, right=False, of_plan=False),
    Column("gpu", lambda row, _: row.name, lambda row, _: shortened(row.name), width=140, right=False, of_plan=False),
    word("layout", lambda row, _: layout_text(row), 98, of_plan=True, default=True),
    Column("gpus", _gpus, _gpus_text, "", 60, from_width=770),
    plan_number("servers", lambda row: row.plan.servers or None, 64, from_width=850),
    Column("memory", _memory, _memory_text, "share", 94, of_plan=False),
    figure("ttft", "s", 76, only=frozenset({WorkloadKind.SERVE})),
    figure("batch_time", "s", 78, only=frozenset({WorkloadKind.BATCH})),
    figure("tpot", "s", 72, only=WRITING),
    figure("throughput", "tok/s", 68, only=WRITING),
    figure("e2e", "s", 78, only=PASSING),
    figure("item_rate", "item/s", 84, only=PASSING),
    plan_number("batch", lambda row: row.plan.batch, 60, from_width=810, only=PASSING),
    figure("memory_per_gpu", "B", 84, only=TRAINING),
    plan_number(
        "micro_batch", lambda row: row.plan.training.micro_batch if row.plan.training else None, 88, from_width=970, only=TRAINING
    ),
    plan_number(
        "micro_batches",
        lambda row: row.plan.training.micro_batches if row.plan.training else None,
        84,
        from_width=1060,
        only=TRAINING,
    ),
    figure("training_time", "s", 84, only=TRAINING),
    figure("mfu", "share", 64, from_width=680, only=TRAINING),
    word("recompute", lambda row, _: recompute_text(row), 92, of_plan=True, default=True, from_width=880, only=TRAINING),
    figure("purchase", "money", 74),
    figure("cost_per_million", "money", 72, from_width=710, only=WRITING),
    figure("step_time", "s", 78, default=False, only=TRAINING),
    figure("run_cost", "money", 78, default=False, only=TRAINING),
    figure("cost_per_thousand", "money", 76, from_width=700, only=PASSING),
    figure("pass_time", "s", 78, default=False, only=PASSING),
    figure("capacity_rate", "req/s", 84, default=False, only=PASSING),
    gpu_number("memory_gb", lambda row: row.gpu.memory_gb, "GB"),
    plan_number("requests_fit", _requests_fit, 92, default=False, only=WRITING),
    plan_number(
        "kv_tokens_fit",
        _kv_tokens_fit,
        100,
        default=False,
        only=WRITING,
    ),
    figure("power", "W", default=False),
    bound("ttft", "low"),
    bound("ttft", "high"),
    bound("tpot", "low"),
    bound("tpot", "high"),
    bound("throughput", "low"),
    bound("throughput", "high"),
    *value_columns(),
    word("price_date", _price_date, 84),
    gpu_number("bandwidth", lambda row: row.gpu.bandwidth_gb_s, "GB/s", 100),
    gpu_number("tflops", _rate, "TFLOPS", 96),
    word("vendor", lambda row, _: row.gpu.vendor, 96),
    word("format", lambda row, _: None if row.impossible else row.plan.compute_format.upper() or None, 84, of_plan=True),
    word("china", lambda row, _: china_text(row), 100),
)
BY_KEY: Final = {column.key: place for place, column in enumerate(COLUMNS)}

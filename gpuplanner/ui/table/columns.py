"""The columns of the comparison, as data: what each holds, how it is written, where it stands by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt

from gpuplanner.codes import code_text
from gpuplanner.engine.result import Quantity
from gpuplanner.format import SYMBOLS, Shown, format_expected, format_figure, format_integer, format_number, format_share
from gpuplanner.report.phrases import writes
from gpuplanner.report.training import degrees
from gpuplanner.scenario.document import WorkloadKind
from gpuplanner.texts import text
from gpuplanner.ui.results.figures import Verdict, limits, verdict
from gpuplanner.ui.table.row import Context, Row

Value = float | int | str | None
Kinds = frozenset[WorkloadKind]
ANSWERING: Final = frozenset(kind for kind in WorkloadKind if not kind.trains)
TRAINING: Final = frozenset(kind for kind in WorkloadKind if kind.trains)
Getter = Callable[[Row, Context], Value]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        key: names it in the settings; its title is the text ``results.column.<key>``.
        value: what it is sorted by and copied as; None is unknown.
        shown: what a cell says; never called for None.
        unit: of the copied value.
        width: in pixels at the usual text size.
        right: whether numbers stand here, right-aligned.
        of_plan: whether it belongs to the plan, so that the reason may stand here where there is none.
        default: whether it is shown until the user chooses.
        from_width: a default column that is left out where the table is narrower than this.
        only: the kinds of workload that it applies to; None for every kind.
    """

    key: str
    value: Getter
    shown: Callable[[Row, Context], str]
    unit: str = ""
    width: int = 72
    right: bool = True
    of_plan: bool = True
    default: bool = True
    from_width: int = 0
    only: frozenset[WorkloadKind] | None = None

    def applies(self, kind: WorkloadKind) -> bool:
        """Whether there is such a thing in this kind of work."""
        return self.only is None or kind in self.only

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """Numbers to the right, words to the left."""
        return (Qt.AlignmentFlag.AlignRight if self.right else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter

    def title(self, context: Context) -> str:
        """The head of the column."""
        return text(
            f"results.column.{self.key}", currency=SYMBOLS.get(context.currency, context.currency), bytes=context.byte_unit
        )

    def copied_title(self, context: Context) -> str:
        """The head in a copied table, with the unit of the raw numbers."""
        unit = context.currency if self.unit == "money" else self.unit
        title = text(f"results.column.{self.key}.long")
        return f"{title}, {unit}" if unit else title


def quantity(row: Row, key: str) -> Quantity | None:
    """A figure of the row's plan; None where it cannot run."""
    return None if row.impossible else row.plan.figures.get(key)


def verdict_of(key: str, row: Row, context: Context) -> Verdict:
    """How a figure of a row stands to its target."""
    limit = limits(context.scenario).get(key)
    return Verdict.PLAIN if limit is None else verdict(quantity(row, key), limit)


def _figure(
    key: str, unit: str, width: int = 72, *, default: bool = True, from_width: int = 0, only: Kinds | None = None
) -> Column:
    def value(row: Row, _context: Context) -> Value:
        found = quantity(row, key)
        return found.value if found else None

    def shown(row: Row, context: Context) -> str:
        return _cell(format_expected(quantity(row, key), byte_unit=context.byte_unit, currency=context.currency), unit)

    return Column(key, value, shown, unit, width, default=default, from_width=from_width, only=only)


def _cell(made: Shown, unit: str) -> str:
    """A figure without what the column's head says already: the currency, and tok/s as far as it is unscaled."""
    if unit == "money":
        number = "".join(made.number.split(f"{symbol}\xa0")[-1] if symbol in made.number else "" for symbol in SYMBOLS.values())
        mark = "≥\N{THIN SPACE}" if made.number.startswith("≥") else ""
        return f"{mark}{number or made.number} {made.unit}".strip()
    if unit == "tok/s":
        scale, _, name = made.unit.rpartition("\xa0")
        return f"{made.number} {scale}".strip() if name else made.number
    return str(made)


def _bound(key: str, end: str) -> Column:
    def value(row: Row, _context: Context) -> Value:
        found = quantity(row, key)
        return getattr(found, end) if found else None

    def shown(row: Row, context: Context) -> str:
        found = quantity(row, key)
        bound = getattr(found, end) if found else None
        return (
            ""
            if bound is None or found is None
            else str(format_figure(Quantity(key, bound, found.unit), currency=context.currency))
        )

    return Column(f"{key}_{end}", value, shown, "s" if key in ("ttft", "tpot") else "tok/s", 84, default=False, only=ANSWERING)


def _plan_number(
    key: str,
    get: Callable[[Row], float | int | None],
    width: int = 60,
    *,
    default: bool = True,
    from_width: int = 0,
    only: Kinds | None = None,
) -> Column:
    def value(row: Row, _context: Context) -> Value:
        return None if row.impossible else get(row)

    def shown(row: Row, _context: Context) -> str:
        return format_integer(get(row))

    return Column(key, value, shown, "", width, default=default, from_width=from_width, only=only)


def _gpu_number(key: str, get: Callable[[Row], float | None], unit: str = "", width: int = 80) -> Column:
    def shown(row: Row, _context: Context) -> str:
        return format_number(get(row))

    return Column(key, lambda row, _: get(row), shown, unit, width, of_plan=False, default=False)


def _word(
    key: str,
    get: Callable[[Row, Context], str | None],
    width: int,
    *,
    of_plan: bool = False,
    default: bool = False,
    from_width: int = 0,
    only: Kinds | None = None,
) -> Column:
    return Column(
        key,
        get,
        lambda row, context: get(row, context) or "",
        "",
        width,
        right=False,
        of_plan=of_plan,
        default=default,
        from_width=from_width,
        only=only,
    )


def layout_text(row: Row) -> str:
    """Replicas and how each is cut: "4 × (TP 8, PP 2)"; a dash where there is none."""
    plan = row.plan
    if row.impossible:
        return "—"
    if plan.training is not None:
        cut = [degree if isinstance(degree, str) else code_text(degree) for degree in degrees(plan)]
        return " · ".join(cut) or text("results.training.one_gpu")
    tensor, pipeline = plan.tensor_parallel, plan.pipeline_parallel
    cut_into = ", ".join(f"{name} {degree}" for name, degree in (("TP", tensor), ("PP", pipeline)) if degree > 1)
    replicas = format_integer(plan.replicas) + (f"+{format_integer(plan.spare_replicas)}" if plan.spare_replicas else "")
    if not cut_into and not writes(plan):
        return text("results.replicas_of_one", replicas=replicas)
    return f"{replicas} × ({cut_into or 'TP 1'})"


def _requests_fit(row: Row) -> int | None:
    return row.plan.memory.requests_fit if row.plan.memory else None


def _kv_tokens_fit(row: Row) -> int | None:
    return row.plan.memory.kv_tokens_fit if row.plan.memory else None


def recompute_text(row: Row) -> str | None:
    """What is computed again, in words; None where the plan doesn't train."""
    step = row.plan.training
    return None if step is None else text(f"choice.training.recompute.{step.recompute}")


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


def _state_words(row: Row) -> str:
    return text(f"results.status.{row.plan.status.value}")


def _price_date(row: Row, context: Context) -> str | None:
    price = row.gpu.best_price(context.currency)
    return price.date if price else None


def _rate(row: Row) -> float | None:
    return row.gpu.dense_tflops.bf16 or row.gpu.dense_tflops.fp16


COLUMNS: Final[tuple[Column, ...]] = (
    Column("state", lambda row, _: row.rank, lambda row, _: _state_words(row), width=28, right=False, of_plan=False),
    Column("gpu", lambda row, _: row.name, lambda row, _: row.name, width=140, right=False, of_plan=False),
    _word("layout", lambda row, _: layout_text(row), 98, of_plan=True, default=True),
    _plan_number("gpus", lambda row: row.plan.gpus, 52, from_width=850),
    _plan_number("servers", lambda row: row.plan.servers or None, 64, from_width=740),
    Column("memory", _memory, _memory_text, "share", 94, of_plan=False),
    _figure("ttft", "s", 76, only=frozenset({WorkloadKind.SERVE})),
    _figure("batch_time", "s", 78, only=frozenset({WorkloadKind.BATCH})),
    _figure("tpot", "s", 72, only=ANSWERING),
    _figure("throughput", "tok/s", 68, only=ANSWERING),
    _figure("memory_per_gpu", "B", 84, only=TRAINING),
    _plan_number("micro_batch", lambda row: row.plan.training.micro_batch if row.plan.training else None, 88, only=TRAINING),
    _plan_number(
        "micro_batches",
        lambda row: row.plan.training.micro_batches if row.plan.training else None,
        84,
        from_width=820,
        only=TRAINING,
    ),
    _word("recompute", lambda row, _: recompute_text(row), 92, of_plan=True, default=True, from_width=740, only=TRAINING),
    _figure("purchase", "money", 74),
    _figure("cost_per_million", "money", 72, from_width=700, only=ANSWERING),
    _gpu_number("memory_gb", lambda row: row.gpu.memory_gb, "GB"),
    _plan_number("requests_fit", _requests_fit, 92, default=False, only=ANSWERING),
    _plan_number(
        "kv_tokens_fit",
        lambda row: row.plan.memory.kv_tokens_fit if row.plan.memory else None,
        100,
        default=False,
        only=ANSWERING,
    ),
    _figure("power", "W", default=False),
    _bound("ttft", "low"),
    _bound("ttft", "high"),
    _bound("tpot", "low"),
    _bound("tpot", "high"),
    _bound("throughput", "low"),
    _bound("throughput", "high"),
    _word("price_date", _price_date, 84),
    _gpu_number("bandwidth", lambda row: row.gpu.bandwidth_gb_s, "GB/s", 100),
    _gpu_number("tflops", _rate, "TFLOPS", 96),
    _word("vendor", lambda row, _: row.gpu.vendor, 96),
    _word("format", lambda row, _: None if row.impossible else row.plan.compute_format.upper() or None, 84, of_plan=True),
    _word("china", lambda row, _: china_text(row), 100),
)
BY_KEY: Final = {column.key: place for place, column in enumerate(COLUMNS)}

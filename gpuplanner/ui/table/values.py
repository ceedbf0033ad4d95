"""Columns of what the cards' price buys: a dense TFLOPS, a GB, a GB/s, an output token a second."""

from __future__ import annotations

from collections.abc import Callable

from gpuplanner.format import format_money
from gpuplanner.ui.table.column import WRITING, Column, Kinds, Value, quantity
from gpuplanner.ui.table.row import Context, Row

Amount = Callable[[Row], float | None]


def value_columns() -> tuple[Column, ...]:
    """All of them; shown when chosen."""
    return (
        _per("per_tflops", _of_cards(lambda row: row.gpu.dense_tflops.bf16 or row.gpu.dense_tflops.fp16)),
        _per("per_gb", _of_cards(lambda row: row.gpu.memory_gb)),
        _per("per_gb_s", _of_cards(lambda row: row.gpu.bandwidth_gb_s)),
        _per("per_token_s", _throughput, only=WRITING),
    )


def _of_cards(each: Amount) -> Amount:
    def amount(row: Row) -> float | None:
        one = each(row)
        return one * row.plan.bought if one is not None else None

    return amount


def _throughput(row: Row) -> float | None:
    made = quantity(row, "throughput")
    return made.value if made is not None else None


def _per(key: str, of: Amount, only: Kinds | None = None) -> Column:
    def value(row: Row, _context: Context) -> Value:
        bought = quantity(row, "purchase")
        amount = of(row)
        return bought.value / amount if bought is not None and bought.value and amount else None

    def shown(row: Row, context: Context) -> str:
        found = value(row, context)
        if not isinstance(found, float):
            return ""
        return str(format_money(found, context.currency)).partition("\xa0")[2].replace("\xa0", "\N{THIN SPACE}")

    return Column(key, value, shown, "money", 84, default=False, only=only)

"""Exchange rates as the user entered them."""

from __future__ import annotations

from gpuplanner.scenario.document import Money


def exchange_rate(source: str, target: str, asked: Money) -> float | None:
    """Units of ``target`` per unit of ``source``; None for a currency no rate was entered for."""
    yuan = {"CNY": 1.0, "USD": asked.cny_per_usd, "EUR": asked.cny_per_usd / asked.eur_per_usd}
    if source not in yuan or target not in yuan:
        return None
    return yuan[source] / yuan[target]

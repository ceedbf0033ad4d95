"""What becomes of a tariff when the currency of a scenario is another."""

from __future__ import annotations

from gpuplanner.scenario.money import Money


def tariff_in(money: Money, currency: str) -> float:
    """The price of a kilowatt-hour, brought to another currency at the scenario's rates, in hundredths."""
    per_usd = {"CNY": money.cny_per_usd, "USD": 1.0, "EUR": money.eur_per_usd}
    if currency == money.currency:
        return money.electricity_per_kwh
    return round(money.electricity_per_kwh / per_usd[money.currency] * per_usd[currency], 2)

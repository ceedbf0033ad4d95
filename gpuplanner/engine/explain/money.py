"""Opening the money figures."""

from __future__ import annotations

from gpuplanner.engine.explain.book import Book, Given, Opener, computed
from gpuplanner.engine.money.prices import card_price
from gpuplanner.engine.money.rates import exchange_rate
from gpuplanner.engine.result import Code, Explanation
from gpuplanner.engine.wiring import wiring


def purchase(book: Opener) -> Explanation:
    """The cards at their price.

    Raises:
        KeyError: when nobody published a price.
    """
    asked = book.scenario.money
    price = card_price(book.gpu, asked)
    rate = exchange_rate(price.currency, asked.currency, asked) if price else None
    if price is None or rate is None:
        raise KeyError("purchase")
    source = Code("source.price", {"kind": Code(f"price.{price.kind}"), "date": price.date, "currency": price.currency})
    given = {
        "gpus": computed(float(book.plan.bought), "bought"),
        "price": Given(price.amount, source),
        "rate": Given(rate, Code("source.input"), "money.cny_per_usd"),
    }
    notes = () if price.is_firm else (Code("note.price_unfirm"),)
    return book.opened(
        "purchase", "money.purchase", given, result=book.plan.figures["purchase"], notes=(*notes, Code("note.cards_only"))
    )


def bought(book: Opener) -> Explanation:
    """The GPUs that are bought, whole boards of them."""
    plan = book.plan
    board = int(wiring((book.gpu,), book.catalog).board[0])
    given = {
        "gpus": Given(float(plan.gpus), Code("source.layout")),
        "servers": Given(float(max(plan.servers, 1)), Code("source.layout")),
        "board": Given(float(board), Code("source.datasheet", {"gpu": book.gpu.name})),
    }
    return book.opened("bought", "layout.bought", given)


def power(book: Opener) -> Explanation:
    """The cards' power.

    Raises:
        KeyError: when the thermal design power isn't known.
    """
    if book.gpu.tdp_w is None:
        raise KeyError("power")
    given = {
        "gpus": Given(float(book.plan.gpus), Code("source.layout")),
        "tdp": Given(book.gpu.tdp_w, Code("source.datasheet", {"gpu": book.gpu.name})),
    }
    return book.opened("power", "money.power", given, result=book.plan.figures["power"])


def cost_per_million(book: Book) -> Explanation:
    """Cost of a million output tokens.

    Raises:
        KeyError: when nobody published a price.
    """
    asked, figures = book.scenario.money, book.plan.figures
    bought, drawn, rate = figures["purchase"].value, figures["power"].value, figures["throughput"].value
    if bought is None or rate is None:
        raise KeyError("cost_per_million")
    entered = Code("source.input")
    given = {
        "purchase": computed(bought, "purchase"),
        "years": Given(asked.lifetime_years, entered, "money.lifetime_years"),
        "utilization": Given(asked.utilization, entered, "money.utilization"),
        "power": computed(drawn or 0.0, "power" if drawn else None),
        "pue": Given(asked.pue, entered, "money.pue"),
        "tariff": Given(asked.electricity_per_kwh, entered, "money.electricity_per_kwh"),
        "throughput": computed(rate, "throughput"),
    }
    return book.opened(
        "cost_per_million", "money.cost_per_million", given, result=figures["cost_per_million"], notes=(Code("note.cards_only"),)
    )

"""The part of the settings that says how both sides are compared, and what a gigabyte costs."""

from __future__ import annotations

from bot.settings_read import Table
from workflows.apps import Prices, Proving

ENGINES = ("auto", "sql", "pull")
CURRENCY = (r"[A-Z]{3}", "a currency is three capital letters, such as CNY")
PRICES = ("currency", "ingest", "index")


def read_proof(table: Table) -> Proving:
    usual = Proving()
    return Proving(
        engine=table.choice("engine", ENGINES, usual.engine),
        least=table.whole("least", usual.least),
        rate=table.whole("rate", usual.rate),
    )


def read_prices(table: Table) -> Prices:
    """A price without its currency would be a bare number on a card, so it is refused."""
    prices = Prices(
        currency=table.matching("currency", *CURRENCY, ""),
        ingest=_price(table, "ingest"),
        index=_price(table, "index"),
    )
    if (prices.ingest or prices.index) and not prices.currency:
        raise table.wrong("currency", "missing; the prices need one, such as CNY")
    return prices


def _price(table: Table, key: str) -> float:
    """0 where it is not told."""
    return table.number(key, 1.0) if table.has(key) else 0.0

"""A stock of goods, and orders for them."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["inventory"]

_STOCK = '''
"""How much there is of what."""

from $package.checks import require_name, require_positive


class $Store:
    """Counts of items by name.

    Args:
        counts: What is there in the beginning; the mapping stays the caller's.
    """

    def __init__(self, counts=None):
        self._counts = dict(counts) if counts else {}

    def count(self, name):
        """Return how many there are of an item; of an unknown one 0."""
        return self._counts.get(name, 0)

    def add(self, name, amount=1):
        """Put items in, and return how many there are now."""
        name = require_name(name)
        self._counts[name] = self.count(name) + require_positive(amount)
        return self._counts[name]

    def take(self, name, amount=1):
        """Take items out; more than there are is refused, and an item that runs out is forgotten."""
        left = self.count(name) - require_positive(amount)
        if left < 0:
            raise ValueError("not enough " + name)
        if left == 0:
            del self._counts[name]
        else:
            self._counts[name] = left
        return left

    def total(self):
        """Return how many items there are in all."""
        return sum(self._counts.values())

    def low(self, level=$level):
        """Return the names of which there are fewer than a level, in order."""
        return sorted(name for name, count in self._counts.items() if count < level)

    def snapshot(self):
        """Return the counts; changing them does not change the store."""
        return dict(self._counts)
'''

_ORDERS = '''
"""Orders: what somebody wants, and what it costs."""

FREE_FROM = $free
SHIPPING = $shipping


def line_price(price, amount):
    """Return the price of some items in cents; from $bulk items on one in ten is free."""
    charged = amount
    if amount >= $bulk:
        charged = amount - amount // 10
    return price * charged


def order_price(prices, wanted):
    """Return what an order costs in cents, with shipping unless it is large.

    Raises KeyError for an item without a price.
    """
    goods = 0
    for name, amount in wanted.items():
        goods += line_price(prices[name], amount)
    if goods == 0 or goods >= FREE_FROM:
        return goods
    return goods + SHIPPING


def missing(store, wanted):
    """Return what a store lacks for an order."""
    lacking = {}
    for name, amount in wanted.items():
        short = amount - store.count(name)
        if short > 0:
            lacking[name] = short
    return lacking


def fulfil(store, orders):
    """Serve orders in turn; one that cannot be served whole is left out. Return the places of those served."""
    served = []
    for place, wanted in enumerate(orders):
        if missing(store, wanted):
            continue
        for name, amount in wanted.items():
            store.take(name, amount)
        served.append(place)
    return served
'''


def inventory(draw: Draw) -> Draft:
    """Return a repository about a stock of goods and orders for them."""
    package = draw.pick(("stockroom", "depot", "pantry", "storehouse", "magazine"))
    store = draw.pick(("Store", "Stock", "Shelf", "Inventory"))
    names = {
        "package": package,
        "Store": store,
        "level": draw.between(3, 8),
        "free": draw.between(40, 90) * 100,
        "shipping": draw.between(3, 9) * 50,
        "bulk": draw.pick((10, 20, 30)),
    }
    goods = draw.sample(
        ("bolts", "nuts", "planks", "nails", "tiles", "pipes", "hinges", "screws", "bricks"), 5
    )
    stock = Suite("stock", f"from {package}.stock import {store}")
    orders = Suite(
        "orders",
        f"from {package}.orders import FREE_FROM, SHIPPING, fulfil, line_price, missing, order_price\n"
        f"from {package}.stock import {store}",
    )
    for _ in range(3):
        a, b = draw.sample(goods, 2)
        x, y = draw.between(6, 20), draw.between(2, 5)
        stock.add(
            "add_and_take",
            f"store = {store}({{'{a}': {x}}})\nstore.add('{b}', {y})",
            f"store.take('{a}', {y})",
            f"store.add('{a}')",
            f"store.count('{b}')",
            "store.total()",
        )
        stock.add(
            "take_all", f"store = {store}({{'{a}': {x}}})", f"store.take('{a}', {x})", "store.snapshot()"
        )
        stock.add(
            "take_too_many", f"store = {store}({{'{a}': {y}}})", f"store.take('{a}', {x})", "store.total()"
        )
        counts = {name: draw.between(1, 12) for name in goods}
        counts[a] = int(names["level"])  # type: ignore[call-overload]
        stock.add("low", f"store = {store}({counts})", "store.low()", f"store.low({y})", "store.total()")
        stock.add(
            "snapshot_is_apart",
            f"given = {{'{a}': {x}}}\nstore = {store}(given)\nstore.snapshot()['{a}'] = 0\nstore.add('{b}', {y})",
            f"store.count('{a}')",
            "given",
        )
        price = draw.between(15, 90)
        bulk = int(names["bulk"])  # type: ignore[call-overload]
        orders.add("line_price", "", f"line_price({price}, {bulk - 1})", f"line_price({price}, {bulk + x})")
        prices = {name: draw.between(20, 300) for name in goods}
        wanted = {a: draw.between(1, 6), b: draw.between(1, 4)}
        orders.add("small_order", f"prices = {prices}", f"order_price(prices, {wanted})")
        orders.add(
            "large_order", f"prices = {{'{a}': FREE_FROM, '{b}': {price}}}", f"order_price(prices, {wanted})"
        )
        orders.add(
            "missing",
            f"store = {store}({{'{a}': {y}, '{b}': {x}}})",
            f"missing(store, {{'{a}': {x}, '{b}': {x}}})",
            f"missing(store, {{'{b}': {x + 1}}})",
        )
        orders.add(
            "fulfil",
            f"store = {store}({{'{a}': {x}, '{b}': {y}}})",
            f"fulfil(store, [{{'{a}': {x - 1}}}, {{'{a}': {y}, '{b}': 1}}, {{'{b}': {y}}}])",
            "store.snapshot()",
        )
    orders.add("empty_order", "", "order_price({}, {})", "SHIPPING")
    orders.add("no_price", "", "order_price({}, {'unknown': 1})")
    orders.add(
        "just_large",
        "",
        "order_price({'x': FREE_FROM}, {'x': 1})",
        "order_price({'x': FREE_FROM - 1}, {'x': 1})",
    )
    modules = {"stock": fill(_STOCK, names), "orders": fill(_ORDERS, names)}
    parts = {"stock": "counts of items", "orders": "prices and orders"}
    return Draft(
        "inventory",
        package,
        "Keeps a stock of goods and serves orders from it.",
        modules,
        [stock, orders],
        parts,
    )

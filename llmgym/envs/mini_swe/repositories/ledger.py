"""Accounts, and payments between them."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["ledger"]

_ACCOUNTS = '''
"""Accounts and the money in them, in cents."""

from $package.checks import require_name, require_positive


class $Refused(Exception):
    """A booking that is not allowed."""


class $Account:
    """Money of one owner.

    Args:
        owner: Who it belongs to.
        balance: What is in it.
        credit: How far it may go below zero.
    """

    def __init__(self, owner, balance=0, credit=0):
        self.owner = require_name(owner)
        self.balance = balance
        self.credit = credit
        self.entries = []

    def deposit(self, amount, note="$deposit"):
        """Put money in."""
        self.balance += require_positive(amount)
        self.entries.append((note, amount))
        return self.balance

    def withdraw(self, amount, note="$withdrawal"):
        """Take money out, down to the credit."""
        if self.balance - require_positive(amount) < -self.credit:
            raise $Refused("not enough money")
        self.balance -= amount
        self.entries.append((note, -amount))
        return self.balance

    def available(self):
        """Return how much can be taken out."""
        return self.balance + self.credit


def fee(amount):
    """Return the fee of a transfer: $rate per mille, at least $least."""
    return max($least, amount * $rate // 1000)


def transfer(source, target, amount):
    """Move money between accounts; the source pays the fee. Nothing moves when it cannot pay both."""
    cost = fee(amount)
    if source.available() < amount + cost:
        raise $Refused("not enough money for the fee")
    source.withdraw(amount, "to " + target.owner)
    source.withdraw(cost, "fee")
    target.deposit(amount, "from " + source.owner)
    return cost
'''

_BOOKS = '''
"""Books: many accounts, and what can be said about them."""

from $package.accounts import $Account, $Refused, transfer


class $Books:
    """Accounts by owner."""

    def __init__(self, accounts=None):
        if accounts is None:
            accounts = []
        self.accounts = {account.owner: account for account in accounts}

    def open(self, owner, balance=0, credit=0):
        """Open an account; one owner has one."""
        if owner in self.accounts:
            raise $Refused("there is one already")
        account = $Account(owner, balance, credit)
        self.accounts[account.owner] = account
        return account

    def pay(self, payments):
        """Make payments (source, target, amount) in turn; return those that were refused."""
        refused = []
        for payment in payments:
            source, target, amount = payment
            try:
                transfer(self.accounts[source], self.accounts[target], amount)
            except $Refused:
                refused.append(payment)
        return refused

    def overdrawn(self):
        """Return the owners whose balance is below zero, the deepest first."""
        below = [account for account in self.accounts.values() if account.balance < 0]
        return [account.owner for account in sorted(below, key=lambda account: (account.balance, account.owner))]

    def totals(self):
        """Return the sum of all balances above zero, and of all below."""
        result = {"owned": 0, "owed": 0}
        for account in self.accounts.values():
            if account.balance >= 0:
                result["owned"] += account.balance
            else:
                result["owed"] -= account.balance
        return result

    def statement(self, owner, last=$last):
        """Return the last entries of an account as lines."""
        entries = self.accounts[owner].entries[-last:]
        return [note + ": " + str(amount) for note, amount in entries]
'''


def ledger(draw: Draw) -> Draft:
    """Return a repository about accounts and payments between them."""
    package = draw.pick(("ledger", "coffers", "teller", "savings", "moneybox"))
    account, books = draw.pick(("Account", "Purse", "Wallet")), draw.pick(("Books", "Bank", "House"))
    refused = draw.pick(("Refused", "Declined", "NotCovered"))
    rate, least = draw.between(5, 30), draw.between(5, 40)
    names = {
        "package": package,
        "Account": account,
        "Books": books,
        "Refused": refused,
        "rate": rate,
        "least": least,
        "last": draw.between(2, 4),
        "deposit": draw.pick(("deposit", "paid in", "cash in")),
        "withdrawal": draw.pick(("withdrawal", "paid out", "cash out")),
    }
    people = draw.sample(("ada", "bo", "cleo", "dov", "eli", "fay", "gus", "hana"), 4)
    accounts = Suite("accounts", f"from {package}.accounts import {account}, {refused}, fee, transfer")
    book = Suite(
        "books", f"from {package}.accounts import {account}, {refused}\nfrom {package}.books import {books}"
    )
    for _ in range(3):
        a, b = draw.sample(people, 2)
        x, y, credit = draw.between(300, 900), draw.between(40, 200), draw.between(50, 250)
        accounts.add(
            "deposit_and_withdraw",
            f"one = {account}(' {a} ', {x})",
            f"one.deposit({y})",
            f"one.withdraw({x})",
            "one.entries",
            "one.owner",
        )
        accounts.add(
            "credit",
            f"one = {account}('{a}', {x}, {credit})",
            "one.available()",
            f"one.withdraw({x + credit})",
            "one.withdraw(1)",
            "one.balance",
        )
        accounts.add("fee", "", f"fee({x * 10})", f"fee({draw.between(1, 20)})")
        accounts.add(
            "transfer",
            f"one = {account}('{a}', {x})\nother = {account}('{b}', {y})",
            f"transfer(one, other, {y})",
            "(one.balance, other.balance)",
            "one.entries",
            "other.entries",
        )
        accounts.add(
            "transfer_with_fee_not_covered",
            f"one = {account}('{a}', {x})\nother = {account}('{b}')",
            f"transfer(one, other, {x})",
            "(one.balance, other.balance)",
        )
        accounts.add(
            "transfer_just_covered",
            f"one = {account}('{a}', {x} + fee({x}))\nother = {account}('{b}')",
            f"transfer(one, other, {x}) == fee({x})",
            "one.balance",
        )
        setup = f"books = {books}()\nbooks.open('{a}', {x}, {credit})\nbooks.open('{b}', {y})"
        book.add("open", setup, f"books.open('{a}')", "sorted(books.accounts)")
        book.add(
            "pay",
            setup,
            f"books.pay([('{a}', '{b}', {y}), ('{b}', '{a}', {x * 2}), ('{b}', '{a}', 10)])",
            "books.totals()",
            f"books.statement('{a}')",
            f"books.statement('{b}', 1)",
        )
        c, d = (name for name in people if name not in (a, b))
        book.add(
            "overdrawn",
            f"books = {books}([{account}('{a}', -{y}), {account}('{b}', {x}), {account}('{c}', -{x}), {account}('{d}')])",
            "books.overdrawn()",
            "books.totals()",
        )
    book.add(
        "books_are_apart",
        f"one = {books}()\none.open('x', 5)\nother = {books}()",
        "other.totals()",
        "one.totals()",
    )
    accounts.add(
        "refuses_nothing",
        f"one = {account}('x', 10)",
        "one.deposit(0)",
        "one.withdraw(-1)",
        "one.withdraw(10)",
    )
    modules = {"accounts": fill(_ACCOUNTS, names), "books": fill(_BOOKS, names)}
    parts = {"accounts": "accounts and transfers", "books": "many accounts together"}
    return Draft(
        "ledger", package, "Keeps accounts and moves money between them.", modules, [accounts, book], parts
    )

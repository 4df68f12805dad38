"""The ledger, pure: accounts, and moves of money or of claims between two of them, which leave its sum at zero.

An account is what one organisation has of a kind. A move takes cents from one account and
puts them into another, so no move can change the sum of all: double entry without a second entry to forget. Balances
below zero are what somebody owes or has spent, those above what somebody awaits or has received.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Kind(StrEnum):
    """What an account holds."""

    OWED = "owed"
    """What its organisation owes to others: below zero."""
    CLAIMED = "claimed"
    """What others owe to it."""
    UNDERWAY = "underway"
    """What it says it paid and the other has not seen: below zero."""
    PAID = "paid"
    """What it paid, less what came back: below zero."""
    RECEIVED = "received"
    """What it received, less what it gave back."""
    RETURNING = "returning"
    """What it says it gave back and the other has not seen."""


class Account(NamedTuple):
    """What one organisation has of a kind."""

    kind: Kind
    organisation_id: UUID


class Why(StrEnum):
    """Why money or a claim moved."""

    DUE = "due"
    VAT = "vat"
    DECLARED = "declared"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    VOIDED = "voided"
    RETURNED = "returned"
    REFUNDED = "refunded"
    NOT_RETURNED = "not_returned"


class Move(NamedTuple):
    """Cents, always more than none, out of one account into another."""

    why: Why
    source: Account
    target: Account
    cents: int


def balances(moves: Iterable[Move]) -> Counter[Account]:
    """What each account holds after some moves."""
    found: Counter[Account] = Counter()
    for move in moves:
        found[move.source] -= move.cents
        found[move.target] += move.cents
    return found


class Sides(NamedTuple):
    """Who pays whom: the moves that each step of a settlement makes. What comes to nothing moves nothing."""

    payer: UUID
    payee: UUID

    def owe(self, cents: int, why: Why = Why.DUE) -> list[Move]:
        """A claim arises; a negative one is taken back."""
        owed, claimed = Account(Kind.OWED, self.payer), Account(Kind.CLAIMED, self.payee)
        return _moves(why, (owed, claimed, cents) if cents > 0 else (claimed, owed, -cents))

    def declare(self, cents: int) -> list[Move]:
        """The payer says that it paid: it owes no more, and the payee still awaits it."""
        return _moves(Why.DECLARED, (self._of(Kind.UNDERWAY), self._of(Kind.OWED), cents))

    def undeclare(self, cents: int, why: Why = Why.DISPUTED) -> list[Move]:
        """It did not arrive: the payer owes it again."""
        return _moves(why, (self._of(Kind.OWED), self._of(Kind.UNDERWAY), cents))

    def confirm(self, cents: int) -> list[Move]:
        """What was under way arrived at the payee itself."""
        claimed, received = Account(Kind.CLAIMED, self.payee), Account(Kind.RECEIVED, self.payee)
        return _moves(Why.CONFIRMED, (self._of(Kind.PAID), self._of(Kind.UNDERWAY), cents), (claimed, received, cents))

    def give_back(self, cents: int) -> list[Move]:
        """The payee says that it gave some of it back."""
        received, returning = Account(Kind.RECEIVED, self.payee), Account(Kind.RETURNING, self.payee)
        return _moves(Why.RETURNED, (received, returning, cents))

    def keep(self, cents: int) -> list[Move]:
        """What the payee says it gave back did not arrive."""
        received, returning = Account(Kind.RECEIVED, self.payee), Account(Kind.RETURNING, self.payee)
        return _moves(Why.NOT_RETURNED, (returning, received, cents))

    def refund(self, cents: int) -> list[Move]:
        """What was given back arrived at the payer."""
        return _moves(Why.REFUNDED, (Account(Kind.RETURNING, self.payee), self._of(Kind.PAID), cents))

    def _of(self, kind: Kind) -> Account:
        return Account(kind, self.payer)


def _moves(why: Why, *legs: tuple[Account, Account, int]) -> list[Move]:
    return [Move(why, source, target, cents) for source, target, cents in legs if cents]

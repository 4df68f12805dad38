"""The ledger, pure: accounts, and moves of money or of claims between two of them, which leave its sum at zero.

An account is what one organisation has of a kind, or what the platform has. A move takes cents from one account and
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
    HELD = "held"
    """What the platform received and has not passed on."""
    FEES = "fees"
    """What the platform keeps."""
    CONTESTED = "contested"
    """What a bank took back from the platform, until it is decided: below zero."""


PLATFORM = (Kind.HELD, Kind.FEES, Kind.CONTESTED)


class Account(NamedTuple):
    """What one organisation has of a kind; the platform's accounts are nobody's."""

    kind: Kind
    organisation_id: UUID | None = None


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
    CHARGED = "charged"
    FAILED = "failed"
    PASSED_ON = "passed_on"
    FEE = "fee"
    SURPLUS = "surplus"
    CONTESTED = "contested"


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

    def charge(self, cents: int) -> list[Move]:
        """A bank was asked for it and has not answered yet."""
        return _moves(Why.CHARGED, (self._of(Kind.UNDERWAY), self._of(Kind.OWED), cents))

    def receive(self, cents: int, fee: int) -> list[Move]:
        """It went straight to the payee, less what the platform keeps."""
        claimed, received = Account(Kind.CLAIMED, self.payee), Account(Kind.RECEIVED, self.payee)
        return [
            *_moves(
                Why.CHARGED, (self._of(Kind.PAID), self._of(Kind.UNDERWAY), cents), (claimed, received, cents - fee)
            ),
            *_moves(Why.FEE, (claimed, Account(Kind.FEES), fee)),
        ]

    def hold(self, cents: int) -> list[Move]:
        """It came to the platform, which passes it on."""
        claimed = Account(Kind.CLAIMED, self.payee)
        return _moves(
            Why.CHARGED, (self._of(Kind.PAID), self._of(Kind.UNDERWAY), cents), (claimed, Account(Kind.HELD), cents)
        )

    def pass_on(self, cents: int, fee: int) -> list[Move]:
        """What the platform held goes to the payee, less what it keeps."""
        held = Account(Kind.HELD)
        return [
            *_moves(Why.PASSED_ON, (held, Account(Kind.RECEIVED, self.payee), cents - fee)),
            *_moves(Why.FEE, (held, Account(Kind.FEES), fee)),
        ]

    def return_fee(self, cents: int) -> list[Move]:
        """The platform gives its part of what is given back; a negative one is kept again."""
        fees, received = Account(Kind.FEES), Account(Kind.RECEIVED, self.payee)
        return _moves(Why.FEE, (fees, received, cents) if cents > 0 else (received, fees, -cents))

    def overpay(self, cents: int) -> list[Move]:
        """It was paid and nothing was owed: the platform holds it until it is back; a negative one is back."""
        paid, held = self._of(Kind.PAID), Account(Kind.HELD)
        return _moves(Why.SURPLUS, (paid, held, cents) if cents > 0 else (held, paid, -cents))

    def contest(self, cents: int) -> list[Move]:
        """The payer's bank took it back from the platform; a negative one was given again."""
        contested, paid = Account(Kind.CONTESTED), self._of(Kind.PAID)
        return _moves(Why.CONTESTED, (contested, paid, cents) if cents > 0 else (paid, contested, -cents))

    def lose(self, cents: int, fee: int) -> list[Move]:
        """The bank keeps what it took: the payee gives it, and the platform its fee."""
        contested = Account(Kind.CONTESTED)
        received = Account(Kind.RECEIVED, self.payee)
        return _moves(Why.CONTESTED, (received, contested, cents - fee), (Account(Kind.FEES), contested, fee))

    def _of(self, kind: Kind) -> Account:
        return Account(kind, self.payer)


def _moves(why: Why, *legs: tuple[Account, Account, int]) -> list[Move]:
    return [Move(why, source, target, cents) for source, target, cents in legs if cents]

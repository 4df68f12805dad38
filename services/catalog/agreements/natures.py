"""What an agreement may be, given what was proposed: a pure module. Its refusals are domain rules, never advice."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from services.catalog.agreements.errors import (
    GiverMissing,
    HolderGives,
    LoanWithPrice,
    LotIsHandedOver,
    MoneyIsGivenByWhoPays,
    OrderWithoutPrice,
    PaidForIsNoGift,
    PayerGivesNothing,
    PublicDonorGivesNoPatronage,
    PurchaseIsNoGift,
    ReceiptNotIssued,
)
from shared.events.agreements import Nature
from shared.events.facts import NeedKind


class Side(StrEnum):
    """One of the two who sign: whose need or lot it is, who buys or hands over; or who proposes or takes."""

    BUYER = "buyer"
    SUPPLIER = "supplier"

    @property
    def other(self) -> "Side":
        """The one across."""
        return Side.SUPPLIER if self is Side.BUYER else Side.BUYER


# Of these somebody hands something over.
HANDED_OVER = (Nature.GIFT, Nature.TRANSFER, Nature.LOAN)
# For these, money that the supplier pays may be what is given.
MAY_GIVE_MONEY = (NeedKind.PATRONAGE, NeedKind.SUPPORT, NeedKind.CSR)
# What the buyer pays for is an order, but for these kinds of needs.
USUAL_WHEN_PAID = {
    NeedKind.PATRONAGE: Nature.PARTNERSHIP,
    NeedKind.CSR: Nature.PARTNERSHIP,
    NeedKind.MATERIAL: Nature.TRANSFER,
}


class Standing(NamedTuple):
    """What is known of one side: a public body or not, and whether it declared that it may issue tax receipts."""

    name: str
    is_public: bool
    may_issue_receipts: bool


class Circumstances(NamedTuple):
    """What was proposed for what; `total_cents` is negative where the supplier pays.

    Of a lot (`is_lot`) who hands over is no question: its holder does, on the buyer's side.
    """

    kind: NeedKind
    total_cents: int
    receipt_wanted: bool
    sides: dict[Side, Standing]
    is_lot: bool = False


def is_public(siren: str | None, roles: Collection[str]) -> bool:
    """True for a public body, as far as can be told: INSEE numbers them from 1 or 2."""
    return "territory" in roles or (siren or "").startswith(("1", "2"))


def usual_nature(of: Circumstances) -> Nature:
    """What the author is offered first."""
    if of.is_lot:
        return _usual_of_lot(of)
    is_public_gift = of.sides[usual_giver(of)].is_public
    if of.total_cents > 0:
        return USUAL_WHEN_PAID.get(of.kind, Nature.ORDER)
    if of.total_cents < 0:
        if of.kind not in MAY_GIVE_MONEY:
            return Nature.TRANSFER
        return Nature.PARTNERSHIP if is_public_gift else Nature.GIFT
    if of.kind in (NeedKind.PATRONAGE, NeedKind.MATERIAL):
        return Nature.TRANSFER if is_public_gift else Nature.GIFT
    return Nature.PARTNERSHIP


def usual_giver(of: Circumstances) -> Side:
    """Who hands over, as far as the need says: whoever is paid; of what is free, who wants a receipt for it."""
    if of.is_lot:
        return Side.BUYER
    if of.total_cents < 0 and of.kind not in MAY_GIVE_MONEY:
        return Side.BUYER
    return Side.BUYER if of.receipt_wanted and of.total_cents == 0 else Side.SUPPLIER


def refuse_unfit(nature: Nature, giver: Side | None, of: Circumstances) -> None:
    """Raise what does not go together, naming the field to mend."""
    if of.is_lot and nature is Nature.PARTNERSHIP:
        raise LotIsHandedOver
    if nature is Nature.ORDER and of.total_cents <= 0:
        raise OrderWithoutPrice
    if nature is Nature.LOAN and of.total_cents != 0:
        raise LoanWithPrice
    if nature is Nature.GIFT and of.total_cents > 0:
        raise PurchaseIsNoGift
    if nature is Nature.GIFT and of.total_cents < 0 and of.kind not in MAY_GIVE_MONEY:
        raise PaidForIsNoGift
    if nature in HANDED_OVER:
        _refuse_giver(nature, giver, of)


def _usual_of_lot(of: Circumstances) -> Nature:
    """A lot whose taker is paid is a service; paid for it is sold; free it is given, where a gift may be."""
    if of.total_cents:
        return Nature.ORDER if of.total_cents > 0 else Nature.TRANSFER
    wants_what_is_not_issued = of.receipt_wanted and not of.sides[Side.SUPPLIER].may_issue_receipts
    return Nature.TRANSFER if of.sides[Side.BUYER].is_public or wants_what_is_not_issued else Nature.GIFT


def _refuse_giver(nature: Nature, giver: Side | None, of: Circumstances) -> None:
    if giver is None:
        raise GiverMissing
    if of.is_lot and giver is not Side.BUYER:
        raise HolderGives
    if nature is Nature.GIFT:
        _refuse_donor(giver, of)
    payer = {True: Side.BUYER, False: Side.SUPPLIER}[of.total_cents > 0] if of.total_cents else None
    if nature is Nature.TRANSFER and giver is payer:
        raise PayerGivesNothing


def _refuse_donor(giver: Side, of: Circumstances) -> None:
    if of.total_cents < 0 and giver is not Side.SUPPLIER:
        raise MoneyIsGivenByWhoPays
    donor, recipient = of.sides[giver], of.sides[giver.other]
    if donor.is_public:
        raise PublicDonorGivesNoPatronage(name=donor.name)
    if of.receipt_wanted and not recipient.may_issue_receipts:
        raise ReceiptNotIssued(name=recipient.name)

"""What donor and recipient do with a gift: value it, confirm it, sign its sheet, take a promise back."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.gifts.content import Delivery, Promised, Valuation
from services.catalog.gifts.errors import (
    AgreementBindsGift,
    AloneMissing,
    CounterpartTooLarge,
    CountsMissing,
    DeliveredTooLate,
    DonorAloneValues,
    MoneyMissing,
    NothingReceived,
    PersonsMissing,
    PersonTwice,
    RecipientAloneConfirms,
    SettlementConfirms,
    SheetChanged,
    SheetDayTwice,
    SheetMissing,
    ValuesMissing,
)
from services.catalog.gifts.figures import counterpart_percent, skills_ceiling
from services.catalog.gifts.models import Gift, GiftProfile
from services.catalog.gifts.promising import note_about, tell
from services.catalog.gifts.queries import gift_to_change, profile_of, settlements_behind
from services.catalog.gifts.schemas import Confirming, Profile, SheetSigning, Valuing
from services.catalog.gifts.worth import is_over
from shared.clock import day_of
from shared.database.versions import ChangedMeanwhile
from shared.events.gifts import GiftEvent, GiftKind
from shared.identity import Identity

# Longer ago than this a day is a slip of the finger.
BEFORE = timedelta(days=366)
A_DAY = 24


async def value_gift(
    session: AsyncSession, donor: Identity, valuing: Valuing, gift: Gift, *, seen: int | None = None, now: datetime
) -> Gift:
    """Say what one's gift is worth; raises where a counterpart makes it none. `seen`: the version that was read."""
    gift = await _changed_by(session, donor, gift, seen)
    if donor.organisation_id != gift.donor_id:
        raise DonorAloneValues
    if not valuing.alone:
        raise AloneMissing
    valuation = _valuation(gift, valuing)
    event = gift.value(valuation, by=donor.organisation_id, member=donor.member_id, at=now)
    await refuse_counterpart(session, gift, day_of(now))
    await _done(session, donor, gift, event, "gift.valued", value_cents=gift.value_cents())
    return gift


async def confirm_gift(
    session: AsyncSession,
    recipient: Identity,
    saying: Confirming,
    gift: Gift,
    *,
    seen: int | None = None,
    now: datetime,
) -> Gift:
    """Say what arrived: the bank line, the count of each line, or the sheet of who was there, which it signs."""
    gift = await _changed_by(session, recipient, gift, seen)
    if recipient.organisation_id != gift.recipient_id:
        raise RecipientAloneConfirms
    if await settlements_behind(session, gift, recipient.organisation_id):
        raise SettlementConfirms
    delivery, on = _delivery(gift, saying)
    first, today = day_of(gift.promised_at) - BEFORE, day_of(now)
    if not first <= on <= today:
        raise DeliveredTooLate
    event = gift.deliver(delivery, on=on, by=recipient.organisation_id, member=recipient.member_id, at=now)
    await refuse_counterpart(session, gift, today)
    await _done(session, recipient, gift, event, "gift.delivered", differs=gift.differs())
    return gift


async def sign_sheet(
    session: AsyncSession, donor: Identity, signing: SheetSigning, gift: Gift, *, now: datetime
) -> Gift:
    """Sign the attendance sheet that was read; the recipient signed it when it filled it in."""
    gift = await _changed_by(session, donor, gift, None)
    if gift.delivered_at is not None and signing.said_at != gift.delivered_at:
        raise SheetChanged
    event = gift.sign_sheet(by=donor.organisation_id, member=donor.member_id, at=now)
    await _done(session, donor, gift, event, "gift.sheet-signed")
    return gift


async def withdraw_gift(session: AsyncSession, donor: Identity, gift: Gift, *, now: datetime) -> Gift:
    """Take a promise back before anything arrived; that of a gift by agreement goes with its agreement."""
    gift = await _changed_by(session, donor, gift, None)
    if donor.organisation_id != gift.donor_id:
        raise DonorAloneValues
    if gift.agreement_id is not None and gift.kind is not GiftKind.SKILLS:
        raise AgreementBindsGift
    event = gift.withdraw(tell=gift.recipient_id, at=now)
    await _done(session, donor, gift, event, "gift.withdrawn")
    return gift


async def save_profile(session: AsyncSession, editor: Identity, said: Profile, *, now: datetime) -> GiftProfile:
    """Say what papers about gifts have to say of one's structure; what was issued stays as it was."""
    row = await profile_of(session, editor.organisation_id)
    if row is None:
        row = GiftProfile(organisation_id=editor.organisation_id)
        session.add(row)
    for name, value in said.model_dump().items():
        setattr(row, name, value)
    row.updated_at = now
    await session.flush()
    about = editor.organisation_id
    await note(session, editor.member_id, editor.organisation_id, "gift.profile-saved", about=about)
    return row


async def refuse_counterpart(session: AsyncSession, gift: Gift, on: date) -> None:
    """Raise `CounterpartTooLarge` where what comes in return makes a gift none; without a value nothing is known."""
    valuation = gift.valuation
    if valuation is None or not valuation.counterpart_cents:
        return
    ceiling = (await skills_ceiling(session, on)).cents if gift.kind is GiftKind.SKILLS else None
    value, percent = gift.value_cents(ceiling), await counterpart_percent(session, on)
    if value is not None and is_over(valuation.counterpart_cents, value, percent):
        raise CounterpartTooLarge(percent=f"{percent.normalize():f}")


async def _changed_by(session: AsyncSession, actor: Identity, gift: Gift, seen: int | None) -> Gift:
    gift = await gift_to_change(session, gift.id, actor.organisation_id)
    if seen is not None and gift.version != seen:
        raise ChangedMeanwhile
    return gift


async def _done(
    session: AsyncSession, actor: Identity, gift: Gift, event: GiftEvent | None, action: str, **about: Any
) -> None:
    if event is None:
        return
    await tell(session, gift, event)
    await note_about(session, actor, gift, action, **about)


def _valuation(gift: Gift, valuing: Valuing) -> Valuation:
    promised = _to_value(gift)
    if gift.kind is GiftKind.GOODS and len(valuing.lines) != len(promised):
        raise ValuesMissing
    if gift.kind is GiftKind.SKILLS:
        _refuse_persons(valuing)
    return valuing.valuation(gift.kind, [each.quantity for each in promised])


def _to_value(gift: Gift) -> list[Promised]:
    """What its donor values: what arrived, once that is said."""
    delivery = gift.delivery
    if delivery is None or gift.kind is not GiftKind.GOODS:
        return list(gift.lines)
    return [
        line.model_copy(update={"quantity": count}) for line, count in zip(gift.lines, delivery.received, strict=True)
    ]


def _refuse_persons(valuing: Valuing) -> None:
    if not valuing.persons:
        raise PersonsMissing
    known: set[str] = set()
    for each in valuing.persons:
        if each.person in known:
            raise PersonTwice(person=each.person)
        known.add(each.person)


def _delivery(gift: Gift, saying: Confirming) -> tuple[Delivery, date]:
    match gift.kind:
        case GiftKind.MONEY:
            if saying.money_cents is None or saying.means is None or saying.on is None:
                raise MoneyMissing
        case GiftKind.GOODS:
            _refuse_counts(gift, saying)
        case GiftKind.SKILLS:
            _refuse_sheet(saying)
    on = max((each.day for each in saying.sheet), default=saying.on) if gift.kind is GiftKind.SKILLS else saying.on
    if on is None:
        raise DeliveredTooLate
    return saying.delivery(gift.kind), on


def _refuse_counts(gift: Gift, saying: Confirming) -> None:
    if len(saying.received) != len(gift.lines):
        raise CountsMissing
    if not any(saying.received):
        raise NothingReceived


def _refuse_sheet(saying: Confirming) -> None:
    if not saying.sheet:
        raise SheetMissing
    hours: dict[tuple[str, date], Any] = {}
    for each in saying.sheet:
        key = (each.person, each.day)
        hours[key] = hours.get(key, 0) + each.hours
        if hours[key] > A_DAY:
            raise SheetDayTwice(person=each.person, day=f"{each.day:%d/%m/%Y}")

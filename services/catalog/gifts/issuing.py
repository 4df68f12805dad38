"""How a recipient issues a paper about a gift: complete, numbered without gaps, replaced and never changed."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.gifts.commands import refuse_counterpart
from services.catalog.gifts.dossier import FACTS, Dossier, Side, Signing
from services.catalog.gifts.errors import (
    IssuedAlready,
    MentionsMissing,
    NothingToAttest,
    NotUnsold,
    PaperCancelled,
    ReasonMissing,
    ReceiptNotYours,
    RecipientAloneIssues,
    UnsoldNotYours,
)
from services.catalog.gifts.figures import skills_ceiling
from services.catalog.gifts.models import Gift, GiftPaper
from services.catalog.gifts.paper import kept_of, on_paper
from services.catalog.gifts.promising import note_about, tell
from services.catalog.gifts.queries import (
    gift_to_change,
    next_number,
    paper_to_replace,
    profile_of,
    side_of,
    standing_paper,
    unsold_gifts,
)
from services.catalog.gifts.schemas import Attesting, Issuing
from services.catalog.organisations.queries import organisation_acting
from shared.clock import day_of
from shared.database import new_id
from shared.events.gifts import GiftEvent, GiftKind, GiftReceiptCancelled, GiftReceipted, GiftReceiptVoided, PaperKind
from shared.identity import Identity

NOT_YOURS = {PaperKind.RECEIPT: ReceiptNotYours, PaperKind.UNSOLD: UnsoldNotYours}


async def dossier_of(session: AsyncSession, paper: PaperKind, gifts: Sequence[Gift], now: datetime) -> Dossier:
    """What a paper about some gifts between the same two would say."""
    first = gifts[0]
    day = max((each.delivered_on for each in gifts if each.delivered_on), default=day_of(now))
    donor, recipient = [
        Side(await side_of(session, each), await profile_of(session, each))
        for each in (first.donor_id, first.recipient_id)
    ]
    ceiling = (await skills_ceiling(session, day)).cents if first.kind is GiftKind.SKILLS else 0
    return Dossier(paper, gifts, donor, recipient, ceiling)


async def issue_paper(
    session: AsyncSession, recipient: Identity, kind: PaperKind, issuing: Issuing, *, gift_id: UUID, now: datetime
) -> GiftPaper:
    """Issue a receipt or an attestation about one gift; raises what it lacks, and where one stands already."""
    gift = await gift_to_change(session, gift_id, recipient.organisation_id)
    await _refuse_others(session, recipient, gift)
    if await standing_paper(session, gift.id, kind) is not None:
        raise IssuedAlready
    return await _issued(session, recipient, kind, [gift], issuing, now=now)


async def attest_year(session: AsyncSession, recipient: Identity, asked: Attesting, *, now: datetime) -> GiftPaper:
    """One attestation for all unsold goods that a donor gave in a year and that none stands for."""
    await organisation_acting(session, recipient.organisation_id)
    gifts = await unsold_gifts(
        session, donor_id=asked.donor_id, recipient_id=recipient.organisation_id, year=asked.year
    )
    if not gifts:
        raise NothingToAttest
    return await _issued(session, recipient, PaperKind.UNSOLD, gifts, asked, now=now, is_yearly=True)


async def replace_paper(
    session: AsyncSession, recipient: Identity, issuing: Issuing, *, paper_id: UUID, now: datetime
) -> GiftPaper:
    """Issue a new one in a paper's place, in a new number, from what is said today; the old number stays, void.

    Where nothing is left of what it was about, nothing takes its place: it is the old one that is given back, void.
    """
    old = await paper_to_replace(session, paper_id, recipient.organisation_id)
    if old.cancelled_at is not None:
        raise PaperCancelled
    if not issuing.reason:
        raise ReasonMissing
    gifts = [await gift_to_change(session, each, recipient.organisation_id) for each in sorted(old.gift_ids)]
    await _refuse_others(session, recipient, gifts[0])
    if all(each.delivered_at is None for each in gifts):
        return await _voided(session, recipient, gifts, old, reason=issuing.reason, now=now)
    # Before the new one: one of a kind stands for a gift.
    old.cancelled_at, old.reason = now, issuing.reason
    await session.flush()
    return await _issued(
        session, recipient, old.kind, gifts, issuing, now=now, replaces=old, is_yearly=old.gift_id is None
    )


async def _voided(
    session: AsyncSession, recipient: Identity, gifts: Sequence[Gift], old: GiftPaper, *, reason: str, now: datetime
) -> GiftPaper:
    old.cancelled_at, old.reason = now, reason
    await session.flush()
    for gift in gifts:
        await tell(session, gift, GiftReceiptVoided(**gift.told(gift.donor_id, now), **_of(old)))
        await note_about(session, recipient, gift, "gift.paper-voided", paper=old.kind, was=old.reference)
    return old


def refuse_ineligible(dossier: Dossier, now: datetime) -> None:
    """Raise unless a coordinator checked what the recipient declared for this paper."""
    code = FACTS.get(dossier.paper)
    if code and not dossier.recipient.organisation.legal_entity.counts(code, day_of(now)):
        raise NOT_YOURS[dossier.paper]


async def _refuse_others(session: AsyncSession, recipient: Identity, gift: Gift) -> None:
    if recipient.organisation_id != gift.recipient_id:
        raise RecipientAloneIssues
    await organisation_acting(session, recipient.organisation_id)


async def _issued(
    session: AsyncSession,
    recipient: Identity,
    kind: PaperKind,
    gifts: Sequence[Gift],
    issuing: Issuing,
    *,
    now: datetime,
    replaces: GiftPaper | None = None,
    is_yearly: bool = False,
) -> GiftPaper:
    dossier = await dossier_of(session, kind, gifts, now)
    refuse_ineligible(dossier, now)
    if kind is PaperKind.UNSOLD and not all(each.valuation and each.valuation.is_unsold for each in gifts):
        raise NotUnsold
    for gift in gifts:
        await refuse_counterpart(session, gift, day_of(now))
    entity, year = dossier.recipient.organisation.legal_entity_id, day_of(now).year
    signing = Signing(issuing.form, issuing.signatory, issuing.capacity, day_of(now), "…", replaces)
    _refuse_incomplete(dossier, signing)
    # Nothing is refused below: the number is taken, and the next one who issues waits for this transaction.
    number = await next_number(session, entity, kind, year)
    paper = _row(dossier, recipient, issuing, now=now, year=year, number=number)
    paper.replaces_id, paper.gift_id = replaces.id if replaces else None, None if is_yearly else gifts[0].id
    said = dossier.said(signing._replace(reference=paper.reference))
    paper.said = kept_of(dossier, said)
    names = {each.code: (each.part, each.name("fr")) for each in dossier.mentions()}
    paper.pdf = await on_paper(kind, names, paper.said, at=now)
    paper.sha256 = sha256(paper.pdf).hexdigest()
    session.add(paper)
    await _told(session, recipient, gifts, paper, replaces=replaces, now=now)
    return paper


def _refuse_incomplete(dossier: Dossier, signing: Signing) -> None:
    missing = dossier.missing(dossier.said(signing))
    if missing:
        raise MentionsMissing(missing=", ".join(each.name("fr").lower() for each in missing))


def _row(
    dossier: Dossier, recipient: Identity, issuing: Issuing, *, now: datetime, year: int, number: int
) -> GiftPaper:
    first, given_on = dossier.gifts[0], dossier.given_on
    if given_on is None:
        raise ValueError("a complete paper has a day")
    return GiftPaper(
        id=new_id(),
        kind=dossier.paper,
        legal_entity_id=dossier.recipient.organisation.legal_entity_id,
        recipient_id=first.recipient_id,
        donor_id=first.donor_id,
        gift_ids=[each.id for each in dossier.gifts],
        year=year,
        number=number,
        given_on=given_on,
        value_cents=dossier.value_cents or 0,
        article=dossier.article.code if dossier.article else "",
        form=issuing.form,
        signatory=issuing.signatory,
        capacity=issuing.capacity,
        issued_by=recipient.member_id,
        issued_at=now,
        reason="",
    )


async def _told(
    session: AsyncSession,
    recipient: Identity,
    gifts: Sequence[Gift],
    paper: GiftPaper,
    *,
    replaces: GiftPaper | None,
    now: datetime,
) -> None:
    for gift in gifts:
        events: list[GiftEvent] = []
        if replaces is not None:
            void = GiftReceiptCancelled(
                **gift.told(gift.donor_id, now), **_of(replaces), replaced_in=paper.year, replaced_by=paper.number
            )
            events.append(void)
        if paper.kind is PaperKind.RECEIPT:
            gift.receipted_at = gift.receipted_at or now
        issued = GiftReceipted(
            **gift.told(gift.donor_id, now),
            **_of(paper),
            value_cents=paper.value_cents,
            document_sha256=paper.sha256,
        )
        await tell(session, gift, *events, issued)
        said = {"paper": paper.kind, "number": paper.reference, "document": paper.sha256}
        if replaces is not None:
            await note_about(session, recipient, gift, "gift.paper-replaced", was=replaces.reference, **said)
        else:
            await note_about(session, recipient, gift, "gift.paper-issued", **said)


def _of(paper: GiftPaper) -> dict[str, Any]:
    return {"paper_id": paper.id, "paper": paper.kind, "year": paper.year, "number": paper.number}

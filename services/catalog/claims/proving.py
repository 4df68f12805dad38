"""Proofs that need nobody to look: an address at the organisation's own domain, the code of a letter on paper."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.link_errors import LinkExpired, LinkUnknown, LinkUsed
from services.catalog.accounts.links import Shown, make_link
from services.catalog.accounts.models import Account, Member
from services.catalog.accounts.queries import link_by_id
from services.catalog.audit.commands import note
from services.catalog.claims.commands import own_claim
from services.catalog.claims.domains import is_at, own_domain
from services.catalog.claims.errors import (
    AddressElsewhere,
    DomainUnknown,
    LetterCodeOver,
    LetterMissing,
    LettersEnough,
    TeamInPlace,
)
from services.catalog.claims.granting import Grounds, grant
from services.catalog.claims.models import CODE_TRIES, Claim, Way
from services.catalog.claims.queries import Asked, claim_of, claim_of_link, organisation_to_claim
from services.catalog.organisations.proof import Proof
from shared.database.acting import act
from shared.events.catalog import LinkPurpose
from shared.identity import Identity, LinkKeys
from shared.messaging.outbox import record

MOST_LETTERS = 5


async def send_letter(
    session: AsyncSession, account: Account, email: str, *, claim_id: UUID, by: UUID, language: str, now: datetime
) -> Claim:
    """Send a link to an address at the organisation's own domain, for the claimant, who is the member `by`.

    Raises `DomainUnknown`, `AddressElsewhere`, `LettersEnough`, `TooManyLinks`, `TeamInPlace`.
    """
    claim = await own_claim(session, account, claim_id)
    _must_be_proved(claim)
    _, organisation = await claim_of(session, account.id, claim_id)
    domain = own_domain(organisation)
    if domain is None:
        raise DomainUnknown
    if not is_at(email, domain):
        raise AddressElsewhere(domain=domain)
    if claim.letters >= MOST_LETTERS:
        raise LettersEnough
    link = await make_link(session, LinkPurpose.CLAIM, email=email, now=now)
    events = claim.write_to(email, link, language)
    await session.flush()
    await record(session, *events)
    await act(session, org=claim.organisation_id)
    await note(session, by, claim.organisation_id, "claim.letter_sent", about=claim.id)
    return claim


async def open_letter(
    session: AsyncSession, account: Account, shown: Shown, *, now: datetime, for_use: bool = False
) -> Asked:
    """The claim whose letter has the link that was shown; changes nothing itself.

    Only the claimant opens it: nobody is made to vouch for somebody else by a button in a letter. `for_use` locks it.
    Raises `LinkUnknown`, `LinkUsed` or `LinkExpired`.
    """
    link = await link_by_id(session, shown.link_id, for_update=for_use) if shown.is_ours else None
    if link is None or link.purpose is not LinkPurpose.CLAIM:
        raise LinkUnknown
    await act(session, account=account.id)
    asked = await claim_of_link(session, account.id, link.id)
    if asked is None:
        raise LinkUnknown
    if link.used_at is not None or not asked.claim.is_pending or asked.claim.email is None:
        raise LinkUsed
    if link.expires_at <= now:
        raise LinkExpired
    return asked


async def prove_by_letter(session: AsyncSession, account: Account, shown: Shown, *, now: datetime) -> Member:
    """Use the link: whoever reads the organisation's own mail becomes its owner."""
    asked = await open_letter(session, account, shown, now=now, for_use=True)
    link = await link_by_id(session, shown.link_id, for_update=True)
    if link is not None:
        link.used_at = now
    if asked.claim.email == account.email:
        account.email_confirmed_at = account.email_confirmed_at or now
    return await grant(session, asked.claim, Grounds(proof=Proof.EMAIL_DOMAIN), now=now)


async def prove_by_code(
    session: AsyncSession, account: Account, code: str, keys: LinkKeys, *, claim_id: UUID, now: datetime
) -> Member | None:
    """The owner by the code of a letter on paper; None when it is not the code, which was counted.

    Raises `LetterMissing` or `LetterCodeOver`.
    """
    await act(session, account=account.id)
    asked = await claim_of(session, account.id, claim_id)
    # The organisation's row first, as whoever grants does: two claimants never wait for each other.
    await act(session, org=asked.organisation.id)
    await organisation_to_claim(session, asked.organisation.id)
    claim = await own_claim(session, account, claim_id)
    _must_be_proved(claim)
    if claim.code_id is None or claim.code_until is None:
        raise LetterMissing
    if claim.code_until <= now or claim.code_tries >= CODE_TRIES:
        raise LetterCodeOver
    if not keys.is_code(claim.code_id, code):
        claim.code_tries += 1
        await session.flush()
        return None
    return await grant(session, claim, Grounds(proof=Proof.LETTER), now=now)


async def print_letter(session: AsyncSession, coordinator: Identity, claim: Claim, *, now: datetime) -> None:
    """Make the code of a new letter on paper to the organisation's address."""
    await act(session, org=claim.organisation_id)
    _must_be_proved(claim)
    claim.print_letter(now)
    await session.flush()
    await note(session, coordinator.member_id, claim.organisation_id, "claim.letter_printed", about=claim.id)


def _must_be_proved(claim: Claim) -> None:
    if claim.way is not Way.PROOF:
        raise TeamInPlace

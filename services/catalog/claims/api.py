"""One's own claims as JSON."""

from uuid import UUID

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.models import Account
from services.catalog.accounts.queries import account_of
from services.catalog.claims.commands import ask, withdraw_claim
from services.catalog.claims.errors import NamedNotToBeClaimed, NotToBeClaimed
from services.catalog.claims.queries import claim_of, claims_of
from services.catalog.claims.schemas import Claiming, ClaimOut
from services.catalog.organisations.queries import organisation_by_id
from shared.database.acting import act
from shared.identity import Identity
from shared.web.cursors import Cursor, Limit, listed, place_of
from shared.web.provided import Member, Now, Session
from shared.web.transactions import ONCE, SEEN


class Claims(Struct, frozen=True):
    """One page of one's own claims; `next` is the cursor of the following one."""

    items: list[ClaimOut]
    next: str | None


@get("/")
async def list_claims(session: Session, member: Member, cursor: Cursor = None, limit: Limit = 50) -> Claims:
    """The organisations that one asked to act for, the newest claim first."""
    account = await _account(session, member)
    rows = await claims_of(session, account.id, before=place_of(cursor, UUID), limit=limit + 1)
    return Claims(*listed(rows, limit, lambda each: ClaimOut.of(each.claim), at=lambda each: each.claim.id))


@get("/{claim_id:uuid}")
async def read_claim(session: Session, member: Member, claim_id: FromPath[UUID]) -> ClaimOut:
    """One of one's own claims."""
    account = await _account(session, member)
    return ClaimOut.of((await claim_of(session, account.id, claim_id)).claim)


@post("/", dependencies=ONCE)
async def create_claim(session: Session, member: Member, now: Now, data: JSONBody[Claiming]) -> ClaimOut:
    """Ask to act for an organisation that is on Boucle; its proofs are given on the claim's page."""
    organisation = await organisation_by_id(session, data.organisation_id)
    if organisation is None:
        raise NamedNotToBeClaimed
    account = await account_of(session, member.member_id)
    try:
        claim = await ask(session, account, data, organisation=organisation, by=member.member_id, now=now)
    except NotToBeClaimed:
        raise NamedNotToBeClaimed from None
    return ClaimOut.of(claim)


@post("/{claim_id:uuid}/withdraw", status_code=200, dependencies=SEEN)
async def withdraw(session: Session, member: Member, now: Now, claim_id: FromPath[UUID]) -> ClaimOut:
    """Take a claim back."""
    account = await account_of(session, member.member_id)
    return ClaimOut.of(await withdraw_claim(session, member, account, claim_id=claim_id, now=now))


async def _account(session: AsyncSession, member: Identity) -> Account:
    account = await account_of(session, member.member_id)
    await act(session, account=account.id)
    return account


ROUTES = [
    Router("/api/v1/claims", route_handlers=[list_claims, read_claim, create_claim, withdraw], tags=["claims"]),
]

"""The call for projects of the demonstration, with one application: what the territory and a workshop would see."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import account_by_email, memberships
from services.catalog.calls.commands import draft_call, keep_application, publish_call, submit_application
from services.catalog.calls.models import Call
from services.catalog.calls.schemas import ApplicationDraft, CallDraft
from services.catalog.organisations.models import Organisation
from shared.clock import day_of
from shared.database import Database, now_of
from shared.identity import Identity

FILE = Path(__file__).parents[1] / "demonstration" / "call.toml"
# Nobody is signed in: whoever acts here is the person of the demonstration.
NO_SESSION = UUID(int=0)


async def open_call(database: Database, emails: Mapping[str, str]) -> bool:
    """Publish the call and answer it, as the people of these addresses; False when it is there already."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    async with database.sessions.begin() as session:
        caller = await identity_of(session, emails[told["by"]])
        known = select(Call.id).where(
            Call.organisation_id == caller.organisation_id, Call.title == told["call"]["title"]
        )
        if await session.scalar(known) is not None:
            return False
        now = now_of(session)
        call = await draft_call(session, caller, _draft(told, day=day_of(now)), now=now)
        await publish_call(session, caller, call_id=call.id, now=now)
        await _answer(session, told["application"], emails, call_id=call.id)
    return True


async def _answer(session: AsyncSession, told: Mapping[str, Any], emails: Mapping[str, str], *, call_id: UUID) -> None:
    author, now = await identity_of(session, emails[told["by"]]), now_of(session)
    draft = ApplicationDraft.model_validate({name: value for name, value in told.items() if name != "by"})
    await keep_application(session, author, draft, call_id=call_id, now=now)
    await submit_application(session, author, call_id=call_id, now=now)


def _draft(told: Mapping[str, Any], *, day: Any) -> CallDraft:
    days = {name: day + timedelta(days=told[f"{name[:-3]}_in_days"]) for name in ("closes_on", "decides_on")}
    return CallDraft.model_validate({**told["call"], **days})


async def identity_of(session: AsyncSession, email: str) -> Identity:
    """Somebody of the demonstration as if signed in, for the organisation they act for."""
    account = await account_by_email(session, email)
    if account is None:
        raise LookupError(f"nobody of the demonstration has the address {email}")
    (member, *_) = await memberships(session, account.id)
    organisation = await session.get_one(Organisation, member.organisation_id)
    return Identity(
        session_id=NO_SESSION,
        member_id=member.id,
        person_name=account.name,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        role=member.role,
        roles=frozenset(organisation.roles),
    )

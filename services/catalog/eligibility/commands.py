"""What an entity declares that it may issue or receive, and what a coordinator finds."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.audit.commands import note
from services.catalog.eligibility.articles import THREE, article_of
from services.catalog.eligibility.errors import (
    ArticleUnknown,
    DecisionDateMissing,
    DecisionMissing,
    EndInThePast,
    FactChanged,
    FactUnknown,
    OwnersDeclare,
    OwnFacts,
    RefusalUnsaid,
)
from services.catalog.eligibility.schemas import Declaring, Found, Looking
from services.catalog.organisations.models import LegalEntity
from services.catalog.organisations.queries import (
    entity_to_check,
    organisation_acting,
    organisation_by_id,
    organisation_to_check,
)
from services.catalog.organisations.status import Source, StatusFact
from services.catalog.portrait.commands import tell_entity
from services.catalog.portrait.queries import own_organisation
from shared.clock import day_of
from shared.database.acting import act
from shared.events.eligibility import EligibilityChecked, EligibilityDeclared, EligibilityRefused
from shared.identity import Identity, Role
from shared.messaging.outbox import record


async def declare_fact(session: AsyncSession, owner: Identity, declaring: Declaring, *, now: datetime) -> StatusFact:
    """Declare one of the three facts; the same again keeps its check, anything else waits for one anew."""
    if owner.role is not Role.OWNER:
        raise OwnersDeclare
    await organisation_acting(session, owner.organisation_id)
    fact, today = _declared(declaring, day_of(now)), day_of(now)
    code = fact.code
    organisation = await own_organisation(session, owner.organisation_id)
    entity = organisation.legal_entity
    known = entity.fact(code)
    if known is not None and known.refused_on is None and _rests_on(known) == _rests_on(fact):
        return known
    entity.state_facts([*(each for each in entity.all_facts(today) if each.code != code), fact], today)
    await tell_entity(session, entity, now=now)
    await act(session, org=organisation.id)
    told = EligibilityDeclared(**_told(entity, organisation.id, fact, now))
    await session.flush()
    await record(session, told)
    await note(session, owner.member_id, organisation.id, "eligibility.declared", about=entity.id, **_noted(fact))
    return fact


async def judge_fact(
    session: AsyncSession, coordinator: Identity, looking: Looking, *, organisation_id: UUID, now: datetime
) -> StatusFact:
    """Say that one saw the proof of a fact, or refuse it with a reason; raises when it was declared anew since."""
    if looking.finding is Found.REFUSED and not looking.words:
        raise RefusalUnsaid
    await act(session, org=organisation_id)
    organisation = await organisation_to_check(session, organisation_id)
    entity, today = await entity_to_check(session, organisation.legal_entity_id), day_of(now)
    own = await organisation_by_id(session, coordinator.organisation_id)
    if own is not None and own.legal_entity_id == entity.id:
        raise OwnFacts
    fact = entity.fact(looking.code)
    if fact is None or looking.code not in THREE:
        raise FactUnknown
    if fact.stated_on != looking.stated_on:
        raise FactChanged
    is_seen = looking.finding is Found.CHECKED
    found = {
        "checked_on": today if is_seen else None,
        "refused_on": None if is_seen else today,
        "refusal": None if is_seen else looking.words,
    }
    fact = fact.model_copy(update=found)
    entity.state_facts([fact if each.code == fact.code else each for each in entity.facts], today)
    await tell_entity(session, entity, now=now)
    await act(session, org=organisation.id)
    told = _told(entity, organisation.id, fact, now)
    await session.flush()
    await record(session, EligibilityChecked(**told) if is_seen else EligibilityRefused(**told))
    action = f"eligibility.{looking.finding}"
    await note(session, coordinator.member_id, organisation.id, action, about=entity.id, **_noted(fact))
    return fact


def _declared(declaring: Declaring, today: date) -> StatusFact:
    code = declaring.code
    if code not in THREE:
        raise FactUnknown
    article = article_of(code, declaring.article)
    if article is None:
        raise ArticleUnknown
    if article.needs_decision and not declaring.decision:
        raise DecisionMissing
    is_undated = article.needs_decision and declaring.decided_on is None
    if is_undated or (declaring.decided_on is not None and declaring.decided_on > today):
        raise DecisionDateMissing
    if declaring.expires_on is not None and declaring.expires_on < today:
        raise EndInThePast
    return StatusFact(
        code=code,
        source=Source.DECISION if declaring.decision else Source.DECLARED,
        stated_on=today,
        expires_on=declaring.expires_on,
        article=article.code,
        decision=declaring.decision or None,
        decided_on=declaring.decided_on,
    )


def _rests_on(fact: StatusFact) -> tuple[object, ...]:
    return fact.article, fact.decision, fact.decided_on, fact.expires_on


def _told(entity: LegalEntity, organisation_id: UUID, fact: StatusFact, now: datetime) -> dict[str, Any]:
    # One aggregate more with the entity's own count: told after `EntityChanged`, and never twice with one number.
    ids = {"legal_entity_id": entity.id, "organisation_id": organisation_id, "version": entity.version}
    return {**ids, "code": fact.code, "article": fact.article or "", "at": now}


def _noted(fact: StatusFact) -> dict[str, Any]:
    return {"code": fact.code, "article": fact.article, "stated_on": fact.stated_on.isoformat()}

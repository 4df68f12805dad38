"""What is done with calls and applications: written, published, sent, withdrawn, weighed, decided."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.queries import wait_for_turn
from services.catalog.audit.commands import note
from services.catalog.calls.errors import (
    ApplicationSent,
    ApplicationUnknown,
    CallersOnly,
    CallNotClosed,
    CallNotOpen,
    DecisionsMissing,
    KindWordMissing,
    NotForYou,
    OwnCall,
)
from services.catalog.calls.models import Application, ApplicationState, Call, CallState, Review, aligned
from services.catalog.calls.queries import (
    application_for_update,
    application_seen_by,
    application_to,
    applications_to,
    call_seen_by,
    own_call,
    review_of,
    reviews_of,
)
from services.catalog.calls.schemas import ApplicationDraft, CallDraft, ReviewAsked
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.queries import organisation_by_id
from shared.clock import day_of
from shared.database.acting import act
from shared.identity import Identity
from shared.messaging.outbox import record

CALLERS = frozenset({"territory", "partner"})


def refuse_who_may_not_call(identity: Identity) -> None:
    """Raise `CallersOnly` for an organisation that is neither the territory's nor a partner."""
    if not CALLERS & identity.roles:
        raise CallersOnly


async def draft_call(session: AsyncSession, caller: Identity, draft: CallDraft, *, now: datetime) -> Call:
    """Keep a call that nobody else sees yet."""
    refuse_who_may_not_call(caller)
    call = Call(organisation_id=caller.organisation_id, created_at=now, updated_at=now, **draft.columns())
    session.add(call)
    await session.flush()
    await note(session, caller.member_id, caller.organisation_id, "call.drafted", about=call.id)
    return call


async def change_call(
    session: AsyncSession, caller: Identity, draft: CallDraft, *, call_id: UUID, now: datetime
) -> Call:
    """Write a draft anew."""
    refuse_who_may_not_call(caller)
    call = await own_call(session, call_id, organisation_id=caller.organisation_id)
    call.change(draft.columns(), now)
    await session.flush()
    await note(session, caller.member_id, caller.organisation_id, "call.changed", about=call.id)
    return call


async def publish_call(session: AsyncSession, caller: Identity, *, call_id: UUID, now: datetime) -> Call:
    """Show a call to everybody; it opens at once when its day has come."""
    refuse_who_may_not_call(caller)
    call = await own_call(session, call_id, organisation_id=caller.organisation_id)
    call.organisation.may_act()
    call.publish(day_of(now), now)
    await record(session, *call.move_on(day_of(now), now))
    await note(session, caller.member_id, caller.organisation_id, "call.published", about=call.id)
    return call


async def keep_application(
    session: AsyncSession, author: Identity, draft: ApplicationDraft, *, call_id: UUID, now: datetime
) -> Application:
    """Keep what an organisation writes to a call; the first time makes the draft, which outlives the call's end."""
    call = await _call_to_answer(session, author, call_id)
    await wait_for_turn(session, f"application:{call_id}:{author.organisation_id}")
    application = await application_to(session, call_id, author.organisation_id, for_update=True)
    is_begun = application is not None and application.state is not ApplicationState.WITHDRAWN
    if not is_begun and not call.takes_applications(day_of(now)):
        raise CallNotOpen
    if application is None:
        application = Application(
            call_id=call_id,
            organisation_id=author.organisation_id,
            state=ApplicationState.DRAFT,
            version=0,
            created_at=now,
            updated_at=now,
        )
        session.add(application)
    values = draft.columns()
    application.write({**values, "answers": aligned(values["answers"], call.criteria)}, now)
    await session.flush()
    await note(session, author.member_id, author.organisation_id, "application.kept", about=application.id)
    return application


async def submit_application(session: AsyncSession, author: Identity, *, call_id: UUID, now: datetime) -> Application:
    """Send it: the caller is told, and told again when it had been taken back."""
    call = await _call_to_answer(session, author, call_id)
    application = await _own_application(session, author, call_id)
    await record(session, application.submit(call, day_of(now), now))
    await note(session, author.member_id, author.organisation_id, "application.submitted", about=application.id)
    return application


async def withdraw_application(session: AsyncSession, author: Identity, *, call_id: UUID, now: datetime) -> None:
    """Take it back, before the call closes; until then it may be sent again."""
    call = await call_seen_by(session, call_id, author.organisation_id)
    application = await _own_application(session, author, call_id)
    application.withdraw(call, day_of(now), now)
    await session.flush()
    await note(session, author.member_id, author.organisation_id, "application.withdrawn", about=application.id)


async def review_application(
    session: AsyncSession, caller: Identity, asked: ReviewAsked, *, application_id: UUID, now: datetime
) -> Review:
    """Note an application by criterion, and what will be decided; nobody else knows until it is announced."""
    application = await application_seen_by(session, application_id, caller.organisation_id)
    call = application.call
    if call.organisation_id != caller.organisation_id:
        raise ApplicationUnknown
    if call.state is CallState.DECIDED:
        raise ApplicationSent
    if asked.retained == "no" and not asked.words:
        raise KindWordMissing
    await wait_for_turn(session, f"review:{application_id}")
    review = await review_of(session, application_id)
    if review is None:
        review = Review(application_id=application_id, organisation_id=caller.organisation_id)
        session.add(review)
    review.marks = aligned(asked.marks(), call.criteria)
    review.retained = None if asked.retained is None else asked.retained == "yes"
    review.words, review.reviewed_by, review.reviewed_at = asked.words, caller.member_id, now
    await session.flush()
    await note(session, caller.member_id, caller.organisation_id, "application.reviewed", about=application_id)
    return review


async def announce_decisions(session: AsyncSession, caller: Identity, *, call_id: UUID, now: datetime) -> int:
    """Tell every applicant at once what was decided; returns how many. Raises when one has no decision yet."""
    call = await own_call(session, call_id, organisation_id=caller.organisation_id)
    await record(session, *call.move_on(day_of(now), now))
    if call.state is not CallState.CLOSED:
        raise CallNotClosed
    sent = await applications_to(session, call_id)
    reviews = await reviews_of(session, [each.id for each in sent])
    left = [each.id for each in sent if not (review := reviews.get(each.id)) or not review.decides(each)]
    if left:
        raise DecisionsMissing(left=len(left))
    call.state = CallState.DECIDED
    call.version += 1
    await session.flush()
    await note(session, caller.member_id, caller.organisation_id, "call.decided", about=call.id)
    for application in await applications_to(session, call_id):
        await _tell_applicant(session, application, call, reviews[application.id], now=now)
    await act(session, org=caller.organisation_id)
    return len(sent)


async def _tell_applicant(
    session: AsyncSession, application: Application, call: Call, review: Review, *, now: datetime
) -> None:
    # The row is the applicant's: it changes as theirs.
    await act(session, org=application.organisation_id)
    locked = await application_for_update(session, application.id)
    await record(session, locked.decide(call, review, now))
    await session.flush()


async def _call_to_answer(session: AsyncSession, author: Identity, call_id: UUID) -> Call:
    call = await call_seen_by(session, call_id, author.organisation_id)
    if call.organisation_id == author.organisation_id:
        raise OwnCall
    if not author.roles & set(call.open_to):
        raise NotForYou
    organisation: Organisation | None = await organisation_by_id(session, author.organisation_id)
    if organisation is not None:
        organisation.may_act()
    return call


async def _own_application(session: AsyncSession, author: Identity, call_id: UUID) -> Application:
    application = await application_to(session, call_id, author.organisation_id, for_update=True)
    if application is None:
        raise ApplicationUnknown
    return application

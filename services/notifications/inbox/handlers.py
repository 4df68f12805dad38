"""What happens when matching tells who fits, who almost does, and who is asked."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.audience.commands import meet
from services.notifications.deliveries.commands import intend_for_editors
from services.notifications.inbox.commands import Heard, Told, tell, tell_of_ranking
from services.notifications.inbox.models import Topic
from services.notifications.inbox.telling import tell_editors
from services.notifications.live.commands import Kind, News, announce, announcing
from shared.database import now_of
from shared.events.answers import Answered, AnswerGiven
from shared.events.calls import ApplicationDecided, ApplicationSubmitted
from shared.events.matching import AllocationAccepted, Demand, DemandMatched, DemandUnmatched, Match, SupplierSolicited
from shared.events.messages import MessagePosted
from shared.events.questions import QuestionAnswered, QuestionAsked, QuestionEvent, QuestionHidden
from shared.events.reasons import Reason
from shared.events.standing import EndingNoticed
from shared.messaging.handling import Handlers
from shared.messaging.outbox import record

Payload = dict[str, Any]

REASONS_SHOWN = 3


async def on_demand_matched(session: AsyncSession, event: DemandMatched) -> None:
    """The author is told once that it has matches, and its open pages of each change; who entered sees it at once."""
    now = now_of(session)
    about = _about(event.demand) | {"total": event.total}
    told = await _tell_author(session, Topic.MATCHED, event, about) if event.matches else Told(Heard.AGAIN)
    newcomers = _newcomers(event)
    news: list[News] = []
    if told.heard is not Heard.TOO_LATE:
        payload = about | _said_to_author(is_first=told.heard is Heard.FIRST, fresh=len(newcomers))
        news.append(News(event.organisation_id, Kind.DEMAND_MATCHED, payload))
    for organisation_id, match in newcomers.items():
        shown = about | _why(match.score, match.reasons) | {"say": "new-for-you"}
        news.append(News(organisation_id, Kind.NEW_FOR_YOU, shown))
    await record(session, *told.events, beside=announcing(session, news, now=now))


async def on_demand_unmatched(session: AsyncSession, event: DemandUnmatched) -> None:
    """The author is told once that nobody fits, and what almost does; not when somebody does by now."""
    params = _about(event.demand) | {"near_misses": len(event.near_misses)}
    told = await _tell_author(session, Topic.UNMATCHED, event, params)
    if told.heard is Heard.TOO_LATE:
        return
    payload = params | {"topic": Topic.UNMATCHED.value} | ({"say": "unmatched"} if told.heard is Heard.FIRST else {})
    news = News(event.organisation_id, Kind.NOTICE, payload)
    await record(session, *told.events, beside=announcing(session, [news], now=now_of(session)))


async def on_supplier_solicited(session: AsyncSession, event: SupplierSolicited) -> None:
    """The supplier is asked: in the inbox, on its open pages, and by mail to whoever may answer.

    A need that everybody is asked about is a formal tender; of flows, also what has not long to live.
    """
    await meet(session, event.organisation_id)
    now = now_of(session)
    params = _about(event.demand) | _until(event.demand) | _why(event.score, event.reasons)
    if event.demand.kind == "need" and event.chosen == "everyone":
        params["public_tender"] = True
    notice_id = await tell(
        session,
        Topic.SOLICITED,
        organisation_id=event.organisation_id,
        told_for=event.solicitation_id,
        params=params,
        now=now,
    )
    if notice_id is None:
        return
    payload = params | {"say": "solicited"}
    await announce(session, [News(event.organisation_id, Kind.SOLICITED, payload)], now=now)
    await intend_for_editors(session, notice_id, now=now)


async def on_allocation_accepted(session: AsyncSession, event: AllocationAccepted) -> None:
    """Each taker that a split proposes is asked whether its part suits it, once for each accepted split."""
    now = now_of(session)
    shares = sorted(event.shares, key=lambda share: share.organisation_id)
    for share in shares:
        # In one order, and before the lock of live events, which others take while they hold these.
        await meet(session, share.organisation_id)
    news = list[News]()
    for share in shares:
        quantity = share.quantity.model_dump(mode="json")
        params = _about(event.demand) | {
            "quantity": quantity["value"],
            "quantity_unit": quantity["unit"],
            "quantity_period": quantity["period"],
        }
        notice_id = await tell(
            session,
            Topic.ALLOCATED,
            organisation_id=share.organisation_id,
            told_for=event.allocation_id,
            params=params,
            now=now,
        )
        if notice_id is not None:
            await intend_for_editors(session, notice_id, now=now)
            payload = params | {"topic": Topic.ALLOCATED.value, "say": Topic.ALLOCATED.value}
            news.append(News(share.organisation_id, Kind.NOTICE, payload))
    await announce(session, news, now=now)


async def on_answer_given(session: AsyncSession, event: AnswerGiven) -> None:
    """The need's people learn who is interested, and who was told to be and is not any more; a no is told to nobody."""
    is_interested, was_interested = (each is Answered.INTERESTED for each in (event.answer, event.before))
    if is_interested is was_interested:
        return
    params: Payload = {
        "about_id": str(event.need_id),
        "about_kind": "answers",
        "title": event.title,
        "supplier": event.supplier_name,
        "answer_id": str(event.answer_id),
        "version": event.version,
    }
    told_for = uuid5(event.answer_id, str(event.version))
    await tell_editors(
        session,
        Topic.INTERESTED,
        organisation_id=event.organisation_id,
        told_for=told_for,
        params=params if is_interested else params | {"no_more": True},
    )


async def on_question_asked(session: AsyncSession, event: QuestionAsked) -> None:
    """The author learns that somebody asks, and not who."""
    await _tell_of_question(session, Topic.QUESTIONED, event, event.organisation_id)


async def on_question_answered(session: AsyncSession, event: QuestionAnswered) -> None:
    """Who asked reads the answer, and whoever is interested in the need hears that there is one."""
    said: Payload = {"corrected": True} if event.corrected else {}
    await _tell_of_question(session, Topic.REPLIED, event, event.organisation_id, said)
    # In one order, as others lock the same organisations.
    for organisation_id in sorted(event.interested):
        await _tell_of_question(session, Topic.CLARIFIED, event, organisation_id, said)


async def on_question_hidden(session: AsyncSession, event: QuestionHidden) -> None:
    """Who asked learns why nobody reads it any more."""
    await _tell_of_question(session, Topic.REPLIED, event, event.organisation_id, {"hidden_for": event.reason})


async def on_message_posted(session: AsyncSession, event: MessagePosted) -> None:
    """Who is written to hears of the first message that it has not read; of those behind it the page says how many."""
    if event.unread > 1:
        return
    params: Payload = {
        "about_id": str(event.exchange_id),
        "about_kind": "exchange",
        "title": event.title,
        "is_flow": event.about_kind == "flow",
        # What a letter may be answered by.
        "message_id": str(event.message_id),
    }
    told_for = event.message_id
    await tell_editors(session, Topic.MESSAGED, organisation_id=event.organisation_id, told_for=told_for, params=params)


async def on_application_submitted(session: AsyncSession, event: ApplicationSubmitted) -> None:
    """Whose call it is learns that somebody applied."""
    said: Payload = {"applicant": event.applicant_name} | ({"again": True} if event.again else {})
    await _tell_of_application(session, Topic.APPLIED, event, said)


async def on_application_decided(session: AsyncSession, event: ApplicationDecided) -> None:
    """The applicant learns what was decided."""
    await _tell_of_application(session, Topic.DECIDED, event, {"retained": event.retained, "words": event.words})


async def on_ending_noticed(session: AsyncSession, event: EndingNoticed) -> None:
    """The holder learns what ends, where it is renewed, and once for each threshold, whatever catalog forgot of it."""
    about: Payload = {"about_kind": event.what, "about_id": str(event.organisation_id)}
    if event.site_id is not None:
        about = {"about_kind": "site", "about_id": str(event.site_id)}
    last = event.expires_on.isoformat()
    params = about | {"what": event.what, "code": event.code, "site": event.site_name, "expires_on": last}
    if event.days_before < 0:
        params |= {"is_over": True}
    else:
        params |= {"deadline_on": last}
    told_for = uuid5(UUID(about["about_id"]), f"{event.what} {event.code} {last} {event.days_before}")
    await tell_editors(session, Topic.ENDING, organisation_id=event.organisation_id, told_for=told_for, params=params)


async def _tell_of_question(
    session: AsyncSession, topic: Topic, event: QuestionEvent, organisation_id: UUID, said: Mapping[str, Any] = {}
) -> None:
    params: Payload = {
        "about_id": str(event.question_id),
        "about_kind": "question",
        "title": event.title,
        "is_flow": event.about_kind == "flow",
        # Of one question the last word counts, as of one answer.
        "answer_id": str(event.question_id),
        "version": event.version,
        **said,
    }
    if event.deadline_on is not None:
        params["deadline_on"] = event.deadline_on.isoformat()
    told_for = uuid5(event.question_id, str(event.version))
    await tell_editors(session, topic, organisation_id=organisation_id, told_for=told_for, params=params)


async def _tell_of_application(
    session: AsyncSession, topic: Topic, event: ApplicationSubmitted | ApplicationDecided, said: Payload
) -> None:
    params = {"about_id": str(event.application_id), "about_kind": "application", "title": event.title, **said}
    organisation_id, told_for = event.organisation_id, event.application_id
    if said.get("again"):
        told_for = uuid5(told_for, str(event.version))
    await tell_editors(session, topic, organisation_id=organisation_id, told_for=told_for, params=params)


def _about(demand: Demand) -> Payload:
    return {
        "about_id": str(demand.demand_id),
        "about_kind": demand.kind,
        "title": demand.title,
        "place": demand.place_name,
        "author": demand.author_name,
    }


def _until(demand: Demand) -> Payload:
    """For how long an answer counts: a letter does not wait beyond it."""
    return {"deadline_on": demand.deadline_on.isoformat()} if demand.deadline_on else {}


def _why(score: int, reasons: Sequence[Reason]) -> Payload:
    return {"score": score, "reasons": [reason.model_dump(mode="json") for reason in reasons[:REASONS_SHOWN]]}


async def _tell_author(
    session: AsyncSession, topic: Topic, event: DemandMatched | DemandUnmatched, params: Payload
) -> Told:
    now = now_of(session)
    told = await tell_of_ranking(
        session, topic, organisation_id=event.organisation_id, version=event.version, params=params, now=now
    )
    if told.notice_id is not None:
        # Only the first time, and before the lock of live events, which others take while they hold this one.
        await meet(session, event.organisation_id)
        await intend_for_editors(session, told.notice_id, now=now)
    return told


def _newcomers(event: DemandMatched) -> dict[UUID, Match]:
    """The best match of each organisation that entered the ranking."""
    entered = set(event.entered)
    best: dict[UUID, Match] = {}
    for match in sorted(event.matches, key=lambda match: match.rank):
        if match.organisation_id in entered:
            best.setdefault(match.organisation_id, match)
    return best


def _said_to_author(*, is_first: bool, fresh: int) -> Payload:
    if is_first:
        return {"say": "matched"}
    # A ranking that only moved or shrank refreshes the page without a word.
    return {"say": "more-matched", "fresh": fresh} if fresh else {}


HANDLERS: Handlers = {
    DemandMatched: on_demand_matched,
    DemandUnmatched: on_demand_unmatched,
    SupplierSolicited: on_supplier_solicited,
    AllocationAccepted: on_allocation_accepted,
    AnswerGiven: on_answer_given,
    QuestionAsked: on_question_asked,
    QuestionAnswered: on_question_answered,
    QuestionHidden: on_question_hidden,
    MessagePosted: on_message_posted,
    ApplicationSubmitted: on_application_submitted,
    ApplicationDecided: on_application_decided,
    EndingNoticed: on_ending_noticed,
}

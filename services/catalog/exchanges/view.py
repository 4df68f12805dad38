"""Exchanges as pages show them: the other side, what each has to do next, and one timeline of words and facts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.catalog.agreements.view import BADGES as AGREEMENT_BADGES
from services.catalog.exchanges.exchange import Exchange
from services.catalog.exchanges.models import Message
from services.catalog.exchanges.queries import Fact
from services.catalog.exchanges.steps import Party, Step
from services.catalog.files.models import StoredFile
from services.catalog.files.view import FileLine, lines_of
from services.catalog.proposals.view import badge_of as proposal_badge
from services.catalog.takings.view import badge_of as taking_badge
from shared.clock import day_of
from shared.phrases.exchanges import HAPPENED, OWN_STEPS, STAGES, STANDINGS, STEP_ACTIONS, THEIR_STEPS
from shared.phrases.names import named
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

Badge = tuple[str, str, str]

# What is done on an agreement's own page, whatever it was concluded from.
OF_AGREEMENT = (Step.SIGN, Step.CARRY_OUT, Step.FINISH, Step.CALL_OFF)


class Next(NamedTuple):
    """What one side has to do: a sentence, and for the reader's own the button's words and address."""

    words: str
    action: str
    path: str
    is_pressing: bool


class Entry(NamedTuple):
    """One line of the timeline, a message or a fact; `words` are a message's own, `text` says a fact."""

    id: UUID
    at: datetime
    who: str
    is_own: bool
    is_new: bool
    words: str
    text: str
    files: list[FileLine]


class Shown(NamedTuple):
    """An exchange in words; `stages` are its own in order: what each is called, where it stands, and that in words."""

    exchange: Exchange
    other: str
    badge: Badge
    path: str
    about_path: str
    stages: list[tuple[str, str, str]]
    own: Next | None
    theirs: Next | None
    waits: bool
    unread: int


def shown(request: Req, exchange: Exchange, side: Party, unread: int) -> Shown:
    """An exchange as one of its sides reads it."""
    other = other_of(request, exchange, side)
    language = visit_of(request).language
    posting = f"/flows/{exchange.taking.flow_id}" if exchange.taking else ""
    if exchange.proposal:
        posting = f"/needs/{exchange.proposal.need_id}"
    return Shown(
        exchange=exchange,
        other=other,
        badge=_badge(request, exchange),
        path=_path(exchange),
        about_path=posting,
        stages=[
            (named(STAGES, stage, language), standing.value, named(STANDINGS, standing, language))
            for stage, standing in exchange.course
        ],
        own=_next(request, exchange, side, other, is_own=True),
        theirs=_next(request, exchange, side.other, other, is_own=False),
        waits=exchange.waits_for(side),
        unread=unread,
    )


def other_of(request: Req, exchange: Exchange, side: Party) -> str:
    """Who is on the other side, as this one may know it."""
    return exchange.name_for(side) or gettext(request, "L'auteur du besoin")


def timeline(
    request: Req,
    exchange: Exchange,
    side: Party,
    messages: Sequence[Message],
    facts: Sequence[Fact],
    *,
    files: Mapping[UUID, Sequence[StoredFile]],
    read_to: UUID | None,
) -> list[Entry]:
    """Messages and facts in one, the newest first: ids are in the order in which they were made."""
    language = visit_of(request).language
    own, other = exchange.organisations[side], other_of(request, exchange, side)
    entries = [
        Entry(
            id=each.id,
            at=each.at,
            who=own.name if each.organisation_id == own.id else other,
            is_own=each.organisation_id == own.id,
            is_new=each.reader_id == own.id and (read_to is None or each.id > read_to),
            words=each.words,
            text="",
            files=lines_of(files.get(each.id, ()), language),
        )
        for each in messages
    ]
    for fact in facts:
        if fact.action in HAPPENED:
            sentence = named(HAPPENED, fact.action, language)
            who = own.name if fact.is_own else other
            if not fact.is_own and not exchange.name_for(side):
                # « L'auteur du besoin » stands inside the sentence; a name stays as it is.
                who = who[:1].lower() + who[1:]
            text = sentence.format(who=who, milestone=fact.milestone)
            entries.append(Entry(fact.fact_id, fact.happened_at, who, fact.is_own, False, "", text, []))
    return sorted(entries, key=lambda entry: entry.id, reverse=True)


def within(facts: Sequence[Fact], messages: Sequence[Message], *, before: UUID | None, is_last: bool) -> list[Fact]:
    """The facts between the messages of one page: from the page before on, down to its own last message."""
    oldest = None if is_last or not messages else messages[-1].id
    return [
        fact
        for fact in facts
        if (before is None or fact.fact_id < before) and (oldest is None or fact.fact_id > oldest)
    ]


def _next(request: Req, exchange: Exchange, party: Party, other: str, *, is_own: bool) -> Next | None:
    step = exchange.steps.get(party)
    if step is None:
        return None
    language = visit_of(request).language
    words = named(OWN_STEPS if is_own else THEIR_STEPS, step, language).format(name=other)
    return Next(words, named(STEP_ACTIONS, step, language), _leads_to(exchange, step), exchange.waits_for(party))


def _leads_to(exchange: Exchange, step: Step) -> str:
    if step is Step.CHOOSE and exchange.proposal:
        return f"/needs/{exchange.proposal.need_id}/proposals"
    if step is Step.RENEW and exchange.proposal:
        return f"/needs/{exchange.proposal.need_id}/proposal"
    if step is Step.CONCLUDE:
        return f"/proposals/{exchange.id}/agreement"
    return f"/takings/{exchange.id}/collect" if step in (Step.SAY, Step.AGREE) else _path(exchange, step)


def _path(exchange: Exchange, step: Step | None = None) -> str:
    if exchange.agreement and step in OF_AGREEMENT:
        return f"/agreements/{exchange.agreement.id}"
    if exchange.taking:
        return f"/takings/{exchange.id}"
    return f"/agreements/{exchange.agreement.id}" if exchange.agreement else f"/proposals/{exchange.id}"


def _badge(request: Req, exchange: Exchange) -> Badge:
    if exchange.taking:
        return taking_badge(request, exchange.taking, exchange.now)
    if exchange.agreement:
        words, kind, icon = AGREEMENT_BADGES[exchange.agreement.state]
        return gettext(request, words), kind, icon
    if exchange.proposal is None:
        raise ValueError("an exchange is about a proposal or a taking")
    return proposal_badge(request, exchange.proposal, day_of(exchange.now))

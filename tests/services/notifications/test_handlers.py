"""What the service makes of the facts it is told: projections, notices, live events, mail intents."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.messages import message_of
from services.notifications.worker import HANDLERS
from shared.database import Database
from shared.events import Event
from shared.events.calls import ApplicationDecided, ApplicationSubmitted
from shared.events.catalog import (
    FlowReturned,
    MemberChanged,
    MemberLeft,
    NeedReturned,
    OrganisationSuspended,
    SessionRevoked,
)
from shared.events.envelope import envelop
from tests.services.notifications.actors import (
    Actor,
    Clock,
    Stage,
    a_demand,
    a_match,
    actor,
    contact,
    joined,
    matched,
    registered,
    solicited,
    toulouse,
    unmatched,
)


@pytest.fixture
def buyer() -> Actor:
    return actor("Ville de Blagnac")


@pytest.fixture
def supplier() -> Actor:
    return actor("Traiteur solidaire")


async def live_kinds(stage: Stage, who: Actor) -> Sequence[str]:
    rows = await stage.rows(
        "SELECT kind FROM live_events WHERE organisation_id = :id ORDER BY id", id=who.organisation_id
    )
    return [row["kind"] for row in rows]


async def topics(stage: Stage, who: Actor) -> Sequence[str]:
    rows = await stage.rows("SELECT topic FROM notices WHERE organisation_id = :id", id=who.organisation_id)
    return [row["topic"] for row in rows]


async def test_a_solicitation_is_a_notice_a_live_event_and_a_mail_to_each_editor(
    stage: Stage, buyer: Actor, supplier: Actor
) -> None:
    colleague = Actor(supplier.organisation_id, uuid4(), "viewer")
    await stage.tell(registered(supplier), joined(supplier), joined(colleague, role="viewer"))
    await stage.tell(solicited(supplier, a_demand(buyer)))
    assert await topics(stage, supplier) == ["solicited"]
    assert await live_kinds(stage, supplier) == ["solicited"]
    intents = await stage.rows("SELECT member_id, state, channel FROM deliveries")
    assert intents == [{"member_id": supplier.member_id, "state": "pending", "channel": "email"}]
    (told,) = await stage.recorded("notifications.notification.created.v1")
    assert told["organisation_id"] == str(supplier.organisation_id)
    assert told["topic"] == "solicited"


async def test_the_same_message_twice_tells_once(stage: Stage, buyer: Actor, supplier: Actor) -> None:
    """INVARIANT: redelivery changes nothing; neither does the same fact under a new event id."""
    await stage.tell(joined(supplier))
    fact = solicited(supplier, a_demand(buyer))
    envelope = envelop(fact)
    await stage.deliver(envelope)
    await stage.deliver(envelope)
    await stage.tell(fact)
    assert await topics(stage, supplier) == ["solicited"]
    assert await live_kinds(stage, supplier) == ["solicited"]
    assert len(await stage.rows("SELECT id FROM deliveries")) == 1
    assert len(await stage.recorded("notifications.notification.created.v1")) == 1


async def test_a_solicitation_before_its_member_is_mailed_when_the_member_is_known(
    stage: Stage, buyer: Actor, supplier: Actor
) -> None:
    await stage.tell(solicited(supplier, a_demand(buyer)))
    assert await stage.rows("SELECT id FROM deliveries") == []
    await stage.tell(joined(supplier), registered(supplier))
    assert len(await stage.rows("SELECT id FROM deliveries")) == 1


@pytest.mark.parametrize("member_first", [True, False])
async def test_a_member_and_a_solicitation_that_arrive_together_meet(
    stage: Stage, database: Database, buyer: Actor, supplier: Actor, member_first: bool
) -> None:
    """INVARIANT: two streams are read at once; without the lock neither handler would see the other's row."""
    together: list[Event] = [joined(supplier), solicited(supplier, a_demand(buyer))]
    first, second = together if member_first else reversed(together)
    await stage.tell(registered(supplier))
    async with database.sessions.begin() as session:
        await HANDLERS[type(first)](session, first)
        later = asyncio.create_task(stage.tell(second))
        await asyncio.sleep(0.2)
        assert not later.done()
    await later
    assert len(await stage.rows("SELECT id FROM deliveries")) == 1


async def test_who_joins_much_later_finds_the_inbox_and_no_old_mail(
    stage: Stage, buyer: Actor, supplier: Actor, clock: Clock
) -> None:
    await stage.tell(solicited(supplier, a_demand(buyer)))
    clock.wait(hours=2)
    await stage.tell(joined(supplier))
    assert await topics(stage, supplier) == ["solicited"]
    assert await stage.rows("SELECT id FROM deliveries") == []


async def test_the_author_gets_one_notice_and_hears_live_of_every_ranking(
    stage: Stage, buyer: Actor, supplier: Actor
) -> None:
    demand, other = a_demand(buyer), actor("Autre traiteur")
    await stage.tell(matched(demand, [a_match(supplier)]))
    await stage.tell(matched(demand, [a_match(supplier), a_match(other, rank=2)], version=2, entered=()))
    assert await topics(stage, buyer) == ["matched"]
    assert await live_kinds(stage, buyer) == ["demand-matched", "demand-matched"]


async def test_each_return_tells_the_author_once_in_the_coordinators_words(stage: Stage, buyer: Actor) -> None:
    need: dict[str, Any] = {"need_id": uuid4(), "organisation_id": buyer.organisation_id, "title": "Repas"}
    first = NeedReturned(version=2, words="Précisez la date.", **need)
    flow = FlowReturned(
        version=2, flow_id=uuid4(), organisation_id=buyer.organisation_id, title="Palettes", words="Où ?"
    )
    await stage.tell(first, first, NeedReturned(version=4, words="Et le lieu.", **need), flow)
    rows = await stage.rows(
        "SELECT params || jsonb_build_object('about_kind', about_kind, 'about_id', about_id) AS p "
        "FROM notices WHERE topic = 'returned' ORDER BY id"
    )
    said = [message_of("returned", row["p"], "en") for row in rows]
    assert [each.title for each in said] == ["Need to revise: Repas"] * 2 + ["Resource to revise: Palettes"]
    assert "“Précisez la date.”" in said[0].text
    assert said[0].path == f"/needs/{first.need_id}"
    assert await live_kinds(stage, buyer) == ["notice"] * 3
    assert message_of("returned", rows[0]["p"], "fr").title.startswith("Besoin à revoir")


async def test_a_caller_hears_of_an_application_and_its_author_of_the_decision(
    stage: Stage, buyer: Actor, supplier: Actor
) -> None:
    about: dict[str, Any] = {"application_id": uuid4(), "call_id": uuid4(), "title": "Réemploi"}
    sent = ApplicationSubmitted(
        version=2,
        organisation_id=buyer.organisation_id,
        applicant_id=supplier.organisation_id,
        applicant_name="Atelier",
        **about,
    )
    decided = ApplicationDecided(
        version=3, organisation_id=supplier.organisation_id, retained=False, words="Une autre année.", **about
    )
    await stage.tell(sent, sent, decided, decided)
    assert await topics(stage, buyer) == ["applied"]
    assert await topics(stage, supplier) == ["decided"]
    (row,) = await stage.rows(
        "SELECT params || jsonb_build_object('about_kind', about_kind, 'about_id', about_id) AS p "
        "FROM notices WHERE topic = 'decided'"
    )
    said = message_of("decided", row["p"], "fr")
    assert (said.path, "Une autre année." in said.text) == (f"/calls/applications/{about['application_id']}", True)
    assert message_of("decided", row["p"], "en").title == "Application not retained: Réemploi"
    assert await live_kinds(stage, supplier) == ["notice"]


async def test_the_first_match_is_told_even_when_nobody_fitted_before(
    stage: Stage, buyer: Actor, supplier: Actor
) -> None:
    demand = a_demand(buyer)
    await stage.tell(unmatched(demand), unmatched(demand, version=2))
    await stage.tell(matched(demand, [a_match(supplier)], version=3))
    assert sorted(await topics(stage, buyer)) == ["matched", "unmatched"]
    assert await live_kinds(stage, buyer) == ["notice", "notice", "demand-matched"]


async def test_an_author_with_matches_is_not_told_afterwards_that_nobody_fits(
    stage: Stage, buyer: Actor, supplier: Actor
) -> None:
    """INVARIANT: rankings that overtake each other tell their author what is true now."""
    demand = a_demand(buyer)
    await stage.tell(matched(demand, [a_match(supplier)], version=2), unmatched(demand, version=1))
    assert await topics(stage, buyer) == ["matched"]
    assert await live_kinds(stage, buyer) == ["demand-matched"]


async def test_the_newest_ranking_counts_and_not_the_first_that_was_told(
    stage: Stage, buyer: Actor, supplier: Actor
) -> None:
    demand, match = a_demand(buyer), a_match(supplier)
    await stage.tell(matched(demand, [match]), matched(demand, [match], version=4, entered=()))
    await stage.tell(unmatched(demand, version=3))
    assert await topics(stage, buyer) == ["matched"]
    await stage.tell(unmatched(demand, version=6))
    assert sorted(await topics(stage, buyer)) == ["matched", "unmatched"]


async def test_matches_of_a_ranking_nobody_fits_by_now_are_not_told_to_the_author(
    stage: Stage, buyer: Actor, supplier: Actor
) -> None:
    demand = a_demand(buyer)
    await stage.tell(unmatched(demand, version=3), matched(demand, [a_match(supplier)]))
    assert await topics(stage, buyer) == ["unmatched"]
    assert await live_kinds(stage, buyer) == ["notice"]


async def test_a_ranking_that_is_empty_now_is_shown_without_a_word(stage: Stage, buyer: Actor) -> None:
    await stage.tell(matched(a_demand(buyer), []))
    assert await topics(stage, buyer) == []
    (told,) = await stage.rows("SELECT kind, payload FROM live_events")
    assert told["kind"] == "demand-matched"
    assert "say" not in told["payload"]


async def test_only_who_entered_sees_something_new(stage: Stage, buyer: Actor, supplier: Actor) -> None:
    before, twice = actor("Déjà là"), a_match(supplier, rank=2)
    first = a_match(supplier, rank=1)
    await stage.tell(
        matched(a_demand(buyer), [first, twice, a_match(before, rank=3)], version=2, entered=[first, twice])
    )
    assert await live_kinds(stage, supplier) == ["new-for-you"]
    assert await live_kinds(stage, before) == []
    assert await topics(stage, supplier) == []


async def test_older_news_of_a_member_changes_nothing(stage: Stage, supplier: Actor) -> None:
    changed = MemberChanged(
        version=2, member_id=supplier.member_id, organisation_id=supplier.organisation_id, role="viewer"
    )
    left = MemberLeft(version=3, member_id=supplier.member_id, organisation_id=supplier.organisation_id, role="viewer")
    await stage.tell(left, changed, joined(supplier))
    assert await stage.rows("SELECT role, has_left FROM members") == [{"role": "viewer", "has_left": True}]


async def test_a_suspended_organisation_is_not_written_to(stage: Stage, buyer: Actor, supplier: Actor) -> None:
    facts = registered(supplier).model_dump() | {"version": 2, "place": toulouse()}
    await stage.tell(joined(supplier), OrganisationSuspended(**facts), registered(supplier))
    await stage.tell(solicited(supplier, a_demand(buyer)))
    assert await stage.rows("SELECT id FROM deliveries") == []


async def test_a_tombstone_erases_name_and_address(stage: Stage, supplier: Actor) -> None:
    await stage.tell(contact(supplier), contact(supplier, version=2, email=None), contact(supplier))
    assert await stage.rows("SELECT email, name FROM contacts") == [{"email": None, "name": None}]


async def test_an_ended_session_is_told_to_every_process(stage: Stage) -> None:
    session_id = uuid4()
    await stage.tell(SessionRevoked(version=1, session_id=session_id))
    (row,) = await stage.rows("SELECT organisation_id, kind, payload FROM live_events")
    assert row == {"organisation_id": None, "kind": "session-revoked", "payload": {"session_id": str(session_id)}}

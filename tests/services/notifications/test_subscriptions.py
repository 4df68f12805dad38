"""A holder hears who subscribes to its flow, a subscriber what is answered: what the other did, in both languages."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.inbox.models import Topic
from services.notifications.messages import message_of
from shared.events.facts import Level
from shared.events.subscriptions import (
    RefusedFor,
    SubscriptionAccepted,
    SubscriptionAsked,
    SubscriptionEnded,
    SubscriptionPaused,
    SubscriptionRefused,
    SubscriptionResumed,
    SubscriptionState,
    SubscriptionUnserved,
    UnservedFor,
)
from shared.events.takings import Side
from shared.phrases.dealings import SUBSCRIPTION_REFUSALS, UNSERVED
from shared.phrases.names import named
from tests.services.notifications.actors import NOON, Actor, Stage, actor, contact, joined, registered

Told = list[dict[str, Any]]
BY_TAKER, BY_HOLDER = {"by": Side.TAKER}, {"by": Side.HOLDER}
MISSED: dict[str, Any] = {"lot_id": uuid4(), "day": date(2026, 12, 3), "reason": UnservedFor.PAPERS}
HOLDER, TAKER = (Topic.TAKEN, "holder"), (Topic.PICK_UP, "taker")


@pytest.fixture
def holder() -> Actor:
    return actor("Sogalog")


@pytest.fixture
def taker() -> Actor:
    return actor("Palettes Garonne")


@pytest.fixture
async def known(stage: Stage, holder: Actor, taker: Actor) -> None:
    for each, email in ((holder, "claire@sogalog.test"), (taker, "ali@palettes.test")):
        await stage.tell(registered(each), joined(each), contact(each, email=email))


def says(kind: type[SubscriptionState], holder: Actor, taker: Actor, **more: Any) -> SubscriptionState:
    return kind(
        version=1,
        subscription_id=uuid4(),
        flow_id=uuid4(),
        organisation_id=holder.organisation_id,
        organisation_name="Sogalog",
        title="Palettes bois",
        taker_id=taker.organisation_id,
        taker_name="Palettes Garonne",
        percent=40,
        level=Level.REUSE,
        from_on=date(2026, 12, 1),
        until_on=date(2027, 2, 28),
        at=NOON,
        **more,
    )


def plain(words: str) -> str:
    return words.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


async def told(stage: Stage) -> Told:
    return [dict(row) for row in await stage.rows("SELECT * FROM notices ORDER BY topic, id")]


@pytest.mark.parametrize(
    ("kind", "more", "to", "french", "english"),
    [
        (SubscriptionAsked, {}, HOLDER, "Palettes Garonne demande un abonnement", "40 % of each lot"),
        (SubscriptionAccepted, {"automatic": True}, HOLDER, "Palettes Garonne est abonné", "open to all"),
        (SubscriptionAccepted, {"automatic": False}, TAKER, "Votre abonnement est accepté", "accepted"),
        (SubscriptionRefused, {"reason": RefusedFor.TOO_LITTLE}, TAKER, "La part est trop petite", "Reason:"),
        (SubscriptionPaused, BY_TAKER, HOLDER, "Palettes Garonne met son abonnement en pause", "Palettes Garonne"),
        (SubscriptionPaused, BY_HOLDER, TAKER, "Sogalog met votre abonnement en pause", "Sogalog"),
        (SubscriptionResumed, BY_TAKER, HOLDER, "Palettes Garonne reprend son abonnement", "Palettes Garonne"),
        (SubscriptionResumed, BY_HOLDER, TAKER, "Sogalog reprend votre abonnement", "Sogalog"),
        (SubscriptionEnded, BY_TAKER, HOLDER, "Palettes Garonne termine son abonnement", "28 February 2027"),
        (SubscriptionEnded, BY_HOLDER, TAKER, "Le dernier jour servi est le 28 février 2027", "28 February 2027"),
    ],
)
async def test_each_hears_what_the_other_did(
    known: None, stage: Stage, holder: Actor, taker: Actor, kind: type[SubscriptionState], more: dict[str, Any],
    to: tuple[Topic, str], french: str, english: str,
) -> None:  # fmt: skip
    event = says(kind, holder, taker, **more)
    await stage.tell(event, event)
    (notice,) = await told(stage)
    whose = holder if to[1] == "holder" else taker
    assert (notice["topic"], notice["organisation_id"]) == (to[0], whose.organisation_id)
    assert [row["member_id"] for row in await stage.rows("SELECT member_id FROM deliveries")] == [whose.member_id]
    params = {**notice["params"], "about_kind": notice["about_kind"], "about_id": notice["about_id"]}
    for language, words in (("fr", french), ("en", english)):
        message = message_of(notice["topic"], params, language)
        assert words in plain(f"{message.title} {message.text}")
        assert message.path == f"/subscriptions/{event.aggregate_id}"
        assert "{" not in f"{message}"
    assert message_of(notice["topic"], params, "fr").title != message_of(notice["topic"], params, "en").title


async def test_both_hear_that_nothing_was_taken_and_why(known: None, stage: Stage, holder: Actor, taker: Actor) -> None:
    await stage.tell(says(SubscriptionUnserved, holder, taker, **MISSED))
    found = await told(stage)
    assert {(each["topic"], each["organisation_id"]) for each in found} == {
        (Topic.TAKEN, holder.organisation_id),
        (Topic.PICK_UP, taker.organisation_id),
    }
    for each in found:
        params = {**each["params"], "about_kind": each["about_kind"], "about_id": each["about_id"]}
        for language, day in (("fr", "3 décembre 2026"), ("en", "3 December 2026")):
            message = message_of(each["topic"], params, language)
            said = plain(f"{message.title} {message.text}")
            assert day in said
            assert plain(named(UNSERVED, UnservedFor.PAPERS, language)) in said


async def test_one_that_a_newer_one_replaces_is_no_news(known: None, stage: Stage, holder: Actor, taker: Actor) -> None:
    await stage.tell(says(SubscriptionEnded, holder, taker, by=Side.TAKER, replaced=True))
    assert await told(stage) == []


def test_every_reason_has_words_in_both_languages() -> None:
    assert {each.value for each in UnservedFor} <= set(UNSERVED)
    assert {each.value for each in RefusedFor} <= set(SUBSCRIPTION_REFUSALS)

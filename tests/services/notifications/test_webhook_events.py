"""What webhooks are told: every event has its place, nothing is about a person, and a hidden author stays hidden."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from services.notifications.webhooks.catalogue import GROUPS, PRIVATE, PUBLIC, TEST, choices, public_kinds, whose
from services.notifications.webhooks.payload import trial_message, written
from services.notifications.worker import HANDLERS
from shared.contract.examples import example_of
from shared.events import registry
from shared.events.envelope import Cause, cause, decode, envelop
from shared.events.matching import SupplierSolicited
from shared.events.questions import QuestionAnswered
from shared.messaging.topology import consumers_of, pattern_of
from tests.services.notifications.actors import NOON, Actor, Stage, a_demand, actor, solicited


def test_every_event_is_public_or_says_why_not() -> None:
    """INVARIANT: a new event is told to nobody outside until somebody has thought about who may read it."""
    assert {*PUBLIC} | {*PRIVATE} == {*registry()}
    assert {*PUBLIC} & {*PRIVATE} == set()
    assert sum(len(group) for group in GROUPS.values()) == len(PUBLIC)


@pytest.mark.parametrize("kind", public_kinds(), ids=lambda kind: kind.type)
def test_a_public_event_concerns_one_organisation_and_is_heard_here(kind: Any) -> None:
    event = example_of(kind)
    assert whose(event) == envelop(event).organisation
    assert kind in HANDLERS
    heard = [
        wanted
        for spec in consumers_of("notifications")
        for wanted in spec.subjects
        if re.search(pattern_of(wanted), event.subject)
    ]
    assert len(heard) == 1, "heard by one durable, and by one only"


@pytest.mark.parametrize("kind", public_kinds(), ids=lambda kind: kind.type)
def test_what_is_sent_is_the_envelope_of_the_contract(kind: Any) -> None:
    envelope = envelop(example_of(kind))
    told = written(envelope)
    assert decode(told.encode()).data.aggregate_id == envelope.data.aggregate_id
    assert {"email", "member_id", "person_name", "phone"} & _names(json.loads(told)) == set()
    assert "traceparent" not in json.loads(told)


def _names(part: Any) -> set[str]:
    if isinstance(part, dict):
        return {*part} | {name for each in part.values() for name in _names(each)}
    return {name for each in part for name in _names(each)} if isinstance(part, list) else set()


def test_a_hidden_author_is_in_no_part_of_what_their_suppliers_read() -> None:
    author, supplier, story = actor("Ville cachée"), actor("Traiteur"), Cause(uuid4(), uuid4(), "00-trace")
    demand = a_demand(author).model_copy(update={"author_name": None})
    token = cause.set(story)
    try:
        envelope = envelop(solicited(supplier, demand))
    finally:
        cause.reset(token)
    told = written(envelope)
    for secret in (author.organisation_id, author.name, story.correlation, story.causation, "00-trace"):
        assert str(secret) not in told
    body = json.loads(told)
    assert body["data"]["demand"]["organisation_id"] is None
    assert body["data"]["demand"]["title"] == demand.title
    assert body["organisation"] == str(supplier.organisation_id)


def test_who_asked_does_not_read_who_is_interested_beside_them() -> None:
    event = example_of(QuestionAnswered)
    assert isinstance(event, QuestionAnswered)
    (rival,) = event.interested
    told = written(envelop(event))
    assert str(rival) not in told
    assert json.loads(told)["data"]["interested"] == []


def test_an_author_who_shows_themselves_is_named() -> None:
    author = actor("Ville de Blagnac")
    body = json.loads(written(envelop(solicited(actor("Traiteur"), a_demand(author)))))
    assert body["data"]["demand"]["organisation_id"] == str(author.organisation_id)
    assert body["data"]["demand"]["author_name"] == author.name


def test_a_test_message_is_an_envelope_too() -> None:
    webhook, organisation, event = uuid4(), uuid4(), uuid4()
    told = json.loads(trial_message(event, webhook, organisation, now=NOON))
    (shown,) = [written(envelop(example_of(SupplierSolicited)))]
    assert {*json.loads(shown)} - {*told} == set()
    assert (told["id"], told["type"]) == (str(event), TEST)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_choice_has_words(language: str) -> None:
    assert all(words and words != code for group in choices(language) for code, words in group.options)


async def test_no_part_of_a_hidden_author_is_kept_for_a_supplier(stage: Stage) -> None:
    """From the consumer to the row, with a canary."""
    author, supplier = Actor(uuid4(), uuid4(), "canari4711"), actor("Traiteur")
    async with stage.database.sessions.begin() as session:
        await session.execute(
            text("""
            INSERT INTO webhooks (id, organisation_id, url, events, state, version, created_at)
            VALUES (:id, :organisation, 'https://exemple.fr/', :events, 'active', 1, '2026-01-01')"""),
            {"id": uuid4(), "organisation": supplier.organisation_id, "events": [SupplierSolicited.type]},
        )
    await stage.tell(solicited(supplier, a_demand(author).model_copy(update={"author_name": None})))
    (row,) = await stage.rows("SELECT payload, d::text AS whole FROM webhook_deliveries d")
    assert "canari4711" not in row["whole"]
    assert str(author.organisation_id) not in row["whole"]

"""Events in their envelope: CloudEvents 1.0, readable by older and newer readers."""

import json
from uuid import uuid4

import pytest

from shared.events import decode, encode
from shared.events.catalog import NeedWithdrawn
from shared.events.contacts import MemberContact
from shared.events.envelope import Cause, UnknownType, Unreadable, cause, envelop


def withdrawn() -> NeedWithdrawn:
    return NeedWithdrawn(version=3, need_id=uuid4(), organisation_id=uuid4())


def test_an_envelope_comes_back_as_it_was() -> None:
    envelope = envelop(withdrawn())
    assert decode(encode(envelope).encode()) == envelope


def test_its_attributes_are_those_of_cloudevents() -> None:
    event = withdrawn()
    sent = json.loads(encode(envelop(event)))
    assert sent["specversion"] == "1.0"
    assert sent["type"] == "catalog.need.withdrawn.v1"
    assert sent["source"] == "/catalog"
    assert sent["subject"] == str(event.need_id)
    assert sent["sequence"] == 3
    assert sent["organisation"] == str(event.organisation_id)
    assert all(name.isalnum() and name.islower() for name in sent)
    assert "causationid" not in sent


def test_the_cause_is_carried_on() -> None:
    story, parent = uuid4(), uuid4()
    token = cause.set(Cause(story, parent))
    try:
        envelope = envelop(withdrawn())
    finally:
        cause.reset(token)
    assert (envelope.correlationid, envelope.causationid) == (story, parent)


@pytest.mark.promise(36)
def test_an_older_reader_ignores_a_field_it_does_not_know() -> None:
    sent = json.loads(encode(envelop(withdrawn())))
    sent["data"]["colour"] = "brick"
    sent["newattribute"] = "x"
    assert decode(json.dumps(sent).encode()).type == "catalog.need.withdrawn.v1"


def test_an_unknown_major_is_told_from_nonsense() -> None:
    sent = json.loads(encode(envelop(withdrawn())))
    with pytest.raises(UnknownType):
        decode(json.dumps({**sent, "type": "catalog.need.withdrawn.v2"}).encode())
    with pytest.raises(Unreadable):
        decode(json.dumps({**sent, "data": {}}).encode())


def test_a_null_inside_the_data_is_a_fact_too() -> None:
    """INVARIANT: a tombstone's empty address travels; left out, nobody could ever be erased."""
    tombstone = MemberContact(version=2, member_id=uuid4(), organisation_id=uuid4(), email=None, name=None)
    envelope = envelop(tombstone)
    assert json.loads(encode(envelope))["data"]["email"] is None
    assert decode(encode(envelope).encode()) == envelope

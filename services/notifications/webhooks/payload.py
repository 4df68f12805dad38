"""An event as its organisation's program reads it: the envelope of the contract, without what is not theirs to know."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.notifications.webhooks.catalogue import TEST
from shared.events import Envelope, encode
from shared.events.agreements import AgreementEvent
from shared.events.behalf import ConsentNoted
from shared.events.matching import SupplierSolicited
from shared.events.messages import MessagePosted
from shared.events.payments import SettlementEvent
from shared.events.proposals import ProposalAccepted, ProposalRejected
from shared.events.questions import QuestionAnswered, QuestionHidden

# What an author decides about others, who may not know whose need it is; and what the other side of an agreement does.
OF_ANOTHER = (
    AgreementEvent,
    SettlementEvent,
    ConsentNoted,
    MessagePosted,
    ProposalAccepted,
    ProposalRejected,
    QuestionAnswered,
    QuestionHidden,
)


def written(envelope: Envelope) -> str:
    """The text that is signed and sent."""
    told: dict[str, Any] = msgspec.json.decode(encode(envelope))
    # Of no use outside: it names a trace of this installation.
    told.pop("traceparent", None)
    if isinstance(envelope.data, SupplierSolicited):
        _hide_the_others_story(told)
        if envelope.data.demand.author_name is None:
            # The id of an author who hides would name them as well: it is an address in the directory.
            told["data"]["demand"]["organisation_id"] = None
    elif isinstance(envelope.data, OF_ANOTHER):
        _hide_the_others_story(told)
    if isinstance(envelope.data, QuestionAnswered):
        # Who is interested is the author's to know, and nobody's who asked.
        told["data"]["interested"] = []
    return msgspec.json.encode(told).decode()


def _hide_the_others_story(told: dict[str, Any]) -> None:
    """Another organisation did it: whoever could compare what led to it would learn which others are theirs."""
    told["correlationid"] = told["id"]
    told.pop("causationid", None)


def trial_message(event_id: UUID, webhook_id: UUID, organisation_id: UUID, *, now: datetime) -> str:
    """A message that says nothing but that it came."""
    told = {
        "specversion": "1.0",
        "id": str(event_id),
        "type": TEST,
        "source": "/notifications",
        "subject": str(webhook_id),
        "time": now,
        "datacontenttype": "application/json",
        "sequence": 1,
        "correlationid": str(event_id),
        "organisation": str(organisation_id),
        "data": {"webhook_id": str(webhook_id)},
    }
    return msgspec.json.encode(told).decode()

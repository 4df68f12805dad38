"""The streams, the durable consumers and the rights of each service on the broker, as data."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

KIB, MIB, GIB = 2**10, 2**20, 2**30

# Delivery outside the handler: the lease covers the slowest handler, and is renewed at a third of it.
ACK_WAIT = timedelta(seconds=30)


@dataclass(frozen=True)
class StreamSpec:
    """One stream: `max_age` None keeps for ever; `last_only` keeps one message a subject."""

    name: str
    subjects: tuple[str, ...]
    max_bytes: int
    max_age: timedelta | None = timedelta(days=30)
    duplicate_window: timedelta = timedelta(hours=1)
    discard: Literal["old", "new"] = "new"
    max_msg_size: int = 256 * KIB
    last_only: bool = False
    protected: bool = True


@dataclass(frozen=True)
class ConsumerSpec:
    """One durable pull consumer: `service` reads `stream`, only the subjects it has handlers for.

    `max_ack_pending` is sixteen batches: what a killed reader had in hand counts until its lease ends, and while all
    of it is in the hands of the dead, nobody gets anything. `patience_s` lets what nobody waits for go behind what
    somebody does: messages gather that long. A service that reads a stream for two purposes names the second one: what
    it must do at once then does not wait behind a thousand imported offers.
    """

    stream: str
    service: str
    subjects: tuple[str, ...]
    max_ack_pending: int = 1024
    patience_s: float = 0.0
    purpose: str = ""

    @property
    def durable(self) -> str:
        """The durable's name on its stream: the reading service, with what it reads for where that is not all."""
        return f"{self.service}-{self.purpose}" if self.purpose else self.service


STREAMS = (
    StreamSpec("CATALOG", ("catalog.>",), 2 * GIB),
    StreamSpec("MATCHING", ("matching.>",), 2 * GIB),
    StreamSpec("NOTIFICATIONS", ("notifications.>",), 512 * MIB),
    # Contacts are personal data: the last value a member, no expiry; erasing is replacing.
    StreamSpec("CONTACTS", ("contacts.>",), 256 * MIB, max_age=None, last_only=True, protected=False),
    # Only a safety net: the broker's own cries, which nobody would hear otherwise.
    StreamSpec(
        "ADVISORIES",
        (
            "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>",
            "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>",
            "$JS.EVENT.ADVISORY.STREAM.>",
        ),
        64 * MIB,
        max_age=timedelta(days=14),
        duplicate_window=timedelta(minutes=2),
        discard="old",
        protected=False,
    ),
)

CONSUMERS = (
    ConsumerSpec(
        "CATALOG",
        "matching",
        (
            *("catalog.need.>", "catalog.flow.>", "catalog.lot.>", "catalog.offer.>", "catalog.session.>"),
            "catalog.answer.>",
            "catalog.proposal.>",
            "catalog.campaign.>",
        ),
    ),
    # Who is found by name: nobody waits for it, and a reader of its own also reads what was told before there was one.
    ConsumerSpec(
        "CATALOG", "matching", ("catalog.organisation.>", "catalog.entity.>"), patience_s=0.05, purpose="directory"
    ),
    ConsumerSpec(
        "CATALOG",
        "notifications",
        (
            *("catalog.organisation.>", "catalog.member.>", "catalog.session.>", "catalog.link.>", "catalog.account.>"),
            *(f"catalog.{what}.{verb}.>" for what in ("need", "flow") for verb in ("returned", "abandoned")),
            *("catalog.application.>", "catalog.call.>"),
            *("catalog.ending.>", "catalog.answer.>", "catalog.question.>"),
            *("catalog.proposal.>", "catalog.participation.>", "catalog.taking.>", "catalog.agreement.>"),
            *("catalog.message.>", "catalog.reply.>", "catalog.subscription.>", "catalog.consent.>"),
            *("catalog.settlement.>", "catalog.mandate.>", "catalog.pledge.>"),
            *(f"catalog.campaign.{verb}.>" for verb in ("opened", "returned", "closed")),
            *("catalog.gift.>", "catalog.eligibility.>"),
        ),
    ),
    # What only programs of an organisation are told (webhooks): nobody waits for it on a page.
    ConsumerSpec(
        "CATALOG",
        "notifications",
        (
            *(f"catalog.need.{verb}.>" for verb in ("published", "updated", "submitted", "withdrawn", "closed")),
            *(
                f"catalog.flow.{verb}.>"
                for verb in ("published", "updated", "submitted", "paused", "taken", "withdrawn")
            ),
            *(f"catalog.campaign.{verb}.>" for verb in ("published", "updated", "submitted")),
            *("catalog.lot.>", "catalog.offer.>", "catalog.impact.>"),
        ),
        patience_s=0.05,
        purpose="webhooks",
    ),
    ConsumerSpec("MATCHING", "notifications", ("matching.>",)),
    ConsumerSpec("CONTACTS", "notifications", ("contacts.>",)),
    # Counts on lists, while the same event is on its way to an open page.
    ConsumerSpec("MATCHING", "catalog", ("matching.demand.>",), patience_s=0.05),
)


@dataclass(frozen=True)
class QuestionSpec:
    """What one service asks another live, outside the streams: who may ask, and who answers as one queue."""

    subject: str
    asker: str
    answerer: str


QUESTIONS = (
    QuestionSpec("rpc.matching.preview.v1", asker="catalog", answerer="matching"),
    # Matching's pages ask its worker, which has all of it in memory.
    QuestionSpec("rpc.matching.search.v1", asker="matching", answerer="matching"),
)

# Whoever answers may speak to where a question says, once, and only while somebody may still listen.
ONE_REPLY = {"max": 1, "expires": "5s"}

# How long a service's events may wait for each other: nobody reads those of notifications to act on them.
RELAY_PATIENCE_S = {"notifications": 0.05}

PUBLISHES = {
    "catalog": ("catalog.>", "contacts.>"),
    "matching": ("matching.>",),
    "notifications": ("notifications.>",),
}


def consumers_of(service: str) -> tuple[ConsumerSpec, ...]:
    """The durables a service reads."""
    return tuple(spec for spec in CONSUMERS if spec.service == service)


def stream_for(subject: str) -> str:
    """The stream that stores a subject, by its first token."""
    return subject.partition(".")[0].upper()


def pattern_of(wanted: str) -> str:
    """A subject with wildcards as a regular expression: `*` is one token, `>` is one or more."""
    wild = {"*": r"[^.]+", ">": ".+"}
    tokens = r"\.".join(wild.get(token, re.escape(token)) for token in wanted.split("."))
    return f"^{tokens}$"


def published() -> set[str]:
    """The streams that services write to."""
    return {stream_for(subject) for subjects in PUBLISHES.values() for subject in subjects}


def publisher_of(stream: str) -> str:
    """The service that alone writes to a stream."""
    return next(service for service, subjects in PUBLISHES.items() if stream in map(stream_for, subjects))


def inbox_prefix(service: str) -> str:
    """Where replies to a service arrive; no other service may listen there."""
    return f"_INBOX_{service}"


def permissions(user: str) -> dict[str, object]:
    """The `permissions` block of a NATS user: a service may publish its own facts and read its own durables.

    It may ask what is its to ask, and hear what is its to answer, in the queue that its replicas share.
    """
    if user == "admin":
        return {
            "publish": {"allow": ["$JS.API.>"]},
            "subscribe": {"allow": [f"{inbox_prefix('admin')}.>", "$JS.EVENT.>"]},
        }
    publish = [*PUBLISHES[user]]
    for spec in consumers_of(user):
        publish += _reading_rights(spec)
    publish += [each.subject for each in QUESTIONS if each.asker == user]
    heard = [f"{each.subject} {each.answerer}" for each in QUESTIONS if each.answerer == user]
    return {
        "publish": {"allow": sorted(set(publish))},
        "subscribe": {"allow": [f"{inbox_prefix(user)}.>", *heard]},
        "allow_responses": ONE_REPLY if heard else False,
    }


def _reading_rights(spec: ConsumerSpec) -> list[str]:
    at = f"{spec.stream}.{spec.durable}"
    return [
        f"$JS.API.CONSUMER.MSG.NEXT.{at}",
        f"$JS.API.CONSUMER.INFO.{at}",
        f"$JS.ACK.{at}.>",
        # The second form of the ack subject, behind a feature flag of nats-server 2.15.
        f"$JS.ACK.*.*.{at}.>",
    ]


@dataclass(frozen=True)
class Topology:
    """All of it together; tests make their own, in memory and small."""

    streams: tuple[StreamSpec, ...] = STREAMS
    consumers: tuple[ConsumerSpec, ...] = CONSUMERS
    replicas: int = 1
    storage: Literal["file", "memory"] = "file"

    def in_memory(self) -> "Topology":
        """The same streams without a disk, for tests that make them anew each time."""
        return replace(self, storage="memory")

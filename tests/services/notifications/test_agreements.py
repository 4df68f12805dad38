"""Who hears of agreements: the other side of each step, and both where what they signed is void; each thing once."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifications.inbox.models import Topic
from services.notifications.messages import message_of
from shared.events.agreements import (
    AgreementAdvanced,
    AgreementCancelled,
    AgreementChanged,
    AgreementCompleted,
    AgreementConcluded,
    AgreementEvent,
    AgreementRunning,
    AgreementSigned,
    CancelledFor,
    Nature,
)
from tests.services.notifications.actors import NOON, Actor, Stage, actor, contact, joined, registered

DOCUMENT = "0" * 64


@pytest.fixture
def buyer() -> Actor:
    return actor("Hexaplane")


@pytest.fixture
def supplier() -> Actor:
    return actor("Traiteur solidaire")


@pytest.fixture
async def known(stage: Stage, buyer: Actor, supplier: Actor) -> None:
    for each, name in ((buyer, "claire"), (supplier, "karim")):
        await stage.tell(registered(each), joined(each), contact(each, email=f"{name}@exemple.test"))


class Story:
    """One agreement between the two."""

    def __init__(self, buyer: Actor, supplier: Actor) -> None:
        self.buyer, self.supplier, self.agreement = buyer.organisation_id, supplier.organisation_id, uuid4()
        self._version = 0

    def tell(self, to: UUID, kind: type[AgreementEvent], **said: Any) -> AgreementEvent:
        """The next event, as one side hears it."""
        self._version += 1
        ids = {"agreement_id": self.agreement, "proposal_id": uuid4(), "need_id": uuid4()}
        sides = {"buyer_id": self.buyer, "supplier_id": self.supplier, "organisation_id": to}
        other = "Hexaplane" if to == self.supplier else "Traiteur solidaire"
        about = {"partner_name": other, "title": "80 repas", "nature": Nature.ORDER, "revision": 1, "at": NOON}
        return kind.model_validate({**ids, **sides, **about, "version": self._version, **said})


@pytest.fixture
def story(buyer: Actor, supplier: Actor) -> Story:
    return Story(buyer, supplier)


async def notices(stage: Stage) -> list[tuple[UUID, str]]:
    rows = await stage.rows("SELECT organisation_id, params, about_kind, about_id::text FROM notices ORDER BY id")
    said = [{"about_kind": row["about_kind"], "about_id": row["about_id"], **row["params"]} for row in rows]
    titles = [message_of(Topic.AGREEMENT, params, "fr").title for params in said]
    return [(row["organisation_id"], title.replace("’", "'")) for row, title in zip(rows, titles, strict=True)]


async def test_each_side_hears_of_what_the_other_does_once(known: None, stage: Stage, story: Story) -> None:
    buyer, supplier, tell = story.buyer, story.supplier, story.tell
    events = [
        tell(supplier, AgreementConcluded, total_cents=100_000),
        tell(buyer, AgreementSigned, document_sha256=DOCUMENT),
        tell(supplier, AgreementChanged, signatures_void=True),
        tell(buyer, AgreementChanged, signatures_void=True),
        tell(supplier, AgreementRunning, document_sha256=DOCUMENT, total_cents=100_000),
        tell(buyer, AgreementAdvanced, milestone=2, done=True),
        tell(buyer, AgreementAdvanced, milestone=2, done=False),
        tell(supplier, AgreementAdvanced, done=True),
        tell(supplier, AgreementCompleted, total_cents=100_000),
    ]
    for event in events:
        await stage.tell(event, event)
    assert await notices(stage) == [
        (supplier, "Hexaplane a conclu un accord avec vous"),
        (buyer, "Traiteur solidaire a signé l'accord"),
        (supplier, "L'accord avec Hexaplane a changé"),
        (buyer, "L'accord avec Traiteur solidaire a changé"),
        (supplier, "Hexaplane a signé à son tour"),
        (buyer, "Traiteur solidaire a coché l'étape 2"),
        (buyer, "Traiteur solidaire a décoché l'étape 2"),
        (supplier, "Hexaplane dit que tout est fait"),
        (supplier, "L'accord avec Hexaplane est terminé"),
    ]
    assert len(await stage.rows("SELECT id FROM deliveries")) == len(events)


async def test_what_comes_late_is_told_to_nobody(known: None, stage: Stage, story: Story) -> None:
    first = story.tell(story.supplier, AgreementConcluded, total_cents=1)
    gone = story.tell(story.supplier, AgreementCancelled, reason=CancelledFor.PRICE, was_running=False)
    await stage.tell(gone, first)
    assert await notices(stage) == [(story.supplier, "Hexaplane a annulé l'accord")]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ("a annulé l’accord", "La raison donnée", "les dates ne peuvent pas être tenues")),
        ("en", ("cancelled the agreement", "The reason given", "the dates cannot be kept")),
    ],
)
def test_an_end_says_why(language: str, said: tuple[str, ...]) -> None:
    about = {"about_kind": "agreement", "about_id": str(uuid4()), "title": "80 repas", "partner": "Hexaplane"}
    message = message_of("agreement", {**about, "nature": "order", "step": "cancelled", "reason": "delay"}, language)
    assert all(words in message.title + message.text for words in said), message
    assert message.path == f"/agreements/{about['about_id']}"

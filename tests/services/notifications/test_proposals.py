"""Who hears of proposals: the need's people, whoever proposed, and whoever is to take part; each thing once."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifications.inbox.models import Topic
from services.notifications.messages import message_of
from shared.events.event import Event
from shared.events.proposals import (
    Chosen,
    NotChosen,
    ParticipationAnswered,
    ParticipationAsked,
    ProposalAccepted,
    ProposalAttached,
    ProposalMade,
    ProposalRejected,
    ProposalWithdrawn,
)
from tests.services.notifications.actors import NOON, Actor, Stage, actor, contact, joined, registered


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
    """One proposal of the supplier's to a need of the buyer's."""

    def __init__(self, buyer: Actor, supplier: Actor) -> None:
        self.buyer, self.supplier = buyer.organisation_id, supplier.organisation_id
        self.need, self.proposal, self._answer, self._version = uuid4(), uuid4(), uuid4(), 0

    def _about(self) -> dict[str, Any]:
        self._version += 1
        ids = {"proposal_id": self.proposal, "answer_id": self._answer, "need_id": self.need}
        return {**ids, "version": self._version, "title": "80 repas par mois", "at": NOON}

    def _to_buyer(self) -> dict[str, Any]:
        who: dict[str, Any] = {"supplier_id": self.supplier, "supplier_name": "Traiteur solidaire"}
        return {**self._about(), **who, "organisation_id": self.buyer}

    def made(self, revision: int = 1) -> ProposalMade:
        valid_until = date(2026, 12, 31)
        return ProposalMade(**self._to_buyer(), revision=revision, total_cents=100_000, valid_until=valid_until)

    def attached(self, fresh: int = 1) -> ProposalAttached:
        return ProposalAttached(**self._to_buyer(), fresh=fresh)

    def withdrawn(self) -> ProposalWithdrawn:
        return ProposalWithdrawn(**self._to_buyer())

    def accepted(self) -> ProposalAccepted:
        chosen: dict[str, Any] = {"organisation_id": self.supplier, "buyer_id": self.buyer, "buyer_name": "Hexaplane"}
        return ProposalAccepted(**self._about(), **chosen, revision=1, total_cents=100_000, reason=Chosen.SOCIAL)

    def rejected(self, reason: NotChosen = NotChosen.PRICE) -> ProposalRejected:
        return ProposalRejected(**self._about(), organisation_id=self.supplier, reason=reason)


@pytest.fixture
def story(buyer: Actor, supplier: Actor) -> Story:
    return Story(buyer, supplier)


async def told(stage: Stage) -> list[tuple[Topic, UUID]]:
    rows = await stage.rows("SELECT topic, organisation_id FROM notices ORDER BY id")
    return [(Topic(row["topic"]), row["organisation_id"]) for row in rows]


async def titles(stage: Stage) -> list[str]:
    rows = await stage.rows("SELECT topic, params, about_kind, about_id::text FROM notices ORDER BY id")
    said = [{"about_kind": row["about_kind"], "about_id": row["about_id"], **row["params"]} for row in rows]
    return [message_of(row["topic"], params, "fr").title for row, params in zip(rows, said, strict=True)]


async def test_the_need_s_people_hear_of_each_revision_and_of_its_end_once(
    known: None, stage: Stage, story: Story
) -> None:
    first, second, gone = story.made(), story.made(2), story.withdrawn()
    await stage.tell(first, first, second, gone)
    assert await told(stage) == [(Topic.PROPOSED, story.buyer)] * 3
    assert await titles(stage) == [
        "Traiteur solidaire vous fait une proposition",
        "Traiteur solidaire a révisé sa proposition",
        "Traiteur solidaire a retiré sa proposition",
    ]
    assert len(await stage.rows("SELECT id FROM deliveries")) == 3


async def test_what_comes_late_is_told_to_nobody(known: None, stage: Stage, story: Story) -> None:
    first, gone = story.made(), story.withdrawn()
    await stage.tell(gone, first)
    assert await titles(stage) == ["Traiteur solidaire a retiré sa proposition"]


@pytest.mark.parametrize("is_chosen", [True, False])
async def test_whoever_proposed_hears_what_was_decided(
    known: None, stage: Stage, story: Story, is_chosen: bool
) -> None:
    event: Event = story.accepted() if is_chosen else story.rejected()
    await stage.tell(event, event)
    assert await told(stage) == [(Topic.CHOSEN, story.supplier)]
    (live,) = await stage.rows("SELECT payload FROM live_events WHERE kind = 'notice'")
    assert live["payload"]["say"] == "chosen"
    assert ("Hexaplane" in str(live["payload"])) is is_chosen


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ("n’est pas retenue", "Merci d’avoir proposé", "le prix dépassait le budget")),
        ("en", ("is not chosen", "Thank you for proposing", "the price was over the budget")),
    ],
)
def test_a_no_is_kind_and_says_why(language: str, said: tuple[str, ...]) -> None:
    about = {
        "about_kind": "proposal",
        "about_id": str(uuid4()),
        "title": "80 repas",
        "chosen": False,
        "reason": "price",
    }
    message = message_of("chosen", about, language)
    assert all(words in message.title + message.text for words in said), message
    assert message.path == f"/proposals/{about['about_id']}"


def test_a_proposal_leads_to_the_comparison() -> None:
    about = {"about_kind": "proposals", "about_id": str(uuid4()), "title": "80 repas", "supplier": "La Popote"}
    message = message_of("proposed", {**about, "revision": 1}, "en")
    assert message.title == "La Popote makes you a proposal"
    assert message.path == f"/needs/{about['about_id']}/proposals"


async def test_who_is_named_is_asked_and_its_answer_is_told(
    known: None, stage: Stage, story: Story, supplier: Actor, buyer: Actor
) -> None:
    part: dict[str, Any] = {"participation_id": uuid4(), "proposal_id": story.proposal, "title": "80 repas"}
    partner = buyer.organisation_id
    who: dict[str, Any] = {"supplier_id": supplier.organisation_id, "supplier_name": "Traiteur solidaire"}
    await stage.tell(
        ParticipationAsked(version=1, organisation_id=partner, **who, **part),
        ParticipationAnswered(
            version=2, organisation_id=supplier.organisation_id, partner_id=partner, partner_name="Hexaplane",
            takes_part=False, **part,
        ),
    )  # fmt: skip
    assert await told(stage) == [(Topic.TAKES_PART, partner), (Topic.TAKES_PART, supplier.organisation_id)]
    assert await titles(stage) == [
        "Traiteur solidaire vous cite comme cotraitant",
        "Hexaplane ne participe pas à votre proposition",
    ]


@pytest.mark.usefixtures("known")
async def test_of_files_in_a_burst_the_first_is_told(stage: Stage, buyer: Actor, supplier: Actor) -> None:
    """INVARIANT: a file beside a proposal that may have been read is told, and those right after it are not."""
    story = Story(buyer, supplier)
    await stage.tell(story.made(), story.attached(), story.attached(fresh=2), story.attached(fresh=3))
    assert await titles(stage) == [
        "Traiteur solidaire vous fait une proposition",
        "Traiteur solidaire joint un document à sa proposition",
    ]
    await stage.tell(story.attached())
    assert len(await stage.rows("SELECT id FROM notices WHERE topic = 'proposed'")) == 3

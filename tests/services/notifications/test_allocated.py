"""Who is proposed for a part of a flow is told so once, with its own part and nobody else's."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from services.notifications.messages import message_of
from shared.events.facts import Period, Quantity
from shared.events.matching import AllocatedShare, AllocationAccepted
from tests.services.notifications.actors import NOON, Actor, Stage, a_demand, actor, joined, registered


@pytest.fixture
def publisher() -> Actor:
    return actor("Tri du Canal")


def share_of(taker: Actor, tonnes: str) -> AllocatedShare:
    return AllocatedShare(
        offer_id=uuid4(),
        organisation_id=taker.organisation_id,
        organisation_name=taker.name,
        quantity=Quantity(value=Decimal(tonnes), unit="t", period=Period.MONTH),
        level=None,
        distance_km=6.0,
    )


def accepted(
    publisher: Actor, *shares: AllocatedShare, version: int = 1, flow_id: UUID | None = None
) -> AllocationAccepted:
    demand = a_demand(publisher).model_copy(update={"kind": "flow", "title": "Palettes en bois"})
    return AllocationAccepted(
        version=version,
        allocation_id=uuid4(),
        flow_id=flow_id or demand.demand_id,
        organisation_id=publisher.organisation_id,
        demand=demand,
        values="2026-11-27",
        shares=shares,
        left=None,
        accepted_at=NOON,
    )


async def notices(stage: Stage, who: Actor) -> list[dict[str, object]]:
    rows = await stage.rows("SELECT * FROM notices WHERE organisation_id = :id ORDER BY id", id=who.organisation_id)
    return [dict(row) for row in rows]


async def test_each_proposed_taker_is_told_its_own_part(stage: Stage, publisher: Actor) -> None:
    first, second = actor("Les Palettes du Nord"), actor("Atelier du Girou")
    await stage.tell(*(registered(each) for each in (first, second)), *(joined(each) for each in (first, second)))
    event = accepted(publisher, share_of(first, "6"), share_of(second, "2.5"))
    await stage.tell(event, event)
    ((notice,), (other,)) = [await notices(stage, each) for each in (first, second)]
    assert await notices(stage, publisher) == []
    assert (notice["topic"], notice["about_kind"], notice["about_id"]) == ("allocated", "flow", event.demand.demand_id)
    assert "Girou" not in str(notice["params"])
    assert other["params"]["quantity"] == "2.5"  # type: ignore[index]
    letters = await stage.rows("SELECT member_id FROM deliveries WHERE state = 'pending'")
    assert {row["member_id"] for row in letters} == {first.member_id, second.member_id}


async def test_another_split_is_told_again(stage: Stage, publisher: Actor) -> None:
    taker = actor("Les Palettes du Nord")
    await stage.tell(registered(taker), joined(taker))
    event = accepted(publisher, share_of(taker, "6"))
    await stage.tell(event, accepted(publisher, share_of(taker, "4"), version=2, flow_id=event.flow_id))
    assert len(await notices(stage, taker)) == 2


@pytest.mark.parametrize(
    ("language", "author", "said"),
    [
        (
            "fr",
            "Tri du Canal",
            "Tri du Canal propose que vous preniez 2,5 t par mois. Dites-lui si cela vous convient.",
        ),
        ("fr", None, "Son détenteur propose que vous preniez 2,5 t par mois. Dites-lui si cela vous convient."),
        ("en", "Tri du Canal", "Tri du Canal proposes that you take 2.5 t a month. Say whether it suits you."),
    ],
)
def test_it_says_how_much_and_asks(language: str, author: str | None, said: str) -> None:
    params = {
        "about_id": str(uuid4()),
        "about_kind": "flow",
        "title": "Palettes en bois",
        "place": "Fenouillet (31)",
        "author": author,
        "quantity": "2.5",
        "quantity_unit": "t",
        "quantity_period": "month",
    }
    message = message_of("allocated", params, language)
    assert message.text.replace("\u202f", " ").replace("\xa0", " ") == said
    assert message.path == f"/flows/{params['about_id']}"

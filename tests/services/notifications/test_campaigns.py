"""Who hears of campaigns and pledges: the other side of each step, once, in words that say what is due."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifications.messages import message_of
from shared.events.campaigns import (
    CampaignClosed,
    CampaignReturned,
    Outcome,
    PledgeConfirmed,
    PledgeDue,
    PledgeLapsed,
    PledgeMade,
    PledgeWithdrawn,
)
from tests.services.notifications.actors import Actor, Stage, actor, contact, joined, registered

TITLE = "Un four"


@pytest.fixture
async def sides(stage: Stage) -> tuple[Actor, Actor]:
    """Whose campaign it is, and who pledges; both read letters."""
    owner, company = actor("Atelier"), actor("Hexaplane")
    for each, name in ((owner, "karim"), (company, "claire")):
        await stage.tell(registered(each), joined(each), contact(each, email=f"{name}@exemple.test"))
    return owner, company


async def told(stage: Stage, language: str = "fr") -> list[tuple[UUID, str, str]]:
    """Whom, with which title and text."""
    rows = await stage.rows(
        "SELECT organisation_id, topic, params, about_kind, about_id::text FROM notices ORDER BY id"
    )
    found = []
    for row in rows:
        params = {"about_kind": row["about_kind"], "about_id": row["about_id"], **row["params"]}
        said = message_of(row["topic"], params, language)
        plain = (each.replace("’", "'").replace("\u202f", " ").replace("\xa0", " ") for each in (said.title, said.text))
        found.append((row["organisation_id"], *plain))
    return found


async def test_each_side_hears_what_the_other_did_once(stage: Stage, sides: tuple[Actor, Actor]) -> None:
    owner, company = (each.organisation_id for each in sides)
    campaign, pledge = uuid4(), uuid4()
    about: dict[str, Any] = {"campaign_id": campaign, "title": TITLE}
    shared: dict[str, Any] = {**about, "pledge_id": pledge, "amount_cents": 150_000}
    to_owner = {**shared, "organisation_id": owner, "partner_name": "Hexaplane"}
    to_company = {**shared, "organisation_id": company, "partner_name": "Atelier"}
    events = [
        PledgeMade(version=1, **to_owner),
        PledgeMade(version=2, before_cents=100_000, **to_owner),
        PledgeWithdrawn(version=3, **to_owner),
        CampaignClosed(
            version=9, organisation_id=owner, outcome=Outcome.SUCCEEDED, pledged_cents=600_000, pledges=2, **about
        ),
        PledgeConfirmed(version=4, **to_company),
        PledgeDue(version=5, days=15, **to_company),
    ]
    for event in events:
        await stage.tell(event, event)
    heard = await told(stage)
    assert [(whom, title) for whom, title, _ in heard] == [
        (owner, "Hexaplane promet 1 500 €"),
        (owner, "Hexaplane promet maintenant 1 500 €"),
        (owner, "Hexaplane a repris sa promesse"),
        (owner, "Votre campagne a réussi : Un four"),
        (company, "La campagne a réussi : Un four"),
        (company, "Votre don de 1 500 € est-il parti ?"),
    ]
    assert "6 000 € promis, 2 promesses." in heard[3][2]
    assert "c'est le moment de donner" in heard[4][2]
    assert len(await stage.rows("SELECT id FROM deliveries")) == len(events)


@pytest.mark.parametrize(
    ("why", "words", "said"),
    [("not_reached", "", "Son seuil n'est pas atteint"), ("cancelled", "Vendu.", "« Vendu. »")],
)
async def test_when_nothing_is_due_it_is_said_kindly(
    stage: Stage, sides: tuple[Actor, Actor], why: Any, words: str, said: str
) -> None:
    _, company = sides
    lapsed = PledgeLapsed(
        version=2, pledge_id=uuid4(), campaign_id=uuid4(), organisation_id=company.organisation_id,
        partner_name="Atelier", title=TITLE, amount_cents=1_000, why=why, words=words,
    )  # fmt: skip
    await stage.tell(lapsed)
    ((whom, _, text),) = await told(stage)
    assert whom == company.organisation_id
    assert said in text
    assert "10 € ne sont pas dus" in text
    ((_, title, _),) = await told(stage, "en")
    assert "campaign" in title


async def test_what_a_coordinator_wants_changed_leads_to_the_campaign(stage: Stage, sides: tuple[Actor, Actor]) -> None:
    owner, _ = sides
    campaign = uuid4()
    await stage.tell(
        CampaignReturned(
            version=2, campaign_id=campaign, organisation_id=owner.organisation_id, title=TITLE, words="Pour qui ?"
        )
    )
    ((_, title, text),) = await told(stage)
    assert (title, "Pour qui ?" in text) == ("Campagne à revoir : Un four", True)
    (row,) = await stage.rows("SELECT about_kind, about_id FROM notices")
    assert (row["about_kind"], row["about_id"]) == ("campaign", campaign)

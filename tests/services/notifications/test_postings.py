"""Who hears what others did to their postings: published for them, or let go; and what the letters say."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.notifications.inbox.models import Topic
from services.notifications.messages import message_of
from services.notifications.messages.kinds import KINDS
from shared.events.behalf import ConsentNoted, FlowAbandoned, NeedAbandoned
from tests.services.notifications.actors import NOON, Actor, Stage, actor, contact, joined, registered

PARAMS = (
    "SELECT topic, params || jsonb_build_object('about_kind', about_kind, 'about_id', about_id) AS p "
    "FROM notices ORDER BY id"
)


@pytest.fixture
async def absent(stage: Stage) -> Actor:
    """Whom the territory had on the phone."""
    one = actor("Régie du Mirail")
    await stage.tell(registered(one), joined(one), contact(one, email="personne@exemple.test"))
    return one


def noted(absent: Actor, kind: Any = "need", **changes: Any) -> ConsentNoted:
    facts: dict[str, Any] = {
        "version": 1,
        "consent_id": uuid4(),
        "organisation_id": absent.organisation_id,
        "about_id": uuid4(),
        "about_kind": kind,
        "title": "80 repas",
        "noted_by": "Toulouse Métropole",
        "means": "phone",
        "given_on": date(2026, 11, 20),
        "at": NOON,
    }
    return ConsentNoted(**facts | changes)


@pytest.mark.parametrize(
    ("kind", "french", "english"),
    [
        ("need", "un besoin en votre nom", "a need for you"),
        ("flow", "un gisement en votre nom", "a flow for you"),
        ("offer", "une activité en votre nom", "an offer for you"),
    ],
)
async def test_whose_posting_it_is_hears_once_who_posted_it_and_how_to_object(
    stage: Stage, absent: Actor, kind: str, french: str, english: str
) -> None:
    event = noted(absent, kind)
    await stage.tell(event, event)
    (row,) = await stage.rows(PARAMS)
    assert row["topic"] == Topic.POSTED_FOR
    letter = message_of(row["topic"], row["p"], "fr")
    assert letter.title.replace("\xa0", " ") == f"Toulouse Métropole a publié {french} : 80 repas"
    assert "20 novembre" in letter.text
    assert "(appel)" in letter.text
    assert "retirez-la" in letter.text
    assert "vérifié" not in letter.text
    assert letter.path == f"/{kind}s/{event.about_id}"
    assert message_of(row["topic"], row["p"], "en").title == f"Toulouse Métropole published {english}: 80 repas"
    assert len(await stage.rows("SELECT id FROM deliveries")) == 1


async def test_what_waits_for_a_check_says_so_and_nobody_silences_it(stage: Stage, absent: Actor) -> None:
    await stage.tell(noted(absent, waits=True))
    (row,) = await stage.rows(PARAMS)
    assert "vérifié votre structure" in message_of(row["topic"], row["p"], "fr").text
    assert KINDS[Topic.POSTED_FOR].is_fixed


@pytest.mark.parametrize("kind", ["need", "flow"])
async def test_the_author_of_what_is_abandoned_hears_of_it_once(stage: Stage, absent: Actor, kind: str) -> None:
    facts: dict[str, Any] = {"version": 3, "organisation_id": absent.organisation_id, "title": "80 repas"}
    about = uuid4()
    event = NeedAbandoned(need_id=about, **facts) if kind == "need" else FlowAbandoned(flow_id=about, **facts)
    await stage.tell(event, event)
    (row,) = await stage.rows(PARAMS)
    letter = message_of(row["topic"], row["p"], "fr")
    assert row["topic"] == Topic.RETURNED
    assert "abandonné" in letter.title
    assert "dix jours" in letter.text
    assert letter.path == f"/{kind}s/{about}"
    assert "abandoned" in message_of(row["topic"], row["p"], "en").title

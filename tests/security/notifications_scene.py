"""Notifications, with an organisation's notice, letter and webhook, and strangers."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.notifications.app import create_app as create_notifications
from services.notifications.settings import Settings as NotificationsSettings
from services.notifications.webhooks.commands import add_webhook
from services.notifications.webhooks.schemas import WebhookWanted
from shared.events.matching import SupplierSolicited
from shared.identity import Signer
from tests.security.people import STRANGERS, people_of
from tests.security.scene import SECRET, Scene, closed
from tests.services.notifications.actors import NOON, Actor, Stage, a_demand, actor, contact, joined, solicited
from tests.support import Isolated, an_identity

HOOK = {"url": "https://exemple.fr/boucle", "events": ["catalog.need.published.v1"]}


async def a_letter_of(stage: Stage, who: Actor) -> list[object]:
    """The id of a letter that waits for a member."""
    await stage.tell(joined(who), contact(who))
    return [row["id"] for row in await stage.rows("SELECT id FROM deliveries")]


@pytest.fixture
async def notifications_scene(
    notifications_settings: NotificationsSettings, notifications_database: Isolated, signer: Signer
) -> AsyncIterator[Scene]:
    """A notice of the owner's, and one of each stranger's; open streams say what was missed and end."""
    app = create_notifications(notifications_settings, databases=notifications_database.both)
    app.state.hub.started.set()
    app.state.hub._is_closed = True
    stage, owner = Stage(notifications_database), actor("Traiteur solidaire")
    strangers = {who: actor(who) for who in STRANGERS[1:]}
    title, address = f"{SECRET} notice", f"https://exemple.fr/{SECRET}-webhook"
    wanted = WebhookWanted(url=address, events=[SupplierSolicited.type])
    who = an_identity(organisation_id=owner.organisation_id)
    async with notifications_database.sessions.begin() as session:
        await add_webhook(session, who, wanted, to_loopback=False, now=NOON - timedelta(days=1))
    await stage.tell(solicited(owner, a_demand(actor("Ville"), title=title)))
    for stranger in strangers.values():
        await stage.tell(solicited(stranger, a_demand(actor("Ville"))))
    mine = {"organisation": owner.organisation_id}
    rows = await stage.rows("SELECT id FROM notices WHERE organisation_id = :organisation", **mine)
    ids: dict[str, list[object]] = {"notice_id": [row["id"] for row in rows]}
    ids["delivery_id"] = await a_letter_of(stage, owner)
    (hook,) = await stage.rows("SELECT id FROM webhooks")
    ids["webhook_id"] = [hook["id"]]
    sent = await stage.rows("SELECT id FROM webhook_deliveries")
    ids["delivery_id"] += [each["id"] for each in sent]
    people = people_of(
        app, signer, owner.organisation_id, strangers={who: each.organisation_id for who, each in strangers.items()}
    )
    marks = frozenset(str(each) for each in (owner.organisation_id, *(one for each in ids.values() for one in each)))
    yield Scene(app, notifications_database, people, ids, frozenset([title, address]), marks)
    await closed(people.values())

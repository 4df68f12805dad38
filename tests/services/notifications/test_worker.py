"""The whole service with its worker: from the broker to the open page."""

from collections.abc import Callable

from deploy.embedded.engines import Engines
from services.notifications.app import create_app
from services.notifications.settings import Settings
from shared.database.both import Databases
from shared.events import encode
from shared.events.envelope import envelop
from shared.identity import Identity
from shared.messaging.connection import close, connect
from tests.services.notifications.actors import Actor, Clock, a_demand, actor, solicited
from tests.services.notifications.listening import listening
from tests.support import an_identity


async def test_what_matching_publishes_reaches_the_open_page(
    engines: Engines,
    notifications_settings: Settings,
    databases: Databases,
    clock: Clock,
    token: Callable[[Identity], str],
) -> None:
    supplier = an_identity()
    me = Actor(supplier.organisation_id, supplier.member_id, supplier.organisation_name)
    settings = notifications_settings.model_copy(update={"worker": True})
    app = create_app(settings, databases=databases, clock=clock)
    envelope = envelop(solicited(me, a_demand(actor("Ville de Blagnac"))))
    matching = await connect(
        engines.instance.nats_url, user="matching", seed_file=engines.instance.seed_file("matching")
    )
    try:
        async with app.lifespan(), listening(app, token(supplier)) as page:
            headers = {"Nats-Msg-Id": str(envelope.id)}
            await matching.jetstream().publish(envelope.data.subject, encode(envelope).encode(), headers=headers)
            message = (await page.until(2))[1]
    finally:
        await close(matching)
    assert message["kind"] == "solicited"
    assert message["unread"] == 1

"""One owner's webhook, whom it tells, and what it sends."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest

from services.notifications.webhooks.commands import add_webhook
from services.notifications.webhooks.loop import send_next
from services.notifications.webhooks.schemas import WebhookWanted
from services.notifications.webhooks.sending import Courier
from shared.database import Database
from shared.events.envelope import Envelope
from shared.identity import Identity
from tests.services.notifications.actors import Actor, Clock, Stage, a_demand, a_match, actor, matched
from tests.services.notifications.receiving import Receiver, receiving
from tests.support import an_identity

MATCHED, SOLICITED = "matching.demand.matched.v1", "matching.supplier.solicited.v1"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def courier(clock: Clock) -> Courier:
    return Courier(clock, to_loopback=True)


@pytest.fixture
def owner() -> Identity:
    return an_identity(organisation_name="Ville de Blagnac")


@pytest.fixture
def author(owner: Identity) -> Actor:
    return Actor(owner.organisation_id, owner.member_id, owner.organisation_name)


class Hook:
    """The owner's one webhook."""

    def __init__(self, database: Database, owner: Identity, clock: Clock) -> None:
        self._database, self._owner, self._clock = database, owner, clock
        self.id, self.secret = UUID(int=0), ""

    async def add(self, url: str, *events: str) -> None:
        wanted = WebhookWanted(url=url, events=list(events))
        async with self._database.sessions.begin() as session:
            made = await add_webhook(session, self._owner, wanted, to_loopback=True, now=self._clock())
            self.id, self.secret = made.webhook.id, made.secret

    async def do(self, command: Callable[..., Any], *values: Any, **more: Any) -> Any:
        """One of the owner's commands."""
        async with self._database.sessions.begin() as session:
            return await command(session, self._owner, self.id, *values, **more)


@pytest.fixture
async def hook(database: Database, owner: Identity, clock: Clock, receiver: Receiver) -> Hook:
    hook = Hook(database, owner, clock)
    await hook.add(receiver.url, MATCHED, SOLICITED)
    return hook


@pytest.fixture
async def told(stage: Stage, author: Actor, hook: Hook) -> Envelope:
    """Something happened to the owner's need."""
    (envelope,) = await stage.tell(matched(a_demand(author), [a_match(actor("Traiteur"))]))
    return envelope


@pytest.fixture
def send(database: Database, courier: Courier, clock: Clock) -> Callable[[], Any]:
    return lambda: send_next(database, courier, clock)


async def deliveries(stage: Stage) -> list[Any]:
    return await stage.rows("SELECT * FROM webhook_deliveries ORDER BY id")

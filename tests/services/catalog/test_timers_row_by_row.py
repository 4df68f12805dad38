"""One row that fails for ever keeps no other waiting, where rows have no hour to be put off to."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from services.catalog.calls.models import Call
from services.catalog.calls.opening import move_calls_on
from services.catalog.claims import lapsing, reminding
from services.catalog.exchanges import pruning
from services.catalog.files.store import FolderStore
from services.catalog.offers.models import Offer
from services.catalog.offers.resuming import resume_due
from services.catalog.team.inviting import expire
from services.catalog.team.models import Invitation
from shared.clock import now
from shared.database import one_by_one
from tests.services.catalog.claimants import Sql, claimed, mailbox, sql
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.coordinators import a_coordinator
from tests.services.catalog.exchanging import of, wrote
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.proposing import made, rejected
from tests.services.catalog.suppliers import a_need
from tests.services.catalog.teams import invited
from tests.services.catalog.test_calls import TODAY, a_call
from tests.services.catalog.test_flow_and_offer_wizards import an_offer, post
from tests.services.catalog.test_proposals_evidence import added
from tests.support import Isolated, moved_to

__all__ = ["mailbox", "sql"]


@pytest.fixture(autouse=True)
def pages_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails fills the page of a pass: the next rows are behind it."""
    monkeypatch.setattr(one_by_one, "AT_ONCE", 1)


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a method, or a function that is given a row as its second argument, fail for one row."""

    def spoil(owner: Any, name: str, broken: UUID) -> None:
        whole = getattr(owner, name)

        def failing(*given: Any, **named: Any) -> Any:
            if any(broken in (each, getattr(each, "id", None)) for each in given):
                raise RuntimeError("always")
            return whole(*given, **named)

        monkeypatch.setattr(owner, name, failing)

    return spoil


async def first(sql: Sql, table: str) -> UUID:
    """The row that a pass looks at first."""
    rows = await sql(f"SELECT id FROM {table} ORDER BY id")
    assert len(rows) == 2
    found: UUID = rows[0][0]
    return found


async def states(sql: Sql, table: str) -> list[str]:
    return [row[0] for row in await sql(f"SELECT state FROM {table} ORDER BY id")]


async def test_a_call(sign_up: SignUp, catalog_database: Isolated, sql: Sql, poison: Callable[..., None]) -> None:
    coordinator = await a_coordinator(sign_up, catalog_database)
    for _ in range(2):
        await a_call(coordinator, opens_on=(TODAY + timedelta(days=2)).isoformat())
    poison(Call, "move_on", await first(sql, "calls"))
    await sql("UPDATE calls SET opens_on = :today", today=TODAY)
    assert await move_calls_on(catalog_database) == 2
    assert await states(sql, "calls") == ["announced", "open"]


async def test_an_offer(sign_up: SignUp, catalog_database: Isolated, sql: Sql, poison: Callable[..., None]) -> None:
    workshop = await sign_up(organisation_name="Atelier", roles=["ess"])
    for _ in range(2):
        address = await an_offer(workshop)
        await post(workshop, f"{address}/review")
        await post(workshop, f"{address}/pause", resume_on=str(TODAY + timedelta(days=3)))
    poison(Offer, "resume", await first(sql, "offers"))
    await sql("UPDATE offers SET resume_on = :today", today=TODAY)
    assert await resume_due(catalog_database) == 2
    assert await states(sql, "offers") == ["paused", "published"]


async def test_an_invitation(
    sign_up: SignUp, catalog_database: Isolated, mailbox: Mailbox, sql: Sql, poison: Callable[..., None]
) -> None:
    owner = await sign_up(organisation_name="Hexaplane")
    for number in range(2):
        await invited(owner, mailbox, email=f"invitee{number}@exemple.fr")
    poison(Invitation, "end", await first(sql, "invitations"))
    with moved_to(now() + timedelta(days=8), catalog_database):
        assert await expire(catalog_database) == 2
    assert await states(sql, "invitations") == ["pending", "expired"]


@pytest.fixture
async def broken_claim(sign_up: SignUp, sql: Sql) -> UUID:
    """The first of two requests to join a team."""
    await sign_up(organisation_name="Hexaplane")
    ((hexaplane,),) = await sql("SELECT id FROM organisations WHERE name = 'Hexaplane'")
    for _ in range(2):
        await claimed(await sign_up(), hexaplane)
    return await first(sql, "claims")


async def test_a_claim_that_lapses(
    broken_claim: UUID, catalog_database: Isolated, sql: Sql, poison: Callable[..., None]
) -> None:
    poison(lapsing, "end_claim", broken_claim)
    with moved_to(now() + timedelta(days=31), catalog_database):
        assert await lapsing.lapse_unanswered(catalog_database) == 2
    assert await states(sql, "claims") == ["pending", "lapsed"]


@pytest.mark.parametrize(
    ("days", "column", "timer"),
    [(4, "reminded_at", reminding.tell_teams), (8, "pressed_at", reminding.press_for_answers)],
)
async def test_a_claim_that_waits(
    broken_claim: UUID, catalog_database: Isolated, sql: Sql, poison: Callable[..., None],
    days: int, column: str, timer: Callable[..., Awaitable[int]],
) -> None:  # fmt: skip
    poison(reminding, "tell_team", broken_claim)
    with moved_to(now() + timedelta(days=days), catalog_database):
        assert await timer(catalog_database) == 2
    assert await sql(f"SELECT {column} IS NULL FROM claims ORDER BY id") == [(True,), (False,)]


async def test_messages_and_files_of_an_exchange(
    buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated, catalog_app: Litestar, sql: Sql,
    poison: Callable[..., None],
) -> None:  # fmt: skip
    store = FolderStore(catalog_app.state.settings.files_dir)
    for _ in range(2):
        proposal = await made(supplier, await a_need(buyer))
        await wrote(buyer, of(proposal), "Bonjour.")
        await added(supplier, proposal)
        await rejected(buyer, proposal, seen=2)
    message, proposal_id = await first(sql, "exchange_messages"), await first(sql, "proposals")
    poison(pruning, "remove_files_of", message)
    poison(pruning, "remove_files_of", proposal_id)
    with moved_to(now() + timedelta(days=400), catalog_database):
        assert await pruning.prune_messages(catalog_database, store) == 2
        assert await pruning.prune_evidence(catalog_database, store) == 2
    assert await sql("SELECT id FROM exchange_messages") == [(message,)]
    assert await sql("SELECT about FROM files") == [(proposal_id,)]

"""Dead letters as coordinators see them, in each service: which and since when, nothing of what they say."""

from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from services.matching.app import create_app as create_matching
from services.matching.settings import Settings as MatchingSettings
from services.notifications.app import create_app as create_notifications
from services.notifications.settings import Settings as NotificationsSettings
from shared.database.acting import Acting
from shared.identity import Role, Signer
from tests.support import Isolated, an_identity, client_for, set_identity

SECRET = "canari4711"
A_LETTER = text("""
    INSERT INTO dead_letter (id, consumer, subject, payload, reason, fingerprint, attempts, resolved_at)
    VALUES (:id, :consumer, :subject, CAST(:payload AS bytea), :reason, :fingerprint, 5, :resolved_at)
""")
NEED = "catalog.need.published.v1.0190f3c2"


async def a_letter(
    database: Isolated, *, consumer: str = "CATALOG.matching", fingerprint: str = "KeyError", is_resolved: bool = False
) -> UUID:
    letter_id = uuid4()
    async with database.sessions.begin() as session:
        await session.execute(
            text(A_LETTER.text.replace(":resolved_at", "now()" if is_resolved else "NULL")),
            {
                "id": letter_id,
                "consumer": consumer,
                "subject": NEED,
                "payload": f"{SECRET} {letter_id}".encode(),
                "reason": f"{fingerprint}({SECRET})",
                "fingerprint": fingerprint,
            },
        )
    return letter_id


def signed_in(app: Litestar, signer: Signer, role: Role, roles: set[str]) -> httpx.AsyncClient:
    client = client_for(app)
    set_identity(client, signer.mint(an_identity(role=role, roles=frozenset(roles))))
    return client


@pytest.fixture(params=["matching", "notifications"])
def other(
    request: pytest.FixtureRequest,
    matching_settings: MatchingSettings,
    notifications_settings: NotificationsSettings,
) -> tuple[str, Litestar, Isolated]:
    database: Isolated = request.getfixturevalue(f"{request.param}_database")
    if request.param == "matching":
        return "matching", create_matching(matching_settings, databases=database.both), database
    return "notifications", create_notifications(notifications_settings, databases=database.both), database


async def test_a_coordinator_reads_which_letters_lie_there_and_nothing_of_what_they_say(
    other: tuple[str, Litestar, Isolated], signer: Signer
) -> None:
    service, app, database = other
    letter, done = await a_letter(database), await a_letter(database, fingerprint="TypeError", is_resolved=True)
    async with signed_in(app, signer, Role.EDITOR, {"territory"}) as coordinator:
        for headers in ({}, {"hx-request": "true"}):
            page = (await coordinator.get(f"/{service}/dead-letters", headers=headers)).text
            assert f"boucle dead-letters replay {letter}" in page
            assert "KeyError" in page
            assert "Besoin" in page
            assert str(done) not in page
            assert SECRET not in page
            assert ("<title>" in page) is (headers == {})


async def test_nobody_else_reads_them(other: tuple[str, Litestar, Isolated], signer: Signer) -> None:
    service, app, database = other
    await a_letter(database)
    for role, roles in ((Role.OWNER, {"ess"}), (Role.VIEWER, {"territory"})):
        async with signed_in(app, signer, role, roles) as client:
            assert (await client.get(f"/{service}/dead-letters")).status_code == 403
    async with client_for(app) as client:
        assert (await client.get(f"/{service}/dead-letters")).status_code in (303, 401)


async def test_the_pages_role_sees_marks_as_a_coordinator_and_no_message_ever(
    other: tuple[str, Litestar, Isolated],
) -> None:
    _, _, database = other
    await a_letter(database)
    for is_coordinator, found in ((True, 1), (False, 0)):
        async with database.both.pages.acting(Acting(uuid4(), uuid4(), is_coordinator=is_coordinator)) as session:
            assert len(list(await session.scalars(text("SELECT id FROM dead_letter")))) == found
    for column in ("payload", "reason", "headers"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with database.both.pages.acting(Acting(uuid4(), uuid4(), is_coordinator=True)) as session:
                await session.execute(text(f"SELECT {column} FROM dead_letter"))


async def test_without_any_it_says_so(other: tuple[str, Litestar, Isolated], signer: Signer) -> None:
    service, app, _ = other
    async with signed_in(app, signer, Role.EDITOR, {"territory"}) as coordinator:
        assert "Rien de mis de côté" in (await coordinator.get(f"/{service}/dead-letters")).text

"""Programs at the door of a service that knows tokens only."""

import httpx
import pytest

from services.notifications.app import create_app
from services.notifications.settings import Settings
from shared.identity import Role, Signer
from shared.web.application import Application
from shared.web.visit import IDENTITY_COOKIE
from tests.support import Isolated, an_identity, client_for, set_identity

API = "/notifications/api/v1"


@pytest.fixture
def app(notifications_settings: Settings, notifications_database: Isolated) -> Application:
    return create_app(notifications_settings, databases=notifications_database.both)


def program_of(app: Application, shown: str) -> httpx.AsyncClient:
    """A program that shows something, without a word of where it comes from."""
    client = client_for(app)
    client.headers = httpx.Headers([*client.headers.raw, (b"authorization", f"Bearer {shown}".encode())])
    for name in ("origin", "sec-fetch-site"):
        del client.headers[name]
    return client


async def test_a_token_opens_the_interface_and_no_page(app: Application, signer: Signer) -> None:
    identity = an_identity(role=Role.EDITOR)
    async with program_of(app, signer.mint(identity)) as program:
        read = await program.get(f"{API}/unread")
        assert (read.status_code, read.json()) == (200, {"unread": 0})
        assert "set-cookie" not in read.headers
        assert (await program.post(f"{API}/notices/read")).status_code == 204
        for page in ("/notifications/", "/notifications/person"):
            assert (await program.get(page)).headers["location"].startswith("/sign-in")
        app.state.hub._revocations.add(identity.session_id)
        assert (await program.get(f"{API}/unread")).status_code == 401


async def test_a_token_that_only_reads_changes_nothing(app: Application, signer: Signer) -> None:
    async with program_of(app, signer.mint(an_identity(role=Role.VIEWER))) as program:
        assert (await program.get(f"{API}/unread")).status_code == 200
        refused = await program.post(f"{API}/notices/read")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:boucle:problem:ScopeTooSmall")
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]


@pytest.mark.parametrize("shown", ["", "x", "boucle_" + "0" * 49, "a.b.c", "é"])
async def test_what_opens_nothing_is_refused_and_no_cookie_helps(app: Application, signer: Signer, shown: str) -> None:
    identity = an_identity()
    async with program_of(app, shown) as program:
        set_identity(program, signer.mint(identity))
        for answer in (await program.get(f"{API}/unread"), await program.post(f"{API}/notices/read")):
            assert (answer.status_code, answer.json()["type"]) == (401, "urn:boucle:problem:KeyRefused")
            assert answer.headers["www-authenticate"] == 'Bearer realm="Boucle", error="invalid_token"'
        assert IDENTITY_COOKIE in program.cookies
        del program.headers["authorization"]
        assert (await program.get(f"{API}/unread")).status_code == 200, "the cookie itself is good"


async def test_refused_keys_are_counted_for_their_address(
    notifications_settings: Settings, notifications_database: Isolated
) -> None:
    """Otherwise guessing would cost nothing."""
    limits = notifications_settings.rate_limits.model_copy(update={"address": 3})
    settings = notifications_settings.model_copy(update={"rate_limits": limits})
    app = create_app(settings, databases=notifications_database.both)
    async with program_of(app, "x") as program:
        statuses = [(await program.get(f"{API}/unread")).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]

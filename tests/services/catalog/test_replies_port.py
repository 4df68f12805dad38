"""Where mail is taken in: at a port, of known servers alone, beside the worker, and only where all of it is set."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.catalog.app import create_app
from services.catalog.replies.inlet import take_in_for_ever
from services.catalog.replies.place import Replies
from services.catalog.settings import Settings
from tests.services.catalog.exchanging import kept
from tests.services.catalog.replying import REPLIES, SUPPLIER, Server, a_mail, address, exchange, server
from tests.support import Isolated
from tests.waiting import holds

__all__ = ["address", "exchange", "server"]


class TestPort:
    async def test_a_mail_server_hands_over_by_lmtp(self, server: Server, address: str, unused_tcp_port: int) -> None:
        async with listening(server, unused_tcp_port):
            await asyncio.to_thread(_lmtp, unused_tcp_port, address, bytes(a_mail()))
        assert server.counted("posted") == 1

    async def test_whoever_else_knocks_is_hung_up_on(
        self, server: Server, address: str, unused_tcp_port: int, catalog_database: Isolated
    ) -> None:
        """INVARIANT: what our mail server is said to have found is believed of our mail server alone."""
        async with listening(server, unused_tcp_port, peers=[ip_network("192.0.2.0/24")]):
            with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
                await asyncio.to_thread(_lmtp, unused_tcp_port, address, bytes(a_mail()))
        assert len(await kept(catalog_database)) == 1

    async def test_it_listens_beside_the_worker_where_it_is_set_and_only_there(
        self, catalog_settings: Settings, catalog_database: Isolated, tmp_path: Path, unused_tcp_port: int
    ) -> None:
        replies = REPLIES.model_copy(update={"listen": f"tcp://127.0.0.1:{unused_tcp_port}"})
        on = {"files_dir": tmp_path, "replies": replies}
        for changes in ({}, {"replies": None}, {"worker": True, **on}):
            jobs = await jobs_of(catalog_settings.model_copy(update=changes), catalog_database)
            assert any("take_in_for_ever" in each for each in jobs) == bool(changes.get("worker"))

    @pytest.mark.parametrize(
        "replies",
        [
            {"domain": "reponses.exemple.fr"},
            {"authserv_id": "mx.exemple.fr"},
            {"domain": "pas un domaine", "authserv_id": "mx.exemple.fr"},
            {"domain": "reponses.exemple.fr", "authserv_id": "mx.exemple.fr", "listen": "unix:///prise"},
            {"domain": "reponses.exemple.fr", "authserv_id": "mx.exemple.fr", "peers": []},
            {"domain": "reponses.exemple.fr", "authserv_id": "mx.exemple.fr", "autre": 1},
        ],
    )
    def test_half_of_it_does_not_start(self, replies: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            Replies.model_validate(replies)

    def test_it_does_not_start_where_no_letter_leaves(self, catalog_settings: Settings) -> None:
        known = catalog_settings.model_dump() | {"replies": REPLIES.model_dump()}
        with pytest.raises(ValidationError, match="smtp_url"):
            Settings.model_validate(known)
        assert Settings.model_validate(known | {"sends_mail": True}).replies == REPLIES


async def jobs_of(settings: Settings, database: Isolated) -> set[str]:
    """What is at work while catalog lives with these settings."""
    app = create_app(settings, databases=database.both)
    async with app.lifespan():
        return {task.get_name() for task in asyncio.all_tasks()}


@asynccontextmanager
async def listening(server: Server, port: int, **changes: object) -> AsyncIterator[None]:
    """Take mail in at a port, until the block ends."""
    place = REPLIES.model_copy(update={"listen": f"tcp://127.0.0.1:{port}", **changes})
    task = asyncio.create_task(take_in_for_ever(server.inlet, place))

    async def open_by_now() -> None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError as error:
            raise AssertionError from error
        writer.close()

    await holds(open_by_now)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _lmtp(port: int, address: str, mail: bytes) -> None:
    with smtplib.LMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail(SUPPLIER, [address], mail)

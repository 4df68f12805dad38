"""Files and viruses: looked at before they are kept, refused, put aside while the scanner is away, judged later."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from pydantic import ValidationError
from sqlalchemy import text

from services.catalog.files.keeping import Keeper
from services.catalog.files.models import Safety
from services.catalog.files.rescanning import rescan
from services.catalog.files.scanning import Scanner, ScannerAway
from services.catalog.settings import Settings
from tests.clamd import EICAR, THREAT, Clamd, clamd
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.exchanging import kept, of, write, wrote
from tests.services.catalog.importers import NEEDS
from tests.services.catalog.importers import send as send_import
from tests.services.catalog.pages import shown
from tests.services.catalog.proposing import made
from tests.services.catalog.test_files import PDF, a_photo, files_on, send
from tests.services.catalog.test_needs import post_need
from tests.support import Isolated

BAD = PDF + EICAR
NOWHERE = "tcp://127.0.0.1:9"


@pytest.fixture
async def scanner(catalog_app: Litestar) -> AsyncIterator[Clamd]:
    """A clamd that catalog asks."""
    async with clamd() as twin:
        ask(catalog_app, twin.address)
        yield twin


def ask(app: Litestar, address: str, *, patience_s: float = 2.0) -> Keeper:
    """From now on it is that one that looks at files."""
    keeper = Keeper(app.state.files.store, Scanner(address, patience_s=patience_s))
    app.state.files = keeper
    return keeper


def bytes_of(app: Litestar) -> list[Path]:
    return [each for each in app.state.settings.files_dir.glob("??/*") if each.is_file()]


async def lines_of(database: Isolated, action: str) -> list[dict[str, str]]:
    async with database.sessions() as session:
        return list(await session.scalars(text("SELECT details FROM audit WHERE action = :action"), {"action": action}))


async def judged(app: Litestar, database: Isolated) -> int:
    keeper: Keeper = app.state.files
    assert keeper.scanner is not None
    return await rescan(database, keeper, keeper.scanner)


class TestScanner:
    @pytest.mark.parametrize("kind", ["tcp", "unix"])
    async def test_it_names_what_it_finds(self, kind: str, tmp_path: Path) -> None:
        async with clamd(tmp_path / "clamd" if kind == "unix" else None) as twin:
            asked = Scanner(twin.address)
            assert await asked.scan(BAD) == THREAT
            large = PDF + b"\0" * 10 * 1024 * 1024
            assert await asked.scan(large) is None
            assert twin.looked_at == [BAD, large], "all of it, in pieces"
            assert (await asked.version()).startswith("ClamAV")

    @pytest.mark.parametrize("fault", ["silent", "deaf", "mad"])
    async def test_without_a_plain_answer_nothing_is_decided(self, fault: str) -> None:
        told: list[str] = []
        async with clamd() as twin:
            twin.fault = fault
            with pytest.raises(ScannerAway):
                await Scanner(twin.address, patience_s=0.2, told=told.append).scan(PDF)
        assert told == ["away"]

    async def test_it_may_answer_and_hang_up_before_it_has_everything(self) -> None:
        async with clamd() as twin:
            twin.longest = 100_000
            with pytest.raises(ScannerAway, match="size limit"):
                await Scanner(twin.address).scan(b"\0" * 10 * 1024 * 1024)

    async def test_nobody_listens(self) -> None:
        with pytest.raises(ScannerAway):
            await Scanner(NOWHERE).version()

    @pytest.mark.parametrize("wrong", ["127.0.0.1:3310", "http://127.0.0.1", "unix://run/clamd", "tcp://:3310"])
    def test_a_place_that_is_none_stops_the_start(self, catalog_settings: Settings, wrong: str) -> None:
        with pytest.raises(ValidationError, match="tcp://host:3310 or unix://"):
            Settings(**{**catalog_settings.model_dump(), "clamav": wrong})


@pytest.mark.usefixtures("scanner")
class TestRefused:
    async def test_nothing_of_it_is_kept_and_the_trail_says_so(
        self, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        """INVARIANT: what a scanner finds a virus in is neither stored nor shown; who sent it when is in the trail."""
        buyer = await sign_up()
        address = (await post_need(buyer)).headers["location"]
        await send(buyer, address, BAD)
        page = (await buyer.get(address)).text
        assert "Un virus a été trouvé dans ce fichier" in page
        assert files_on(page) == []
        assert bytes_of(catalog_app) == []
        assert await lines_of(catalog_database, "file.refused") == [{"threat": THREAT}]
        await send(buyer, address, PDF)
        (file_id,) = files_on((await buyer.get(address)).text)
        assert (await buyer.get(f"{address}/files/{file_id}")).content == PDF

    async def test_a_photo_is_looked_at_as_it_was_sent(self, sign_up: SignUp, catalog_app: Litestar) -> None:
        seller = await sign_up()
        address = (await post_need(seller)).headers["location"]
        await send(seller, address, a_photo() + EICAR, "photo.jpg", purpose="photo")
        assert bytes_of(catalog_app) == []

    async def test_a_proof_for_the_territory(self, sign_up: SignUp, catalog_app: Litestar) -> None:
        member = await sign_up()
        await send(member, "/organisation", BAD)
        assert "Un virus a été trouvé" in (await member.get("/organisation")).text
        assert bytes_of(catalog_app) == []

    async def test_a_message_goes_with_its_files_or_not_at_all_and_keeps_its_words(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        exchange = of(await made(supplier, (await post_need(buyer)).headers["location"]))
        answer = await write(buyer, exchange, "Voici le plan.", files=[("plan.pdf", PDF), ("autre.pdf", BAD)])
        assert answer.status_code == 422
        assert "Un virus a été trouvé" in answer.text
        assert "Voici le plan." in answer.text
        assert await kept(catalog_database) == []
        assert await lines_of(catalog_database, "file.refused") == [{"threat": THREAT}]

    async def test_a_file_to_import(
        self, buyer: httpx.AsyncClient, scanner: Clamd, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        answer = await send_import(buyer, NEEDS.encode() + EICAR)
        assert answer.status_code == 422
        assert "Un virus a été trouvé" in answer.text
        assert await lines_of(catalog_database, "file.refused") == [{"threat": THREAT}]
        ask(catalog_app, NOWHERE)
        answer = await send_import(buyer, NEEDS)
        assert answer.status_code == 422
        assert "renvoyez ce fichier dans quelques minutes" in answer.text
        ask(catalog_app, scanner.address)
        assert (await send_import(buyer, NEEDS)).status_code == 303


class TestPutAside:
    async def test_while_the_scanner_is_away_a_file_is_kept_and_read_by_nobody(
        self, sign_up: SignUp, scanner: Clamd, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        """INVARIANT: with a scanner set, no file is given out before it was looked at, and none is lost meanwhile."""
        buyer = await sign_up()
        address = (await post_need(buyer)).headers["location"]
        ask(catalog_app, NOWHERE)
        await send(buyer, address, PDF)
        await send(buyer, address, a_photo(), "photo.jpg", purpose="photo")
        page = (await buyer.get(address)).text
        assert files_on(page) == []
        (file_id, *_) = re.findall(r"/files/([0-9a-f-]{36})/remove", page)
        assert "En cours d&#39;analyse" in page or "En cours d’analyse" in page
        answer = await buyer.get(f"{address}/files/{file_id}")
        assert answer.status_code == 409
        assert answer.headers["retry-after"] == "60"
        assert PDF not in answer.content
        assert await judged(catalog_app, catalog_database) == 0
        ask(catalog_app, scanner.address)
        assert await judged(catalog_app, catalog_database) == 2
        assert (await buyer.get(f"{address}/files/{file_id}")).content == PDF
        assert await judged(catalog_app, catalog_database) == 0

    async def test_a_virus_that_is_found_later_takes_the_bytes_along_and_is_told(
        self, buyer: httpx.AsyncClient, supplier: httpx.AsyncClient, scanner: Clamd, catalog_app: Litestar,
        catalog_database: Isolated,
    ) -> None:  # fmt: skip
        exchange = of(await made(supplier, (await post_need(buyer)).headers["location"]))
        scanner.fault = "deaf"
        await wrote(buyer, exchange, "Voici le plan.", files=[("plan.pdf", BAD), ("bon.pdf", PDF)])
        assert len(bytes_of(catalog_app)) == 2
        scanner.fault = ""
        assert await judged(catalog_app, catalog_database) == 2
        assert len(bytes_of(catalog_app)) == 1
        page = await shown(supplier, exchange)
        assert "un virus y a été trouvé" in page
        assert "plan.pdf" in page
        assert len(files_on(page)) == 1
        (line,) = await lines_of(catalog_database, "file.infected")
        assert line["threat"] == THREAT
        answer = await supplier.get(f"{exchange}/files/{line['file']}")
        assert answer.status_code == 410

    async def test_what_it_cannot_judge_holds_nobody_up(
        self, sign_up: SignUp, scanner: Clamd, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        buyer = await sign_up()
        address = (await post_need(buyer)).headers["location"]
        scanner.fault = "deaf"
        for data in (PDF + b"\0" * 10_000, PDF):
            await send(buyer, address, data)
        scanner.fault, scanner.longest = "", 5_000
        assert await judged(catalog_app, catalog_database) == 1
        async with catalog_database.sessions() as session:
            found = list(await session.scalars(text("SELECT safety FROM files ORDER BY id")))
        assert found == [Safety.WAITING, Safety.CLEAN]

    async def test_files_from_before_there_was_a_scanner_are_looked_at_too(
        self, sign_up: SignUp, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        buyer = await sign_up()
        address = (await post_need(buyer)).headers["location"]
        await send(buyer, address, BAD)
        (file_id,) = files_on((await buyer.get(address)).text)
        assert (await buyer.get(f"{address}/files/{file_id}")).content == BAD, "nobody was asked to look"
        async with clamd() as twin:
            ask(catalog_app, twin.address)
            assert await judged(catalog_app, catalog_database) == 1
        assert (await buyer.get(f"{address}/files/{file_id}")).status_code == 410

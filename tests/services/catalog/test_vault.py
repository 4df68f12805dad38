"""What is sealed: unreadable in the database, for one account and one purpose, and with the keys of the file alone."""

from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.accounts.sealing import seal_anew
from services.catalog.accounts.vault import SealBroken, Sealed, Vault
from tests.services.catalog.conftest import SignUp
from tests.services.catalog.test_links import sent
from tests.services.catalog.test_second_factor import SECOND, added, halfway
from tests.support import Isolated

CAMILLE = UUID("0199d4a0-7c00-7000-8000-000000000001")
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    kept = tmp_path / "keys"
    kept.write_text("an older key\n")
    return kept


async def stored(database: Isolated) -> str:
    async with database.sessions() as session:
        return str(await session.scalar(text("SELECT secret FROM factors")))


async def store(database: Isolated, secret: str) -> None:
    async with database.sessions.begin() as session:
        await session.execute(text("UPDATE factors SET secret = :secret"), {"secret": secret})


class TestSeals:
    def test_what_is_sealed_is_read_again_and_never_looks_the_same(self, file: Path) -> None:
        vault = Vault(file)
        first, second = (vault.seal(SECRET, CAMILLE, Sealed.APP) for _ in range(2))
        assert first != second
        assert SECRET not in first
        assert {vault.open(each, CAMILLE, Sealed.APP) for each in (first, second)} == {SECRET}

    def test_a_seal_holds_for_one_account_and_one_purpose(self, file: Path) -> None:
        """INVARIANT: whoever may write rows cannot let their own secret stand in for somebody else's."""
        sealed = Vault(file).seal(SECRET, CAMILLE, Sealed.APP)
        for account, purpose in ((uuid4(), Sealed.APP), (CAMILLE, Sealed.ID_TOKEN)):
            with pytest.raises(SealBroken):
                Vault(file).open(sealed, account, purpose)

    def test_a_changed_one_opens_nothing(self, file: Path) -> None:
        sealed = Vault(file).seal(SECRET, CAMILLE, Sealed.APP)
        other = sealed[:-20] + ("A" if sealed[-20] != "A" else "B") + sealed[-19:]
        for spoilt in (other, sealed[:-4], f"{sealed}!", "v1:x", "v1::", "v1:00000000:AAAA"):
            with pytest.raises(SealBroken):
                Vault(file).open(spoilt, CAMILLE, Sealed.APP)

    def test_a_new_key_on_top_seals_and_the_one_below_still_opens(self, file: Path) -> None:
        old = Vault(file).seal(SECRET, CAMILLE, Sealed.APP)
        file.write_text("a newer key\nan older key\n")
        vault = Vault(file)
        assert vault.open(old, CAMILLE, Sealed.APP) == SECRET
        assert vault.seal(SECRET, CAMILLE, Sealed.APP).startswith(vault.prefix)
        assert not old.startswith(vault.prefix)
        file.write_text("a newer key\n")
        with pytest.raises(SealBroken):
            Vault(file).open(old, CAMILLE, Sealed.APP)

    def test_a_file_without_a_key_is_refused(self, file: Path) -> None:
        file.write_text("\n")
        with pytest.raises(ValueError, match="no key"):
            Vault(file)


class TestApps:
    async def test_its_secret_is_sealed_from_the_first_moment(
        self, sign_up: SignUp, catalog_database: Isolated
    ) -> None:
        phone, _, _ = await added(await sign_up(), catalog_database)
        kept = await stored(catalog_database)
        assert kept.startswith("v1:")
        assert phone.secret not in kept

    async def test_one_of_before_opens_and_is_sealed_when_it_is_used(
        self, sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated
    ) -> None:
        phone, _, _ = await added(await sign_up(), catalog_database)
        await store(catalog_database, phone.secret)
        await halfway(visitor)
        assert (await sent(visitor, SECOND, code=await phone.code())).status_code == 303
        assert (await stored(catalog_database)).startswith("v1:")

    async def test_the_worker_seals_what_nobody_uses(
        self, sign_up: SignUp, visitor: httpx.AsyncClient, catalog_app: Litestar, catalog_database: Isolated
    ) -> None:
        phone, _, _ = await added(await sign_up(), catalog_database)
        await store(catalog_database, phone.secret)
        vault = Vault(catalog_app.state.settings.link_keys_file)
        async with catalog_database.sessions.begin() as session:
            assert await seal_anew(session, vault) == 1
            assert await seal_anew(session, vault) == 0
        assert (await stored(catalog_database)).startswith(vault.prefix)
        await halfway(visitor)
        assert (await sent(visitor, SECOND, code=await phone.code())).status_code == 303

    async def test_when_the_key_is_lost_its_codes_are_refused_and_a_recovery_code_opens(
        self, sign_up: SignUp, visitor: httpx.AsyncClient, file: Path, catalog_database: Isolated
    ) -> None:
        phone, codes, _ = await added(await sign_up(), catalog_database)
        async with catalog_database.sessions() as session:
            account = await session.scalar(text("SELECT account_id FROM factors"))
        await store(catalog_database, Vault(file).seal(phone.secret, account, Sealed.APP))
        await halfway(visitor)
        assert (await sent(visitor, SECOND, code=await phone.code())).status_code == 422
        assert (await sent(visitor, SECOND, code=codes[0])).status_code == 303

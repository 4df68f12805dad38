"""What letters are answered with: a new password, a confirmed address, another address."""

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.accounts.link_pages import redacted
from services.catalog.accounts.throttle import ATTEMPTS
from services.catalog.app import create_app
from services.catalog.settings import Settings
from shared.identity import Verifier
from shared.web.application import Application
from shared.web.visit import IDENTITY_COOKIE, SESSION_COOKIE
from tests.services.catalog.conftest import SignUp, csrf_of, send_sign_up
from tests.services.catalog.letters import Mailbox, key_of, path_of
from tests.services.catalog.test_flows import AS_JSON as FLOW
from tests.services.catalog.test_needs import MEALS
from tests.services.catalog.test_offers import AS_JSON as OFFER
from tests.support import Isolated, client_for

OLD, NEW = "cheval agrafe pile", "lanterne sel boussole"
BANNER = "n’est pas encore confirmée"


@pytest.fixture
def mailbox(catalog_app: Litestar, catalog_database: Isolated) -> Mailbox:
    return Mailbox(catalog_app, catalog_database)


async def sent(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Fill in a page's form and send it to the same address."""
    return await client.post(path, data={**fields, "_csrf": await csrf_of(client, path)})


async def pressed(client: httpx.AsyncClient, link: str, **fields: str) -> httpx.Response:
    """Open a link and press its button."""
    form = {"key": key_of(link), "_csrf": await csrf_of(client, link), **fields}
    return await client.post(path_of(link), data=form)


async def sign_in(client: httpx.AsyncClient, *, email: str = "personne1@exemple.fr", password: str = OLD) -> int:
    return (await sent(client, "/sign-in", email=email, password=password)).status_code


class TestReset:
    async def test_a_new_password_ends_every_session_and_is_told(
        self, sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox, catalog_app: Litestar
    ) -> None:
        member = await sign_up()
        async with client_for(catalog_app) as elsewhere:
            assert await sign_in(elsewhere) == 303
            await sent(visitor, "/sign-in/forgotten", email="personne1@exemple.fr")
            answer = await pressed(visitor, await mailbox.link("reset_password"), password=NEW)
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
            for browser in (member, elsewhere):
                assert (await browser.get("/account")).headers["location"].startswith("/sign-in")
        assert await mailbox.changes() == ["password"]
        assert await sign_in(visitor) == 422
        assert await sign_in(visitor, password=NEW) == 303
        async with mailbox.database.sessions() as session:
            noted = await session.scalars(text("SELECT action FROM audit WHERE action LIKE 'password%'"))
            assert len(await mailbox.told("catalog.session.revoked.v1")) == 2
            assert noted.all() == ["password.reset"]

    async def test_what_is_refused_leaves_the_link_good(
        self, sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await sign_up()
        await sent(visitor, "/sign-in/forgotten", email="personne1@exemple.fr")
        link = await mailbox.link("reset_password")
        for password, said in (("court", "12 caractères"), ("motdepasse123", "trop connu")):
            refused = await pressed(visitor, link, password=password)
            assert refused.status_code == 422
            assert said in refused.text.replace("\u00a0", " ").replace("\u202f", " ")
            assert 'href="#password"' in refused.text
        assert (await pressed(visitor, link, password=NEW)).status_code == 303

    async def test_it_voids_links_sent_before_and_lets_the_address_in_again(
        self, sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await sign_up()
        for _ in range(ATTEMPTS):
            await sign_in(visitor, password="wrong wrong wrong")
        assert await sign_in(visitor) == 429
        await sent(visitor, "/sign-in/link", email="personne1@exemple.fr")
        await sent(visitor, "/sign-in/forgotten", email="personne1@exemple.fr")
        await pressed(visitor, await mailbox.link("reset_password"), password=NEW)
        assert (await visitor.get(await mailbox.link("sign_in"))).status_code == 410
        assert await sign_in(visitor, password=NEW) == 303

    async def test_a_link_to_sign_in_sets_no_password(
        self, sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await sign_up()
        await sent(visitor, "/sign-in/link", email="personne1@exemple.fr")
        await pressed(visitor, await mailbox.link("sign_in"), password=NEW)
        async with client_for(mailbox.app) as other:
            assert await sign_in(other, password=NEW) == 422


class TestConfirming:
    @pytest.fixture
    def careful(self, catalog_settings: Settings, catalog_database: Isolated) -> Litestar:
        """A catalog whose letters leave."""
        settings = catalog_settings.model_copy(update={"sends_mail": True})
        return create_app(settings, databases=catalog_database.both)

    async def test_sign_up_asks_for_an_answer_and_says_so_on_every_page(
        self, sign_up: SignUp, mailbox: Mailbox, visitor: httpx.AsyncClient
    ) -> None:
        member = await sign_up()
        assert [each["purpose"] for each in await mailbox.requested()] == ["confirm_email"]
        for path in ("/dashboard", "/needs", "/account", "/nowhere"):
            assert BANNER in (await member.get(path)).text
        # In whatever browser the letter is read.
        answer = await pressed(visitor, await mailbox.link("confirm_email"))
        assert answer.headers["location"] == "/sign-in"
        assert SESSION_COOKIE not in visitor.cookies
        assert BANNER not in (await member.get("/dashboard")).text

    async def test_the_other_services_know_it_from_the_token(
        self, sign_up: SignUp, mailbox: Mailbox, catalog_app: Application
    ) -> None:
        member, verifier = await sign_up(), Verifier(catalog_app.state.settings.identity_keys_file)
        seen = []
        for _ in range(2):
            await member.get("/dashboard")
            identity = verifier.read(member.cookies[IDENTITY_COOKIE])
            assert identity is not None
            seen.append(identity.is_confirmed)
            await pressed(member, await mailbox.link("confirm_email"))
        assert seen == [False, True]

    async def test_where_letters_leave_only_drafts_come_before_the_answer(
        self, careful: Litestar, catalog_database: Isolated
    ) -> None:
        mailbox = Mailbox(careful, catalog_database)
        async with client_for(careful) as member:
            assert (await send_sign_up(member)).status_code == 303
            form = {**MEALS, "then": "publish", "_csrf": await csrf_of(member, "/needs/new")}
            refused = await member.post("/needs", data=form)
            assert refused.status_code == 422
            assert "Confirmez d’abord votre adresse" in refused.text
            assert str(MEALS["title"]) in refused.text
            token = {"x-csrf-token": await csrf_of(member, "/needs/new")}
            made = []
            for kind, body in {"needs": MEALS, "offers": OFFER, "flows": FLOW}.items():
                drafted = await member.post(f"/api/v1/{kind}", json=body, headers=token)
                made.append(f"/api/v1/{kind}/{drafted.json()['id']}/publish")
            for publish in made:
                refused = await member.post(publish, headers=token)
                assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (403, "EmailUnconfirmed")
            await pressed(member, await mailbox.link("confirm_email"))
            assert [(await member.post(publish, headers=token)).status_code for publish in made] == [200] * 3

    async def test_where_no_letter_leaves_nobody_is_kept_from_publishing(self, sign_up: SignUp) -> None:
        member = await sign_up()
        form = {**MEALS, "then": "publish", "_csrf": await csrf_of(member, "/needs/new")}
        assert (await member.post("/needs", data=form)).status_code == 303

    async def test_the_letter_can_be_sent_again_but_not_for_ever(self, sign_up: SignUp, mailbox: Mailbox) -> None:
        member = await sign_up()
        token = {"_csrf": await csrf_of(member, "/account")}
        statuses = [(await member.post("/account/confirmation", data=token)).status_code for _ in range(5)]
        assert statuses == [303] * 4 + [429]
        await pressed(member, await mailbox.link("confirm_email"))
        assert (await member.post("/account/confirmation", data=token)).status_code == 303
        assert len(await mailbox.requested()) == 5

    async def test_a_link_that_signs_in_confirms_as_well(
        self, sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox
    ) -> None:
        await sign_up()
        await sent(visitor, "/sign-in/link", email="personne1@exemple.fr")
        await pressed(visitor, await mailbox.link("sign_in"))
        assert BANNER not in (await visitor.get("/dashboard")).text


class TestAnotherAddress:
    async def test_the_new_address_answers_before_it_counts(
        self, sign_up: SignUp, mailbox: Mailbox, visitor: httpx.AsyncClient
    ) -> None:
        member = await sign_up()
        answer = await sent(member, "/account/email", email="Autre@exemple.fr", password=OLD)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert "autre@exemple.fr la remplacera" in (await member.get("/account")).text
        assert await mailbox.changes() == ["email_asked"]
        assert await sign_in(visitor, email="autre@exemple.fr") == 422
        assert (await pressed(member, await mailbox.link("change_email"))).status_code == 303
        assert await sign_in(visitor, email="autre@exemple.fr") == 303
        assert await sign_in(visitor) == 422
        contacts = [(each["email"], each["email_asked"]) for each in await mailbox.told("contacts.member.reached.v1")]
        assert contacts == [("autre@exemple.fr", None)]

    async def test_it_takes_the_password(self, sign_up: SignUp, mailbox: Mailbox) -> None:
        member = await sign_up()
        refused = await sent(member, "/account/email", email="autre@exemple.fr", password="wrong wrong wrong")
        assert refused.status_code == 422
        assert "Ce n’est pas votre mot de passe" in refused.text
        assert 'value="autre@exemple.fr"' in refused.text
        assert await mailbox.changes() == []
        for _ in range(ATTEMPTS):
            refused = await sent(member, "/account/email", email="autre@exemple.fr", password="wrong wrong wrong")
        assert "Trop d’essais" in refused.text

    async def test_one_that_is_taken_is_refused_at_once_and_in_the_end(self, sign_up: SignUp, mailbox: Mailbox) -> None:
        member, _other = await sign_up(), await sign_up()
        refused = await sent(member, "/account/email", email="personne2@exemple.fr", password=OLD)
        assert refused.status_code == 422
        assert "Un compte existe déjà" in refused.text
        await sent(member, "/account/email", email="personne3@exemple.fr", password=OLD)
        link = await mailbox.link("change_email")
        await sign_up()
        assert (await pressed(member, link)).status_code == 409

    async def test_a_letter_to_an_address_one_does_not_want_any_more_is_void(
        self, sign_up: SignUp, mailbox: Mailbox
    ) -> None:
        member = await sign_up()
        await sent(member, "/account/email", email="autre@exemple.fr", password=OLD)
        first = await mailbox.link("change_email")
        await sent(member, "/account/email", email="encore@exemple.fr", password=OLD)
        assert (await member.get(first)).status_code == 410
        await sent(member, "/account/email", email="personne1@exemple.fr", password=OLD)
        assert (await member.get(await mailbox.link("change_email"))).status_code == 410
        assert "la remplacera" not in (await member.get("/account")).text


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("claire@exemple.fr", "c•••e@exemple.fr"),
        ("a@exemple.fr", "a•••@exemple.fr"),
        ("ab@b.fr", "a•••@b.fr"),
    ],
)
def test_an_address_is_shown_by_its_ends_only(email: str, shown: str) -> None:
    assert redacted(email) == shown


async def test_the_pages_speak_english(sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox) -> None:
    await sign_up()
    asked = await sent(visitor, "/en/sign-in/link", email="personne1@exemple.fr")
    assert asked.headers["location"] == "/en/sign-in/sent"
    assert "Look at your e-mails" in (await visitor.get("/en/sign-in/sent")).text
    assert (await mailbox.requested("sign_in"))[0]["language"] == "en"
    page = await visitor.get(f"/en{await mailbox.link('sign_in')}")
    assert "opens the account of p•••1@exemple.fr" in page.text
    assert page.headers["cache-control"] == "no-store"
    # The switch back to French leads to the same link.
    assert f'href="{await mailbox.link("sign_in")}"' in page.text

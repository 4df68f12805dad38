"""A second proof: added with its own code, asked for at the door, good once, and not taken away by a password alone."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pyotp
import pytest
from litestar import Litestar
from sqlalchemy import text

from services.catalog.accounts import recovery, totp
from services.catalog.accounts.factors import HALFWAY_LIFE
from services.catalog.accounts.pruning import prune
from services.catalog.accounts.throttle import ATTEMPTS
from shared.web.visit import SESSION_COOKIE
from tests.services.catalog.conftest import SignUp, csrf_of
from tests.services.catalog.letters import Mailbox
from tests.services.catalog.test_links import OLD, pressed, sent, sign_in
from tests.support import Isolated, client_for

HOME, SECOND = "/account/second-factor", "/sign-in/second"
AT = datetime(2026, 11, 24, 9, 0, 10, tzinfo=UTC)


@pytest.fixture
def mailbox(catalog_app: Litestar, catalog_database: Isolated) -> Mailbox:
    return Mailbox(catalog_app, catalog_database)


class Phone:
    """An app with the secret that a page showed, whose next code is always a fresh one."""

    def __init__(self, secret: str, database: Isolated) -> None:
        self.secret, self._app, self._database = secret, pyotp.TOTP(secret), database

    async def code(self) -> str:
        """The code of now; steps that were used are forgotten, as if half a minute had passed."""
        async with self._database.connection() as connection:
            await connection.execute(text("UPDATE factors SET last_step = 0"))
        return self._app.now()


async def added(member: httpx.AsyncClient, database: Isolated) -> tuple[Phone, list[str], str]:
    """Add an app: the phone, the recovery codes, and the address of the proof."""
    began = await member.post(f"{HOME}/app", data={"password": OLD, "_csrf": await csrf_of(member, HOME)})
    assert began.status_code == 303, began.text
    page = await member.get(began.headers["location"])
    found = re.search(r'<code class="code break-all">([A-Z2-7 ]+)</code>', page.text)
    assert found is not None
    phone = Phone(found[1].replace(" ", ""), database)
    answer = await sent(member, began.headers["location"], code=await phone.code())
    codes = re.findall(r'<code class="code text-base">([a-z0-9-]+)</code>', answer.text)
    assert (answer.status_code, len(codes)) == (200, 10)
    return phone, codes, began.headers["location"]


async def halfway(client: httpx.AsyncClient) -> None:
    """Show the password, which is not enough."""
    answer = await sent(client, "/sign-in", email="personne1@exemple.fr", password=OLD, next="/needs/new")
    assert (answer.status_code, answer.headers["location"]) == (303, SECOND)
    assert SESSION_COOKIE not in client.cookies


async def test_the_password_alone_opens_nothing_any_more(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    phone, _, _ = await added(await sign_up(), catalog_database)
    await halfway(visitor)
    assert (await visitor.get("/account")).headers["location"].startswith("/sign-in")
    answer = await sent(visitor, SECOND, code=await phone.code())
    assert (answer.status_code, answer.headers["location"]) == (303, "/needs/new")
    assert (await visitor.get("/account")).status_code == 200
    # The half-open door is shut behind.
    assert (await visitor.get(SECOND)).headers["location"] == "/sign-in"


async def test_neither_does_a_link(
    sign_up: SignUp, visitor: httpx.AsyncClient, mailbox: Mailbox, catalog_database: Isolated
) -> None:
    phone, _, _ = await added(await sign_up(), catalog_database)
    await sent(visitor, "/sign-in/link", email="personne1@exemple.fr")
    answer = await pressed(visitor, await mailbox.link("sign_in"))
    assert (answer.headers["location"], SESSION_COOKIE in visitor.cookies) == (SECOND, False)
    assert (await sent(visitor, SECOND, code=await phone.code())).headers["location"] == "/dashboard"


async def test_a_code_is_good_once(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_app: Litestar, catalog_database: Isolated
) -> None:
    phone, _, _ = await added(await sign_up(), catalog_database)
    code = await phone.code()
    await halfway(visitor)
    assert (await sent(visitor, SECOND, code=code)).status_code == 303
    async with client_for(catalog_app) as thief:
        await halfway(thief)
        refused = await sent(thief, SECOND, code=code)
        assert refused.status_code == 422
        assert "il a déjà servi" in refused.text
        assert 'href="#code"' in refused.text
        assert SESSION_COOKIE not in thief.cookies


async def test_a_recovery_code_opens_once_however_it_is_typed_and_is_told(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_app: Litestar, mailbox: Mailbox,
    catalog_database: Isolated,
) -> None:  # fmt: skip
    member = await sign_up()
    _, codes, _ = await added(member, catalog_database)
    await halfway(visitor)
    typed = codes[3].upper().replace("-", " ")
    assert (await sent(visitor, SECOND, code=typed)).status_code == 303
    assert await mailbox.changes() == ["second_factor_on", "recovery_code_used"]
    assert "9 codes de secours" in (await visitor.get(HOME)).text.replace("\u00a0", " ")
    async with client_for(catalog_app) as another:
        await halfway(another)
        assert (await sent(another, SECOND, code=codes[3])).status_code == 422
        assert (await sent(another, SECOND, code=codes[4])).status_code == 303
    async with catalog_database.sessions() as session:
        kept = str(await session.scalar(text("SELECT string_agg(c::text, '') FROM recovery_codes c")))
    assert not [code for code in codes if code.replace("-", "") in kept or code.encode().hex() in kept]


async def test_guessing_codes_is_slowed_like_guessing_passwords(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    phone, codes, _ = await added(await sign_up(), catalog_database)
    await halfway(visitor)
    statuses = [(await sent(visitor, SECOND, code=f"{number:06}")).status_code for number in range(ATTEMPTS)]
    assert set(statuses) == {422}
    for code in (await phone.code(), codes[0]):
        refused = await sent(visitor, SECOND, code=code)
        assert "Trop d’essais" in refused.text
    assert SESSION_COOKIE not in visitor.cookies


async def test_the_half_open_door_shuts_after_ten_minutes(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    phone, _, _ = await added(await sign_up(), catalog_database)
    await halfway(visitor)
    token = {"_csrf": await csrf_of(visitor, SECOND)}
    async with catalog_database.connection() as connection:
        await connection.execute(
            text("UPDATE halfway SET expires_at = expires_at - CAST(:life AS interval)"), {"life": HALFWAY_LIFE}
        )
    answer = await visitor.post(SECOND, data={"code": await phone.code(), **token})
    assert (answer.headers["location"], SESSION_COOKIE in visitor.cookies) == ("/sign-in", False)


async def test_what_never_showed_a_right_code_is_not_asked_for(sign_up: SignUp, visitor: httpx.AsyncClient) -> None:
    """Otherwise a half-read drawing would lock its owner out."""
    member = await sign_up()
    began = await member.post(f"{HOME}/app", data={"password": OLD, "_csrf": await csrf_of(member, HOME)})
    refused = await sent(member, began.headers["location"], code="000000")
    assert refused.status_code == 422
    assert "<svg" in refused.text
    assert await sign_in(visitor) == 303
    assert SESSION_COOKIE in visitor.cookies


async def test_adding_and_taking_away_ask_who_it_is(
    sign_up: SignUp, mailbox: Mailbox, catalog_database: Isolated
) -> None:
    member = await sign_up()
    token = {"_csrf": await csrf_of(member, HOME)}
    assert (await member.post(f"{HOME}/app", data={"password": "wrong", **token})).status_code == 422
    phone, codes, address = await added(member, catalog_database)
    token = {"_csrf": await csrf_of(member, HOME)}
    for proof in ({"password": OLD}, {"password": OLD, "code": "000000"}, {"password": "w", "code": codes[0]}):
        for path in (f"{address}/remove", f"{HOME}/app", f"{HOME}/codes"):
            assert (await member.post(path, data={**proof, **token})).status_code == 422, (proof, path)
    renewed = await member.post(f"{HOME}/codes", data={"password": OLD, "code": await phone.code(), **token})
    assert renewed.status_code == 200
    assert codes[0] not in renewed.text
    proof = {"password": OLD, "code": await phone.code()}
    assert (await member.post(f"{address}/remove", data={**proof, **token})).status_code == 303
    assert await mailbox.changes() == ["second_factor_on", "second_factor_off"]
    async with client_for(mailbox.app) as visitor:
        assert await sign_in(visitor) == 303
        assert SESSION_COOKIE in visitor.cookies


async def test_nobody_touches_the_proofs_of_others(sign_up: SignUp, catalog_database: Isolated) -> None:
    _, _, address = await added(await sign_up(), catalog_database)
    stranger = await sign_up()
    token = {"password": OLD, "code": "123456", "_csrf": await csrf_of(stranger, HOME)}
    for answer in (
        await stranger.get(address), await stranger.post(address, data=token),
        await stranger.post(f"{address}/remove", data=token),
    ):  # fmt: skip
        assert answer.status_code == 404


def test_one_step_off_is_near_enough_and_two_are_not() -> None:
    secret = totp.new_secret()
    step = int(AT.timestamp()) // totp.STEP_S
    for off, near in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        code = pyotp.TOTP(secret).at(AT + timedelta(seconds=off * totp.STEP_S))
        assert totp.step_of(secret, code, now=AT, after=0) == (step + off if near else None)
    code = pyotp.TOTP(secret).at(AT)
    assert totp.step_of(secret, code, now=AT, after=step) is None


def test_the_drawing_needs_no_style_and_says_whose_it_is() -> None:
    drawn = totp.drawing("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "claire@exemple.fr")
    assert drawn.startswith("<svg")
    assert "style" not in drawn
    assert totp.address("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "claire@exemple.fr") == (
        "otpauth://totp/Boucle:claire%40exemple.fr?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Boucle"
    )


def test_recovery_codes_are_ten_different_ones_without_look_alikes() -> None:
    codes = recovery.new_codes()
    assert len(set(codes)) == 10
    for code in codes:
        assert re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){2}[a-hjkmnp-z2-9]{4}", code)
        assert recovery.is_like_one(code)
        assert recovery.hash_of(code) == recovery.hash_of(f" {code.upper().replace('-', '')} ")
    assert not recovery.is_like_one("123456")


async def test_what_is_over_for_a_week_is_forgotten_and_what_counts_is_not(
    sign_up: SignUp, visitor: httpx.AsyncClient, catalog_database: Isolated
) -> None:
    member = await sign_up()
    await added(member, catalog_database)
    await halfway(visitor)
    await sign_in(visitor, password="wrong wrong wrong")
    await sent(visitor, "/sign-in/link", email="personne1@exemple.fr")
    tables = ("links", "halfway", "wrong_passwords", "factors", "recovery_codes", "sessions")
    counts = []
    # The letter that confirms is good for seven days itself.
    for days in (6, 8, 15):
        async with catalog_database.sessions.begin() as session:
            await prune(session, now=datetime.now(UTC) + timedelta(days=days))
            counts.append([await session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables])
    assert counts == [[2, 1, 1, 1, 10, 1], [1, 0, 0, 1, 10, 1], [0, 0, 0, 1, 10, 1]]

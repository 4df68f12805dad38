"""The pages about getting in, as people meet them: letters with links, second proofs begun, and half-signed-in."""

from collections.abc import Mapping

import pyotp
from playwright.async_api import Page
from sqlalchemy import text

from deploy.bench.stage import Stage
from deploy.cli.place import known_instance
from deploy.embedded.data_folder import DataFolder
from shared.clock import now
from shared.database import Database
from tests.browser.letters import link_in_letter

FACTORS = "/account/second-factor"


async def ask_for_letters(house: Stage, visitor: Page, email: str) -> Mapping[str, str]:
    """The links of two letters to a new member: to confirm the address, and, asked for here, to set a password."""
    await visitor.goto("/sign-in/forgotten")
    await visitor.get_by_label("Adresse e-mail").fill(email)
    await visitor.get_by_role("button", name="Envoyer le lien").click()
    await visitor.wait_for_url("**/sign-in/sent")
    subjects = {"confirm_link": "Confirmez votre adresse", "reset_link": "Choisir un nouveau mot de passe"}
    links = {name: await link_in_letter(house, email, subject) for name, subject in subjects.items()}
    await keep_links(house)
    return {name: link.removeprefix("/links/") for name, link in links.items()}


async def keep_links(house: Stage) -> None:
    """Links that live ten minutes stay good: looking at every page takes longer."""
    instance = known_instance(DataFolder(house.folder))
    if instance is None:
        raise RuntimeError("the house never started")
    database = Database(instance.admin_database_url("catalog"), clock=now)
    async with database.sessions.begin() as session:
        await session.execute(text("UPDATE links SET expires_at = expires_at + interval '1 day'"))
    await database.close()


async def invite(house: Stage, owner: Page, email: str) -> str:
    """The link of the letter to somebody whom an owner invites."""
    await owner.goto("/organisation/team")
    await owner.get_by_label("Adresse e-mail").fill(email)
    await owner.get_by_role("button", name="Inviter", exact=True).click()
    await owner.locator("#invitations li").first.wait_for()
    return (await link_in_letter(house, email, "vous invite")).removeprefix("/links/")


async def begin_a_passkey(page: Page, password: str) -> str:
    """The id of a passkey that was begun; where a number is the address the page has no button for it."""
    button = page.get_by_role("button", name="Ajouter une application")
    await page.goto(FACTORS)
    await button.evaluate("(button, address) => { button.formAction = address }", f"{FACTORS}/passkey")
    return await _begin(page, password)


async def add_an_app(page: Page, password: str) -> tuple[str, str]:
    """The ids of an app that is asked for at the door from now on, and of another that was begun."""
    await page.goto(FACTORS)
    first = await _begin(page, password)
    app = pyotp.TOTP((await page.locator("main li code").inner_text()).replace(" ", ""))
    await page.get_by_label("Code").fill(app.now())
    await page.get_by_role("button", name="Ajouter l’application").click()
    codes = page.locator("main li code")
    await codes.nth(9).wait_for()
    code = await codes.first.inner_text()
    await page.goto(FACTORS)
    await page.get_by_role("textbox", name="Code").fill(code)
    return first, await _begin(page, password)


async def sign_in_halfway(page: Page, email: str, password: str) -> None:
    """As far as the page that asks for a code."""
    await page.goto("/sign-in")
    await page.get_by_label("Adresse e-mail").fill(email)
    await page.get_by_label("Mot de passe").fill(password)
    await page.get_by_role("button", name="Se connecter").click()
    await page.wait_for_url("**/sign-in/second")


async def _begin(page: Page, password: str) -> str:
    await page.get_by_label("Mot de passe").fill(password)
    await page.get_by_role("button", name="Ajouter une application").click()
    await page.wait_for_url(f"**{FACTORS}/*-*")
    return page.url.rsplit("/", 1)[-1]

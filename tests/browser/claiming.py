"""Who claims what is there already, and the project that the territory holds."""

from collections.abc import Mapping

from playwright.async_api import Page
from sqlalchemy import text

from deploy.bench.person import made_up_siret
from deploy.bench.stage import Stage
from deploy.cli.place import known_instance
from deploy.embedded.data_folder import DataFolder
from shared.database import Database
from tests.browser.letters import link_in_letter

PASSWORD = "cheval agrafe pile"
# An establishment of the demonstration for which nobody acts; its site is where its mail is.
UNHELD = """
    UPDATE organisations SET website = 'https://www.regie-bellefontaine.example' WHERE id = (
        SELECT o.id FROM organisations o LEFT JOIN members m ON m.organisation_id = o.id
        WHERE o.origin = 'demonstration' AND o.roles = '{ess}' AND m.id IS NULL ORDER BY o.name LIMIT 1
    ) RETURNING id
"""
THERE = "direction@regie-bellefontaine.example"


async def claim_and_hold(house: Stage, pages: Mapping[str, Page], ids: dict[str, str]) -> None:
    """A claim with every proof begun, one that a team is to answer, and a project for which somebody acts."""
    buyer, coordinator = pages["buyer"], pages["territory"]
    ids["unheld"] = await _unheld(house)
    await buyer.goto(f"/organisations/{ids['unheld']}/claim")
    await buyer.get_by_label("Qui vous êtes pour elle").fill("Directrice depuis mars, avec un mandat du conseil.")
    await buyer.get_by_role("button", name="Demander à agir pour elle").click()
    await buyer.wait_for_url("**/claims/*-*")
    ids["claim"] = buyer.url.rsplit("/", 1)[-1]
    await buyer.get_by_label("Adresse à").fill(THERE)
    await buyer.get_by_role("button", name="Envoyer la lettre").click()
    await buyer.get_by_text("est partie à").wait_for()
    ids["claim_link"] = (await link_in_letter(house, THERE, "Agir pour")).removeprefix("/links/")
    await coordinator.goto(f"/territory/claims/{ids['claim']}")
    await coordinator.get_by_role("button", name="Préparer le courrier").click()
    await coordinator.wait_for_url("**/letter")
    ids["team_claim"] = await _ask_the_team(pages["claimant"])
    ids["project"] = await _hold_a_project(pages["steward"])


async def _unheld(house: Stage) -> str:
    instance = known_instance(DataFolder(house.folder))
    if instance is None:
        raise RuntimeError("the house never started")
    database = Database(instance.admin_database_url("catalog"))
    async with database.sessions.begin() as session:
        found = await session.scalar(text(UNHELD))
    await database.close()
    return str(found)


async def _ask_the_team(page: Page) -> str:
    """The id of the claim of somebody who signs up for the newcomer's establishment."""
    await page.goto("/sign-up")
    await page.get_by_label("Répondre").check()
    await page.get_by_label("SIRET de l’établissement").fill(made_up_siret(901))
    await page.get_by_label("Nom de la structure").fill("La même")
    await page.get_by_label("Commune").fill("31000 Toulouse")
    await page.get_by_label("Votre nom").fill("Inès Marchand")
    await page.get_by_label("Adresse e-mail").fill("ines903@exemple.fr")
    await page.get_by_label("Mot de passe").fill(PASSWORD)
    await page.get_by_role("button", name="Inscrire ma structure").click()
    await page.wait_for_url("**/claims/*-*")
    return page.url.rsplit("/", 1)[-1]


async def _hold_a_project(page: Page) -> str:
    """The id of a project of the territory's, for which the page's person acts from now on."""
    await page.goto("/projects/new")
    await page.get_by_label("Nom du projet").fill("Ferme urbaine des Izards")
    await page.get_by_label("Présentation").fill("Une ferme au pied des immeubles, avec les habitants.")
    await page.get_by_label("Lieu").fill("31200 Toulouse")
    await page.get_by_label("Contact").fill("ferme@izards.example")
    await page.get_by_role("button", name="Créer le projet").click()
    await page.wait_for_url("**/projects")
    link = page.get_by_role("link", name="Ferme urbaine des Izards")
    project = str(await link.get_attribute("href")).rsplit("/", 1)[-1]
    await page.get_by_role("button", name="Agir pour lui").click()
    await page.wait_for_url("**/dashboard")
    return project

"""Who looks at the pages: people of the demonstration and two newcomers, with the things they need in every state."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from playwright.async_api import Browser, BrowserContext, FilePayload, Page
from sqlalchemy import text

from deploy.bench.person import made_up_siret
from deploy.bench.stage import Stage
from deploy.cli.place import known_instance
from deploy.embedded.data_folder import DataFolder
from services.matching.exposure.commands import measure_exposure
from shared.clock import day_of, now
from shared.database import Database
from shared.identity import LinkKeys
from tests.browser.agreeing import agree
from tests.browser.calling import apply, take_back, write_a_call
from tests.browser.campaigning import open_campaigns
from tests.browser.claiming import claim_and_hold
from tests.browser.giving import give
from tests.browser.guarded import add_an_app, ask_for_letters, begin_a_passkey, invite, sign_in_halfway
from tests.browser.hooks import add_hooks
from tests.browser.letters import link_in_letter
from tests.browser.sending import send
from tests.browser.taking import take_lots

DEMONSTRATION = {
    "buyer": "acheteuse",
    "supplier": "atelier",
    "publisher": "gisements",
    "territory": "territoire",
    "viewer": "partenaire",
}
PASSWORD = "cheval agrafe pile"
# Long French words and one without a place to break, as people write them.
LONG_TITLE = (
    "Réapprovisionnement interdépartemental d’électroencéphalographes reconditionnés, "
    "établissement médico-social intercommunal de Saint-Jean-de-l’Union-Castelmaurou-Rouffiac"
)
COMPARED_TITLE = "120 plateaux-repas pour la semaine de l’assemblée générale"
# A busy machine takes a minute until the demonstration is matched and told.
MOST_ROUNDS = 240
STOP = "/notifications/unsubscribe/"
SHEET = (
    "Identifiant;Titre;Type de besoin;Lieu;Catégories;État\n"
    f"n1;{LONG_TITLE};Achat;Muret;wooden-pallets;brouillon\n"
    "n2;Deux bureaux;Troc;Anticonstitutionnellement-sur-Réapprovisionnement;desks;brouillon\n"
)
SHEET_WITHOUT_TITLES = "Numéro du dossier;Bidule\n1;Deux bureaux\n"


@dataclass
class Cast:
    """A browser for each person, signed in, and the ids of the things that addresses name."""

    house: Stage
    browsers: dict[str, BrowserContext]
    ids: dict[str, str] = field(default_factory=dict)


async def assemble(house: Stage, chromium: Browser) -> Cast:
    """Everybody signed in, everything posted, and matching done with it."""
    options: Mapping[str, Any] = {"base_url": house.url, "locale": "fr-FR", "timezone_id": "Europe/Paris"}
    names = ("visitor", "newcomer", "guarded", "halfway", "claimant", "steward", *DEMONSTRATION)
    cast = Cast(house, {name: await chromium.new_context(**options) for name in names})
    await _make_a_viewer(house)
    pages = {name: await browser.new_page() for name, browser in cast.browsers.items()}
    # The first answer gives a visitor their token; pages asked for at once would each give another.
    await pages["visitor"].goto("/")
    known = json.loads((house.folder / "secrets" / "demonstration.json").read_text())
    for name, local_part in DEMONSTRATION.items():
        email = next(each for each in known if each.startswith(f"{local_part}@"))
        await sign_in(pages[name], email, known[email])
        cast.ids[name] = await own_organisation(pages[name])
    await sign_up(pages["newcomer"], 901, name="Nouvelle venue", comes_for="Répondre")
    cast.ids["newcomer"] = await own_organisation(pages["newcomer"])
    steward = next(each for each in known if each.startswith("territoire@"))
    await sign_in(pages["steward"], steward, known[steward])
    await claim_and_hold(cast.house, pages, cast.ids)
    cast.ids["asked_at"] = next(each for each in known if each.startswith(f"{DEMONSTRATION['supplier']}@"))
    cast.ids.update(await add_hooks(house, cast.ids["buyer"]))
    await _post(cast, pages)
    await _wait_for_matching(pages["supplier"], cast.ids)
    await _count_exposure(house)
    await _answer(cast, pages)
    await _ask(cast, pages)
    await take_lots(house, cast.ids, pages["publisher"], pages["supplier"])
    await _come_to_the_door(cast, pages)
    for page in pages.values():
        await page.close()
    return cast


async def sign_up(page: Page, number: int, *, name: str, comes_for: str) -> None:
    """Fill in the one form that makes an account and its establishment."""
    await page.goto("/sign-up")
    await page.get_by_label(comes_for).check()
    await page.get_by_label("SIRET de l’établissement").fill(made_up_siret(number))
    await page.get_by_label("Nom de la structure").fill(name)
    await page.get_by_label("Commune").fill("31000 Toulouse")
    await page.get_by_label("Votre nom").fill("Camille Durand")
    await page.get_by_label("Adresse e-mail").fill(f"camille{number}@exemple.fr")
    await page.get_by_label("Mot de passe").fill(PASSWORD)
    await page.get_by_role("button", name="Inscrire ma structure").click()
    await page.wait_for_url("**/dashboard")


async def sign_in(page: Page, email: str, password: str) -> None:
    """Come in by the door that has a password."""
    await page.goto("/sign-in")
    await page.get_by_label("Adresse e-mail").fill(email)
    await page.get_by_label("Mot de passe").fill(password)
    await page.get_by_role("button", name="Se connecter").click()
    await page.wait_for_url("**/dashboard")


async def coordinate(house: Stage, page: Page) -> None:
    """Sign in as the demonstration's coordinator, and act for the territory.

    A sign-in acts for whom the person acted for last, which another browser of theirs may have changed.
    """
    known = json.loads((house.folder / "secrets" / "demonstration.json").read_text())
    email = next(each for each in known if each.startswith(f"{DEMONSTRATION['territory']}@"))
    await sign_in(page, email, known[email])
    await page.goto("/organisations/mine")
    switch = page.locator("main li").filter(has_text="Toulouse Métropole").get_by_role("button")
    if await switch.count():
        await switch.click()
        await page.wait_for_url("**/dashboard")


async def own_organisation(page: Page) -> str:
    """The id of the organisation that somebody signed in acts for."""
    link = page.locator("aside a[href^='/organisations/']").first
    return str(await link.get_attribute("href")).rsplit("/", 1)[-1]


async def _post(cast: Cast, pages: Mapping[str, Page]) -> None:
    """Drafts, ended and paused things, a title as long as they come, and the ids of what the demonstration posted."""
    buyer, publisher, supplier = pages["buyer"], pages["publisher"], pages["supplier"]
    found = cast.ids
    found["need"] = await _id_of(buyer, "/dashboard", "80 repas par mois pour nos comités")
    found["offer"] = await _id_of(supplier, "/dashboard", "Reprise et réparation de palettes bois")
    found["own_flow"] = await _id_of(publisher, "/dashboard", "Meubles réparables")
    found["taker"] = await _id_of(
        publisher, f"/matching/flows/{found['own_flow']}/allocation", "La Régie du Lac", kind="offers"
    )
    found["paused_flow"] = await _id_of(publisher, "/dashboard", "Vélos et jouets")
    found["flow"] = await _id_of(supplier, "/matching/for-you", "alette", kind="flows")
    found["site"] = await _add_a_site(buyer)
    found["import"] = await _send_a_sheet(buyer, SHEET_WITHOUT_TITLES)
    found["tried_import"] = await _send_a_sheet(buyer, SHEET, until="Lancer l’import")
    found["done_import"] = await _send_a_sheet(buyer, SHEET, until="Lancer l’import", run=True)
    await _make_a_key(buyer)
    found["first_id"] = "00000000-0000-7000-8000-000000000001"
    need = {"kind": "material", "categories": ["wooden-pallets"], "place": "Muret"}
    for name, title in (("draft_need", "Deux établis"), ("ended_need", "Quatre portes"), ("long_need", LONG_TITLE)):
        found[name] = (await send(buyer, "/api/v1/needs", **need, title=title))["id"]
    await send(buyer, f"/api/v1/needs/{found['long_need']}/publish")
    await send(buyer, f"/api/v1/needs/{found['ended_need']}/publish")
    await send(buyer, f"/api/v1/needs/{found['ended_need']}/withdraw")
    await send(publisher, f"/api/v1/flows/{found['paused_flow']}/pause")
    await _keep_a_log(pages["territory"], found["supplier"])
    territory = pages["territory"]
    found["posted_need"] = await _post_for(territory, found["buyer"])
    found["draft_call"] = await write_a_call(territory, "Un four solidaire pour les marchés du samedi", publish=False)
    found["other_call"] = await write_a_call(territory, "Compost de quartier")
    third = await write_a_call(territory, "Ateliers partagés du dimanche")
    found["call"] = await write_a_call(territory, "Réemploi dans les quartiers prioritaires")
    found["application"] = await apply(supplier, found["call"])
    found["withdrawn"] = await take_back(supplier, await apply(supplier, third))
    await open_campaigns(found, supplier, buyer)


async def _post_for(page: Page, organisation: str) -> str:
    """The id of a need that a coordinator posts for an organisation."""
    posted = await send(
        page,
        f"/api/v1/territory/organisations/{organisation}/needs",
        reached_by="phone",
        words="La responsable des achats est d’accord pour publier ainsi, et relira les dates avec son équipe.",
        given_on=day_of(now()).isoformat(),
        need={"kind": "material", "categories": ["wooden-pallets"], "place": "Muret", "title": "Vingt caisses en bois"},
    )
    return str(posted["id"])


async def _answer(cast: Cast, pages: Mapping[str, Page]) -> None:
    """A supplier is interested in one need; letters have links to answer another, and one that has ended."""
    supplier, found, instance = pages["supplier"], cast.ids, known_instance(DataFolder(cast.house.folder))
    if instance is None:
        raise RuntimeError("the house never started")
    note = "Nous passons à Muret le mardi ; une première tournée est possible dès la semaine prochaine."
    await send(supplier, "/api/v1/answers", need_id=found["long_need"], answer="interested", note=note)
    reader = UUID(str(await supplier.locator("body").get_attribute("data-owner")))
    keys, letter = LinkKeys(instance.link_keys_file), UUID(found["first_id"])
    for link, need in (("answer_link", "need"), ("answered_link", "long_need"), ("answer_link_over", "ended_need")):
        found[link] = keys.path_to_answer(letter, need_id=UUID(found[need]), member_id=reader)


async def _propose(cast: Cast, pages: Mapping[str, Page]) -> None:
    """Two suppliers propose something for one need, one of them with a co-contractor that has not confirmed yet."""
    found, starts, today = cast.ids, "2027-01-11", day_of(now())
    need = {"kind": "procurement", "categories": ["catering"], "place": "Montaudran", "title": COMPARED_TITLE}
    found["compared_need"] = (await send(pages["buyer"], "/api/v1/needs", **need))["id"]
    await send(pages["buyer"], f"/api/v1/needs/{found['compared_need']}/publish")
    meals = {"what": "Plateaux-repas végétariens, servis sur place", "quantity": "120", "unit": "repas"}
    common = {"need_id": found["compared_need"], "valid_until": (today + timedelta(days=45)).isoformat()}
    proposed = await send(
        pages["supplier"],
        "/api/v1/proposals",
        **common,
        lines=[
            {**meals, "price_cents": 1390},
            {"what": "Livraison", "quantity": "1", "unit": "forfait", "price_cents": 0},
        ],
        starts_on=starts,
        ends_on="2027-02-05",
        commitments=["packaging", "transport"],
        message="Les plats viennent de notre cuisine de Launaguet ; la vaisselle est reprise le soir même.",
        co_contractors=[made_up_siret(901)],
    )
    found["proposal"] = proposed["id"]
    cheaper = [{**meals, "price_cents": 1180}]
    await send(pages["guarded"], "/api/v1/proposals", **common, lines=cheaper, ends_on="2027-03-19")


async def _ask(cast: Cast, pages: Mapping[str, Page]) -> None:
    """One question answered, and better afterwards, one that waits, one hidden, one taken back, one about a flow."""
    supplier, buyer, found = pages["supplier"], pages["buyer"], cast.ids
    need, asking = found["long_need"], "/api/v1/questions"
    words = (
        "Faut-il des appareils déjà révisés, ou peut-on les reprendre avec leur réparationanticonstitutionnellement ?"
    )
    found["question"] = (await send(supplier, asking, need_id=need, words=words))["id"]
    for said in ("Déjà révisés.", "Révisés ou non : nous avons un atelier à Muret, ouvert du mardi au jeudi."):
        await send(buyer, f"{asking}/{found['question']}/reply", reply=said)
    hidden = (await send(supplier, asking, need_id=need, words="Est-ce encore pour M. Untel ?"))["id"]
    await send(buyer, f"{asking}/{hidden}/hide", reason="names_someone")
    withdrawn = (await send(supplier, asking, need_id=need, words="Le lundi aussi ?"))["id"]
    await send(supplier, f"{asking}/{withdrawn}/withdraw")
    found["withdrawn_question"] = withdrawn
    words = "Peut-on livrer en deux fois, avant et après les fêtes ?"
    found["waiting_question"] = (await send(supplier, asking, need_id=need, words=words))["id"]
    await send(supplier, asking, flow_id=found["flow"], words="Y a-t-il un quai pour un vingt-mètres-cubes ?")


async def _come_to_the_door(cast: Cast, pages: Mapping[str, Page]) -> None:
    """Letters with links, second proofs begun and added, and somebody who has shown their password only."""
    found, guarded = cast.ids, pages["guarded"]
    found["passkey"] = await begin_a_passkey(pages["newcomer"], PASSWORD)
    await sign_up(guarded, 902, name="Atelier bien gardé", comes_for="Répondre")
    found["app"], found["new_app"] = await add_an_app(guarded, PASSWORD)
    answer = {"answer": "declined", "reason": "too_far", "note": "Une heure et demie de route à l’aller."}
    await send(guarded, "/api/v1/answers", need_id=found["long_need"], **answer)
    await _propose(cast, pages)
    await agree(send, pages, found)
    await give(send, pages, found)
    await sign_in_halfway(pages["halfway"], "camille902@exemple.fr", PASSWORD)
    found["invitation"] = await invite(cast.house, pages["buyer"], "noemie@exemple.fr")
    found.update(await ask_for_letters(cast.house, pages["visitor"], "camille901@exemple.fr"))
    found["stop_link"] = await link_in_letter(cast.house, found["asked_at"], "pour vous", to=STOP)


async def _send_a_sheet(page: Page, text: str, *, until: str = "", run: bool = False) -> str:
    """The id of an import: just sent, tried until a button is there, or run."""
    await page.goto("/imports/new")
    sheet = FilePayload(name="besoins-de-novembre.csv", mimeType="text/csv", buffer=text.encode())
    await page.set_input_files("input[name=file]", sheet)
    await page.get_by_role("button", name="Continuer").click()
    await page.wait_for_url("**/columns")
    import_id = page.url.split("/")[-2]
    if until:
        await page.get_by_role("button", name="Essayer sans rien enregistrer").click()
        await page.get_by_role("button", name=until).wait_for()
    if run:
        await page.get_by_role("button", name=until).click()
        await page.get_by_role("link", name="Importer un autre fichier").wait_for()
    return import_id


async def _add_a_site(page: Page) -> str:
    """The id of a site that somebody adds to their organisation."""
    await page.goto("/organisation/sites/new")
    await page.get_by_label("Nom du site").fill("Quai 3")
    await page.get_by_label("Lieu").fill("Muret")
    await page.get_by_role("button", name="Enregistrer").click()
    link = page.locator("#sites a[href*='/organisation/sites/']").filter(has_text="Quai")
    return str(await link.get_attribute("href")).rsplit("/", 1)[-1]


async def _keep_a_log(page: Page, organisation: str) -> None:
    """A call that is to be made again today, and a figure that was corrected."""
    await page.goto(f"/territory/organisations/{organisation}/contacts")
    await page.get_by_label("Message laissé").check()
    await page.locator("#words").fill("Le répondeur dit que l’atelier rouvre lundi ; demander l’agrément.")
    await page.locator("#call_back_on").fill(day_of(now()).isoformat())
    await page.locator("#phone").fill("0561000000")
    await page.get_by_role("button", name="Garder ce contact").click()
    await page.locator("#due").wait_for()
    await page.goto("/territory/parameters/stuck_first")
    await page.locator("#value").fill("10")
    await page.locator("#valid_from").fill("2020-01-01")
    await page.locator("#source").fill("Comité de suivi du 12 novembre")
    await page.locator("#reason").fill("Neuf jours tombaient le week-end.")
    await page.get_by_role("button", name="Enregistrer cette valeur").click()
    await page.get_by_text("Corrigée depuis").wait_for()


async def _make_a_key(page: Page) -> None:
    """A key with a name as long as they come; what is made is shown once."""
    await page.goto("/organisation/keys")
    await page.get_by_label("Nom").fill("Gestion de stock de l’entrepôt intercommunal de Castelmaurou")
    await page.get_by_label("Lire tout, écrire les besoins").check()
    await page.get_by_role("button", name="Faire la clé").click()
    await page.get_by_role("heading", name="Votre nouvelle clé").wait_for()


async def _id_of(page: Page, address: str, title: str, *, kind: str = "") -> str:
    """The id in the first link on a page that says `title`; matching may still be at it."""
    link = page.locator(f"main a[href*='/{kind}']").filter(has_text=re.compile(title.replace(" ", r"\s"))).first
    for _ in range(MOST_ROUNDS):
        await page.goto(address)
        if await link.count():
            return str(await link.get_attribute("href")).rsplit("/", 1)[-1]
        await page.wait_for_timeout(250)
    raise TimeoutError(f"no link says {title!r} on {address}: {await page.locator('main').inner_text()}")


async def _wait_for_matching(page: Page, ids: Mapping[str, str]) -> None:
    """Until the last thing posted shows who fits it, and the first letter lies in the inbox."""
    for address, sign in (("/matching/for-you", ".score"), ("/notifications/", "#inbox .row")):
        for _ in range(MOST_ROUNDS):
            await page.goto(address)
            if await page.locator(sign).count():
                break
            await page.wait_for_timeout(250)
        else:
            raise TimeoutError(f"nothing on {address}, which says: {await page.locator('main').inner_text()}")


async def _count_exposure(house: Stage) -> None:
    """As matching does every hour."""
    instance = known_instance(DataFolder(house.folder))
    if instance is None:
        raise RuntimeError("the house never started")
    database = Database(instance.admin_database_url("matching"), clock=now)
    async with database.sessions.begin() as session:
        await measure_exposure(session)
    await database.close()


async def _make_a_viewer(house: Stage) -> None:
    """Nobody can be given the role on a page yet."""
    instance = known_instance(DataFolder(house.folder))
    if instance is None:
        raise RuntimeError("the house never started")
    database = Database(instance.admin_database_url("catalog"))
    change = text("""
        UPDATE members SET role = 'viewer' FROM accounts
        WHERE accounts.id = members.account_id AND accounts.email LIKE 'partenaire@%'
    """)
    async with database.sessions.begin() as session:
        await session.execute(change)
    await database.close()

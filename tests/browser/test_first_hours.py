"""The first hour of a person of each kind, in French, without anybody's help; what they see is kept as pictures."""

from playwright.async_api import FilePayload, expect

from deploy.bench.stage import Stage
from tests.browser.cast import MOST_ROUNDS, coordinate, sign_up
from tests.browser.conftest import PHONE, OpenBrowser, picture
from tests.browser.test_a_need_arrives import describe_a_need, go_on, present_an_activity, publish
from tests.services.catalog.test_files import PDF

FLOWS = """identifiant;titre;catégories;statut juridique;lieu;quantité;unité;période;récurrence;prix
quai-1;Palettes EUR triées;Palettes en bois;product;Launaguet;6;t;week;FREQ=WEEKLY;BYDAY=TH;0
quai-2;Cartons bruns en balles;Cartons;product;Launaguet;2;t;week;FREQ=WEEKLY;BYDAY=MO;0
quai-3;Sans lieu;Cartons;product;;2;t;week;;0
"""


async def test_a_buyer_says_what_is_needed_and_reads_who_fits(open_browser: OpenBrowser) -> None:
    """A purchaser with an event to feed: from the home page to three suppliers with reasons."""
    supplier, buyer = await open_browser(), await open_browser()
    await sign_up(supplier, 711, name="La Tablée de Bagatelle", comes_for="Répondre")
    await present_an_activity(supplier, "Traiteur : buffets et cocktails livrés", where="Toulouse Métropole")
    await buyer.goto("/")
    await picture(buyer, "first-hour-buyer-1-home")
    await sign_up(buyer, 712, name="Aéro Achats", comes_for="Publier des besoins")
    await picture(buyer, "first-hour-buyer-2-dashboard")
    await describe_a_need(buyer, "Buffet pour 120 personnes, journée sécurité", place="Blagnac")
    fitting = buyer.locator("li", has=buyer.get_by_text("La Tablée de Bagatelle")).first
    await expect(fitting).to_be_visible()
    await picture(buyer, "first-hour-buyer-3-who-fits")
    await buyer.goto("/dashboard")
    await expect(buyer.get_by_role("link", name="Buffet pour 120 personnes, journée sécurité").first).to_be_visible()


async def test_a_workshop_says_what_it_can_do_on_a_phone_and_is_asked(open_browser: OpenBrowser) -> None:
    """Five people who repair: a draft is put down in the middle, taken up again, and a need arrives."""
    workshop, buyer = await open_browser(viewport=PHONE), await open_browser()
    await sign_up(workshop, 721, name="L’Établi de Bagatelle", comes_for="Répondre")
    await workshop.goto("/offers/new")
    await workshop.get_by_label("Titre").fill("Réparation de mobilier de bureau")
    await workshop.get_by_label("Achat").check()
    await go_on(workshop, "Dans quels métiers, pour quelles matières ?")
    # Called away: the draft waits on the dashboard.
    await workshop.goto("/dashboard?show=drafts")
    await workshop.get_by_role("link", name="Réparation de mobilier de bureau").first.click()
    await picture(workshop, "first-hour-workshop-1-draft")
    await workshop.get_by_role("link", name="Continuer à écrire").click()
    await workshop.get_by_role("link", name="Métier").first.click()
    await expect(workshop.locator("#category-choices input:checked").first).to_be_visible()
    await go_on(workshop, "Où travaillez-vous ?")
    await workshop.get_by_label("Où vous travaillez").fill("Toulouse Métropole")
    await go_on(workshop, "Combien, et à partir de quand ?")
    await go_on(workshop, "Ce qui rassure")
    await publish(workshop)
    await expect(workshop.get_by_text("Publiée").first).to_be_visible()
    await workshop.goto("/dashboard")
    await sign_up(buyer, 722, name="Bureaux du Canal", comes_for="Publier des besoins")
    await describe_a_need(buyer, "Réparation de mobilier de bureau, quarante caissons", place="Ramonville-Saint-Agne")
    asked = workshop.get_by_role("link", name="Réparation de mobilier de bureau, quarante caissons").first
    # The dashboard names the best of what there is; the whole list has this one too.
    for _ in range(MOST_ROUNDS):
        await workshop.goto("/matching/for-you")
        if await asked.count():
            break
        await workshop.wait_for_timeout(250)
    await expect(asked).to_be_visible()
    await picture(workshop, "first-hour-workshop-2-asked")


async def test_a_publisher_announces_flows_by_file(open_browser: OpenBrowser) -> None:
    """The logistics of a waste syndicate: one file, its columns, a trial, what is wrong, and the flows are open."""
    publisher = await open_browser()
    await sign_up(publisher, 731, name="Syndicat d’essai", comes_for="Céder des matières")
    await publisher.goto("/imports/new?what=flows")
    await publisher.get_by_label("Gisements").check()
    sheet = FilePayload(name="gisements.csv", mimeType="text/csv", buffer=quoted(FLOWS).encode())
    await publisher.set_input_files("input[name=file]", sheet)
    await publisher.get_by_role("button", name="Continuer").click()
    await publisher.wait_for_url("**/columns")
    await picture(publisher, "first-hour-publisher-1-columns")
    await publisher.get_by_role("button", name="Essayer sans rien enregistrer").click()
    await publisher.get_by_role("button", name="Lancer l’import").wait_for()
    await expect(publisher.locator("#refused")).to_contain_text("4")
    await picture(publisher, "first-hour-publisher-2-trial")
    await publisher.get_by_role("button", name="Lancer l’import").click()
    await publisher.get_by_role("link", name="Importer un autre fichier").wait_for()
    await picture(publisher, "first-hour-publisher-3-done")
    await publisher.goto("/dashboard")
    await publisher.get_by_role("link", name="Palettes EUR triées").first.click()
    await expect(publisher.get_by_role("heading", name="Palettes EUR triées")).to_be_visible()
    await picture(publisher, "first-hour-publisher-4-flow")


async def test_a_coordinator_checks_who_came_and_sees_what_is_stuck(open_browser: OpenBrowser, house: Stage) -> None:
    """The territory's morning: somebody new with a proof, looked at, verified; and what has nobody opposite."""
    association, coordinator = await open_browser(), await open_browser()
    await sign_up(association, 741, name="Association du Canal", comes_for="Répondre")
    await association.goto("/organisation")
    proof = FilePayload(name="agrement.pdf", mimeType="application/pdf", buffer=PDF)
    await association.set_input_files("input[name=file]", proof)
    await association.locator("#evidence").get_by_role("button", name="Envoyer", exact=True).click()
    await expect(association.get_by_role("link", name="agrement.pdf")).to_be_visible()

    await coordinate(house, coordinator)
    await coordinator.goto("/territory")
    await picture(coordinator, "first-hour-coordinator-1-cockpit")
    # Others may wait longer: it is found by its name, not by where it stands in the queue.
    await coordinator.goto("/territory/organisations")
    await coordinator.get_by_label("Nom, commune ou SIRET").fill("Association du Canal")
    await coordinator.get_by_label("Nom, commune ou SIRET").press("Enter")
    await coordinator.get_by_role("main").get_by_role("link", name="Association du Canal").click()
    await expect(coordinator.get_by_role("link", name="agrement.pdf")).to_be_visible()
    await coordinator.get_by_label("Vérifiée").check()
    await coordinator.get_by_label("Ce qui vous a convaincu").select_option(label="Justificatif envoyé")
    await picture(coordinator, "first-hour-coordinator-2-look")
    await coordinator.locator("#verdict").get_by_role("button", name="Enregistrer").click()
    # Who leaves the page before the answer may find the list as it was.
    await coordinator.locator("#checks li").first.wait_for()
    await coordinator.goto("/territory/organisations?q=Association+du+Canal")
    await expect(coordinator.get_by_text("Aucune structure ne porte ce nom.")).to_be_visible()
    await coordinator.get_by_role("link", name="Vérifiées").click()
    await expect(coordinator.get_by_role("main").get_by_role("link", name="Association du Canal")).to_be_visible()
    await association.goto("/organisation")
    await expect(association.get_by_text("Vérifiée").first).to_be_visible()


def quoted(sheet: str) -> str:
    """The same with its rules in quotes: they hold the separator."""
    return sheet.replace("FREQ=WEEKLY;BYDAY=TH", '"FREQ=WEEKLY;BYDAY=TH"').replace(
        "FREQ=WEEKLY;BYDAY=MO", '"FREQ=WEEKLY;BYDAY=MO"'
    )

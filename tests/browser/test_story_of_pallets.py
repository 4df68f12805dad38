"""Scenario 1: pallets published by file, two takers, one who does not come, weights that differ, the month's table."""

import re
from datetime import timedelta

from playwright.async_api import FilePayload, Page, expect

from deploy.bench.stage import Stage
from shared.clock import day_of, now
from tests.browser.cast import sign_up
from tests.browser.conftest import PHONE, OpenBrowser, picture
from tests.browser.taking import let_its_slot_begin, let_its_slot_pass

DAY = day_of(now()) + timedelta(days=3)
WEEKDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[DAY.weekday()]
SHEET = f"""identifiant;titre;catégories;statut juridique;lieu;quantité;unité;période;récurrence;prix
fen-1;Palettes bois, quai de Fenouillet;Palettes en bois;product;Fenouillet;6;t;week;"FREQ=WEEKLY;BYDAY={WEEKDAY}";0
"""
LOT = "Palettes bois, quai de Fenouillet"


async def publish_by_file(publisher: Page) -> str:
    """The id of the flow that a file with one line announced."""
    await publisher.goto("/imports/new?what=flows")
    await publisher.get_by_label("Gisements").check()
    sheet = FilePayload(name="gisements.csv", mimeType="text/csv", buffer=SHEET.encode())
    await publisher.set_input_files("input[name=file]", sheet)
    await publisher.get_by_role("button", name="Continuer").click()
    await publisher.wait_for_url("**/columns")
    await publisher.get_by_role("button", name="Essayer sans rien enregistrer").click()
    await publisher.get_by_role("button", name="Lancer l’import").click()
    await publisher.get_by_role("link", name="Importer un autre fichier").wait_for()
    await publisher.goto("/dashboard")
    await publisher.get_by_role("link", name=LOT).first.click()
    await expect(publisher.get_by_role("heading", name=LOT)).to_be_visible()
    return publisher.url.rsplit("/", 1)[-1].partition("?")[0]


async def take(taker: Page, lot: str, quantity: str) -> str:
    """The id of a part, taken on the lot's day in the morning."""
    await taker.goto(f"/flows/lots/{lot}/take")
    await taker.get_by_label("Combien prenez-vous").fill(quantity)
    await taker.get_by_label("Réemploi", exact=True).check()
    await taker.get_by_label("Quel jour").select_option(DAY.isoformat())
    await taker.get_by_label("De", exact=True).fill("09:00")
    await taker.get_by_label("À", exact=True).fill("10:30")
    await taker.get_by_role("button", name="Prendre ce lot").click()
    await expect(taker).to_have_url(re.compile(r"/takings/[0-9a-f-]{36}$"))
    return taker.url.rsplit("/", 1)[-1]


async def say(page: Page, taking: str, figure: str, *, ticket: str = "") -> None:
    """One side's figure, from the page that asks for it."""
    await page.goto(f"/takings/{taking}/collect")
    await page.get_by_label(re.compile("Combien est parti|Votre chiffre")).fill(figure)
    if ticket:
        await page.get_by_label("Pesé ou compté").check()
        await page.get_by_label("Numéro du ticket").fill(ticket)
    await page.get_by_role("button", name="Confirmer").click()
    await expect(page).to_have_url(re.compile(rf"/takings/{taking}$"))


async def test_six_tonnes_from_a_file_to_the_table_of_the_month(open_browser: OpenBrowser, house: Stage) -> None:
    publisher, inclusion, workshop, third = [await open_browser() for _ in range(4)]
    names = ("Sogalog Fenouillet Nord", "Les Palettes de Launaguet", "L’Atelier adapté de Muret", "La Régie des quais")
    roles = ("Céder des matières", *["Répondre"] * 3)
    for number, (page, name, role) in enumerate(
        zip((publisher, inclusion, workshop, third), names, roles, strict=True), start=811
    ):
        await sign_up(page, number, name=name, comes_for=role)
    flow = await publish_by_file(publisher)
    answer = await publisher.request.get(f"/api/v1/flows/{flow}/lots")
    lot = next(each["id"] for each in (await answer.json())["items"] if each["day"] == DAY.isoformat())

    missed = await take(inclusion, lot, "3,6")
    weighed = await take(workshop, lot, "2,4")
    await publisher.goto("/takings/received")
    await expect(publisher.get_by_text(names[1])).to_be_visible()
    await picture(publisher, "story-pallets-1-two-takers")

    # The inclusion company does not come; the part is free again, and a third one takes it.
    await let_its_slot_pass(house, missed)
    await publisher.goto(f"/takings/{missed}")
    await publisher.get_by_role("button", name="Personne n’est venu").click()
    await publisher.locator("dialog.ask").get_by_role("button", name="Personne n’est venu").click()
    await expect(publisher.get_by_text("Manqué").first).to_be_visible()
    taken = await take(third, lot, "3,6")

    # The adapted workshop counts 2.4 t, the weighbridge says 2: each reads the other's, and they agree.
    await let_its_slot_begin(house, weighed)
    await workshop.set_viewport_size(PHONE)  # type: ignore[arg-type]
    await say(workshop, weighed, "2,4")
    await say(publisher, weighed, "2", ticket="PB-1190")
    await expect(publisher.get_by_text("Chiffres à accorder").first).to_be_visible()
    await picture(publisher, "story-pallets-2-weights-differ")
    await say(workshop, weighed, "2,1")
    await expect(workshop.locator("#details")).to_contain_text(re.compile(r"Chiffre retenu\s*2\s+t"))

    await let_its_slot_begin(house, taken)
    await say(third, taken, "3,6")
    await say(publisher, taken, "3,6", ticket="PB-1191")
    await expect(publisher.get_by_text("Enlevé", exact=True).first).to_be_visible()

    # What both sides confirmed counts, once, and nothing of the pick-up that was missed.
    await publisher.goto(f"/impact?period={day_of(now()):%Y-%m}")
    reused = publisher.locator("#sums tr", has_text="Réemploi")
    await expect(reused).to_contain_text(re.compile(r"5,6\s*t|5\s600\s*kg"))
    await expect(publisher.locator("#exchanges li")).to_have_count(2)
    await picture(publisher, "story-pallets-3-month")
    await inclusion.goto("/impact")
    await expect(inclusion.get_by_text("Rien n’est encore confirmé.")).to_be_visible()
    totals = await publisher.request.get("/api/v1/impact/totals")
    assert totals.ok, await totals.text()

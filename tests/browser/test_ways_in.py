"""The ways into an account, by keyboard, with and without JavaScript: letters, codes, and a passkey of the browser."""

import pyotp
from playwright.async_api import Page, expect

from deploy.bench.stage import Stage
from tests.browser.cast import sign_up
from tests.browser.conftest import PHONE, OpenBrowser, picture
from tests.browser.letters import link_in_letter

PASSWORD, NEW_PASSWORD = "cheval agrafe pile", "lanterne sel boussole"


async def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    await page.goto("/sign-in")
    await page.get_by_label("Adresse e-mail").fill(email)
    await page.get_by_label("Mot de passe").fill(password)
    await page.get_by_label("Mot de passe").press("Enter")


async def test_a_letter_confirms_an_address_and_a_link_signs_in(open_browser: OpenBrowser, house: Stage) -> None:
    member, email = await open_browser(), "camille511@exemple.fr"
    await sign_up(member, 511, name="Atelier des lettres", comes_for="Répondre")
    banner = member.get_by_text("n’est pas encore confirmée")
    await expect(banner).to_be_visible()
    await picture(member, "unconfirmed")
    # Another service says it too, from the token alone.
    await member.goto("/notifications/")
    await expect(banner).to_be_visible()
    await member.goto(await link_in_letter(house, email, "Confirmez votre adresse"))
    await picture(member, "link-confirm")
    await member.get_by_role("button", name="Confirmer l’adresse").press("Enter")
    await expect(member.get_by_text("Adresse confirmée")).to_be_visible()
    await expect(banner).to_have_count(0)
    await picture(member, "account")

    # By keyboard alone, from the page of the password.
    visitor, elsewhere = await open_browser(), await open_browser()
    await visitor.goto("/sign-in")
    await picture(visitor, "sign-in")
    await visitor.get_by_role("link", name="Recevoir un lien par e-mail").press("Enter")
    await picture(visitor, "link-wanted")
    await visitor.get_by_label("Adresse e-mail").fill(email)
    await visitor.get_by_label("Adresse e-mail").press("Enter")
    await expect(visitor.get_by_role("heading", name="Regardez vos e-mails")).to_be_visible()
    await picture(visitor, "link-sent")
    link = await link_in_letter(house, email, "Votre lien")
    await elsewhere.goto(link)
    await expect(elsewhere.get_by_role("heading", name="s’ouvre dans le navigateur")).to_be_visible()
    await picture(elsewhere, "link-elsewhere")
    await visitor.goto(link)
    await picture(visitor, "link-sign-in")
    await visitor.get_by_role("button", name="Me connecter").press("Enter")
    await visitor.wait_for_url("**/dashboard")
    await visitor.goto("/account")
    await expect(visitor.get_by_text("navigateurs connectés")).to_be_visible()
    # An open page would say on its console that its session has ended.
    await member.goto("about:blank")
    await visitor.get_by_role("button", name="Fermer toutes les autres").press("Enter")
    await expect(visitor.get_by_text("un navigateur connecté")).to_be_visible()
    await member.goto("/account")
    await member.wait_for_url("**/sign-in**")


async def test_a_forgotten_password_without_javascript(open_browser: OpenBrowser, house: Stage) -> None:
    member = await open_browser(java_script_enabled=False, viewport=PHONE)
    await sign_up(member, 512, name="Atelier sans mémoire", comes_for="Répondre")
    visitor = await open_browser(java_script_enabled=False, viewport=PHONE)
    await visitor.goto("/sign-in/forgotten")
    await visitor.get_by_label("Adresse e-mail").fill("camille512@exemple.fr")
    await visitor.get_by_role("button", name="Envoyer le lien").click()
    await visitor.goto(await link_in_letter(house, "camille512@exemple.fr", "Choisir un nouveau mot de passe"))
    await picture(visitor, "link-reset")
    await visitor.get_by_label("Nouveau mot de passe").fill("court")
    await visitor.get_by_role("button", name="Changer le mot de passe").click()
    await expect(visitor.get_by_role("link", name="12 caractères au moins")).to_be_visible()
    await visitor.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    await visitor.get_by_role("button", name="Changer le mot de passe").click()
    await expect(visitor.get_by_text("Mot de passe changé")).to_be_visible()
    await sign_in(visitor, "camille512@exemple.fr", NEW_PASSWORD)
    await visitor.wait_for_url("**/dashboard")
    await member.goto("/account")
    await member.wait_for_url("**/sign-in**")


async def test_a_code_app_without_javascript(open_browser: OpenBrowser) -> None:
    member = await open_browser(java_script_enabled=False, viewport=PHONE)
    await sign_up(member, 513, name="Atelier des codes", comes_for="Répondre")
    await member.goto("/account/second-factor")
    await picture(member, "second-factor-none")
    await member.get_by_label("Mot de passe").fill(PASSWORD)
    await member.get_by_role("button", name="Ajouter une application").click()
    await expect(member.locator("svg.qr")).to_be_visible()
    await picture(member, "second-factor-app")
    app = pyotp.TOTP((await member.locator("code").inner_text()).replace(" ", ""))
    await member.get_by_label("Code").fill(app.now())
    await member.get_by_role("button", name="Ajouter l’application").click()
    listed = member.locator("main li code")
    await expect(listed).to_have_count(10)
    codes = await listed.all_inner_texts()
    await picture(member, "recovery-codes")
    await member.get_by_role("link", name="Je les ai notés").click()
    await expect(member.get_by_text("10 codes de secours vous restent")).to_be_visible()
    await picture(member, "second-factor")

    visitor = await open_browser(java_script_enabled=False, viewport=PHONE)
    await sign_in(visitor, "camille513@exemple.fr")
    await expect(visitor.get_by_role("heading", name="Votre code")).to_be_visible()
    await visitor.get_by_label("Code").fill("000000")
    await visitor.get_by_role("button", name="Continuer").click()
    await expect(visitor.get_by_role("link", name="n’est pas le bon")).to_be_visible()
    await picture(visitor, "second-wrong")
    await visitor.get_by_label("Code").fill(codes[0])
    await visitor.get_by_label("Code").press("Enter")
    await visitor.wait_for_url("**/dashboard")


async def with_a_key(page: Page) -> None:
    """Give the browser an authenticator that says yes, as a finger would."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_a_passkey_of_the_browser(open_browser: OpenBrowser, house: Stage) -> None:
    numbered = await open_browser()
    await sign_up(numbered, 514, name="Atelier des clés", comes_for="Répondre")
    await numbered.goto("/account/second-factor")
    # Browsers have none under a number: the page says where they are.
    await expect(numbered.get_by_role("button", name="Ajouter une clé d’accès")).to_have_count(0)
    named = house.url.replace("127.0.0.1", "localhost")
    await expect(numbered.get_by_text(named)).to_be_visible()
    # Its session ends when the passkey comes, and an open page would say so on its console.
    await numbered.close()

    page = await open_browser(base_url=named)
    await with_a_key(page)
    await sign_in(page, "camille514@exemple.fr")
    await page.wait_for_url("**/dashboard")
    await page.goto("/account/second-factor")
    await page.get_by_label("Mot de passe").fill(PASSWORD)
    await page.get_by_role("button", name="Ajouter une clé d’accès").press("Enter")
    await expect(page.get_by_role("heading", name="Ajouter une clé d’accès")).to_be_visible()
    await picture(page, "passkey-new")
    await page.get_by_role("button", name="Faire la clé d’accès").press("Enter")
    await expect(page.get_by_role("heading", name="Vos codes de secours")).to_be_visible()

    await page.goto("/account")
    await page.get_by_role("button", name="Se déconnecter").last.click()
    await sign_in(page, "camille514@exemple.fr")
    await expect(page.get_by_role("heading", name="Votre code")).to_be_visible()
    await picture(page, "second-passkey")
    await page.get_by_role("button", name="Prendre ma clé d’accès").press("Enter")
    await page.wait_for_url("**/dashboard")

    # Another browser has no such key: it is said, and the code's field stays.
    other = await open_browser(base_url=named)
    await sign_in(other, "camille514@exemple.fr")
    await expect(other.get_by_role("heading", name="Votre code")).to_be_visible()
    await other.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('cancelled')); }")
    await other.get_by_role("button", name="Prendre ma clé d’accès").click()
    await expect(other.get_by_text("n’a pas donné de clé d’accès")).to_be_visible()
    await expect(other.get_by_label("Code")).to_be_visible()

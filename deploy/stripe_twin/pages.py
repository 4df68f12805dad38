"""The pages a browser is sent to, in two languages and without scripts: payer, bank, supplier, and what waits."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from babel.numbers import format_currency
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from deploy.stripe_twin.accounts import onboard, open_link
from deploy.stripe_twin.api import Desk
from deploy.stripe_twin.call import Call
from deploy.stripe_twin.checkout import answer_of_bank, items_of, pay
from deploy.stripe_twin.errors import Refusal
from deploy.stripe_twin.store import Json

HERE = Path(__file__).parent
HEADERS = {
    # Nothing from elsewhere, no script; no `form-action`, which would forbid the way back to the marketplace.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
CARD, REFUSED, SEPA, SEPA_REFUSED, TRANSFER = "card", "card_refused", "sepa", "sepa_refused", "transfer"
# What a button does: the means and what the bank says.
CHOICES = {
    CARD: ("card", "agreed"),
    REFUSED: ("card", "declined"),
    SEPA: ("sepa_debit", "agreed"),
    SEPA_REFUSED: ("sepa_debit", "declined"),
    TRANSFER: ("customer_balance", "agreed"),
}
ONBOARDING = {"finished": "finished", "left": "left", "rejected": "refused"}


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / "texts.toml").read_text())


@cache
def _templates() -> Environment:
    found = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)
    found.filters["euros"] = euros
    return found


def euros(cents: int, language: str) -> str:
    """An amount as it is written in a language."""
    return format_currency(cents / 100, "EUR", locale=language)


def _language(request: Request[Any, Any, Any], wanted: str | None = None) -> str:
    said = request.query_params.get("lang") or wanted
    if said in ("fr", "en"):
        return said
    return "en" if request.headers.get("accept-language", "").startswith("en") else "fr"


def _page(template: str, title: str, language: str, /, *, status: int = 200, **values: Any) -> Response[str]:
    say = _texts()[language]
    shown = _templates().get_template(template).render(say=say, title=say[title], language=language, **values)
    return Response(shown, media_type="text/html; charset=utf-8", status_code=status, headers=HEADERS)


def _call(request: Request[Any, Any, Any]) -> Call:
    desk: Desk = request.app.state.desk
    return desk.call()


def _first(call: Call, kind: str, name: str) -> Call:
    """Pages know no account: what an address names is found whosever it is."""
    owner = next((account for account, body in call.store.owners(kind) if body["id"] == name), "")
    return Call(call.store, call.settings, account=owner)


async def _chosen(request: Request[Any, Any, Any]) -> tuple[str, str]:
    form = await request.form()
    return str(form.get("choice", "")), str(form.get("lang", "fr"))


def _buttons(session: Json, held: bool, say: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (name, say["card_held"] if held and name == CARD else say[name])
        for name, (means, _) in CHOICES.items()
        if means in session["payment_method_types"]
    ]


def _shown(request: Request[Any, Any, Any], name: str, language: str, *, refused: bool = False) -> Response[str]:
    call = _first(_call(request), "checkout.session", name)
    session = call.found("checkout.session", name)
    held = call.store.hidden(name)["data"].get("capture_method") == "manual"
    intent = session["payment_intent"] and call.found("payment_intent", session["payment_intent"])
    return _page(
        "pay.html",
        "pay_title",
        language,
        name=name,
        items=items_of(call, name)["data"],
        amount_total=session["amount_total"],
        state=session["status"],
        choices=_buttons(session, held, _texts()[language]),
        success_url=_filled(session),
        cancel_url=session["cancel_url"],
        refused=refused,
        waits=intent and intent["status"] in ("processing", "requires_action"),
        intent=session["payment_intent"],
    )


def _filled(session: Json) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


@get("/pay/{name:str}")
async def show_payment(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[str]:
    """What is to be paid, and the ways to pay it."""
    session = _first(_call(request), "checkout.session", name).found("checkout.session", name)
    locale = session["locale"] if session["locale"] != "auto" else None
    return _shown(request, name, _language(request, locale))


@post("/pay/{name:str}", status_code=200)
async def make_payment(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """One try; back to the marketplace unless the card was declined."""
    choice, language = await _chosen(request)
    call = _first(_call(request), "checkout.session", name)
    if choice not in CHOICES:
        raise Refusal("Unknown choice.")
    means, outcome = CHOICES[choice]
    session = call.found("checkout.session", name)
    # Pressed twice, or paid in another window: the page says how it stands.
    if session["status"] == "open":
        with call.store.transaction():
            session = pay(call, name, means, "agreed" if outcome == "agreed" else "declined")
        request.app.state.desk.wake.set()
        if session["status"] == "complete":
            return Redirect(_filled(session), status_code=303)
    return _shown(request, name, language, refused=session["status"] == "open")


@get("/bank/{name:str}")
async def show_bank(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[str]:
    """What the payer's bank has to do, and what it may answer."""
    language = _language(request)
    say = _texts()[language]
    call = _first(_call(request), "payment_intent", name)
    intent = call.found("payment_intent", name)
    choices: list[tuple[str, str]] = []
    sentence = say["nothing_waits"].format(state=say.get(intent["status"], intent["status"]))
    iban = None
    if intent["status"] == "processing":
        choices = [("agreed", say["bank_agrees"]), ("declined", say["bank_declines"])]
        sentence = say["bank_debit"].format(amount=euros(intent["amount"], language))
    elif intent["next_action"]:
        waited = intent["next_action"]["display_bank_transfer_instructions"]
        choices, iban = [("agreed", say["arrived"])], waited["financial_addresses"][0]["iban"]["iban"]
        amount = euros(waited["amount_remaining"], language)
        sentence = say["bank_transfer"].format(amount=amount, reference=waited["reference"])
    session = call.store.get(call.store.hidden(name).get("session", ""))
    back = _filled(session) if session else None
    return _page(
        "bank.html", "bank_title", language, name=name, sentence=sentence, choices=choices, iban=iban, success_url=back
    )


@post("/bank/{name:str}", status_code=303)
async def answer_as_bank(request: Request[Any, Any, Any], name: FromPath[str]) -> Redirect:
    """The bank's answer."""
    choice, language = await _chosen(request)
    call = _first(_call(request), "payment_intent", name)
    if call.found("payment_intent", name)["status"] in ("processing", "requires_action"):
        with call.store.transaction():
            answer_of_bank(call, name, agreed=choice == "agreed")
        request.app.state.desk.wake.set()
    return Redirect(f"/bank/{name}?lang={language}", status_code=303)


@get("/onboarding/{name:str}")
async def show_onboarding(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[str]:
    """What a supplier is asked; a link that is used or too old leads back for another."""
    call, language = _call(request), _language(request)
    say = _texts()[language]
    try:
        _, account = open_link(call, name)
    except Refusal as refusal:
        kept = call.store.get(name)
        use = kept["link"]["use_case"] if kept else None
        back = use[use["type"]]["refresh_url"] if use else None
        status = refusal.status
        return _page("onboarding.html", "onboarding_title", language, status=status, choices=[], refresh_url=back)
    return _page(
        "onboarding.html",
        "onboarding_title",
        language,
        name=name,
        account=account["display_name"] or account["id"],
        choices=[(each, say[each]) for each in ONBOARDING],
    )


@post("/onboarding/{name:str}", status_code=200)
async def finish_onboarding(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    """What the supplier did; back to the marketplace."""
    choice, language = await _chosen(request)
    call = _call(request)
    if choice not in ONBOARDING:
        raise Refusal("Unknown choice.")
    try:
        with call.store.transaction():
            link = onboard(call, name, ONBOARDING[choice])  # type: ignore[arg-type]
    except Refusal:
        return Redirect(f"/onboarding/{name}?lang={language}", status_code=303)
    request.app.state.desk.wake.set()
    use = link["use_case"][link["use_case"]["type"]]
    return Redirect(use.get("return_url") or use["refresh_url"], status_code=303)


@get("/")
async def index(request: Request[Any, Any, Any]) -> Response[str]:
    """What waits for a payer or a bank."""
    language = _language(request)
    say = _texts()[language]
    waiting: list[dict[str, Any]] = []
    for _, session in reversed(_call(request).store.owners("checkout.session")):
        if session["status"] == "open":
            waiting.append(_line(session, f"/pay/{session['id']}", say["waiting_payer"]))
    for _, intent in reversed(_call(request).store.owners("payment_intent")):
        if intent["status"] in ("processing", "requires_action"):
            waiting.append(_line(intent, f"/bank/{intent['id']}", say["waiting_bank"]))
    return _page("index.html", "index_title", language, waiting=waiting)


def _line(body: Json, address: str, words: str) -> dict[str, Any]:
    amount = body.get("amount_total") or body.get("amount")
    what = body.get("client_reference_id") or body.get("description") or body["id"]
    return {"address": address, "amount": amount, "what": what, "words": words}


@get("/twin.css")
async def stylesheet() -> Response[str]:
    """The one stylesheet."""
    return Response((HERE / "templates" / "twin.css").read_text(), media_type="text/css")


PAGES = [
    index,
    show_payment,
    make_payment,
    show_bank,
    answer_as_bank,
    show_onboarding,
    finish_onboarding,
    stylesheet,
]

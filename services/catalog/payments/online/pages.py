"""Paying a settlement at a page of Stripe's, giving such a payment back, and the account that one is paid on."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from services.catalog.payments.online.counter import opened_checkout, opened_onboarding, refuse_others
from services.catalog.payments.online.holding import release_held, take_held
from services.catalog.payments.online.models import StripeCall
from services.catalog.payments.online.queries import account_of
from services.catalog.payments.online.supplying import ACCOUNT_PAGE
from services.catalog.payments.pages import HOME
from shared.identity import Role
from shared.web.pages import Html, Req, page, redirect
from shared.web.provided import Editor, Member, Now, Session


@post(f"{HOME}/{{settlement_id:uuid}}/pay", status_code=200)
async def pay(request: Req, editor: Editor, now: Now, settlement_id: FromPath[UUID]) -> Html:
    """Open a page of Stripe's for what is owed, and lead there."""
    return _led(request, await opened_checkout(request, editor, settlement_id=settlement_id, now=now))


@post(f"{HOME}/{{settlement_id:uuid}}/hold", status_code=200)
async def hold(request: Req, editor: Editor, now: Now, settlement_id: FromPath[UUID]) -> Html:
    """The same, by a card that is taken only once it is done."""
    return _led(request, await opened_checkout(request, editor, settlement_id=settlement_id, now=now, holds=True))


@post(f"{HOME}/{{settlement_id:uuid}}/capture", status_code=303)
async def capture(
    request: Req, session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID]
) -> Response[Any]:
    """Take what one's card holds."""
    await take_held(session, editor, settlement_id=settlement_id, now=now)
    return redirect(request, f"{HOME}/{settlement_id}", say="C'est demandé : Stripe débite la carte.")


@post(f"{HOME}/{{settlement_id:uuid}}/release", status_code=303)
async def release(
    request: Req, session: Session, editor: Editor, now: Now, settlement_id: FromPath[UUID]
) -> Response[Any]:
    """Let one's payer's card go."""
    await release_held(session, editor, settlement_id=settlement_id, now=now)
    return redirect(request, f"{HOME}/{settlement_id}", say="C'est demandé : Stripe libère la carte.")


@get(ACCOUNT_PAGE)
async def show_account(request: Req, session: Session, member: Member, *, link: FromQuery[str] = "") -> Html:
    """What one's organisation is paid on, and what Stripe still asks."""
    gateway = request.app.state.gateway
    return page(
        request,
        "payments/account.html",
        account=await account_of(session, member.organisation_id) if gateway is not None else None,
        is_here=gateway is not None,
        may_ask=member.may(Role.OWNER),
        came_back=link == "done",
        link_over=link == "over",
        fee=f"{gateway.settings.fee_permille / 10:g}".replace(".", ",") if gateway is not None else "",
    )


@post(ACCOUNT_PAGE, status_code=200)
async def ask_account(request: Req, editor: Editor, now: Now) -> Html:
    """Ask for an account, if there is none, and lead to where Stripe asks what it has to know."""
    refuse_others(editor)
    return _led(request, await opened_onboarding(request, editor, now))


def _led(request: Req, call: StripeCall) -> Html:
    # A page, and no redirect: what a form leads to must be ours (form-action), and it says where one is going.
    answer = page(request, "payments/leave.html", address=call.url, what=call.what.value)
    answer.headers.update({"refresh": f"0; url={call.url}", "cache-control": "no-store"})
    return answer


ROUTES = [pay, hold, capture, release, show_account, ask_account]

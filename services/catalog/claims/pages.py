"""The claimant's pages: asking to act for an organisation, one claim with its proofs, the link of its letter."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler
from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.accounts.entering import HOME_AFTER_SIGN_IN, begin_session
from services.catalog.accounts.link_errors import LinkExpired, LinkUnknown, LinkUsed
from services.catalog.accounts.link_pages import address_with, redacted, shown_link
from services.catalog.accounts.models import Account
from services.catalog.accounts.queries import account_of
from services.catalog.accounts.schemas import LinkUse
from services.catalog.claims.commands import ask, own_claim, turn_to_the_territory, withdraw_claim
from services.catalog.claims.domains import is_at, own_domain
from services.catalog.claims.errors import ClaimOver, LetterCodeWrong, NotToBeClaimed, TeamInPlace
from services.catalog.claims.models import Claim
from services.catalog.claims.proving import open_letter, prove_by_code, prove_by_letter, send_letter
from services.catalog.claims.queries import TO_CLAIM, claim_of
from services.catalog.claims.schemas import AddressThere, Asking, CodeTyped
from services.catalog.claims.view import claim_badge, code_is_open
from services.catalog.files.commands import add_file, remove_file
from services.catalog.files.models import Purpose
from services.catalog.files.queries import file_of, files_of
from services.catalog.files.sending import MOST_SENT, answer_with, keeper_of, store_of, taken
from services.catalog.files.view import lines_of
from services.catalog.organisations.models import Organisation
from services.catalog.organisations.places import place_words
from services.catalog.organisations.queries import organisation_by_id
from shared.database.acting import act
from shared.identity import Identity
from shared.refusal import Refusal
from shared.web.forms import Form, kept_when_refused, read_form
from shared.web.pages import Html, Req, gettext, page, redirect
from shared.web.provided import Member, Now, Session, Visitor
from shared.web.visit import visit_of

OVER = (LinkUnknown, LinkUsed, LinkExpired, ClaimOver, TeamInPlace, NotToBeClaimed)


@get("/organisations/{organisation_id:uuid}/claim")
async def claim_form(request: Req, session: Session, visitor: Visitor, organisation_id: FromPath[UUID]) -> Html:
    """What asking to act for an organisation leads to; nobody has asked yet."""
    return _form_page(request, await _to_claim(session, organisation_id), Form())


@post("/organisations/{organisation_id:uuid}/claim", status_code=303)
async def claim_here(
    request: Req, session: Session, member: Member, now: Now, organisation_id: FromPath[UUID]
) -> Response[Any]:
    """Ask."""
    organisation = await _to_claim(session, organisation_id)
    form = await read_form(request, Asking)
    if form.data is not None:
        account = await account_of(session, member.member_id)
        async with kept_when_refused(request, session, form):
            claim = await ask(session, account, form.data, organisation=organisation, by=member.member_id, now=now)
    if form.errors:
        return _form_page(request, organisation, form)
    return redirect(request, f"/claims/{claim.id}", say="Votre demande est enregistrée.")


@get("/claims/{claim_id:uuid}")
async def show_claim(request: Req, session: Session, member: Member, now: Now, claim_id: FromPath[UUID]) -> Html:
    """One's own claim: how far it is, and what helps it on."""
    return await _claim_page(request, session, member, Form(), claim_id=claim_id, now=now)


@post("/claims/{claim_id:uuid}/email", status_code=303)
async def ask_for_letter(
    request: Req, session: Session, member: Member, now: Now, claim_id: FromPath[UUID]
) -> Response[Any]:
    """Send a link to an address at the organisation's own domain."""
    form, account = await read_form(request, AddressThere), await account_of(session, member.member_id)
    if form.data is not None:
        email, language, by = form.data.email, visit_of(request).language, member.member_id
        async with kept_when_refused(request, session, form):
            await send_letter(session, account, email, claim_id=claim_id, by=by, language=language, now=now)
    if form.errors:
        return await _claim_page(request, session, member, form, claim_id=claim_id, now=now)
    if not request.app.state.settings.sends_mail:
        return redirect(
            request,
            f"/claims/{claim_id}",
            say="Aucune lettre ne part d'ici : « boucle mail show » en donne le lien à qui administre Boucle.",
            kind="info",
        )
    return redirect(request, f"/claims/{claim_id}", say="La lettre est partie. Ouvrez son lien dans ce navigateur.")


@post("/claims/{claim_id:uuid}/code", status_code=303)
async def type_code(
    request: Req, session: Session, member: Member, now: Now, claim_id: FromPath[UUID]
) -> Response[Any]:
    """Type the code of a letter on paper; a wrong one counts."""
    form, account = await read_form(request, CodeTyped), await account_of(session, member.member_id)
    owner = None
    if form.data is not None:
        keys = request.app.state.link_keys
        async with kept_when_refused(request, session, form):
            owner = await prove_by_code(session, account, form.data.code, keys, claim_id=claim_id, now=now)
    if form.data is not None and owner is None and not form.errors:
        form.refuse(request, LetterCodeWrong())
    if form.errors or owner is None:
        return await _claim_page(request, session, member, form, claim_id=claim_id, now=now)
    await begin_session(request, session, member, owner, now=now)
    return _welcome(request)


@post("/claims/{claim_id:uuid}/withdraw", status_code=303)
async def take_back(
    request: Req, session: Session, member: Member, now: Now, claim_id: FromPath[UUID]
) -> Response[Any]:
    """Take the claim back."""
    account = await account_of(session, member.member_id)
    await withdraw_claim(session, member, account, claim_id=claim_id, now=now)
    return redirect(request, f"/claims/{claim_id}", say="Demande retirée.")


@post("/claims/{claim_id:uuid}/territory", status_code=303)
async def turn(request: Req, session: Session, member: Member, now: Now, claim_id: FromPath[UUID]) -> Response[Any]:
    """Turn to the territory, once the team has had its time."""
    account = await account_of(session, member.member_id)
    await turn_to_the_territory(session, member, account, claim_id=claim_id, now=now)
    return redirect(request, f"/claims/{claim_id}", say="Le territoire lit votre demande.")


@post("/claims/{claim_id:uuid}/files", status_code=303, request_max_body_size=MOST_SENT)
async def send_evidence(
    request: Req, session: Session, member: Member, now: Now, claim_id: FromPath[UUID]
) -> Response[Any]:
    """Send a proof that only the territory's coordinators see."""
    account, where = await account_of(session, member.member_id), f"/claims/{claim_id}#evidence"
    file = await taken(request, session, member, about=claim_id)
    await own_claim(session, account, claim_id)
    try:
        sent = file.whole()
        await add_file(session, keeper_of(request), member, sent, about=claim_id, now=now, purpose=Purpose.EVIDENCE)
    except Refusal as refusal:
        said = gettext(request, refusal.sentence).format(**refusal.values)
        return redirect(request, where, say=said, kind="error")
    return redirect(request, where, say="Justificatif envoyé aux coordinateurs.")


@get("/claims/{claim_id:uuid}/files/{file_id:uuid}")
async def read_evidence(
    request: Req, session: Session, member: Member, claim_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[Any]:
    """What one sent oneself."""
    await _own(session, member, claim_id)
    return await answer_with(store_of(request), await file_of(session, claim_id, file_id))


@post("/claims/{claim_id:uuid}/files/{file_id:uuid}/remove", status_code=303)
async def take_evidence_back(
    request: Req, session: Session, member: Member, claim_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[Any]:
    """Take a proof back."""
    await own_claim(session, await account_of(session, member.member_id), claim_id)
    await remove_file(session, store_of(request), member, about=claim_id, file_id=file_id)
    return redirect(request, f"/claims/{claim_id}#evidence", say="Fichier retiré.")


@get("/claims/links/{link_id:uuid}")
async def show_letter(
    request: Req, session: Session, member: Member, now: Now, *, link_id: FromPath[UUID], key: FromQuery[str] = ""
) -> Html:
    """What the letter's link will do, with the button that does it; nothing is done yet."""
    account = await account_of(session, member.member_id)
    try:
        asked = await open_letter(session, account, shown_link(request, link_id, key), now=now)
    except OVER as refusal:
        return _over_page(request, refusal)
    answer = page(
        request,
        "claims/letter.html",
        organisation=asked.organisation,
        who=redacted(asked.claim.email or "?"),
        action=f"/claims/links/{link_id}",
        same_page=address_with(f"/claims/links/{link_id}", key),
        key=key,
    )
    answer.headers["cache-control"] = "no-store"
    return answer


@post("/claims/links/{link_id:uuid}", status_code=303)
async def use_letter(
    request: Req, session: Session, member: Member, now: Now, link_id: FromPath[UUID]
) -> Response[Any]:
    """Become the owner, and act for the organisation from now on."""
    sent, account = await read_form(request, LinkUse), await account_of(session, member.member_id)
    shown = shown_link(request, link_id, sent.data.key if sent.data else "")
    try:
        async with session.begin_nested():
            owner = await prove_by_letter(session, account, shown, now=now)
    except OVER as refusal:
        return _over_page(request, refusal)
    await begin_session(request, session, member, owner, now=now)
    return _welcome(request)


async def _to_claim(session: AsyncSession, organisation_id: UUID) -> Organisation:
    organisation = await organisation_by_id(session, organisation_id)
    if organisation is None or organisation.state not in TO_CLAIM:
        raise NotToBeClaimed
    return organisation


async def _own(session: AsyncSession, member: Identity, claim_id: UUID) -> tuple[Account, Claim, Organisation]:
    account = await account_of(session, member.member_id)
    await act(session, account=account.id)
    claim, organisation = await claim_of(session, account.id, claim_id)
    return account, claim, organisation


def _form_page(request: Req, organisation: Organisation, form: Form[Asking]) -> Html:
    return page(
        request,
        "claims/new.html",
        status=422 if form.errors else 200,
        form=form,
        organisation=organisation,
        place=place_words(organisation.place),
    )


async def _claim_page(
    request: Req, session: AsyncSession, member: Identity, form: Form[Any], *, claim_id: UUID, now: datetime
) -> Html:
    # What the page changed for itself may have gone on for another organisation.
    await act(session, org=member.organisation_id, member=member.member_id)
    account, claim, organisation = await _own(session, member, claim_id)
    domain, turns_at = own_domain(organisation), claim.turns_at()
    evidence = await files_of(session, claim.id, Purpose.EVIDENCE)
    if domain and is_at(account.email, domain):
        form.typed.setdefault("email", account.email)
    return page(
        request,
        "claims/claim.html",
        status=422 if form.errors else 200,
        form=form,
        claim=claim,
        organisation=organisation,
        place=place_words(organisation.place),
        badge=claim_badge(request, claim),
        domain=domain,
        written_to=redacted(claim.email) if claim.email else None,
        takes_code=claim.code_id is not None and code_is_open(claim, now),
        turns_at=turns_at,
        may_turn=turns_at is not None and turns_at <= now and claim.turned_at is None,
        is_confirmed=account.email_confirmed_at is not None,
        lapses_at=claim.lapses_at(max((file.added_at for file in evidence), default=None)),
        evidence=lines_of(evidence, visit_of(request).language),
    )


def _welcome(request: Req) -> Response[Any]:
    return redirect(request, HOME_AFTER_SIGN_IN, say="C'est fait : vous êtes responsable de cette structure.")


def _over_page(request: Req, refusal: Refusal) -> Html:
    words = gettext(request, refusal.sentence)
    return page(request, "claims/letter_over.html", status=refusal.status, words=words, code=refusal.code)


ROUTES: list[ControllerRouterHandler] = [
    claim_form,
    claim_here,
    show_claim,
    ask_for_letter,
    type_code,
    take_back,
    turn,
    send_evidence,
    read_evidence,
    take_evidence_back,
    show_letter,
    use_letter,
]

"""Agreements as pages show them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from services.catalog.agreements.content import Content, Party
from services.catalog.agreements.models import Agreement, AgreementState
from services.catalog.agreements.natures import Side, usual_giver, usual_nature
from services.catalog.agreements.origins import AGREED_ON, Origin
from services.catalog.agreements.paper import kind_of_paper, reference_of, role_of
from services.catalog.flows.view import typed_price
from services.catalog.organisations.places import place_words
from services.catalog.posting.view import measured_words, period_words
from services.catalog.proposals.lines import Line
from services.catalog.proposals.view import LineShown, price_in
from services.catalog.takings.models import State, Taking
from shared.events.facts import Window
from shared.phrases.dealings import CANCELLED_FOR, FOCUSES, NATURES
from shared.phrases.names import named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

Badge = tuple[str, str, str]

BADGES = {
    AgreementState.CONCLUDED: ("À signer", "warn", "pen-line"),
    AgreementState.RUNNING: ("En cours", "info", "handshake"),
    AgreementState.COMPLETED: ("Terminé", "ok", "circle-check"),
    AgreementState.CANCELLED: ("Annulé", "neutral", "circle-x"),
}
# What each nature is for, where it is chosen.
SENTENCES = {
    "order": "L'acheteur paie un travail, un service, un enlèvement ou des biens.",
    "gift": "Rien n'est payé en échange. Un achat n'est jamais un don.",
    "partnership": "Des compétences ou une action RSE, menées ensemble.",
    "transfer": "Des objets ou des matières changent de propriétaire, vendus ou cédés gratuitement.",
    "loan": "Ce qui est prêté est rendu, et rien n'est payé.",
}
# What a form's fields are called where an error names them.
TITLES = {
    "nature": "Nature de l'accord",
    "given_by": "Qui remet",
    "focus": "Objet du partenariat",
    "purchase_order": "Numéro de commande",
    "place": "Lieu",
    "starts_on": "Du",
    "ends_on": "Jusqu'au",
    "provenance": "Provenance",
    "terms": "Conditions particulières",
    "price_side": "Prix",
    "price_euros": "Prix pour une unité",
    "milestones": "Étapes",
    "label": "Étape",
    "euros": "Montant HT",
    "due_on": "Pour le",
}


class PartyShown(NamedTuple):
    """One who takes part; `lines` are its legal person, address and numbers."""

    organisation_id: UUID
    role: str
    name: str
    lines: list[str]


class MilestoneShown(NamedTuple):
    """One step on the way; `ticked` says who ticked it and when, empty before."""

    number: int
    label: str
    due: str
    amount: str
    ticked: str


class SignatureShown(NamedTuple):
    """What one side did: `person` signed at `at`; nobody yet without them."""

    side: Side
    name: str
    person: str
    at: datetime | None
    document: str


class Shown(NamedTuple):
    """An agreement in words; `side` is its reader's, None for a co-contractor."""

    agreement: Agreement
    content: Content
    side: Side | None
    reference: str
    nature: str
    paper: str
    badge: Badge
    other: str
    next: str
    awaits_reader: bool
    parties: list[PartyShown]
    lines: list[LineShown]
    total: str
    period: str
    focus: str
    milestones: list[MilestoneShown]
    signatures: list[SignatureShown]
    reason: str


def shown(request: Req, agreement: Agreement, reader_id: UUID, signatories: Mapping[UUID, str] | None = None) -> Shown:
    """An agreement as one of those who may read it does; `signatories` are names by signature."""
    language, say, content = visit_of(request).language, partial(gettext, request), agreement.content
    side = agreement.side_of(reader_id)
    words, kind, icon = BADGES[agreement.state]
    return Shown(
        agreement=agreement,
        content=content,
        side=side,
        reference=reference_of(agreement),
        nature=named(NATURES, content.nature, language),
        paper=kind_of_paper(content, say),
        badge=(say(words), kind, icon),
        other=content.party(side.other).name if side else f"{content.buyer.name}, {content.supplier.name}",
        next=_next(request, agreement, content, side),
        awaits_reader=side is not None and agreement.awaits(side),
        parties=[
            *(_party(request, content.party(each), role_of(content, each, say)) for each in Side),
            *(_party(request, each, say("Cotraitant")) for each in content.co_contractors),
        ],
        lines=_lines(request, content.lines),
        total=price_in(language, say, content.total_cents),
        period=period_words(Window(starts_on=content.starts_on, ends_on=content.ends_on), language, day=i18n.full_day),
        focus=named(FOCUSES, content.focus, language) if content.focus else "",
        milestones=_milestones(agreement, content, language),
        signatures=_signatures(agreement, content, signatories or {}),
        reason=named(CANCELLED_FOR, agreement.reason, language) if agreement.reason else "",
    )


def lines_of(request: Req, origin: Origin) -> list[LineShown]:
    """What an agreement takes over, to be read beside its form."""
    return _lines(request, origin.lines)


def _lines(request: Req, lines: Iterable[Line]) -> list[LineShown]:
    language, say = visit_of(request).language, partial(gettext, request)
    return [
        LineShown(
            each.what,
            measured_words(each.quantity, each.unit, language),
            price_in(language, say, each.price_cents),
            price_in(language, say, each.total_cents),
        )
        for each in lines
    ]


class Collection(NamedTuple):
    """The pick-up that an agreement about a lot waits for: `has_left` once confirmed, `is_off` once it will not be."""

    path: str
    words: str
    has_left: bool
    is_off: bool


def collection_of(request: Req, taking: Taking | None) -> Collection | None:
    """How far the pick-up of a lot's part is; None for what is about a need."""
    if taking is None:
        return None
    has_left, is_off = taking.state is State.CONFIRMED, taking.state not in AGREED_ON
    if is_off:
        words = gettext(request, "L'enlèvement n'a pas eu lieu : cet accord reste à annuler.")
    elif has_left:
        words = gettext(request, "L'enlèvement est confirmé par les deux parties.")
    else:
        words = gettext(request, "L'accord se termine quand les deux parties ont dit combien est parti.")
    return Collection(f"/takings/{taking.id}", words, has_left, is_off)


def _party(request: Req, party: Party, role: str) -> PartyShown:
    entity = [party.entity_name] if party.entity_name != party.name else []
    unknown = gettext(request, "non connu")
    numbers = [f"SIREN {party.siren or unknown}", f"SIRET {party.siret or unknown}"]
    return PartyShown(party.organisation_id, role, party.name, [*entity, party.address, *numbers])


def _milestones(agreement: Agreement, content: Content, language: str) -> list[MilestoneShown]:
    found = []
    for number, each in enumerate(content.milestones, start=1):
        tick, ticked = agreement.ticks.get(str(number)), ""
        if tick:
            name = content.party(Side(tick["side"])).name
            ticked = f"{name}, {i18n.full_day(datetime.fromisoformat(tick['at']), language)}"
        due = i18n.full_day(each.due_on, language) if each.due_on else ""
        amount = i18n.money(each.cents, "EUR", language) if each.cents else ""
        found.append(MilestoneShown(number, each.label, due, amount, ticked))
    return found


def _signatures(agreement: Agreement, content: Content, signatories: Mapping[UUID, str]) -> list[SignatureShown]:
    found = []
    for side in Side:
        signature, name = agreement.signature_of(side), content.party(side).name
        if signature is None:
            found.append(SignatureShown(side, name, "", None, ""))
        else:
            person = signatories.get(signature.id, "")
            found.append(SignatureShown(side, name, person, signature.signed_at, signature.document_sha256))
    return found


def _next(request: Req, agreement: Agreement, content: Content, side: Side | None) -> str:
    """Who has to do what next."""
    say = partial(gettext, request)
    waited = [each for each in Side if agreement.awaits(each)]
    names = say(" et ").join(content.party(each).name for each in waited)
    match agreement.state:
        case AgreementState.CONCLUDED if side in waited:
            return say("À vous : lisez le document, puis signez-le.")
        case AgreementState.CONCLUDED:
            return say("En attente de la signature de {names}.").format(names=names)
        case AgreementState.RUNNING if side in waited:
            return say("L'autre partie dit que tout est fait : confirmez-le si c'est aussi votre avis.")
        case AgreementState.RUNNING if waited:
            return say("En attente de {names}, pour confirmer que tout est fait.").format(names=names)
        case AgreementState.RUNNING:
            return say("L'accord est en cours. Chaque partie dit quand tout est fait.")
    return ""


def nature_options(request: Req, *, is_lot: bool) -> list[tuple[str, str, str]]:
    """The natures that there may be, each with what it is for: a lot changes hands."""
    language = visit_of(request).language
    natures = {code: words for code, words in SENTENCES.items() if not is_lot or code != "partnership"}
    return [(code, named(NATURES, code, language), gettext(request, words)) for code, words in natures.items()]


def typed_first(origin: Origin) -> dict[str, Any]:
    """What the form holds before anybody typed: what was proposed or published, and the usual nature."""
    of = origin.circumstances
    return {
        "nature": usual_nature(of).value,
        "given_by": usual_giver(of).value,
        "starts_on": origin.starts_on or "",
        "ends_on": origin.ends_on or "",
        "place": place_words(origin.place),
        "provenance": origin.provenance,
        **typed_price(None if origin.price_cents is None else -origin.price_cents),
    }


def typed_agreement(content: Content) -> dict[str, Any]:
    """What the form holds of an agreement."""
    typed = content.model_dump(mode="json", exclude={"buyer", "supplier", "co_contractors", "lines", "title"})
    rows = [
        {"label": each.label, "due_on": each.due_on or "", "euros": typed_price(each.cents)["price_euros"]}
        for each in content.milestones
    ]
    price = typed_price(-content.lines[0].price_cents)
    return {**{name: value or "" for name, value in typed.items()}, "milestones": rows, **price}

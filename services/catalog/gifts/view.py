"""Gifts as pages show them: where each stands, whose turn it is, and what its papers say."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from services.catalog.gifts.content import Basis
from services.catalog.gifts.dossier import Dossier, Signing
from services.catalog.gifts.models import Gift, GiftPaper, GiftState
from services.catalog.gifts.worth import WorthLine, worth_of
from services.catalog.posting.view import measured_words
from shared.events.gifts import GiftKind, PaperKind
from shared.phrases.gifts import BASES, GIFT_KINDS, MEANS, PAPERS, PARTS
from shared.phrases.names import named
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

Badge = tuple[str, str, str]

BADGES: Mapping[GiftState, Badge] = {
    GiftState.PROMISED: ("Promis", "info", "gift"),
    GiftState.VALUED: ("Estimé, à recevoir", "info", "hourglass"),
    GiftState.DELIVERED: ("Reçu, à compléter", "warn", "hourglass"),
    GiftState.READY: ("Prêt pour le reçu", "warn", "file-text"),
    GiftState.RECEIPTED: ("Reçu fiscal établi", "ok", "circle-check"),
    GiftState.WITHDRAWN: ("Retiré", "neutral", "circle-x"),
}
# What is left to do, as each side reads it, by the step and the side.
SENTENCES: Mapping[str, str] = {
    "withdrawn donor": "Ce don n'aura pas lieu.",
    "withdrawn recipient": "Ce don n'aura pas lieu.",
    "receipted donor": "Le reçu est établi : vous pouvez le télécharger.",
    "receipted recipient": "Le reçu est établi : le donateur peut le télécharger.",
    "value donor": "À vous : dites ce que vaut ce don. Vous seul l'estimez.",
    "value recipient": "Dès que c'est arrivé, dites ce que vous avez reçu. Le donateur dira ce que cela vaut.",
    "deliver donor": "En attente du bénéficiaire, qui dira ce qu'il a reçu.",
    "deliver recipient": "À vous, dès que c'est arrivé : dites ce que vous avez reçu.",
    "sign donor": "À vous : lisez la feuille de présence, puis signez-la.",
    "sign recipient": "En attente du donateur, qui signe la feuille de présence.",
    "value-again donor": "À vous : dites ce que vaut ce qui est arrivé.",
    "value-again recipient": "En attente du donateur, qui dit ce que vaut ce qui est arrivé.",
    "issue donor": "En attente du bénéficiaire, qui établit le document.",
    "issue recipient": "À vous : établissez le reçu, ou une attestation de réception.",
}
# Whose turn it is at each step; before anything is said both have something to say.
TURNS: Mapping[str, str] = {
    **dict.fromkeys(("value", "sign", "value-again"), "donor"),
    **dict.fromkeys(("deliver", "issue"), "recipient"),
}
# What a form's fields are called where an error names them.
TITLES = {
    "lines": "Valeur",
    "euros": "Valeur",
    "basis": "Base",
    "persons": "Personnes",
    "person": "Initiales",
    "hourly_euros": "Coût horaire",
    "alone": "Estimation",
    "words": "Précisions",
    "counterpart_euros": "Contrepartie",
    "counterpart_words": "Ce qu'est la contrepartie",
    "on": "Reçu le",
    "means": "Moyen de paiement",
    "reference": "Référence",
    "received": "Quantités reçues",
    "sheet": "Feuille de présence",
    "day": "Jour",
    "hours": "Heures",
    "signatory": "Signataire",
    "capacity": "Qualité",
    "form": "Forme du don",
    "reason": "Raison",
}


class LineShown(NamedTuple):
    """One line of a gift in words; `value` is empty while its donor has not said it for that quantity."""

    what: str
    promised: str
    received: str
    value: str
    basis: str
    note: str


class Shown(NamedTuple):
    """A gift in words; `is_donor` says on which side its reader stands."""

    gift: Gift
    is_donor: bool
    other: str
    kind: str
    badge: Badge
    next: str
    awaits_reader: bool
    value: str
    counterpart: str
    delivered: str
    lines: list[LineShown]


class PaperShown(NamedTuple):
    """A paper in words; `replaced_by` is the number that stands in the place of a void one."""

    paper: GiftPaper
    name: str
    value: str
    other: str
    is_issuer: bool
    replaced_by: str


class MentionShown(NamedTuple):
    """One mention of a paper as it will be; a missing one has whose it is and, for the reader's own, its page."""

    part: str
    name: str
    words: str
    is_missing: bool
    whose: str
    path: str


def shown(
    request: Req, gift: Gift, reader_id: UUID, names: Mapping[UUID, str], *, ceiling_cents: int | None = None
) -> Shown:
    """A gift as one of its two sides reads it."""
    language, say = visit_of(request).language, partial(gettext, request)
    is_donor = gift.donor_id == reader_id
    words, kind, icon = BADGES[gift.state]
    value, counterpart = gift.value_cents(ceiling_cents), gift.valuation.counterpart_cents if gift.valuation else 0
    step, awaits = _next(gift, is_donor=is_donor)
    return Shown(
        gift=gift,
        is_donor=is_donor,
        other=names.get(gift.recipient_id if is_donor else gift.donor_id, ""),
        kind=named(GIFT_KINDS, gift.kind, language),
        badge=(say(words), kind, icon),
        next=say(step),
        awaits_reader=awaits,
        value=i18n.money(value, "EUR", language) if value is not None else "",
        counterpart=i18n.money(counterpart, "EUR", language) if counterpart else "",
        delivered=_delivered(request, gift),
        lines=_lines(request, gift, ceiling_cents),
    )


def papers_shown(
    request: Req,
    papers: Sequence[GiftPaper],
    replacements: Mapping[UUID, GiftPaper],
    reader_id: UUID,
    names: Mapping[UUID, str],
) -> list[PaperShown]:
    """Papers in words, each void one with what replaces it."""
    language = visit_of(request).language
    return [
        PaperShown(
            paper=each,
            name=named(PAPERS, each.kind, language),
            value=i18n.money(each.value_cents, "EUR", language) if each.kind is PaperKind.RECEIPT else "",
            other=names.get(each.donor_id if each.recipient_id == reader_id else each.recipient_id, ""),
            is_issuer=each.recipient_id == reader_id,
            replaced_by=replacements[each.id].reference if each.id in replacements else "",
        )
        for each in papers
    ]


def stale_of(gift: Gift, papers: Sequence[GiftPaper], *, ceiling_cents: int | None = None) -> list[GiftPaper]:
    """Papers about one gift that stand and say something else than what is said of it today."""
    standing = [each for each in papers if each.cancelled_at is None and each.gift_id == gift.id]
    value = gift.value_cents(ceiling_cents)
    return [
        each
        for each in standing
        if gift.delivered_at is None
        or (each.kind is PaperKind.RECEIPT and (each.value_cents, each.given_on) != (value, gift.delivered_on))
    ]


def mentions_shown(request: Req, dossier: Dossier, signing: Signing) -> list[tuple[str, list[MentionShown]]]:
    """A paper beforehand, part by part, as it will be; what its form asks is left to the form."""
    language, said = visit_of(request).language, dossier.said(signing)
    missing = {each.code for each in dossier.missing(said)}
    own_page = f"/gifts/{dossier.gifts[0].id}"
    found: dict[str, list[MentionShown]] = {}
    for each in dossier.mentions():
        is_asked = each.code in ("number", "signed_on", "signatory", "form")
        if is_asked or (not said[each.code] and each.code not in missing):
            continue
        place = own_page if each.place == "gift" else each.place
        found.setdefault(named(PARTS, each.part, language), []).append(
            MentionShown(
                each.part,
                each.name(language),
                said[each.code],
                each.code in missing,
                each.by,
                place if each.by == "recipient" else "",
            )
        )
    return list(found.items())


def typed_valuation(gift: Gift) -> dict[str, Any]:
    """What a donor's form holds: its last word, or nothing; a value of another quantity is not repeated."""
    valuation = gift.valuation
    if valuation is None:
        return {}
    worth = worth_of(gift.kind, gift.lines, valuation, gift.delivery)
    return {
        "lines": [
            {"euros": _euros(line.cents), "basis": line.basis.value if line.basis else Basis.COST.value}
            for line in (worth if gift.kind is GiftKind.GOODS else ())
        ],
        "persons": [{"person": each.person, "hourly_euros": _euros(each.hourly_cents)} for each in valuation.persons],
        "words": valuation.words,
        "is_unsold": valuation.is_unsold,
        "counterpart_euros": _euros(valuation.counterpart_cents) if valuation.counterpart_cents else "",
        "counterpart_words": valuation.counterpart_words,
    }


def typed_delivery(gift: Gift) -> dict[str, Any]:
    """What a recipient's form holds: its last word; of goods nothing is counted for them."""
    delivery = gift.delivery
    if delivery is None:
        return {}
    return {
        "on": gift.delivered_on,
        "euros": _euros(delivery.cents) if delivery.cents is not None else "",
        "means": delivery.means.value if delivery.means else "",
        "reference": delivery.reference,
        "received": [f"{each.normalize():f}" for each in delivery.received],
        "sheet": [{"person": e.person, "day": e.day, "hours": f"{e.hours.normalize():f}"} for e in delivery.sheet],
        "words": delivery.words,
    }


def _euros(cents: int | None) -> str:
    return "" if cents is None else f"{cents // 100}.{cents % 100:02d}".removesuffix(".00")


def _delivered(request: Req, gift: Gift) -> str:
    language, delivery = visit_of(request).language, gift.delivery
    if delivery is None or gift.delivered_on is None:
        return ""
    day = i18n.full_day(gift.delivered_on, language)
    if delivery.means is None:
        return day
    words = f"{day}, {named(MEANS, delivery.means, language)}"
    return f"{words}, {delivery.reference}" if delivery.reference else words


def _lines(request: Req, gift: Gift, ceiling_cents: int | None) -> list[LineShown]:
    language, say = visit_of(request).language, partial(gettext, request)
    worth = worth_of(gift.kind, gift.lines, gift.valuation, gift.delivery, ceiling_cents=ceiling_cents)
    found = []
    for number, each in enumerate(worth):
        quantity = measured_words(each.quantity, each.unit, language)
        of = gift.lines[number] if gift.kind is GiftKind.GOODS else None
        found.append(
            LineShown(
                what=each.what,
                promised=measured_words(of.quantity, of.unit, language) if of else "",
                received=quantity if gift.delivered_at else "",
                value=i18n.money(each.cents, "EUR", language) if each.cents is not None else "",
                basis=named(BASES, each.basis, language) if each.basis else "",
                note=_computed(each, language, say),
            )
        )
    return found


def _computed(line: WorthLine, language: str, say: Any) -> str:
    """How a person's time comes to its value."""
    if line.hourly_cents is None or line.cost_cents is None:
        return ""
    words = say("{hours} h à {rate} : {cost}").format(
        hours=i18n.number(line.quantity, language),
        rate=i18n.money(line.hourly_cents, "EUR", language),
        cost=i18n.money(line.cost_cents, "EUR", language),
    )
    return f"{words} ({say('plafonné')})" if line.is_capped else words


def _next(gift: Gift, *, is_donor: bool) -> tuple[str, bool]:
    """What is to be done, and whether the reader does it."""
    step, side = _step(gift), "donor" if is_donor else "recipient"
    return SENTENCES[f"{step} {side}"], TURNS.get(step) == side


def _step(gift: Gift) -> str:
    if gift.state in (GiftState.WITHDRAWN, GiftState.RECEIPTED):
        return gift.state.value
    if gift.delivered_at is None:
        return "deliver" if gift.is_valued else "value"
    if not gift.is_counted:
        return "sign"
    return "issue" if gift.is_valued else "value-again"

"""Settlements as pages show them, and an organisation's month as a statement."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from services.catalog.payments.ledger import Kind
from services.catalog.payments.models import LedgerMove, Settlement, State
from shared.clock import day_of
from shared.events.payments import DisputedFor
from shared.phrases.names import named
from shared.phrases.payments import ACCOUNTS, DISPUTED_FOR, MEANS, MOVES
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

BADGES = {
    State.DUE: ("À payer", "warn", "hourglass"),
    State.DECLARED: ("Déclaré payé", "info", "hourglass"),
    State.DISPUTED: ("Contesté", "err", "circle-alert"),
    State.CONFIRMED: ("Payé", "ok", "circle-check"),
    State.REFUNDED: ("Remboursé", "neutral", "undo-2"),
    State.VOIDED: ("Annulé", "neutral", "circle-x"),
    State.CONTESTED: ("Contesté à la banque", "err", "circle-alert"),
}
# What a statement sums up, in this order.
SUMMED = (Kind.PAID, Kind.RECEIVED, Kind.OWED, Kind.UNDERWAY, Kind.CLAIMED, Kind.RETURNING)
HEADINGS = ("Date", "Règlement", "Accord", "Avec", "Objet", "Mouvement", "Compte", "Montant en euros", "Adresse")
# What a form's fields are called where an error names them.
TITLES = {
    "means": "Comment",
    "paid_on": "Payé le",
    "reference": "Référence",
    "invoice": "Numéro de facture",
    "invoiced_on": "Date de la facture",
    "vat_rate": "Taux de TVA",
    "vat_euros": "TVA",
    "vat_lines": "TVA",
    "vat_number": "Numéro de TVA",
    "credit_note": "Numéro de l'avoir",
    "credited_on": "Date de l'avoir",
    "reason": "Pourquoi",
    "words": "Un mot à l'autre partie",
    "back_euros": "Montant rendu",
    "returned_on": "Rendu le",
}


class Shown(NamedTuple):
    """A settlement in words, for one of its sides; `pays` when its reader does."""

    settlement: Settlement
    path: str
    title: str
    step: str
    other: str
    pays: bool
    heading: str
    amount: str
    net: str
    vat: str
    due: str
    badge: tuple[str, str, str]
    next: str
    awaits_reader: bool
    facts: list[tuple[str, str, None]]
    reason: str


def shown(request: Req, settlement: Settlement, reader_id: UUID, now: Any, *, is_held: bool = False) -> Shown:
    """A settlement as one of its sides reads it; `is_held` while a card holds its amount."""
    language, say = visit_of(request).language, partial(gettext, request)
    pays, other = settlement.payer_id == reader_id, settlement.partner_of(reader_id)
    return Shown(
        settlement=settlement,
        path=f"/payments/{settlement.id}",
        title=settlement.title,
        step=settlement.step,
        other=other,
        pays=pays,
        heading=_heading(request, settlement, other, pays=pays),
        amount=euros(settlement.cents, language),
        net=euros(settlement.net_cents, language),
        vat=euros(settlement.vat_cents, language) if settlement.invoice else say("pas encore connue"),
        due=i18n.full_day(settlement.due_on, language),
        badge=_badge(request, settlement, now),
        next="" if is_held else _next(request, settlement, other, pays=pays),
        awaits_reader=settlement.awaits(reader_id),
        facts=_facts(request, settlement),
        reason=named(DISPUTED_FOR, settlement.reason, language) if settlement.reason else "",
    )


def _heading(request: Req, settlement: Settlement, other: str, *, pays: bool) -> str:
    """What the amount is: owed, or said to be paid, or neither any more."""
    say = partial(gettext, request)
    if settlement.is_open:
        words = say("à payer à {name}") if pays else say("à recevoir de {name}")
    elif settlement.state is State.VOIDED:
        words = say("à ne plus payer à {name}") if pays else say("à ne plus recevoir de {name}")
    else:
        words = say("payés à {name}") if pays else say("payés par {name}")
    return words.format(name=other)


def _badge(request: Req, settlement: Settlement, now: Any) -> tuple[str, str, str]:
    say = partial(gettext, request)
    if settlement.returning_cents:
        on_its_way = say("Remboursement en cours") if settlement.is_online else say("Remboursement à confirmer")
        return on_its_way, "info", "undo-2"
    words, kind, icon = BADGES[settlement.state]
    if settlement.is_overdue(now):
        return say("En retard"), "err", icon
    if settlement.is_online and settlement.state is State.DECLARED:
        return say("Paiement en cours"), "info", icon
    return say(words), kind, icon


def euros(cents: int, language: str) -> str:
    """An amount as the language writes it; there is no sign to read."""
    return i18n.money(cents, "EUR", language)


def _next(request: Req, settlement: Settlement, other: str, *, pays: bool) -> str:
    """Who has to do what next."""
    say = partial(gettext, request)
    if settlement.is_online:
        return _next_online(request, settlement)
    if settlement.returning_cents:
        state = "returning"
    else:
        state = "billed" if settlement.state is State.DUE and settlement.invoice else settlement.state.value
    if pays:
        said = {
            "returning": say("À vous : dites si le remboursement est arrivé."),
            "due": say("À vous : payez, puis dites comment et quand."),
            "billed": say("À vous : payez, puis dites comment et quand."),
            "declared": say("En attente de {other}, pour confirmer que l'argent est arrivé."),
            "disputed": say("À vous : vérifiez votre paiement, puis déclarez-le de nouveau."),
        }
    else:
        said = {
            "returning": say("En attente de {other}, pour confirmer que le remboursement est arrivé."),
            "due": say("Envoyez votre facture, puis notez-la ici avec sa TVA. {other} paie ensuite."),
            "billed": say("En attente du paiement de {other}."),
            "declared": say("À vous : vérifiez votre compte, puis confirmez ou contestez."),
            "disputed": say("Vous avez contesté ce paiement. En attente de {other}."),
        }
    return said.get(state, "").format(other=other)


def _next_online(request: Req, settlement: Settlement) -> str:
    """What Stripe or a bank has to do next: nobody has to say anything."""
    say = partial(gettext, request)
    if settlement.returning_cents:
        return say("Stripe envoie le remboursement. Personne n'a rien à confirmer.")
    return {
        State.DECLARED: say("La banque n'a pas encore répondu : un prélèvement prend quelques jours ouvrés."),
        State.CONTESTED: say("La banque de qui a payé a repris l'argent, le temps d'en décider."),
    }.get(settlement.state, "")


def _facts(request: Req, settlement: Settlement) -> list[tuple[str, str, None]]:
    """What both sides said about it, as far as somebody did."""
    language, say = visit_of(request).language, partial(gettext, request)
    found: list[tuple[str, str, None]] = []
    if settlement.invoice and settlement.invoiced_on:
        heading = say("Facture, écrite par qui paie") if settlement.is_self_billed else say("Facture")
        found.append((heading, f"{settlement.invoice}, {i18n.full_day(settlement.invoiced_on, language)}", None))
        if settlement.vat_number:
            found.append((say("Numéro de TVA"), settlement.vat_number, None))
    if settlement.means and settlement.paid_on:
        paid = f"{named(MEANS, settlement.means, language)}, {i18n.full_day(settlement.paid_on, language)}"
        found.append((say("Payé"), paid, None))
        found.append((say("Référence"), settlement.reference or say("aucune"), None))
    back = settlement.returned_cents + settlement.returning_cents
    if back and settlement.returned_on:
        day = i18n.full_day(settlement.returned_on, language)
        found.append((say("Rendu"), f"{euros(back, language)}, {day}", None))
        if settlement.returned_reference:
            found.append((say("Référence du remboursement"), settlement.returned_reference, None))
    if settlement.credit_note and settlement.credited_on:
        day = i18n.full_day(settlement.credited_on, language)
        found.append((say("Avoir"), f"{settlement.credit_note}, {day}", None))
    return found


class MoveShown(NamedTuple):
    """One line of the ledger as an organisation reads it; `amount` is signed."""

    day: str
    why: str
    account: str
    amount: str
    is_plus: bool


def legs_of(moves: Iterable[LedgerMove], organisation_id: UUID) -> Iterable[tuple[LedgerMove, Kind, int]]:
    """The sides of moves that are on an organisation's accounts: which account, and signed cents."""
    for move in moves:
        if move.source_id == organisation_id:
            yield move, move.source_kind, -move.cents
        if move.target_id == organisation_id:
            yield move, move.target_kind, move.cents


def moves_shown(request: Req, moves: Iterable[LedgerMove], organisation_id: UUID) -> list[MoveShown]:
    """The lines of a ledger that are on an organisation's accounts."""
    language = visit_of(request).language
    return [
        MoveShown(
            day=i18n.full_day(move.at, language),
            why=named(MOVES, move.why, language),
            account=named(ACCOUNTS, kind, language),
            amount=i18n.money(cents, "EUR", language),
            is_plus=cents > 0,
        )
        for move, kind, cents in legs_of(moves, organisation_id)
    ]


def sums_shown(request: Req, balances: Mapping[Kind, int]) -> list[tuple[str, str, None]]:
    """What an organisation's accounts hold, each once; what is paid or owed is below zero, and said without a sign."""
    language = visit_of(request).language
    return [(named(ACCOUNTS, kind, language), euros(abs(balances.get(kind, 0)), language), None) for kind in SUMMED]


def statement_rows(moves: Sequence[LedgerMove], organisation_id: UUID, address: str) -> list[list[str]]:
    """The rows of a month's file, in French as the headings are."""
    rows = []
    for move, kind, cents in legs_of(moves, organisation_id):
        settlement = move.settlement
        rows.append(
            [
                f"{day_of(move.at):%Y-%m-%d}",
                str(settlement.id),
                str(settlement.agreement_id),
                settlement.partner_of(organisation_id),
                settlement.title,
                named(MOVES, move.why, "fr"),
                named(ACCOUNTS, kind, "fr"),
                f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02d}",
                f"{address}/fr/payments/{settlement.id}",
            ]
        )
    return rows


def reasons(language: str) -> list[tuple[str, str]]:
    """Why a payment may be disputed."""
    return [(each.value, named(DISPUTED_FOR, each.value, language)) for each in DisputedFor]

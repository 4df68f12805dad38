"""One made-up event of each kind, for whoever writes a reader: a caterer, a cidery, and what passes between them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from shared.contract.behalf import what_others_did
from shared.contract.calling import a_call
from shared.contract.campaigning import a_campaign
from shared.contract.counting import what_came_of
from shared.contract.giving import what_is_given
from shared.contract.money import mandates_to_bill, settled_amounts
from shared.contract.parts import parts_of_lots, standing_parts
from shared.contract.writing import a_message, a_refused_reply
from shared.events import (
    Event,
    agreements,
    answers,
    catalog,
    matching,
    notifications,
    proposals,
    questions,
    standing,
)
from shared.events.contacts import MemberContact
from shared.events.facts import Author, LegalStatus, Level, NeedKind, Period, Permit, Quantity, Supplier, Window
from shared.events.reasons import Constraint, Feature, Gap, Reason
from shared.territory.place import Place, radius_around

Facts = dict[str, Any]

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
TOULOUSE = Place(
    commune_code="31555",
    commune_name="Toulouse",
    postcode="31000",
    epci_code="243100518",
    epci_name="Toulouse Métropole",
    department_code="31",
    region_code="76",
    latitude=43.6043,
    longitude=1.4437,
    exactness="commune",
)
WHERE: Facts = {"place": TOULOUSE, "radius_km": 30}


def a_uuid(number: int) -> UUID:
    """A readable id of version 7."""
    return UUID(f"0199d4a0-7c00-7000-8000-{number:012d}")


CIDERY, CATERER = a_uuid(11), a_uuid(12)
CIDERY_ENTITY, CATERER_ENTITY = a_uuid(21), a_uuid(22)
MEMBER, SESSION, LINK = a_uuid(31), a_uuid(32), a_uuid(33)
NEED, FLOW, LOT, OFFER = a_uuid(41), a_uuid(42), a_uuid(43), a_uuid(44)
CALL, APPLICATION = a_uuid(45), a_uuid(46)
ENDING, SITE = a_uuid(47), a_uuid(48)
ANSWER = a_uuid(49)
PROPOSAL, PARTICIPATION = a_uuid(50), a_uuid(51)
QUESTION = a_uuid(52)
TAKING = a_uuid(53)
SUBSCRIPTION = a_uuid(55)
AGREEMENT, SETTLEMENT = a_uuid(54), a_uuid(56)
CAMPAIGN, PLEDGE = a_uuid(57), a_uuid(58)
PALLETS = Quantity(value=Decimal("200"), unit="kg", period=Period.WEEK)
TRAYS = Quantity(value=Decimal("80"), unit="unit", period=Period.MONTH)
TABLE = Supplier(
    organisation_id=CATERER,
    legal_entity_id=CATERER_ENTITY,
    name="Table du Canal",
    kinds=("association", "EI"),
    place=TOULOUSE,
)
AUTHOR = Author(organisation_id=CIDERY, legal_entity_id=CIDERY_ENTITY, name="Cidrerie des Coteaux")


@cache
def example_of(kind: type[Event]) -> Event:
    """The example of a kind of event."""
    return next(example for example in examples() if type(example) is kind)


def examples() -> Iterator[Event]:
    """One of each kind."""
    yield from _people()
    yield from _needs()
    yield from _flows()
    yield from _offers()
    yield from what_others_did(NEED, FLOW, CIDERY, AT)
    yield _answer()
    yield from _proposals()
    yield from _agreements()
    yield from what_is_given()
    yield from _questions()
    yield a_message(PROPOSAL, CIDERY, AT)
    yield a_refused_reply(PROPOSAL, CIDERY, MEMBER, AT)
    yield from _takings()
    yield what_came_of(TAKING, (CIDERY, CATERER), LATER)
    yield from a_call(CALL, APPLICATION, (CIDERY, CATERER))
    yield from a_campaign(CAMPAIGN, PLEDGE, owner=TABLE, supporter=CIDERY, at=AT)
    yield _ending()
    yield from _matches()
    yield from _notices()


def _people() -> Iterator[Event]:
    organisation: Facts = {
        "organisation_id": CATERER,
        "legal_entity_id": CATERER_ENTITY,
        "siret": None,
        "name": "Table du Canal",
        "roles": ("ess",),
        "place": TOULOUSE,
    }
    yield catalog.EntityChanged(
        version=1, legal_entity_id=CATERER_ENTITY, siren=None, name="Table du Canal", kinds=("association", "EI")
    )
    yield catalog.OrganisationRegistered(version=1, **organisation)
    yield catalog.OrganisationUpdated(version=2, **organisation)
    yield catalog.OrganisationVerified(version=3, verified=True, **organisation)
    yield catalog.OrganisationSuspended(version=4, **organisation)
    person: Facts = {"member_id": MEMBER, "organisation_id": CATERER}
    yield catalog.MemberJoined(version=1, role="owner", **person)
    yield catalog.MemberChanged(version=2, role="editor", **person)
    yield catalog.MemberLeft(version=3, role="editor", **person)
    yield catalog.SessionRevoked(version=1, session_id=SESSION)
    yield catalog.LinkRequested(
        version=1, link_id=LINK, purpose=catalog.LinkPurpose.SIGN_IN, language="fr", expires_at=LATER, **person
    )
    yield catalog.AccountChanged(
        version=1, change_id=a_uuid(34), change=catalog.AccountChange.PASSWORD, changed_at=AT, **person
    )
    yield MemberContact(version=1, email="camille@example.org", name="Camille Exemple", **person)


def _needs() -> Iterator[Event]:
    need: Facts = {
        "need_id": NEED,
        "author": AUTHOR,
        "kind": NeedKind.PROCUREMENT,
        "title": "80 plateaux-repas par mois",
        "categories": ("meal-trays",),
        "cpv": ("55500000",),
        "quantity": TRAYS,
        "window": Window(starts_on=date(2027, 1, 4)),
        "deadline_on": date(2026, 12, 15),
        "published_at": AT,
        **WHERE,
    }
    ended: Facts = {"need_id": NEED, "organisation_id": CIDERY}
    yield catalog.NeedPublished(version=1, **need)
    yield catalog.NeedUpdated(version=2, **need)
    yield catalog.NeedWithdrawn(version=3, **ended)
    waiting: Facts = {"title": "80 plateaux-repas par mois", **ended}
    yield catalog.NeedSubmitted(version=1, organisation_name="Cidrerie des Coteaux", **waiting)
    yield catalog.NeedReturned(version=2, words="Pour combien de jours par semaine ?", **waiting)
    yield catalog.NeedClosed(version=3, outcome=catalog.Ending.AGREED_HERE, would_have_consulted=True, **ended)


def _flows() -> Iterator[Event]:
    flow: Facts = {
        "flow_id": FLOW,
        "author": AUTHOR,
        "title": "Palettes en bois",
        "categories": ("wooden-pallets",),
        "legal_status": LegalStatus.BY_PRODUCT,
        "quantity": PALLETS,
        "recurrence": "FREQ=WEEKLY;BYDAY=WE",
        "levels": (Level.REUSE,),
        "price_cents": 0,
        "published_at": AT,
        **WHERE,
    }
    lot: Facts = {"lot_id": LOT, "flow_id": FLOW, "organisation_id": CIDERY, "quantity": PALLETS}
    dates: Facts = {"available_at": AT, "expires_at": LATER}
    stopped: Facts = {"flow_id": FLOW, "organisation_id": CIDERY}
    yield catalog.FlowPublished(version=1, **flow)
    yield catalog.FlowUpdated(version=2, **flow)
    waiting: Facts = {"title": "Palettes en bois", **stopped}
    yield catalog.FlowSubmitted(version=1, organisation_name="Cidrerie des Coteaux", **waiting)
    yield catalog.FlowReturned(version=2, words="Quel jour sont-elles à prendre ?", **waiting)
    yield catalog.FlowPaused(version=3, **stopped)
    yield catalog.FlowTaken(version=4, **stopped)
    yield catalog.FlowWithdrawn(version=4, **stopped)
    yield catalog.LotReleased(version=1, **lot, **dates, left=Decimal("200"))
    yield catalog.LotChanged(version=2, **lot, **dates, left=Decimal("80"))
    yield catalog.LotExpired(version=3, **lot, **dates, left=Decimal("0"))


def _answer() -> Event:
    return answers.AnswerGiven(
        version=2,
        answer_id=ANSWER,
        need_id=NEED,
        organisation_id=CIDERY,
        title="Eighty meal trays a month",
        supplier_id=CATERER,
        supplier_name="Table du Canal",
        answer=answers.Answered.DECLINED,
        before=answers.Answered.INTERESTED,
        reason=answers.Declined.NO_TIME,
        at=LATER,
    )


def _proposals() -> Iterator[Event]:
    title: Facts = {"proposal_id": PROPOSAL, "title": "Eighty meal trays a month"}
    about: Facts = {"answer_id": ANSWER, "need_id": NEED, "at": LATER, **title}
    supplier: Facts = {"supplier_id": CATERER, "supplier_name": "Table du Canal"}
    yield proposals.ProposalMade(
        version=1,
        organisation_id=CIDERY,
        revision=1,
        total_cents=100_000,
        valid_until=date(2026, 12, 31),
        **supplier,
        **about,
    )
    yield proposals.ProposalAttached(version=2, organisation_id=CIDERY, fresh=1, **supplier, **about)
    yield proposals.ProposalWithdrawn(version=2, organisation_id=CIDERY, **supplier, **about)
    yield proposals.ProposalAccepted(
        version=2,
        organisation_id=CATERER,
        buyer_id=CIDERY,
        buyer_name="Cidrerie des Coteaux",
        revision=1,
        total_cents=100_000,
        reason=proposals.Chosen.BALANCE,
        **about,
    )
    yield proposals.ProposalRejected(version=2, organisation_id=CATERER, reason=proposals.NotChosen.ANOTHER, **about)
    part: Facts = {"participation_id": PARTICIPATION, **title}
    yield proposals.ParticipationAsked(version=1, organisation_id=CIDERY, **supplier, **part)
    yield proposals.ParticipationAnswered(
        version=2,
        organisation_id=CATERER,
        partner_id=CIDERY,
        partner_name="Cidrerie des Coteaux",
        takes_part=True,
        **part,
    )


def _agreements() -> Iterator[Event]:
    ids: Facts = {"agreement_id": AGREEMENT, "proposal_id": PROPOSAL, "need_id": NEED}
    said: Facts = {"title": "Eighty meal trays a month", "nature": agreements.Nature.ORDER, "revision": 1, "at": LATER}
    about: Facts = {**ids, **said, "buyer_id": CIDERY, "supplier_id": CATERER}
    to_supplier: Facts = {**about, "organisation_id": CATERER, "partner_name": "Cidrerie des Coteaux"}
    to_buyer: Facts = {**about, "organisation_id": CIDERY, "partner_name": "Table du Canal"}
    amounts: Facts = {"total_cents": 100_000, "starts_on": date(2027, 1, 4), "ends_on": date(2027, 6, 30)}
    document = "0123456789abcdef" * 4
    yield agreements.AgreementConcluded(version=1, **to_supplier, **amounts)
    yield agreements.AgreementChanged(version=2, **{**to_supplier, "revision": 2}, signatures_void=True)
    yield agreements.AgreementSigned(version=3, **to_supplier, document_sha256=document)
    yield agreements.AgreementRunning(version=4, **to_buyer, document_sha256=document, **amounts)
    yield agreements.AgreementAdvanced(version=5, **to_buyer, milestone=1, done=True)
    yield agreements.AgreementCompleted(version=6, **to_buyer, total_cents=100_000)
    yield agreements.AgreementCancelled(version=7, **to_buyer, reason=agreements.CancelledFor.DELAY, was_running=True)
    yield from settled_amounts(settlement_id=SETTLEMENT, agreement_id=AGREEMENT, payer=CIDERY, payee=CATERER, at=LATER)
    yield from mandates_to_bill(mandate_id=a_uuid(64), payer=CIDERY, payee=CATERER, at=LATER)


def _questions() -> Iterator[Event]:
    about: Facts = {
        "question_id": QUESTION,
        "about_kind": "need",
        "about_id": NEED,
        "title": "Eighty meal trays a month",
        "deadline_on": date(2026, 12, 11),
    }
    yield questions.QuestionAsked(version=1, organisation_id=CIDERY, at=AT, **about)
    yield questions.QuestionAnswered(version=2, organisation_id=CATERER, at=LATER, interested=(a_uuid(13),), **about)
    hidden: Facts = {"reason": questions.HiddenFor.NAMES_SOMEONE}
    yield questions.QuestionHidden(version=3, organisation_id=CATERER, at=LATER, **hidden, **about)
    yield questions.QuestionWithdrawn(version=2, organisation_id=CIDERY, at=LATER, **about)


def _takings() -> Iterator[Event]:
    lot: Facts = {"taking_id": TAKING, "lot_id": LOT, "flow_id": FLOW, "level": Level.REUSE, "at": AT}
    holder: Facts = {"organisation_id": CIDERY, "organisation_name": "Cidrerie des Coteaux", "title": "Wooden pallets"}
    taker: Facts = {"taker_id": CATERER, "taker_name": "Table du Canal"}
    yield from parts_of_lots({**lot, **holder, **taker}, LATER)
    asked: Facts = {"subscription_id": SUBSCRIPTION, "flow_id": FLOW, "level": Level.REUSE, "at": AT}
    yield from standing_parts({**asked, **holder, **taker}, LOT)


def _ending() -> Event:
    return standing.EndingNoticed(
        version=1,
        ending_id=ENDING,
        organisation_id=CATERER,
        what="permit",
        code="food_hygiene",
        site_id=SITE,
        site_name="Cuisine du canal",
        expires_on=date(2027, 1, 22),
        days_before=60,
    )


def _offers() -> Iterator[Event]:
    offer: Facts = {
        "offer_id": OFFER,
        "supplier": TABLE,
        "title": "Plateaux-repas livrés",
        "need_kinds": (NeedKind.PROCUREMENT,),
        "categories": ("meal-trays",),
        "zones": (radius_around(TOULOUSE, 30),),
        "capacity": Quantity(value=Decimal("400"), unit="unit", period=Period.MONTH),
        "permits": (Permit(code="food_hygiene", expires_on=date(2028, 6, 30)),),
        "published_at": AT,
    }
    stopped: Facts = {"offer_id": OFFER, "organisation_id": CATERER}
    yield catalog.OfferPublished(version=1, **offer)
    yield catalog.OfferUpdated(version=2, **offer)
    yield catalog.OfferPaused(version=3, **stopped)
    yield catalog.OfferWithdrawn(version=4, **stopped)


def _matches() -> Iterator[Event]:
    demand = matching.Demand(
        kind="need",
        demand_id=NEED,
        version=1,
        organisation_id=CIDERY,
        title="80 plateaux-repas par mois",
        place_name="Toulouse (31)",
        author_name="Cidrerie des Coteaux",
    )
    reasons = (
        Reason(feature=Feature.CATEGORY, points=Decimal("38.5"), values={"same": True, "supply": "meal-trays"}),
        Reason(feature=Feature.DISTANCE, points=Decimal("14.2"), values={"km": "4.2", "radius_km": 30}),
    )
    supplier: Facts = {"offer_id": OFFER, "organisation_id": CATERER, "organisation_name": "Table du Canal"}
    match = matching.Match(match_id=a_uuid(51), rank=1, score=82, reasons=reasons, **supplier)
    gap = Gap(constraint=Constraint.RADIUS, values={"distance_km": 36, "radius_km": 30, "km": 6})
    asked: Facts = {"demand_id": NEED, "organisation_id": CIDERY, "demand": demand}
    yield matching.DemandMatched(
        version=1, weights="2026-11-23", total=1, matches=(match,), entered=(OFFER,), left=(), **asked
    )
    yield matching.DemandUnmatched(version=2, near_misses=(matching.NearMiss(score=64, gap=gap, **supplier),), **asked)
    yield matching.SupplierSolicited(
        version=1,
        solicitation_id=a_uuid(52),
        organisation_id=CATERER,
        offer_id=OFFER,
        demand=demand,
        wave=1,
        score=82,
        reasons=reasons,
        solicited_at=AT,
        rank=4,
        weights="2026-11-23",
        bonus=1.5,
        chosen="turn",
        propensity=1.0,
    )
    share = matching.AllocatedShare(
        quantity=Quantity(value=Decimal("600"), unit="kg", period=Period.MONTH),
        level=Level.REUSE,
        distance_km=4.2,
        **supplier,
    )
    yield matching.AllocationAccepted(
        version=1,
        allocation_id=a_uuid(53),
        flow_id=FLOW,
        organisation_id=CIDERY,
        demand=demand.model_copy(update={"kind": "flow", "demand_id": FLOW, "title": "Palettes en bois"}),
        values="2026-11-27",
        shares=(share,),
        left=Quantity(value=Decimal("270.536"), unit="kg", period=Period.MONTH),
        accepted_at=AT,
    )


def _notices() -> Iterator[Event]:
    yield notifications.NotificationCreated(
        version=1, notification_id=a_uuid(61), organisation_id=CATERER, member_id=None, topic="solicited", about=NEED
    )
    yield notifications.DeliveryFailed(
        version=1, delivery_id=a_uuid(62), organisation_id=CATERER, channel="email", reason="gave up"
    )
    yield notifications.LetterSent(
        version=1,
        delivery_id=a_uuid(63),
        member_id=MEMBER,
        organisation_id=CATERER,
        channel="email",
        told=(notifications.NoticeTold(told_for=a_uuid(52), topic="solicited"),),
    )

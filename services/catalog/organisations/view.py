"""An organisation as pages show it: kinds, roles, where it comes from, its facts."""

from functools import partial
from typing import Any

from services.catalog.organisations.models import Organisation, OrganisationState
from services.catalog.organisations.places import place_words
from shared.events.facts import Origin
from shared.phrases.names import ORGANISATION_ROLES, SUPPLIER_KINDS, named, short_supplier_kind
from shared.web import i18n
from shared.web.pages import Req, gettext
from shared.web.visit import visit_of

BADGES = {
    OrganisationState.REGISTERED: ("Inscrite, pas encore vérifiée", "neutral", "hourglass"),
    OrganisationState.VERIFIED: ("Vérifiée", "ok", "badge-check"),
    OrganisationState.REFUSED: ("Non acceptée", "err", "circle-x"),
    OrganisationState.SUSPENDED: ("Suspendue", "err", "circle-pause"),
    OrganisationState.WAITING: ("Demande en attente", "neutral", "hourglass"),
}

# origin -> where what is known comes from
SOURCES = {
    Origin.MEMBER: "dit à l'inscription",
    Origin.IMPORT: "liste importée",
    Origin.DEMONSTRATION: "démonstration",
    Origin.SYNTHETIC: "données publiques, pour un essai",
}

Fact = tuple[str, str, str | None]


def state_badge(request: Req, organisation: Organisation) -> tuple[str, str, str]:
    """The words, kind and icon of how far it has been checked."""
    words, kind, icon = BADGES[OrganisationState(organisation.state)]
    return gettext(request, words), kind, icon


def role_names(request: Req, organisation: Organisation) -> list[str]:
    """What it comes to do, in words."""
    language = visit_of(request).language
    return [named(ORGANISATION_ROLES, role, language) for role in ORGANISATION_ROLES if role in organisation.roles]


def short_kinds(request: Req, organisation: Organisation) -> list[str]:
    """Its statuses in one word each: « ESAT », « Association »."""
    language = visit_of(request).language
    return [short_supplier_kind(kind, language) for kind in organisation.legal_entity.kinds]


def facts_of(request: Req, organisation: Organisation) -> list[Fact]:
    """What is known of it, each with a note when something must be said about it."""
    say, language = partial(gettext, request), visit_of(request).language
    entity, place = organisation.legal_entity, organisation.place
    kinds = ", ".join(named(SUPPLIER_KINDS, kind, language) for kind in entity.kinds)
    rows: list[Fact] = [
        (say("Lieu"), place_words(place), _where(request, organisation)),
        (say("SIRET"), grouped_siret(organisation.siret), None),
        (say("Statuts et agréments"), kinds, say("déclarés, à vérifier") if kinds else None),
        (say("Vient pour"), ", ".join(role_names(request, organisation)), None),
        (say("Entité"), entity.name if entity.name != organisation.name else "", None),
        (say("Reçus fiscaux"), say("peut en émettre") if entity.may_issue_receipts else "", say("déclaré, à vérifier")),
        (say("Sur Boucle depuis"), i18n.day(organisation.created_at, language), None),
    ]
    return [row for row in rows if row[1]]


def register_facts(request: Req, organisation: Organisation) -> list[Fact]:
    """Who it is in the register: number, entity, activity; each says where it comes from and since when."""
    say, language = partial(gettext, request), visit_of(request).language
    entity = organisation.legal_entity
    source = say(SOURCES.get(organisation.origin, SOURCES[Origin.MEMBER]))
    since = f"{source}, {i18n.full_day(organisation.created_at, language)}"
    rows: list[Fact] = [
        (
            say("SIRET"),
            grouped_siret(organisation.siret) or (say("pas encore") if organisation.is_project else ""),
            since,
        ),
        (say("SIREN"), grouped_siren(entity.siren), None),
        (say("Entité"), entity.name, None),
        (say("Activité (NAF)"), organisation.naf or "", source),
        (say("Dernier changement"), i18n.full_day(organisation.updated_at, language), None),
    ]
    return [row for row in rows if row[1]]


def missing_words(request: Req, organisation: Organisation) -> list[str]:
    """What nobody has said of it yet."""
    say = partial(gettext, request)
    is_ess = "ess" in organisation.roles
    absent = (
        (say("SIRET"), organisation.siret is None and not organisation.is_project),
        (say("Présentation"), not organisation.description),
        (say("Site internet"), not organisation.website),
        (say("Statuts et agréments"), is_ess and not organisation.legal_entity.kinds),
        (say("Autorisations"), is_ess and not organisation.permits),
        (say("Activité (NAF)"), not organisation.naf),
    )
    # Inside a sentence, and numbers keep their capitals.
    return [words if words[:2].isupper() else words[0].lower() + words[1:] for words, is_absent in absent if is_absent]


def _where(request: Req, organisation: Organisation) -> str | None:
    place = organisation.place
    if place is None:
        return None
    return gettext(request, "position approchée") if place.is_approximate else place.epci_name


def grouped_siret(siret: str | None) -> str:
    """« 732 829 320 00074 », as it is printed, never cut at the end of a line."""
    return i18n.NO_BREAK.join((siret[:3], siret[3:6], siret[6:9], siret[9:])) if siret else ""


def grouped_siren(siren: str | None) -> str:
    """« 732 829 320 »."""
    return i18n.NO_BREAK.join((siren[:3], siren[3:6], siren[6:9])) if siren else ""


def row_of(request: Req, organisation: Organisation) -> dict[str, Any]:
    """One line of the directory."""
    place = organisation.place
    return {
        "id": organisation.id,
        "name": organisation.name,
        "place": place.commune_name if place else "",
        "kinds": short_kinds(request, organisation),
        "roles": role_names(request, organisation),
        "origin": organisation.origin,
        "verified": organisation.state is OrganisationState.VERIFIED,
    }

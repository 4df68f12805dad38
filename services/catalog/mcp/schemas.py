"""What an assistant may ask with each tool; the descriptions are translated where tools are listed."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from services.catalog.organisations.models import OrganisationRole
from shared.events.facts import LegalStatus, NeedKind
from shared.web.asked import Asked

MOST = 50


def asked(words: str, default: Any = None, **limits: Any) -> Any:
    """One argument of a tool, with what it means in French."""
    return Field(default, description=words, **limits)


class PageAsked(Asked):
    """A part of a list."""

    limit: int = asked("Combien au plus.", 10, ge=1, le=MOST)
    cursor: str | None = asked("« next » de la réponse précédente, pour la suite.", max_length=200)


class PostingsAsked(PageAsked):
    """Postings by words, category and place."""

    text: str = asked("Mots du titre ou de la description, en français ; tous doivent y être.", "", max_length=200)
    category: str | None = asked("Identifiant d'une catégorie ; celles du dessous comptent.", max_length=80)
    place: str | None = asked("Commune ou code postal : « Muret », « 31600 ».", max_length=120)
    km: int = asked("Distance au plus de ce lieu, comptée entre communes.", 30, ge=0, le=300)


class NeedsAsked(PostingsAsked):
    """Open needs."""

    kind: NeedKind | None = asked("Nature du besoin.")


class FlowsAsked(PostingsAsked):
    """Open flows."""

    legal_status: LegalStatus | None = asked("Statut en droit de la matière.")


class OffersAsked(PostingsAsked):
    """Open offers; the place is that of their organisation."""

    kind: NeedKind | None = asked("Nature des besoins que l'activité sert.")
    takes_material: bool | None = asked("Vrai : seulement qui prend des matières.")


class OrganisationsAsked(PageAsked):
    """The directory."""

    text: str = asked("Mots du nom ou de la commune, ou chiffres d'un SIRET.", "", max_length=200)
    role: OrganisationRole | None = asked("Ce que la structure vient faire.")


class OneAsked(Asked):
    """One thing."""

    kind: Literal["need", "flow", "offer", "organisation"] = asked("De quoi il s'agit.", ...)
    id: UUID = asked("Son identifiant, comme une recherche le donne.", ...)


class TextAsked(Asked):
    """A text to find categories for."""

    text: str = asked("Ce qui est cherché ou donné, en une phrase.", ..., min_length=1, max_length=400)


class VocabularyAsked(Asked):
    """One list of codes."""

    list: Literal[
        "categories",
        "need_kinds",
        "organisation_roles",
        "supplier_kinds",
        "legal_statuses",
        "levels",
        "units",
        "periods",
        "permits",
        "conditions",
        "packagings",
        "means",
        "service_types",
        "procurement_modes",
        "amount_bands",
        "origins",
    ] = asked("Quelle liste de codes.", ...)
    under: str | None = asked("De « categories » : celles du dessous de cette catégorie.", max_length=80)


class OwnAsked(PageAsked):
    """One's own postings, drafts included."""

    kind: Literal["need", "flow", "offer"] = asked("De quoi il s'agit.", ...)

"""The tools: what each is for, what it takes, and what it finds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.catalog.directory.queries import Search, found_after, place_in_directory, shown_organisation
from services.catalog.flows.queries import flow_seen_by, lots_of
from services.catalog.mcp import view
from services.catalog.mcp.errors import CategoryNotKnown, KeyNeeded
from services.catalog.mcp.queries import flows_found, needs_found, offers_found, own_found
from services.catalog.mcp.schemas import (
    FlowsAsked,
    NeedsAsked,
    OffersAsked,
    OneAsked,
    OrganisationsAsked,
    OwnAsked,
    TextAsked,
    VocabularyAsked,
)
from services.catalog.needs.queries import need_seen_by
from services.catalog.offers.queries import offer_seen_by
from shared.identity import Identity
from shared.vocabulary import categories, name, suggest
from shared.web.asked import Asked
from shared.web.cursors import cursor_at, cut, place_of

SUGGESTED = 5
SEEN_BY: Mapping[str, Callable[[AsyncSession, UUID, UUID | None], Awaitable[Any]]] = {
    "need": need_seen_by,
    "flow": flow_seen_by,
    "offer": offer_seen_by,
    "organisation": shown_organisation,
}

Found = dict[str, Any]
Schema = dict[str, Any]

LIST: Schema = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "items": {"type": "object"}},
        "next": {"type": ["string", "null"]},
    },
    "required": ["items"],
}
ONE: Schema = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}


@dataclass(frozen=True)
class Calling:
    """Who calls, if they showed a key, in which language, and the database for them."""

    session: AsyncSession
    holder: Identity | None
    language: str
    public_url: str

    @property
    def organisation_id(self) -> UUID | None:
        """Whose own rows may be seen."""
        return self.holder.organisation_id if self.holder else None


@dataclass(frozen=True)
class Tool:
    """One tool; title and words are French, translated where tools are listed."""

    name: str
    title: str
    words: str
    asked: type[Asked]
    run: Callable[[Calling, Any], Awaitable[Found]]
    gives: Schema
    is_own: bool = False


async def _needs(calling: Calling, asked: NeedsAsked) -> Found:
    return _listed(calling, "needs", await needs_found(calling.session, asked), asked.limit)


async def _flows(calling: Calling, asked: FlowsAsked) -> Found:
    return _listed(calling, "flows", await flows_found(calling.session, asked), asked.limit)


async def _offers(calling: Calling, asked: OffersAsked) -> Found:
    return _listed(calling, "offers", await offers_found(calling.session, asked), asked.limit)


async def _organisations(calling: Calling, asked: OrganisationsAsked) -> Found:
    search, after = Search(asked.text.strip(), asked.role), place_of(asked.cursor, tuple[str, Any])
    rows, last = cut(await found_after(calling.session, search, after, limit=asked.limit + 1), asked.limit)
    items = [view.short_of("organisations", row, calling.public_url) for row in rows]
    return {"items": items, "next": cursor_at(place_in_directory(last)) if last else None}


async def _one(calling: Calling, asked: OneAsked) -> Found:
    row = await SEEN_BY[asked.kind](calling.session, asked.id, calling.organisation_id)
    told = view.whole_of(f"{asked.kind}s", row, calling.public_url, calling.language)
    if asked.kind == "flow":
        lots = await lots_of(calling.session, asked.id)
        told["lots"] = view.lots_of(lots, row.origin, calling.public_url)
    return told


async def _suggested(calling: Calling, asked: TextAsked) -> Found:
    found = suggest(asked.text, limit=SUGGESTED)
    items = [
        {"code": each.category.id, "name": name(each.category.id, calling.language), "score": round(each.score, 2)}
        for each in found
    ]
    return {"items": items}


async def _vocabulary(calling: Calling, asked: VocabularyAsked) -> Found:
    if asked.under and asked.under not in categories():
        raise CategoryNotKnown(category=asked.under)
    return {"items": view.vocabulary_of(asked.list, asked.under, calling.language)}


async def _own(calling: Calling, asked: OwnAsked) -> Found:
    if calling.holder is None:
        raise KeyNeeded
    found = await own_found(
        calling.session, asked.kind, calling.holder.organisation_id, cursor=asked.cursor, limit=asked.limit
    )
    rows, last = cut(found, asked.limit)
    items = [
        {**view.short_of(f"{asked.kind}s", row, calling.public_url), "state": row.state.value, "version": row.version}
        for row in rows
    ]
    return {"items": items, "next": cursor_at(last.id) if last else None}


def _listed(calling: Calling, dataset: str, found: Sequence[Any], limit: int) -> Found:
    rows, last = cut(found, limit)
    items = [view.short_of(dataset, row, calling.public_url) for row in rows]
    return {"items": items, "next": cursor_at(last.id) if last else None}


TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            "search_needs",
            "Chercher des besoins",
            "Les besoins ouverts (achats, RSE, mécénat, accompagnement, matières), les plus récents d'abord.",
            NeedsAsked,
            _needs,
            LIST,
        ),
        Tool(
            "search_flows",
            "Chercher des gisements",
            "Les matières à prendre, les plus récentes d'abord. Un prix négatif est payé au preneur.",
            FlowsAsked,
            _flows,
            LIST,
        ),
        Tool(
            "search_offers",
            "Chercher des activités",
            "Ce que des structures de l'économie sociale et solidaire savent faire, les plus récentes d'abord.",
            OffersAsked,
            _offers,
            LIST,
        ),
        Tool(
            "search_organisations",
            "Chercher des structures",
            "L'annuaire des structures, par nom.",
            OrganisationsAsked,
            _organisations,
            LIST,
        ),
        Tool(
            "read",
            "Lire une fiche",
            "Tout ce qui est public d'un besoin, d'un gisement avec ses lots, d'une activité ou d'une structure.",
            OneAsked,
            _one,
            ONE,
        ),
        Tool(
            "suggest_categories",
            "Trouver des catégories",
            "Les catégories du vocabulaire dont parle une phrase, la plus sûre d'abord (score de 0 à 1).",
            TextAsked,
            _suggested,
            LIST,
        ),
        Tool(
            "list_vocabulary",
            "Lire le vocabulaire",
            "Les codes d'une liste et leurs noms ; les catégories niveau par niveau, avec leurs codes officiels.",
            VocabularyAsked,
            _vocabulary,
            LIST,
        ),
        Tool(
            "own_postings",
            "Lire ses propres publications",
            "Les besoins, gisements ou activités de la structure dont la clé est montrée, brouillons compris.",
            OwnAsked,
            _own,
            LIST,
            is_own=True,
        ),
    )
}

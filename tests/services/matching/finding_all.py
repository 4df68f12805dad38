"""Every row looked at, one after the other: what a search must find, in plain words and without any index."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from services.matching.ranking.finding import forms, meanings_sought, score, sought
from services.matching.search.facets import BANDS_KM, DUE_DAYS
from shared.database.statement import Statement
from shared.questions.search import SearchAsked
from shared.territory import gazetteer
from shared.territory.place import distance_km
from shared.vocabulary import root_of, stems

EVERY = Statement("""
    SELECT id, asks, state::text AS state, search, published_at, deadline_on, NULL::text[] AS kinds FROM demands
    WHERE status = 'open'
    UNION ALL SELECT id, 'offer', state::text, search, published_at, NULL, NULL FROM supplies WHERE status = 'open'
    UNION ALL SELECT o.id, 'organisation', o.state::text, o.search, o.published_at, NULL, e.kinds
    FROM organisations o LEFT JOIN legal_entities e ON e.id = o.legal_entity_id WHERE o.status = 'open'
""")


class Kept(NamedTuple):
    """One row with what the search told of it before there was a memory: words had, meant the same, likeness."""

    row: Any
    state: dict[str, Any]
    hits: int
    meant: bool


class Answer(NamedTuple):
    """Ids in order, all of them, and rows by facet and value."""

    ids: list[UUID]
    partly: bool
    facets: dict[str, dict[str, int]]
    others: dict[str, int]


async def find_all(session: AsyncSession, asked: SearchAsked, today: date) -> Answer:
    """By looking at every row."""
    rows = [Kept(row, msgspec.json.decode(row.state), 0, False) for row in await EVERY.fetch(session)]
    members, partly = _members(rows, asked.text)
    met = {id(each): _met(each, asked, today) for each in members}
    found = [each for each in members if all(met[id(each)].values())]
    facets: dict[str, dict[str, int]] = {}
    others: dict[str, int] = {}
    for name in ("what", "family", "kind", "within", "due"):
        left = [each for each in members if all(is_met for of, is_met in met[id(each)].items() if of != name)]
        others[name] = len(left)
        facets[name] = dict(Counter(value for each in left for value in _values(each, asked, today)[name]))
    ordered = _ordered(found, asked, today)
    return Answer([each.row.id for each in ordered], partly, facets, others)


def _members(rows: Sequence[Kept], text: str) -> tuple[list[Kept], bool]:
    if not text.strip():
        return [*rows], False
    words = forms(text)[:8]
    if not words:
        return [], False
    wanted = sought(text)
    meant = meanings_sought(wanted)
    looked = [
        each._replace(hits=sum(not {*word}.isdisjoint(each.row.search) for word in words),
                      meant=not meant.isdisjoint(each.row.search))
        for each in rows
    ]  # fmt: skip
    looked = [each for each in looked if each.hits or each.meant]
    looked.sort(key=_likeliest)
    most = max((each.hits for each in looked), default=0)
    if most == len(words):
        return [each for each in looked if each.hits == most], False
    alike = {id(each) for each in looked[:200] if score(wanted, each.state.get("found", {})) >= 0.6}
    found = [each for each in looked if (each.hits and each.hits == most) or id(each) in alike]
    return found, bool(found)


def _likeliest(each: Kept) -> Any:
    return (-each.hits, not each.meant, -each.row.published_at.timestamp(), each.row.id)


def _newest(each: Kept) -> Any:
    return (-each.row.published_at.timestamp(), each.row.id)


def _ordered(found: list[Kept], asked: SearchAsked, today: date) -> list[Kept]:
    if asked.sort == "newest":
        return sorted(found, key=_newest)
    if asked.sort == "nearest":
        return sorted(found, key=lambda each: (_km(each, asked) or 0 if _km(each, asked) is not None else 1e9,
                                               _likeliest(each)))  # fmt: skip
    if asked.sort == "deadline":
        return sorted(found, key=lambda each: (_deadline(each, today), _likeliest(each)))
    likeliest = sorted(found, key=_likeliest)
    if not forms(asked.text):
        return likeliest
    wanted, words = sought(asked.text), forms(asked.text)[:8]

    def best(each: Kept) -> Any:
        said = set(stems(each.state["title"]))
        return -score(wanted, each.state.get("found", {})), all(said.isdisjoint(word) for word in words)

    return [*sorted(likeliest[:200], key=best), *likeliest[200:]]


def _deadline(each: Kept, today: date) -> date:
    deadline: date | None = each.row.deadline_on
    return date.max if deadline is None or deadline < today else deadline


def _km(each: Kept, asked: SearchAsked) -> float | None:
    code = each.state["place"]["commune_code"]
    if asked.near is None or gazetteer.commune(code) is None:
        return None
    return distance_km(gazetteer.place_of(asked.near), gazetteer.place_of(code))


def _values(each: Kept, asked: SearchAsked, today: date) -> dict[str, set[str]]:
    km, deadline = _km(each, asked), each.row.deadline_on
    days = None if deadline is None or deadline < today else (deadline - today).days
    asks = each.row.asks
    kinds = each.state.get("supplier_kinds", []) if asks == "offer" else (each.row.kinds or [])
    return {
        "what": {asks if asks in ("flow", "offer", "organisation") else "need"},
        "family": {root_of(category) for category in each.state.get("categories", [])},
        "kind": {*kinds},
        "within": {str(band) for band in BANDS_KM if km is not None and km <= band},
        "due": {str(each) for each in DUE_DAYS if days is not None and days <= each},
    }


def _met(each: Kept, asked: SearchAsked, today: date) -> dict[str, bool]:
    values, km = _values(each, asked, today), _km(each, asked)
    deadline = each.row.deadline_on
    return {
        "what": not asked.what or not values["what"].isdisjoint(asked.what),
        "family": not asked.families or not values["family"].isdisjoint(asked.families),
        "kind": not asked.kinds or not values["kind"].isdisjoint(asked.kinds),
        "within": asked.within_km is None or (km is not None and km <= asked.within_km),
        "due": asked.due_days is None or (deadline is not None and 0 <= (deadline - today).days <= asked.due_days),
    }

"""What the State's register says of an establishment, while somebody types its number.

The open API « Recherche d'entreprises » needs no key and allows seven questions a second. It is a help and nothing
more: where it does not answer, knows nothing or may not tell, one types a line more.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from stdnum.fr import siret as siret_number

log = structlog.get_logger(__name__)

PATIENCE_S = 2.0
AT_ONCE = 4
REMEMBERED = 1_000
# What people who are protected are called in the register.
HIDDEN = "[NON-DIFFUSIBLE]"


@dataclass(frozen=True)
class Entry:
    """One establishment: its name, where it is (« 31000 Toulouse »), and whether it is still open."""

    siret: str
    name: str
    place: str
    is_open: bool


class Register:
    """The register behind an address; without one nobody is asked."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._known: OrderedDict[str, Entry | None] = OrderedDict()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def entry(self, number: str) -> Entry | None:
        """The establishment of a number, however it is typed; None when unknown, hidden, or when nobody answers."""
        digits = siret_number.compact(number)
        if not self._url or not siret_number.is_valid(digits):
            return None
        if digits not in self._known:
            # Many at once are somebody who tries numbers: they type the rest.
            if self._turns.locked():
                return None
            async with self._turns:
                try:
                    found = await self._asked(digits)
                except (httpx.HTTPError, ValueError) as error:
                    log.info("register_away", error=repr(error))
                    return None
            self._remember(digits, found)
        return self._known[digits]

    def _remember(self, digits: str, found: Entry | None) -> None:
        self._known[digits] = found
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _asked(self, digits: str) -> Entry | None:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            answer = await client.get(f"{self._url}/search", params={"q": digits, "page": 1, "per_page": 1})
        answer.raise_for_status()
        return _entry(answer.json(), digits)


def _entry(told: Any, digits: str) -> Entry | None:
    """Of the answer's first enterprise, the establishment that was asked for."""
    results = told.get("results") if isinstance(told, dict) else None
    if not results:
        return None
    enterprise = results[0]
    places = [*(enterprise.get("matching_etablissements") or ()), enterprise.get("siege") or {}]
    place = next((each for each in places if each.get("siret") == digits), None)
    name = enterprise.get("nom_raison_sociale") or enterprise.get("nom_complet") or ""
    if place is None or not name or HIDDEN in name:
        return None
    where = f"{place.get('code_postal') or ''} {(place.get('libelle_commune') or '').title()}".strip()
    return Entry(digits, name.title() if name.isupper() else name, where, place.get("etat_administratif") == "A")

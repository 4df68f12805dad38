"""A search as its address says it: whoever is given the address sees the same."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal, NamedTuple, Self
from urllib.parse import quote_plus

from services.matching.search.facets import BANDS_KM, DUE_DAYS, KINDS, WHATS, families
from shared.questions.search import MOST, SearchAsked
from shared.territory import gazetteer
from shared.territory.place import Place

View = Literal["list", "table", "map"]

PATH: Final = "/matching/search"
EXPORT: Final = "/matching/search/export"
LONGEST: Final = 200
SORTS: Final = ("best", "newest", "nearest", "deadline")
POSTED: Final = ("need", "flow", "offer")
PAGE: Final = 30


class Asking(NamedTuple):
    """What somebody asked; `near` as typed, `place` the commune it names, or where the asker is when they typed none.

    `unknown` are the communes that a name may mean, empty for one that means none.
    """

    text: str = ""
    what: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    near: str = ""
    place: Place | None = None
    unknown: tuple[Place, ...] | None = None
    within: int | None = None
    due: int | None = None
    sort: str = ""
    view: View = "list"
    start: int = 0

    @property
    def sorted_by(self) -> str:
        """The order in force: what cannot be sorted by is not."""
        if self.sort in SORTS and (self.sort != "nearest" or self.place) and (self.sort != "best" or self.text):
            return self.sort
        return "best" if self.text else "newest"

    @property
    def within_km(self) -> int | None:
        """A distance from nowhere is none."""
        return self.within if self.place else None

    def question(self, *, start: int, most: int) -> SearchAsked:
        """The same as memory and database are asked.

        Who looks around without a word is shown what is open; the directory is one choice away, or one word.
        """
        return SearchAsked.model_validate(
            {
                "text": self.text[:LONGEST],
                "what": self.what or (() if self.text else POSTED),
                "families": self.families,
                "kinds": self.kinds,
                "near": self.place.commune_code if self.place else None,
                "within_km": self.within_km,
                "due_days": self.due,
                "sort": self.sorted_by,
                "start": start,
                "most": most,
            }
        )

    def standing_at(self, home: Place | None) -> Self:
        """Distances are told from home where no other place was named."""
        return self if self.near else self._replace(place=home)

    def chosen(self, facet: str) -> tuple[str, ...]:
        """The values of a condition that are in force."""
        once = {"within": self.within_km, "due": self.due}
        if facet in once:
            return (str(once[facet]),) if once[facet] else ()
        return {"what": self.what, "family": self.families, "kind": self.kinds}[facet]

    def toggled(self, facet: str, value: str) -> Self:
        """The same search with a value more, or without it; of distances and days there is one at a time."""
        chosen = self.chosen(facet)
        if value in chosen:
            return self.having(facet, tuple(each for each in chosen if each != value))
        return self.having(facet, (value,) if facet in ("within", "due") else (*chosen, value))

    def having(self, facet: str, values: tuple[str, ...]) -> Self:
        """The same search from its beginning, with these values of a condition."""
        again = self._replace(start=0)
        number = int(values[0]) if values and values[0].isdigit() else None
        match facet:
            case "within":
                return again._replace(within=number)
            case "due":
                return again._replace(due=number)
            case "what":
                return again._replace(what=values)
            case "family":
                return again._replace(families=values)
            case _:
                return again._replace(kinds=values)

    def pairs(self) -> list[tuple[str, str]]:
        """What stands in its address."""
        said: tuple[tuple[str, str | int | None], ...] = (
            ("q", self.text),
            *(("what", each) for each in self.what),
            *(("family", each) for each in self.families),
            *(("kind", each) for each in self.kinds),
            ("place", self.near),
            ("within", self.within),
            ("due", self.due),
            ("sort", self.sort),
            ("start", self.start),
            ("view", "" if self.view == "list" else self.view),
        )
        return [(name, str(value)) for name, value in said if value]

    def address(self, path: str = PATH) -> str:
        """Its address, without a language."""
        query = "&".join(f"{name}={quoted(value)}" for name, value in self.pairs())
        return path + (f"?{query}" if query else "")


# The same few values stand in all the addresses of a page.
quoted = lru_cache(maxsize=4096)(quote_plus)


def asked_in(pairs: Iterable[tuple[str, str]]) -> Asking:
    """What an address asks; what it says and we do not know is not asked."""
    said: dict[str, list[str]] = {}
    for name, value in pairs:
        said.setdefault(name, []).append(value)
    # A map's address called them so before.
    said.setdefault("what", [each for each in said.get("kind", []) if each in WHATS])
    near = _last(said, "place").replace("\0", "").strip()[:LONGEST]
    place, unknown = place_named(near)
    view = _last(said, "view")
    return Asking(
        text=_last(said, "q").replace("\0", "").strip()[:LONGEST],
        what=_among(said.get("what", []), WHATS),
        families=_among(said.get("family", []), families()),
        kinds=_among(said.get("kind", []), KINDS),
        near=near,
        place=place,
        unknown=unknown,
        within=_number(_last(said, "within"), BANDS_KM),
        due=_number(_last(said, "due"), DUE_DAYS),
        sort=_last(said, "sort") if _last(said, "sort") in SORTS else "",
        view="table" if view == "table" else "map" if view == "map" else "list",
        start=_start(_last(said, "start")),
    )


def place_named(text: str) -> tuple[Place | None, tuple[Place, ...] | None]:
    """The commune that is named; else those it may mean, None when nothing was named."""
    if not text:
        return None, None
    found = gazetteer.resolve(text)
    if isinstance(found, Place):
        return found, None
    return None, () if found is None else found.candidates


def _last(said: dict[str, list[str]], name: str) -> str:
    return said.get(name, [""])[-1]


def _among(values: Iterable[str], known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in dict.fromkeys(values) if each in known)


def _number(text: str, known: tuple[int, ...]) -> int | None:
    return next((each for each in known if str(each) == text), None)


def _start(text: str) -> int:
    return min(int(text), MOST - PAGE) if text.isascii() and text.isdigit() and len(text) < len(str(MOST * 10)) else 0

"""What is shown on a map, by commune: nobody's exact address is on it."""

from collections.abc import Iterable

from msgspec import Struct

from shared.territory.outlines import Spot, centre_of

MIXED = "mixed"


class Posted(Struct, frozen=True):
    """One line under a place; `who` is None for an author who hides, and for an organisation, which is its title."""

    path: str
    asks: str
    title: str
    who: str | None


class Spotted(Struct, frozen=True):
    """Something posted, and in which commune."""

    code: str
    name: str
    posted: Posted


class PlaceFound(Struct):
    """One commune with what is open there; `spot` is its middle, whatever address is known, None off our maps."""

    code: str
    name: str
    spot: Spot | None
    posted: list[Posted]

    @property
    def kind(self) -> str:
        """The colour of its pin: that of all it holds, when they are alike."""
        kinds = {kind_of(each.asks) for each in self.posted}
        return kinds.pop() if len(kinds) == 1 else MIXED


def kind_of(asks: str) -> str:
    """`flow`, `offer` (an organisation and a campaign are drawn alike) or `need`."""
    return {"flow": "flow", "offer": "offer", "organisation": "offer", "campaign": "offer"}.get(asks, "need")


def by_commune(spotted: Iterable[Spotted]) -> list[PlaceFound]:
    """The communes, in the order of the first thing in each."""
    found: dict[str, PlaceFound] = {}
    for each in spotted:
        group = found.setdefault(each.code, PlaceFound(each.code, each.name, centre_of(each.code), []))
        group.posted.append(each.posted)
    return list(found.values())

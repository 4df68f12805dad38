"""A search as its page shows it: facets with counts, what may be taken away, other orders and views, ways out."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple
from urllib.parse import urlencode

from services.matching.maps.places import PlaceFound, Posted, Spotted, by_commune
from services.matching.search.asking import EXPORT, SORTS, Asking, View, quoted
from services.matching.search.schemas import FacetCounts, Found, Results
from shared.phrases.names import NEED_KINDS, SUPPLIER_KINDS, named
from shared.vocabulary import name as category_name
from shared.web.i18n import number
from shared.web.pages import Req, gettext
from shared.web.tables import Form
from shared.web.visit import visit_of

TITLES: Final = {
    "what": "Nature",
    "family": "Famille",
    "within": "Distance",
    "due": "Date limite",
    "kind": "Type de structure",
    "need": "Besoins",
    "flow": "Gisements",
    "offer": "Activités et campagnes",
    "organisation": "Structures",
    "best": "Pertinence",
    "newest": "Plus récents",
    "nearest": "Plus proches",
    "deadline": "Échéance",
    "list": "Liste",
    "table": "Tableau",
    "map": "Carte",
    "csv": "Fichier CSV",
    "xlsx": "Classeur XLSX",
}
# In the order of the page; the answer has them in the order of the pass.
ORDER: Final = ("what", "family", "within", "due", "kind")
SHOWN: Final = 8
GROUPED: Final = 1000
MANY: Final = ("family", "kind")
SEVERAL: Final = ("what", *MANY)
"""The conditions of which several values may be in force at once."""


class Choice(NamedTuple):
    """A value of a facet, and the address that asks for it, or no longer."""

    text: str
    rows: str
    address: str
    is_chosen: bool


class Chosen(NamedTuple):
    """A facet with its first values; `more` are the rarer ones."""

    name: str
    title: str
    values: list[Choice]
    more: list[Choice]


class Way(NamedTuple):
    """A link with what it leads to; `rows` is how many one finds there."""

    text: str
    address: str
    rows: int | None = None
    icon: str | None = None
    is_current: bool = False


class Page:
    """What the templates need of one search."""

    def __init__(self, request: Req, asking: Asking, results: Results) -> None:
        self._request, self.asking, self.results = request, asking, results
        self._language = visit_of(request).language

    @cached_property
    def facets(self) -> list[Chosen]:
        """Those that would leave something, or that are in force."""
        told = {facet.name: self._facet(facet) for facet in self.results.facets}
        return [told[name] for name in ORDER if name in told and told[name].values]

    def _facet(self, facet: FacetCounts) -> Chosen:
        rows = {value.value: value.rows for value in facet.values}
        chosen = self.asking.chosen(facet.name)
        values = [*rows, *(each for each in chosen if each not in rows)]
        if facet.name in MANY:
            values.sort(key=lambda each: (each not in chosen, -rows.get(each, 0)))
        addresses = self._addresses(facet.name, values)
        choices = [
            Choice(self.value_name(facet.name, each), self._count(rows.get(each, 0)), address, each in chosen)
            for each, address in zip(values, addresses, strict=True)
        ]
        shown = max(SHOWN, len(chosen)) if facet.name in MANY else len(choices)
        return Chosen(facet.name, self._said(facet.name), choices[:shown], choices[shown:])

    def _addresses(self, facet: str, values: Sequence[str]) -> list[str]:
        """The address that asks for each value, or no longer."""
        chosen = self.asking.chosen(facet)
        if facet not in SEVERAL:
            return [self.address(self.asking.toggled(facet, each)) for each in values]
        # Those that ask for one more differ by it alone, and no text of an address has a zero character.
        before, _, after = self.address(self.asking.toggled(facet, "\0")).partition(quoted("\0"))
        return [
            self.address(self.asking.toggled(facet, each)) if each in chosen else f"{before}{quoted(each)}{after}"
            for each in values
        ]

    def _count(self, rows: int) -> str:
        return number(rows, self._language) if rows >= GROUPED else str(rows)

    @cached_property
    def chips(self) -> list[Way]:
        """What is in force, each with the address without it."""
        ways = [
            Way(self.value_name(facet, value), self.address(self.asking.toggled(facet, value)))
            for facet in ORDER
            for value in self.asking.chosen(facet)
        ]
        if self.asking.near and self.asking.place:
            said = gettext(self._request, "Depuis {place}").format(place=self.asking.place.short_name)
            ways.append(Way(said, self.address(self.asking._replace(near="", place=None, within=None, start=0))))
        return ways

    @property
    def without_conditions(self) -> str:
        """The same words alone."""
        return self.address(Asking(text=self.asking.text, view=self.asking.view))

    @property
    def views(self) -> list[Way]:
        """List, table and map of the same search."""
        return [self._view("list", icon="list"), self._view("table", icon="table-2"), self._view("map", icon="map")]

    def _view(self, view: View, *, icon: str) -> Way:
        address = self.address(self.asking._replace(view=view, start=0))
        return Way(self._said(view), address, icon=icon, is_current=view == self.asking.view)

    @property
    def sorts(self) -> list[Way]:
        """The orders that this search can have."""
        able = {"best": bool(self.asking.text), "nearest": self.asking.place is not None}
        return [
            Way(
                self._said(sort),
                self.address(self.asking._replace(sort=sort, start=0)),
                is_current=sort == self.asking.sorted_by,
            )
            for sort in SORTS
            if able.get(sort, True)
        ]

    @property
    def wider(self) -> list[Way]:
        """What finds something where this finds nothing: a longer way, then one condition less."""
        told = {facet.name: facet for facet in self.results.facets}
        ways = []
        for value in told["within"].values if self.asking.within_km and "within" in told else ():
            ways.append(self._way("within", value.value, value.rows))
        for facet in ORDER:
            if self.asking.chosen(facet) and facet in told and told[facet].others:
                words = gettext(self._request, "Sans « {condition} »")
                said = ", ".join(self.value_name(facet, each) for each in self.asking.chosen(facet))
                ways.append(
                    Way(words.format(condition=said), self.address(self.asking.having(facet, ())), told[facet].others)
                )
        return ways

    def _way(self, facet: str, value: str, rows: int) -> Way:
        return Way(self.value_name(facet, value), self.address(self.asking.toggled(facet, value)), rows)

    @property
    def files(self) -> list[Way]:
        """What is found as files."""
        asking = self.asking._replace(start=0, view="list")
        path = visit_of(self._request).url(EXPORT)
        return [Way(self._said(form), f"{path}?{urlencode([*asking.pairs(), ('form', form)])}") for form in Form]

    @property
    def communes(self) -> list[Way]:
        """What the commune that was typed may mean, where several are called so."""
        return [
            Way(place.short_name, self.address(self.asking._replace(near=near, start=0)))
            for place in self.asking.unknown or ()
            for near in [f"{place.commune_name} ({place.department_code})"]
        ]

    def value_name(self, facet: str, value: str) -> str:
        """A value in words."""
        if facet == "family":
            return category_name(value, self._language)
        if facet == "kind":
            return named(SUPPLIER_KINDS, value, self._language)
        if facet == "within":
            return gettext(self._request, "À moins de {km} km").format(km=value)
        if facet == "due":
            return gettext(self._request, "D'ici {days} jours").format(days=value)
        return self._said(value)

    def _said(self, code: str) -> str:
        return gettext(self._request, TITLES[code])

    def address(self, asking: Asking) -> str:
        """Where a search is, in the visitor's language."""
        return visit_of(self._request).url(asking.address())

    @property
    def places(self) -> list[PlaceFound]:
        """Where it is, by commune."""
        return places_of(self.results.found)


def places_of(found: Sequence[Found]) -> list[PlaceFound]:
    """Results by commune, in their order; a neighbourhood is told by its commune alone."""
    return by_commune(
        Spotted(each.commune_code, each.commune_name, Posted(each.path, each.asks, each.title, each.who))
        for each in found
    )


def kind_words(asks: str, language: str) -> str:
    """What a result is, in a word."""
    if asks in _ONE_OF:
        return _ONE_OF[asks][language == "en"]
    return named(NEED_KINDS, asks, language)


_ONE_OF: Final = {
    "flow": ("Gisement", "Material flow"),
    "offer": ("Activité", "Offer"),
    "campaign": ("Campagne", "Campaign"),
    "organisation": ("Structure", "Organisation"),
}

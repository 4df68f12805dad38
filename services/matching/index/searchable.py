"""The words and meanings by which the search box finds a row."""

from services.matching.ranking.finding import meanings
from services.matching.ranking.sides import Side
from services.matching.ranking.words import telling
from shared.vocabulary import expand, stems, words


def searchable(side: Side, *names: str | None) -> list[str]:
    """What the search box finds: telling stems, synonyms of the categories, the plain words of names and places, and
    what the title means.
    """
    named = " ".join(name for name in (side.place.commune_name, side.place.label, *names) if name)
    synonyms = (stem for stem in expand(side.categories) if telling(stem))
    plain = {*side.words, *synonyms, *stems(side.title), *stems(named), *words(named)}
    return sorted(plain | meanings(side.found))

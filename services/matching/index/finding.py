"""What the search box finds and in which order: pure, the same for the page and for the evaluation."""

from services.matching.ranking.words import telling
from shared.vocabulary import expand, fold, stems, suggest, words


def kept(title: str, *, named: str = "") -> frozenset[str]:
    """The tokens of a posting."""
    found = [each.category.id for each in suggest(title, limit=3)]
    synonyms = {stem for stem in expand(found) if telling(stem)}
    return frozenset((*synonyms, *stems(title), *stems(named), *words(named)))


def asked(query: str) -> list[list[str]]:
    """Per word of a query the forms any of which will do."""
    forms = ([*dict.fromkeys((*stems(word), fold(word)))] for word in words(query) if stems(word))
    return [form for form in forms if form]


def score(query: list[list[str]], tokens: frozenset[str]) -> float:
    """How many words of the query the posting holds."""
    return sum(any(form in tokens for form in word) for word in query)

"""The nearest spelling of a query, among the words of the vocabulary: asked only where nothing was found."""

from functools import cache

from shared.vocabulary import categories, fold, words
from shared.vocabulary.slips import WordList

SHORTEST = 4
_APART = str.maketrans("()/,;:'’-", " " * 9)


def respelled(text: str) -> str | None:
    """The query with each unknown word as the vocabulary has it; None where every word is known or like none."""
    known, list_of_words = _known()
    nearest: list[str] = []
    for word in words(text):
        alike = list_of_words.meant(word) if word not in known and len(word) >= SHORTEST else {}
        nearest.append(known[max(alike, key=lambda each: alike[each])] if alike else known.get(word, word))
    written = " ".join(nearest)
    return None if fold(written) == " ".join(words(text)) else written


def warm_up() -> None:
    """Read the words of the vocabulary, so that the first slip is not answered later than the next."""
    _known()


@cache
def _known() -> tuple[dict[str, str], WordList]:
    """Each word without accents, with how it is written."""
    written: dict[str, str] = {}
    for category in categories().values():
        for phrase in category.phrases():
            for word in phrase.translate(_APART).split():
                if len(word) >= SHORTEST and fold(word).isalnum():
                    written.setdefault(fold(word), word.lower())
    return written, WordList({word: word for word in written})

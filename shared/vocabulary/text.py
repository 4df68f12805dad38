"""French and English text analysis: folding, stop words and stems, the same for index and query."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import Stemmer

from shared.vocabulary.tree import category

CACHED_WORDS: Final = 65_536
CACHED_CATEGORIES: Final = 2_048

_FRENCH: Final = """
a afin ai ainsi alors apres as au aucun aucune aussi autour autre autres aux avant avec avez avoir avons car ce ceci
cela celle celles celui cependant ces cet cette ceux chaque chez ci comme comment d dans de deja depuis des dessous
dessus deux devant dois doit donc dont du elle elles en encore entre est et etaient etait etant ete etre eu eux fait
faire faut font hors ici il ils j je jusqu jusque l la laquelle le lequel les lesquels leur leurs lors lorsqu m ma
mais me meme memes mes mon n ne ni non nos notre nous on ont or ou par parmi pas pendant peu peut peuvent plus
plusieurs pour pourquoi presque puis qu quand que quel quelle quelles quelque quelques quels qui quoi s sa sans se
selon sera seront ses si soit son sont sous sur t ta te tel telle telles tels tes ton tous tout toute toutes tres trop
tu un une vers via voici voila vos votre vous y
"""
_ENGLISH: Final = """
a about after all also an and any are as at be because been before being both but by can could did do does each for
from had has have he her here his how if in into is it its just many may me might more most my no nor not of off on
once one only or other our out over own per s shall she should so some such t than that the their them then there
these they this those through to too under until up us very was we were what when where which while who whom why will
with within without would you your
"""
FRENCH_STOPS: Final = frozenset(_FRENCH.split())
ENGLISH_STOPS: Final = frozenset(_ENGLISH.split())
# Plurals no rule below brings back to their singular.
IRREGULAR: Final = {
    **{plural: plural[:-1] for plural in ("jeux", "enjeux", "feux", "lieux", "milieux", "cheveux", "pieux", "essieux")},
    **{plural: plural[:-1] for plural in ("bijoux", "cailloux", "choux", "genoux", "materiaux", "preaux", "etaux")},
    **{plural: plural[:-3] + "ail" for plural in ("travaux", "vitraux", "baux", "emaux", "coraux", "soupiraux")},
    "yeux": "oeil",
}
# Singulars in -s that would meet another word without it, and that the stemmer leaves alone.
ENDS_IN_S: Final = frozenset(("bois", "mois", "repas", "fois", "trois", "bas"))

_FOLDED: Final = str.maketrans(
    {
        **dict.fromkeys("àâäáãå", "a"),
        **dict.fromkeys("éèêë", "e"),
        **dict.fromkeys("îïíì", "i"),
        **dict.fromkeys("ôöóòõ", "o"),
        **dict.fromkeys("ùûüú", "u"),
        **dict.fromkeys("’‘`´ʼ", "'"),
        "ç": "c",
        "ñ": "n",
        "ÿ": "y",
        "œ": "oe",
        "æ": "ae",
        "²": "2",
        "³": "3",
    }
)
# A word, without what is elided before it: l'atelier, d'emballage, qu'on, jusqu'à.
_WORD: Final = re.compile(r"(?:\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|presqu)')?([a-z0-9]+)")
_SHORTEST: Final = 2
_SHORTEST_PLURAL: Final = 3


def fold(text: str) -> str:
    """The text in small letters without accents or ligatures; everything else, spaces and signs, stays."""
    folded = text.casefold().translate(_FOLDED)
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign)).translate(_FOLDED)


def words(text: str) -> list[str]:
    """The folded words of a text in their order, without what is elided before them."""
    return _WORD.findall(fold(text))


def stems(text: str, language: str = "fr") -> list[str]:
    """Stems in text order, stop words, single letters and bare numbers left out, repeats kept.

    Accents go before stemming, so that a text typed without them gives the same stems.
    """
    stem = _english_stem if language.startswith("en") else _french_stem
    return [found for word in words(text) if (found := stem(word))]


def expand(category_ids: Iterable[str], language: str = "fr") -> set[str]:
    """Stems of every name and synonym of these categories: what is added to a text when it is indexed."""
    expanded: set[str] = set()
    for category_id in category_ids:
        expanded |= _category_stems(category_id, language)
    return expanded


@lru_cache(maxsize=CACHED_CATEGORIES)
def _category_stems(category_id: str, language: str) -> frozenset[str]:
    return frozenset(stems(" ".join(category(category_id).phrases()), language))


class _Stemmers(threading.local):
    """One pair of stemmers per thread: the library's objects are not safe to share."""

    def __init__(self) -> None:
        self.french = Stemmer.Stemmer("french", 0)
        self.english = Stemmer.Stemmer("english", 0)


_stemmers: Final = _Stemmers()


@lru_cache(maxsize=CACHED_WORDS)
def _french_stem(word: str) -> str:
    if len(word) < _SHORTEST or word in FRENCH_STOPS or word.isdigit():
        return ""
    return str(_stemmers.french.stemWord(_singular(word)))


def _singular(word: str) -> str:
    """The stemmer leaves the plural of many nouns alone (vélos, tissus, aciers, noyaux): it goes first."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith(("eaux", "yaux")):
        return word[:-1]
    if len(word) > _SHORTEST_PLURAL and word[-1] == "s" and word[-2] != "s" and word not in ENDS_IN_S:
        return word[:-1]
    return word


@lru_cache(maxsize=CACHED_WORDS)
def _english_stem(word: str) -> str:
    if len(word) < _SHORTEST or word in ENGLISH_STOPS or word.isdigit():
        return ""
    return str(_stemmers.english.stemWord(word))

"""How French place names are compared: without accents, case, punctuation, abbreviations or a leading article."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o"})
_ABBREVIATIONS = {"st": "saint", "ste": "sainte"}
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")
_ARTICLE = re.compile(r"^(?:le|la|les|l|aux) (?=\S)")
_EPCI_WORDS = re.compile(
    r"^(?:cc|ca|cu|communaute (?:de communes|d agglomeration|urbaine))(?: (?:de|du|d|des))?(?: (?:la|le|les|l))? "
)


def fold(text: str) -> str:
    """« L'Île-d'Yeu » → `l ile d yeu`; « St Jean » → `saint jean`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = _NOT_ALPHANUMERIC.sub(" ", plain).split()
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words)


def without_article(folded: str) -> str:
    """`l union` → `union`; people leave the article out, and files write « Fousseret (Le) »."""
    return _ARTICLE.sub("", folded)


def without_epci_words(folded: str) -> str:
    """`ca du sicoval` → `sicoval`; `communaute de communes du frontonnais` → `frontonnais`."""
    return without_article(_EPCI_WORDS.sub("", folded))

"""What erasing asks for."""

from pydantic import field_validator

from services.catalog.accounts.schemas import Proof

# In both languages, whatever the page is in.
WORDS = frozenset({"effacer", "erase"})


class Erasure(Proof):
    """Who it is, once more, and a word that nobody types by mistake."""

    word: str

    @field_validator("word")
    @classmethod
    def _is_the_word(cls, value: str) -> str:
        if value.casefold() not in WORDS:
            raise ValueError("Tapez le mot demandé, pour être sûr que vous le voulez.")
        return value

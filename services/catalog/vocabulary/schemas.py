"""How the vocabulary reads as JSON."""

from msgspec import Struct

from services.catalog.vocabulary.queries import related_to
from shared.vocabulary import (
    EWC,
    Category,
    CodeScheme,
    CodeSuggestion,
    Kind,
    Scheme,
    Suggestion,
    WasteLevel,
    children,
)


class Bilingual(Struct, frozen=True):
    """A name in both languages."""

    fr: str
    en: str

    @classmethod
    def of(cls, category: Category) -> "Bilingual":
        """What a category is called."""
        return cls(category.name_fr, category.name_en)


class Synonyms(Struct, frozen=True):
    """What people say instead, in both languages."""

    fr: tuple[str, ...]
    en: tuple[str, ...]


class WasteCode(Struct, frozen=True):
    """A code of the European list of waste, starred there when it is hazardous."""

    code: str
    printed: str
    is_hazardous: bool

    @classmethod
    def of(cls, code: str) -> "WasteCode":
        """From its six digits."""
        found = EWC.parse(code)
        return cls(found.code, str(found), found.hazardous)


class CategoryOut(Struct, frozen=True):
    """A category; `cpv` and `naf` are beginnings of codes, `related` is told on both sides.

    `waste_level` is the best one usually reached, `density` is kg/m³ in bulk, `unit_kg` the usual weight of one piece.
    """

    id: str
    parent: str | None
    level: int
    kind: Kind
    name: Bilingual
    synonyms: Synonyms
    ewc: tuple[WasteCode, ...]
    cpv: tuple[str, ...]
    naf: tuple[str, ...]
    unit: str
    unit_kg: float | None
    density: float | None
    waste_level: WasteLevel | None
    scheme: Scheme | None
    related: tuple[str, ...]
    children: tuple[str, ...]

    @classmethod
    def of(cls, category: Category) -> "CategoryOut":
        """The JSON of a category."""
        return cls(
            id=category.id,
            parent=category.parent,
            level=category.level,
            kind=category.kind,
            name=Bilingual.of(category),
            synonyms=Synonyms(category.synonyms, category.synonyms_en),
            ewc=tuple(WasteCode.of(code) for code in category.ewc),
            cpv=category.cpv,
            naf=category.naf,
            unit=category.unit,
            unit_kg=category.unit_kg,
            density=category.density,
            waste_level=category.waste_level,
            scheme=category.scheme,
            related=related_to(category.id),
            children=children(category.id),
        )


class SuggestionOut(Struct, frozen=True):
    """A category that a text speaks of, how sure that is (0 to 1), and the name that brought it."""

    id: str
    name: Bilingual
    score: float
    phrase: str

    @classmethod
    def of(cls, suggestion: Suggestion) -> "SuggestionOut":
        """The JSON of a suggestion."""
        category = suggestion.category
        return cls(category.id, Bilingual.of(category), round(suggestion.score, 2), suggestion.phrase)


class CodeOut(Struct, frozen=True):
    """A code for a text, as the vocabulary has it and as people write it, and the category that brings it."""

    code: str
    printed: str
    scheme: CodeScheme
    category: str | None
    name: Bilingual | None
    score: float

    @classmethod
    def of(cls, scheme: CodeScheme, suggestion: CodeSuggestion) -> "CodeOut":
        """The JSON of a code."""
        category = suggestion.category
        return cls(
            code=suggestion.code,
            printed=suggestion.printed,
            scheme=scheme,
            category=category.id if category else None,
            name=Bilingual.of(category) if category else None,
            score=round(suggestion.score, 2),
        )


class Categories(Struct, frozen=True):
    """One page of categories; `next` is the cursor of the following one."""

    items: list[CategoryOut]
    total: int
    next: str | None


class Suggestions(Struct, frozen=True):
    """Categories for a text, likeliest first."""

    categories: list[SuggestionOut]


class Codes(Struct, frozen=True):
    """Codes for a text, likeliest first."""

    codes: list[CodeOut]
